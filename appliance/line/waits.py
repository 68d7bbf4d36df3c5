"""What callers are told of their wait, what became of it, and what is learnt from that. Pure.

Who has to wait is given an estimate on joining, which is judged by the time of the answer. Of who leaves before,
that time is known all the same: it is when an agent whom they could have had is given to somebody behind them, or
is free. So leaving early does not make estimates look better or worse than they are.

By those judged each queue learns where its intervals have to end, so that in the long run COVERAGE of the waits
are within them, whatever the model leaves out: each wait that is longer than was said moves the upper end up by
nine steps, each other one moves it down by one; likewise the lower end; and the middle by one step either way.
"""

from bisect import insort
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from appliance import facts as f
from appliance.facts import Fact, VisitOutcome
from appliance.line.agents import Roster
from appliance.line.estimate import Estimator, Levels
from appliance.line.experience import Experience
from appliance.line.lanes import Lanes
from appliance.line.rules import Rules
from appliance.line.visits import Expected, LaneKey, Visit

COVERAGE = 0.8  # of the waits are between `low` and `high`
STEP = 0.002  # on the bell curve; greater ones would follow chance
IN_TEN = 9 * STEP  # moves as far up once in ten times as STEP moves down in the others
FARTHEST = 5.0  # where they stay at the latest
RECENT = 0.05  # what the newest estimate counts in the hit rate
POOR = 0.6  # a queue with a recent hit rate below this is silent to callers
OFTEN = 1.0  # seconds: of several who join a queue within this, one estimate tells as much as all
WATCHED = 3600.0  # seconds for which it is looked when somebody who has left would have been answered

# Nobody knows when these would have been answered, or they were, elsewhere.
_UNKNOWABLE = (VisitOutcome.UNSEEN, VisitOutcome.FAILED, VisitOutcome.FALLBACK, VisitOutcome.UNREACHED)


@dataclass
class Calibration:
    """Where the intervals of a queue end, and how often the waits were in them lately."""

    levels: Levels = field(default_factory=Levels)
    hit_rate: float = COVERAGE

    def judge(self, expected: Expected, waited: float) -> None:
        was = self.levels
        low = was.low + (-IN_TEN if waited < expected.low else STEP)
        high = was.high + (IN_TEN if waited > expected.high else -STEP)
        middle = was.middle + (STEP if waited > expected.middle else -STEP)
        middle = min(FARTHEST, max(-FARTHEST, middle))
        self.levels = Levels(max(-FARTHEST, min(low, middle)), middle, min(FARTHEST, max(high, middle)))
        self.hit_rate += RECENT * ((expected.low <= waited <= expected.high) - self.hit_rate)


@dataclass(frozen=True)
class Said:
    """What was expected of a caller's wait, and when."""

    at: float
    expected: Expected


@dataclass(frozen=True)
class Left:
    """A caller who would wait now, had they not left."""

    visit: Visit
    at: float


@dataclass
class WaitState:
    """All that is known of waits; it goes on in another line."""

    experience: Experience = field(default_factory=Experience)
    calibrations: dict[str, Calibration] = field(default_factory=dict)  # by queue
    given: dict[str, Said] = field(default_factory=dict)  # by visit: on joining, and not judged yet
    told: dict[str, Said] = field(default_factory=dict)  # by visit: what the caller has heard last
    left: dict[str, list[Left]] = field(default_factory=dict)  # by queue, in the order of their places
    gives_next: dict[str, float] = field(default_factory=dict)  # by queue: when, at the earliest


def recalled(facts: Iterable[Fact], waiting: Collection[str]) -> WaitState:
    """What can be learnt from facts of the records, which come in order; `waiting` are the visits in line now."""
    state = WaitState()
    for fact in facts:
        state.experience.learn(fact)
        match fact:
            case f.WaitExpected():
                said = Said(fact.at, Expected(fact.low, fact.middle, fact.high))
                (state.told if fact.told else state.given)[fact.visit] = said
            case f.WaitKnown() if fact.visit in state.given:
                said = state.given.pop(fact.visit)
                calibration = state.calibrations.setdefault(fact.queue, Calibration())
                calibration.judge(said.expected, fact.ends - said.at)
    for known in (state.given, state.told):
        for id in known.keys() - waiting:
            del known[id]
    return state


