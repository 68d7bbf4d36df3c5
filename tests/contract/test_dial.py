"""Every switch: a leg rings phones and talks."""

from collections.abc import Sequence

import pytest

from appliance.names import Entry
from appliance.port import (
    Arrival,
    Dialled,
    EndCause,
    LegEnded,
    LegGone,
    LegRinging,
    LegsJoined,
    LegsParted,
    LegStarted,
    Outcome,
)
from tests.contract.rig import Door, Phone, Rig


def dialling(
    rig: Rig, phones: Sequence[Phone], ring_for: float = 15.0, music: str | None = None, wrap_up: bool = False
) -> Door:
    """A door where callers are put through to these phones."""

    def story(arrival: Arrival) -> Dialled:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        return arrival.leg.dial([phone.id for phone in phones], ring_for, music, wrap_up)

    return rig.at(Entry.CALLER, story)


def test_answered(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, [bob])
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert bob.is_in_call
    rig.wait_for_event(LegsJoined)
    bob.hang_up()
    dialled = door.result()
    assert (dialled.outcome, dialled.phone) == (Outcome.ANSWERED, bob.id)


def test_talked_is_the_time_between_answer_and_parting(rig: Rig, bob: Phone) -> None:
    bob.will_answer(after=2.0)
    door = dialling(rig, [bob])
    rig.call()
    rig.wait_for_event(LegsJoined)
    rig.clock.sleep(1.5)  # they talk
    bob.hang_up()
    assert 1.0 < door.result().talked < 3.5


def test_no_answer(rig: Rig, bob: Phone) -> None:
    bob.will_ignore()
    door = dialling(rig, [bob], ring_for=2.0)
    rig.call()
    assert door.result() == Dialled(Outcome.NO_ANSWER)
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.NO_ANSWER
    rig.wait_for(lambda: not bob.is_ringing, "silence at bob's")


def test_busy(rig: Rig, bob: Phone) -> None:
    bob.will_be_busy()
    door = dialling(rig, [bob])
    rig.call()
    assert door.result() == Dialled(Outcome.BUSY)
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.BUSY


def test_refused(rig: Rig, bob: Phone) -> None:
    bob.will_refuse()
    door = dialling(rig, [bob])
    rig.call()
    assert door.result() == Dialled(Outcome.REFUSED)
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.REFUSED


def test_unreachable(rig: Rig, bob: Phone) -> None:
    bob.unregister()
    rig.wait_for(lambda: not reachable(rig, bob), "bob's phone to be gone")
    door = dialling(rig, [bob])
    rig.call()
    assert door.result() == Dialled(Outcome.UNREACHABLE)
    assert not rig.seen(LegRinging)
    bob.register()
    rig.wait_for(lambda: reachable(rig, bob), "bob's phone to be back")


def reachable(rig: Rig, phone: Phone) -> bool:
    return {device.phone: device.reachable for device in rig.switch.devices()}[phone.id]


def test_the_caller_hears_music_while_it_rings(rig: Rig, bob: Phone) -> None:
    bob.will_ignore()
    dialling(rig, [bob], music=rig.music)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    rig.wait_for(lambda: bob.is_ringing, "the ringing")


def test_the_caller_hears_ringing_without_music(rig: Rig, bob: Phone) -> None:
    bob.will_ignore()
    dialling(rig, [bob])
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.ringing), "the ringing tone")


