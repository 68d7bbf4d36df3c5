"""Simulated traffic through the real line beside what theory says, and how far chance may have moved it.

Each row is one long run: callers by a Poisson process, exponential talks and patience, agents who answer at once.
What a run gives is known only so well: the callers after a warm-up are cut into batches, and from how much these
differ follows how far the mean of all may be from the truth (Student's t, 99.9 %). Batches are long beside the
memory of the line, else that would be less than it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from statistics import fmean, stdev

from appliance.facts import VisitOutcome
from appliance.settings import Strategy
from appliance.staffing.erlang import Prediction, erlang_a, erlang_c
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import exponential
from appliance.traffic.result import Stay
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, Scenario
from tests.unit.line.world import queue, settings

BATCHES = 20
SURE = 3.883  # Student's t of 19 degrees of freedom: what 99.9 % of all runs stay within
WITHIN = 20.0  # seconds: the service level is of these
HANDLE = 180.0
START = 1_000_000.0


@dataclass(frozen=True)
class Row:
    """One queue in the long run."""

    agents: int
    load: float  # erlangs
    patience: float | None  # seconds on average; None: endless
    strategy: Strategy
    batch: int  # callers in each

    @property
    def callers(self) -> int:
        return self.batch * BATCHES

    @property
    def prediction(self) -> Prediction:
        if self.patience is not None:
            return erlang_a(self.load, self.agents, HANDLE, self.patience)
        found = erlang_c(self.load, self.agents, HANDLE)
        assert found is not None
        return found


ROWS = (
    Row(1, 0.5, None, Strategy.LONGEST_IDLE, batch=300),
    Row(5, 4.0, None, Strategy.ROUND_ROBIN, batch=800),
    Row(20, 17.0, None, Strategy.FEWEST_CALLS, batch=1400),
    Row(50, 42.0, None, Strategy.RANDOM, batch=1000),
    Row(1, 0.8, 120.0, Strategy.IN_ORDER, batch=300),
    Row(5, 5.0, 60.0, Strategy.RING_ALL, batch=400),
    Row(20, 20.0, 120.0, Strategy.LEAST_TALK_TIME, batch=600),
    Row(50, 48.0, 360.0, Strategy.LONGEST_IDLE, batch=800),
    Row(50, 65.0, 120.0, Strategy.WEIGHTED_RANDOM, batch=800),
)


@dataclass(frozen=True)
class Figure:
    """One figure of a run, and of theory."""

    name: str
    theory: float
    measured: float
    off_by: float  # how far chance may have moved what was measured

    @property
    def agrees(self) -> bool:
        return abs(self.theory - self.measured) <= self.off_by


FIGURES: dict[str, tuple[Callable[[Prediction], float], Callable[[Stay], float]]] = {
    "waits": (lambda p: p.waits, lambda stay: stay.wait(0.0) > 0.0),
    "mean wait": (lambda p: p.mean_wait, lambda stay: stay.wait(0.0)),
    "answered in time": (
        lambda p: p.served_within(WITHIN),
        lambda stay: stay.outcome is VisitOutcome.ANSWERED and stay.wait(0.0) <= WITHIN,
    ),
    "gives up": (lambda p: p.abandons, lambda stay: stay.outcome is VisitOutcome.ABANDONED),
}


def compare(row: Row, seed: int, missing: int = 0, times: int = 1) -> list[Figure]:
    """Run a row with so many agents `missing`, and batches so many `times` as long."""
    size = row.batch * times
    stays = run(row, seed, missing, size * (BATCHES + 1))[size:]  # the first is to warm up
    found = []
    for name, (of_theory, of_stay) in FIGURES.items():
        means = [fmean(map(of_stay, stays[n * size : (n + 1) * size])) for n in range(BATCHES)]
        off_by = SURE * stdev(means) / sqrt(BATCHES)
        found.append(Figure(name, of_theory(row.prediction), fmean(means), off_by))
    return found


def run(row: Row, seed: int, missing: int, calls: int) -> Sequence[Stay]:
    """What became of so many callers."""
    seconds = 2 * calls * HANDLE / row.load
    ids = [f"a{n:04}" for n in range(row.agents - missing)]
    line = settings(queue("q", row.strategy, " ".join(ids)))
    times = islice(arrivals([Demand(START, seconds, 2 * calls)], seed), calls)
    patience = exponential(row.patience) if row.patience is not None else None
    traffic = callers("q", times, exponential(HANDLE), patience, seed)
    staff = [AgentDay(id, id.replace("a", "p"), ((START - 1.0, START + seconds),)) for id in ids]
    stays = [*simulate(Scenario(line, traffic, staff, seed)).stays.values()]
    assert len(stays) == calls and all(stay.outcome is not None for stay in stays)
    return stays
