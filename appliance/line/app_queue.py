"""Queues that say `compatible: app_queue`: agents are rung in the order, and with the pauses, of Asterisk's. Pure.

A caller whose turn it is begins a round, which lasts `ring_for` in all. At its beginning the agents are ranked, by
penalty and then by a metric; the first who can be rung is rung. Who refuses, or is busy, is followed by the next
in the ranking; when the time is over, or nobody is left, the caller rests for `retry`, and the next round begins
with a new ranking. It is the turn of as many callers from the head of the line as there are agents free: those who
rest are counted, and those who are being offered are not. With ringall it is the turn of one.

ringall      everybody of the lowest penalty at once; those of the next when all of these have refused.
leastrecent  whose last talk ended first, to the second; before all, who has had none.
fewestcalls  who has had the fewest calls.
rrmemory, rrordered  the agent after the one whom this queue has rung last, in the order of the list.
linear       the first of the list; in a caller's next round, who comes after the last one of the round before.
random       anyone of the same penalty.
wrandom      anyone: a random number below 1 + penalty for each, the lowest first.

Ties: its members lie in a hash table of 37 buckets, by the first characters of the interface (PJSIP/1001), and of
equals the last wins. docs/strategies.md says what is not kept, and why.
"""

from collections.abc import Iterator, Mapping
from math import floor
from typing import Protocol

from appliance.line.agents import Roster
from appliance.line.chance import chance
from appliance.line.lanes import Lanes
from appliance.line.matching import Lane
from appliance.line.rules import Rules
from appliance.line.strategies import Seat, Turn, Worker
from appliance.line.visits import LaneKey, Rank, Ranks, Round, Visit
from appliance.settings import Queue
from appliance.settings.queues import AppQueueStrategy, Tier

_BUCKETS = 37
_NEVER = -1.0  # before every second in which a talk can have ended

S = AppQueueStrategy
_LISTED = (S.LINEAR, S.RRORDERED)  # whose members lie in a list
_GO_ROUND = (S.RRMEMORY, S.RRORDERED)


class Member(Worker, Protocol):
    """An agent as far as the ranking goes."""

    last_talk: float | None  # when it ended


class Members(Protocol):
    """All agents by id."""

    def __getitem__(self, agent: str) -> Member: ...


def bucket(agent: str) -> int:
    """Where app_queue keeps a member: by five characters of the interface, from the slash on."""
    codes = [ord(each) for each in f"/{agent}"[:5]]
    small = [0 if code < 32 else code - 64 if code > 96 else code - 32 for code in codes]
    return sum(code << (6 * n) for n, code in enumerate(small)) % _BUCKETS


def penalty_of(tier: int, tiers: tuple[Tier, ...]) -> int:
    """That of the agents of a tier; 0 for the first."""
    written = tiers[tier - 1].penalty if tier else None
    return tier if written is None else written


def ranking(
    strategy: AppQueueStrategy, seats: Mapping[str, Seat], tiers: tuple[Tier, ...], members: Members, turn: Turn
) -> list[Rank]:
    """The agents of a queue, whether they can be rung now or not. `turn.after` is before the next of the list."""
    listed = sorted(seats, key=lambda agent: seats[agent].position)
    walked = listed if strategy in _LISTED else sorted(listed, key=bucket)
    ranks = []
    for tie, agent in enumerate(walked):
        seat, member = seats[agent], members[agent]
        penalty, metric = penalty_of(seat.tier, tiers), 0.0
        match strategy:
            case S.LEASTRECENT:
                metric = _NEVER if member.last_talk is None else float(floor(member.last_talk))
            case S.FEWESTCALLS:
                metric = member.calls
            case S.RRMEMORY | S.RRORDERED | S.LINEAR:
                metric = float((seat.position - turn.after - 1) % turn.seats)
            case S.RANDOM:
                metric = chance(turn.offer, agent)
            case S.WRANDOM:
                metric, penalty = chance(turn.offer, agent) * (1 + penalty), 0
        ranks.append(Rank(penalty, metric, -tie, agent))
    return sorted(ranks)


class RankedLane(Lane):
    """One caller whose turn it is, with those of the ranking who can be rung."""

    gives_way = False
    is_steady, given = False, 0

    def __init__(self, visit: Visit, rings_all: bool, ranks: list[Rank], free: Mapping[str, tuple[Worker, Seat]]):
        self.callers = [(visit.place, visit)]
        self.rings_all = rings_all
        self._ranks = {each.agent: each for each in ranks if each.agent in free}
        self.able = {agent: free[agent] for agent in self._ranks}

    def order(self, visit: Visit) -> list[str]:
        return [*self._ranks]

    def at_once(self, free: Iterator[tuple[Worker, Seat]]) -> list[str]:
        """Those of the lowest penalty that anybody has."""
        agents = [worker.id for worker, _ in free]
        lowest = min((self._ranks[agent].penalty for agent in agents), default=0)
        return sorted(agent for agent in agents if self._ranks[agent].penalty == lowest)


