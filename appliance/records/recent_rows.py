"""Reads back from the tables what the line can learn from: the last calls, as the facts that they were."""

from collections.abc import Iterator
from typing import Any

from appliance import facts as f
from appliance.facts import AgentState, Fact, VisitOutcome
from appliance.line.promises import AttemptEnd, CallbackEnd, First, attempt_id
from appliance.records import models as t
from appliance.records.callback_rows import in_pieces, promise_of

CALLS = 2000  # the last so many
STRETCHES = 5 * CALLS  # of time sheets
BACK = 7 * 86400.0  # seconds before the last of them: older ones tell nothing


def recent_facts() -> list[Fact]:
    """In the order in which they happened."""
    facts = [*_visits(), *_callbacks(), *_stretches(), *_estimates()]
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
    for some in in_pieces(ids):
        for offer in t.Offer.select().where(t.Offer.visit.in_(some)).order_by(t.Offer.at.desc()):
            offered[offer.visit] = offer  # the first
    for visit in visits:
        yield f.VisitJoined(visit.id, visit.call, visit.queue, visit.joined_at, visit.head_start, visit.leg)
        first = offered.get(visit.id)
        if first is not None:
            yield f.Offered(first.id, visit.id, first.at, first.until, 0.0, {})
        if visit.ended_at is not None:
            yield f.VisitEnded(visit.id, visit.ended_at, VisitOutcome(visit.outcome))


def _callbacks() -> Iterator[Fact]:
    for row in reversed(_newest(t.Callback, t.Callback.promised_at, CALLS)):
        yield f.CallbackPromised(row.id, row.promised_at, row.queue, promise_of(row))
        if row.ended_at is not None:
            yield f.CallbackEnded(row.id, row.ended_at, CallbackEnd(row.outcome), row.why or "")
    for row in reversed(_newest(t.Attempt, t.Attempt.at, CALLS)):
        about = {"offer": row.offer, "agent": row.agent, "phone": row.phone}
        yield f.AttemptBegan(row.callback, row.at, row.n, First(row.first), row.number, 0.0, row.why, **about)
        if row.reached_at is not None:
            leg = attempt_id(row.callback, row.n)
            yield f.CustomerReached(row.callback, row.reached_at, row.n, leg, leg)
        if row.ended_at is not None:
            yield f.AttemptEnded(row.callback, row.ended_at, row.n, AttemptEnd(row.outcome), row.next_at)


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
