"""The journal replayed: another line is told the same, and what it decides is compared with the records.

Only facts that the line alone gives are compared, in their order and to the last digit.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from peewee import fn

from appliance.facts import Fact, Incident
from appliance.line.acd import Acd
from appliance.line.journal import TakeVersion, read_state, read_told
from appliance.line.messages import Declined, Message, TakeSettings
from appliance.plain import Unknown
from appliance.records import models as t
from appliance.records.store import body_of
from appliance.settings import Settings

# The kinds of facts that come from the line, and from nowhere else.
OF_THE_LINE = frozenset(
    {
        *("VisitJoined", "VisitReturned", "VisitAnswered", "VisitEnded", "TalkEnded"),
        *("Considered", "Offered", "OfferGrew", "OfferEnded", "TurnTaken", "SentOn"),
        *("WaitExpected", "WaitKnown"),
        *("AgentChanged", "ShiftBegan", "DispositionKeyed"),
        *("CallbackPromised", "CallbackMoved", "AttemptBegan", "CustomerReached", "AttemptEnded", "CallbackEnded"),
    }
)
_KINDS = sorted(OF_THE_LINE)
AT_ONCE = 500  # rows that are read in one go

SettingsOf = Callable[[int | None], Settings]  # of a version of the configuration. Raises Trouble


@dataclass(frozen=True)
class Difference:
    """The first moment at which the records and the replay part. None: nothing more there."""

    at: float
    recorded: str | None
    replayed: str | None


@dataclass
class Replay:
    """What came of it."""

    begins: float  # at the mark from which it was replayed
    start: float  # of what is counted
    program: str  # by which the mark was made
    messages: int = 0
    facts: int = 0  # of the line, that were compared
    decisions: int = 0  # of these: who is offered to whom, or that nobody is free
    starts: int = 0  # of the appliance
    difference: Difference | None = None
    kinds: set[str] = field(default_factory=set)  # of facts
    versions: set[int | None] = field(default_factory=set)  # of the configuration
    unknown: list[str] = field(default_factory=list)  # messages that were left out, and why


def mark_for(start: float, end: float) -> Any | None:
    """The last mark before `start`, else the first one up to `end`; None: nothing was kept of that time."""
    mark = t.JournalMark
    before = mark.select().where(mark.at <= start).order_by(mark.id.desc()).first()
    return before or mark.select().where(mark.at < end).order_by(mark.id).first()


def replay(mark: Any, start: float, end: float, settings_of: SettingsOf) -> Replay:
    """Replay from a mark up to `end`, or to the first difference; what happened before `start` is not counted.
    Raises Trouble for settings that are there no more, Unknown for a mark of another version of the program."""
    done = Replay(begins=mark.at, program=mark.program, start=start)
    known = cache(settings_of)
    for run in _runs(mark):
        acd = _line(run.mark, known, done)
        events = _Events(run)
        done.starts += run.mark.is_start and run.mark.at >= start
        for at, messages in _rows(run):
            if at >= end:
                return done
            for now, message in read_told(messages):
                facts = _tell(acd, message, now, known, done)
                done.difference = _compare(facts, events, done)
                if done.difference is not None:
                    return done
        left = events.next()
        if left is not None:
            done.difference = Difference(left.at, f"{left.kind} {left.body}", None)
            return done
    return done


@dataclass(frozen=True)
class _Run:
    """From a mark, or a start, to the next start; up to the last row of the journal and of the event table."""

    mark: Any
    journal: int
    event: int


def _runs(mark: Any) -> Iterator[_Run]:
    # Both in one statement: the appliance may be writing meanwhile.
    last = t.EventRow.select(fn.MAX(t.EventRow.n))
    ends: Any = t.JournalRow.select(fn.MAX(t.JournalRow.n), last).scalar(as_tuple=True)
    starts = t.JournalMark.select().where(t.JournalMark.is_start, t.JournalMark.id > mark.id)
    for after in starts.order_by(t.JournalMark.id):
        yield _Run(mark, after.journal, after.event)
        mark = after
    yield _Run(mark, *(end or 0 for end in ends))


def _line(mark: Any, known: SettingsOf, done: Replay) -> Acd:
    done.versions.add(mark.version)
    acd = Acd(known(mark.version))
    acd.restore(read_state(mark.state), mark.at)
    return acd


def _rows(run: _Run) -> Iterator[tuple[float, str]]:
    row: Any = t.JournalRow
    for first in range(run.mark.journal, run.journal, AT_ONCE):
        some = row.select(row.at, row.messages).where(row.n > first, row.n <= min(first + AT_ONCE, run.journal))
        yield from some.order_by(row.n).tuples()


def messages_between(mark: Any, end: float) -> Iterator[str]:
    """What the line was told from a mark up to `end`; see `read_told`."""
    last = t.JournalRow.select(fn.MAX(t.JournalRow.n)).scalar() or 0
    for at, messages in _rows(_Run(mark, last, 0)):
        if at >= end:
            return
        yield messages


class _Events:
    """What the records say that the line has decided, in order."""

    def __init__(self, run: _Run) -> None:
        self._events = self._of_the_line(run)

    def next(self) -> Any | None:
        return next(self._events, None)

    def _of_the_line(self, run: _Run) -> Iterator[Any]:
        row: Any = t.EventRow
        for first in range(run.mark.event, run.event, AT_ONCE * 10):
            last = min(first + AT_ONCE * 10, run.event)
            some = row.select(row.at, row.kind, row.body).where(row.n > first, row.n <= last, row.kind.in_(_KINDS))
            yield from some.order_by(row.n).namedtuples()


def _tell(
    acd: Acd, message: Message | TakeVersion | Unknown, now: float, known: SettingsOf, done: Replay
) -> list[Fact]:
    done.messages += now >= done.start
    if isinstance(message, Unknown):
        done.unknown.append(str(message))
        return []
    if isinstance(message, TakeVersion):
        done.versions.add(message.version)
        message = TakeSettings(known(message.version), message.version)
    try:
        return acd.handle(message, now)
    except Declined:
        return []


def _compare(facts: list[Fact], events: _Events, done: Replay) -> Difference | None:
    for fact in facts:
        if isinstance(fact, Incident):  # others tell of incidents, too
            continue
        kind, body = type(fact).__name__, body_of(fact)
        done.kinds.add(kind)
        done.facts += fact.at >= done.start
        done.decisions += kind == "Considered" and fact.at >= done.start
        event = events.next()
        if event is None or event.kind != kind or not _same(event.body, body):
            recorded = f"{event.kind} {event.body}" if event else None
            return Difference(fact.at, recorded, f"{kind} {body}")
    return None


def _same(recorded: str, replayed: str) -> bool:
    """A field that the program of that time did not know makes no difference."""
    if recorded == replayed:
        return True
    old, new = _nobodys(json.loads(recorded)), _nobodys(json.loads(replayed))
    return all(name in new and new[name] == value for name, value in old.items())


def _nobodys(body: dict[str, Any]) -> dict[str, Any]:
    """A fact without what the journal knows under another name: see appliance.line.aliases."""
    known = {name: value for name, value in body.items() if name != "number"}
    if promise := known.get("promise"):
        known["promise"] = {name: promise[name] for name in promise if name not in ("number", "name", "context")}
    return known
