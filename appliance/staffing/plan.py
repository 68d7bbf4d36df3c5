"""The agents that are needed, interval by interval: by formulas and by the real line, side by side. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from appliance.settings import Settings
from appliance.staffing.demand import Demand
from appliance.staffing.formulas import by_erlang_a, by_erlang_c
from appliance.staffing.target import Target
from appliance.staffing.trial import Seen, by_simulation, days_for

CALLS = 20_000  # that are simulated in each trial, at least
DAYS = 10  # that are simulated in each trial, at least


@dataclass(frozen=True)
class Row:
    """One interval of the day."""

    start: float  # seconds after midnight
    calls: float
    load: float  # erlangs
    erlang_c: int
    erlang_a: int
    simulated: Seen | None  # None: nothing was simulated
    scheduled: int  # with those who are away

    @property
    def difference(self) -> int | None:
        """By how many agents the real line needs more than Erlang A says."""
        return self.simulated.agents - self.erlang_a if self.simulated else None


@dataclass(frozen=True)
class Plan:
    """The day of queues that share agents."""

    queues: tuple[str, ...]
    demand: Demand
    target: Target
    shrinkage: float
    days: int  # that were simulated; 0: none
    rows: tuple[Row, ...]


def plans(
    settings: Settings, demand: Demand, target: Target, shrinkage: float, days: int | None, simulated: bool
) -> list[Plan]:
    """A plan for each group of queues that share agents. `days`: None for as many as make the figures sure."""
    groups = _groups(settings, [queue for queue, calls in demand.calls.items() if any(calls)])
    return [_plan(settings, demand.only(group), target, shrinkage, days, simulated) for group in groups]


def _groups(settings: Settings, queues: Iterable[str]) -> list[set[str]]:
    """Queues that share agents, directly or by others."""
    groups: list[tuple[set[str], set[str]]] = []
    for queue in sorted(queues):
        names, agents = {queue}, set(settings.queues[queue].agents)
        apart = []
        for others, members in groups:
            if members & agents:
                names, agents = names | others, agents | members
            else:
                apart.append((others, members))
        groups = [*apart, (names, agents)]
    return sorted((names for names, _ in groups), key=min)


def _plan(
    settings: Settings, demand: Demand, target: Target, shrinkage: float, days: int | None, simulated: bool
) -> Plan:
    busy = [n for n in demand.intervals if demand.calls_in(n) > 0]
    of_c = {n: by_erlang_c(demand.load(n), demand.handle(n), target) for n in busy}
    of_a = {n: by_erlang_a(demand.load(n), demand.handle(n), demand.patience(n), target) for n in busy}
    seen: dict[int, Seen] = {}
    days = days or days_for(sum(map(demand.calls_in, busy)), DAYS, CALLS)
    if simulated:
        seen = by_simulation(settings, demand, target, {n: of_a.get(n, 0) for n in demand.intervals}, days)
    rows = []
    for n in demand.intervals:
        found = seen.get(n)
        present = found.agents if found else of_a.get(n, 0)
        rows.append(
            Row(
                n * demand.interval,
                demand.calls_in(n),
                demand.load(n),
                of_c.get(n, 0),
                of_a.get(n, 0),
                found,
                ceil(present / (1 - shrinkage) - 1e-9),
            )
        )
    return Plan(tuple(sorted(demand.calls)), demand, target, shrinkage, days if simulated else 0, tuple(rows))
