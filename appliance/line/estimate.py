"""How long a caller in line will wait: from who is before them, who is at work, and what has been learnt. Pure.

Counted are all callers, of whatever queues, whom the same agents will serve first by effective wait, those still
to come with more priority or weight among them; a rival whom other agents can serve as well counts in part. They
are served one after another as the agents become free, and some leave before: so many steps, each of a length that
chance decides, have a mean and a spread, and the wait is taken to be gamma distributed with these. Where other
agents may serve the caller later, by a tier or by a need that relaxes, steps become faster from then on.

Of a queue of which too little is known there is no estimate at all: better none than a wrong one.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from math import fsum, log1p, sqrt

from appliance.facts import AgentState
from appliance.line.agents import Roster
from appliance.line.experience import NEWEST, Arrivals, Experience
from appliance.line.lanes import Lanes, Sorted
from appliance.line.rules import Rules
from appliance.line.visits import Expected, LaneKey, Visit

LEAST = 3  # calls handled in the queue, before there is an estimate
CHANGES = 0.15  # agents come and go, calls become longer: so much of the mean is always uncertain
PHASES = 16  # changes of who may serve the caller that are looked ahead to
CLOSE = 0.02  # of the mean: near enough
MOST_OVERTAKEN = 0.9  # of what is served: who is overtaken by more than that can be told nothing


@dataclass(frozen=True)
class Levels:
    """Where on the bell curve an interval ends: of these, one in ten waits is shorter or longer."""

    low: float = -1.2816
    middle: float = 0.0
    high: float = 1.2816


@dataclass(frozen=True)
class _Steps:
    """The way to the next free agent, were it from now on as it is."""

    mean: float
    variance: float


@dataclass(frozen=True)
class _Field:
    """The agents who may serve a caller, and the share of other callers' calls that falls to them."""

    able: frozenset[str]
    queues: tuple[str, ...]  # that they serve
    shares: dict[LaneKey, float] = field(default_factory=dict)


@dataclass(frozen=True)
class _Rivals:
    """Callers of one lane, or those who are yet to come of one queue."""

    share: float  # of each that falls to the same agents
    handling: float
    patience: float
    count: Callable[[float], float]  # how many will stand before the caller, so many seconds from now


