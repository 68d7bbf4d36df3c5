"""Writes facts into the tables.

One writer: the engine. A batch of facts is one transaction; each fact is also a numbered row of the event table.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import is_dataclass
from enum import Enum
from typing import Any, TypeVar

from peewee import Database, InterfaceError, OperationalError, fn

from appliance import facts as f
from appliance.facts import Fact
from appliance.line.journal import Entry, Told
from appliance.line.skills import NOTHING
from appliance.program import program_version
from appliance.records import callback_rows, outbox
from appliance.records import models as t
from appliance.records.open_rows import OpenRows, read_open_rows
from appliance.records.past import Past, Question, look_up, number_of
from appliance.records.statements import insert, update
from appliance.records.task_writers import TASK_WRITERS
from appliance.records.tasks import untold
from appliance.records.voicemail import Left, messages

T = TypeVar("T")


class Store:
    """The engine's way to the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write(self, facts: Iterable[Fact], journal: Iterable[Entry] = ()) -> None:
        """Apply facts in order, in one transaction with what they follow from. Raises peewee.DatabaseError, with
        nothing written."""
        with self._connection(), self._database.atomic():
            for entry in journal:
                _write_entry(entry)
            for fact in facts:
                _WRITERS[type(fact)](fact)
                insert(t.EventRow, at=fact.at, kind=type(fact).__name__, body=body_of(fact))

    def read(self) -> None:
        """Read anything at all. Raises peewee.DatabaseError when the database does not answer."""
        with self._connection():
            t.SchemaVersion.select(fn.COUNT(t.SchemaVersion.version)).scalar()

    @contextmanager
    def _connection(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError):
            if not self._database.is_connection_usable():
                self._database.close()  # the next attempt connects anew
            raise

    def open_rows(self) -> OpenRows:
        """Everything that had not ended."""
        return read_open_rows(self.by_hand())

    def by_hand(self) -> list[Fact]:
        """What was set by hand and has not been ended, in order, as it was told; its time may be over."""
        hours = t.HoursByHand.select().where(t.HoursByHand.ended_at.is_null()).order_by(t.HoursByHand.id)
        notices = t.NoticeRow.select().where(t.NoticeRow.ended_at.is_null()).order_by(t.NoticeRow.at)
        return [
            *(f.HoursSet(h.schedule, h.at, h.is_open, h.until, h.by, h.comment) for h in hours),
            *(
                f.NoticeSet(n.id, n.at, n.target, n.language, n.text, n.sound, n.until, n.by, n.hang_up)
                for n in notices
            ),
        ]

    def ask(self, question: Callable[[], T]) -> T:
        """Look anything up. Raises peewee.DatabaseError."""
        with self._connection():
            return question()

    def past(self, asked: Question) -> Past:
        """What is known of a caller. Raises peewee.DatabaseError."""
        with self._connection():
            return look_up(asked)

    def untold(self) -> list[tuple[f.TaskEscalated, int]]:
        """Who was to be told of a task that is late and may not have been, and how often that was tried."""
        return untold()

    def number_of(self, visit: str) -> str | None:
        """The number of a visit's customer. Raises peewee.DatabaseError."""
        with self._connection():
            return number_of(visit)

    def messages(self, box: str | None) -> Sequence[Left]:
        """The messages of a box, or of all. Raises peewee.DatabaseError."""
        with self._connection():
            return messages(box)

    def outgoing_since(self, at: float) -> list[tuple[float, str, str]]:
        """The calls that have gone out since then: when, by which trunk and rule."""
        rows = (
            t.Call.select().where(t.Call.started_at >= at, t.Call.rule.is_null(False)).order_by(t.Call.started_at)
        )
        return [(row.started_at, row.sent_on_by or row.trunk, row.rule or "") for row in rows]


