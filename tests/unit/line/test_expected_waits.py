"""Expected waits: none rather than a wrong one, sound when agents are shared, judged by what came of them."""

import json
from dataclasses import replace

import pytest

from appliance import facts as f
from appliance.facts import VisitOutcome
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.skills import make_needs
from appliance.line.state import LineState
from appliance.line.visits import Expected
from appliance.line.waits import COVERAGE, POOR, STEP, Calibration, recalled
from appliance.plain import from_plain, to_plain
from appliance.settings import Order, Strategy, Tier
from tests.unit.line.world import Line, queue

IDLE = Strategy.LONGEST_IDLE


def practised(line: Line, *queues: str, length: float = 100.0) -> Line:
    """Calls of these queues are known to take so long."""
    for each in queues:
        line.serve(each, 4, length=length)
    return line


def one_queue(agents: str = "a1", **more: object) -> Line:
    line = Line(queue("q", IDLE, agents, **more))
    line.sign_on(*agents.split())
    return practised(line, "q")


def expected(line: Line, visit: str) -> Expected:
    found = line.acd.expected_wait(visit, line.now)
    assert found is not None
    assert 0 <= found.low <= found.middle <= found.high
    return found


def middle(line: Line, visit: str) -> float:
    return expected(line, visit).middle


def occupy(line: Line, id: str, count: int) -> None:
    """So many agents begin to talk."""
    for n in range(count):
        line.join(f"busy{n}", id)
        line.talks(f"busy{n}")


def known(facts: list[f.Fact]) -> dict[str, float]:
    return {fact.visit: fact.ends for fact in facts if isinstance(fact, f.WaitKnown)}


# When there is one


def test_too_little_is_known_at_first() -> None:
    line = Line(queue("q", IDLE, "a1"))
    line.sign_on("a1")
    for _ in range(3):
        assert line.acd.expected_wait_in("q", line.now) is None
        line.serve("q", 1, length=100.0)
    assert line.acd.expected_wait_in("q", line.now) is not None


def test_none_for_who_is_not_there_or_talks() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    assert line.acd.expected_wait("busy0", line.now) is None
    assert line.acd.expected_wait("nobody", line.now) is None


@pytest.mark.parametrize("message", [m.SignOff("a1"), m.Pause("a1", "1"), m.PhoneReachable("p1", False)])
def test_none_while_nobody_serves(message: m.Message) -> None:
    line = one_queue()
    line.tell(message)
    line.join("v", "q")
    assert line.acd.expected_wait("v", line.now) is None


def test_who_will_leave_after_the_call_is_not_counted() -> None:
    line = one_queue("a1 a2")
    occupy(line, "q", 2)
    line.join("v", "q")
    before = middle(line, "v")
    line.tell(m.Pause("a1", "1"))
    assert middle(line, "v") == pytest.approx(2 * before, rel=0.1)
    line.tell(m.Resume("a1"))
    assert middle(line, "v") == pytest.approx(before, rel=0.01)
    line.tell(m.SignOff("a2"))
    assert middle(line, "v") == pytest.approx(2 * before, rel=0.1)


# How long it is


def test_who_stands_further_back_waits_longer() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    for visit in "uvw":
        line.join(visit, "q")
    waits = [middle(line, visit) for visit in "uvw"]
    assert waits == pytest.approx([100, 200, 300], rel=0.2)  # the even odds: less than the mean


def test_twice_the_agents_are_twice_as_fast() -> None:
    slow, fast = one_queue("a1 a2"), one_queue("a1 a2 a3 a4")
    for line, agents in ((slow, 2), (fast, 4)):
        occupy(line, "q", agents)
        for n in range(20):
            line.join(f"v{n}", "q")
    assert middle(slow, "v19") == pytest.approx(2 * middle(fast, "v19"), rel=0.1)


def test_wrap_up_and_ringing_take_time_as_well() -> None:
    line = Line(queue("q", IDLE, "a1", wrap_up=50.0))
    line.sign_on("a1")
    for n in range(4):
        line.join(f"v{n}", "q")
        line.later(10.0)
        line.talks(f"v{n}", 100.0)
        line.later(60.0)
    occupy(line, "q", 1)
    line.join("v", "q")
    plain = one_queue()
    occupy(plain, "q", 1)
    plain.join("v", "q")
    assert middle(line, "v") == pytest.approx(10 + 1.6 * middle(plain, "v"), rel=0.02)


