"""Why each agent was offered a call or not, as seen at one moment of decision. Pure.

What was seen is kept as it was; the sentences are made when somebody reads them, which costs the decision nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, overload

from appliance.facts import Candidate, PassedOver
from appliance.line.rules import Rules
from appliance.line.visits import LaneKey, Rank, Ranks
from appliance.settings import AppQueueStrategy, Queue, Strategy


class Standing(NamedTuple):
    """An agent at one moment. `until` is when the obstacle ends, where that is planned."""

    obstacle: PassedOver | None
    note: str
    until: float | None
    idle_since: float
    calls: float
    talked: float


class Candidates(Sequence[Candidate]):
    """Every agent of a queue, and who else is waited for, and why not."""

    def __init__(
        self,
        rules: Rules,
        lane: LaneKey,
        standings: Mapping[str, Standing],
        at: float,
        missed: Mapping[str, float],
        chosen: Sequence[str] = (),
        needed: Mapping[str, str] | None = None,
        waits_until: float = 0.0,
        ringing: Collection[str] = (),
        ranks: Ranks | None = None,
    ) -> None:
        self._queue: Queue | None = rules.settings.queues.get(lane.queue)
        self._rules, self._lane, self._standings, self._at = rules, lane, standings, at
        self._missed = dict(missed)
        self._chosen, self._needed, self._waits_until = chosen, needed or {}, waits_until
        self._ringing = frozenset(ringing)
        self._ranks = ranks
        self._found: tuple[Candidate, ...] | None = None

    def _all(self) -> tuple[Candidate, ...]:
        if self._found is None:
            agents = self._queue.agents if self._queue else ()
            if self._lane.agent is not None and self._lane.agent not in agents:
                agents = (self._lane.agent, *agents)
            self._found = tuple(self._candidate(agent, self._standings[agent]) for agent in agents)
        return self._found

    def _candidate(self, agent: str, seen: Standing) -> Candidate:
        if agent in self._chosen:
            return Candidate(agent, None, self._rank(agent, seen))
        if agent in self._ringing:
            return Candidate(agent, PassedOver.RINGING)
        missed = self._missed.get(agent, self._at) > self._at
        # The phone that has just rung for this caller is in use for a moment longer: that is not why.
        if seen.obstacle is not None and not (missed and seen.obstacle is PassedOver.PHONE_IN_USE):
            left = f"{seen.until - self._at:.0f} s left" if seen.until is not None else ""
            return Candidate(agent, seen.obstacle, left or seen.note)
        if lack := self._rules.lack(agent, self._lane):
            return Candidate(agent, PassedOver.LACKS_SKILL, lack)
        if missed:
            return Candidate(agent, PassedOver.MISSED, f"{self._missed[agent] - self._at:.0f} s left")
        if self._lane.agent not in (None, agent):
            left = f"waits for {self._lane.agent}, {self._waits_until - self._at:.0f} s left"
            return Candidate(agent, PassedOver.WAITS_FOR, left)
        if (tier := self._rules.tier_of(self._lane.queue, agent)) > self._lane.tier:
            return Candidate(agent, PassedOver.LATER_TIER, f"tier {tier + 1}, open up to {self._lane.tier + 1}")
        if agent in self._needed:
            return Candidate(agent, PassedOver.NEEDED, self._needed[agent])
        if self._ranks and not self._chosen and self._at < self._ranks.rests_until:
            left = f"the caller rests after a round, {self._ranks.rests_until - self._at:.0f} s left"
            return Candidate(agent, PassedOver.LATER_IN_ORDER, left)
        if self._ranks and self._ranks.in_round and agent not in (each.agent for each in self._ranks.ranks):
            return Candidate(agent, PassedOver.MISSED, "had a turn in this round")
        return Candidate(agent, PassedOver.LATER_IN_ORDER, self._rank(agent, seen))

    def _rank(self, agent: str, seen: Standing) -> str:
        """What the order went by."""
        if self._ranks and self._queue and self._queue.app_queue:
            return rank_told(self._queue.app_queue.strategy, self._ranks.ranks, agent, self._at)
        idle = f"idle for {self._at - seen.idle_since:.0f} s"
        match self._queue.strategy if self._queue else None:
            case Strategy.FEWEST_CALLS:
                return f"{seen.calls:.3g} calls, {idle}"
            case Strategy.LEAST_TALK_TIME:
                return f"{seen.talked:.0f} s talked, {idle}"
        return idle

    @overload
    def __getitem__(self, index: int) -> Candidate: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Candidate, ...]: ...
    def __getitem__(self, index: int | slice) -> Candidate | tuple[Candidate, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._all())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._all() == tuple(other)

    def __hash__(self) -> int:
        return hash(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


def rank_told(strategy: AppQueueStrategy, ranks: Sequence[Rank], agent: str, at: float) -> str:
    """An agent's place in app_queue's order, and what it follows from; equals stand in the order of its table."""
    for place, each in enumerate(ranks, 1):
        if each.agent == agent:
            by = f"penalty {each.penalty}"
            match strategy:
                case AppQueueStrategy.LEASTRECENT:
                    by += ", no call yet" if each.metric < 0 else f", last call {at - each.metric:.0f} s ago"
                case AppQueueStrategy.FEWESTCALLS:
                    by += f", {each.metric:.3g} calls"
                case AppQueueStrategy.WRANDOM:
                    by = "by lot"
            return f"app_queue rank {place} of {len(ranks)}: {by}"
    return ""
