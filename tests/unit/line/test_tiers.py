"""Tiers: later ones open with waiting, with missed offers, and while nobody of the earlier is there."""

from appliance.facts import PassedOver
from appliance.line import messages as m
from appliance.line.offers import PASSED_OVER_FOR
from appliance.port import Outcome
from appliance.settings import Strategy, Tier
from tests.unit.line.world import Line, considered, queue

IDLE, ALL = Strategy.LONGEST_IDLE, Strategy.RING_ALL


def line(*tiers: Tier, agents: str = "a1 a2 a3", strategy: Strategy = IDLE) -> Line:
    return Line(queue("q", strategy, agents, tiers=tiers), queue("other", IDLE, agents))


def busy(it: Line, *agents: str) -> None:
    for agent in agents:
        it.tell(m.PhoneInUse(agent.replace("a", "p"), True))


def test_without_conditions_a_later_tier_is_only_asked_last() -> None:
    it = line(Tier(("a1",)))
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    it.join("w", "q")
    it.join("x", "q")
    assert [it.offered(visit) for visit in "vwx"] == [["a2"], ["a3"], ["a1"]]


def test_a_tier_opens_after_waiting() -> None:
    it = line(Tier(("a2",), after=30), Tier(("a3",), after=60))
    it.sign_on("a1", "a2", "a3")
    busy(it, "a1")
    facts = it.join("v", "q")
    assert considered(facts)["a2"] == (PassedOver.LATER_TIER, "tier 2, open up to 1")
    it.later(29.9)
    assert it.offered("v") == []
    facts = it.later(0.1)
    assert it.offered("v") == ["a2"]
    assert considered(facts)["a3"][0] is PassedOver.LATER_TIER
    it.misses("v")
    assert it.offered("v") == []
    it.later(PASSED_OVER_FOR)
    assert it.offered("v") == ["a2"], "the second tier is asked before the third"
    it.misses("v")
    it.later(10)
    assert it.offered("v") == ["a3"]


def test_a_tier_opens_when_offers_came_to_nothing() -> None:
    it = line(Tier(("a3",), misses=2), agents="a1 a2 a3")
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    it.misses("v")
    assert it.offered("v") == ["a2"]
    it.misses("v", Outcome.REFUSED)
    assert it.offered("v") == ["a3"]


def test_a_caller_who_was_lost_meanwhile_has_been_missed_by_nobody() -> None:
    it = line(Tier(("a2",), misses=1), agents="a1 a2")
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.tell(m.CallerAway("v"))
    it.tell(m.CallerReturns("v", "leg"))
    assert it.offered("v") == ["a1"]


def test_an_agent_of_the_first_tier_who_comes_free_is_asked_before_the_second() -> None:
    it = line(Tier(("a2", "a3"), after=30))
    it.sign_on("a1", "a2", "a3")
    it.join("u", "other")
    assert it.offered("u") == ["a1"]
    it.join("v", "q")
    it.later(5)
    it.tell(m.CallerGone("u"))
    assert it.offered("v") == ["a1"]


def test_while_nobody_of_the_first_tier_is_signed_on_the_second_is_open() -> None:
    it = line(Tier(("a2",), after=30), Tier(("a3",), after=60))
    it.sign_on("a2")
    it.join("v", "q")
    assert it.offered("v") == ["a2"]
    it.join("w", "q")
    it.sign_on("a3")
    assert it.offered("w") == [], "somebody of the second is there, if with a call"
    it.tell(m.CallerGone("v"))
    it.tell(m.SignOff("a2"))
    assert it.offered("w") == ["a2"], "a sign-off waits for the end of the call"


def test_when_the_last_of_a_tier_signs_off_the_next_is_asked_at_once() -> None:
    it = line(Tier(("a2",), after=30), agents="a1 a2")
    it.sign_on("a1", "a2")
    it.tell(m.Pause("a1", "1"))
    it.join("v", "q")
    assert it.offered("v") == [], "who has a pause comes back"
    it.tell(m.SignOff("a1"))
    assert it.offered("v") == ["a2"]


def test_ring_all_rings_one_tier() -> None:
    it = line(Tier(("a3",)), strategy=ALL)
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    assert it.offered("v") == ["a1", "a2"]
    it.misses("v")
    assert it.offered("v") == ["a3"]


def test_a_tier_that_has_opened_stays_open_for_the_caller() -> None:
    it = line(Tier(("a2",), after=5), agents="a1 a2")
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.later(9)
    it.misses("v")
    assert it.offered("v") == ["a2"]
