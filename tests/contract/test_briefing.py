"""Every switch: who answers is told of the caller first, and may decline."""

import pytest

from appliance.names import Entry, Exit
from appliance.port import Arrival, Dialled, EndCause, Key, LegEnded, LegGone, LegsJoined, Outcome
from tests.contract.rig import Door, Phone, Rig


def dialling(
    rig: Rig, *phones: Phone, ring_for: float = 15.0, briefing: float = 20.0, wrap_up: bool = False
) -> Door:
    """A door where callers are put through to these phones, who are briefed."""

    def story(arrival: Arrival) -> Dialled:
        arrival.leg.answer()
        arrival.leg.mark("call-1")
        ids = [phone.id for phone in phones]
        return arrival.leg.dial(ids, ring_for, rig.music, wrap_up, briefing=briefing)

    return rig.at(Entry.CALLER, story)


def accepting(rig: Rig) -> Door:
    """A door where phones are connected that press 1."""

    def story(arrival: Arrival) -> None:
        arrival.leg.announce([rig.long_sound])
        if arrival.leg.wait(10.0) == Key("1"):
            arrival.leg.leave(Exit.CONNECT)
        else:
            arrival.leg.leave(Exit.DONE)

    return rig.at(Entry.BRIEFING, story, hang_up=False)


def test_who_answers_is_briefed_and_then_talks(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, bob)
    briefed = accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    arrival = briefed.arrival()
    assert (arrival.entry, arrival.call, arrival.phone) == (Entry.BRIEFING, "call-1", bob.id)
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    rig.clock.sleep(2.0)
    assert not rig.seen(LegsJoined)
    bob.press("1")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert rig.wait_for_event(LegsJoined).other == arrival.leg.id
    bob.hang_up()
    dialled = door.result()
    assert (dialled.outcome, dialled.phone) == (Outcome.ANSWERED, bob.id)
    assert dialled.talked < 2.0


def test_who_does_not_want_the_call_has_not_answered_it(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, bob)
    accepting(rig)
    rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    bob.press("2")
    assert door.result() == Dialled(Outcome.NO_ANSWER)
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")
    assert not rig.seen(LegsJoined)


def test_who_hangs_up_has_not_answered_it(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, bob)
    accepting(rig)
    rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    bob.hang_up()
    assert door.result() == Dialled(Outcome.NO_ANSWER)


def test_the_others_ring_until_one_has_accepted(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer()
    carol.will_ignore()
    door = dialling(rig, bob, carol)
    accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound) and carol.is_ringing, "the briefing, and the ringing")
    bob.press("1")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    assert rig.wait_for_event(LegEnded, endpoint=carol.id).cause is EndCause.ELSEWHERE
    assert not carol.is_ringing
    bob.hang_up()
    assert door.result().phone == bob.id


def test_another_one_accepts_first(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer()
    carol.will_answer(after=1.5)
    door = dialling(rig, bob, carol)
    accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound) and carol.hears(rig.long_sound), "both briefings")
    carol.press("1")
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")
    carol.hang_up()
    assert door.result().phone == carol.id


def test_one_of_them_declines_and_the_other_answers(rig: Rig, bob: Phone, carol: Phone) -> None:
    bob.will_answer()
    carol.will_answer(after=4.0)
    door = dialling(rig, bob, carol)
    accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "bob's briefing")
    bob.press("2")
    rig.wait_for(lambda: carol.hears(rig.long_sound), "carol's briefing")
    carol.press("1")
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    carol.hang_up()
    assert door.result().phone == carol.id


def test_the_caller_leaves_during_the_briefing(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, bob, wrap_up=True)
    briefed = accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    with pytest.raises(LegGone):
        briefed.result()
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call", within=5.0)
    assert not rig.seen(LegsJoined)


def test_who_answers_late_is_briefed_all_the_same(rig: Rig, bob: Phone) -> None:
    bob.will_answer(after=2.0)
    door = dialling(rig, bob, ring_for=4.0)
    accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    rig.clock.sleep(3.0)
    bob.press("1")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    bob.hang_up()
    assert door.result().outcome is Outcome.ANSWERED


def test_a_briefing_without_end_is_none(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, bob, ring_for=2.0, briefing=2.0)
    accepting(rig)
    rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    assert door.result() == Dialled(Outcome.NO_ANSWER)
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")


def test_no_answer(rig: Rig, bob: Phone) -> None:
    bob.will_ignore()
    door = dialling(rig, bob, ring_for=2.0)
    rig.call()
    assert door.result() == Dialled(Outcome.NO_ANSWER)
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.NO_ANSWER


def test_refused(rig: Rig, bob: Phone) -> None:
    bob.will_refuse()
    door = dialling(rig, bob)
    rig.call()
    assert door.result() == Dialled(Outcome.REFUSED)
    assert rig.wait_for_event(LegEnded, endpoint=bob.id).cause is EndCause.REFUSED


def test_wrap_up_after_a_briefed_talk(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door = dialling(rig, bob, wrap_up=True)
    accepting(rig)
    wrapped = rig.at(Entry.WRAPUP, lambda arrival: (arrival.leg.id, arrival.call, arrival.phone))
    alice = rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    bob.press("1")
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    joined = rig.wait_for_event(LegsJoined)
    alice.hang_up()
    with pytest.raises(LegGone):
        door.result()
    assert wrapped.result() == (joined.other, "call-1", bob.id)


def test_one_more_is_briefed_as_the_first(rig: Rig, bob: Phone, carol: Phone) -> None:
    def story(arrival: Arrival) -> Dialled:
        arrival.leg.answer()
        return arrival.leg.dial([bob.id], 15.0, rig.music, more=1, briefing=20.0)

    bob.will_ignore()
    carol.will_answer()
    door = rig.at(Entry.CALLER, story)
    accepting(rig)
    alice = rig.call()
    rig.wait_for(lambda: bob.is_ringing, "bob's phone")
    assert door.arrival().leg.ring(carol.id)
    rig.wait_for(lambda: carol.hears(rig.long_sound), "carol's briefing")
    assert bob.is_ringing
    carol.press("1")
    rig.wait_for(lambda: alice.hears(carol.id), "carol's voice")
    carol.hang_up()
    assert door.result().phone == carol.id


def test_a_caller_is_kept_when_the_appliance_dies_during_the_briefing(rig: Rig, bob: Phone) -> None:
    bob.will_answer()
    door, briefed = dialling(rig, bob, ring_for=60.0), accepting(rig)
    recovered = rig.at(Entry.RECOVER, lambda arrival: arrival.call)
    rig.call()
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the briefing")
    door.visits.clear()
    briefed.visits.clear()
    rig.kill_appliance()
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")
    rig.start()
    assert recovered.result() == "call-1"
