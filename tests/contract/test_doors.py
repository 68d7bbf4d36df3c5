"""Every switch: legs come through doors, come again after a loss, and are served when nobody is there."""

from contextlib import suppress

import pytest

from appliance.names import Entry, Exit
from appliance.port import (
    Arrival,
    FallbackMember,
    LegEnded,
    LegGone,
    LegInfo,
    LegsJoined,
    LegsParted,
    LegStarted,
    Outcome,
)
from tests.contract.rig import Phone, Rig


def test_leave_done_ends_the_leg(rig: Rig) -> None:
    def story(arrival: Arrival) -> str:
        arrival.leg.answer()
        arrival.leg.leave(Exit.DONE)
        return arrival.leg.id

    door = rig.at(Entry.CALLER, story, hang_up=False)
    alice = rig.call()
    leg = door.result()
    rig.wait_for(lambda: alice.is_gone, "the end of the call")
    rig.wait_for_event(LegEnded, leg=leg)  # that it does not come again is checked for every case


def test_leave_for_the_stand_in_queue(rig: Rig, bob: Phone, carol: Phone) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.leave(Exit.FALLBACK, rig.queue)

    bob.will_answer()
    carol.will_answer()
    rig.switch.keep_fallback(
        [FallbackMember(rig.queue, "bob", bob.id, False), FallbackMember(rig.queue, "carol", carol.id, True)]
    )
    rig.at(Entry.CALLER, story, hang_up=False)
    alice = rig.call()
    rig.wait_for(lambda: bob.is_in_call, "bob's answer")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert not carol.is_in_call
    alice.hang_up()
    rig.wait_for(lambda: not bob.is_in_call, "the end of the talk")