def test_callers_who_give_up_make_room() -> None:
    patient, impatient = one_queue(), one_queue()
    for n in range(20):
        occupy(impatient, "q", 1)
        impatient.join(f"gone{n}", "q")
        impatient.later(60.0)
        impatient.tell(m.CallerGone(f"gone{n}"))
        impatient.later(40.0)
        impatient.tell(m.TalkEnds("busy0"))
    for line in (patient, impatient):
        occupy(line, "q", 1)
        for n in range(10):
            line.join(f"v{n}", "q")
    assert middle(impatient, "v9") < 0.8 * middle(patient, "v9")


def test_callers_of_another_queue_of_the_same_agents_come_first() -> None:
    line = Line(queue("q", IDLE, "a1"), queue("r", IDLE, "a1"))
    line.sign_on("a1")
    practised(line, "q", "r")
    occupy(line, "q", 1)
    for visit in "uvw":
        line.join(visit, "r")
        line.later(1.0)
    line.join("x", "q")
    assert line.acd.place("x") == 1
    assert middle(line, "x") == pytest.approx(400, rel=0.15)


def test_a_rival_whom_others_can_serve_as_well_counts_in_part() -> None:
    line = Line(queue("q", IDLE, "a1"), queue("r", IDLE, "a1 a2"))
    line.sign_on("a1")
    practised(line, "q", "r")
    line.sign_on("a2")
    occupy(line, "r", 2)
    for visit in "uv":
        line.join(visit, "r")
    line.later(1.0)
    line.join("x", "q")
    assert middle(line, "x") == pytest.approx(200, rel=0.2)


def test_a_heavier_queue_overtakes_in_time() -> None:
    def wait(weight: float) -> float:
        line = Line(queue("q", IDLE, "a1"), queue("r", IDLE, "a1", weight=weight))
        line.sign_on("a1")
        practised(line, "q", "r")
        occupy(line, "q", 1)
        for n in range(3):
            line.join(f"v{n}", "q")
        line.later(1.0)
        for n in range(5):
            line.join(f"w{n}", "r")
        return middle(line, "v2")

    assert wait(5.0) > wait(1.0) + 300


def test_callers_with_priority_who_are_still_to_come_are_counted() -> None:
    line = one_queue("a1 a2")
    occupy(line, "q", 2)
    line.join("v", "q")
    before = middle(line, "v")
    for n in range(9):  # one in a hundred seconds
        line.join(f"vip{n}", "q", head_start=600.0)
        line.tell(m.CallerGone(f"vip{n}"))
    assert middle(line, "v") > 1.1 * before


def test_where_more_overtake_than_are_served_nothing_can_be_said() -> None:
    line = Line(queue("q", IDLE, "a1"), order=Order.STRICT)
    line.sign_on("a1")
    practised(line, "q")
    occupy(line, "q", 1)
    line.join("v", "q")
    assert line.acd.expected_wait("v", line.now) is not None
    for n in range(50):
        line.join(f"vip{n}", "q", head_start=600.0)
    assert line.acd.expected_wait("v", line.now) is None


def test_only_those_with_the_skill_are_counted() -> None:
    skills = {"a1": {"en": 5}, "a2": {"en": 1}, "a3": {}}
    line = Line(queue("q", IDLE, "a1 a2 a3"), skills=skills)
    line.sign_on("a1", "a2", "a3")
    practised(line, "q")
    occupy(line, "q", 3)
    line.join("any", "q")
    line.join("en", "q", needs=make_needs({"en": 5}, {}, {}))
    line.join("soon", "q", needs=make_needs({"en": 9}, {}, {40.0: {"en": 1}}))
    line.join("never", "q", needs=make_needs({"en": 9}, {}, {}))
    assert middle(line, "any") < 0.6 * middle(line, "en")
    assert middle(line, "soon") > 40
    assert line.acd.expected_wait("never", line.now) is None


def test_a_tier_that_opens_makes_it_shorter() -> None:
    def wait(**tier: float | None) -> float:
        line = Line(queue("q", IDLE, "a1 a2", tiers=(Tier(("a2",), **tier),)))  # type: ignore[arg-type]
        line.sign_on("a1", "a2")
        practised(line, "q")
        line.join("busy", "q")
        line.talks("busy")
        line.tell(m.PhoneInUse("p2", True))
        line.join("v", "q")
        return middle(line, "v")

    at_once, soon, late = wait(), wait(after=30.0), wait(after=1000.0)
    assert at_once < soon < late
    assert soon == pytest.approx(30 + (1 - 30 / late) * at_once, rel=0.15)


