"""Numbers that nobody has in place of those of customers at home, for the journal, which is kept for long. Pure.

A replay must see that two customers are two, and when each may be called, which is told by the beginning of a
number. It need not know who they are.
"""

from dataclasses import replace
from itertools import count

from appliance.line import messages as m
from appliance.line.ladder import time_zones_of
from appliance.line.messages import Message
from appliance.line.promises import Promise
from appliance.line.state import LineState
from appliance.line.visits import Visit

BEGINNING = 4  # digits that stay at least: of most countries that is no more than an area
END = 3  # digits that never stay


class Aliases:
    """One for each number, for as long as the appliance runs."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}
        self._taken: set[str] = set()
        self._given: dict[tuple[str, int], int] = {}  # beginning and length -> ends up to which all are taken

    def of(self, number: str) -> str:
        """The alias of a number."""
        if number not in self._of:
            self._of[number] = self._new(number)
            self._taken.add(self._of[number])
        return self._of[number]

    def promise(self, promise: Promise) -> Promise:
        """Without a word on who it was made to."""
        return replace(promise, number=self.of(promise.number), name="", context=())

    def message(self, message: Message) -> Message:
        if isinstance(message, m.GoHome | m.CallerJoins) and message.promise is not None:
            return replace(message, promise=self.promise(message.promise))
        return message

    def state(self, state: LineState) -> LineState:
        return replace(state, visits=[self._visit(visit) for visit in state.visits])

    def _visit(self, visit: Visit) -> Visit:
        if visit.home is None:
            return visit
        return replace(visit, home=replace(visit.home, promise=self.promise(visit.home.promise)))

    def _new(self, number: str) -> str:
        """One of the same length, with the same clocks."""
        zones, most = time_zones_of(number), max(1, len(number) - END)
        shortest = (n for n in range(BEGINNING, most) if time_zones_of(_with(number, n, 0)) == zones)
        kept = next(shortest, most)
        same = (number[:kept], len(number))
        ends = count(self._given.get(same, 0))
        end = next(n for n in ends if _with(number, kept, n) not in self._taken)
        self._given[same] = end + 1
        return _with(number, kept, end)


def _with(number: str, kept: int, n: int) -> str:
    """The beginning of a number, and an end of our own."""
    rest = max(1, len(number) - kept)
    return f"{number[:kept]}{n:0{rest}}"
