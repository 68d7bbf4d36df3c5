"""How many agents it takes in the real line: simulated days, with more and fewer, until it is just enough. Pure.

All intervals are tried at once, in days as a whole, so that who still waits at the end of one interval is there in
the next. First agents are added wherever the target is missed. Then every other interval is tried with one less,
and the rest after that; what goes wrong with one less, in that interval or the next, has what it needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from heapq import merge
from math import sqrt
from statistics import stdev

from appliance.facts import AgentState, VisitOutcome
from appliance.line.chance import chance
from appliance.settings import Settings
from appliance.staffing.demand import Demand
from appliance.staffing.pool import enlarged, mixed, phone_of
from appliance.staffing.target import Target
from appliance.traffic.arrivals import Demand as Stretch
from appliance.traffic.arrivals import arrivals
from appliance.traffic.laws import exponential
from appliance.traffic.result import Result
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, Caller, Scenario

MIDNIGHT = 1_000_000.0
AFTERWARDS = 7200.0  # seconds in which those who still wait or talk at the end of the day may finish
LONGEST_WRAP_UP = 86400.0  # agents end it themselves, after as long as it takes
SURE = 1.96  # standard deviations that 95 % stay within

_BUSY = (AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP)


@dataclass
class Seen:
    """What became of the callers of one interval, over all simulated days."""

    agents: int
    offered: int = 0
    in_time: int = 0
    abandoned: int = 0
    busy: float = 0.0
    ready: float = 0.0
    by_day: list[tuple[int, int]] = field(default_factory=list)  # offered, in time

    @property
    def level(self) -> float:
        return self.in_time / self.offered if self.offered else 1.0

    @property
    def abandons(self) -> float:
        return self.abandoned / self.offered if self.offered else 0.0

    @property
    def occupancy(self) -> float:
        return self.busy / (self.busy + self.ready) if self.busy else 0.0

    @property
    def off_by(self) -> float:
        """How far chance may have moved the level: 95 % of such trials are not further off."""
        if len(self.by_day) < 2 or not self.offered:
            return 0.0
        # The error of a ratio, from how much the days differ.
        errors = [in_time - self.level * offered for offered, in_time in self.by_day]
        return SURE * stdev(errors) * sqrt(len(errors)) / self.offered

    def meets(self, target: Target) -> bool:
        return not self.offered or target.is_met(self.level, self.abandons, self.occupancy)


Staff = dict[int, int]  # agents by interval


def by_simulation(
    settings: Settings, demand: Demand, target: Target, first: Staff, days: int, seed: int = 1
) -> dict[int, Seen]:
    """The agents of each interval, and what becomes of its callers with them. The search begins with `first`.

    Where the target is missed whatever the number of agents, what is returned shows it.
    """
    trial = Trial(settings, demand, target, days, seed)
    staff = dict(first)
    seen = trial.run(staff)
    hopeless: set[int] = set()  # where more agents do not help

    def missed(found: dict[int, Seen]) -> set[int]:
        return {n for n in staff if n not in hopeless and not found[n].meets(target)}

    while more := missed(seen):
        hopeless |= {n for n in more if staff[n] > 2 * first[n] + 10}
        staff = {n: count + max(1, count // 50) * (n in more - hopeless) for n, count in staff.items()}
        seen = trial.run(staff)
    settled = {n for n, count in staff.items() if count <= 1 or n in hopeless}
    odd = False
    while settled < set(staff):
        odd = not odd
        tried = {n for n in staff if n % 2 == odd and n not in settled}
        if not tried:
            continue
        found = trial.run({n: count - (n in tried) for n, count in staff.items()})
        wrong = missed(found)
        needed = {n for n in tried if n in wrong or n + 1 in wrong}
        spared = tried - needed
        if spared and wrong:
            found = trial.run({n: count - (n in spared) for n, count in staff.items()})
            if missed(found):  # each alone could be spared, but not all of them together
                needed, spared = tried, set()
        if spared:
            staff, seen = {n: count - (n in spared) for n, count in staff.items()}, found
        settled |= needed | {n for n, count in staff.items() if count <= 1}
    return seen


class Trial:
    """The same days again and again, with other numbers of agents."""

    def __init__(self, settings: Settings, demand: Demand, target: Target, days: int, seed: int) -> None:
        queues = {id: replace(queue, wrap_up=LONGEST_WRAP_UP) for id, queue in settings.queues.items()}
        self._settings = replace(settings, queues=queues)
        self._members = mixed(settings, demand.calls)
        self._demand, self._target = demand, target
        self._days = range(seed, seed + days)

    def run(self, staff: Staff) -> dict[int, Seen]:
        line, agents = enlarged(self._settings, self._members, max(staff.values()))
        found = {n: Seen(count) for n, count in staff.items()}
        plan = [self._agent(agent, number, staff) for number, agent in enumerate(agents)]
        end = MIDNIGHT + (max(staff) + 1) * self._demand.interval + AFTERWARDS
        for seed in self._days:
            self._count(simulate(Scenario(line, self._callers(seed), plan, seed, ends=end)), found)
        return found

    def _agent(self, agent: str, number: int, staff: Staff) -> AgentDay:
        """On duty in every interval that has so many agents."""
        shifts: list[tuple[float, float]] = []
        for n in sorted(n for n, count in staff.items() if number < count):
            begin = MIDNIGHT + n * self._demand.interval
            end = begin + self._demand.interval
            if shifts and shifts[-1][1] == begin:
                shifts[-1] = (shifts[-1][0], end)
            else:
                shifts.append((begin, end))
        habits = self._demand.habits
        law = habits.answers_after.law
        return AgentDay(agent, phone_of(agent), tuple(shifts), answers_after=law, misses=habits.misses)

    def _callers(self, seed: int) -> Iterator[Caller]:
        return merge(*(self._of_queue(queue, seed) for queue in self._demand.calls), key=lambda each: each.at)

    def _of_queue(self, queue: str, seed: int) -> Iterator[Caller]:
        demand, work = self._demand, self._demand.work[queue]
        patience = exponential(work.patience) if work.patience is not None else None
        stretches = [
            Stretch(MIDNIGHT + n * demand.interval, demand.interval, calls)
            for n, calls in enumerate(demand.calls[queue])
            if calls > 0
        ]
        for number, at in enumerate(arrivals(stretches, seed, queue)):
            id = f"{queue}-{number:06}"
            head_start, needs = work.kinds[int(chance(seed, "kind", id) * len(work.kinds))]
            yield Caller(
                id,
                at,
                queue,
                talk=work.talk.law(chance(seed, "talk", id)),
                patience=patience(chance(seed, "patience", id)) if patience else None,
                head_start=head_start,
                needs=needs,
                wrap_up=work.wrap_up.law(chance(seed, "wrap-up", id)),
            )

    def _count(self, day: Result, found: dict[int, Seen]) -> None:
        interval = self._demand.interval
        of_day: dict[int, list[int]] = {n: [0, 0] for n in found}
        for stay in day.stays.values():
            if stay.number > 1:  # sent on from another queue, where the caller is counted
                continue
            n = int((stay.joined_at - MIDNIGHT) / interval)
            in_time = stay.outcome is VisitOutcome.ANSWERED and stay.wait(0.0) <= self._target.within
            found[n].offered += 1
            found[n].in_time += in_time
            found[n].abandoned += stay.outcome is VisitOutcome.ABANDONED
            of_day[n][0] += 1
            of_day[n][1] += in_time
        for n, (offered, in_time_of_day) in of_day.items():
            found[n].by_day.append((offered, in_time_of_day))
        for sheet in day.sheets.values():
            for stretch in sheet:
                if stretch.state in _BUSY:
                    _spread(found, "busy", stretch.began_at, stretch.ended_at, interval)
                elif stretch.state is AgentState.READY:
                    _spread(found, "ready", stretch.began_at, stretch.ended_at, interval)


def _spread(found: dict[int, Seen], what: str, began_at: float, ended_at: float, interval: float) -> None:
    """Give each interval its part of a stretch of time."""
    at = began_at
    while at < ended_at:
        n = int((at - MIDNIGHT) / interval)
        end = min(ended_at, MIDNIGHT + (n + 1) * interval)
        if n in found:
            setattr(found[n], what, getattr(found[n], what) + end - at)
        at = end


def days_for(calls: float, least: int, wanted: int) -> int:
    """So many days that there are `wanted` calls in all."""
    return max(least, -(-wanted // max(1, int(calls))))
