"""The agent whom a caller waits for at first: only the caller waits, and never longer than was said."""

from typing import Any

import pytest

from appliance import facts as f
from appliance.facts import PassedOver
from appliance.line import messages as m
from appliance.line.skills import make_needs
from appliance.line.sticky import Because, Preference, chosen
from appliance.port import Outcome
from appliance.settings import ComesBack, Order, Sticky, Strategy, Tier
from tests.unit.line.world import Line, considered, queue

S = Strategy
A1 = Preference("a1", 30.0, Because.LAST)
A3 = Preference("a3", 30.0, Because.OWN)


def line(*agents: str, **more: Any) -> Line:
    it = Line(queue("q", S.LONGEST_IDLE, "a1 a2", wrap_up=10.0), queue("other", S.LONGEST_IDLE, "a3"), **more)
    it.sign_on(*agents)
    return it


def busy(it: Line, *agents: str) -> None:
    """These talk."""
    for agent in agents:
        it.join(f"with-{agent}", "other" if agent == "a3" else "q", prefers=Preference(agent, 9.0, Because.NAMED))
        assert it.talks(f"with-{agent}") == agent


def test_the_agent_who_is_free_is_offered_the_call_though_another_is_first_in_the_order() -> None:
    it = line("a2", "a1")
    facts = it.join("v", "q", prefers=A1)
    assert it.offered("v") == ["a1"]
    assert considered(facts)["a2"] == (PassedOver.WAITS_FOR, "waits for a1, 30 s left")


def test_the_caller_waits_for_an_agent_who_talks_and_others_take_others_meanwhile() -> None:
    it = line("a2", "a1")
    busy(it, "a1")
    facts = it.join("v", "q", prefers=A1)
    assert it.offered("v") == []
    assert considered(facts) == {
        "a1": (PassedOver.TALKING, "with-a1"),
        "a2": (PassedOver.WAITS_FOR, "waits for a1, 30 s left"),
    }
    it.later(10)
    it.join("w", "q")
    assert it.offered("w") == ["a2"]
    it.tell(m.TalkEnds("with-a1"))
    it.later(10)  # of wrap-up
    assert it.offered("v") == ["a1"]


def test_when_the_time_is_over_everybody_is_asked() -> None:
    it = line("a2", "a1")
    busy(it, "a1")
    it.join("v", "q", prefers=A1)
    it.later(29.5)
    assert it.offered("v") == []
    it.later(0.5)
    assert it.offered("v") == ["a2"]


@pytest.mark.parametrize("leaves", [m.SignOff("a1"), m.Pause("a1", "1"), m.PhoneReachable("p1", False)], ids=str)
@pytest.mark.parametrize("first", [True, False])
def test_nobody_waits_for_who_is_not_there(leaves: m.Message, first: bool) -> None:
    """Also not for who has said during a call that it is the last one."""
    it = line("a2", "a1")
    busy(it, "a1")
    if first:
        it.tell(leaves)
    it.join("v", "q", prefers=A1)
    if not first:
        assert it.offered("v") == []
        it.tell(leaves)
    assert it.offered("v") == ["a2"]


def test_an_agent_who_comes_while_the_time_runs_is_waited_for() -> None:
    it = line("a2", "a1")
    busy(it, "a1", "a2")
    it.tell(m.Pause("a1", "1"))
    it.join("v", "q", prefers=A1)
    it.tell(m.Resume("a1"))
    it.tell(m.TalkEnds("with-a2"))
    it.later(10)
    assert it.offered("v") == []
    it.later(20)
    assert it.offered("v") == ["a2"]


def test_who_misses_the_call_is_waited_for_no_longer() -> None:
    it = line("a2", "a1")
    it.join("v", "q", prefers=Preference("a1", 60.0, Because.LAST))
    it.misses("v")
    assert it.offered("v") == ["a2"]
    it.misses("v", Outcome.BUSY)
    it.later(25)
    assert it.offered("v") == ["a2"], "first in the order again, though the 60 s are not over"


def test_an_agent_is_kept_for_nobody() -> None:
    """Who has waited longer is served by the agent whom another waits for."""
    it = line("a1")
    busy(it, "a1")
    it.join("first", "q")
    it.join("v", "q", prefers=A1)
    it.tell(m.TalkEnds("with-a1"))
    it.later(10)
    assert it.offered("first") == ["a1"] and it.offered("v") == []


