"""Laws of chance: lengths of time that people take, drawn by appliance.line.chance. Pure.

A law turns a number between 0 and 1, all of which are equally likely, into seconds. It grows with that number, so
that who is patient under one law is patient under another.
"""

from collections.abc import Callable, Iterable
from math import exp, log, sqrt
from statistics import NormalDist

Law = Callable[[float], float]


def always(seconds: float) -> Law:
    return lambda share: seconds


AT_ONCE = always(0.0)
A_MINUTE = always(60.0)


def exponential(mean: float) -> Law:
    """Without memory: however long it has taken, it is likely to take as long again."""
    return lambda share: -mean * log(1.0 - share)


def lognormal(mean: float, deviation: float) -> Law:
    """How talks mostly are: few are very short, and some are very long. `deviation` is the standard deviation."""
    spread = log(1.0 + (deviation / mean) ** 2)
    normal = NormalDist(log(mean) - spread / 2, sqrt(spread))
    return lambda share: exp(normal.inv_cdf(share))


def like(values: Iterable[float]) -> Law:
    """One of those that were seen, all equally often."""
    seen = sorted(values)
    if not seen:
        raise ValueError("there is nothing to draw from")
    return lambda share: seen[int(share * len(seen))]
