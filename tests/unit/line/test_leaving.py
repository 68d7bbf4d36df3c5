"""Callers who leave the line unanswered: by which rule, when, and who."""

from typing import Any

import pytest

from appliance import facts as f
from appliance.facts import AgentState, VisitOutcome
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.agents import Agent
from appliance.line.leaving import LOOK_EVERY, destination
from appliance.line.skills import make_needs
from appliance.line.state import LineState
from appliance.line.visits import Expected, Visit
from appliance.port import Outcome
from appliance.settings import Destination, Overflow, Presence, Queue, Strategy, WhenEmpty
from tests.unit.line.world import Line, queue, settings

SALES = Destination(queue="sales")
OUT = Destination(hang_up=True)


def support(agents: str = "a1 a2", **more: Any) -> Queue:
    return queue("support", Strategy.LONGEST_IDLE, agents, **more)


def line(*rules: Overflow, **more: Any) -> Line:
    return Line(support(overflow=rules, **more), queue("sales", Strategy.LONGEST_IDLE, "a3"))


def sent_on(facts: list[f.Fact]) -> list[tuple[str, str]]:
    """Who was let go, and by which rule; each of them has ended as it says."""
    ended = {fact.visit: fact.outcome for fact in facts if isinstance(fact, f.VisitEnded)}
    found = [fact for fact in facts if isinstance(fact, f.SentOn)]
    assert all(ended[fact.visit] is fact.outcome for fact in found)
    return [(fact.visit, fact.rule) for fact in found]


def the(facts: list[f.Fact]) -> f.SentOn:
    (fact,) = (fact for fact in facts if isinstance(fact, f.SentOn))
    return fact


# By waiting time


def test_who_has_waited_for_so_long_leaves_and_nobody_else() -> None:
    world = line(Overflow(SALES, after=300.0))
    world.join("v1", "support", head_start=60.0)
    world.later(100)
    world.join("v2", "support")
    assert sent_on(world.later(199)) == []
    fact = the(world.later(1))
    assert (fact.visit, fact.call, fact.outcome) == ("v1", "call-v1", VisitOutcome.OVERFLOWED)
    assert (fact.rule, fact.why) == ("after 5m", "has waited 5m")
    assert destination(world.settings, fact.because) == SALES
    assert fact.head_start == 360.0, "what was waited counts where the caller goes"
    assert [visit.id for visit in world.acd.waiting("support")] == ["v2"]
    assert sent_on(world.later(100)) == [("v2", "after 5m")]
    assert world.acd.next_deadline() is None


def test_needs_go_along_and_not_those_of_the_queue() -> None:
    german, english = make_needs({"de": 2}, {}, {}), make_needs({"en": 3}, {}, {})
    world = line(Overflow(SALES, after=10.0), needs=english)
    world.join("v1", "support", needs=german)
    visit = world.acd.visit("v1")
    assert visit and world.acd.needs(visit).required(0) == (("de", 2), ("en", 3))
    assert the(world.later(10)).needs == german


def test_nobody_is_taken_out_of_an_offer_and_leaves_when_it_has_come_to_nothing() -> None:
    world = line(Overflow(SALES, after=20.0))
    world.join("v1", "support")
    world.later(19)
    world.sign_on("a1", apart=0)
    assert world.offered("v1") == ["a1"]
    assert sent_on(world.later(5)) == []
    assert sent_on(world.misses("v1")) == [("v1", "after 20s")]
    assert world.acd.roster["a1"].state is AgentState.READY


def test_who_is_answered_in_time_stays() -> None:
    world = line(Overflow(SALES, after=20.0))
    world.join("v1", "support")
    world.later(19)
    world.sign_on("a1", apart=0)
    world.talks("v1", length=100)
    assert sent_on(world.facts) == []


def test_an_agent_who_becomes_free_in_that_moment_is_faster() -> None:
    world = line(Overflow(SALES, after=20.0), wrap_up=19.0)
    world.sign_on("a1", apart=0)
    world.join("v0", "support")
    world.talks("v0")
    world.join("v1", "support")
    world.later(1)
    world.tell(m.TalkEnds("v0"))
    world.later(19)
    assert world.offered("v1") == ["a1"] and sent_on(world.facts) == []


