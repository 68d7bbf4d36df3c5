"""What theory says of a queue: Erlang's formulas B and C, and Erlang A, where callers give up. Pure.

Callers come at random (a Poisson process) and are alike, agents are alike and all serve them; talks, with their
wrap-up, and patience are exponentially distributed; it has been so for a long time. `load` is in erlangs: calls an
hour times hours a call. Who has waited longest is served first.

B, C  A. K. Erlang, Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone
      Exchanges, 1917. B by the recursion over the number of agents, which is stable for thousands of them.
A     C. Palm, Research on Telephone Traffic Carried by Full Availability Groups, 1957; O. Garnett, A. Mandelbaum,
      M. Reiman, Designing a Call Center with Impatient Customers, 2002. The offered wait (that of a caller with
      endless patience) has the density P(all busy, nobody waits) cm exp(-cm t + l (1 - exp(-q t)) / q), where c is
      the number of agents, l, m and q the rates of calls, of talks and of giving up: F. Baccelli, G. Hebuterne, On
      Queues with Impatient Customers, 1981. It is integrated here numerically, to some ten digits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import exp, expm1, inf, log, sqrt

# Points and weights of Gauss and Legendre's quadrature, between -1 and 1.
_GAUSS = (
    (-0.9061798459386640, 0.2369268850561891),
    (-0.5384693101056831, 0.4786286704993665),
    (0.0, 0.5688888888888889),
    (0.5384693101056831, 0.4786286704993665),
    (0.9061798459386640, 0.2369268850561891),
)
_NEGLIGIBLE = 45.0  # of an exponent: what is e to the minus that times smaller does not count


@dataclass(frozen=True)
class Prediction:
    """What becomes of callers in the long run. Times are seconds."""

    waits: float  # the share of callers who are not served at once
    mean_wait: float  # of all callers, also those who gave up and those who were served at once
    asa: float  # of those who were answered
    abandons: float  # the share of callers who give up
    occupancy: float  # the share of their time for which agents talk or wrap up
    served_within: Callable[[float], float]  # the share of all callers who are answered within so many seconds


def erlang_b(load: float, agents: int) -> float:
    """The share of calls that find all agents busy, where these are turned away."""
    inverse = 1.0
    for n in range(1, agents + 1):
        inverse = 1.0 + inverse * n / load
        if inverse == inf:
            return 0.0
    return 1.0 / inverse


def erlang_c(load: float, agents: int, handle: float) -> Prediction | None:
    """Callers wait however long it takes; `handle` is the mean of talk and wrap-up. None: there is more work than
    agents, and the line grows and grows."""
    if load >= agents:
        return None
    if load <= 0:
        return _NOBODY
    blocked = erlang_b(load, agents)
    waits = blocked / (1.0 - load / agents * (1.0 - blocked))
    mean = waits * handle / (agents - load)

    def served_within(seconds: float) -> float:
        return 1.0 - waits * exp(-(agents - load) * seconds / handle)

    return Prediction(waits, mean, mean, 0.0, load / agents, served_within)


def erlang_a(load: float, agents: int, handle: float, patience: float) -> Prediction:
    """Callers give up after `patience` seconds on average."""
    if load <= 0:
        return _NOBODY
    if agents <= 0:
        return Prediction(1.0, patience, 0.0, 1.0, 0.0, lambda seconds: 0.0)
    wait = _OfferedWait(load / handle, agents / handle, 1.0 / patience)
    blocked = erlang_b(load, agents)
    # Of all callers, as multiples of those who find all agents busy and nobody waiting.
    at_once = exp(log((1.0 - blocked) / blocked) - wait.scale) if blocked else inf
    if at_once == inf:
        return Prediction(0.0, 0.0, 0.0, 0.0, load / agents, lambda seconds: 1.0)
    delayed = wait.integral(lambda t: 1.0)
    everybody = at_once + delayed
    abandons = wait.integral(lambda t: -expm1(-t / patience)) / everybody
    answered_wait = wait.integral(lambda t: t * exp(-t / patience)) / everybody

    def served_within(seconds: float) -> float:
        return (at_once + wait.integral(lambda t: exp(-t / patience), seconds)) / everybody

    return Prediction(
        delayed / everybody,
        abandons * patience,
        answered_wait / (1.0 - abandons),
        abandons,
        load * (1.0 - abandons) / agents,
        served_within,
    )


_NOBODY = Prediction(0.0, 0.0, 0.0, 0.0, 0.0, lambda seconds: 1.0)


class _OfferedWait:
    """The density of the wait of a caller of endless patience, but for a factor: e to the `scale` is taken out."""

    def __init__(self, calls: float, talks: float, giving_up: float) -> None:
        self._calls, self._talks, self._giving_up = calls, talks, giving_up
        # Where there is more work than agents, the density rises at first.
        self._peak = max(0.0, log(calls / talks) / giving_up)
        self.scale = 0.0
        self.scale = self._exponent(self._peak)

    def integral(self, of: Callable[[float], float], end: float = inf) -> float:
        total = 0.0
        for begin, width in self._panels(end):
            half = width / 2
            points = ((begin + half * (1 + x), weight * half) for x, weight in _GAUSS)
            total += sum(of(t) * exp(self._exponent(t)) * weight for t, weight in points)
        return total * self._talks

    def _exponent(self, t: float) -> float:
        decay = -expm1(-self._giving_up * t)
        return self._calls * decay / self._giving_up - self._talks * t - self.scale

    def _panels(self, end: float) -> Iterator[tuple[float, float]]:
        """Stretches, as far as they count, in which neither density nor the share of the patient changes much."""
        t = 0.0
        while t < end and (t <= self._peak or self._exponent(t) > -_NEGLIGIBLE):
            rate = self._calls * exp(-self._giving_up * t)
            change = abs(rate - self._talks) + sqrt(rate * self._giving_up)
            if self._giving_up * t < _NEGLIGIBLE:
                change = max(change, self._giving_up)
            width = min(1.0 / change, end - t)
            yield t, width
            t += width
