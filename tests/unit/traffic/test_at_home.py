"""Imagined callers who go home: they are called back, and their wait is another than their hold."""

from dataclasses import replace

from appliance.facts import VisitOutcome
from appliance.settings import Callback, Strategy
from appliance.traffic.laws import always
from appliance.traffic.result import Result
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, AtHome, Caller, Scenario
from tests.unit.line import world
from tests.unit.line.world import queue

START = 1_000_000.0
HABITS = AtHome(10.0, answers_after=always(5.0))


def day(habits: AtHome | None, callback: Callback | None = None, patience: float | None = None) -> Result:
    """Five callers within a minute, each to talk for one, and one agent."""
    settings = world.settings(queue("q", Strategy.LONGEST_IDLE, "a1", callback=callback or Callback()))
    callers = [Caller(f"c{n}", START + 10.0 * n, "q", 60.0, patience) for n in range(5)]
    staff = [AgentDay("a1", "p1", ((START - 1.0, START + 7200.0),))]
    return simulate(Scenario(settings, callers, staff, at_home=habits, ends=START + 7200.0))


def test_whoever_goes_home_is_served_and_holds_for_less() -> None:
    holding, called = day(None), day(HABITS)
    for result in (holding, called):
        assert [stay.outcome for stay in result.stays.values()] == [VisitOutcome.ANSWERED] * 5
    assert [stay.calls for stay in holding.stays.values()] == [0] * 5
    assert [stay.calls for stay in called.stays.values()] == [0, 1, 1, 1, 1]
    for stay in [*called.stays.values()][1:]:
        assert 10.0 <= stay.wait(0.0) - stay.at_home < 15.0  # until they went home, and from the key on
    order = sorted(called.stays.values(), key=lambda stay: stay.answered_at or 0.0)
    assert [stay.caller.id for stay in order] == [f"c{n}" for n in range(5)]


def test_nobody_goes_home_where_nobody_is_called_back() -> None:
    settings = world.settings(queue("q", Strategy.LONGEST_IDLE, "a1"))
    caller = Caller("c", START, "q", 60.0, 30.0)
    result = simulate(Scenario(settings, [caller], [], at_home=HABITS, ends=START + 600.0))
    assert [stay.outcome for stay in result.stays.values()] == [VisitOutcome.ABANDONED]


def test_who_is_never_reached_is_given_up_and_who_is_at_home_does_not_lose_patience() -> None:
    result = day(replace(HABITS, answers=0.0), Callback(tries=2), patience=20.0)
    outcomes = [stay.outcome for stay in result.stays.values()]
    assert outcomes == [VisitOutcome.ANSWERED] + [VisitOutcome.UNREACHED] * 4
    assert [stay.calls for stay in result.stays.values()] == [0, 2, 2, 2, 2]
