"""Every switch: one more phone rings for a leg, while others ring already."""

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
    Outcome,
)
from tests.contract.rig import Door, Person, Phone, Rig


def dialling(rig: Rig, phone: Phone, ring_for: float = 15.0, wrap_up: bool = False) -> Door:
    """A door where this phone rings first."""

    def story(arrival: Arrival) -> Dialled:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        return arrival.leg.dial([phone.id], ring_for, rig.music, wrap_up, more=1)

    return rig.at(Entry.CALLER, story)


def both_ring(rig: Rig, door: Door, first: Phone, second: Phone) -> Person:
    """Somebody calls, and the phones ring one after the other."""
    alice = rig.call()
    rig.wait_for(lambda: first.is_ringing, "the first phone")
    assert door.arrival().leg.ring(second.id)
    rig.wait_for(lambda: second.is_ringing, "the second phone")
    assert first.is_ringing
    return alice


def test_the_one_that_was_added_answers(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_answer(after=1.0)
    door = dialling(rig, bob)
    alice = both_ring(rig, door, bob, carol)
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.ELSEWHERE
    assert not bob.is_ringing
    carol.hang_up()
    dialled = door.result()
    assert (dialled.outcome, dialled.phone) == (Outcome.ANSWERED, carol.id)


def test_the_first_one_answers(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer(after=3.0)
    carol.will_ignore()
    door = dialling(rig, bob)
    alice = both_ring(rig, door, bob, carol)
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert rig.wait_for_event(LegEnded, endpoint=carol.id).cause is EndCause.ELSEWHERE
    assert not carol.is_ringing
    bob.hang_up()
    assert (door.result().outcome, door.result().phone) == (Outcome.ANSWERED, bob.id)


def test_the_events_of_the_one_that_was_added(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_answer()
    door = dialling(rig, bob)
    alice = both_ring(rig, door, bob, carol)
    caller = door.arrival().leg.id
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    rig.wait_for_event(LegsJoined)
    carol.hang_up()
    door.result()
    rig.wait_for_event(LegEnded, leg=caller)
    ringing = rig.wait_for_event(LegRinging, endpoint=carol.id)
    assert ringing.by == caller
    assert rig.seen(LegsJoined) == [LegsJoined(caller, ringing.leg, carol.id)]
    (parted,) = rig.seen(LegsParted)
    assert {parted.leg, parted.other} == {caller, ringing.leg}
    assert rig.wait_for_event(LegEnded, leg=ringing.leg).cause is EndCause.NORMAL


def test_they_talk_as_any_others(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_answer()
    door = dialling(rig, bob)
    alice = both_ring(rig, door, bob, carol)
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    caller = door.arrival().leg.id
    rig.wait_for_event(LegsJoined)
    legs = {info.leg: info for info in rig.switch.legs()}
    assert len(legs) == 2 and len({info.joined for info in legs.values()}) == 1 and legs[caller].joined
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    rig.wait_for(lambda: not carol.is_in_call, "the end of carol's call")


def test_both_answer_at_once(rig: Rig, bob: Phone, carol: Phone) -> None:
    def story(arrival: Arrival) -> Dialled:
        arrival.leg.answer()
        return arrival.leg.dial([bob.id], 10.0, rig.music, more=1)

    bob.will_answer(after=1.0)
    carol.will_answer(after=1.0)
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: door.visits and door.visits[0].arrival.leg.ring(carol.id), "the dial")
    rig.wait_for(lambda: alice.hears(bob.id) or alice.hears(carol.id), "a voice")
    winner, loser = (bob, carol) if alice.hears(bob.id) else (carol, bob)
    rig.wait_for(lambda: not loser.is_in_call and not loser.is_ringing, "the end at the other one's")
    assert winner.is_in_call
    rig.wait_for_event(LegsJoined)
    winner.hang_up()
    assert door.result().phone == winner.id
    assert len(rig.seen(LegsJoined)) == 1


def test_one_that_is_busy_leaves_the_others_ringing(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer(after=4.0)
    carol.will_be_busy()
    door = dialling(rig, bob)
    alice = rig.call()
    rig.wait_for(lambda: bob.is_ringing, "bob's phone")
    assert door.arrival().leg.ring(carol.id)
    assert rig.wait_for_event(LegEnded, endpoint=carol.id).cause is EndCause.BUSY
    assert bob.is_ringing
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    assert door.result().phone == bob.id


def test_the_dial_is_over_when_none_rings_any_more(rig: Rig, bob: Phone) -> None:
    bob.will_refuse()
    door = dialling(rig, bob, ring_for=60.0)
    rig.call()
    assert door.result() == Dialled(Outcome.REFUSED)
    assert not door.arrival().leg.ring(bob.id)


def test_all_of_them_stop_together(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_ignore()
    door = dialling(rig, bob, ring_for=3.0)
    both_ring(rig, door, bob, carol)
    assert door.result() == Dialled(Outcome.NO_ANSWER)
    for phone in (bob, carol):
        assert rig.wait_for_event(LegEnded, endpoint=phone.id).cause is EndCause.NO_ANSWER
        rig.wait_for(lambda phone=phone: not phone.is_ringing, "silence")


def test_the_caller_leaves_while_both_ring(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_ignore()
    door = dialling(rig, bob, wrap_up=True)
    alice = both_ring(rig, door, bob, carol)
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    for phone in (bob, carol):
        assert rig.wait_for_event(LegEnded, endpoint=phone.id).cause is EndCause.CANCELLED
        rig.wait_for(lambda phone=phone: not phone.is_ringing, "silence")


def test_wrap_up_of_the_one_that_was_added(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_answer()
    door = dialling(rig, bob, wrap_up=True)
    wrapped = rig.at(Entry.WRAPUP, lambda arrival: arrival.leg.read_key(10.0))
    alice = both_ring(rig, door, bob, carol)
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    joined = rig.wait_for_event(LegsJoined)
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    arrival = wrapped.arrival()
    assert (arrival.leg.id, arrival.call, arrival.phone) == (joined.other, "call-1", carol.id)
    rig.wait_for_event(LegsParted)
    rig.clock.sleep(0.3)
    carol.press("7")
    assert wrapped.result() == "7"


def test_no_wrap_up_for_who_was_too_late(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer(after=2.0)
    carol.will_ignore()
    door = dialling(rig, bob, wrap_up=True)
    alice = both_ring(rig, door, bob, carol)
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    assert door.result().phone == bob.id  # that nothing comes to WRAPUP is checked for every case


def test_the_talk_outlives_the_appliance(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_answer(after=2.0)
    door = dialling(rig, bob)
    recovered = rig.at(Entry.RECOVER, lambda arrival: None)
    alice = both_ring(rig, door, bob, carol)
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    rig.wait_for_event(LegsJoined)
    rig.clock.sleep(1.0)
    door.visits.clear()
    rig.kill_appliance()
    rig.clock.sleep(1.0)
    assert alice.hears(carol.id)
    rig.start()
    carol.hang_up()
    rig.wait_for(lambda: alice.is_gone, "the end of the call")
    assert not recovered.visits


def test_a_caller_is_kept_when_the_appliance_dies_while_both_ring(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_ignore()
    carol.will_ignore()
    door = dialling(rig, bob, ring_for=5.0)
    recovered = rig.at(Entry.RECOVER, lambda arrival: arrival.call)
    alice = both_ring(rig, door, bob, carol)
    door.visits.clear()
    rig.kill_appliance()
    rig.start()
    assert recovered.result() == "call-1"
    rig.wait_for(lambda: not bob.is_ringing and not carol.is_ringing, "silence")
    rig.wait_for(lambda: alice.is_gone, "the end of the call")


def test_nothing_rings_where_nothing_is_dialled(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> list[bool]:
        arrival.leg.answer()
        return [arrival.leg.ring(bob.id)]

    door = rig.at(Entry.CALLER, story)
    rig.call()
    assert door.result() == [False]
    assert not rig.seen(LegRinging)
