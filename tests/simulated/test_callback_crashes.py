"""The appliance is killed at each step of a call-back: none is lost or doubled, nobody called who has spoken."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.facts import AgentState
from appliance.line.promises import First
from appliance.records import models as t
from appliance.simulation.channel import Sound
from appliance.simulation.people import Stage
from tests.simulated.calling_back import (
    attempts,
    number_of_calls,
    promised,
    running,
    the_callback,
    with_callbacks,
)
from tests.simulated.centre import Centre

AWAY = 8.0  # seconds until it runs again


def is_ringing(centre: Centre) -> bool:
    return bool(centre.switch.provider("north").past)


def is_greeted(centre: Centre) -> bool:
    return is_ringing(centre) and centre.switch.provider("north").call.stage is Stage.LISTENING


def is_in_line(centre: Centre) -> bool:
    return is_greeted(centre) and centre.switch.provider("north").call.hears(Sound.MUSIC)


def rings_an_agent(centre: Centre) -> bool:
    return centre.phone("alice").stage is Stage.RINGING and bool(centre.switch.provider("north").past)


def talks(centre: Centre) -> bool:
    return centre.state("alice") is AgentState.TALKING


STEPS: dict[str, Callable[[Centre], bool]] = {
    "promised": lambda centre: bool(t.Callback.select().exists()),
    "attempt begun": lambda centre: bool(t.Attempt.select().exists()),
    "ringing": is_ringing,
    "answered": is_greeted,
    "in line": is_in_line,
    "offered": rings_an_agent,
    "talking": talks,
}


def restarted(centre: Centre) -> None:
    centre.kill()
    centre.run_for(AWAY)
    centre.start()


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_callbacks()) as centre:
        centre.switch.provider("north").answers(3, talks=40)
        centre.switch.provider("north").presses("", "1", "1", "1")
        yield centre


@pytest.mark.parametrize("step", STEPS)
def test_the_customer_talks_to_an_agent_once(centre: Centre, step: str) -> None:
    centre.phone("alice").answers(4)
    promised(centre)
    if step == "promised":
        restarted(centre)
    centre.sign_on("alice")
    if step != "promised":
        centre.until(lambda: STEPS[step](centre))
        restarted(centre)
    centre.until(lambda: the_callback().outcome is not None, within=600)
    assert the_callback().outcome == "served" and attempts()[-1] == "served"
    assert attempts().count("served") == 1
    calls = centre.switch.provider("north").past
    assert sum(bool(call.partners) for call in calls) == 1
    centre.until(lambda: not centre.switch.legs())
    centre.run_for(600)
    assert number_of_calls(centre) == len(calls) <= 2, "nobody is called who has spoken"


@pytest.mark.parametrize("step", STEPS)
def test_who_hangs_up_meanwhile_is_called_again_unless_somebody_should_look(centre: Centre, step: str) -> None:
    centre.phone("alice").answers(4)
    promised(centre)
    centre.sign_on("alice")
    centre.until(lambda: STEPS[step](centre))
    centre.kill()
    for call in centre.switch.provider("north").past:
        call.hang_up()
    centre.run_for(AWAY)
    centre.start()
    centre.until(lambda: the_callback().outcome is not None, within=4000)
    may_have_spoken = step in ("in line", "offered", "talking")  # an agent's phone rings from the first moment on
    assert the_callback().outcome in (("unseen", "served") if may_have_spoken else ("served",))
    talked = [call for call in centre.switch.provider("north").past if call.partners]
    assert len(talked) <= 1, "nobody is called who may have spoken"
    centre.until(lambda: not centre.switch.legs())


AGENT_STEPS: dict[str, Callable[[Centre], bool]] = {
    "ringing": lambda centre: centre.phone("alice").stage is Stage.RINGING,
    "told": lambda centre: centre.phone("alice").stage is Stage.LISTENING,
    "calls": is_ringing,
    "talking": talks,
}


@pytest.mark.parametrize("step", AGENT_STEPS)
def test_the_agent_who_is_called_first_talks_to_the_customer_once(tmp_path: Path, step: str) -> None:
    with running(tmp_path, with_callbacks(First.AGENT)) as centre:
        centre.switch.provider("north").answers(3, talks=30)
        centre.phone("alice").ignores()
        promised(centre)
        centre.sign_on("alice")
        alice = centre.phone("alice")
        centre.until(lambda: alice.stage is Stage.RINGING)
        call = alice.call
        call.press_when_asked(["", "1"] if step == "told" else ["1", "1"])
        if step != "ringing":
            call.pick_up()
        centre.until(lambda: AGENT_STEPS[step](centre))
        centre.kill()
        if step == "ringing":
            call.pick_up()
        centre.run_for(AWAY)
        centre.start()
        centre.until(lambda: the_callback().outcome is not None or attempts() == ["agent missed"], within=300)
        if the_callback().outcome is None:
            alice.answers(1)
            centre.until(lambda: bool(alice.calls), within=300)
            alice.call.press_when_asked(["1"])
            centre.until(lambda: the_callback().outcome is not None, within=300)
        assert the_callback().outcome == "served"
        talked = [call for call in centre.switch.provider("north").past if call.partners]
        assert len(talked) == 1
        centre.until(lambda: not centre.switch.legs())


def test_a_talk_that_nobody_has_seen_is_for_somebody_to_look_at(tmp_path: Path) -> None:
    """The agent had called the customer when the appliance died; both have talked, and have hung up meanwhile."""
    with running(tmp_path, with_callbacks(First.AGENT)) as centre:
        centre.switch.provider("north").answers(3, talks=3)
        promised(centre)
        alice = centre.phone("alice")
        centre.sign_on("alice")
        centre.until(lambda: alice.stage is Stage.RINGING)
        call = alice.call
        call.press_when_asked(["1"])
        call.pick_up()
        centre.until(lambda: is_ringing(centre))
        restarted(centre)
        assert centre.switch.provider("north").call.partners == ["201"]
        assert (the_callback().outcome, attempts()) == ("unseen", ["cancelled"])
        centre.run_for(4000)
        assert number_of_calls(centre) == 1


def test_an_agent_who_hangs_up_on_a_ringing_customer_has_called(tmp_path: Path) -> None:
    with running(tmp_path, with_callbacks(First.AGENT)) as centre:
        centre.switch.provider("north").ignores()
        promised(centre)
        alice = centre.phone("alice")
        centre.sign_on("alice")
        centre.until(lambda: alice.stage is Stage.RINGING)
        call = alice.call
        call.press_when_asked(["1"])
        call.pick_up()
        centre.until(lambda: is_ringing(centre))
        call.hang_up()
        centre.until(lambda: attempts() == ["no agent"])
