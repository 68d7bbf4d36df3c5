"""How long something takes that has lasted for a while already: learnt from lengths, of which old ones fade. Pure.

Time is cut into stretches, each longer than the one before. For each it is learnt how likely what has lasted until
then is to end within it, by those that got so far. Where few did, the rate of all of them counts as well, so that
nothing is certain that was seen once, and what lasts longer than anything before has an end in sight.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from math import exp

FADES = 0.005  # of what is known, with each that is new: about the last two hundred matter
FIRST, GROWS, STRETCHES = 5.0, 1.15, 63  # seconds of the first stretch, and how the others follow: to nine hours
OF_ALL = 0.25  # so many of all lengths count in each stretch
ENOUGH = 10  # lengths; of fewer nothing is said

EDGES = (0.0, *(FIRST * GROWS**n for n in range(STRETCHES)))


@dataclass
class Durations:
    """Lengths of time of one kind."""

    ended: list[float] = field(default_factory=list)  # how many lasted until each stretch, and no longer
    known: int = 0

    def __post_init__(self) -> None:
        self._risks: list[float] | None = None

    def add(self, seconds: float) -> None:
        self.known += 1
        stretch = bisect_right(EDGES, max(0.0, seconds)) - 1
        self.ended = [count * (1 - FADES) for count in self.ended]
        self.ended += [0.0] * (stretch + 1 - len(self.ended))
        self.ended[stretch] += 1.0
        self._risks = None

    def ends_within(self, seconds: float, lasted: float) -> float:
        """How likely what has lasted so long is over within so many seconds more."""
        if self.known < ENOUGH or seconds <= 0:
            return 0.0
        if self._risks is None:
            self._risks = self._learnt()
        return 1.0 - exp(self._risk(self._risks, lasted) - self._risk(self._risks, lasted + seconds))

    @staticmethod
    def _risk(risks: list[float], at: float) -> float:
        """What it has survived so far."""
        n = min(bisect_right(EDGES, at), len(EDGES) - 1)
        before, after = EDGES[n - 1], EDGES[n]
        return risks[n - 1] + (risks[n] - risks[n - 1]) * (at - before) / (after - before)

    def _learnt(self) -> list[float]:
        """What is survived by each edge: rates are those of the stretches between them, added up."""
        lived: list[float] = []  # seconds within each stretch, of all who got there
        there = sum(self.ended)
        for n, (begin, end) in enumerate(pairwise(EDGES)):
            ended = self.ended[n] if n < len(self.ended) else 0.0
            lived.append((there - ended / 2) * (end - begin))
            there -= ended
        mean = sum(lived) / sum(self.ended)
        risks = [0.0]
        for n, (begin, end) in enumerate(pairwise(EDGES)):
            ended = self.ended[n] if n < len(self.ended) else 0.0
            risks.append(risks[-1] + (end - begin) * (ended + OF_ALL) / (lived[n] + OF_ALL * mean))
        return risks