# On joining


def test_the_line_is_as_long_as_allowed() -> None:
    world = line(Overflow(OUT, length=2))
    assert sent_on(world.join("v1", "support") + world.join("v2", "support")) == []
    fact = the(world.join("v3", "support"))
    assert (fact.visit, fact.rule, fact.why) == ("v3", "length 2", "2 in line already")
    assert sent_on(world.later(3600)) == [], "who is in line already stays"
    world.tell(m.CallerGone("v1"))
    assert sent_on(world.join("v4", "support")) == []


def test_who_can_be_served_at_once_is_however_long_the_line() -> None:
    world = line(Overflow(OUT, length=1))
    world.join("v1", "support", needs=make_needs({"de": 1}, {}, {}))
    world.sign_on("a1")
    assert sent_on(world.join("v2", "support")) == [] and world.offered("v2") == ["a1"]
    assert sent_on(world.join("v3", "support")) == [("v3", "length 1")]


def test_callers_for_each_agent_at_work() -> None:
    world = line(Overflow(OUT, per_agent=1.5))
    assert the(world.join("v1", "support")).why == "0 in line for 0 at work"
    world.sign_on("a1", "a2")
    for busy in ("b1", "b2"):
        world.join(busy, "support")
        world.talks(busy)
    for visit in ("v2", "v3", "v4"):
        assert sent_on(world.join(visit, "support")) == []
    assert the(world.join("v5", "support")).why == "3 in line for 2 at work"
    world.tell(m.TalkEnds("b1"))
    world.tell(m.OfferFailed("v2.1", Outcome.NO_ANSWER))


def test_a_paused_agent_is_not_at_work() -> None:
    world = line(Overflow(OUT, per_agent=1.0))
    world.sign_on("a1", "a2")
    world.tell(m.Pause("a1", "1"))
    world.tell(m.Pause("a2", "1"))
    assert the(world.join("v1", "support")).why == "0 in line for 0 at work"


# By expected wait


def expecting(world: Line, each: float) -> Line:
    """A line in which every place is worth so many seconds, whatever has been seen of it."""

    def expected(visit: Visit, now: float) -> Expected:
        wait = (world.acd.place(visit.id) or world.acd._lanes.count(visit.queue) + 1) * each
        return Expected(wait / 2, wait, 2 * wait)

    world.acd.leaving._expected = expected
    return world


def test_who_would_wait_longer_than_that_does_not_join() -> None:
    world = expecting(line(Overflow(SALES, expected_wait=150.0)), 60.0)
    assert sent_on(world.join("v1", "support") + world.join("v2", "support")) == []
    fact = the(world.join("v3", "support"))
    assert (fact.visit, fact.why) == ("v3", "would wait about 3m")
    assert sent_on(world.later(3600)) == [], "who is in line has not so long to wait"


def test_when_it_becomes_slower_the_newest_leave() -> None:
    world = expecting(line(Overflow(SALES, expected_wait=150.0)), 10.0)
    for number in range(1, 5):
        world.join(f"v{number}", "support")
    expecting(world, 60.0)
    gone = [("v4", "expected wait 2m30s"), ("v3", "expected wait 2m30s")]
    assert sent_on(world.later(LOOK_EVERY)) == gone
    expecting(world, 151.0)
    assert [visit for visit, _ in sent_on(world.later(LOOK_EVERY))] == ["v2", "v1"]
    world.later(LOOK_EVERY)
    assert world.acd.next_deadline() is None, "an empty line is not looked at"


def test_nothing_is_expected_of_a_queue_of_which_too_little_is_known() -> None:
    world = line(Overflow(SALES, expected_wait=1.0))
    world.join("v1", "support")
    assert sent_on(world.later(3600)) == []


def test_all_conditions_of_a_rule_have_to_be_true() -> None:
    world = expecting(line(Overflow(SALES, after=100.0, expected_wait=30.0)), 20.0)
    assert sent_on(world.join("v1", "support")) == [], "has not waited yet"
    assert sent_on(world.later(500)) == [], "has waited and will soon be served"
    expecting(world, 40.0)
    assert sent_on(world.later(LOOK_EVERY)) == [("v1", "after 1m40s, expected wait 30s")]