class Turns:
    """Whose turn it is in such queues, and which agents the callers are to have."""

    def __init__(self, roster: Roster, lanes: Lanes, next_of: dict[str, str]) -> None:
        self._roster, self._lanes = roster, lanes
        self._next_of = next_of  # of queues that go round: the agent who is next
        self._in_round: dict[str, dict[str, Visit]] = {}  # by queue, by id

    def lanes(self, queue: Queue, rules: Rules, now: float) -> Iterator[Lane]:
        """One for each caller whose turn it is."""
        assert queue.app_queue is not None
        free, all_at_once = self._roster.free, queue.app_queue.strategy is S.RINGALL
        available = self._available(queue)
        able = {*queue.agents} & {*free} - self._wanted_elsewhere(queue, rules)
        for visit in self._with_turn(queue, 1 if all_at_once else available, now):
            assert visit.lane is not None
            seats = rules.seats(visit.lane)
            seated = {agent: (free[agent], seats[agent]) for agent in able if agent in seats}
            yield RankedLane(visit, all_at_once, self.ranks(visit, visit.lane, rules), seated)

    def _with_turn(self, queue: Queue, turns: int, now: float) -> Iterator[Visit]:
        """Those in a round, who are to have the next agent; and from the head of the line as many as said."""
        for visit in [*self._in_round.get(queue.id, {}).values()]:
            if _is_free(visit) and visit.round is not None and visit.round.goes_on(now):
                yield visit
        ahead = 0
        for visit in self._lanes.each(queue.id):
            if ahead >= turns:
                return
            if _is_free(visit) and not (visit.round and visit.round.goes_on(now)):
                ahead += 1
                if now >= visit.rests_until:
                    self.leave(visit)
                    yield visit
            if queue.app_queue and not queue.app_queue.autofill:
                return

    def _available(self, queue: Queue) -> int:
        free = self._roster.free
        return sum(agent in free for agent in queue.agents)

    def _wanted_elsewhere(self, queue: Queue, rules: Rules) -> set[str]:
        """The agents of heavier queues that have at least as many callers as agents who are free."""
        wanted: set[str] = set()
        for other in rules.settings.queues.values():
            if other.app_queue and other.weight > queue.weight:
                callers = self._lanes.count(other.id)
                if callers and callers >= self._available(other):
                    wanted.update(other.agents)
        return wanted

    def ranks(self, visit: Visit, lane: LaneKey, rules: Rules) -> list[Rank]:
        """The ranking that holds for a caller now: what is left of that of the round, or a new one."""
        queue, seats = rules.settings.queues[lane.queue], rules.seats(lane)
        assert queue.app_queue is not None
        if visit.round is not None:
            return [each for each in visit.round.left if each.agent in seats]
        strategy = queue.app_queue.strategy
        next = visit.next_agent if strategy is S.LINEAR else self._next_of.get(queue.id)
        after = max(rules.position(queue.id, next), 0) - 1
        turn = Turn(f"{visit.id}.{visit.offers + 1}", after, len(queue.agents))
        return ranking(strategy, seats, queue.tiers, self._roster, turn)

    def ring(self, visit: Visit, chosen: tuple[str, ...], rules: Rules, now: float) -> tuple[float, str | None]:
        """A caller is offered to these agents: for how long, and who is next in a queue that remembers it."""
        queue = rules.settings.queues[visit.queue]
        assert queue.app_queue is not None and visit.lane is not None
        ranks = self.ranks(visit, visit.lane, rules)
        last = max(each for each in ranks if each.agent in chosen)
        rings_all = queue.app_queue.strategy is S.RINGALL
        left = [each for each in ranks if (each.penalty > last.penalty if rings_all else each > last)]
        visit.round = Round(visit.round.ends if visit.round else now + queue.ring_for, left)
        visit.next_agent = left[0].agent if left else queue.agents[0]
        self._in_round.setdefault(queue.id, {})[visit.id] = visit
        if queue.app_queue.strategy not in _GO_ROUND:
            return visit.round.ends - now, None
        return visit.round.ends - now, visit.next_agent

    def explain(self, visit: Visit, lane: LaneKey, rules: Rules) -> Ranks:
        """What a decision went by."""
        return Ranks(tuple(self.ranks(visit, lane, rules)), visit.round is not None, visit.rests_until)

    def take_over(self, visit: Visit, rules: Rules) -> None:
        """A caller who was there before a crash, or before the queue was of this kind: the next round begins after
        the last agent, and nobody is passed over."""
        if visit.round is not None:
            self._in_round.setdefault(visit.queue, {})[visit.id] = visit
        if visit.missed:
            agents = rules.settings.queues[visit.queue].agents
            last = max(visit.missed, key=lambda agent: visit.missed[agent])
            visit.next_agent = agents[(rules.position(visit.queue, last) + 1) % len(agents)] if agents else None
        visit.missed = {}

    def unanswered(self, visit: Visit, missed: bool, rules: Rules, now: float) -> str | None:
        """An offer has come to nothing, because agents `missed` it or for another reason: the round goes on, or
        the caller rests. Return who is next in a queue that remembers it, where that has changed."""
        queue, round = rules.settings.queues.get(visit.queue), visit.round
        if round is None:
            return None
        free = self._roster.free
        if visit.present and round.goes_on(now) and any(each.agent in free for each in round.left):
            return None
        self.leave(visit)
        if not visit.present or queue is None or queue.app_queue is None:
            return None
        visit.rests_until = now + queue.app_queue.retry
        if not missed or not round.goes_on(now) or not round.left:
            return None
        visit.next_agent = queue.agents[0]  # everybody else was tried, in vain: it begins anew
        return visit.next_agent if queue.app_queue.strategy in _GO_ROUND else None

    def leave(self, visit: Visit) -> None:
        """The caller is in no round any more."""
        visit.round = None
        self._in_round.get(visit.queue, {}).pop(visit.id, None)


def _is_free(visit: Visit) -> bool:
    """Whether a caller waits on the phone to be offered, and not for one agent alone."""
    return visit.lane is not None and visit.lane.agent is None and not visit.lane.at_home
