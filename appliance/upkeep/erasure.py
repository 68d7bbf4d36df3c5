"""A person taken out of the records: number, name and recordings go; that there was a call stays, with figures."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import phonenumbers
from peewee import Case, Database

from appliance.facts import Direction
from appliance.records import models as t
from appliance.records.database import writing
from appliance.upkeep.promises_erased import erase_callbacks, erase_journal, open_callbacks_of, without
from appliance.upkeep.retention import AT_ONCE, Files, forget_for_good, overwrite_what_is_deleted

ERASED = "erased"

# What of a fact tells of the person, and what stands in its place. The names are those of appliance.facts.
_OF_FACTS: Mapping[str, Mapping[str, object]] = {
    "CallStarted": {"ani": "", "caller_name": ""},
    "CallIdentified": {"number": None, "customer": None},
    "RecordingStarted": {"file": ""},
    "MessageBegun": {"file": ""},
}
_OF_CALLBACKS = ("VisitJoined", "CallbackPromised", "AttemptBegan")
_TEXTS = {
    "Stepped": "detail",
    "Incident": "what",
    "HoursSet": "comment",
    "NoticeSet": "text",
    "CallbackMoved": "why",
    "CallbackEnded": "why",
}  # in which a number may be mentioned
_OF_TASKS = ("TaskOpened", "TaskAssigned", "TaskMoved", "TaskEscalated", "TaskTold", "TaskDone")  # all their texts
_IDENTIFIED = "identified"  # the step whose detail is who calls
_CALL = re.compile(r'"call": "([^"]*)"')


@dataclass(frozen=True)
class Erased:
    """How much was erased. `stuck` are recordings that could not be removed."""

    calls: int
    events: int
    recordings: int
    stuck: tuple[Path, ...]
    going_on: int  # calls of that person that have not ended, and are as they were
    callbacks: int = 0
    promised: int = 0  # call-backs that are open, and are as they were but in events and journal


class Person:
    """Somebody who is known by a number."""

    def __init__(self, number: str) -> None:
        self.number = number
        parsed = phonenumbers.parse(number, None)
        self.digits = phonenumbers.national_significant_number(parsed)  # of every spelling
        self._mention = re.compile(rf"\+?\d{{0,7}}{self.digits}(?!\d)")

    def calls(self) -> Any:
        """The calls by the person or to them."""
        return t.Call.select().where(t.Call.number == self.number)

    def forwarded(self) -> Any:
        """The calls of others that the person's telephone has forwarded to us."""
        return t.Call.select().where(t.Call.diverted.contains(self.digits))

    def is_in(self, text: str | None) -> bool:
        return text is not None and self._mention.search(text) is not None

    def taken_out_of(self, text: str) -> str:
        return self._mention.sub(ERASED, text)


def ended(calls: Any) -> Any:
    """Those that have ended: of others the running appliance knows more than the records."""
    return calls.where(t.Call.ended_at.is_null(False))


def erase(database: Database, person: Person, pause: Callable[[], None]) -> Erased:
    """Erase a person. A call loses its number last, so that what was interrupted can be done again."""
    overwrite_what_is_deleted(database)
    files = Files()
    ids = [call.id for call in ended(person.calls())]
    forwarded = [call.id for call in ended(person.forwarded()) if person.is_in(call.diverted)]
    events = _erase_events(database, person, {*ids}, pause)
    erased = 0
    for n in range(0, len(ids), AT_ONCE):
        some = ids[n : n + AT_ONCE]
        recorded = [
            *t.Recording.select().where(t.Recording.call.in_(some)),
            *t.Message.select().where(t.Message.call.in_(some)),
        ]
        stuck = {recording.call for recording in recorded if not files.remove(Path(recording.file))}
        done = [id for id in some if id not in stuck]
        with writing(database):
            _erase_calls(person, done)
        erased += len(done)
        pause()
    for n in range(0, len(forwarded), AT_ONCE):
        with writing(database):
            _erase_steps(person, forwarded[n : n + AT_ONCE], ())
            t.Call.update(diverted=None).where(t.Call.id.in_(forwarded[n : n + AT_ONCE])).execute()
    with writing(database):
        _erase_by_hand(person)
        _erase_tasks(person)
    erase_journal(database, person.number, person.taken_out_of, pause)
    callbacks = erase_callbacks(database, person.number, person.taken_out_of, pause)
    forget_for_good(database, pause)
    going_on = person.calls().where(t.Call.ended_at.is_null()).count()
    promised = open_callbacks_of(person.number).count()
    return Erased(erased, events, files.removed, tuple(files.stuck), going_on, callbacks, promised)