def test_agents_whom_one_call_rings_together_are_nearly_free() -> None:
    line = Line(queue("q", Strategy.RING_ALL, "a1 a2 a3"))
    line.sign_on("a1", "a2", "a3")
    practised(line, "q")
    line.join("u", "q")
    line.join("v", "q")
    assert middle(line, "v") < 5


# What is given, and judged


def test_who_has_to_wait_is_given_one_and_it_is_judged_by_the_answer() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    line.later(10.0)
    (given,) = [x for x in line.join("v", "q") if isinstance(x, f.WaitExpected)]
    assert (given.visit, given.queue, given.told, given.at) == ("v", "q", False, line.now)
    line.later(95.0)
    line.tell(m.TalkEnds("busy0"))
    assert known(line.facts) == {}
    line.later(5.0)
    assert known(line.tell(m.TalkBegins("v", "a1"))) == {"v": given.at + 100}


def test_who_is_offered_at_once_is_given_none() -> None:
    line = one_queue()
    assert not any(isinstance(fact, f.WaitExpected) for fact in line.join("v", "q"))


def test_who_leaves_would_have_had_the_agent_who_is_given_to_somebody_behind() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    for visit in "uvw":
        line.join(visit, "q")
        line.later(2.0)
    line.tell(m.CallerGone("v"))
    line.tell(m.TalkEnds("busy0"))
    assert known(line.facts) == {}, "u was before them"
    line.talks("u", 50.0)
    assert line.offered("w") == ["a1"]
    assert known(line.facts)["v"] == pytest.approx(line.now, abs=5.0)


def test_who_leaves_would_have_had_an_agent_who_is_free() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    line.join("v", "q")
    line.later(2.0)
    line.tell(m.CallerGone("v"))
    assert known(line.facts) == {}
    line.later(60.0)
    assert known(line.tell(m.TalkEnds("busy0"))) == {"v": line.now}


def test_a_caller_of_another_queue_takes_the_agent_of_who_has_left() -> None:
    line = Line(queue("q", IDLE, "a1"), queue("r", IDLE, "a1 a2"))
    line.sign_on("a1")
    practised(line, "q", "r")
    occupy(line, "q", 1)
    line.join("v", "q")
    line.later(2.0)
    line.join("w", "r")
    line.tell(m.CallerGone("v"))
    assert "v" in known(line.tell(m.TalkEnds("busy0")))
    assert line.offered("w") == ["a1"]


def test_of_who_leaves_nothing_is_known_while_nobody_could_have_served() -> None:
    line = one_queue("a1 a2")
    occupy(line, "q", 2)
    line.join("v", "q")
    line.tell(m.CallerGone("v"))
    line.tell(m.SignOff("a1"))
    line.tell(m.SignOff("a2"))
    line.tell(m.TalkEnds("busy0"))
    assert known(line.tell(m.TalkEnds("busy1"))) == {}


@pytest.mark.parametrize("outcome", [VisitOutcome.UNSEEN, VisitOutcome.FAILED, VisitOutcome.FALLBACK])
def test_what_ended_by_our_fault_is_not_judged(outcome: VisitOutcome) -> None:
    line = one_queue()
    occupy(line, "q", 1)
    line.join("v", "q")
    line.tell(m.CallerGone("v", outcome))
    assert known(line.tell(m.TalkEnds("busy0"))) == {}


def test_callers_of_a_queue_that_is_removed_are_forgotten() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    line.join("v", "q")
    line.tell(m.CallerGone("v"))
    other = queue("other", IDLE, "a1")
    line.tell(m.TakeSettings(replace(line.settings, queues={"other": other})))
    assert known(line.tell(m.TalkEnds("busy0"))) == {}


def test_the_ends_move_until_eight_of_ten_are_within() -> None:
    calibration, wait = Calibration(), Expected(50.0, 100.0, 150.0)
    calibration.judge(wait, 200.0)
    assert calibration.levels.high == pytest.approx(1.2816 + 9 * STEP)
    assert calibration.levels.middle == pytest.approx(STEP)
    calibration.judge(wait, 20.0)
    assert calibration.levels.low == pytest.approx(-1.2816 + STEP - 9 * STEP)
    before = calibration.levels
    for waited in (20.0, 60, 70, 80, 90, 110, 120, 130, 140, 200):
        calibration.judge(wait, waited)
    after = calibration.levels
    assert (after.low, after.middle, after.high) == pytest.approx((before.low, before.middle, before.high))


