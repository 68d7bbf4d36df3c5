"""The simulated switch where it goes beyond the contract: people, holding, stand-in queues, death."""

import gc
from collections.abc import Callable
from itertools import pairwise
from random import Random

import gevent
import pytest

from appliance.names import Entry, Exit
from appliance.port import (
    Arrival,
    EndCause,
    Event,
    FallbackMember,
    LegEnded,
    Outcome,
    Refused,
    Switch,
    SwitchDown,
    SwitchLost,
    SwitchUp,
)
from appliance.simulation.channel import Heard, Sound
from appliance.simulation.clock import MORNING, VirtualClock
from appliance.simulation.people import Stage
from appliance.simulation.switch import SimulatedSwitch

START = MORNING.timestamp()
ALICE = "+74951230001"


def ignore(event: Event) -> None:
    pass


def wait(arrival: Arrival) -> None:
    """A handler that answers and waits with music for ever."""
    arrival.leg.answer()
    arrival.leg.music("jazz")
    arrival.leg.wait()


def connect(*phones: str, wrap_up: bool = False) -> Callable[[Arrival], None]:
    """A handler that puts callers through."""

    def handle(arrival: Arrival) -> None:
        if arrival.entry is not Entry.CALLER:
            arrival.leg.read_key(5.0)
        else:
            arrival.leg.answer()
            arrival.leg.mark("call-1")
            arrival.leg.dial(phones, 20.0, "jazz", wrap_up)
        arrival.leg.leave(Exit.DONE)

    return handle


def timetable(heard: list[Heard]) -> list[tuple[str, str, float, float | None]]:
    return [
        (
            each.kind.value,
            each.what,
            round(each.begin - START, 3),
            None if each.end is None else round(each.end - START, 3),
        )
        for each in heard
    ]


def test_it_is_a_switch(switch: SimulatedSwitch) -> None:
    seen_by_a_type_checker: Switch = switch
    assert seen_by_a_type_checker is switch


