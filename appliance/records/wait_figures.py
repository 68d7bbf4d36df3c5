"""How good estimates of waits were: counted from the records, of those given in an interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peewee import Case, fn

from appliance.commands.show import length, share, table
from appliance.line.waits import COVERAGE
from appliance.records.interval import Interval
from appliance.records.models import WaitEstimate

EXPECTED_WAITS = (
    "Expected waits. An estimate is judged by when its caller is answered or, of who leaves, would have been.\n"
    f"within = the wait was within what was expected, as {COVERAGE:.0%} are meant to be; width = of what was\n"
    "expected, on average; bias = how much longer than the wait the middle of that was (with a minus: shorter)"
)


@dataclass(frozen=True)
class WaitFigures:
    """The estimates of one queue: those given on joining, or those that callers were told."""

    queue: str
    told: bool
    given: int
    judged: int = 0  # of these: it is known when the caller was answered, or would have been
    within: int = 0
    shorter: int = 0
    longer: int = 0
    waited: float = 0.0  # seconds, of all judged together
    middle: float = 0.0
    width: float = 0.0

    @property
    def hit_rate(self) -> float | None:
        return self._mean(self.within)

    @property
    def bias(self) -> float | None:
        return self._mean(self.middle - self.waited)

    @property
    def average_wait(self) -> float | None:
        return self._mean(self.waited)

    @property
    def average_width(self) -> float | None:
        return self._mean(self.width)

    def _mean(self, total: float) -> float | None:
        return total / self.judged if self.judged else None


def wait_figures(interval: Interval, queue: str | None = None) -> list[WaitFigures]:
    """By queue, those given on joining before those told."""
    row = WaitEstimate
    judged, waited = row.ends.is_null(False), row.ends - row.at
    chosen = (row.at >= interval.start) & (row.at < interval.end)
    query = (
        row.select(
            row.queue,
            row.told,
            fn.COUNT(row.id).alias("given"),
            _count(judged).alias("judged"),
            _count(judged & (waited >= row.low) & (waited <= row.high)).alias("within"),
            _count(judged & (waited < row.low)).alias("shorter"),
            _count(judged & (waited > row.high)).alias("longer"),
            _sum(judged, waited).alias("waited"),
            _sum(judged, row.middle).alias("middle"),
            _sum(judged, row.high - row.low).alias("width"),
        )
        .where(chosen if queue is None else chosen & (row.queue == queue))
        .group_by(row.queue, row.told)
        .order_by(row.queue, row.told)
    )
    found: Any = query.dicts()
    return [WaitFigures(**each) for each in found]


def _count(condition: Any) -> Any:
    return fn.SUM(Case(None, [(condition, 1)], 0))


def _sum(condition: Any, value: Any) -> Any:
    return fn.SUM(Case(None, [(condition, value)], 0.0))


def waits_text(found: Sequence[WaitFigures]) -> str:
    """A table of estimates, and what its figures mean."""
    rows = [
        (
            *(each.queue, "told" if each.told else "on joining", each.given, each.judged),
            *(share(each.hit_rate), each.shorter, each.longer),
            *(length(each.average_wait), _signed(each.bias), length(each.average_width)),
        )
        for each in found
    ]
    header = ("queue", "estimate", "given", "judged", "within", "shorter", "longer", "wait", "bias", "width")
    return f"{table(header, rows)}\n{EXPECTED_WAITS}"


def _signed(seconds: float | None) -> str:
    return f"-{length(-seconds)}" if seconds is not None and round(seconds) < 0 else length(seconds)


def waits_data(figures: WaitFigures) -> dict[str, object]:
    """For programs."""
    rates = {"hit_rate": figures.hit_rate, "bias": figures.bias}
    return {**vars(figures), **rates, "average_wait": figures.average_wait, "average_width": figures.average_width}
