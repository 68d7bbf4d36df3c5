"""What the line has learnt from what happened: how long calls take, how patient callers are, how many come, and
how fast customers are reached. Pure.

It is learnt from facts alone, as they happen or, after a restart, as they are read back from the records.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import exp
from typing import Any

from appliance import facts as f
from appliance.facts import AgentState, Fact
from appliance.line.durations import Durations
from appliance.line.promises import First

NEWEST = 0.02  # what the newest of many counts: about the last fifty matter
ARRIVALS_WITHIN = 900.0  # seconds back to which arrivals are counted, roughly
LAST = 12  # wrap-ups of which the lengths are kept: they are as various as a queue's limit lets them be
REACHED = 3  # customers, of whom it is known how long that took; of fewer nothing is said


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
    talks_since: float | None = None
    wraps_up_since: float | None = None


@dataclass
class Stay:
    """A caller in line."""

    queue: str
    joined_at: float
    offered_at: float | None = None
    at_home: bool = False  # or was: such waits say nothing of the patience of those who hold


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
    talks: dict[str, Durations] = field(default_factory=dict)
    wrap_ups: dict[str, list[float]] = field(default_factory=dict)  # seconds of the last ones; 0: there was none
    reached: dict[str, Average] = field(default_factory=dict)  # from calling customers to having them in line
    called: dict[str, float] = field(default_factory=dict)  # since when, by visit

    def __post_init__(self) -> None:
        self._learns: dict[type, Callable[[Any], None]] = {
            f.AgentChanged: self._agent,
            f.Offered: self._offered,
            f.VisitJoined: self._joined,
            f.VisitEnded: self._ended,
            f.CallbackPromised: self._promised,
            f.AttemptBegan: self._attempt_began,
            f.CustomerReached: self._customer_reached,
            f.AttemptEnded: self._attempt_ended,
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

    def lead(self, queue: str, default: float) -> float:
        """Seconds it takes to have a customer of the queue on the line, who is called back."""
        known = self.reached.get(queue)
        return known.mean if known and known.known >= REACHED else default

    def _joined(self, fact: f.VisitJoined) -> None:
        self.stays[fact.visit] = Stay(fact.queue, fact.at, at_home=fact.promise is not None)
        key = f"{fact.queue} {fact.head_start:g}"
        self.arrivals.setdefault(key, Arrivals(fact.queue, fact.head_start)).add(fact.at)

    def _offered(self, fact: f.Offered) -> None:
        stay = self.stays.get(fact.visit)
        if stay is not None and stay.offered_at is None:
            stay.offered_at = fact.at

    def _ended(self, fact: f.VisitEnded) -> None:
        stay = self.stays.pop(fact.visit, None)
        self.called.pop(fact.visit, None)
        if stay is None or stay.at_home or fact.outcome in (f.VisitOutcome.UNSEEN, f.VisitOutcome.FAILED):
            return
        answered = fact.outcome is f.VisitOutcome.ANSWERED
        self.patience.setdefault(stay.queue, Patience()).add(fact.at - stay.joined_at, not answered)
        if answered and stay.offered_at is not None:
            self.ring.setdefault(stay.queue, Average()).add(fact.at - stay.offered_at)

    def _promised(self, fact: f.CallbackPromised) -> None:
        """So long the caller has held, and who knows for how long they would have."""
        stay = self.stays.setdefault(fact.visit, Stay(fact.queue, fact.at, at_home=True))
        if not stay.at_home and fact.at > stay.joined_at:
            self.patience.setdefault(stay.queue, Patience()).add(fact.at - stay.joined_at, False)
        stay.at_home = True

    def _attempt_began(self, fact: f.AttemptBegan) -> None:
        if fact.first is First.CUSTOMER:
            self.called[fact.visit] = fact.at

    def _customer_reached(self, fact: f.CustomerReached) -> None:
        began_at, stay = self.called.pop(fact.visit, None), self.stays.get(fact.visit)
        if began_at is not None and stay is not None:
            self.reached.setdefault(stay.queue, Average()).add(fact.at - began_at)

    def _attempt_ended(self, fact: f.AttemptEnded) -> None:
        self.called.pop(fact.visit, None)

    def _agent(self, fact: f.AgentChanged) -> None:
        match fact.state:
            case AgentState.OFFERED if fact.queue:
                self.work[fact.agent] = Work(fact.queue, fact.at)
            case AgentState.TALKING if fact.queue:
                work = self.work.setdefault(fact.agent, Work(fact.queue, fact.at))
                work.queue, work.talked, work.talks_since = fact.queue, True, fact.at
            case AgentState.WRAP_UP if fact.agent in self.work:
                self._talked(self.work[fact.agent], fact.at)
            case AgentState.READY | AgentState.PAUSED | AgentState.SIGNED_OFF:
                done = self.work.pop(fact.agent, None)
                if done is None:
                    return
                # Ringing in vain takes agents' time as well: it counts with the next call.
                spent = self.wasted.pop(done.queue, 0.0) + fact.at - done.began_at
                if done.talked:
                    self.handling.setdefault(done.queue, Average()).add(spent)
                    self._wrapped_up(done, fact.at)
                else:
                    self.wasted[done.queue] = spent

    def _talked(self, work: Work, at: float) -> None:
        """A talk has ended; the wrap-up follows, if there is one."""
        if work.talks_since is not None and work.wraps_up_since is None:
            self.talks.setdefault(work.queue, Durations()).add(at - work.talks_since)
            work.wraps_up_since = at

    def _wrapped_up(self, work: Work, at: float) -> None:
        self._talked(work, at)
        if work.wraps_up_since is not None:
            known = self.wrap_ups.setdefault(work.queue, [])
            known.append(at - work.wraps_up_since)
            del known[:-LAST]
