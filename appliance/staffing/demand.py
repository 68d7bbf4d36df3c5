"""What there is to be done: calls by time of day, how long they take, how patient callers are. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from appliance.line.skills import NOTHING, Needs
from appliance.port import Outcome
from appliance.traffic.laws import AT_ONCE, Law

DAY = 86400.0


@dataclass(frozen=True)
class Length:
    """How long something takes: on average, and by chance."""

    mean: float
    law: Law


@dataclass(frozen=True)
class Work:
    """What the callers of one queue bring along."""

    talk: Length
    wrap_up: Length
    patience: float | None  # seconds on average; None: nobody ever gives up
    kinds: tuple[tuple[float, Needs], ...] = ((0.0, NOTHING),)  # head start and needs, all equally often

    @property
    def handle(self) -> float:
        return self.talk.mean + self.wrap_up.mean


@dataclass(frozen=True)
class Habits:
    """How agents take calls."""

    answers_after: Length = Length(0.0, AT_ONCE)
    misses: Mapping[Outcome, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Demand:
    """An average day of some queues. `calls` are by queue, and by interval from midnight on."""

    interval: float  # seconds; the day is a whole number of them
    calls: Mapping[str, tuple[float, ...]]
    work: Mapping[str, Work]
    habits: Habits
    about: str  # from where it is known, as a person reads it

    @property
    def intervals(self) -> range:
        """From the first with a call to the last."""
        busy = [n for calls in self.calls.values() for n, each in enumerate(calls) if each > 0]
        return range(min(busy), max(busy) + 1) if busy else range(0)

    def only(self, queues: set[str]) -> "Demand":
        """That of some of the queues."""
        calls = {queue: each for queue, each in self.calls.items() if queue in queues}
        return Demand(self.interval, calls, self.work, self.habits, self.about)

    def calls_in(self, n: int) -> float:
        return sum(calls[n] for calls in self.calls.values())

    def load(self, n: int) -> float:
        """Erlangs."""
        return sum(calls[n] * self.work[queue].handle for queue, calls in self.calls.items()) / self.interval

    def handle(self, n: int) -> float:
        """Seconds a call, over all queues."""
        return self.load(n) * self.interval / self.calls_in(n)

    def patience(self, n: int) -> float | None:
        """Seconds on average, over all queues: callers who give up are counted by how fast they do."""
        rates = ((calls[n], self.work[queue].patience) for queue, calls in self.calls.items())
        rate = sum(count / patience for count, patience in rates if patience is not None)
        return self.calls_in(n) / rate if rate else None
