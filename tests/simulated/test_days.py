"""Whole days on the simulated switch: the same again when repeated, nobody left over, thousands of calls."""

from collections import Counter
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from appliance.names import Entry, Exit
from appliance.port import (
    Arrival,
    Event,
    FallbackMember,
    LegEnded,
    LegsJoined,
    LegsParted,
    LegStarted,
    Outcome,
)
from appliance.simulation.clock import MORNING, VirtualClock
from appliance.simulation.people import Caller, Stage
from appliance.simulation.switch import SimulatedSwitch

START = MORNING.timestamp()
ALICE = "+74951230001"


def ignore(event: Event) -> None:
    pass


PHONES = ("alice", "bob", "carol")
seconds = st.floats(0.0, 30.0, allow_nan=False).map(lambda value: round(value, 2))
calls = st.tuples(
    seconds,
    st.sampled_from(["wait", "dial", "wrap up", "all", "lose", "fallback"]),
    st.none() | seconds,
    st.none() | seconds,
    st.text("0123456789*#", max_size=3),
)
habits = st.tuples(st.sampled_from(["answers", "ignores", "rejects", "engaged"]), seconds, st.none() | seconds)
days = st.tuples(
    st.lists(calls, min_size=1, max_size=12),
    st.tuples(*[habits] * len(PHONES)),
    st.none() | seconds,  # when the appliance is killed, and 7 seconds later started again
    st.lists(st.tuples(seconds, st.sampled_from(PHONES), st.booleans()), max_size=4),  # who registers when
)


def handle_anything(arrival: Arrival) -> None:
    leg = arrival.leg
    leg.answer()
    leg.mark(arrival.call or f"call-of-{leg.id}")
    if arrival.entry is Entry.CALLER:
        leg.play(["welcome"], keys="123")
        leg.music("jazz")
        if arrival.dnis == "lose":
            return
        if arrival.dnis == "fallback":
            leg.leave(Exit.FALLBACK, "sales")
        elif arrival.dnis == "wait":
            leg.wait(20.0)
        else:
            phones = PHONES if arrival.dnis == "all" else PHONES[:1]
            leg.dial(phones, 10.0, "jazz", wrap_up=arrival.dnis == "wrap up")
    leg.read_key(2.0)
    leg.leave(Exit.DONE)


def live(
    day: tuple[
        list[tuple[float, str, float | None, float | None, str]],
        tuple[tuple[str, float, float | None], ...],
        float | None,
        list[tuple[float, str, bool]],
    ],
) -> tuple[SimulatedSwitch, list[Caller], list[tuple[float, Event]]]:
    plans, people, killed_at, registrations = day
    clock = VirtualClock()
    told: list[tuple[float, Event]] = []
    switch = SimulatedSwitch(clock, PHONES, random=Random(5), fallback_after=10.0)

    def start() -> None:
        switch.start(handle_anything, lambda event: told.append((clock.now(), event)))
        switch.keep_fallback([FallbackMember("sales", name, name, False) for name in PHONES])

    callers: list[Caller] = []

    def call(plan: tuple[float, str, float | None, float | None, str]) -> None:
        _, number, patience, talks, keys = plan
        callers.append(switch.call(ALICE, number, patience=60.0 if patience is None else patience, talks=talks))
        callers[-1].press(keys, after=1.0)

    for name, (habit, after, talks) in zip(PHONES, people, strict=True):
        phone = switch.phone(name)
        {
            "answers": lambda: phone.answers(after, 60.0 if talks is None else talks),  # noqa: B023
            "ignores": phone.ignores,
            "rejects": lambda: phone.rejects(after),  # noqa: B023
            "engaged": phone.is_engaged,
        }[habit]()
    for at, name, is_there in registrations:
        phone = switch.phone(name)
        clock.call_later(at, phone.register if is_there else phone.unregister)
    start()
    for plan in plans:
        clock.call_later(plan[0], call, plan)
    if killed_at is not None:
        clock.call_later(killed_at, switch.kill_appliance)
        clock.call_later(killed_at + 7.0, start)
    clock.run(START + 600.0)
    return switch, callers, told


@given(days)
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_same_day_is_the_same_again(day) -> None:  # type: ignore[no-untyped-def]
    first, callers, told = live(day)
    again, same_callers, same_told = live(day)
    assert first.history == again.history
    assert told == same_told
    assert [caller.heard for caller in callers] == [caller.heard for caller in same_callers]


@given(days)
@hypothesis_settings(max_examples=60, deadline=None)
def test_every_day_adds_up(day) -> None:  # type: ignore[no-untyped-def]
    switch, callers, _ = live(day)
    assert list(switch.legs()) == []
    assert all(caller.stage is Stage.GONE for caller in callers)
    assert not any(phone.calls for phone in switch.phones.values())
    events = [event for _, event in switch.history]
    started = Counter(event.leg for event in events if isinstance(event, LegStarted))
    ended = Counter(event.leg for event in events if isinstance(event, LegEnded))
    assert started == ended and set(started.values()) == {1}
    joined = [(event.leg, event.other) for event in events if isinstance(event, LegsJoined)]
    parted = [(event.leg, event.other) for event in events if isinstance(event, LegsParted)]
    assert sorted(joined) == sorted(parted)
    for caller in callers:
        for before, after in pairwise(caller.heard):
            assert before.end is not None and before.begin <= before.end <= after.begin
        assert all(heard.end is not None for heard in caller.heard)


def test_a_day_of_thousands_of_calls(clock: VirtualClock, switch: SimulatedSwitch) -> None:
    random = Random(11)
    for id in [f"agent-{number}" for number in range(40)]:
        switch.phone(id).answers(lambda: random.uniform(2.0, 10.0), lambda: random.expovariate(1 / 120.0))
    answered: list[str] = []

    def handle(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.play(["welcome", "menu"], keys="12")
        for _ in range(10):
            phone = f"agent-{random.randrange(40)}"
            arrival.leg.music("jazz")
            if arrival.leg.dial([phone], 15.0, "jazz").outcome is Outcome.ANSWERED:
                answered.append(phone)
                break
            arrival.leg.wait(5.0)
        arrival.leg.hang_up()

    switch.start(handle, ignore)
    for _ in range(3000):
        clock.call_later(random.uniform(0.0, 8 * 3600.0), switch.call, ALICE, "100")
    clock.run()
    assert list(switch.legs()) == []
    assert len(answered) > 2500
