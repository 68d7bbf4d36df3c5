"""Queues that are compatible with app_queue: the order, the rounds and the pauses, as its source has them."""

from typing import Any

import pytest

from appliance import facts as f
from appliance.facts import PassedOver
from appliance.line import messages as m
from appliance.line.app_queue import bucket, ranking
from appliance.line.strategies import Seat, Turn
from appliance.port import Outcome
from appliance.settings import AppQueue, AppQueueStrategy, Queue, Tier
from appliance.settings.queues import NEAREST
from tests.unit.line.world import Line, considered, phone_of, queue

S = AppQueueStrategy


def theirs(
    strategy: S, agents: str, id: str = "q", retry: float = 5.0, autofill: bool = True, **more: Any
) -> Queue:
    return queue(id, NEAREST[strategy], agents, app_queue=AppQueue(strategy, retry, autofill), **more)


def line(strategy: S, agents: str, **more: Any) -> Line:
    it = Line(theirs(strategy, agents, **more))
    it.sign_on(*agents.split())
    return it


def rung(it: Line, visit: str, times: int, outcome: Outcome = Outcome.NO_ANSWER) -> list[str]:
    """Whom a caller is offered to, when each lets it ring to the end of the round."""
    found = []
    for _ in range(times):
        found += it.offered(visit)
        it.later(10.0)
        it.misses(visit, outcome)
        it.later(5.0)
    return found


def test_a_round_that_came_to_nothing_is_followed_by_a_pause_and_the_same_agent_again() -> None:
    it = line(S.FEWESTCALLS, "a1 a2")
    it.join("v", "q")
    first = it.offered("v")
    it.later(10.0)
    it.misses("v")
    it.later(4.9)
    assert it.offered("v") == []
    it.later(0.1)
    assert it.offered("v") == first


def test_who_refuses_is_followed_at_once_by_the_next_for_the_time_that_is_left() -> None:
    it = line(S.LINEAR, "a1 a2 a3")
    it.join("v", "q")
    it.later(4.0)
    facts = it.misses("v", Outcome.REFUSED)
    assert [(fact.ring_for, [*fact.phones]) for fact in facts if isinstance(fact, f.Offered)] == [(6.0, ["a2"])]
    it.later(6.0)
    it.misses("v")
    assert it.offered("v") == []
    it.later(5.0)
    assert it.offered("v") == ["a3"]


def test_when_everybody_has_refused_the_caller_rests() -> None:
    it = line(S.RRMEMORY, "a1 a2")
    it.join("v", "q")
    it.misses("v", Outcome.BUSY)
    it.misses("v", Outcome.REFUSED)
    assert it.offered("v") == []
    it.later(5.0)
    assert it.offered("v") == ["a1"]


def test_linear_begins_with_the_first_for_each_caller_and_goes_down_the_list_with_each_round() -> None:
    it = line(S.LINEAR, "a1 a2 a3")
    it.join("v", "q")
    assert rung(it, "v", 4) == ["a1", "a2", "a3", "a1"]
    it.tell(m.CallerGone("v"))
    it.join("w", "q")
    assert it.offered("w") == ["a1"]


@pytest.mark.parametrize("strategy", [S.RRMEMORY, S.RRORDERED])
def test_round_robin_goes_on_with_the_next_of_the_list_for_the_next_caller(strategy: S) -> None:
    it = line(strategy, "a1 a2 a3")
    assert it.serve("q", 2) == ["a1", "a2"]
    it.join("v", "q")
    assert rung(it, "v", 2) == ["a3", "a1"]
    assert [fact.agent for fact in it.facts if isinstance(fact, f.TurnTaken)][-1] == "a3"  # whose turn is next


def test_leastrecent_counts_in_seconds_from_the_end_of_a_talk_and_no_break_changes_it() -> None:
    it = line(S.LEASTRECENT, "a1 a2 a3")
    assert sorted(it.serve("q", 3)) == ["a1", "a2", "a3"]
    order = it.serve("q", 3)
    it.tell(m.Pause(order[0], "1"))
    it.later(60)
    it.tell(
        m.Resume(
            order[0],
        )
    )
    it.tell(m.SignOff(order[1]))
    it.tell(m.SignOn(order[1], phone_of(order[1])))
    assert it.serve("q", 3) == order


def test_when_all_who_are_left_were_tried_in_vain_round_robin_begins_anew() -> None:
    it = line(S.RRORDERED, "a1 a2 a3")
    assert it.serve("q", 1) == ["a1"]
    it.join("talks", "q")
    assert it.talks("talks") == "a2"
    it.join("v", "q")
    assert [*it.offered("v")] == ["a3"]
    it.misses("v", Outcome.REFUSED)
    assert [*it.offered("v")] == ["a1"]
    it.misses("v", Outcome.REFUSED)
    it.later(5.0)
    assert [*it.offered("v")] == ["a1"]  # and not a3, who comes after a2


