"""Callers whom nobody has served: why, how long they had waited, and what has become of them since.

A caller counts once for each call, by its last visit: who was sent on to another queue and served there is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from appliance.facts import CallOutcome, Direction, VisitOutcome
from appliance.records.callback_rows import in_pieces
from appliance.records.interval import Interval
from appliance.records.models import Attempt, Call, Callback, Visit
from appliance.records.past import broke_off

# How a visit that came to nothing ended, for a person.
_REASONS: Mapping[str, str] = {
    VisitOutcome.ABANDONED.value: "hung up",
    VisitOutcome.OVERFLOWED.value: "sent on",
    VisitOutcome.UNSTAFFED.value: "nobody there",
    VisitOutcome.OPTED_OUT.value: "left by a key",
    VisitOutcome.UNSEEN.value: "unseen",
    VisitOutcome.FAILED.value: "failed",
}
BROKE_OFF = "broke off"  # the talk: a leg was lost
HUNG_UP = _REASONS[VisitOutcome.ABANDONED.value]
REASONS = (*_REASONS.values(), BROKE_OFF)
# What a call comes to that nobody has served, after its last visit.
_IN_VAIN = tuple(
    outcome.value
    for outcome in (
        *(CallOutcome.ABANDONED, CallOutcome.OVERFLOWED, CallOutcome.UNSTAFFED, CallOutcome.OPTED_OUT),
        *(CallOutcome.UNSEEN, CallOutcome.FAILED, CallOutcome.EXTENSION_MISSED),
        *(CallOutcome.FORWARDED_MISSED, CallOutcome.FORWARDED_FAILED, CallOutcome.FORWARDED_REFUSED),
    )
)


@dataclass(frozen=True)
class Redialled:
    """The call-back because of it. `outcome` is None while it is open."""

    callback: str
    not_before: float
    attempts: int
    outcome: str | None  # CallbackEnd
    why: str


@dataclass(frozen=True)
class Abandoned:
    """A caller whom nobody has served. Times are UTC epoch seconds."""

    visit: str
    call: str
    queue: str
    number: str | None  # E.164; None: withheld
    name: str  # of the customer, or as the caller's network has it
    reason: str  # one of REASONS
    joined_at: float
    left_at: float
    waited: float  # with what counts from before
    called_again: int = 0  # times since, until somebody talked to them
    called_again_at: float | None = None  # the first of these
    served_at: float | None = None  # the first time since: talked to somebody of ours
    served_by: str | None = None  # that agent
    redialled: Redialled | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has talked to this caller since, nor is going to call."""
        return self.served_at is None and (self.redialled is None or self.redialled.outcome is not None)


def abandoned(interval: Interval, queue: str | None = None) -> list[Abandoned]:
    """Those who joined a queue in an interval and were not served, in that order. Customers who were promised
    a call are none of them: their call-back says what became of it."""
    rows = _last_visits(interval, queue)
    redials = _redials([row.id for row in rows])
    since = _Since({row.number for row in rows if row.number is not None}, interval.start)
    return [_abandoned(row, redials.get(row.id), since) for row in rows]


def _last_visits(interval: Interval, queue: str | None) -> list[Any]:
    chosen = (Visit.joined_at >= interval.start) & (Visit.joined_at < interval.end)
    columns = (Call.number, Call.customer, Call.caller_name, Call.cause, Call.outcome.alias("came_to"))
    query = (
        Visit.select(Visit, *columns)
        .join(Call, on=(Call.id == Visit.call))
        .switch(Visit)
        .join(Callback, JOIN.LEFT_OUTER, on=(Callback.id == Visit.id))
        .where(chosen, Callback.id.is_null(), Call.ended_at.is_null(False))
    )
    last: dict[str, Any] = {}
    for row in query.order_by(Visit.joined_at, Visit.id).objects():
        last[row.call] = row
    later = _went_on([*last], interval.end)
    return [
        row
        for row in last.values()
        if row.call not in later and queue in (None, row.queue) and _reason(row) is not None
    ]