def _erase_calls(person: Person, ids: Collection[str]) -> None:
    t.Recording.delete().where(t.Recording.call.in_(ids)).execute()
    t.Message.delete().where(t.Message.call.in_(ids)).execute()
    _erase_steps(person, ids, (_IDENTIFIED,))
    outgoing = t.Call.direction == Direction.OUT.value
    t.Call.update(
        number=None, ani="", caller_name="", customer=None, dnis=Case(None, [(outgoing, "")], t.Call.dnis)
    ).where(t.Call.id.in_(ids)).execute()


def _erase_by_hand(person: Person) -> None:
    """Take the person out of what somebody has written by hand."""
    for comment in t.HoursByHand.select().where(t.HoursByHand.comment.contains(person.digits)):
        cleaned = person.taken_out_of(comment.comment)
        t.HoursByHand.update(comment=cleaned).where(t.HoursByHand.id == comment.id).execute()
    for notice in t.NoticeRow.select().where(t.NoticeRow.text.contains(person.digits)):
        t.NoticeRow.update(text=person.taken_out_of(notice.text)).where(t.NoticeRow.id == notice.id).execute()


def _erase_tasks(person: Person) -> None:
    """Take the person out of tasks, which stay."""
    for column in (t.TaskRow.text, t.TaskRow.outcome, t.TaskRow.opened_by, t.TaskRow.done_by, t.TaskChange.why):
        _take_out(person, column)
    for column in (t.TaskChange.by, t.TaskNotice.to, t.TaskNotice.detail):
        _take_out(person, column)
    t.TaskRow.update(number=None).where(t.TaskRow.number == person.number).execute()


def _take_out(person: Person, column: Any) -> None:
    for (text,) in column.model.select(column).where(column.contains(person.digits)).distinct().tuples():
        column.model.update({column: person.taken_out_of(text)}).where(column == text).execute()


def _erase_steps(person: Person, ids: Collection[str], whole: Collection[str]) -> None:
    """Take the person out of the steps of calls; the details of some steps go as a whole."""
    for step in t.Step.select().where(t.Step.call.in_(ids)):
        detail = ERASED if step.step in whole else person.taken_out_of(step.detail)
        if detail != step.detail:
            t.Step.update(detail=detail).where(t.Step.id == step.id).execute()


def _erase_events(database: Database, person: Person, ids: Collection[str], pause: Callable[[], None]) -> int:
    row = t.EventRow
    telling = (
        row.select(row.n, row.kind, row.body)
        .where(row.kind.in_([*_OF_FACTS, *_TEXTS, *_OF_CALLBACKS, *_OF_TASKS]))
        .order_by(row.n)
    )
    count, last = 0, 0
    while rows := list(telling.where(row.n > last).limit(AT_ONCE * 10)):
        last = rows[-1].n
        changed = [(each.n, body) for each in rows if (body := _without(person, each, ids))]
        if changed:
            with writing(database):
                for n, body in changed:
                    row.update(body=body).where(row.n == n).execute()
            pause()
        count += len(changed)
    return count


def _without(person: Person, event: Any, ids: Collection[str]) -> str | None:
    """The fact without what tells of the person; None where nothing does."""
    found = _CALL.search(event.body)
    theirs = found is not None and found[1] in ids
    if not theirs and not person.is_in(event.body):
        return None
    body = json.loads(event.body)
    instead: dict[str, object] = {}
    if theirs:
        instead |= _OF_FACTS.get(event.kind, {})
        if body.get("direction") == Direction.OUT.value:
            instead["dnis"] = ""
        if body.get("step") == _IDENTIFIED:
            instead["detail"] = ERASED
    if event.kind in _OF_TASKS:
        texts = {name: value for name, value in body.items() if isinstance(value, str) and person.is_in(value)}
        instead |= {name: None if name == "number" else person.taken_out_of(text) for name, text in texts.items()}
    if person.is_in(body.get("diverted")):
        instead["diverted"] = None
    text = _TEXTS.get(event.kind)
    if text is not None and text not in instead:
        instead[text] = person.taken_out_of(body[text])
    if event.kind in _OF_CALLBACKS:
        instead = without(body, person.number, person.taken_out_of)
    if all(body.get(name) == value for name, value in instead.items()):
        return None
    return json.dumps({**body, **instead}, ensure_ascii=False)
