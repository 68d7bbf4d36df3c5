"""Which callers are offered to which agents now, over all queues at once. Pure.

Callers have their turn by effective wait. Each gets the first agent in the order of the queue's strategy, unless
one who comes later can be served by nobody else: then the next in order will do. So as many callers as possible
are served, nobody loses a turn by that, and an agent with a rare skill is not spent on a caller whom anybody could
serve. A caller of a ring-all queue has all its free agents that no earlier one has taken; where there are none,
one whom an earlier caller can do without.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import Any

from appliance.line.lanes import Sorted
from appliance.line.strategies import STEADY, Seat, Turn, Worker, order, ring_all
from appliance.line.visits import Visit
from appliance.settings import Strategy


class Lane:
    """Callers whom the same agents can serve, and those of these agents who are free."""

    gives_way = True  # whether a caller may have the next agent of the order where another needs the first

    def __init__(
        self,
        callers: Sorted,
        strategy: Strategy,
        free: Mapping[str, Worker],
        seats: Mapping[str, Seat],
        turn: Callable[[Visit], Turn],
    ) -> None:
        self.callers = callers
        self.rings_all = strategy is Strategy.RING_ALL
        fewer, other = (free, seats) if len(free) < len(seats) else (seats, free)
        self.able = {agent: (free[agent], seats[agent]) for agent in fewer if agent in other}
        self._strategy = strategy
        self._turn = turn
        self.is_steady = strategy in STEADY
        self.given = 0  # of the order, if that is steady: so many from the first on have callers
        self._order: list[str] | None = None

    def order(self, visit: Visit) -> list[str]:
        """The agents in the order in which this caller is to have them."""
        if self._order is not None:
            return self._order
        found = order(self._strategy, self.able.values(), self._turn(visit))
        if self.is_steady:
            self._order = found
        return found

    def at_once(self, free: Iterator[tuple[Worker, Seat]]) -> list[str]:
        """Of those whom no earlier caller has, the agents who are rung together."""
        return ring_all(free)


class Matching:
    """What becomes of one moment: `given` are callers in the order of their turns, each with agents."""

    def __init__(
        self, lanes: Iterable[Lane], urgency: Callable[[Visit, float], tuple[Any, ...]], now: float
    ) -> None:
        self._now = now
        self._owner: dict[str, Visit] = {}
        self._lane_of: dict[str, Lane] = {}  # by visit
        self._exhausted: set[Lane] = set()  # those whose agents are given, and can be given in no other way
        self.given: dict[str, list[str]] = {}  # by visit
        self.turns: list[Visit] = []
        lanes = [lane for lane in lanes if lane.able]
        self._unowned = {agent for lane in lanes for agent in lane.able}
        heads = [(urgency(lane.callers[0][1], now), n, 0) for n, lane in enumerate(lanes)]
        heapify(heads)
        while heads and self._unowned:
            _, number, index = heappop(heads)
            lane = lanes[number]
            visit = lane.callers[index][1]
            if self._serve(visit, lane):
                self.turns.append(visit)
            elif not visit.missed:
                continue  # nor can any other of this lane be served
            if index + 1 < len(lane.callers):
                heappush(heads, (urgency(lane.callers[index + 1][1], now), number, index + 1))

    def wanted(self, visit: Visit) -> list[str]:
        """The agents who came first in the order for this caller, but whom another caller needed."""
        if self._lane_of[visit.id].rings_all:
            return []
        wanted = []
        for agent in self._lane_of[visit.id].order(visit):
            if agent in self.given[visit.id]:
                break
            if not self._missed(visit, agent):
                wanted.append(agent)
        return wanted

    def _serve(self, visit: Visit, lane: Lane) -> bool:
        self._lane_of[visit.id] = lane
        if not lane.rings_all or not visit.present:  # who is at home is called by one agent
            return self._find_one(visit)
        free = (seated for a, seated in lane.able.items() if a not in self._owner and not self._missed(visit, a))
        agents = lane.at_once(free)
        if not agents:
            return self._find_one(visit)
        for agent in agents:
            self._own(agent, visit)
        self.given[visit.id] = agents
        return True

    def _find_one(self, visit: Visit) -> bool:
        """Find an agent for one more caller, if need be by giving others the next in their order."""
        first = self._first_unowned(visit)
        if first is not None:
            self._own(first, visit)
            self.given[visit.id] = [first]
            return True
        if self._lane_of[visit.id] in self._exhausted:
            return False
        found_by: dict[str, Visit] = {}
        asking, asked = deque([visit]), set[Lane]()
        while asking:
            asker = asking.popleft()
            lane = self._lane_of[asker.id]
            if lane in asked or lane in self._exhausted:
                continue  # all of its agents have been found, or are of no use
            if not asker.missed:
                asked.add(lane)
            for agent in lane.order(asker):
                if agent in found_by or self._missed(asker, agent):
                    continue
                found_by[agent] = asker
                owner = self._owner.get(agent)
                if owner is None:
                    self._hand_over(agent, found_by, visit)
                    return True
                if self._lane_of[owner.id].gives_way and not self._lane_of[owner.id].rings_all:
                    asking.append(owner)
        self._exhausted |= asked  # whoever has one of these agents can have no other, and will not give it up
        return False

    def _first_unowned(self, visit: Visit) -> str | None:
        """The first in this caller's order whom nobody has. Who has been given stays so: it is not asked again
        of who was at the head of an order that is the same for all of a lane."""
        lane = self._lane_of[visit.id]
        order, given = lane.order(visit), lane.given if lane.is_steady else 0
        while given < len(order) and order[given] in self._owner:
            given += 1
        lane.given = given
        others = (agent for agent in islice(order, given, None) if agent not in self._owner)
        return next((agent for agent in others if not self._missed(visit, agent)), None)

    def _hand_over(self, agent: str, found_by: Mapping[str, Visit], last: Visit) -> None:
        while True:
            visit = found_by[agent]
            before = self.given.get(visit.id)
            self._own(agent, visit)
            self.given[visit.id] = [agent]
            if visit is last or before is None:
                return
            agent = before[0]

    def _own(self, agent: str, visit: Visit) -> None:
        self._owner[agent] = visit
        self._unowned.discard(agent)

    def _missed(self, visit: Visit, agent: str) -> bool:
        return visit.missed.get(agent, self._now) > self._now