class Estimator:
    """Makes estimates under certain rules; asks, and changes nothing."""

    def __init__(
        self,
        rules: Rules,
        roster: Roster,
        lanes: Lanes,
        experience: Experience,
        effective: Callable[[LaneKey], LaneKey],
    ) -> None:
        self.rules = rules
        self._fields: dict[LaneKey, _Field] = {}
        self._at_work: dict[LaneKey, frozenset[str]] = {}
        self._staffing = -1  # of which the two know
        self._roster, self._lanes, self._effective = roster, lanes, effective
        self._experience = experience

    def estimate(self, visit: Visit, now: float, levels: Levels) -> Expected | None:
        """What this caller, who waits or would, has to expect; None where that is not known."""
        learnt = self._experience.handling.get(visit.queue)
        if learnt is None or learnt.known < LEAST:
            return None
        at, left, passed = now, 1.0, 0.0
        for _ in range(PHASES):
            lane = self._lanes.lane(visit, at)
            if lane is None:
                return None
            steps = self._steps(visit, lane, now)
            until = self.rules.changes_at(visit, at)
            if steps is not None and (until is None or left * steps.mean <= until - at):
                mean = passed + left * steps.mean
                return self._interval(visit.queue, mean, left * left * steps.variance, levels)
            if until is None:
                return None
            left -= (until - at) / steps.mean if steps is not None else 0.0
            passed, at = passed + until - at, until
        return None

    def _interval(self, queue: str, mean: float, variance: float, levels: Levels) -> Expected:
        """Quantiles of a gamma distribution, by Wilson and Hilferty's formula, and the ringing after it."""
        learnt = self._experience.handling[queue]
        uncertain = learnt.spread * max(NEWEST, 1 / learnt.known) + CHANGES * CHANGES
        relative = variance / (mean * mean) + uncertain if mean > 0 else 0.0
        ringing = self._experience.ringing(queue)

        def quantile(level: float) -> float:
            return ringing + mean * max(0.0, 1 - relative / 9 + level * sqrt(relative) / 3) ** 3

        return Expected(quantile(levels.low), quantile(levels.middle), quantile(levels.high))

    def _steps(self, visit: Visit, lane: LaneKey, now: float) -> _Steps | None:
        who = self._field(lane)
        if not who.able:
            return None
        rivals = [*self._waiting(visit, who, now), *self._coming(visit, who, now)]
        own, count = self._experience.handling[visit.queue], len(who.able)
        current, spare = self._under_way(who)

        def steps(horizon: float) -> _Steps:
            counts = [(r.share * r.count(horizon), r) for r in rivals]
            ahead = fsum(count for count, _ in counts)  # whatever the order, to the last digit
            jobs = max(0.0, ahead + 1 - spare)
            work = (current or own.mean) + fsum(count * r.handling for count, r in counts)
            if work <= 0:
                return _Steps(0.0, 0.0)
            rate = count * (ahead + 1) / work
            patience = fsum(count * r.patience for count, r in counts) / ahead if ahead else 0.0
            mean = log1p(jobs * patience / rate) / patience if patience else jobs / rate
            # Of few steps each is as chance has it; of many calls one after another lengths even out.
            rounds = jobs / count
            evens = (1 + own.spread * rounds) / (1 + rounds)
            return _Steps(mean, evens * jobs / (rate * (rate + jobs * patience)))

        first = steps(0.0)
        second = steps(first.mean)
        if abs(second.mean - first.mean) <= CLOSE * first.mean:
            return second
        # Who overtakes makes the wait longer, and so more overtake: where that comes to rest.
        growth = (steps(second.mean).mean - second.mean) / (second.mean - first.mean)
        if growth > MOST_OVERTAKEN:
            return None
        return steps(first.mean + (second.mean - first.mean) / (1 - growth))

    def _under_way(self, who: _Field) -> tuple[float, int]:
        """How long the calls take that these agents have now, and how many of the agents are spare: where one call
        rings several, all but one will be free."""
        handling, roster = self._experience.handling, self._roster
        times, ringing = [], []
        for agent in map(roster.__getitem__, who.able):
            if agent.queue is not None and agent.queue in handling:
                times.append(handling[agent.queue].mean)
            if agent.state is AgentState.OFFERED:
                ringing.append(agent.visit)
        return fsum(times) / len(times) if times else 0.0, len(ringing) - len(set(ringing))

    def _waiting(self, visit: Visit, who: _Field, now: float) -> Iterator[_Rivals]:
        own = (each(queue) for queue in who.queues for each in (self._lanes.of, self._lanes.at_home))
        lanes = chain(self._lanes.kept_for(who.able), *own)
        for lane, callers in lanes:
            if share := self._share(lane, who):
                yield self._rivals(visit, lane.queue, share, self._before(visit, callers, now))

    def _coming(self, visit: Visit, who: _Field, now: float) -> Iterator[_Rivals]:
        for each in self._experience.arrivals.values():
            if each.queue in who.queues and (share := self._share(LaneKey(each.queue), who)):
                yield self._rivals(visit, each.queue, share, self._overtaking(visit, each, now))

    def _before(self, visit: Visit, callers: Sorted, now: float) -> Callable[[float], float]:
        urgency = self.rules.urgency

        def count(horizon: float) -> float:
            at = now + horizon
            return bisect_left(callers, urgency(visit, at), key=lambda each: urgency(each[1], at))

        return count

    def _overtaking(self, visit: Visit, who: Arrivals, now: float) -> Callable[[float], float]:
        rate, overtaking = who.rate(now), self.rules.overtaking
        return lambda horizon: rate * overtaking(visit, who.queue, who.head_start, now, horizon)

    def _rivals(self, visit: Visit, queue: str, share: float, count: Callable[[float], float]) -> _Rivals:
        known = self._experience.handling.get(queue)
        handling = known if known is not None and known.known >= LEAST else self._experience.handling[visit.queue]
        return _Rivals(share, handling.mean, self._experience.leaving(queue), count)

    # Who serves whom stays the same for long

    def _field(self, lane: LaneKey) -> _Field:
        if self._staffing != self._roster.staffing:
            self._staffing = self._roster.staffing
            self._fields.clear()
            self._at_work.clear()
        found = self._fields.get(lane)
        if found is None:
            able = self._able(lane)
            queues = {queue.id for agent in able for queue in self.rules.queues_of(agent)}
            found = self._fields[lane] = _Field(able, tuple(sorted(queues)))
        return found

    def _able(self, lane: LaneKey) -> frozenset[str]:
        found = self._at_work.get(lane)
        if found is None:
            seats = self.rules.seats(self._effective(lane))
            found = frozenset(agent for agent in seats if self._roster.can_be_waited_for(agent))
            self._at_work[lane] = found
        return found

    def _share(self, lane: LaneKey, who: _Field) -> float:
        share = who.shares.get(lane)
        if share is None:
            theirs = self._able(lane)
            share = who.shares[lane] = len(theirs & who.able) / len(theirs) if theirs else 0.0
        return share
