"""What the settings mean for the line: who may serve whom, whose turn it is, and when that changes. Pure.

One for each version of the settings. Callers are served by their effective wait: head start + weight x wait.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from appliance.settings import Order, PauseAfter, Queue, Settings, Tier
from appliance.skills import fit, lack, meets, unmet
from appliance.strategies import Seat
from appliance.visits import LaneKey, Place, Visit


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
        self._same_weight = all(queue.weight == 1.0 for queue in settings.queues.values())
        self._positions = {q.id: {a: n for n, a in enumerate(q.agents)} for q in settings.queues.values()}
        self._tiers = {q.id: _tiers(q) for q in settings.queues.values()}
        self._seats: dict[LaneKey, dict[str, Seat]] = {}
        self._queues_of: dict[str, list[Queue]] = {}
        for queue in settings.queues.values():
            for agent in queue.agents:
                self._queues_of.setdefault(agent, []).append(queue)

    # Callers

    def place(self, visit: Visit) -> Place:
        """Where a caller stands among those of the same queue: it does not change while they wait."""
        queue = self.settings.queues.get(visit.queue)
        ahead = -visit.head_start if self._strict else -visit.head_start / (queue.weight if queue else 1.0)
        return (ahead if self._strict else visit.joined_at + ahead, visit.joined_at, visit.id)

    def urgency(self, visit: Visit, now: float) -> tuple[Any, ...]:
        """Which of several callers, of whatever queues, is served first: the least."""
        if self._same_weight:
            return visit.place
        wait = self.settings.queues[visit.queue].weight * (now - visit.joined_at)
        if self._strict:
            return (-visit.head_start, -wait, visit.joined_at, visit.id)
        return (-visit.head_start - wait, visit.joined_at, visit.id)

    def lane(self, visit: Visit, now: float) -> LaneKey | None:
        """With whom a caller waits now; None where nothing is known of the queue."""
        if visit.queue not in self.settings.queues:
            return None
        required = visit.needs.required(now - visit.joined_at)
        return LaneKey(visit.queue, required, visit.needs.preferred, self.tier(visit, now))

    def tier(self, visit: Visit, now: float) -> int:
        """Up to which tier agents may be offered the call."""
        tiers = self.settings.queues[visit.queue].tiers
        waited = now - visit.joined_at
        return max((n for n, t in enumerate(tiers, 1) if _is_open(t, waited, visit.came_to_nothing)), default=0)

    def changes_at(self, visit: Visit, now: float) -> float | None:
        """When other agents may serve the caller, or others again who missed the call."""
        queue = self.settings.queues.get(visit.queue)
        tiers = queue.tiers if queue else ()
        waits = chain(visit.needs.changes(), (tier.after for tier in tiers if tier.after))
        times = chain((visit.joined_at + wait for wait in waits), visit.missed.values())
        return min((at for at in times if at > now), default=None)

    # Agents

    def queues_of(self, agent: str) -> list[Queue]:
        return self._queues_of.get(agent, [])

    def position(self, queue: str, agent: str | None) -> int:
        """Of an agent in a queue's list; -1 for who is not there."""
        return self._positions.get(queue, {}).get(agent or "", -1)

    def tier_of(self, queue: str, agent: str) -> int:
        return self._tiers[queue][agent]

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
                for agent in queue.agents
                if self._tiers[lane.queue][agent] <= lane.tier and meets(self._skills(agent), lane.required)
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
        if self._strict:
            return None
        rivals = {each.id: each for agent in queue.agents for each in self.queues_of(agent)}
        heaviest = max((each.weight for each in rivals.values()), default=queue.weight)
        groups, numbers = self.settings.groups.values(), self.settings.numbers.values()
        ahead = max((g.priority for g in groups), default=0.0) + max((n.priority for n in numbers), default=0.0)
        return Bound(heaviest / queue.weight, ahead / queue.weight)

    def _skills(self, agent: str) -> Mapping[str, int]:
        known = self.settings.agents.get(agent)
        return known.skills if known else {}

    def _seat(self, queue: Queue, agent: str, lane: LaneKey) -> Seat:
        skills = self._skills(agent)
        return Seat(
            self._tiers[queue.id][agent],
            unmet(skills, lane.preferred),
            fit(skills, lane.required, lane.preferred),
            self._positions[queue.id][agent],
            queue.shares.get(agent, 1.0),
        )


def _tiers(queue: Queue) -> dict[str, int]:
    later = {agent: number for number, tier in enumerate(queue.tiers, 1) for agent in tier.agents}
    return {agent: later.get(agent, 0) for agent in queue.agents}


def _is_open(tier: Tier, waited: float, came_to_nothing: int) -> bool:
    if tier.after is None and tier.misses is None:
        return True
    return (tier.after is not None and waited >= tier.after) or (
        tier.misses is not None and came_to_nothing >= tier.misses
    )
