"""The callers who wait to be offered, sorted into lanes: those of a lane can be served by the same agents. Pure.

An agent who becomes free has to look at the first of each lane only, however long the line is.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from typing import TypeVar

from appliance.rules import Rules
from appliance.visits import LaneKey, Place, Visit

Sorted = list[tuple[Place, Visit]]
K = TypeVar("K")


class Lanes:
    """Callers in their order, by queue for people to look at, and by lane for the matching."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._lines: dict[str, Sorted] = {}  # everybody who has not been answered
        self._lanes: dict[str, dict[LaneKey, Sorted]] = {}  # by queue; those who wait to be offered

    def __bool__(self) -> bool:
        """Whether anybody waits to be offered."""
        return bool(self._lanes)

    def queues(self) -> Iterable[str]:
        """Those in which somebody waits to be offered."""
        return self._lanes

    def of(self, queue: str) -> Iterator[tuple[LaneKey, Sorted]]:
        """The lanes of a queue that are not empty."""
        return iter(self._lanes.get(queue, {}).items())

    def line(self, queue: str) -> list[Visit]:
        """The callers of a queue who have not been answered, the next first."""
        return [visit for _, visit in self._lines.get(queue, ())]

    def anybody_in(self, queue: str) -> bool:
        """Whether anybody of a queue has not been answered."""
        return queue in self._lines

    def position(self, visit: Visit) -> int:
        """The place of a caller in the queue, from 1."""
        return bisect_left(self._lines[visit.queue], (visit.place,)) + 1

    def take_rules(self, rules: Rules, visits: Iterable[Visit], now: float) -> None:
        """Sort everybody anew."""
        self._rules = rules
        self._lines, self._lanes = {}, {}
        for visit in visits:
            visit.lane = None
            if visit.agent is None:
                self.join(visit, now)

    def join(self, visit: Visit, now: float) -> None:
        visit.place = self._rules.place(visit)
        insort(self._lines.setdefault(visit.queue, []), (visit.place, visit))
        self.settle(visit, now)

    def leave(self, visit: Visit) -> None:
        """Out of the line: answered, or gone."""
        _remove(self._lines, visit.queue, visit)
        self._leave_lane(visit)

    def settle(self, visit: Visit, now: float) -> None:
        """Into the right lane, or out of all while the caller is offered or away."""
        lane = self._rules.lane(visit, now) if visit.waits and visit.present else None
        if lane == visit.lane:
            return
        self._leave_lane(visit)
        if lane is not None:
            insort(self._lanes.setdefault(lane.queue, {}).setdefault(lane, []), (visit.place, visit))
        visit.lane = lane

    def _leave_lane(self, visit: Visit) -> None:
        if visit.lane is None:
            return
        lanes = self._lanes[visit.queue]
        _remove(lanes, visit.lane, visit)
        if not lanes:
            del self._lanes[visit.queue]
        visit.lane = None


def _remove(lines: dict[K, Sorted], key: K, visit: Visit) -> None:
    line = lines[key]
    del line[bisect_left(line, (visit.place,))]
    if not line:
        del lines[key]
