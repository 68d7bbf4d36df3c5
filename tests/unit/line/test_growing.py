"""ring-progressively: one phone after another rings for the same caller."""

from collections.abc import Sequence
from copy import deepcopy

from appliance import facts as f
from appliance.facts import AgentState, Fact, PassedOver
from appliance.line import messages as m
from appliance.line.growing import rings_more
from appliance.line.state import LineState
from appliance.line.visits import Offer, Visit
from appliance.port import Outcome
from appliance.settings import Strategy, Tier
from tests.unit.line.world import Line, considered, queue

ONE_MORE = Strategy.RING_PROGRESSIVELY


def line(agents: str = "a1 a2 a3", ring_for: float = 20.0, **more: object) -> Line:
    more = {"ring_for": ring_for, "ring_next_after": 5.0, **more}
    return Line(queue("q", ONE_MORE, agents, **more), queue("other", Strategy.IN_ORDER, agents))


def grown(facts: Sequence[Fact]) -> list[tuple[str, float]]:
    return [(fact.agent, fact.at) for fact in facts if isinstance(fact, f.OfferGrew)]


def test_one_more_rings_after_each_interval_in_the_order_of_idle_time() -> None:
    it = line()
    it.sign_on("a2", "a3", "a1")
    begun = it.now
    it.join("v", "q")
    assert it.offered("v") == ["a2"]
    assert grown(it.later(20)) == [("a3", begun + 5), ("a1", begun + 10)]
    assert it.offered("v") == ["a2", "a3", "a1"]


def test_each_has_the_phone_and_is_reserved_while_it_rings() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    facts = it.later(5)
    assert f.OfferGrew("v.1", "v", it.now, "a2", "p2") in facts
    assert it.acd.roster["a2"].state is AgentState.OFFERED
    assert it.acd.roster["a3"].state is AgentState.SIGNED_OFF


def test_who_does_not_ring_yet_serves_others() -> None:
    it = line()
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    it.join("w", "other")
    assert it.offered("w") == ["a2"]
    it.later(5)
    assert it.offered("v") == ["a1", "a3"]


def test_who_comes_free_later_rings_at_once_when_it_is_time() -> None:
    it = line()
    it.sign_on("a1")
    it.join("v", "q")
    assert grown(it.later(7)) == []
    begun = it.now
    it.tell(m.SignOn("a2", "p2"))
    assert it.offered("v") == ["a1", "a2"]
    it.tell(m.SignOn("a3", "p3"))
    assert grown(it.later(10)) == [("a3", begun + 5)]


def test_a_caller_who_waits_comes_before_another_phone_for_somebody_else() -> None:
    it = line()
    it.sign_on("a1")
    it.join("v", "q")
    it.later(6)
    it.join("w", "q")
    it.tell(m.SignOn("a2", "p2"))
    assert (it.offered("v"), it.offered("w")) == (["a1"], ["a2"])


def test_the_most_urgent_of_those_who_are_offered_has_the_next_phone() -> None:
    it = line("a1 a2 a3 a4")
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.join("vip", "q", head_start=60)
    it.later(7)
    it.sign_on("a3")
    assert (it.offered("v"), it.offered("vip")) == (["a1"], ["a2", "a3"])


def test_nobody_is_rung_for_less_than_the_interval() -> None:
    it = line(ring_for=12.0)
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    it.later(11)
    assert it.offered("v") == ["a1", "a2"]
    assert rings_more(it.settings.queues["q"]) == 1
    it = line(ring_for=12.0)
    it.sign_on("a1")
    it.join("v", "q")
    it.later(7)
    it.sign_on("a2")
    assert it.offered("v") == ["a1", "a2"], "12 - 7 is just enough"
    it = line(ring_for=12.0)
    it.sign_on("a1")
    it.join("v", "q")
    it.later(8)
    it.sign_on("a2")
    assert it.offered("v") == ["a1"]


def test_no_more_than_there_are_others() -> None:
    assert rings_more(line("a1", ring_for=60.0).settings.queues["q"]) == 0
    assert rings_more(line("a1 a2", ring_for=60.0).settings.queues["q"]) == 1
    assert rings_more(line().settings.queues["other"]) == 0


def test_the_one_who_answers_has_the_call_and_for_the_others_it_is_no_miss() -> None:
    it = line()
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    it.later(11)
    facts = it.tell(m.TalkBegins("v", "a2"))
    ended = next(fact for fact in facts if isinstance(fact, f.OfferEnded))
    assert ended.results == {"a1": Outcome.CANCELLED, "a2": Outcome.ANSWERED, "a3": Outcome.CANCELLED}
    assert [it.acd.roster[a].state for a in ("a1", "a2", "a3")] == [
        AgentState.READY,
        AgentState.TALKING,
        AgentState.READY,
    ]
    assert grown(it.later(20)) == []


def test_when_nobody_answers_all_have_missed_the_call() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.later(6)
    ended = next(fact for fact in it.misses("v") if isinstance(fact, f.OfferEnded))
    assert ended.results == {"a1": Outcome.NO_ANSWER, "a2": Outcome.NO_ANSWER}
    assert grown(it.later(15)) == []
    assert it.offered("v") == []
    it.later(6)
    assert it.offered("v") == ["a1"], "after a while they are asked again"


def test_a_phone_that_was_not_rung_after_all_is_no_miss() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.later(5)
    it.tell(m.RingingEnded("v.1", "p2", Outcome.CANCELLED))
    ended = next(fact for fact in it.misses("v") if isinstance(fact, f.OfferEnded))
    assert ended.results == {"a1": Outcome.NO_ANSWER, "a2": Outcome.CANCELLED}
    assert it.offered("v") == ["a2"]


def test_later_tiers_ring_after_the_others() -> None:
    it = line("a1 a2 a3", tiers=(Tier(("a1",)),))
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    it.later(10)
    assert it.offered("v") == ["a2", "a3", "a1"]


def test_a_caller_who_hangs_up_leaves_nothing_growing() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.tell(m.CallerGone("v"))
    assert it.acd.next_deadline() is None
    it.join("w", "q")
    it.later(5)
    assert it.offered("w") == ["a1", "a2"]


def test_new_settings_hold_for_what_rings_next() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    without = line("a1").settings
    it.tell(m.TakeSettings(without))
    it.later(10)
    assert it.offered("v") == ["a1"]


def test_each_that_is_added_is_explained() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    seen = considered(it.later(5))
    assert seen["a1"] == (PassedOver.RINGING, "")
    assert seen["a2"][0] is None
    assert seen["a3"][0] is PassedOver.SIGNED_OFF


def test_another_line_goes_on_with_it_as_this_one_would() -> None:
    it = line()
    it.sign_on("a1", "a2")
    it.join("v", "q")
    for seconds in (2, 5):  # before it is time, and when it is and nobody else is free
        it.later(seconds)
        other = Line(*it.settings.queues.values(), now=it.now)
        other.acd.restore(deepcopy(it.acd.state()), it.now)
        assert other.acd.next_deadline() == it.acd.next_deadline()
        other.tell(m.SignOn("a3", "p3"))
        other.later(4)
        assert len(other.offered("v")) == (2 if seconds == 2 else 3)


def test_an_offer_that_was_made_before_a_restart_grows_no_more() -> None:
    offer = Offer("v.1", {"a1": "p1"}, until=1025.0)  # as it is read from the records
    visit = Visit("v", "c", "q", 1000.0, 0.0, "l", offers=1, offer=offer)
    it = line()
    it.acd.restore(LineState(visits=[visit]), it.now)
    it.sign_on("a2")
    it.later(20)
    assert it.offered("v") == ["a1"]