def _plain(value: object) -> object:
    """What JSON has no word for."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Sequence):
        return list(value)
    return vars(value) if is_dataclass(value) else str(value)


_json = json.JSONEncoder(ensure_ascii=False, default=_plain).encode


def body_of(fact: Fact) -> str:
    """A fact as the event table has it."""
    if isinstance(fact, f.Considered):  # large, and often: as fast as can be
        return _json({**vars(fact), "candidates": _told(fact.candidates)})
    return _json(vars(fact))


def _told(candidates: Iterable[f.Candidate]) -> list[dict[str, str | None]]:
    return [
        {"agent": agent, "passed_over": over.value if over else None, "detail": detail}
        for agent, over, detail in candidates
    ]


def _write_entry(entry: Entry) -> None:
    if isinstance(entry, Told):
        insert(t.JournalRow, at=entry.at, messages=entry.messages)
        return
    insert(
        t.JournalMark,
        at=entry.at,
        is_start=entry.is_start,
        version=entry.version,
        program=program_version(),
        journal=t.JournalRow.select(fn.MAX(t.JournalRow.n)).scalar() or 0,
        event=t.EventRow.select(fn.MAX(t.EventRow.n)).scalar() or 0,
        state=entry.state,
    )


# How each fact changes the tables.


def _call_started(x: f.CallStarted) -> None:
    insert(
        t.Call,
        id=x.call,
        started_at=x.at,
        outcome=f.CallOutcome.LEFT_EARLY.value,
        leg=x.leg,
        ani=x.ani,
        caller_name=x.caller_name,
        dnis=x.dnis,
        trunk=x.trunk,
        direction=x.direction.value,
        phone=x.phone,
        agent=x.agent,
        diverted=x.diverted,
        version=x.version,
    )


def _trunk_tried(x: f.TrunkTried) -> None:
    by = {"sent_on_by": x.trunk} if x.sent_on else {"trunk": x.trunk}
    update(t.Call, {"id": x.call}, rule=x.rule, **by)


def _call_identified(x: f.CallIdentified) -> None:
    update(
        t.Call,
        {"id": x.call},
        number=x.number,
        number_id=x.number_id,
        customer=x.customer,
        group=x.group,
        language=x.language,
    )


def _call_progressed(x: f.CallProgressed) -> None:
    update(t.Call, {"id": x.call}, outcome=x.outcome.value)


def _call_ended(x: f.CallEnded) -> None:
    cause = x.cause.value if x.cause else None
    update(t.Call, {"id": x.call}, outcome=x.outcome.value, ended_at=x.at, cause=cause)


def _leg_opened(x: f.LegOpened) -> None:
    insert(t.Leg, or_ignore=True, id=x.leg, call=x.call, endpoint=x.endpoint, started_at=x.at)


def _leg_closed(x: f.LegClosed) -> None:
    update(t.Leg, {"id": x.leg}, ended_at=x.at, cause=x.cause.value if x.cause else None)


def _stepped(x: f.Stepped) -> None:
    insert(t.Step, call=x.call, at=x.at, step=x.step, detail=x.detail)


def _visit_joined(x: f.VisitJoined) -> None:
    insert(
        t.Visit,
        id=x.visit,
        call=x.call,
        queue=x.queue,
        leg=x.leg,
        joined_at=x.at,
        head_start=x.head_start,
        needs=None if x.needs == NOTHING else _json(vars(x.needs)),
        waited=x.waited or None,
        prefers=_json(vars(x.prefers)) if x.prefers else None,
        came_back=x.came_back,
        code=x.code,
    )


def _visit_returned(x: f.VisitReturned) -> None:
    others = {"later_call": x.call, "waited": x.waited}
    update(
        t.Visit, {"id": x.visit}, leg=x.leg, **{name: value for name, value in others.items() if value is not None}
    )


def _wait_expected(x: f.WaitExpected) -> None:
    insert(
        t.WaitEstimate,
        visit=x.visit,
        queue=x.queue,
        at=x.at,
        low=x.low,
        middle=x.middle,
        high=x.high,
        told=x.told,
    )


def _wait_known(x: f.WaitKnown) -> None:
    update(t.WaitEstimate, {"visit": x.visit}, ends=x.ends)


def _considered(x: f.Considered) -> None:
    insert(t.Decision, visit=x.visit, at=x.at, offer=x.offer, considered=_json(_told(x.candidates)))


def _offered(x: f.Offered) -> None:
    insert(t.Offer, id=x.offer, visit=x.visit, at=x.at, until=x.until)
    for agent, phone in x.phones.items():
        insert(t.OfferAgent, offer=x.offer, agent=agent, phone=phone, at=x.at)


def _offer_grew(x: f.OfferGrew) -> None:
    insert(t.OfferAgent, offer=x.offer, agent=x.agent, phone=x.phone, at=x.at)


def _turn_taken(x: f.TurnTaken) -> None:
    insert(t.QueueTurn, or_ignore=True, queue=x.queue, agent=x.agent, at=x.at)
    update(t.QueueTurn, {"queue": x.queue}, agent=x.agent, at=x.at)


def _offer_ended(x: f.OfferEnded) -> None:
    update(t.Offer, {"id": x.offer}, ended_at=x.at)
    for agent, outcome in x.results.items():
        update(t.OfferAgent, {"offer": x.offer, "agent": agent}, ended_at=x.at, outcome=outcome.value)


def _visit_answered(x: f.VisitAnswered) -> None:
    update(t.Visit, {"id": x.visit}, answered_at=x.at, agent=x.agent)


def _talk_ended(x: f.TalkEnded) -> None:
    update(t.Visit, {"id": x.visit}, talk_ended_at=x.at)


def _sent_on(x: f.SentOn) -> None:
    insert(
        t.Departure,
        visit=x.visit,
        call=x.call,
        at=x.at,
        rule=x.rule,
        why=x.why,
        destination=x.to,
        because=_json(x.because),
    )


def _visit_ended(x: f.VisitEnded) -> None:
    update(t.Visit, {"id": x.visit}, ended_at=x.at, outcome=x.outcome.value)


def _agent_changed(x: f.AgentChanged) -> None:
    update(t.AgentStretch, {"agent": x.agent, "ended_at": None}, ended_at=x.at)
    insert(
        t.AgentStretch,
        agent=x.agent,
        state=x.state.value,
        reason=x.reason,
        phone=x.phone,
        queue=x.queue,
        visit=x.visit,
        began_at=x.at,
        until=x.until,
    )


def _shift_began(x: f.ShiftBegan) -> None:
    insert(t.Shift, agent=x.agent, began_at=x.at, calls=x.calls, talked=x.talked)


def _disposition_keyed(x: f.DispositionKeyed) -> None:
    insert(t.DispositionRow, visit=x.visit, agent=x.agent, queue=x.queue, code=x.code, name=x.name, at=x.at)


def _recording_started(x: f.RecordingStarted) -> None:
    insert(t.Recording, call=x.call, file=x.file, at=x.at)


def _version_served(x: f.VersionServed) -> None:
    """Stands in the event table alone."""


def _hours_set(x: f.HoursSet) -> None:
    update(t.HoursByHand, {"schedule": x.schedule, "ended_at": None}, ended_at=x.at, ended_by=x.by)
    insert(
        t.HoursByHand,
        schedule=x.schedule,
        is_open=x.is_open,
        at=x.at,
        until=x.until,
        by=x.by,
        comment=x.comment,
    )


def _hours_followed(x: f.HoursFollowed) -> None:
    update(t.HoursByHand, {"schedule": x.schedule, "ended_at": None}, ended_at=x.at, ended_by=x.by)


def _notice_set(x: f.NoticeSet) -> None:
    same = {"target": x.target, "language": x.language, "ended_at": None}
    update(t.NoticeRow, same, ended_at=x.at, ended_by=x.by)
    insert(
        t.NoticeRow,
        id=x.notice,
        target=x.target,
        language=x.language,
        text=x.text,
        sound=x.sound,
        at=x.at,
        until=x.until,
        by=x.by,
        hang_up=x.hang_up,
    )


def _notice_ended(x: f.NoticeEnded) -> None:
    update(t.NoticeRow, {"id": x.notice, "ended_at": None}, ended_at=x.at, ended_by=x.by)


def _notice_begun(x: f.NoticeBegun) -> None:
    insert(t.NoticeHearing, or_ignore=True, notice=x.notice, call=x.call, at=x.at)


def _notice_heard(x: f.NoticeHeard) -> None:
    update(t.NoticeHearing, {"notice": x.notice, "call": x.call, "ended_at": None}, ended_at=x.at)


def _message_begun(x: f.MessageBegun) -> None:
    insert(t.Message, or_ignore=True, id=x.message, call=x.call, box=x.box, at=x.at, file=x.file)


def _message_ended(x: f.MessageEnded) -> None:
    update(t.Message, {"id": x.message}, length=x.length)


def _message_heard(x: f.MessageHeard) -> None:
    update(t.Message, {"id": x.message, "heard_at": None}, heard_at=x.at, heard_by=x.by)


def _message_deleted(x: f.MessageDeleted) -> None:
    update(t.Message, {"id": x.message, "deleted_at": None}, deleted_at=x.at, deleted_by=x.by)


def _incident(x: f.Incident) -> None:
    """Stands in the event table alone."""


_WRITERS: dict[type, Callable[[Any], None]] = {
    f.CallStarted: _call_started,
    f.TrunkTried: _trunk_tried,
    f.CallIdentified: _call_identified,
    f.CallProgressed: _call_progressed,
    f.CallEnded: _call_ended,
    f.LegOpened: _leg_opened,
    f.LegClosed: _leg_closed,
    f.Stepped: _stepped,
    f.VisitJoined: _visit_joined,
    f.VisitReturned: _visit_returned,
    f.WaitExpected: _wait_expected,
    f.WaitKnown: _wait_known,
    f.Considered: _considered,
    f.Offered: _offered,
    f.OfferGrew: _offer_grew,
    f.TurnTaken: _turn_taken,
    f.OfferEnded: _offer_ended,
    f.VisitAnswered: _visit_answered,
    f.TalkEnded: _talk_ended,
    f.SentOn: _sent_on,
    f.VisitEnded: _visit_ended,
    f.AgentChanged: _agent_changed,
    f.ShiftBegan: _shift_began,
    f.DispositionKeyed: _disposition_keyed,
    f.RecordingStarted: _recording_started,
    f.HoursSet: _hours_set,
    f.HoursFollowed: _hours_followed,
    f.NoticeSet: _notice_set,
    f.NoticeEnded: _notice_ended,
    f.NoticeBegun: _notice_begun,
    f.NoticeHeard: _notice_heard,
    f.MessageBegun: _message_begun,
    f.MessageEnded: _message_ended,
    f.MessageHeard: _message_heard,
    f.MessageDeleted: _message_deleted,
    **callback_rows.WRITERS,
    **outbox.WRITERS,
    **TASK_WRITERS,
    f.VersionServed: _version_served,
    f.Incident: _incident,
}