def test_callers_are_told_nothing_while_it_is_often_wrong() -> None:
    line = one_queue()
    assert line.acd.hit_rate("q") == COVERAGE
    occupy(line, "q", 1)
    while line.acd.hit_rate("q") >= POOR:
        line.later(2.0)
        line.join("v", "q")
        assert line.acd.wait_to_be_told("v", line.now) is not None
        line.later(3000.0)
        line.tell(m.TalkEnds("busy0"))
        line.talks("v", 1.0)
        line.later(1.0)
        occupy(line, "q", 1)
    line.join("v", "q")
    assert line.acd.wait_to_be_told("v", line.now) is None
    assert line.acd.expected_wait("v", line.now) is not None


def test_what_was_said_holds_while_it_can_still_be_true() -> None:
    line = one_queue("a1 a2 a3")
    occupy(line, "q", 3)
    line.join("u", "q")
    line.join("v", "q")
    first = line.acd.wait_to_be_told("v", line.now)
    assert first is not None
    (told,) = line.tell(m.WaitTold("v", first))
    assert told == f.WaitExpected("v", line.now, "q", first.low, first.middle, first.high, told=True)
    line.later(20.0)
    line.tell(m.TalkEnds("busy0"))  # u has the agent
    line.later(10.0)
    line.tell(m.Pause("a3", "1"))
    again = line.acd.wait_to_be_told("v", line.now)
    assert again is not None
    assert again.middle <= first.middle - 30 < expected(line, "v").middle
    assert again.high <= first.high - 30
    line.tell(m.Pause("a2", "1"))  # with one agent left it cannot be true any more
    line.later(30.0)
    assert line.acd.wait_to_be_told("v", line.now) == expected(line, "v")


def test_who_is_answered_meanwhile_is_told_nothing() -> None:
    line = one_queue()
    occupy(line, "q", 1)
    assert line.tell(m.WaitTold("busy0", Expected(1.0, 2.0, 3.0))) == []


def test_another_line_goes_on_with_it() -> None:
    line = one_queue("a1 a2")
    occupy(line, "q", 2)
    for visit in "uvw":
        line.later(3.0)
        line.join(visit, "q")
    line.tell(m.CallerGone("u"))
    line.tell(m.WaitTold("w", expected(line, "w")))
    state = to_plain(line.acd.state())
    again = Acd(line.settings)
    again.restore(from_plain(LineState, json.loads(json.dumps(state))), line.now)
    assert to_plain(again.state()) == state
    for acd in (line.acd, again):
        assert known(acd.handle(m.TalkEnds("busy0"), line.now + 9.0)) == {"u": line.now + 9.0}
    assert again.expected_wait("w", line.now + 9.0) == line.acd.expected_wait("w", line.now + 9.0)


def test_it_is_learnt_again_from_what_happened() -> None:
    line = Line(queue("q", IDLE, "a1 a2"), queue("r", IDLE, "a2", wrap_up=9.0))
    line.sign_on("a1", "a2")
    practised(line, "q")
    occupy(line, "q", 2)
    for visit in "uvw":
        line.later(3.0)
        line.join(visit, "q")
    line.tell(m.CallerGone("u"))
    line.tell(m.WaitTold("w", expected(line, "w")))
    line.tell(m.TalkEnds("busy0"))
    line.talks("v")
    again = Acd(line.settings)
    agents = [replace(agent) for agent in line.acd.roster.everybody()]
    visits = [replace(visit, present=False) for visit in line.acd.visits()]
    waits = recalled(line.facts, {visit.id for visit in visits if visit.agent is None})
    again.restore(LineState(agents, visits, waits=waits), line.now)
    for phone in line.settings.phones:
        again.handle(m.PhoneReachable(phone, True), line.now)
    for acd in (line.acd, again):
        acd.handle(m.CallerReturns("w", "leg-w"), line.now)
    assert again.expected_wait("w", line.now) == line.acd.expected_wait("w", line.now)
    assert again.wait_to_be_told("w", line.now) == line.acd.wait_to_be_told("w", line.now)
    assert again.hit_rate("q") == line.acd.hit_rate("q")
    for acd in (line.acd, again):
        acd.handle(m.TalkEnds("v"), line.now + 20.0)
        facts = acd.handle(m.TalkBegins("w", next(iter(acd.visit("w").offer.phones))), line.now + 21.0)  # type: ignore[union-attr]
        assert known(facts) == {"w": line.now + 21.0}