def test_a_caller_who_hangs_up_leaves_the_turn_to_the_next_of_the_list() -> None:
    it = line(S.RRMEMORY, "a1 a2 a3")
    it.join("v", "q")
    it.tell(m.Pause("a2", "1"))
    it.tell(m.Pause("a3", "1"))
    it.tell(m.CallerGone("v"))
    it.tell(m.Resume("a2"))
    it.join("w", "q")
    assert it.offered("w") == ["a2"]


def test_ties_go_to_the_last_of_the_hash_table() -> None:
    agents = ["1001", "1002", "1003", "204", "31"]
    assert [bucket(each) for each in agents] == [8, 18, 28, 9, 8]
    seats = {agent: Seat(position=n) for n, agent in enumerate(agents)}
    members = Line(queue("q", NEAREST[S.FEWESTCALLS], " ".join(agents))).acd.roster
    found = ranking(S.FEWESTCALLS, seats, (), members, Turn("v.1"))
    assert [each.agent for each in found] == ["1003", "1002", "204", "31", "1001"]


def test_ringall_rings_the_next_penalty_when_all_of_the_first_have_refused() -> None:
    it = line(S.RINGALL, "a1 a2 a3 a4", tiers=(Tier(("a3",)), Tier(("a4",), penalty=1)))
    it.join("v", "q")
    assert it.offered("v") == ["a1", "a2"]
    it.misses("v", Outcome.REFUSED)
    assert it.offered("v") == ["a3", "a4"]


def test_a_tier_that_opens_later_stays_closed_though_nobody_else_is_there() -> None:
    it = Line(theirs(S.FEWESTCALLS, "a1 a2", tiers=(Tier(("a2",), after=30.0),)))
    it.sign_on("a2")
    it.join("v", "q")
    assert it.offered("v") == []
    it.later(30.0)
    assert it.offered("v") == ["a2"]


def test_a_caller_who_rests_keeps_the_turn_from_the_next_while_no_other_agent_is_free() -> None:
    it = line(S.FEWESTCALLS, "a1")
    it.join("v", "q")
    it.join("w", "q")
    it.later(10.0)
    it.misses("v")
    assert it.offered("w") == []
    it.later(5.0)
    assert (it.offered("v"), it.offered("w")) == (["a1"], [])


def test_without_autofill_only_the_head_of_the_line_is_offered() -> None:
    it = line(S.FEWESTCALLS, "a1 a2", autofill=False)
    it.join("v", "q")
    it.join("w", "q")
    assert (len(it.offered("v")), it.offered("w")) == (1, [])
    it.talks("v")
    assert len(it.offered("w")) == 1


def test_a_heavier_queue_with_more_callers_than_agents_has_all_of_them() -> None:
    it = Line(theirs(S.FEWESTCALLS, "a1 a2", "light"), theirs(S.FEWESTCALLS, "a1", "heavy", weight=2.0))
    it.sign_on("a1", "a2")
    it.join("v", "heavy")
    it.tell(m.Pause("a2", "1"))
    it.join("w", "light")
    it.misses("v", Outcome.REFUSED)
    assert (it.offered("v"), it.offered("w")) == ([], [])
    it.later(5.0)
    assert (it.offered("v"), it.offered("w")) == (["a1"], [])


def test_priority_is_strict_within_the_queue_and_no_bound_is_promised() -> None:
    it = line(S.FEWESTCALLS, "a1", wrap_up=5.0)
    it.join("talks", "q")
    it.talks("talks")
    it.join("v", "q")
    it.later(500)
    it.join("vip", "q", head_start=60.0)
    it.tell(m.TalkEnds("talks"))
    it.later(5.0)
    assert it.offered("vip") == ["a1"]
    assert it.acd.bound("q") is None


def test_wrandom_gives_the_fewer_calls_the_higher_the_penalty() -> None:
    seats = {"a1": Seat(position=0), "a2": Seat(1, position=1)}
    members = Line(queue("q", NEAREST[S.WRANDOM], "a1 a2")).acd.roster
    first = [
        ranking(S.WRANDOM, seats, (Tier(("a2",), penalty=3),), members, Turn(f"v{n}.1"))[0].agent
        for n in range(4000)
    ]
    # A number below 1 is less than one below 4 in seven of eight cases.
    assert abs(first.count("a1") / 4000 - 7 / 8) < 0.03


def test_why_tells_the_rank() -> None:
    it = line(S.FEWESTCALLS, "a1 a2 a3")
    it.serve("q", 1)
    told = considered(it.join("v", "q"))
    assert {passed for passed, _ in told.values()} == {None, PassedOver.LATER_IN_ORDER}
    assert sorted(text for _, text in told.values()) == [
        "app_queue rank 1 of 3: penalty 0, 0 calls",
        "app_queue rank 2 of 3: penalty 0, 0 calls",
        "app_queue rank 3 of 3: penalty 0, 1 calls",
    ]
    told = considered(it.misses("v", Outcome.REFUSED))
    assert (PassedOver.MISSED, "had a turn in this round") in told.values()