def test_the_leg_lives_on_after_a_dial(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> list[object]:
        leg = arrival.leg
        leg.answer()
        outcomes: list[object] = [leg.dial([bob.id], 1.5, rig.music).outcome]
        leg.music(rig.music)
        outcomes.append(leg.play([rig.sound]))
        outcomes.append(leg.wait())
        return outcomes

    bob.will_ignore()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    door.arrival().leg.post("go on")
    assert door.result() == [Outcome.NO_ANSWER, "", "go on"]


def test_music_is_off_after_a_dial(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.music(rig.music)
        arrival.leg.dial([bob.id], 1.5, rig.music)
        arrival.leg.play([rig.sound])
        arrival.leg.wait()

    bob.will_ignore()
    rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.wait_for(lambda: not alice.hears(rig.sound), "the end of the sound")
    rig.clock.sleep(0.5)  # music would start now
    assert not alice.hears(rig.music)


def test_keys_pressed_until_the_end_of_a_dial_are_forgotten(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> list[str]:
        arrival.leg.answer()
        arrival.leg.dial([bob.id], 10.0)
        return [arrival.leg.read_key(5.0)]

    bob.will_answer()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    alice.press("123")
    rig.clock.sleep(1.5)  # the keys take their time
    bob.hang_up()
    rig.wait_for_event(LegsParted)
    rig.clock.sleep(0.5)
    alice.press("9")
    assert door.result() == ["9"]


def test_keys_pressed_before_a_dial_are_forgotten(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> str:
        arrival.leg.answer()
        arrival.leg.play([rig.sound])
        arrival.leg.dial([bob.id], 1.5)
        return arrival.leg.read_key(0.5)

    bob.will_ignore()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    alice.press("5")
    assert door.result() == ""


def test_what_is_posted_during_a_dial_is_kept(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> object:
        arrival.leg.answer()
        arrival.leg.dial([bob.id], 1.5)
        return arrival.leg.wait()

    bob.will_ignore()
    door = rig.at(Entry.CALLER, story)
    rig.call()
    rig.wait_for(lambda: bob.is_ringing, "the ringing")
    door.arrival().leg.post("item")
    assert door.result() == "item"


def test_the_first_of_several_wins(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer(after=2.0)
    carol.will_ignore()
    door = dialling(rig, [carol, bob])
    alice = rig.call()
    rig.wait_for(lambda: carol.is_ringing, "the ringing at carol's")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert rig.wait_for_event(LegEnded, endpoint=carol.id).cause is EndCause.ELSEWHERE
    assert not carol.is_ringing
    bob.hang_up()
    assert (door.result().outcome, door.result().phone) == (Outcome.ANSWERED, bob.id)


def test_one_of_several_is_out_of_reach(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer()
    carol.will_be_busy()
    door = dialling(rig, [carol, bob])
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    assert door.result().phone == bob.id
    assert rig.wait_for_event(LegEnded, endpoint=carol.id).cause is EndCause.BUSY


def test_the_caller_leaves_while_it_rings(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_ignore()
    door = dialling(rig, [bob, carol], wrap_up=True)
    alice = rig.call()
    rig.wait_for(lambda: bob.is_ringing and carol.is_ringing, "both phones")
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    for phone in (bob, carol):
        assert rig.wait_for_event(LegEnded, endpoint=phone.id).cause is EndCause.CANCELLED
        rig.wait_for(lambda phone=phone: not phone.is_ringing, "silence")


def test_the_caller_leaves_the_talk(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, [bob])
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.NORMAL


def test_wrap_up_when_the_caller_has_left_first(rig: Rig, bob: Phone) -> None:
    def wrap_up(arrival: Arrival) -> str:
        arrival.leg.play([rig.sound])
        return arrival.leg.read_key(10.0)

    bob.will_answer()
    door = dialling(rig, [bob], wrap_up=True)
    wrapped = rig.at(Entry.WRAPUP, wrap_up)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    joined = rig.wait_for_event(LegsJoined)
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    arrival = wrapped.arrival()
    assert (arrival.entry, arrival.call, arrival.phone) == (Entry.WRAPUP, "call-1", bob.id)
    assert arrival.leg.id == joined.other
    rig.wait_for(lambda: bob.hears(rig.sound), "the sound")
    assert not rig.seen(LegEnded, endpoint=bob.id)
    bob.press("7")
    assert wrapped.result() == "7"


def test_no_wrap_up_when_the_phone_has_left_first(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, [bob], wrap_up=True)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    assert door.result().outcome is Outcome.ANSWERED
    rig.wait_for_event(LegEnded, endpoint=bob.id)  # that it does not come to WRAPUP is checked for every case


def test_the_talk_is_recorded(rig: Rig, bob: Phone) -> None:
    file = rig.recording("talk")

    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.record(file)
        arrival.leg.dial([bob.id], 10.0)

    bob.will_answer()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    door.result()
    rig.wait_for(lambda: rig.is_recorded(file), "the recording")


def test_the_events_of_a_talk_and_their_order(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, [bob])
    alice = rig.call()
    caller = door.arrival().leg.id
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    rig.wait_for_event(LegEnded, leg=caller)
    ringing = rig.wait_for_event(LegRinging, by=caller)
    phone = ringing.leg
    rig.wait_for_event(LegEnded, leg=phone)
    assert ringing.endpoint == bob.id
    assert rig.story_of(caller) == [LegStarted, LegEnded]
    assert rig.story_of(phone) == [LegStarted, LegRinging, LegEnded]
    joined, parted = rig.wait_for_event(LegsJoined), rig.wait_for_event(LegsParted)
    assert joined == LegsJoined(caller, phone, bob.id)
    assert {parted.leg, parted.other} == {caller, phone}
    order = rig.events.index
    assert order(LegStarted(caller, rig.trunk)) < order(ringing) < order(joined) < order(parted)
    assert order(parted) < order(LegEnded(phone, bob.id, EndCause.NORMAL))
    assert len(rig.seen(LegsJoined)) == len(rig.seen(LegsParted)) == 1


def test_a_phone_that_is_in_a_talk_is_busy(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    dialling(rig, [bob])
    alice = rig.call(ani="+74951230001")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    second = dialling(rig, [bob])
    rig.call(ani="+74951230002")
    assert second.result() == Dialled(Outcome.BUSY)
    assert alice.hears(bob.id)