def test_the_first_rule_that_is_true_says_where() -> None:
    world = line(Overflow(OUT, length=5), Overflow(SALES, length=1), Overflow(OUT, after=9.0))
    world.join("v1", "support")
    assert the(world.join("v2", "support")).because == ("queues", "support", "overflow", "1", "to")
    assert the(world.later(9)).because == ("queues", "support", "overflow", "2", "to")


# Nobody there


def empty(**more: Any) -> Line:
    return Line(support(when_empty=WhenEmpty(SALES, **more)), queue("sales", Strategy.LONGEST_IDLE, "a3"))


def test_who_would_join_while_nobody_is_there_is_not_let_in() -> None:
    world = empty()
    fact = the(world.join("v1", "support"))
    assert (fact.rule, fact.outcome) == ("nobody there", VisitOutcome.UNSTAFFED)
    assert fact.why == "2 signed off"
    assert destination(world.settings, fact.because) == SALES
    assert world.acd.leaving.turned_away("support", world.now)
    world.sign_on("a1")
    assert not world.acd.leaving.turned_away("support", world.now)


def test_a_shift_change_does_not_empty_the_line() -> None:
    world = empty(after=60.0)
    world.sign_on("a1")
    world.join("busy", "support")
    world.talks("busy")
    world.join("v1", "support")
    world.tell(m.TalkEnds("busy"))
    world.misses("v1")
    world.tell(m.SignOff("a1"))
    assert sent_on(world.join("v2", "support") + world.later(59)) == []
    world.tell(m.SignOn("a2", "p2"))
    assert world.offered("v1") == ["a2"]
    world.tell(m.SignOff("a2"))
    world.misses("v1")
    assert sent_on(world.later(59)) == []
    assert sent_on(world.later(1)) == [("v1", "nobody there"), ("v2", "nobody there")]


@pytest.mark.parametrize("counts, leaves", [({"ready"}, True), ({"ready", "paused"}, False)])
def test_a_pause_counts_as_the_operator_says(counts: set[str], leaves: bool) -> None:
    world = empty(there=frozenset(map(Presence, counts)), after=30.0)
    world.sign_on("a1")
    world.tell(m.Pause("a1", "1"))
    world.join("v1", "support")
    assert bool(sent_on(world.later(30))) is leaves
    assert bool(sent_on(world.join("v2", "support"))) is leaves


@pytest.mark.parametrize("counts, leaves", [({"ready"}, True), ({"ready", "unreachable"}, False)])
def test_an_unreachable_phone_counts_as_the_operator_says(counts: set[str], leaves: bool) -> None:
    world = empty(there=frozenset(map(Presence, counts)), after=30.0)
    world.sign_on("a1")
    world.tell(m.PhoneReachable("p1", False))
    world.join("v1", "support")
    assert bool(sent_on(world.later(30))) is leaves


def test_who_may_wait_for_nobody_does() -> None:
    world = empty(refuses=False, empties=True, after=30.0)
    world.later(1000)
    assert sent_on(world.join("v1", "support")) == []
    assert sent_on(world.later(29)) == []
    assert sent_on(world.later(1)) == [("v1", "nobody there")]
    stays = empty(refuses=True, empties=False, after=0.0)
    stays.sign_on("a1")
    stays.tell(m.PhoneInUse("p1", True))
    stays.join("v1", "support")
    stays.tell(m.SignOff("a1"))
    assert sent_on(stays.later(3600)) == []
    assert sent_on(stays.join("v2", "support")) == [("v2", "nobody there")]


def test_without_grace_nobody_waits_for_nobody() -> None:
    world = empty(refuses=False, empties=True, after=0.0)
    assert sent_on(world.join("v1", "support")) == [("v1", "nobody there")]


# Keys


def test_a_key_leads_out_of_the_line() -> None:
    world = line(keys={"1": SALES})
    world.join("v1", "support")
    fact = the(world.tell(m.CallerPresses("v1", "1")))
    assert (fact.rule, fact.outcome) == ("key 1", VisitOutcome.OPTED_OUT)
    assert destination(world.settings, fact.because) == SALES
    assert sent_on(world.tell(m.CallerPresses("v1", "1"))) == [], "gone already"


