"""The ledger: every call has exactly one outcome, and the records of its parts agree with it."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from appliance.facts import CallOutcome, Direction, VisitOutcome
from appliance.line.promises import AttemptEnd, CallbackEnd
from appliance.records.interval import Interval
from appliance.records.models import Attempt, Call, Callback, Visit

CALL_OUTCOMES = tuple(outcome.value for outcome in CallOutcome)
VISIT_OUTCOMES = tuple(outcome.value for outcome in VisitOutcome)


@dataclass(frozen=True)
class Ledger:
    """The calls that arrived in an interval; `calls` = `open` + the sum of `outcomes` + what has none.

    Those that phones made are counted apart, in `outgoing`."""

    calls: int
    open: int  # not ended yet
    outcomes: dict[str, int]  # of those that have ended
    outgoing: dict[str, int]  # of those that went out and have ended
    unexplained: dict[str, list[str]]  # what is wrong -> ids of calls or visits

    @property
    def unexplained_count(self) -> int:
        return len({id for ids in self.unexplained.values() for id in ids})

    def __str__(self) -> str:
        parts = [f"{count} {outcome}" for outcome, count in self.outcomes.items()]
        if self.open:
            parts.append(f"{self.open} not ended yet")
        sum_of = f"{self.calls} {'call' if self.calls == 1 else 'calls'}"
        out = ", ".join(f"{count} {outcome}" for outcome, count in self.outgoing.items())
        apart = f"; outgoing: {out}" if out else ""
        return f"{sum_of} = {' + '.join(parts) or '0'}{apart}; {self.unexplained_count} unexplained"


def ledger(interval: Interval) -> Ledger:
    """The ledger of the calls that arrived in an interval, wherever they went."""
    arrived = (Call.started_at >= interval.start) & (Call.started_at < interval.end)
    ended = Call.ended_at.is_null(False)
    went_out = Call.direction == Direction.OUT.value
    came_in = Call.direction.is_null() | ~went_out
    counts, outgoing = _counts(arrived, ended, came_in), _counts(arrived, ended, went_out)
    open_calls = Call.select().where(arrived, ~ended, came_in).count()
    return Ledger(
        calls=sum(counts.values()) + open_calls,
        open=open_calls,
        outcomes={outcome: counts[outcome] for outcome in CALL_OUTCOMES if outcome in counts},
        outgoing={outcome: outgoing[outcome] for outcome in CALL_OUTCOMES if outcome in outgoing},
        unexplained=_unexplained(arrived, ended),
    )


def _counts(*conditions: Any) -> dict[str, int]:
    grouped: Any = Call.select(Call.outcome, fn.COUNT(Call.id)).where(*conditions).group_by(Call.outcome)
    return dict(grouped.tuples())


def _unexplained(arrived: Any, ended: Any) -> dict[str, list[str]]:
    """The contradictions among the records of these calls, each with the ids concerned."""
    ended_so = Call.select(Call.id).where(arrived, ended)
    # A visit is of the call in which the customer was last, and that is another one after a call-back.
    last = ((Call.id == Visit.call) & Visit.later_call.is_null(), Call.id == Visit.later_call)
    queries = [
        {
            "calls that ended without an outcome we know": ended_so.where(Call.outcome.not_in(CALL_OUTCOMES)),
            "calls that ended before they began": ended_so.where(Call.ended_at < Call.started_at),
        },
        *(_of_visits(Visit.select(Visit.id).join(Call, on=each).where(arrived, ended)) for each in last),
        {
            "calls answered without an answered visit": _without_visit(ended_so, VisitOutcome.ANSWERED),
            "calls abandoned without an abandoned visit": _without_visit(ended_so, VisitOutcome.ABANDONED),
            **{
                f"calls {outcome.value} without such a visit": _without_visit(ended_so, outcome)
                for outcome in (VisitOutcome.OVERFLOWED, VisitOutcome.UNSTAFFED, VisitOutcome.OPTED_OUT)
            },
        },
        _of_callbacks(arrived, ended_so),
    ]
    found: dict[str, list[str]] = {}
    for each in queries:
        for what, query in each.items():
            if ids := [id for (id,) in query.tuples()]:
                found[what] = [*found.get(what, ()), *ids]
    return found


def _of_visits(visits: Any) -> dict[str, Any]:
    answered = Visit.outcome == VisitOutcome.ANSWERED.value
    return {
        "visits that never ended, of calls that have": visits.where(
            Visit.outcome.is_null(), ~fn.EXISTS(_callback(Callback.ended_at.is_null()))
        ),
        "visits that ended without an outcome we know": visits.where(Visit.outcome.not_in(VISIT_OUTCOMES)),
        "answered visits without an agent or a time": visits.where(
            answered & (Visit.agent.is_null() | Visit.answered_at.is_null())
        ),
        "visits that were answered and ended otherwise": visits.where(
            Visit.outcome.is_null(False) & ~answered & Visit.answered_at.is_null(False)
        ),
        "talks that never ended, of calls that have": visits.where(answered & Visit.talk_ended_at.is_null()),
    }


def _of_callbacks(arrived: Any, ended_so: Any) -> dict[str, Any]:
    promised = Callback.select(Callback.id).join(Visit, on=(Visit.id == Callback.id))
    of_calls = promised.join(Call, on=(Call.id == Visit.call)).where(arrived)
    served, talked = Callback.outcome == CallbackEnd.SERVED.value, Visit.outcome == VisitOutcome.ANSWERED.value
    attempts = ended_so.join(Attempt, on=(Attempt.id == Call.id))
    was_served = Attempt.outcome == AttemptEnd.SERVED.value
    its_own = Visit.select(Visit.id).join(Callback, on=(Callback.id == Visit.id)).where(Visit.call == Call.id)
    # Who has called in, and goes home again, has a promise of the old visit.
    meanwhile = Callback.select(Callback.id).where(Callback.promised_at.between(Call.started_at, Call.ended_at))
    return {
        "calls that ended with a promise of which nothing is known": ended_so.where(
            Call.outcome == CallOutcome.CALLBACK_PROMISED.value, ~fn.EXISTS(its_own), ~fn.EXISTS(meanwhile)
        ),
        "call-backs that never ended, of visits that have": of_calls.where(
            Callback.ended_at.is_null(), Visit.outcome.is_null(False)
        ),
        "call-backs served without a talk": of_calls.where(served, Visit.outcome.is_null() | ~talked),
        "attempts that never ended, of calls that have": attempts.where(Attempt.outcome.is_null()),
        "calls whose outcome is not that of their attempt": attempts.where(
            was_served != (Call.outcome == CallOutcome.CALLED_BACK.value)
        ),
    }


def _callback(*conditions: Any) -> Any:
    return Callback.select(Callback.id).where(Callback.id == Visit.id, *conditions)


def _without_visit(ended_so: Any, outcome: VisitOutcome) -> Any:
    """Calls with that outcome of which no visit has it. The enums use the same word for both."""
    its_own = (Visit.call == Call.id) | (Visit.later_call == Call.id)
    seen = Visit.select(Visit.id).where(its_own, Visit.outcome == outcome.value)
    return ended_so.where(Call.outcome == outcome.value, ~fn.EXISTS(seen))
