"""What the settings mean for the line: who may serve whom, whose turn it is, and when that changes. Pure.

One for each version of the settings. Callers are served by their effective wait: head start + weight x wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from appliance.line.skills import NOTHING, Needs, combine, fit, lack, meets, unmet
from appliance.line.strategies import Seat
from appliance.line.visits import ENOUGH, LaneKey, Place, Visit
from appliance.settings import Order, PauseAfter, Queue, Settings, Tier
from appliance.speech.prompts import destinations


@dataclass(frozen=True)
class Bound:
    """No caller whom an agent could serve is passed over for one of a shorter effective wait. So a caller waits at
    most `times` as long as any who is served before by the same agents, and `seconds` more."""

    times: float
    seconds: float


class Rules:
    """Settings, looked up quickly."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._strict = settings.order is Order.STRICT
        self._same_weight = all(q.weight == 1.0 and q.app_queue is None for q in settings.queues.values())
        self._positions = {q.id: {a: n for n, a in enumerate(q.agents)} for q in settings.queues.values()}
        self._tiers = {q.id: _tiers(q) for q in settings.queues.values()}
        self._seats: dict[LaneKey, dict[str, Seat]] = {}
        self._named = _named(settings)
        self._needs: dict[tuple[Needs, Needs], Needs] = {}
        self._queues_of: dict[str, list[Queue]] = {}
        for queue in settings.queues.values():
            for agent in queue.agents:
                self._queues_of.setdefault(agent, []).append(queue)

    # Callers

    def place(self, visit: Visit) -> Place:
        """Where a caller stands among those of the same queue: it does not change while they wait."""
        queue = self.settings.queues.get(visit.queue)
        if queue and queue.app_queue:
            return (-visit.head_start, visit.since, visit.id)
        ahead = -visit.head_start if self._strict else -visit.head_start / (queue.weight if queue else 1.0)
        return (ahead if self._strict else visit.since + ahead, visit.since, visit.id)

    def urgency(self, visit: Visit, now: float) -> tuple[Any, ...]:
        """Which of several callers, of whatever queues, is served first: the least."""
        if self._same_weight:
            return visit.place
        wait = ageing(self.settings.queues[visit.queue]) * (now - visit.since)
        if self._strict:
            return (-visit.head_start, -wait, visit.since, visit.id)
        return (-visit.head_start - wait, visit.since, visit.id)

    def overtaking(self, visit: Visit, queue: str, head_start: float, now: float, horizon: float) -> float:
        """For how many of the next `horizon` seconds whoever joins that queue, with that head start, will stand
        before the caller at the end of them."""
        own, other = self.settings.queues[visit.queue].weight, self.settings.queues[queue].weight
        ahead = own * (now + horizon - visit.since)
        if not self._strict:
            ahead += visit.head_start - head_start
        elif head_start != visit.head_start:
            return horizon if head_start > visit.head_start else 0.0
        return min(horizon, max(0.0, horizon - ahead / other))

    def lane(self, visit: Visit, now: float) -> LaneKey | None:
        """With whom a caller waits now; None where nothing is known of the queue."""
        if visit.queue not in self.settings.queues:
            return None
        needs = self.needs(visit)
        required = needs.required(now - visit.since)
        return LaneKey(visit.queue, required, needs.preferred, self.tier(visit, now))

    def needs(self, visit: Visit) -> Needs:
        """What a caller needs of an agent here: what they bring along, and what the queue asks for."""
        queue = self.settings.queues.get(visit.queue)
        if queue is None or queue.needs == NOTHING:
            return visit.needs
        both = (visit.needs, queue.needs)
        found = self._needs.get(both)
        if found is None:
            found = self._needs[both] = combine(both)
        return found

    def awaited(self, visit: Visit, now: float) -> str | None:
        """The agent for whom a caller may wait now: one who has what is required, until a call has been missed."""
        prefers = visit.prefers
        if prefers is None or visit.came_to_nothing or now >= visit.joined_at + prefers.seconds:
            return None
        if visit.missed.get(prefers.agent, now) > now:
            return None
        able = meets(self._skills(prefers.agent), self.needs(visit).required(now - visit.since))
        return prefers.agent if able and prefers.agent in self.settings.agents else None

    def tier(self, visit: Visit, now: float) -> int:
        """Up to which tier agents may be offered the call."""
        tiers = self.settings.queues[visit.queue].tiers
        waited = now - visit.since
        return max((n for n, t in enumerate(tiers, 1) if _is_open(t, waited, visit.came_to_nothing)), default=0)

    def changes_at(self, visit: Visit, now: float) -> float | None:
        """When other agents may serve the caller, or others again who missed the call, or a rule lets them go."""
        queue = self.settings.queues.get(visit.queue)
        tiers, overflow, empty = (queue.tiers, queue.overflow, queue.when_empty) if queue else ((), (), None)
        waits = chain(
            self.needs(visit).changes(),
            (tier.after for tier in tiers if tier.after),
            (rule.after for rule in overflow if rule.after),
        )
        prefers = (visit.joined_at + visit.prefers.seconds,) if visit.prefers else ()
        for_nobody = (visit.joined_at + empty.after,) if empty else ()
        rounds = (visit.rests_until, visit.round.ends - ENOUGH if visit.round else 0.0)
        times = chain(
            *((visit.since + wait for wait in waits), prefers, for_nobody, visit.missed.values(), rounds)
        )
        return min((at for at in times if at > now), default=None)

    # Agents

    def queues_of(self, agent: str) -> list[Queue]:
        return self._queues_of.get(agent, [])

    def position(self, queue: str, agent: str | None) -> int:
        """Of an agent in a queue's list; -1 for who is not there."""
        return self._positions.get(queue, {}).get(agent or "", -1)

    def tier_of(self, queue: str, agent: str) -> int:
        return self._tiers[queue].get(agent, 0)

    def tiers(self, queue: str) -> list[list[str]]:
        """The agents of each tier."""
        found: list[list[str]] = [[] for _ in range(len(self.settings.queues[queue].tiers) + 1)]
        for agent, tier in self._tiers[queue].items():
            found[tier].append(agent)
        return found

    def seats(self, lane: LaneKey) -> Mapping[str, Seat]:
        """The agents who may serve these callers."""
        seats = self._seats.get(lane)
        if seats is None:
            queue = self.settings.queues[lane.queue]
            seats = {
                agent: self._seat(queue, agent, lane)
                for agent in ((lane.agent,) if lane.agent else queue.agents)
                if (lane.agent or self._tiers[lane.queue][agent] <= lane.tier)
                and meets(self._skills(agent), lane.required)
            }
            self._seats[lane] = seats
        return seats

    def lack(self, agent: str, lane: LaneKey) -> str:
        """What an agent lacks of what these callers need."""
        return lack(self._skills(agent), lane.required)

    def pause_after(self, queue: str) -> PauseAfter:
        known = self.settings.queues.get(queue)
        return (known.pause_after if known else None) or self.settings.pause_after

    def bound(self, queue: Queue) -> Bound | None:
        """How long a caller can be passed over; None: for ever, because the order is strict."""
        if self._strict or queue.app_queue:
            return None
        groups, numbers = self.settings.groups.values(), self.settings.numbers.values()
        ahead = max((g.priority for g in groups), default=0.0) + max((n.priority for n in numbers), default=0.0)
        heaviest = max(ageing(each) for each in self._rivals(queue))
        return Bound(heaviest / queue.weight, max(ahead / queue.weight, self._longest_preference(queue)))

    def _rivals(self, queue: Queue) -> list[Queue]:
        """The queues whose callers may be served by the same agents: members, and who is named elsewhere."""
        queues = self.settings.queues
        if self._names_anybody(queue):
            return [*queues.values()]
        shared = {each.id for agent in queue.agents for each in self.queues_of(agent)}
        return [each for each in queues.values() if each.id in shared | {queue.id} or self._names_anybody(each)]

    def _names_anybody(self, queue: Queue) -> bool:
        return queue.sticky.own_agent is not None or queue.id in self._named

    def _longest_preference(self, queue: Queue) -> float:
        """How long a caller may wait for one agent, while others go by to the other agents."""
        sticky, back = queue.sticky, queue.comes_back
        lasts = (sticky.last_agent, sticky.own_agent, back.agent if back else None, self._named.get(queue.id))
        return max(each or 0.0 for each in lasts)

    def _skills(self, agent: str) -> Mapping[str, int]:
        known = self.settings.agents.get(agent)
        return known.skills if known else {}

    def _seat(self, queue: Queue, agent: str, lane: LaneKey) -> Seat:
        skills = self._skills(agent)
        return Seat(
            self._tiers[queue.id].get(agent, 0),
            unmet(skills, lane.preferred),
            fit(skills, lane.required, lane.preferred),
            self._positions[queue.id].get(agent, 0),
            queue.shares.get(agent, 1.0),
        )


def _named(settings: Settings) -> dict[str, float]:
    """The queues to which callers are sent to an agent, each with the longest time for which that is."""
    found: dict[str, float] = {}
    for _, to in destinations(settings):
        if to.queue is not None and to.agent is not None:
            found[to.queue] = max(found.get(to.queue, 0.0), to.agent_for)
    return found


def ageing(queue: Queue) -> float:
    """How a second of waiting counts beside other queues: among themselves app_queue's weigh in another way."""
    return 1.0 if queue.app_queue else queue.weight


def _tiers(queue: Queue) -> dict[str, int]:
    later = {agent: number for number, tier in enumerate(queue.tiers, 1) for agent in tier.agents}
    return {agent: later.get(agent, 0) for agent in queue.agents}


def _is_open(tier: Tier, waited: float, came_to_nothing: int) -> bool:
    if tier.after is None and tier.misses is None:
        return True
    return (tier.after is not None and waited >= tier.after) or (
        tier.misses is not None and came_to_nothing >= tier.misses
    )
