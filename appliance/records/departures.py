"""How many callers left each queue for elsewhere, by which rule and where to: counted from the records."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from appliance.commands.show import harmless, length, table
from appliance.records.interval import Interval
from appliance.records.models import Departure, Visit


@dataclass(frozen=True)
class DepartureFigures:
    """Those who left one queue by one rule for one place."""

    queue: str
    outcome: str  # VisitOutcome
    rule: str
    to: str
    callers: int
    average_wait: float


def departure_figures(interval: Interval, queue: str | None = None) -> list[DepartureFigures]:
    """Of the callers who joined in an interval, wherever they went; by queue, then the most frequent first."""
    count = fn.COUNT(Visit.id)
    chosen = (Visit.joined_at >= interval.start) & (Visit.joined_at < interval.end)
    by = (Visit.queue, Visit.outcome, Departure.rule, Departure.destination)
    query: Any = (
        Visit.select(*by, count, fn.AVG(Visit.ended_at - Visit.joined_at))
        .join(Departure, JOIN.INNER, on=(Departure.visit == Visit.id))
        .where(chosen if queue is None else chosen & (Visit.queue == queue))
        .group_by(*by)
        .order_by(Visit.queue, count.desc(), Departure.rule, Departure.destination)
    )
    return [DepartureFigures(*row) for row in query.tuples()]


def departures_text(figures: Sequence[DepartureFigures]) -> str:
    """The same as a person reads it."""
    rows = [(f.queue, f.outcome, f.rule, harmless(f.to), f.callers, length(f.average_wait)) for f in figures]
    return table(("queue", "left", "by", "to", "callers", "after"), rows)
