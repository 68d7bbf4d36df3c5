"""What the line has learnt from what happened: how long calls take, how patient callers are, how many come. Pure.

It is learnt from facts alone, as they happen or, after a restart, as they are read back from the records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp
from typing import Any

from appliance import facts as f
from appliance.facts import AgentState, Fact

NEWEST = 0.02  # what the newest of many counts: about the last fifty matter
ARRIVALS_WITHIN = 900.0  # seconds back to which arrivals are counted, roughly


@dataclass
class Average:
    """A mean that forgets, and how far single values are from it."""

    mean: float = 0.0
    variance: float = 0.0
    known: int = 0

    def add(self, value: float) -> None:
        self.known += 1
        share = max(NEWEST, 1 / self.known)
        off = value - self.mean
        self.mean += share * off
        self.variance = (1 - share) * (self.variance + share * off * off)

    @property
    def spread(self) -> float:
        """The variance in units of the mean: 1 where lengths are as chance has them, 0 where all are the same."""
        return self.variance / (self.mean * self.mean) if self.mean > 0 and self.known > 1 else 1.0


@dataclass
class Patience:
    """How often callers leave the line, per second of waiting."""

    left: float = 0.0
    waited: float = 0.0

    def add(self, waited: float, has_left: bool) -> None:
        self.left += has_left - NEWEST * self.left
        self.waited += waited - NEWEST * self.waited

    @property
    def rate(self) -> float:
        return self.left / self.waited if self.waited > 0 else 0.0


@dataclass
class Arrivals:
    """How many callers of a queue come per second, of those with the same head start."""

    queue: str
    head_start: float
    level: float = 0.0
    at: float = 0.0

    def add(self, at: float) -> None:
        self.level, self.at = self.rate(at) + 1 / ARRIVALS_WITHIN, at

    def rate(self, now: float) -> float:
        return self.level * exp(-max(0.0, now - self.at) / ARRIVALS_WITHIN)


@dataclass
class Work:
    """An agent's time with one call, from the first ringing to being free again."""

    queue: str
    began_at: float
    talked: bool = False


@dataclass
class Stay:
    """A caller in line."""

    queue: str
    joined_at: float
    offered_at: float | None = None


@dataclass
class Experience:
    """What is known, by queue where nothing else is said."""

    handling: dict[str, Average] = field(default_factory=dict)  # an agent's time for each call that was talked
    ring: dict[str, Average] = field(default_factory=dict)  # from the first offer to the answer
    patience: dict[str, Patience] = field(default_factory=dict)
    arrivals: dict[str, Arrivals] = field(default_factory=dict)  # by queue and head start
    work: dict[str, Work] = field(default_factory=dict)  # by agent
    wasted: dict[str, float] = field(default_factory=dict)  # time of agents since the last call that was talked
    stays: dict[str, Stay] = field(default_factory=dict)  # by visit

    def __post_init__(self) -> None:
        self._learns: dict[type, Callable[[Any], None]] = {
            f.AgentChanged: self._agent,
            f.Offered: self._offered,
            f.VisitJoined: self._joined,
            f.VisitEnded: self._ended,
            f.CallbackPromised: self._went_home,
        }

    def learn(self, fact: Fact) -> None:
        """Take in what has happened; facts come in order."""
        learns = self._learns.get(type(fact))
        if learns is not None:
            learns(fact)

    def ringing(self, queue: str) -> float:
        """Seconds from the offer to the answer."""
        known = self.ring.get(queue)
        return known.mean if known else 0.0

    def leaving(self, queue: str) -> float:
        """How many leave the line per second and caller."""
        known = self.patience.get(queue)
        return known.rate if known else 0.0

    def _joined(self, fact: f.VisitJoined) -> None:
        self.stays[fact.visit] = Stay(fact.queue, fact.at)
        key = f"{fact.queue} {fact.head_start:g}"
        self.arrivals.setdefault(key, Arrivals(fact.queue, fact.head_start)).add(fact.at)

    def _went_home(self, fact: f.CallbackPromised) -> None:
        """Who waits at home has all the patience in the world: until then the caller has not left."""
        stay = self.stays.pop(fact.visit, None)
        if stay is not None and fact.at > stay.joined_at:
            self.patience.setdefault(stay.queue, Patience()).add(fact.at - stay.joined_at, False)

    def _offered(self, fact: f.Offered) -> None:
        stay = self.stays.get(fact.visit)
        if stay is not None and stay.offered_at is None:
            stay.offered_at = fact.at

    def _ended(self, fact: f.VisitEnded) -> None:
        stay = self.stays.pop(fact.visit, None)
        if stay is None or fact.outcome in (f.VisitOutcome.UNSEEN, f.VisitOutcome.FAILED):
            return
        answered = fact.outcome is f.VisitOutcome.ANSWERED
        self.patience.setdefault(stay.queue, Patience()).add(fact.at - stay.joined_at, not answered)
        if answered and stay.offered_at is not None:
            self.ring.setdefault(stay.queue, Average()).add(fact.at - stay.offered_at)

    def _agent(self, fact: f.AgentChanged) -> None:
        match fact.state:
            case AgentState.OFFERED if fact.queue:
                self.work[fact.agent] = Work(fact.queue, fact.at)
            case AgentState.TALKING if fact.queue:
                work = self.work.setdefault(fact.agent, Work(fact.queue, fact.at))
                work.queue, work.talked = fact.queue, True
            case AgentState.READY | AgentState.PAUSED | AgentState.SIGNED_OFF:
                done = self.work.pop(fact.agent, None)
                if done is None:
                    return
                # Ringing in vain takes agents' time as well: it counts with the next call.
                spent = self.wasted.pop(done.queue, 0.0) + fact.at - done.began_at
                if done.talked:
                    self.handling.setdefault(done.queue, Average()).add(spent)
                else:
                    self.wasted[done.queue] = spent
