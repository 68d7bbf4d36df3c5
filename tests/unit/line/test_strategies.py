"""Each strategy by what it says of itself, and how ties are broken."""

from collections import Counter
from itertools import pairwise

import pytest

from appliance import facts as f
from appliance.facts import PassedOver
from appliance.line import messages as m
from appliance.settings import Strategy
from tests.unit.line.world import Line, considered, queue


def line(strategy: Strategy, agents: str = "a1 a2 a3", **more: object) -> Line:
    return Line(queue("q", strategy, agents, **more), queue("other", Strategy.IN_ORDER, agents))


def test_in_order_always_begins_with_the_first() -> None:
    it = line(Strategy.IN_ORDER, "a3 a1 a2")
    it.sign_on("a1", "a2", "a3")
    assert it.serve("q", 3) == ["a3"] * 3
    it.join("v", "q")
    it.join("w", "q")
    assert (it.offered("v"), it.offered("w")) == (["a3"], ["a1"])


def test_round_robin_goes_on_after_the_last_one_offered_a_call() -> None:
    it = line(Strategy.ROUND_ROBIN)
    it.sign_on("a3", "a2", "a1")
    assert it.serve("q", 4) == ["a1", "a2", "a3", "a1"]
    it.join("v", "q")
    it.misses("v")
    assert it.offered("v") == ["a3"], "who let it ring has had the turn"
    it.talks("v", 1)
    assert it.serve("q", 1) == ["a1"]


def test_round_robin_is_not_disturbed_by_other_queues() -> None:
    it = line(Strategy.ROUND_ROBIN)
    it.sign_on("a1", "a2", "a3")
    assert it.serve("q", 1) == ["a1"]
    assert it.serve("other", 2) == ["a1", "a1"]
    assert it.serve("q", 1) == ["a2"]


def test_round_robin_passes_over_who_is_not_free_and_does_not_come_back_for_them() -> None:
    it = line(Strategy.ROUND_ROBIN)
    it.sign_on("a1", "a2", "a3")
    it.tell(m.Pause("a2", "1"))
    assert it.serve("q", 2) == ["a1", "a3"]
    it.tell(m.Resume("a2"))
    assert it.serve("q", 2) == ["a1", "a2"]


def test_round_robin_says_whose_turn_it_was() -> None:
    it = line(Strategy.ROUND_ROBIN)
    it.sign_on("a1")
    facts = it.join("v", "q")
    assert f.TurnTaken("q", it.now, "a1") in facts


def test_longest_idle_counts_from_the_last_talk_of_any_queue() -> None:
    it = line(Strategy.LONGEST_IDLE)
    it.sign_on("a1", "a2", "a3")
    assert it.serve("other", 1) == ["a1"]
    assert it.serve("q", 3) == ["a2", "a3", "a1"]


def test_longest_idle_is_not_gained_by_a_pause_or_by_signing_on_again() -> None:
    it = line(Strategy.LONGEST_IDLE)
    it.sign_on("a1", "a2", "a3")
    it.tell(m.Pause("a1", "1"))
    it.later(3600)
    it.tell(m.Resume("a1"))
    it.later(1)
    it.tell(m.SignOff("a2"))
    it.tell(m.SignOn("a2", "p2"))
    it.later(1)
    assert it.serve("q", 3) == ["a3", "a1", "a2"]


def test_letting_it_ring_does_not_change_the_idle_time() -> None:
    it = line(Strategy.LONGEST_IDLE)
    it.sign_on("a1", "a2")
    it.join("v", "q")
    it.misses("v")
    assert it.offered("v") == ["a2"]
    it.join("w", "q")
    assert it.offered("w") == ["a1"]


def test_fewest_calls_of_any_queue() -> None:
    it = line(Strategy.FEWEST_CALLS)
    it.sign_on("a1", "a2", "a3")
    assert it.serve("other", 2) == ["a1", "a1"]
    assert it.serve("q", 4) == ["a2", "a3", "a2", "a3"]
    assert Counter(it.serve("q", 6)) == {"a1": 2, "a2": 2, "a3": 2}


