"""Callers who come by chance: so many in an hour on average, each independent of the others. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log

from appliance.line.chance import chance
from appliance.line.skills import NOTHING, Needs
from appliance.traffic.laws import Law
from appliance.traffic.scenario import Caller


@dataclass(frozen=True)
class Demand:
    """So many calls are expected within so many seconds from `start`, spread evenly."""

    start: float
    seconds: float
    calls: float


def arrivals(demand: Iterable[Demand], seed: int, about: str = "") -> Iterator[float]:
    """When calls come: a Poisson process with a rate for each stretch of time. `about` is whose they are."""
    number = 0
    needed = _gap(seed, about, number)  # of expected calls, until the next
    for stretch in demand:
        passed = 0.0  # of the calls expected in this stretch
        while passed + needed <= stretch.calls:
            passed += needed
            yield stretch.start + stretch.seconds * passed / stretch.calls
            number += 1
            needed = _gap(seed, about, number)
        needed -= stretch.calls - passed


def _gap(seed: int, about: str, number: int) -> float:
    return -log(chance(seed, "gap", about, str(number)))


def callers(
    queue: str,
    times: Iterable[float],
    talk: Law,
    patience: Law | None,
    seed: int,
    head_start: float = 0.0,
    needs: Needs = NOTHING,
) -> Iterator[Caller]:
    """Callers of one queue who come at those times, with talks and patience by chance.

    Those of several queues are put in order by `heapq.merge(..., key=lambda caller: caller.at)`.
    """
    for number, at in enumerate(times):
        id = f"{queue}-{number:07}"
        talks = talk(chance(seed, "talk", id))
        waits = patience(chance(seed, "patience", id)) if patience is not None else None
        yield Caller(id, at, queue, talks, waits, head_start, needs)