class Waits:
    """Estimates of waits, for the line and for people."""

    def __init__(
        self,
        rules: Rules,
        roster: Roster,
        lanes: Lanes,
        effective: Callable[[LaneKey], LaneKey],
        visits: Mapping[str, Visit],
    ) -> None:
        self._rules, self._roster, self._lanes = rules, roster, lanes
        self._effective, self._visits = effective, visits
        self._follows: dict[type, Callable[[Any, float], list[Fact]]] = {
            f.VisitJoined: self._joined,
            f.VisitEnded: self._ended,
            f.AttemptEnded: self._tried,
            f.Offered: lambda fact, now: self._passed_by(fact.visit, fact.phones, now),
            f.OfferGrew: lambda fact, now: self._passed_by(fact.visit, {fact.agent: fact.phone}, now),
        }
        self.restore(WaitState())

    def restore(self, state: WaitState) -> None:
        """Go on with what is known."""
        self.state = state
        self._given_to = {id: visit for id, visit in self._visits.items() if id in state.given}
        self.take_rules(self._rules, keeps=True)

    def take_rules(self, rules: Rules, keeps: bool = False) -> None:
        """Other settings hold. Of who has left under the old ones nothing more will be known."""
        self._rules = rules
        self._estimator = Estimator(rules, self._roster, self._lanes, self.state.experience, self._effective)
        if not keeps:
            for line in self.state.left.values():
                for each in line:
                    del self.state.given[each.visit.id]
            self.state.left.clear()

    def expected(self, visit: Visit, now: float) -> Expected | None:
        """What a caller who waits has to expect from now on, or one who would join now."""
        return self._estimator.estimate(visit, now, self._calibration(visit.queue).levels)

    def hit_rate(self, queue: str) -> float:
        """How often estimates of the queue were right lately."""
        return self._calibration(queue).hit_rate

    def to_be_told(self, visit: Visit, now: float) -> Expected | None:
        """What a caller may be told: nothing while it would often be wrong. What was said before holds as long as
        it can still be true: who was told five minutes two minutes ago is told three and not four, unless not even
        the longest that was said is what is expected now."""
        if self.hit_rate(visit.queue) < POOR:
            return None
        expected = self.expected(visit, now)
        before = self.state.told.get(visit.id)
        if expected is None or before is None:
            return expected
        said, passed = before.expected, now - before.at
        if expected.middle > said.high - passed:
            return expected
        return Expected(
            max(0.0, min(expected.low, said.low - passed)),
            max(0.0, min(expected.middle, said.middle - passed)),
            min(expected.high, said.high - passed),
        )

    def told(self, visit: Visit, expected: Expected, now: float) -> Fact:
        """A caller hears that from now on."""
        self.state.told[visit.id] = Said(now, expected)
        return f.WaitExpected(visit.id, now, visit.queue, expected.low, expected.middle, expected.high, told=True)

    # What happens

    def follow(self, facts: list[Fact], now: float) -> list[Fact]:
        """What follows from what has happened in one moment: estimates are given, and others judged."""
        following: list[Fact] = []
        learn = self.state.experience.learn
        for fact in facts:
            learn(fact)
            follows = self._follows.get(type(fact))
            if follows is not None:
                following += follows(fact, now)
        if self.state.left and self._roster.free:
            following += self._could_be_served(now)
        return following

    def _joined(self, fact: f.VisitJoined, now: float) -> list[Fact]:
        visit = self._visits.get(fact.visit)
        if (
            visit is None
            or not visit.waits
            or not visit.in_line
            or now < self.state.gives_next.get(visit.queue, 0.0)
        ):
            return []
        expected = self.expected(visit, now)
        if expected is None:
            return []
        self.state.gives_next[visit.queue] = now + OFTEN
        self.state.given[visit.id] = Said(now, expected)
        self._given_to[visit.id] = visit
        return [f.WaitExpected(visit.id, now, visit.queue, expected.low, expected.middle, expected.high)]

    def _ended(self, fact: f.VisitEnded, now: float) -> list[Fact]:
        self.state.told.pop(fact.visit, None)
        visit = self._given_to.pop(fact.visit, None)
        if visit is None:
            return []
        if fact.outcome is VisitOutcome.ANSWERED:
            return self._known(visit, now, now)
        if fact.outcome in _UNKNOWABLE or visit.queue not in self._rules.settings.queues:
            del self.state.given[visit.id]
            return []
        insort(self.state.left.setdefault(visit.queue, []), Left(visit, now), key=lambda each: each.visit.place)
        return []

    def _tried(self, fact: f.AttemptEnded, now: float) -> list[Fact]:
        """Who was called at the right time and not reached waits longer than anybody could know."""
        if fact.next_at is not None:
            self._given_to.pop(fact.visit, None)
            self.state.given.pop(fact.visit, None)
        return []

    def _passed_by(self, id: str, phones: Mapping[str, str], now: float) -> list[Fact]:
        """Who has left and would have had one of these agents, to whom somebody else is offered now."""
        taken = self._visits.get(id) if self.state.left else None
        if taken is None:
            return []
        turn = self._rules.urgency(taken, now)
        queues = {queue.id for agent in phones for queue in self._rules.queues_of(agent)}
        known = (
            self._would_have_had(queue, phones, now, turn) for queue in sorted(queues & self.state.left.keys())
        )
        return list(chain.from_iterable(known))

    def _could_be_served(self, now: float) -> list[Fact]:
        """Who has left and would have had one of the agents who are free now."""
        free = self._roster.free
        known = (self._would_have_had(queue, free, now) for queue in sorted(self.state.left))
        return list(chain.from_iterable(known))

    def _would_have_had(
        self, queue: str, agents: Mapping[str, object], now: float, turn: tuple[Any, ...] | None = None
    ) -> list[Fact]:
        """Of those who have left a queue, who would have had one of these agents; with `turn`, unless somebody of
        that urgency came first."""
        facts: list[Fact] = []
        stay: list[Left] = []
        line = self.state.left[queue]
        for n, each in enumerate(line):
            visit = each.visit
            if turn is not None and self._rules.urgency(visit, now) > turn:
                stay += line[n:]
                break
            lane = self._lanes.lane(visit, now)
            if lane is not None and not agents.keys().isdisjoint(self._rules.seats(self._effective(lane))):
                facts += self._known(visit, now, now + self.state.experience.ringing(queue))
            elif now - each.at < WATCHED:
                stay.append(each)
            else:
                del self.state.given[visit.id]
        if stay:
            self.state.left[queue] = stay
        else:
            del self.state.left[queue]
        return facts

    def _known(self, visit: Visit, now: float, ends: float) -> list[Fact]:
        """The wait of a caller is known: they are answered then, or would have been."""
        said = self.state.given.pop(visit.id)
        calibration = self.state.calibrations.setdefault(visit.queue, Calibration())
        calibration.judge(said.expected, ends - said.at)
        return [f.WaitKnown(visit.id, now, visit.queue, ends)]

    def _calibration(self, queue: str) -> Calibration:
        return self.state.calibrations.get(queue) or Calibration()