def test_what_a_caller_hears_and_when(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    def handle(arrival: Arrival) -> None:
        clock.sleep(1.0)
        arrival.leg.answer()
        arrival.leg.play(["welcome", "menu"], keys="2")
        arrival.leg.music("jazz")
        arrival.leg.wait(10.0)
        arrival.leg.dial(["bob"], 20.0, "jazz")
        arrival.leg.hang_up()

    switch.start(handle, ignore)
    switch.phone("bob").answers(after=4.0, talks=30.0)
    alice = switch.call(ALICE, "100")
    alice.press("2", after=4.5)
    clock.run()
    assert timetable(list(alice.heard)) == [
        ("ringing", "", 0.0, 1.0),
        ("prompt", "welcome", 1.0, 3.0),
        ("prompt", "menu", 3.0, 4.5),
        ("music", "jazz", 4.5, 18.5),
        ("talk", "bob", 18.5, 48.5),
    ]
    assert alice.prompts == ["welcome", "menu"]
    assert (alice.stage, alice.cause) == (Stage.GONE, EndCause.NORMAL)
    assert timetable(list(switch.phone("bob").past[0].heard)) == [("talk", "trunk", 18.5, 48.5)]


def test_patience_ends_with_the_time_but_not_with_a_talk(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    switch.start(lambda arrival: wait(arrival) if arrival.dnis == "100" else connect("bob")(arrival), ignore)
    switch.phone("bob").answers(after=2.0)
    dave, alice = switch.call("dave", "100", patience=30.0), switch.call(ALICE, "200", patience=30.0, talks=100.0)
    clock.run(START + 29.0)
    assert (dave.stage, alice.stage) == (Stage.LISTENING, Stage.TALKING)
    clock.run(START + 31.0)
    assert (dave.stage, alice.stage) == (Stage.GONE, Stage.TALKING)
    clock.run(START + 103.0)
    assert alice.stage is Stage.GONE


def test_a_phone_with_one_line_is_busy_and_one_with_two_is_not(
    clock: VirtualClock, switch: SimulatedSwitch
) -> None:
    switch.start(connect("bob"), ignore)
    bob = switch.phone("bob")
    bob.answers(after=1.0)
    first = switch.call(ALICE, "100")
    clock.run_for(5.0)
    second = switch.call("dave", "100")
    clock.run_for(5.0)
    assert (first.stage, second.stage, len(bob.past)) == (Stage.TALKING, Stage.GONE, 2)
    bob.lines = 2
    third = switch.call("erin", "100")
    clock.run_for(5.0)
    assert (first.stage, third.stage, len(bob.calls)) == (Stage.TALKING, Stage.TALKING, 2)


def test_phones_call_each_other_without_the_appliance(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    switch.phone("bob").answers(after=1.0)
    call = switch.phone("alice").dial("bob")
    clock.run_for(5.0)
    assert (call.stage, switch.phone("bob").stage) == (Stage.TALKING, Stage.TALKING)
    switch.phone("bob").hang_up()
    clock.run_for(1.0)
    assert (call.stage, switch.phone("bob").stage) == (Stage.GONE, Stage.GONE)


def test_an_agent_keys_the_disposition_afterwards(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    keyed: list[str] = []

    def handle(arrival: Arrival) -> None:
        if arrival.entry is Entry.WRAPUP:
            keyed.append(arrival.leg.read_key(10.0) + arrival.leg.read_key(10.0))
            arrival.leg.leave(Exit.DONE)
        else:
            connect("bob", wrap_up=True)(arrival)

    switch.start(handle, ignore)
    switch.phone("bob").answers(after=1.0, talks=22.0)  # alice is quicker
    switch.phone("bob").keys_afterwards("42", after=3.0)
    switch.call(ALICE, "100", talks=20.0)
    clock.run()
    assert keyed == ["42"]
    assert clock.now() == START + 24.0


def test_a_held_caller_comes_again_after_one_or_two_seconds(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    moments: list[float] = []

    def fail_four_times(arrival: Arrival) -> None:
        moments.append(clock.now() - START)
        if len(moments) == 5:
            arrival.leg.leave(Exit.DONE)

    switch.start(fail_four_times, ignore)
    alice = switch.call(ALICE, "100")
    clock.run()
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert len(gaps) == 4
    assert all(1.0 <= gap <= 2.0 for gap in gaps) and len(set(gaps)) > 1
    assert {heard.kind for heard in alice.heard} == {Sound.RINGING, Sound.MUSIC}


def test_the_music_of_a_lost_handler_is_not_that_of_the_next(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    def handle(arrival: Arrival) -> None:
        if arrival.entry is Entry.RECOVER:
            arrival.leg.play(["returned"])
            arrival.leg.wait(5.0)
            arrival.leg.leave(Exit.DONE)
        else:
            arrival.leg.music("jazz")

    switch.start(handle, ignore)
    alice = switch.call(ALICE, "100")
    clock.run()
    assert [(heard.kind, heard.what) for heard in alice.heard[-3:]] == [
        (Sound.MUSIC, "jazz"),
        (Sound.MUSIC, "default"),
        (Sound.PROMPT, "returned"),
    ]


def test_without_an_appliance_the_stand_in_queue_serves(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    switch.start(wait, ignore)
    switch.phone("bob").answers(after=3.0, talks=40.0)
    switch.phone("carol").answers(after=1.0)
    switch.keep_fallback(
        [FallbackMember("sales", "b", "bob", paused=False), FallbackMember("sales", "c", "carol", paused=True)]
    )
    alice = switch.call(ALICE, "100")
    clock.run_for(20.0)
    switch.kill_appliance()
    clock.run(START + 79.0)
    assert alice.stage is Stage.LISTENING and not switch.stand_ins
    clock.run(lambda: switch.stand_ins, within=4.0)
    (stand_in,) = switch.stand_ins
    assert (stand_in.leg, stand_in.queue) == (alice.leg, "sales")
    clock.run(lambda: alice.partners, within=4.0)
    assert alice.partners == ["bob"]
    clock.run(lambda: alice.stage is Stage.GONE, within=41.0)
    assert not switch.phone("carol").past


def test_the_stand_in_queue_rings_until_somebody_answers(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    switch.start(lambda arrival: arrival.leg.leave(Exit.FALLBACK, "sales"), ignore)
    alice = switch.call(ALICE, "100")
    clock.run_for(60.0)
    assert alice.hears(Sound.MUSIC)
    switch.keep_fallback([FallbackMember("sales", "b", "bob", paused=False)])
    clock.run_for(60.0)
    assert len(switch.phone("bob").past) > 2
    switch.phone("bob").answers(after=1.0)
    clock.run(lambda: alice.stage is Stage.TALKING, within=30.0)


def test_a_number_without_a_stand_in_queue_ends_the_call(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    alice = switch.call(ALICE, "200")
    clock.run()
    assert alice.cause is EndCause.FAILED
    assert 60.0 <= clock.now() - START <= 62.0


def test_a_code_dialled_without_an_appliance_ends(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    call = switch.phone("bob").dial("*11")
    clock.run()
    assert (call.stage, clock.now()) == (Stage.GONE, START + 2.0)


def test_nothing_of_a_killed_appliance_runs_again(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    said: list[str] = []
    events: list[Event] = []
    letters = clock.mailbox()

    def handle(arrival: Arrival) -> None:
        try:
            if arrival.dnis == "letters":
                letters.get()
            elif arrival.dnis == "sleep":
                clock.sleep(10.0)
            elif arrival.dnis == "dial":
                arrival.leg.dial(["bob"], 5.0)
            else:
                arrival.leg.wait(10.0)
            said.append("went on")
        except BaseException:
            said.append("raised")
        finally:
            said.append("finally")

    def engine() -> None:
        try:
            clock.sleep(10.0)
        finally:
            said.append("engine")

    switch.start(handle, events.append)
    other = gevent.spawn(engine)
    callers = [switch.call(ALICE, number) for number in ("letters", "sleep", "dial", "wait")]
    clock.run_for(1.0)
    known = len(events)
    letters.put("on its way")
    callers[0].hang_up()
    switch.kill_appliance([other])
    del other
    callers[1].hang_up()
    clock.run_for(30.0)
    gc.collect()
    assert said == []
    assert len(events) == known
    assert callers[3].hears(Sound.MUSIC, "default")


def test_a_handler_may_kill_its_own_appliance(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    said: list[str] = []

    def handle(arrival: Arrival) -> None:
        try:
            arrival.leg.answer()
            switch.kill_appliance()
            said.append("went on")
        finally:
            said.append("finally")

    switch.start(handle, ignore)
    alice = switch.call(ALICE, "100")
    clock.run_for(3.0)
    assert (said, alice.hears(Sound.MUSIC)) == ([], True)


def test_an_error_of_a_handler_surfaces_and_loses_the_leg(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    entries: list[Entry] = []

    def handle(arrival: Arrival) -> None:
        entries.append(arrival.entry)
        if arrival.entry is Entry.CALLER:
            raise ValueError("a fault")
        arrival.leg.leave(Exit.DONE)

    switch.start(handle, ignore)
    switch.call(ALICE, "100")
    with pytest.raises(ValueError, match="a fault"):
        clock.run()
    clock.run()
    assert entries == [Entry.CALLER, Entry.RECOVER]


def test_only_one_appliance_at_a_time(switch: SimulatedSwitch) -> None:
    switch.start(wait, ignore)
    with pytest.raises(Refused):
        switch.start(wait, ignore)


def test_what_happens_without_a_connection_is_not_told(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    events: list[Event] = []
    switch.start(connect("bob"), events.append)
    switch.phone("bob").answers(after=1.0, talks=5.0)
    alice = switch.call(ALICE, "100")
    clock.run_for(2.0)
    switch.lose_connection("The cable is cut.")
    for ask in (switch.legs, switch.devices, lambda: switch.hang_up(alice.leg)):
        with pytest.raises(SwitchLost):
            ask()
    clock.run_for(10.0)
    assert alice.stage is Stage.GONE
    switch.regain_connection()
    clock.run()
    assert events[-2:] == [SwitchDown("The cable is cut."), SwitchUp()]
    assert not [event for event in events if isinstance(event, LegEnded)]
    assert [event for _, event in switch.history if isinstance(event, LegEnded)]


def test_late_events_keep_their_order(clock: VirtualClock) -> None:
    random = Random(3)
    told: list[tuple[float, Event]] = []
    switch = SimulatedSwitch(clock, phones=["bob"], latency=lambda: random.uniform(0.0, 2.0))
    switch.start(connect("bob"), lambda event: told.append((clock.now(), event)))
    switch.phone("bob").answers(after=1.0, talks=1.0)
    for number in range(20):
        clock.call_later(number, switch.call, ALICE, "100")
    clock.run()
    assert [event for _, event in told] == [event for _, event in switch.history]
    delays = [later - at for (at, _), (later, _) in zip(switch.history, told, strict=True)]
    assert max(delays) > 0.5


def test_several_phones_fail_each_in_its_own_way(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    outcomes: list[Outcome] = []

    def handle(arrival: Arrival) -> None:
        for phones in (["alice", "bob"], ["alice", "carol"], ["alice", "bob", "carol"], ["carol"], []):
            outcomes.append(arrival.leg.dial(phones, 5.0).outcome)
        arrival.leg.hang_up()

    switch.start(handle, ignore)
    switch.phone("alice").rejects()
    switch.phone("bob").is_engaged()
    switch.phone("carol").unregister()
    switch.call(ALICE, "100")
    clock.run()
    assert outcomes == [Outcome.BUSY, Outcome.REFUSED, Outcome.BUSY, Outcome.UNREACHABLE, Outcome.UNREACHABLE]