def _went_on(calls: Sequence[str], end: float) -> set[str]:
    """Calls that joined another queue after the interval."""
    found: set[str] = set()
    for some in in_pieces(calls):
        found |= {row.call for row in Visit.select(Visit.call).where(Visit.call.in_(some), Visit.joined_at >= end)}
    return found


def _reason(row: Any) -> str | None:
    if row.outcome == VisitOutcome.ANSWERED.value:
        return BROKE_OFF if row.talk_ended_at is not None and broke_off(row) else None
    return _REASONS.get(row.outcome or "") if row.came_to in _IN_VAIN else None


def _abandoned(row: Any, redialled: Redialled | None, since: "_Since") -> Abandoned:
    left = row.ended_at if row.talk_ended_at is None else row.talk_ended_at
    served = since.served(row.number, left)
    again = since.called(row.number, left, served[0] if served else None)
    return Abandoned(
        visit=row.id,
        call=row.call,
        queue=row.queue,
        number=row.number,
        name=row.customer or row.caller_name or "",
        reason=_reason(row) or "",
        joined_at=row.joined_at,
        left_at=left,
        waited=(row.answered_at or row.ended_at) - row.joined_at + (row.waited or 0.0),
        called_again=len(again),
        called_again_at=again[0] if again else None,
        served_at=served[0] if served else None,
        served_by=served[1] if served else None,
        redialled=redialled,
    )


def _redials(visits: Sequence[str]) -> dict[str, Redialled]:
    found: dict[str, Redialled] = {}
    for some in in_pieces(visits):
        rows: list[Any] = list(Callback.select().where(Callback.origin.in_(some)).order_by(Callback.promised_at))
        tried: dict[str, int] = {}
        for attempt in Attempt.select().where(Attempt.callback.in_([row.id for row in rows])):
            tried[attempt.callback] = tried.get(attempt.callback, 0) + 1
        for row in rows:
            redialled = Redialled(row.id, row.not_before, tried.get(row.id, 0), row.outcome, row.why or "")
            found[row.origin] = redialled
    return found


class _Since:
    """When these numbers have called, and when somebody has talked to them."""

    def __init__(self, numbers: Iterable[str], since: float) -> None:
        self._calls: dict[str, list[float]] = {}
        self._talks: dict[str, list[tuple[float, str | None]]] = {}
        for some in in_pieces(sorted(numbers)):
            self._look_up(some, since)

    def called(self, number: str | None, after: float, before: float | None) -> list[float]:
        calls = self._calls.get(number or "", ())
        return sorted(at for at in calls if at > after and (before is None or at <= before))

    def served(self, number: str | None, after: float) -> tuple[float, str | None] | None:
        talks = (talk for talk in self._talks.get(number or "", ()) if talk[0] > after)
        return min(talks, key=lambda talk: talk[0], default=None)

    def _look_up(self, numbers: Sequence[str], since: float) -> None:
        number_of: dict[str, str] = {}
        calls: Any = Call.select().where(Call.number.in_(numbers), Call.started_at >= since)
        for call in calls:
            number_of[call.id] = call.number
            if call.direction != Direction.OUT.value:
                self._calls.setdefault(call.number, []).append(call.started_at)
            elif call.outcome == CallOutcome.OUTBOUND_ANSWERED.value:
                self._talks.setdefault(call.number, []).append((call.started_at, call.agent))
        for some in in_pieces([*number_of]):
            answered = Visit.answered_at.is_null(False)
            of_these = Visit.call.in_(some) | Visit.later_call.in_(some)
            visits: Any = Visit.select().where(of_these, answered)
            for visit in visits:
                number = number_of.get(visit.later_call or "") or number_of.get(visit.call, "")
                self._talks.setdefault(number, []).append((visit.answered_at, visit.agent))
