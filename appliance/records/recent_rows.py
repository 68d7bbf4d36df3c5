"""Reads back from the tables what the line can learn from: the last calls, as the facts that they were."""

from collections.abc import Iterator
from typing import Any

from appliance import facts as f
from appliance.facts import AgentState, Fact, VisitOutcome
from appliance.records import models as t

CALLS = 2000  # the last so many
STRETCHES = 5 * CALLS  # of time sheets
BACK = 7 * 86400.0  # seconds before the last of them: older ones tell nothing


def recent_facts() -> list[Fact]:
    """In the order in which they happened."""
    facts = [*_visits(), *_stretches(), *_estimates()]
    return sorted(facts, key=lambda fact: fact.at)  # stable: what has the same time stays in order


def _newest(table: Any, at: Any, most: int) -> list[Any]:
    """The rows of the last days, from the index, the newest first."""
    last = table.select(at).order_by(at.desc()).limit(1).scalar()
    if last is None:
        return []
    return list(table.select().where(at > last - BACK).order_by(at.desc(), table.id.desc()).limit(most))


def _visits() -> Iterator[Fact]:
    visits = _newest(t.Visit, t.Visit.joined_at, CALLS)
    ids = [visit.id for visit in visits]
    offered: dict[str, Any] = {}
    for n in range(0, len(ids), 500):
        for offer in t.Offer.select().where(t.Offer.visit.in_(ids[n : n + 500])).order_by(t.Offer.at.desc()):
            offered[offer.visit] = offer  # the first
    for visit in visits:
        yield f.VisitJoined(visit.id, visit.call, visit.queue, visit.joined_at, visit.head_start, visit.leg)
        first = offered.get(visit.id)
        if first is not None:
            yield f.Offered(first.id, visit.id, first.at, first.until, 0.0, {})
        if visit.ended_at is not None:
            yield f.VisitEnded(visit.id, visit.ended_at, VisitOutcome(visit.outcome))


def _stretches() -> Iterator[Fact]:
    for row in reversed(_newest(t.AgentStretch, t.AgentStretch.began_at, STRETCHES)):
        state = AgentState(row.state)
        yield f.AgentChanged(row.agent, row.began_at, state, queue=row.queue, visit=row.visit)


def _estimates() -> Iterator[Fact]:
    rows = _newest(t.WaitEstimate, t.WaitEstimate.at, CALLS)
    for row in rows:
        yield f.WaitExpected(row.visit, row.at, row.queue, row.low, row.middle, row.high, row.told)
        if row.ends is not None and not row.told:
            yield f.WaitKnown(row.visit, row.ends, row.queue, row.ends)
