"""What is learnt of the people of a day, from a few rows written by hand."""

from datetime import UTC
from typing import Any

from appliance.facts import AgentState, VisitOutcome
from appliance.line import messages as m
from appliance.line.skills import NOTHING
from appliance.port import Outcome
from appliance.records.interval import Interval
from appliance.whatif.habits import Habits, desk
from appliance.whatif.past import Asked, Reached, Recorded, Ringing, Stay, Stretch, Use

READY, PAUSED, TALKING = AgentState.READY, AgentState.PAUSED, AgentState.TALKING
WRAP_UP, OFF = AgentState.WRAP_UP, AgentState.SIGNED_OFF


def stay(
    visit: str, at: float, wait: float, outcome: VisitOutcome, talk: float | None = None, queue: str = "q"
) -> Stay:
    return Stay(visit, queue, at, 0.0, 0.0, NOTHING, None, wait, talk, outcome)


def stretch(
    state: AgentState, began: float, ended: float, reason: str = "", until: float | None = None
) -> Stretch:
    return Stretch("1001", state, reason, "201", began, ended, until)


def habits(**parts: Any) -> Habits:
    empty: dict[str, Any] = dict.fromkeys(("stays", "rung", "stretches", "uses", "reached", "asked"), ())
    return Habits(Recorded(Interval(0.0, 10_000.0, UTC), **{**empty, **parts}))


def test_who_hung_up_hangs_up_and_who_was_answered_would_have_waited_on() -> None:
    stays = [stay(f"c{n}.1", n * 10.0, 5.0 + n, VisitOutcome.ABANDONED) for n in range(12)]
    stays.append(stay("d.1", 500.0, 9.5, VisitOutcome.ANSWERED, talk=70.0))
    *gone, answered = habits(stays=stays).callers(seed=3)
    assert [caller.patience for caller in gone] == [5.0 + n for n in range(12)]
    assert {caller.talk for caller in gone} == {70.0}, "the only talk there is"
    assert answered.talk == 70.0 and answered.patience is not None and answered.patience > 9.5


def test_who_goes_home_waits_there_for_ever_and_had_not_hung_up_before() -> None:
    stays = [stay(f"c{n}.1", n * 10.0, 5.0 + n, VisitOutcome.ABANDONED) for n in range(12)]
    held = stay("d.1", 500.0, 12.0, VisitOutcome.ANSWERED, talk=70.0)
    at_home = stay("h.1", 500.0, 9000.0, VisitOutcome.ANSWERED, talk=70.0)._replace(held=12.0)
    unreached = stay("u.1", 510.0, 6000.0, VisitOutcome.UNREACHED)._replace(held=0.0)
    *_, first, second = habits(stays=[*stays, at_home, unreached]).callers(seed=3)
    assert first.patience is None
    assert (second.patience, second.leaves) == (6000.0, VisitOutcome.UNREACHED)
    once = habits(stays=[*stays, held]).patience("q").law(0.0)
    assert habits(stays=[*stays, at_home]).patience("q").law(0.0)(0.7) == once(0.7)


def test_where_nobody_hung_up_everybody_waits() -> None:
    (caller,) = habits(stays=[stay("c.1", 0.0, 9.5, VisitOutcome.ANSWERED, 70.0)]).callers(seed=0)
    assert caller.patience is None


def test_whom_a_rule_has_sent_on_is_one_caller_and_who_wanted_to_go_leaves_so_again() -> None:
    stays = [
        stay("c.1", 0.0, 60.0, VisitOutcome.OVERFLOWED),
        stay("d.1", 10.0, 4.0, VisitOutcome.OPTED_OUT),
        stay("c.2", 60.0, 25.0, VisitOutcome.ABANDONED, queue="other"),
        stay("e.1", 70.0, 1.0, VisitOutcome.ANSWERED, 70.0),
    ]
    first, second, _ = habits(stays=stays).callers(seed=0)
    assert (first.id, first.queue, first.patience, first.leaves) == ("c.1", "q", 85.0, VisitOutcome.ABANDONED)
    assert (second.patience, second.leaves) == (4.0, VisitOutcome.OPTED_OUT)


def test_shifts_and_breaks_begin_when_they_were_asked_for() -> None:
    stretches = [
        stretch(READY, 0.0, 100.0),
        stretch(TALKING, 100.0, 300.0),
        stretch(PAUSED, 300.0, 900.0, "1"),
        stretch(TALKING, 900.0, 1000.0),
        stretch(PAUSED, 1000.0, 1060.0, "3 calls missed: no answer"),
        stretch(READY, 1060.0, 1200.0),
        stretch(OFF, 1200.0, 5000.0),
        stretch(READY, 5000.0, 6000.0),
    ]
    asked = [Asked("1001", 150.0, PAUSED), Asked("1001", 1100.0, OFF)]
    day = habits(stretches=stretches, asked=asked).agent_day("1001")
    assert day.shifts == ((0.0, 1100.0), (5000.0, 6000.0))
    assert [(each.begins, each.ends, each.reason) for each in day.breaks] == [(150.0, 900.0, "1")]
    assert day.resumes_after(0.5) == 60.0, "as long as it took then"


def test_answers_misses_and_wrap_ups() -> None:
    rung = [Ringing("1001", 3.0, Outcome.ANSWERED)] * 15 + [Ringing("1001", 15.0, Outcome.NO_ANSWER)] * 5
    rung += [Ringing("1001", 1.0, Outcome.CANCELLED)] * 4
    stretches = [stretch(WRAP_UP, n * 100.0, n * 100 + 20.0, until=n * 100 + 30.0) for n in range(10)]
    stretches += [stretch(WRAP_UP, n * 100.0, n * 100 + 30.0, until=n * 100 + 30.0) for n in range(10, 15)]
    day = habits(rung=rung, stretches=stretches).agent_day("1001")
    assert day.answers_after(0.5) == 3.0
    assert day.misses == {Outcome.NO_ANSWER: 0.25}
    assert day.wrap_up is not None and day.wrap_up(0.5) == 20.0 and day.wrap_up(0.9) > 30.0


def test_phones_that_are_used_or_out_of_reach_are_told_to_the_line() -> None:
    known = habits(
        stretches=[stretch(READY, 100.0, 900.0)],
        uses=[Use("201", 200.0, 260.0), Use("299", 200.0, 260.0)],
        reached=[Reached("201", 0.0, False), Reached("201", 150.0, True)],
    )
    told = [(round(at), message) for at, message in known.otherwise()]
    assert told == [
        (100, m.PhoneReachable(desk("1001"), False)),
        (150, m.PhoneReachable(desk("1001"), True)),
        (200, m.PhoneInUse(desk("1001"), True)),
        (260, m.PhoneInUse(desk("1001"), False)),
    ]
