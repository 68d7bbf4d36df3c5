"""Callers of all queues and the agents they share, matched in one moment."""

from appliance.facts import PassedOver
from appliance.line import messages as m
from appliance.line.rules import Bound
from appliance.line.skills import make_needs
from appliance.settings import Destination, Number, Order, Strategy
from tests.unit.line.world import Line, considered, queue

IDLE, ORDER, ALL = Strategy.LONGEST_IDLE, Strategy.IN_ORDER, Strategy.RING_ALL
RARE = make_needs({"rare": 1}, {}, {})


def test_the_longest_effective_wait_of_all_queues_is_served_first() -> None:
    it = Line(queue("x", IDLE, "a1"), queue("y", IDLE, "a1"))
    it.join("first", "x")
    it.later(30)
    it.join("vip", "y", head_start=60)
    it.later(5)
    it.sign_on("a1")
    assert it.talks("vip", 1) == "a1"
    assert it.offered("first") == ["a1"]


def test_weight_is_how_fast_a_wait_ages() -> None:
    it = Line(queue("x", IDLE, "a1"), queue("y", IDLE, "a1", weight=3.0))
    it.join("first", "x")
    it.later(60)
    it.join("second", "y")
    it.later(25)  # 85 against 75
    it.sign_on("a1", apart=0)
    assert it.offered("first") == ["a1"]
    it.misses("first")
    assert it.offered("second") == ["a1"]
    it.tell(m.CallerGone("second"))
    it.join("third", "y")
    it.later(20)
    it = Line(queue("x", IDLE, "a1"), queue("y", IDLE, "a1", weight=3.0))
    it.join("first", "x")
    it.later(60)
    it.join("second", "y")
    it.later(35)  # 95 against 105
    it.sign_on("a1", apart=0)
    assert it.offered("second") == ["a1"]


def test_a_head_start_is_seconds_of_effective_wait_whatever_the_weight() -> None:
    it = Line(queue("x", IDLE, "a1", weight=2.0))
    it.join("first", "x")
    it.later(29)
    it.join("vip", "x", head_start=60)
    it.later(100)
    assert [v.id for v in it.acd.waiting("x")] == ["vip", "first"]
    it = Line(queue("x", IDLE, "a1", weight=2.0))
    it.join("first", "x")
    it.later(31)
    it.join("vip", "x", head_start=60)
    assert [v.id for v in it.acd.waiting("x")] == ["first", "vip"]


def test_strict_order_puts_the_greatest_head_start_first_for_ever() -> None:
    it = Line(queue("x", IDLE, "a1"), queue("y", IDLE, "a1"), order=Order.STRICT)
    it.join("first", "x")
    it.later(3600)
    it.join("vip", "y", head_start=1)
    it.sign_on("a1", apart=0)
    assert it.offered("vip") == ["a1"]
    assert it.acd.bound("x") is None


def test_the_bound_is_that_of_the_greatest_head_start_and_weight() -> None:
    numbers = {"1": Number("1", "", Destination(queue="x"), priority=30.0)}
    it = Line(
        queue("x", IDLE, "a1"), queue("y", IDLE, "a1 a2", weight=4.0), queue("z", IDLE, "a3"), numbers=numbers
    )
    assert it.acd.bound("x") == Bound(times=4.0, seconds=90.0)
    assert it.acd.bound("y") == Bound(times=1.0, seconds=22.5)
    assert it.acd.bound("z") == Bound(times=1.0, seconds=90.0)


def all_free_at_once(it: Line, count: int) -> None:
    """Their talks end, and with them, in one moment, the wrap-ups half a minute later."""
    for number in range(count):
        it.tell(m.TalkEnds(f"t{number}"))


def all_talk(it: Line, *agents: str) -> None:
    it.sign_on(*agents, apart=0)
    for number in range(len(agents)):
        it.join(f"t{number}", "q")
        it.talks(f"t{number}")


def test_several_callers_and_agents_are_matched_in_one_moment() -> None:
    it = Line(queue("q", ORDER, "a1 a2 a3", wrap_up=30.0), queue("x", ORDER, "a1 a2"), queue("y", ORDER, "a2 a3"))
    all_talk(it, "a1", "a2", "a3")
    for visit in ("x0", "y0", "x1", "y1"):
        it.join(visit, visit[0])
        it.later(1)
    all_free_at_once(it, 3)
    it.later(30)
    assert [it.offered(visit) for visit in ("x0", "y0", "x1", "y1")] == [["a1"], ["a3"], ["a2"], []]


def test_two_phones_that_come_back_at_once_serve_two_callers() -> None:
    """Wrap-ups that end together free both agents before anybody is matched."""
    it = Line(queue("q", ORDER, "a1 a2", wrap_up=30.0), skills={"a1": {"rare": 1}})
    all_talk(it, "a1", "a2")
    it.join("anybody", "q")
    it.join("rare", "q", needs=RARE)
    all_free_at_once(it, 2)
    facts = it.later(30)
    assert (it.offered("anybody"), it.offered("rare")) == (["a2"], ["a1"])
    first = [fact for fact in facts if getattr(fact, "visit", "") == "anybody"]
    assert considered(first)["a1"] == (PassedOver.NEEDED, "rare")


def test_others_move_on_as_far_as_it_takes() -> None:
    """The chain: each caller gives an agent to the next, so that all four are served."""
    skills = {"a1": {"k1": 1}, "a2": {"k1": 1, "k2": 1}, "a3": {"k2": 1, "k3": 1}, "a4": {"k3": 1}}
    it = Line(queue("q", ORDER, "a3 a2 a1 a4", wrap_up=30.0), skills=skills)
    all_talk(it, "a1", "a2", "a3", "a4")
    it.join("any", "q")
    for skill in ("k1", "k2", "k3"):
        it.later(1)
        it.join(skill, "q", needs=make_needs({skill: 1}, {}, {}))
    all_free_at_once(it, 4)
    facts = it.later(30)
    assert [it.offered(visit) for visit in ("any", "k1", "k2", "k3")] == [["a1"], ["a2"], ["a3"], ["a4"]]
    first = [fact for fact in facts if getattr(fact, "visit", "") == "any"]
    assert considered(first)["a3"] == (PassedOver.NEEDED, "k2")


def test_a_caller_without_a_match_does_not_hold_up_the_others() -> None:
    it = Line(queue("q", IDLE, "a1"))
    it.join("rare", "q", needs=RARE)
    it.join("anybody", "q")
    it.sign_on("a1", apart=0)
    assert it.offered("anybody") == ["a1"] and it.offered("rare") == []


def test_ring_all_leaves_nobody_to_the_next_caller_but_who_missed_the_first() -> None:
    it = Line(queue("q", ALL, "a1 a2"))
    it.sign_on("a1", "a2", apart=0)
    it.join("v", "q")
    it.join("w", "q")
    assert (it.offered("v"), it.offered("w")) == (["a1", "a2"], [])
    it.misses("v")
    assert it.offered("w") == ["a1", "a2"]


def test_a_ring_all_caller_has_the_agent_whom_an_earlier_caller_can_do_without() -> None:
    it = Line(queue("q", ORDER, "a1 a2", wrap_up=30.0), queue("all", ALL, "a1", wrap_up=30.0))
    all_talk(it, "a1", "a2")
    it.join("anybody", "q")
    it.later(1)
    it.join("second", "all")
    all_free_at_once(it, 2)
    it.later(30)
    assert (it.offered("anybody"), it.offered("second")) == (["a2"], ["a1"])
