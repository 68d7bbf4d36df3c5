"""The callers who wait to be offered, sorted into lanes: those of a lane can be served by the same agents. Pure.

An agent who becomes free has to look at the first of each lane only, however long the line is.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from appliance.line.rules import Rules
from appliance.line.visits import LaneKey, Place, Visit

Sorted = list[tuple[Place, Visit]]
K = TypeVar("K")


class Lanes:
    """Callers in their order, by queue for people to look at, and by lane for the matching."""

    def __init__(self, rules: Rules, can_be_waited_for: Callable[[str], bool]) -> None:
        self._rules = rules
        self._can_be_waited_for = can_be_waited_for
        self._lines: dict[str, Sorted] = {}  # everybody who has not been answered
        self._lanes: dict[str, dict[LaneKey, Sorted]] = {}  # by queue; those who wait to be offered to anybody,
        self._kept: dict[str, dict[LaneKey, Sorted]] = {}  # and by agent; those who wait for that agent
        self._at_home: dict[str, dict[LaneKey, Sorted]] = {}  # by queue; those who may be called, or are being
        self._preferring: dict[str, dict[str, Visit]] = {}  # by agent; all who prefer one, by id

    def __bool__(self) -> bool:
        """Whether anybody waits to be offered, or is at home and would be if they were here."""
        return bool(self._lanes) or bool(self._kept) or bool(self._at_home)

    def queues(self) -> Iterable[str]:
        """Those in which somebody waits to be offered."""
        return self._lanes

    def of(self, queue: str) -> Iterator[tuple[LaneKey, Sorted]]:
        """The lanes of a queue that are not empty."""
        return iter(self._lanes.get(queue, {}).items())

    def queues_at_home(self) -> Iterable[str]:
        """Those for which somebody waits at home who may be called now, or is being called."""
        return self._at_home

    def at_home(self, queue: str) -> Iterator[tuple[LaneKey, Sorted]]:
        """The lanes of these."""
        return iter(self._at_home.get(queue, {}).items())

    def anybody_at_home(self) -> bool:
        """Whether there is anybody of them."""
        return bool(self._at_home)

    def kept_for(self, agents: Collection[str]) -> Iterator[tuple[LaneKey, Sorted]]:
        """The lanes of those who wait for one of these agents."""
        fewer, other = (agents, self._kept) if len(agents) < len(self._kept) else (self._kept, agents)
        for agent in fewer:
            if agent in other:
                yield from self._kept[agent].items()

    def line(self, queue: str) -> list[Visit]:
        """The callers of a queue who have not been answered, the next first."""
        return [visit for _, visit in self._lines.get(queue, ())]

    def each(self, queue: str) -> Iterator[Visit]:
        """The same, one by one: nobody needs to see all of a long line."""
        return (visit for _, visit in self._lines.get(queue, ()))

    def count(self, queue: str) -> int:
        """How many of a queue have not been answered."""
        return len(self._lines.get(queue, ()))

    def anybody_in(self, queue: str) -> bool:
        """Whether anybody of a queue has not been answered."""
        return queue in self._lines

    def position(self, visit: Visit) -> int:
        """The place of a caller in the queue, from 1."""
        return bisect_left(self._lines[visit.queue], (visit.place,)) + 1

    def take_rules(self, rules: Rules, visits: Iterable[Visit], now: float) -> None:
        """Sort everybody anew."""
        self._rules = rules
        self._lines, self._lanes, self._kept, self._preferring = {}, {}, {}, {}
        self._at_home = {}
        for visit in visits:
            visit.lane = None
            if visit.agent is None and visit.in_line:
                self.join(visit, now)

    def join(self, visit: Visit, now: float) -> None:
        visit.place, visit.in_line = self._rules.place(visit), True
        insort(self._lines.setdefault(visit.queue, []), (visit.place, visit))
        if visit.prefers:
            self._preferring.setdefault(visit.prefers.agent, {})[visit.id] = visit
        self.settle(visit, now)

    def leave(self, visit: Visit) -> None:
        """Out of the line: answered, or gone."""
        if not visit.in_line:
            return
        _remove(self._lines, visit.queue, visit)
        if visit.prefers:
            preferring = self._preferring[visit.prefers.agent]
            del preferring[visit.id]
            if not preferring:
                del self._preferring[visit.prefers.agent]
        self._leave_lane(visit)

    def look_again(self, agents: Iterable[str], now: float) -> None:
        """These agents can be waited for now, or can no longer."""
        for agent in agents:
            for visit in self._preferring.get(agent, {}).values():
                self.settle(visit, now)

    def settle(self, visit: Visit, now: float) -> None:
        """Into the right lane, or out of all while the caller is offered or away."""
        lane = self._lane_to_wait_in(visit, now) if visit.waits and visit.in_line else None
        if lane == visit.lane:
            return
        self._leave_lane(visit)
        if lane is not None:
            insort(self._place(lane).setdefault(lane, []), (visit.place, visit))
        visit.lane = lane

    def lane(self, visit: Visit, now: float) -> LaneKey | None:
        """With whom a caller waits now; None where nothing is known of the queue."""
        lane = self._rules.lane(visit, now)
        agent = self._rules.awaited(visit, now) if visit.prefers else None
        if lane is None or agent is None or not self._can_be_waited_for(agent):
            return lane
        return replace(lane, agent=agent)

    def _lane_to_wait_in(self, visit: Visit, now: float) -> LaneKey | None:
        if visit.home is not None and visit.can_be_called(now):
            lane = self._rules.lane(visit, now)
            return replace(lane, at_home=True, called=visit.home.calling) if lane else None
        return self.lane(visit, now) if visit.can_be_offered(now) else None

    def _place(self, lane: LaneKey) -> dict[LaneKey, Sorted]:
        if lane.at_home:
            return self._at_home.setdefault(lane.queue, {})
        if lane.agent is not None:
            return self._kept.setdefault(lane.agent, {})
        return self._lanes.setdefault(lane.queue, {})

    def _leave_lane(self, visit: Visit) -> None:
        if visit.lane is None:
            return
        lanes = self._place(visit.lane)
        _remove(lanes, visit.lane, visit)
        if not lanes and visit.lane.at_home:
            del self._at_home[visit.queue]
        elif not lanes and visit.lane.agent is not None:
            del self._kept[visit.lane.agent]
        elif not lanes:
            del self._lanes[visit.queue]
        visit.lane = None


def _remove(lines: dict[K, Sorted], key: K, visit: Visit) -> None:
    line = lines[key]
    del line[bisect_left(line, (visit.place,))]
    if not line:
        del lines[key]