def test_who_could_be_served_by_another_leaves_the_agent_to_who_waits_for_that_one() -> None:
    it = line("a1", "a2")
    busy(it, "a1", "a2")
    it.join("first", "q")
    it.join("v", "q", prefers=A1)
    it.tell(m.TalkEnds("with-a1"))
    it.tell(m.TalkEnds("with-a2"))
    it.later(10)  # both become free in one moment
    assert (it.offered("first"), it.offered("v")) == (["a2"], ["a1"])


def test_an_agent_of_another_queue_may_be_waited_for_who_has_the_skills() -> None:
    skills = {"a1": {"en": 1}, "a2": {"en": 5}, "a3": {"en": 3}}
    it = line("a2", "a3", skills=skills)
    facts = it.join("v", "q", prefers=A3)
    assert it.offered("v") == ["a3"]
    assert [*considered(facts)] == ["a3", "a1", "a2"]
    it = line("a2", "a3", skills=skills)
    it.join("v", "q", needs=make_needs({"en": 4}, {}, {}), prefers=A3)
    assert it.offered("v") == ["a2"]


def test_a_later_tier_and_a_queue_that_rings_all_make_no_difference() -> None:
    it = Line(queue("q", S.RING_ALL, "a1 a2 a3", tiers=(Tier(("a3",), after=300.0),)))
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q", prefers=A3)
    assert it.offered("v") == ["a3"]
    it.misses("v")
    assert it.offered("v") == ["a1", "a2"]


def test_the_others_of_a_queue_that_goes_round_keep_their_turn() -> None:
    it = Line(queue("q", S.ROUND_ROBIN, "a1 a2 a3"))
    it.sign_on("a1", "a2", "a3")
    assert it.serve("q", 1) == ["a1"]
    it.join("v", "q", prefers=A3)
    assert it.talks("v", 1.0) == "a3"
    assert it.serve("q", 3) == ["a2", "a3", "a1"]


def test_time_waited_before_counts_for_the_turn_in_any_order() -> None:
    for order in Order:
        it = line(order=order)
        it.join("urgent", "q", head_start=60)
        it.join("first", "q")
        it.later(20)
        it.join("back", "q", waited=50.0)
        found = [visit.id for visit in it.acd.waiting("q")]
        assert found == (["urgent", "back", "first"])


def test_time_waited_before_counts_for_what_relaxes() -> None:
    it = line("a1", skills={"a1": {"en": 1}})
    it.join("v", "q", needs=make_needs({"en": 4}, {}, {60.0: {"en": 1}}), waited=50.0)
    assert it.offered("v") == [] and it.acd.next_deadline() == it.now + 10
    it.later(10)
    assert it.offered("v") == ["a1"]


def test_the_bound_says_how_long_a_caller_may_wait_for_one_agent() -> None:
    sticky = queue("q", S.LONGEST_IDLE, "a1 a2", sticky=Sticky(last_agent=90.0), comes_back=ComesBack(agent=20.0))
    it = Line(sticky, queue("heavy", S.LONGEST_IDLE, "a3", weight=4.0))
    bound = it.acd.bound("q")
    assert bound is not None and (bound.times, bound.seconds) == (1.0, 90.0)
    own = queue("q", S.LONGEST_IDLE, "a1 a2", sticky=Sticky(own_agent=20.0))
    it = Line(own, queue("heavy", S.LONGEST_IDLE, "a3", weight=4.0), groups={})
    bound = it.acd.bound("q")
    assert bound is not None and (bound.times, bound.seconds) == (4.0, 20.0), "a3 may be anybody's own"


def test_of_several_reasons_the_strongest_of_an_agent_who_is_there_counts() -> None:
    last, own = Preference("a1", 1.0, Because.LAST), Preference("a2", 2.0, Because.OWN)
    assert chosen([last, own], lambda agent: True) == own
    assert chosen([last, own], lambda agent: agent == "a1") == last
    assert chosen([last, own], lambda agent: False) == own
    assert chosen([], lambda agent: True) is None


def test_the_fact_says_it_all() -> None:
    it = line()
    facts = it.join("v", "q", waited=7.0, prefers=A1, came_back="u", code="12345")
    (joined,) = [fact for fact in facts if isinstance(fact, f.VisitJoined)]
    assert (joined.waited, joined.prefers, joined.came_back, joined.code) == (7.0, A1, "u", "12345")
