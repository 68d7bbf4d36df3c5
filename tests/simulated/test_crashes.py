"""The appliance is killed at any moment: talks go on, callers keep their place, the books stay closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.facts import AgentState, CallOutcome
from appliance.records import models as t
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from tests.simulated.centre import MAIN, SALES_LINE, Centre, running, settings


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings()) as centre:
        yield centre


def test_killed_while_one_talks_and_two_wait(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    talking = centre.call(from_="+74959999901")
    centre.until(lambda: talking.stage is Stage.TALKING)
    first = centre.call(from_="+74959999902")
    centre.run_for(10)
    second = centre.call(from_="+74959999903")
    centre.until(lambda: second.hears(Sound.MUSIC))
    centre.kill()
    centre.run_for(10)
    assert talking.stage is Stage.TALKING and first.hears(Sound.MUSIC) and second.hears(Sound.MUSIC)
    centre.start()
    centre.until(lambda: all(v.present for v in centre.engine.acd.waiting("support")))
    assert [v.leg for v in centre.engine.acd.waiting("support")] == [first.leg, second.leg]
    assert centre.state("alice") is AgentState.TALKING
    centre.phone("alice").keys_afterwards("1")
    talking.hang_up()
    centre.until(lambda: first.stage is Stage.TALKING, within=60)
    assert t.DispositionRow.select().count() == 1
    assert t.Call.select().count() == 3 and t.Visit.select().count() == 3


def test_killed_while_the_phone_rings_and_answered_meanwhile(centre: Centre) -> None:
    centre.sign_on("alice")
    caller = centre.call()
    centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
    centre.kill()
    centre.phone("alice").pick_up()
    centre.run_for(5)
    assert caller.stage is Stage.TALKING
    centre.start()
    centre.until(lambda: centre.state("alice") is AgentState.TALKING, within=5)
    assert t.Visit.get().outcome == "answered"


def test_killed_while_the_phone_rings_and_nobody_answers(centre: Centre) -> None:
    centre.sign_on("alice", "bob")
    caller = centre.call()
    centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
    centre.kill()
    centre.run_for(1)
    centre.phone("bob").answers(after=1)
    centre.start()
    centre.until(lambda: caller.stage is Stage.TALKING, within=60)
    assert t.Visit.get().agent == "1002" and t.Visit.select().count() == 1


def test_a_caller_who_hangs_up_meanwhile_is_not_lost_from_the_books(centre: Centre) -> None:
    waiting, in_menu = centre.call(), centre.call(MAIN)
    centre.until(lambda: waiting.hears(Sound.MUSIC))
    centre.kill()
    waiting.hang_up(after=3)
    in_menu.hang_up(after=3)
    centre.run_for(5)
    centre.start()
    centre.run_for(5)
    outcomes = {c.leg: c.outcome for c in t.Call.select()}
    assert outcomes == {waiting.leg: CallOutcome.UNSEEN.value, in_menu.leg: CallOutcome.UNSEEN.value}
    assert t.Visit.get().outcome == "unseen"


def test_a_caller_who_arrives_while_nobody_is_there_is_served_when_the_appliance_is_back(centre: Centre) -> None:
    centre.kill()
    caller = centre.call()
    centre.run_for(20)
    assert caller.hears(Sound.MUSIC)
    centre.start()
    centre.until(lambda: bool(centre.engine.acd.waiting("support")), within=5)


def test_killed_in_a_menu_the_caller_begins_again(centre: Centre) -> None:
    caller = centre.call(MAIN)
    centre.until(lambda: centre.sound("main menu") in caller.prompts)
    centre.kill()
    centre.run_for(3)
    centre.start()
    caller.press("1", after=8)
    centre.until(lambda: bool(centre.engine.acd.waiting("sales")), within=30)
    assert t.Call.select().count() == 1


def test_gone_for_good_the_switch_serves_the_caller(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").unregister()
    caller = centre.call()
    centre.until(lambda: caller.hears(Sound.MUSIC))
    centre.kill()
    centre.phone("alice").register()
    centre.phone("alice").answers(after=2)
    centre.until(lambda: caller.stage is Stage.TALKING, within=120)
    assert [s.leg for s in centre.switch.stand_ins] == [caller.leg]
    centre.start()
    caller.hang_up(after=5)
    centre.run_for(90)
    assert t.Call.get().outcome in (CallOutcome.ANSWERED.value, CallOutcome.FALLBACK.value)


def test_the_queue_of_the_switch_that_serves_is_the_one_the_caller_stood_in(centre: Centre) -> None:
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    centre.kill()
    centre.until(lambda: bool(centre.switch.stand_ins), within=120)
    assert [s.queue for s in centre.switch.stand_ins] == ["sales"]
    centre.start()
    centre.run_for(90)


def test_still_in_the_switch_s_own_queue_when_the_appliance_is_back(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: caller.hears(Sound.MUSIC))
    centre.kill()
    centre.until(lambda: bool(centre.switch.stand_ins), within=120)
    centre.start()
    centre.run_for(90)
    assert centre.engine.acd.visits() == [] and t.Visit.get().outcome == "fallback"
    caller.hang_up()
    centre.run_for(1)
    assert t.Call.get().outcome == CallOutcome.FALLBACK.value


def test_wrap_up_and_pause_survive(centre: Centre) -> None:
    centre.sign_on("alice", "bob")
    centre.phone("bob").dial("*131")
    centre.until(lambda: centre.state("bob") is AgentState.PAUSED)
    centre.phone("alice").answers(after=1, talks=5)
    centre.call()
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP)
    centre.kill()
    centre.run_for(5)
    centre.start()
    assert centre.state("alice") is AgentState.WRAP_UP and centre.state("bob") is AgentState.PAUSED
    centre.until(lambda: centre.state("alice") is AgentState.READY, within=31)


def test_the_control_connection_is_lost_and_the_end_of_a_talk_with_it(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    caller = centre.call()
    centre.until(lambda: caller.stage is Stage.TALKING)
    centre.switch.lose_connection()
    caller.hang_up(after=1)
    centre.phone("alice").hang_up(after=1.5)
    centre.run_for(5)
    centre.switch.regain_connection()
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP, within=5)
    assert t.EventRow.select().where(t.EventRow.kind == "Incident").count() >= 1


def test_a_flow_that_fails_again_and_again_leaves_the_caller_to_the_switch(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("appliance.flows.caller.join_line", fail)
    caller = centre.call(SALES_LINE)
    centre.until(lambda: bool(centre.switch.stand_ins), within=60)
    assert [s.queue for s in centre.switch.stand_ins] == ["support"] and caller.hears(Sound.MUSIC)
    assert t.Call.get().outcome == CallOutcome.FALLBACK.value


@pytest.mark.parametrize("moment", [x / 4 for x in range(0, 140, 3)])
def test_killed_at_any_moment_everybody_is_served(tmp_path: Path, moment: float) -> None:
    """The story of a whole call with a kill somewhere in it."""
    with running(tmp_path, settings()) as centre:
        centre.phone("alice").answers(after=3)
        centre.phone("alice").keys_afterwards("1")
        centre.sign_on("alice")
        caller = centre.call(MAIN, talks=8)
        for at in range(6, 60):  # keeps pressing, as people do, until there is music
            centre.clock.call_later(at, _press_in_menus, centre, caller)
        centre.run_for(moment)
        centre.kill()
        centre.run_for(4)
        centre.start()
        centre.until(lambda: caller.stage is Stage.GONE, within=300)
        assert "201" in caller.partners
        centre.run_for(60)
        assert t.Call.get().outcome == CallOutcome.ANSWERED.value
        assert t.Visit.get().outcome == "answered"


def _press_in_menus(centre: Centre, caller: Caller) -> None:
    if centre.daemon is None:
        return
    hears = caller.hearing
    if hears and hears.what == centre.sound("main menu"):
        caller.press("3")
    elif hears and hears.what == centre.sound("service menu"):
        caller.press("1")