def test_keep_fallback_replaces_the_members(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer()
    carol.will_answer()
    rig.switch.keep_fallback([FallbackMember(rig.queue, "bob", bob.id, False)])
    rig.switch.keep_fallback([FallbackMember(rig.queue, "carol", carol.id, False)])
    rig.at(Entry.CALLER, lambda arrival: arrival.leg.leave(Exit.FALLBACK, rig.queue), hang_up=False)
    rig.call()
    rig.wait_for(lambda: carol.is_in_call, "carol's answer")
    assert not bob.is_in_call


def test_a_handler_that_just_ends_has_lost_its_leg(rig: Rig) -> None:
    def lose(arrival: Arrival) -> str:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        return arrival.leg.id

    def recover(arrival: Arrival) -> str:
        arrival.leg.play([rig.sound])
        arrival.leg.leave(Exit.DONE)
        return arrival.leg.id

    lost = rig.at(Entry.CALLER, lose, hang_up=False)
    recovered = rig.at(Entry.RECOVER, recover, hang_up=False)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound after the loss")
    assert recovered.result() == lost.result()
    assert recovered.arrival().call == "call-1"
    assert recovered.arrival().entry is Entry.RECOVER
    assert len(recovered.visits) == 1


def test_a_leg_waits_for_an_appliance_that_was_killed(rig: Rig) -> None:
    def wait(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        arrival.leg.music(rig.music)
        arrival.leg.wait()

    waited = rig.at(Entry.CALLER, wait)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    leg = waited.arrival().leg.id
    waited.visits.clear()  # nobody is to wait for the end of what was killed
    rig.kill_appliance()
    rig.wait_for(lambda: not alice.hears(rig.music), "the music of the hold")
    recovered = rig.at(Entry.RECOVER, lambda arrival: (arrival.leg.id, arrival.call))
    rig.start()
    assert recovered.result() == (leg, "call-1")


@pytest.mark.parametrize("is_marked", [False, True])
def test_a_leg_that_waits_in_vain_is_served_by_its_stand_in_queue(
    rig: Rig, bob: Phone, carol: Phone, is_marked: bool
) -> None:
    def wait(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.mark("call-1", rig.other_queue if is_marked else None)
        arrival.leg.music(rig.music)
        arrival.leg.wait()

    bob.will_answer()
    carol.will_answer()
    rig.switch.keep_fallback(
        [
            FallbackMember(rig.queue, "bob", bob.id, False),
            FallbackMember(rig.other_queue, "carol", carol.id, False),
        ]
    )
    door = rig.at(Entry.CALLER, wait)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    door.visits.clear()
    rig.kill_appliance()
    agent, other = (carol, bob) if is_marked else (bob, carol)
    rig.wait_for(lambda: alice.hears(agent.id), "the voice of the agent", within=rig.fallback_after + 10.0)
    assert not other.is_in_call
    rig.start()
    alice.hang_up()
    rig.wait_for(lambda: not agent.is_in_call, "the end of the talk")


def test_a_talk_outlives_the_appliance(rig: Rig, bob: Phone) -> None:
    def talk(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        arrival.leg.dial([bob.id], 10.0, wrap_up=True)

    bob.will_answer()
    door = rig.at(Entry.CALLER, talk)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    door.visits.clear()
    rig.kill_appliance()
    rig.start()
    assert len({info.joined for info in rig.switch.legs()} - {None}) == 1
    wrap_up = rig.at(Entry.WRAPUP, lambda arrival: (arrival.call, arrival.phone))
    alice.hang_up()
    assert wrap_up.result() == ("call-1", bob.id)


def test_the_caller_is_let_go_after_a_talk_that_outlived_the_appliance(rig: Rig, bob: Phone) -> None:
    def talk(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.dial([bob.id], 10.0, wrap_up=True)

    bob.will_answer()
    door = rig.at(Entry.CALLER, talk)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    door.visits.clear()
    rig.kill_appliance()
    rig.start()
    bob.hang_up()
    rig.wait_for(lambda: alice.is_gone, "the end of the call")


def test_a_caller_whose_dial_outlived_the_appliance_comes_again(rig: Rig, bob: Phone) -> None:
    def ring(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        arrival.leg.dial([bob.id], 3.0)

    bob.will_ignore()
    door = rig.at(Entry.CALLER, ring)
    rig.call()
    rig.wait_for(lambda: bob.is_ringing, "the ringing")
    door.visits.clear()
    rig.kill_appliance()
    assert bob.is_ringing
    rig.start()
    recovered = rig.at(Entry.RECOVER, lambda arrival: arrival.call)
    assert recovered.result() == "call-1"
    rig.wait_for(lambda: not bob.is_ringing, "silence")


def test_a_phone_dials_a_code(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> str:
        arrival.leg.answer()
        return arrival.leg.read_key(10.0)

    door = rig.at(Entry.AGENT, story)
    bob.dial(rig.code)
    arrival = door.arrival()
    assert (arrival.entry, arrival.dnis, arrival.phone, arrival.trunk) == (Entry.AGENT, rig.code, bob.id, "")
    rig.wait_for(lambda: bob.is_in_call, "the answer")
    bob.press("5")
    assert door.result() == "5"
    rig.wait_for(lambda: not bob.is_in_call, "the end of the call")


def test_a_waiting_leg_is_sent_through_another_door(rig: Rig) -> None:
    def wait(arrival: Arrival) -> str:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        arrival.leg.music(rig.music)
        with suppress(LegGone):
            arrival.leg.wait()
        return "gone"

    waited = rig.at(Entry.CALLER, wait)
    recovered = rig.at(Entry.RECOVER, lambda arrival: (arrival.leg.id, arrival.call))
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    leg = waited.arrival().leg.id
    rig.switch.send_to(leg, Entry.RECOVER)
    assert waited.result() == "gone"
    assert recovered.result() == (leg, "call-1")
    rig.wait_for_event(LegEnded, leg=leg)  # by the end of the second story, not before it
    assert len(rig.seen(LegStarted)) == len(rig.seen(LegEnded)) == 1


def test_a_talking_leg_is_sent_through_another_door(rig: Rig, bob: Phone) -> None:
    def talk(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        arrival.leg.dial([bob.id], 10.0)

    def listen(arrival: Arrival) -> str:
        arrival.leg.play([rig.sound])
        arrival.leg.wait()
        return arrival.call

    bob.will_answer()
    door = rig.at(Entry.CALLER, talk)
    recovered = rig.at(Entry.RECOVER, listen)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    rig.switch.send_to(door.arrival().leg.id, Entry.RECOVER)
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")
    rig.wait_for_event(LegsParted)
    assert not alice.is_gone
    recovered.arrival().leg.post("go on")
    assert recovered.result() == "call-1"


def test_a_phone_that_talks_is_sent_through_another_door(rig: Rig, bob: Phone) -> None:
    def talk(arrival: Arrival) -> object:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        return arrival.leg.dial([bob.id], 10.0).outcome

    def listen(arrival: Arrival) -> tuple[str, str]:
        arrival.leg.play([rig.sound])
        return arrival.call, arrival.phone

    bob.will_answer()
    door = rig.at(Entry.CALLER, talk)
    wrapped = rig.at(Entry.WRAPUP, listen)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    rig.switch.send_to(rig.wait_for_event(LegsJoined).other, Entry.WRAPUP)
    rig.wait_for(lambda: bob.hears(rig.sound), "the sound")
    assert wrapped.result() == ("call-1", bob.id)
    assert door.result() is Outcome.ANSWERED


def test_legs_tell_what_is_there(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.wait()
        arrival.leg.dial([bob.id], 10.0)

    assert list(rig.switch.legs()) == []
    bob.will_answer()
    door = rig.at(Entry.CALLER, story)
    before = rig.clock.now()
    alice = rig.call()
    leg = door.arrival().leg
    rig.wait_for(lambda: alice.is_answered, "the answer")

    def info() -> dict[str, LegInfo]:
        return {info.endpoint: info for info in rig.switch.legs()}

    assert [(info.leg, info.endpoint, info.joined) for info in rig.switch.legs()] == [(leg.id, rig.trunk, None)]
    assert abs(info()[rig.trunk].since - before) < 5.0
    leg.post("dial")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert set(info()) == {rig.trunk, bob.id}
    assert info()[rig.trunk].joined is not None
    assert info()[rig.trunk].joined == info()[bob.id].joined
    bob.hang_up()
    rig.wait_for(lambda: not rig.switch.legs(), "the end of both legs")
