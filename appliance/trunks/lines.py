"""How many calls each trunk and each rule has now and has had in the last hour; which trunks are down. Pure.

Only what has been let in or dialled counts, so that of two calls that come for the last line one gets it.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from appliance.port import Event, LegEnded, LegInfo, LegRinging, OriginateFailed, TrunkChanged, TrunkState
from appliance.trunks.outbound import HOUR

ENDED_KEPT = 4096


@dataclass
class _Taken:
    """A line that a leg has taken to dial out by; `rings` once the trunk's leg exists, which counts by itself."""

    trunk: str
    rule: str
    rings: bool = False


class TrunkLines:
    """The lines of all trunks. Fed with the switch's events, in order."""

    def __init__(self, trunks: Collection[str]) -> None:
        self._trunks = frozenset(trunks)
        self._legs: dict[str, str] = {}  # leg -> trunk
        self._ended: dict[str, None] = {}  # legs that ended lately, oldest first
        self._taken: dict[str, _Taken] = {}  # by the leg that dials
        self._lately: deque[tuple[float, str, str]] = deque()  # when, trunk, rule
        self._down: set[str] = set()

    def take_trunks(self, trunks: Collection[str]) -> None:
        """The trunks are these from now on; calls that are up go on counting."""
        self._trunks = frozenset(trunks)

    def event(self, event: Event) -> None:
        """Something has happened."""
        match event:
            case LegRinging(leg, endpoint, by) if endpoint in self._trunks:
                self._add(leg, endpoint)
                if by in self._taken:
                    self._taken[by].rings = True
            case OriginateFailed(leg):
                self._taken.pop(leg, None)
            case LegEnded(leg):
                self._legs.pop(leg, None)
                self._taken.pop(leg, None)
                self._ended[leg] = None
                if len(self._ended) > ENDED_KEPT:
                    del self._ended[next(iter(self._ended))]
            case TrunkChanged(trunk, up):
                (self._down.discard if up else self._down.add)(trunk)

    def known(self) -> frozenset[str]:
        """The legs that count, to be taken before the switch is asked for those it has."""
        return frozenset(self._legs)

    def seen(self, known: frozenset[str], legs: Sequence[LegInfo]) -> None:
        """What the switch has answered: legs whose events were missed are made good."""
        there = {info.leg for info in legs}
        for leg in known - there:
            self._legs.pop(leg, None)
        for info in legs:
            if info.endpoint in self._trunks:
                self._add(info.leg, info.endpoint)

    def states(self, states: Iterable[TrunkState]) -> None:
        """What the switch says of its trunks."""
        self._down = {state.trunk for state in states if not state.up}

    def remember(self, calls: Iterable[tuple[float, str, str]]) -> None:
        """Outgoing calls from before a restart: when, trunk, rule; the oldest first."""
        self._lately.extendleft(reversed([*calls]))

    # Who wants a line

    def admit(self, leg: str, trunk: str, most: int | None) -> bool:
        """Whether an incoming call is among the calls that the trunk may have; it counts from then on."""
        if leg in self._legs:
            return True
        if most is not None and self.calls_of(trunk) >= most:
            return False
        self._add(leg, trunk)
        return True

    def take(self, by: str, trunk: str, rule: str, now: float) -> None:
        """A leg dials out by a trunk, instead of by the one before."""
        self._taken[by] = _Taken(trunk, rule)
        self._lately.append((now, trunk, rule))

    def give_back(self, by: str) -> None:
        """It dials no more."""
        self._taken.pop(by, None)

    # appliance.trunks.outbound.Load

    def calls_of(self, trunk: str) -> int:
        legs = sum(each == trunk for each in self._legs.values())
        return legs + sum(taken.trunk == trunk and not taken.rings for taken in self._taken.values())

    def calls_by(self, rule: str) -> int:
        return sum(taken.rule == rule for taken in self._taken.values())

    def lately_by_trunk(self, trunk: str, now: float) -> int:
        return sum(each == trunk for _, each, _ in self._last_hour(now))

    def lately_by_rule(self, rule: str, now: float) -> int:
        return sum(each == rule for _, _, each in self._last_hour(now))

    def is_down(self, trunk: str) -> bool:
        return trunk in self._down

    def _last_hour(self, now: float) -> Iterable[tuple[float, str, str]]:
        while self._lately and self._lately[0][0] <= now - HOUR:
            self._lately.popleft()
        return self._lately

    def _add(self, leg: str, trunk: str) -> None:
        if leg not in self._ended and leg not in self._taken:  # one that was originated has taken a line itself
            self._legs[leg] = trunk
