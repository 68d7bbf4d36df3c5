"""The ledger: every call has exactly one outcome, and the records of its parts agree with it."""

from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from appliance.facts import CallOutcome, Direction, VisitOutcome
from appliance.records.interval import Interval
from appliance.records.models import Call, Visit

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
    visits = Visit.select(Visit.id).join(Call, JOIN.INNER, on=(Call.id == Visit.call)).where(arrived, ended)
    answered = Visit.outcome == VisitOutcome.ANSWERED.value
    contradictions = {
        "calls that ended without an outcome we know": Call.select(Call.id).where(
            arrived, ended, Call.outcome.not_in(CALL_OUTCOMES)
        ),
        "calls that ended before they began": Call.select(Call.id).where(
            arrived, ended, Call.ended_at < Call.started_at
        ),
        "visits that never ended, of calls that have": visits.where(Visit.outcome.is_null()),
        "visits that ended without an outcome we know": visits.where(Visit.outcome.not_in(VISIT_OUTCOMES)),
        "answered visits without an agent or a time": visits.where(
            answered & (Visit.agent.is_null() | Visit.answered_at.is_null())
        ),
        "visits that were answered and ended otherwise": visits.where(
            Visit.outcome.is_null(False) & ~answered & Visit.answered_at.is_null(False)
        ),
        "talks that never ended, of calls that have": visits.where(answered & Visit.talk_ended_at.is_null()),
        "calls answered without an answered visit": _without_visit(arrived, ended, VisitOutcome.ANSWERED),
        "calls abandoned without an abandoned visit": _without_visit(arrived, ended, VisitOutcome.ABANDONED),
        **{
            f"calls {outcome.value} without such a visit": _without_visit(arrived, ended, outcome)
            for outcome in (VisitOutcome.OVERFLOWED, VisitOutcome.UNSTAFFED, VisitOutcome.OPTED_OUT)
        },
    }
    found = {what: [id for (id,) in query.tuples()] for what, query in contradictions.items()}
    return {what: ids for what, ids in found.items() if ids}


def _without_visit(arrived: Any, ended: Any, outcome: VisitOutcome) -> Any:
    """Calls with that outcome of which no visit has it. The enums use the same word for both."""
    seen = Visit.select(Visit.id).where((Visit.call == Call.id) & (Visit.outcome == outcome.value))
    return Call.select(Call.id).where(arrived, ended, Call.outcome == outcome.value, ~fn.EXISTS(seen))
