"""How long something lasts, learnt also from what was cut off before its end. Pure.

A caller who was answered after 20 seconds would have waited longer; nobody knows how much. To leave such callers
out would make everybody seem impatient, since it is the impatient whose whole patience is seen. The estimator of
Kaplan and Meier counts each of them as somebody who lasts at least so long, and supposes nothing else. Beyond the
longest that was seen to its end it knows nothing: there the average rate of ends goes on.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from math import inf, log

from appliance.traffic.laws import Law


class Lasting:
    """`ended` are lengths that were seen to their end, `cut_off` those that would have gone on."""

    def __init__(self, ended: Iterable[float], cut_off: Iterable[float] = ()) -> None:
        ends, cuts = sorted(ended), sorted(cut_off)
        together = sum(ends) + sum(cuts)
        self.seen = len(ends)
        self._rate = len(ends) / together if together else 0.0  # of ends, over all that was seen
        self._times: list[float] = []
        self._gone: list[float] = []  # the share that does not last longer than each of these times
        left, index = 1.0, 0
        while index < len(ends):
            after = bisect_right(ends, ends[index])
            still_there = len(ends) - index + len(cuts) - bisect_left(cuts, ends[index])
            left *= 1.0 - (after - index) / still_there
            self._times.append(ends[index])
            self._gone.append(1.0 - left)
            index = after

    def gone(self, time: float) -> float:
        """The share that does not last longer."""
        index = bisect_right(self._times, time)
        return self._gone[index - 1] if index else 0.0

    def law(self, beyond: float = 0.0) -> Law:
        """How long it lasts, if longer than `beyond`; infinite where no end was ever seen."""
        gone, last = self.gone(beyond), max([beyond, *self._times[-1:]])
        first = bisect_right(self._times, beyond)  # of the times that can be

        def lasts(share: float) -> float:
            wanted = gone + (1.0 - gone) * share
            index = max(first, bisect_left(self._gone, wanted))
            if index < len(self._times):
                return self._times[index]
            if not self._rate:
                return inf
            left = 1.0 - self.gone(last)
            return last - log((1.0 - wanted) / left if left > 0 else 1.0 - share) / self._rate

        return lasts
