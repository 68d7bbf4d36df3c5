"""Who misses calls: not asked again at once, paused after so many; phones that cannot be reached rest."""

import pytest

from appliance import facts as f
from appliance.facts import AgentState, PassedOver
from appliance.line import messages as m
from appliance.line.offers import PASSED_OVER_FOR, REST
from appliance.port import Outcome
from appliance.settings import PauseAfter, Strategy
from tests.unit.line.world import Line, considered, queue

THREE = PauseAfter(no_answer=3, refused=2, within=600.0)


def line(pause_after: PauseAfter = THREE, agents: str = "a1", **more: object) -> Line:
    it = Line(
        queue("q", Strategy.IN_ORDER, agents, **more),
        queue("lenient", Strategy.IN_ORDER, agents, pause_after=PauseAfter()),
        pause_after=pause_after,
    )
    it.sign_on(*agents.split())
    return it


def miss(it: Line, outcome: Outcome = Outcome.NO_ANSWER, queue: str = "q") -> None:
    """A caller who is missed and then gives up."""
    visit = f"m{len(it.facts)}"
    it.join(visit, queue)
    assert it.offered(visit)
    it.misses(visit, outcome)
    it.tell(m.CallerGone(visit))
    it.later(1)


def state(it: Line, agent: str = "a1") -> AgentState:
    return it.acd.roster[agent].state


def test_the_same_caller_is_not_offered_again_at_once_and_others_are() -> None:
    it = line()
    it.join("v", "q")
    it.misses("v")
    assert it.offered("v") == []
    facts = it.join("w", "q")
    assert it.offered("w") == ["a1"]
    it.tell(m.CallerGone("w"))
    it.later(PASSED_OVER_FOR - 0.1)
    assert it.offered("v") == []
    it.later(0.1)
    assert it.offered("v") == ["a1"] and facts


def test_the_phone_that_rings_off_after_a_miss_is_not_named_as_the_reason() -> None:
    it = line(agents="a1 a2")
    it.join("v", "q")
    it.tell(m.PhoneInUse("p1", True))  # by the very call that it has missed
    missed = it.misses("v")
    assert considered(missed)["a1"] == (PassedOver.MISSED, f"{PASSED_OVER_FOR:.0f} s left")
    assert considered(it.join("w", "q"))["a1"] == (PassedOver.PHONE_IN_USE, "")


def test_after_so_many_misses_the_agent_is_paused_with_a_reason() -> None:
    it = line()
    miss(it)
    miss(it)
    assert state(it) is AgentState.READY
    before = len(it.facts)
    miss(it)
    agent = it.acd.roster["a1"]
    assert (agent.state, agent.reason) == (AgentState.PAUSED, "3 calls missed: no answer")
    new = it.facts[before:]
    assert [x.what for x in new if isinstance(x, f.Incident)] == ["agent a1 is paused: 3 calls missed: no answer"]
    assert considered(it.join("v", "q"))["a1"] == (PassedOver.PAUSED, "3 calls missed: no answer")
    it.tell(m.Resume("a1"))
    assert it.offered("v") == ["a1"], "the agent says when to go on"
    it.misses("v")
    it.tell(m.CallerGone("v"))
    miss(it)
    assert state(it) is AgentState.READY, "resuming has forgotten the misses before"


def test_each_cause_is_counted_for_itself() -> None:
    it = line()
    miss(it)
    miss(it, Outcome.REFUSED)
    miss(it)
    assert state(it) is AgentState.READY
    miss(it, Outcome.REFUSED)
    assert it.acd.roster["a1"].reason == "2 calls missed: refused"


def test_misses_are_forgotten_with_time() -> None:
    it = line()
    for _ in range(6):
        miss(it)
        it.later(300)
    assert state(it) is AgentState.READY


def test_misses_are_forgotten_with_an_answered_call() -> None:
    it = line()
    for _ in range(3):
        miss(it)
        miss(it)
        assert it.serve("q", 1) == ["a1"]
    assert state(it) is AgentState.READY


@pytest.mark.parametrize("outcome", [Outcome.BUSY, Outcome.UNREACHABLE, Outcome.FAILED])
def test_what_has_no_limit_pauses_nobody(outcome: Outcome) -> None:
    it = line()
    for _ in range(5):
        miss(it, outcome)
        it.later(REST)
    assert state(it) is AgentState.READY


def test_a_queue_may_be_more_lenient_than_the_site() -> None:
    it = line()
    for _ in range(5):
        miss(it, queue="lenient")
    assert state(it) is AgentState.READY
    miss(it)
    assert state(it) is AgentState.PAUSED, "and the misses count in the next queue"


def test_who_has_asked_to_leave_leaves() -> None:
    it = line()
    miss(it)
    miss(it)
    it.join("v", "q")
    it.tell(m.SignOff("a1"))
    it.misses("v")
    assert state(it) is AgentState.SIGNED_OFF


def test_in_ring_all_everybody_who_let_it_ring_has_missed_it() -> None:
    it = Line(queue("q", Strategy.RING_ALL, "a1 a2"), pause_after=PauseAfter(no_answer=1))
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.tell(m.TalkBegins("v", "a2"))
    assert state(it) is AgentState.READY, "another was faster: that is no miss"
    it.tell(m.TalkEnds("v"))
    it.join("w", "q")
    it.misses("w")
    assert state(it, "a1") is state(it, "a2") is AgentState.PAUSED


def test_a_phone_that_could_not_be_reached_rests_for_every_caller_and_comes_back_by_itself() -> None:
    it = line()
    it.join("v", "q")
    it.misses("v", Outcome.UNREACHABLE)
    it.tell(m.CallerGone("v"))
    facts = it.join("w", "q")
    assert considered(facts)["a1"] == (PassedOver.UNREACHABLE, f"{REST:.0f} s left")
    it.later(REST - 0.1)
    assert it.offered("w") == []
    it.later(0.1)
    assert it.offered("w") == ["a1"]


def test_it_comes_back_at_once_when_the_switch_says_so() -> None:
    it = line()
    it.join("v", "q")
    it.misses("v", Outcome.UNREACHABLE)
    it.later(1)
    it.join("w", "q")
    it.tell(m.PhoneReachable("p1", True))
    assert it.offered("w") == ["a1"]
    assert it.acd.next_deadline() is not None


def test_a_phone_that_is_not_registered_is_never_rung() -> None:
    it = line()
    it.tell(m.PhoneReachable("p1", False))
    facts = it.join("v", "q")
    assert considered(facts)["a1"] == (PassedOver.UNREACHABLE, "")
    it.later(3600)
    assert it.offered("v") == []
    it.tell(m.PhoneReachable("p1", True))
    assert it.offered("v") == ["a1"]
