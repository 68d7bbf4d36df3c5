"""Random histories of a line that callers leave: whoever is to go goes, and nobody else does."""

import random

from appliance import facts as f
from appliance.facts import AgentState, VisitOutcome
from appliance.line import messages as m
from appliance.line.visits import Visit
from appliance.settings import Destination, Overflow, Presence, Queue, Settings, Strategy, WhenEmpty
from tests.unit.line import world
from tests.unit.line.sites import FIRST, SKILLS, STRICT
from tests.unit.line.test_histories import NUMBERS, Histories
from tests.unit.line.walking import Walks, invariant, precondition, rule
from tests.unit.line.world import phone_of, queue

S = Strategy
OUT = Destination(hang_up=True)
THERE = frozenset({Presence.READY, Presence.TALKING})
PAUSED_TOO = frozenset({Presence.READY, Presence.TALKING, Presence.WRAP_UP, Presence.PAUSED, Presence.UNREACHABLE})
SENT = (VisitOutcome.OVERFLOWED, VisitOutcome.UNSTAFFED, VisitOutcome.OPTED_OUT)
_QUEUES = (
    queue("idle", S.LONGEST_IDLE, "a1 a2 a3", wrap_up=7.0, overflow=(Overflow(OUT, after=40.0),)),
    queue("tiers", S.FEWEST_CALLS, "a4 a5 a1", overflow=(Overflow(OUT, length=2),), keys={"1": OUT}),
    queue("turns", S.ROUND_ROBIN, "a5", when_empty=WhenEmpty(OUT, there=THERE, after=10.0)),
    queue("all", S.RING_ALL, "a3 a4 a5", keys={"1": OUT, "2": OUT}),
    queue("best", S.SKILL_FIRST, "a4", when_empty=WhenEmpty(OUT, False, True, PAUSED_TOO, 5.0)),
    queue("any", S.RANDOM, "a1 a5", overflow=(Overflow(OUT, per_agent=1.5), Overflow(OUT, expected_wait=20.0))),
)
_OTHERS = (FIRST.queues[id] for id in FIRST.queues if id not in {each.id for each in _QUEUES})
LEAVING = world.settings(*_QUEUES, *_OTHERS, skills=SKILLS)


class Leavings(Histories):
    """As any history, with rules by which callers leave, and keys."""

    begins_with = LEAVING

    def __init__(self) -> None:
        super().__init__()
        self.empty_since: dict[str, float] = {}
        self.look(0.0)

    def tell(self, message: m.Message) -> None:
        before = len(self.written)
        super().tell(message)
        self.look(self.now)
        facts = self.written[before:]
        self.check_endings(facts)
        if isinstance(message, m.CallerJoins) and (visit := self.acd.visit(message.visit)) and visit.waits:
            self.check_entrance(self.settings.queues[visit.queue], visit)

    @rule(settings=[LEAVING, STRICT, FIRST])
    def new_settings_hold(self, settings: Settings) -> None:
        self.tell(m.TakeSettings(settings))

    @precondition(lambda self: self.waiting)
    @rule(number=NUMBERS, key=["1", "2", "9"])
    def a_caller_presses(self, number: int, key: str) -> None:
        visit = self.pick(number, self.waiting)
        was_free, leads_out = visit.waits and visit.present, key in self.settings.queues[visit.queue].keys
        self.tell(m.CallerPresses(visit.id, key))
        if was_free:
            assert (self.acd.visit(visit.id) is None) is leads_out, "a key that does not do what it says"
        else:
            assert self.acd.visit(visit.id) is visit, "a key was faster than an offer"

    def look(self, now: float) -> None:
        """Since when nobody is there, seen from outside."""
        for each in self.settings.queues.values():
            if each.when_empty is None or any(self.is_there(each.when_empty, a) for a in each.agents):
                self.empty_since.pop(each.id, None)
            else:
                self.empty_since.setdefault(each.id, now)

    def is_there(self, empty: WhenEmpty, agent: str) -> bool:
        states = {
            **{AgentState.READY: Presence.READY, AgentState.OFFERED: Presence.READY},
            **{AgentState.TALKING: Presence.TALKING, AgentState.WRAP_UP: Presence.WRAP_UP},
            AgentState.PAUSED: Presence.PAUSED,
        }
        is_reached = phone_of(agent) in self.reachable or Presence.UNREACHABLE in empty.there
        return states.get(self.acd.roster[agent].state) in empty.there and is_reached

    def check_endings(self, facts: list[f.Fact]) -> None:
        ends = {fact.visit: fact.outcome for fact in facts if isinstance(fact, f.VisitEnded)}
        sent = {fact.visit: fact.outcome for fact in facts if isinstance(fact, f.SentOn)}
        assert {visit: outcome for visit, outcome in ends.items() if outcome in SENT} == sent
        cut_short = {fact.visit for fact in facts if isinstance(fact, f.Offered)}
        assert not cut_short & {*sent}, "offered and sent on at once"

    def check_entrance(self, each: Queue, visit: Visit) -> None:
        others = len(self.acd.waiting(each.id)) - 1
        at_work = sum(self.acd.roster[agent].serves for agent in each.agents)
        for rule_ in each.overflow:
            assert rule_.length is None or others < rule_.length, "the line is longer than allowed"
            assert rule_.per_agent is None or others < rule_.per_agent * at_work, "too many for each agent"
        empty, since = each.when_empty, self.empty_since.get(each.id)
        if empty is not None and empty.refuses and since is not None:
            assert self.now < since + empty.after, "let in where nobody is"

    @invariant()
    def nobody_waits_who_is_to_go(self) -> None:
        for visit in (visit for visit in self.waiting if visit.waits and visit.present):
            each = self.settings.queues[visit.queue]
            for rule_ in each.overflow:
                assert rule_.after is None or self.now < visit.since + rule_.after, "has waited too long"
            since = self.empty_since.get(each.id)
            if each.when_empty is not None and each.when_empty.empties and since is not None:
                left = max(since, visit.joined_at) + each.when_empty.after - self.now
                assert left > 0, "waits for nobody"

    def teardown(self) -> None:
        super().teardown()
        for fact in self.written:
            if isinstance(fact, f.SentOn):
                joined = next(x for x in self.written if isinstance(x, f.VisitJoined) and x.visit == fact.visit)
                waited = fact.at - joined.at + joined.waited
                assert abs(fact.head_start - joined.head_start - waited) < 1e-6, "what was waited is lost"


def test_a_thousand_histories_in_which_callers_leave() -> None:
    Walks(Leavings).go(1000, seed=random.getrandbits(48))
