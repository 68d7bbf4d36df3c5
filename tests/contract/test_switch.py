"""Every switch: what is asked of it apart from any one leg's handler."""

import pytest

from appliance.names import Entry
from appliance.port import (
    Arrival,
    DeviceChanged,
    EndCause,
    Key,
    LegEnded,
    LegGone,
    LegRinging,
    LegsJoined,
    LegsParted,
    LegStarted,
    OriginateFailed,
    Refused,
    Registration,
    SwitchDown,
    SwitchLost,
    SwitchUp,
)
from tests.contract.rig import Phone, Rig


def test_the_first_event_is_that_the_switch_is_there(rig: Rig) -> None:
    rig.wait_for_event(SwitchUp)
    assert rig.events[0] == SwitchUp()


def test_originate_rings_a_phone_and_takes_it_through_a_door(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> tuple[str, str, str]:
        arrival.leg.play([rig.sound])
        return arrival.leg.id, arrival.call, arrival.phone

    bob.will_answer()
    door = rig.at(Entry.WRAPUP, story)
    rig.switch.originate("minted-1", bob.id, Entry.WRAPUP, "call-1", 10.0)
    rig.wait_for_event(LegStarted, leg="minted-1", endpoint=bob.id)
    rig.wait_for(lambda: bob.hears(rig.sound), "the sound")
    assert door.result() == ("minted-1", "call-1", bob.id)
    assert rig.wait_for_event(LegEnded, leg="minted-1").cause is EndCause.NORMAL
    assert not rig.seen(OriginateFailed)


def test_originate_without_an_answer(rig: Rig, bob: Phone) -> None:
    bob.will_ignore()
    rig.switch.originate("minted-1", bob.id, Entry.WRAPUP, "call-1", 2.0)
    rig.wait_for(lambda: bob.is_ringing, "the ringing")
    assert rig.wait_for_event(OriginateFailed, leg="minted-1").cause is EndCause.NO_ANSWER
    rig.wait_for_event(LegEnded, leg="minted-1")
    rig.wait_for(lambda: not bob.is_ringing, "silence")


def test_originate_to_a_busy_phone(rig: Rig, bob: Phone) -> None:
    bob.will_be_busy()
    rig.switch.originate("minted-1", bob.id, Entry.WRAPUP, "call-1", 10.0)
    assert rig.wait_for_event(OriginateFailed, leg="minted-1").cause is EndCause.BUSY


def test_originate_to_a_phone_that_refuses(rig: Rig, bob: Phone) -> None:
    bob.will_refuse()
    rig.switch.originate("minted-1", bob.id, Entry.WRAPUP, "call-1", 10.0)
    assert rig.wait_for_event(OriginateFailed, leg="minted-1").cause is EndCause.REFUSED


def test_originate_to_a_phone_out_of_reach(rig: Rig, bob: Phone) -> None:
    bob.unregister()
    rig.wait_for_event(DeviceChanged, phone=bob.id, reachable=False)
    rig.switch.originate("minted-1", bob.id, Entry.WRAPUP, "call-1", 10.0)
    assert rig.wait_for_event(OriginateFailed, leg="minted-1").cause is EndCause.UNREACHABLE
    bob.register()
    rig.wait_for_event(DeviceChanged, phone=bob.id, reachable=True)


def test_hang_up_ends_a_waiting_leg(rig: Rig) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.wait()

    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    leg = door.arrival().leg.id
    rig.wait_for(lambda: alice.is_answered, "the answer")
    rig.switch.hang_up(leg)
    with pytest.raises(LegGone):
        door.result()
    rig.wait_for(lambda: alice.is_gone, "the end of the call")
    assert rig.wait_for_event(LegEnded, leg=leg).cause is EndCause.NORMAL


def test_hang_up_ends_a_talk(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> object:
        arrival.leg.answer()
        return arrival.leg.dial([bob.id], 10.0, wrap_up=True).phone

    bob.will_answer()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    rig.switch.hang_up(rig.wait_for_event(LegsJoined).other)
    assert door.result() == bob.id
    rig.wait_for(lambda: not bob.is_in_call, "the end of bob's call")


def test_hang_up_stops_the_ringing_of_a_phone(rig: Rig, bob: Phone) -> None:
    bob.will_ignore()
    rig.switch.originate("minted-1", bob.id, Entry.WRAPUP, "call-1", 60.0)
    rig.wait_for(lambda: bob.is_ringing, "the ringing")
    rig.switch.hang_up("minted-1")
    rig.wait_for_event(LegEnded, leg="minted-1")
    rig.wait_for(lambda: not bob.is_ringing, "silence")
    rig.wait_for_event(OriginateFailed, leg="minted-1")


def test_hang_up_of_a_leg_that_is_gone_is_harmless(rig: Rig) -> None:
    rig.switch.hang_up("nobody-1")


def test_send_to_of_a_leg_that_is_gone_is_refused(rig: Rig) -> None:
    with pytest.raises(Refused):
        rig.switch.send_to("nobody-1", Entry.RECOVER)


def test_what_has_happened_has_been_told_when_it_is_proved(rig: Rig) -> None:
    door = rig.at(Entry.CALLER, lambda arrival: arrival.leg.answer())
    rig.call()
    leg = door.arrival().leg.id  # it has begun
    rig.switch.prove()
    assert rig.seen(LegStarted, leg=leg)


def test_devices_and_their_changes(rig: Rig, bob: Phone, carol: Phone) -> None:
    def devices() -> dict[str, bool]:
        return {device.phone: device.reachable for device in rig.switch.devices()}

    assert devices() == {bob.id: True, carol.id: True}
    bob.unregister()
    rig.wait_for_event(DeviceChanged, phone=bob.id, reachable=False)
    assert devices() == {bob.id: False, carol.id: True}
    bob.register()
    rig.wait_for_event(DeviceChanged, phone=bob.id, reachable=True)
    assert devices() == {bob.id: True, carol.id: True}


def test_registrations_are_told_with_what_is_known_of_the_phone(rig: Rig, bob: Phone, carol: Phone) -> None:
    def registered() -> dict[str, Registration]:
        return {info.phone: info for info in rig.switch.registrations()}

    rig.wait_for(lambda: set(registered()) == {bob.id, carol.id}, "both registrations")
    info = registered()[bob.id]
    host, _, port = info.address.rpartition(":")
    assert host and port.isdecimal()
    assert info.agent in ("appliance lab", "simulated phone")  # each says itself what it is
    assert info.reachable
    rig.wait_for(lambda: registered()[bob.id].round_trip is not None, "an answer to OPTIONS", within=60.0)
    assert 0 < (registered()[bob.id].round_trip or 0) < 1
    bob.unregister()
    rig.wait_for(lambda: set(registered()) == {carol.id}, "the end of one of them")
    bob.register()
    rig.wait_for(lambda: set(registered()) == {bob.id, carol.id}, "both again")


def test_two_talks_at_once_do_not_mix(rig: Rig, bob: Phone, carol: Phone) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.dial([bob.id if arrival.ani.endswith("1") else carol.id], 10.0)

    bob.will_answer()
    carol.will_answer()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call(ani="+74951230001")
    door.arrival(0)
    dave = rig.call(ani="+74951230002")
    door.arrival(1)
    rig.wait_for(lambda: alice.hears(bob.id) and dave.hears(carol.id), "both voices")
    talks = {info.endpoint: info.joined for info in rig.switch.legs() if info.endpoint != rig.trunk}
    assert talks[bob.id] != talks[carol.id]
    by = {event.endpoint: event.by for event in rig.seen(LegRinging)}
    assert by[bob.id] == door.arrival(0).leg.id
    assert by[carol.id] == door.arrival(1).leg.id


def test_legs_live_on_without_the_control_connection(rig: Rig) -> None:
    def story(arrival: Arrival) -> list[object]:
        arrival.leg.answer()
        return [arrival.leg.play([rig.sound]), arrival.leg.wait(), arrival.leg.wait()]

    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.break_control()
    rig.wait_for(lambda: len(rig.seen(SwitchUp)) == 2, "the control connection to be back")
    assert [type(event) for event in rig.events if isinstance(event, SwitchUp | SwitchDown)] == [
        SwitchUp,
        SwitchDown,
        SwitchUp,
    ]
    leg = door.arrival().leg
    assert [info.leg for info in rig.switch.legs()] == [leg.id]
    leg.post("item")
    alice.press("5")
    assert door.result() == ["", "item", Key("5")]
    rig.wait_for_event(LegEnded, leg=leg.id)


def test_the_end_of_a_talk_is_told_that_began_on_an_earlier_control_connection(rig: Rig, bob: Phone) -> None:
    def story(arrival: Arrival) -> object:
        arrival.leg.answer()
        return arrival.leg.dial([bob.id], 10.0).phone

    bob.will_answer()
    door = rig.at(Entry.CALLER, story)
    alice = rig.call()
    rig.wait_for(lambda: alice.hears(bob.id), "bob's voice")
    joined = rig.wait_for_event(LegsJoined)
    rig.break_control()
    rig.wait_for(lambda: len(rig.seen(SwitchUp)) == 2, "the control connection to be back")
    bob.hang_up()
    assert door.result() == bob.id
    parted = rig.wait_for_event(LegsParted)
    assert {parted.leg, parted.other} == {joined.leg, joined.other}
    assert rig.wait_for_event(LegEnded, leg=joined.other).endpoint == bob.id
    assert len(rig.seen(LegsJoined)) == 1


def test_a_switch_that_is_stopped_cannot_be_asked(rig: Rig) -> None:
    rig.switch.stop()
    try:
        for ask in (
            rig.switch.legs,
            rig.switch.devices,
            rig.switch.registrations,
            rig.switch.prove,
            lambda: rig.switch.hang_up("nobody-1"),
            lambda: rig.switch.originate("minted-1", rig.phones[0], Entry.WRAPUP, "call-1", 5.0),
            lambda: rig.switch.keep_fallback([]),
        ):
            with pytest.raises(SwitchLost):
                ask()
    finally:
        rig.start()
    assert list(rig.switch.legs()) == []
