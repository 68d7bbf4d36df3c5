"""Every switch: a message is taken from whoever is on a leg."""

import pytest

from appliance.port import Leg, LegGone, MessageEnd, Refused
from tests.contract.rig import Rig
from tests.contract.test_leg import answered


def test_a_key_ends_it_and_only_the_caller_is_on_it(rig: Rig) -> None:
    file = rig.recording("message")

    def story(leg: Leg) -> object:
        leg.play([rig.sound])
        return leg.take_message(file, 30.0, 10.0), leg.wait(0.5)

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.wait_for(lambda: not alice.hears(rig.sound), "its end")
    alice.press("5")  # forgotten
    rig.clock.sleep(1.5)
    alice.press("#")
    assert result() == (MessageEnd.KEY, None)
    rig.wait_for(lambda: rig.is_message(file), "the message")


def test_other_keys_may_end_it(rig: Rig) -> None:
    file = rig.recording("message")
    result, alice = answered(rig, lambda leg: leg.take_message(file, 30.0, 10.0, keys="*9"))
    rig.clock.sleep(1.0)
    alice.press("#9")
    assert result() is MessageEnd.KEY


def test_keys_pressed_before_are_forgotten(rig: Rig) -> None:
    file = rig.recording("message")

    def story(leg: Leg) -> object:
        leg.play([rig.sound])
        return leg.take_message(file, 2.0, 10.0), leg.read_key(0.5)

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    alice.press("#")
    assert result() == (MessageEnd.LIMIT, "")
    rig.wait_for(lambda: rig.is_message(file), "the message")


def test_silence_ends_it(rig: Rig) -> None:
    file = rig.recording("message")
    result, alice = answered(rig, lambda leg: leg.take_message(file, 60.0, 2.0))
    rig.clock.sleep(1.0)
    alice.fall_silent()
    assert result() is MessageEnd.SILENCE
    rig.wait_for(lambda: rig.is_message(file), "the message")


def test_a_file_that_cannot_be_written_ends_the_leg_or_is_refused(rig: Rig) -> None:
    def story(leg: Leg) -> object:
        with pytest.raises((Refused, LegGone)):
            leg.take_message(rig.unwritable(), 30.0, 10.0)
        return "noticed"

    result, _ = answered(rig, story)
    assert result() == "noticed"