def test_a_key_that_leads_nowhere() -> None:
    world = line(keys={"1": SALES})
    world.join("v1", "support")
    assert sent_on(world.tell(m.CallerPresses("v1", "2"))) == []


def test_an_offer_is_faster_than_a_key_which_holds_when_it_comes_to_nothing() -> None:
    world = line(keys={"1": SALES})
    world.sign_on("a1")
    world.join("v1", "support")
    assert sent_on(world.tell(m.CallerPresses("v1", "1"))) == [] and world.offered("v1") == ["a1"]
    assert sent_on(world.misses("v1")) == [("v1", "key 1")]
    world.join("v2", "support")
    world.tell(m.CallerPresses("v2", "1"))
    world.later(20)
    world.sign_on("a2")
    assert sent_on(world.facts) == [("v1", "key 1"), ("v2", "key 1")]


# Other settings, and restarts


def test_new_rules_hold_for_who_waits() -> None:
    world = line()
    world.join("v1", "support")
    world.later(100)
    changed = settings(support(overflow=(Overflow(OUT, after=60.0),)), queue("sales", Strategy.IN_ORDER, "a3"))
    assert sent_on(world.tell(m.TakeSettings(changed))) == [("v1", "after 1m")]
    world.join("v2", "support")
    changed = settings(support(), queue("sales", Strategy.IN_ORDER, "a3"))
    world.tell(m.TakeSettings(changed))
    assert sent_on(world.later(3600)) == []


def test_a_new_rule_for_an_empty_queue_begins_with_its_grace() -> None:
    world = line()
    world.join("v1", "support")
    world.later(100)
    rule = WhenEmpty(OUT, after=30.0)
    changed = settings(support(when_empty=rule), queue("sales", Strategy.IN_ORDER, "a3"))
    assert sent_on(world.tell(m.TakeSettings(changed)) + world.later(29)) == []
    assert sent_on(world.later(1)) == [("v1", "nobody there")]


def test_after_a_restart_only_who_is_back_leaves() -> None:
    each = settings(support(overflow=(Overflow(SALES, after=60.0),)))
    acd = Acd(each)
    acd.restore(LineState(visits=[Visit("v1", "c1", "support", 1000.0, 0.0, "l1", present=False)]), 1050.0)
    assert sent_on(acd.handle(m.Tick(), 1070.0)) == []
    assert sent_on(acd.handle(m.CallerReturns("v1", "l2"), 1071.0)) == [("v1", "after 1m")]


def test_a_restart_gives_no_new_grace_and_takes_no_phone_for_lost_before_the_switch_says_so() -> None:
    each = settings(support(when_empty=WhenEmpty(SALES, after=60.0)))
    gone = [Agent("a1", AgentState.SIGNED_OFF, 1000.0), Agent("a2", AgentState.SIGNED_OFF, 990.0)]
    acd = Acd(each)
    acd.restore(LineState(gone, [Visit("v1", "c1", "support", 980.0, 0.0, "l1")]), 1050.0)
    assert acd.next_deadline() == 1060.0
    assert sent_on(acd.handle(m.Tick(), 1060.0)) == [("v1", "nobody there")]
    there = [Agent("a1", AgentState.READY, 1000.0, phone="p1"), gone[1]]
    acd = Acd(each)
    acd.restore(LineState(there, [Visit("v1", "c1", "support", 980.0, 0.0, "l1")]), 1100.0)
    assert sent_on(acd.handle(m.Tick(), 1200.0)) == []
    acd.handle(m.PhoneReachable("p1", False), 1200.0)
    assert sent_on(acd.handle(m.Tick(), 1260.0)) == [("v1", "nobody there")]


def test_where_a_rule_has_gone_it_leads_nowhere() -> None:
    each = settings(support(overflow=(Overflow(SALES, length=1),), keys={"1": OUT}))
    here = ("queues", "support")
    assert destination(each, (*here, "overflow", "0", "to")) == SALES
    assert destination(each, (*here, "keys", "1")) == OUT
    for gone in (("overflow", "1", "to"), ("keys", "2"), ("when_empty", "to")):
        assert destination(each, (*here, *gone)) is None
    assert destination(each, ("queues", "sales", "keys", "1")) is None
