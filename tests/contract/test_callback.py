"""Every switch: the appliance calls somebody, and the leg comes through a door of its own when it is answered."""

import pytest

from appliance.names import Entry, Exit
from appliance.port import (
    Arrival,
    EndCause,
    FallbackMember,
    LegEnded,
    LegsJoined,
    LegStarted,
    OriginateFailed,
    Outcome,
    Outside,
)
from tests.contract.rig import Door, Phone, Provider, Rig, Story

NUMBER, SHOWN = "+79161234567", "+74951112233"
LEG = "261122-100000-001.1.c1"


@pytest.fixture
def provider(rig: Rig) -> Provider:
    return rig.provider()


def calling_outside(rig: Rig, story: Story, hang_up: bool = True) -> Door:
    door = rig.at(Entry.CALLBACK, story, hang_up)
    rig.switch.originate(LEG, Outside(rig.trunk, NUMBER, SHOWN), Entry.CALLBACK, LEG, 10.0)
    return door


def test_a_number_that_answers_is_played_to_and_presses_keys(rig: Rig, provider: Provider) -> None:
    def story(arrival: Arrival) -> str:
        arrival.leg.play([rig.sound])
        return arrival.leg.read_key(10.0)

    provider.will_answer()
    door = calling_outside(rig, story)
    arrival = door.arrival()
    assert (arrival.leg.id, arrival.entry, arrival.call) == (LEG, Entry.CALLBACK, LEG)
    assert (arrival.trunk, arrival.phone, arrival.dnis) == (rig.trunk, "", "")
    rig.wait_for(lambda: provider.hears(rig.sound), "the sound")
    provider.press("1")
    assert door.result() == "1"
    rig.wait_for_event(LegEnded, leg=LEG, endpoint=rig.trunk)
    assert len(rig.seen(LegStarted)) == len(rig.seen(LegEnded)) == 1


def test_a_number_that_answered_waits_with_music_and_talks_to_a_phone(
    rig: Rig, provider: Provider, bob: Phone
) -> None:
    file = rig.recording("called-back")

    def story(arrival: Arrival) -> Outcome:
        arrival.leg.music(rig.music)
        arrival.leg.wait()
        arrival.leg.record(file)
        return arrival.leg.dial([bob.id], 10.0, rig.music).outcome

    provider.will_answer()
    bob.will_answer()
    door = calling_outside(rig, story)
    rig.wait_for(lambda: provider.hears(rig.music), "music")
    door.arrival().leg.post("an agent")
    rig.wait_for(lambda: provider.hears(bob.id), "bob's voice")
    joined = rig.wait_for_event(LegsJoined)
    assert (joined.leg, joined.other_endpoint) == (LEG, bob.id)
    rig.clock.sleep(1.0)
    bob.hang_up()
    assert door.result() is Outcome.ANSWERED
    rig.wait_for_event(LegEnded, leg=LEG)
    rig.wait_for(lambda: rig.is_recorded(file), "the recording")


def test_a_phone_that_answers_presses_a_key_and_talks_to_a_number(
    rig: Rig, provider: Provider, bob: Phone
) -> None:
    def story(arrival: Arrival) -> tuple[str, Outcome]:
        key = arrival.leg.play([rig.long_sound], "1")
        return key, arrival.leg.dial_outside(Outside(rig.trunk, NUMBER, SHOWN), 10.0).outcome

    provider.will_answer()
    bob.will_answer()
    door = rig.at(Entry.CALLBACK, story)
    rig.switch.originate(LEG, bob.id, Entry.CALLBACK, LEG, 10.0)
    arrival = door.arrival()
    assert (arrival.leg.id, arrival.call, arrival.phone, arrival.trunk) == (LEG, LEG, bob.id, "")
    rig.wait_for(lambda: bob.hears(rig.long_sound), "the sound")
    bob.press("1")
    joined = rig.wait_for_event(LegsJoined)
    assert (joined.leg, joined.other_endpoint) == (LEG, rig.trunk)
    rig.wait_for(lambda: bob.hears(rig.trunk), "the voice of who was called")
    provider.hang_up()
    assert door.result() == ("1", Outcome.ANSWERED)
    rig.wait_for_event(LegEnded, leg=LEG, endpoint=bob.id)


@pytest.mark.parametrize("to_phone", [False, True])
def test_who_does_not_answer_is_told_of(rig: Rig, provider: Provider, bob: Phone, to_phone: bool) -> None:
    door = rig.at(Entry.CALLBACK, lambda arrival: None)
    to = bob.id if to_phone else Outside(rig.trunk, NUMBER, SHOWN)
    rig.switch.originate(LEG, to, Entry.CALLBACK, LEG, 1.0)
    assert rig.wait_for_event(OriginateFailed, leg=LEG).cause is EndCause.NO_ANSWER
    rig.wait_for_event(LegEnded, leg=LEG)
    assert not door.visits


@pytest.mark.parametrize("to_phone", [False, True])
def test_a_leg_waits_for_an_appliance_that_was_killed(
    rig: Rig, provider: Provider, bob: Phone, to_phone: bool
) -> None:
    provider.will_answer()
    bob.will_answer()
    door = rig.at(Entry.CALLBACK, lambda arrival: arrival.leg.wait())
    to = bob.id if to_phone else Outside(rig.trunk, NUMBER, SHOWN)
    rig.switch.originate(LEG, to, Entry.CALLBACK, LEG, 10.0)
    door.arrival()
    door.visits.clear()  # nobody is to wait for the end of what was killed
    rig.kill_appliance()
    recovered = rig.at(Entry.RECOVER, lambda arrival: arrival.leg.play([rig.sound]))
    rig.start()
    arrival = recovered.arrival()
    assert (arrival.leg.id, arrival.call) == (LEG, LEG)
    assert (arrival.phone, arrival.trunk) == ((bob.id, "") if to_phone else ("", rig.trunk))
    recovered.result()


def test_a_leg_that_is_lost_for_good_is_let_go(rig: Rig, provider: Provider) -> None:
    provider.will_answer()
    door = calling_outside(rig, lambda arrival: arrival.leg.wait())
    door.arrival()
    door.visits.clear()
    rig.kill_appliance()
    rig.wait_for(lambda: not provider.is_in_call, "the end of the call", within=rig.fallback_after + 10.0)
    rig.start()


def test_a_leg_that_stands_in_line_is_served_by_the_stand_in_queue(
    rig: Rig, provider: Provider, bob: Phone
) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.mark(LEG, rig.queue)
        arrival.leg.leave(Exit.FALLBACK, rig.queue)

    provider.will_answer()
    bob.will_answer()
    rig.switch.keep_fallback([FallbackMember(rig.queue, "bob", bob.id, False)])
    calling_outside(rig, story, hang_up=False)
    rig.wait_for(lambda: provider.hears(bob.id), "bob's voice")
    bob.hang_up()
    rig.wait_for(lambda: not provider.is_in_call, "the end of the call")