def test_who_joins_the_shift_late_begins_at_the_mean() -> None:
    it = line(Strategy.FEWEST_CALLS)
    it.sign_on("a1", "a2")
    it.serve("q", 20)
    it.sign_on("a3")
    assert Counter(it.serve("q", 9)) == {"a1": 3, "a2": 3, "a3": 3}


def test_signing_on_again_gains_nothing() -> None:
    it = line(Strategy.FEWEST_CALLS)
    it.sign_on("a1", "a2", "a3")
    it.serve("q", 9)
    it.tell(m.SignOff("a1"))
    it.later(5)
    facts = it.tell(m.SignOn("a1", "p1"))
    assert f.ShiftBegan("a1", it.now, 3.0, 3.0) in facts
    assert Counter(it.serve("q", 6)) == {"a1": 2, "a2": 2, "a3": 2}


def test_moving_to_another_phone_begins_no_shift() -> None:
    it = line(Strategy.FEWEST_CALLS)
    it.sign_on("a1")
    it.serve("q", 2)
    facts = it.tell(m.SignOn("a1", "p3"))
    assert not [fact for fact in facts if isinstance(fact, f.ShiftBegan)]
    assert it.acd.roster["a1"].calls == 2


def test_the_first_of_all_begins_at_nothing_and_others_do_not_count() -> None:
    it = Line(queue("q", Strategy.FEWEST_CALLS, "a1 a2"), queue("far", Strategy.FEWEST_CALLS, "a3"))
    it.sign_on("a1")
    it.serve("q", 4)
    assert f.ShiftBegan("a3", it.now, 0.0, 0.0) in it.tell(m.SignOn("a3", "p3"))


def test_least_talk_time() -> None:
    it = line(Strategy.LEAST_TALK_TIME)
    it.sign_on("a1", "a2", "a3")
    assert it.serve("other", 1, length=100) == ["a1"]
    assert it.serve("q", 1, length=30) == ["a2"]
    assert it.serve("q", 2, length=20) == ["a3", "a3"]
    assert it.serve("q", 1, length=20) == ["a2"]
    facts = it.join("v", "q")
    assert considered(facts)["a1"] == (PassedOver.LATER_IN_ORDER, "100 s talked, idle for 95 s")


def test_random_is_fair_and_the_same_again() -> None:
    def served() -> list[str]:
        it = line(Strategy.RANDOM)
        it.sign_on("a1", "a2", "a3")
        return it.serve("q", 600)

    first = served()
    assert first == served()
    assert all(150 <= count <= 250 for count in Counter(first).values())
    assert len(set(pairwise(first))) == 9, "each may follow each"


def test_weighted_random_is_as_fair_as_the_shares_say() -> None:
    it = line(Strategy.WEIGHTED_RANDOM, shares={"a1": 4.0, "a2": 2.0})
    it.sign_on("a1", "a2", "a3")
    served = Counter(it.serve("q", 1400))
    assert abs(served["a1"] - 800) < 80 and abs(served["a2"] - 400) < 70 and abs(served["a3"] - 200) < 55


def test_random_after_a_miss_is_drawn_anew() -> None:
    it = line(Strategy.RANDOM)
    it.sign_on("a1", "a2", "a3")
    it.join("v", "q")
    first = it.offered("v")
    it.misses("v")
    assert it.offered("v") != first


@pytest.mark.parametrize("strategy", [s for s in Strategy if "random" not in s.value and s.value != "ring-all"])
def test_ties_are_broken_by_the_id(strategy: Strategy) -> None:
    it = line(strategy)
    it.sign_on("a3", "a2", "a1", apart=0)
    it.join("v", "q")
    it.join("w", "q")
    it.join("x", "q")
    assert [it.offered(visit) for visit in ("v", "w", "x")] == [["a1"], ["a2"], ["a3"]]


@pytest.mark.parametrize("strategy", [Strategy.FEWEST_CALLS, Strategy.LEAST_TALK_TIME, Strategy.SKILL_FIRST])
def test_before_the_id_ties_are_broken_by_idle_time(strategy: Strategy) -> None:
    it = line(strategy)
    it.sign_on("a3", "a1", "a2")
    it.join("v", "q")
    it.join("w", "q")
    it.join("x", "q")
    assert [it.offered(visit) for visit in ("v", "w", "x")] == [["a3"], ["a1"], ["a2"]]
