"""The virtual clock: time passes only when everybody waits, in a fixed order, and nothing is lost on the way."""

import gc
import subprocess
import sys
from collections.abc import Callable

import gevent
import pytest
from gevent.event import Event

from appliance.simulation.clock import MORNING, Stuck, VirtualClock

START = MORNING.timestamp()


def test_time_passes_only_while_somebody_waits(clock: VirtualClock) -> None:
    seen: list[tuple[str, float]] = []

    def sleeper(name: str, seconds: float) -> None:
        clock.sleep(seconds)
        seen.append((name, clock.now() - START))

    for name, seconds in (("long", 3600.0), ("short", 2.0), ("none", 0.0)):
        gevent.spawn(sleeper, name, seconds)
    clock.run()
    assert seen == [("none", 0.0), ("short", 2.0), ("long", 3600.0)]
    assert clock.now() == START + 3600.0


def test_equal_moments_come_in_the_order_in_which_they_were_set(clock: VirtualClock) -> None:
    seen: list[int] = []
    for number in range(100):
        clock.call_later(5.0, seen.append, number)
    clock.run()
    assert seen == list(range(100))


def test_each_timer_waits_until_what_the_one_before_woke_has_come_to_rest(clock: VirtualClock) -> None:
    seen: list[str] = []
    woken = Event()

    def chain(depth: int) -> None:
        woken.wait()
        for step in range(depth):
            gevent.spawn(seen.append, f"step {step}").join()

    gevent.spawn(chain, 20)
    clock.call_later(1.0, woken.set)
    clock.call_later(1.0, seen.append, "second timer")
    clock.run()
    assert seen == [*(f"step {step}" for step in range(20)), "second timer"]


def test_run_until_a_moment_or_a_condition(clock: VirtualClock) -> None:
    seen: list[float] = []
    for seconds in (1.0, 2.0, 3.0, 4.0):
        clock.call_later(seconds, seen.append, seconds)
    clock.run(START + 2.5)
    assert (seen, clock.now()) == ([1.0, 2.0], START + 2.5)
    clock.run(lambda: 3.0 in seen)
    assert (seen, clock.now()) == ([1.0, 2.0, 3.0], START + 3.0)
    clock.run_for(10.0)
    assert (seen, clock.now()) == ([1.0, 2.0, 3.0, 4.0], START + 13.0)


def test_what_cannot_come_is_said(clock: VirtualClock) -> None:
    with pytest.raises(Stuck, match="09:00:00"):
        clock.run(lambda: False)
    clock.call_later(100.0, lambda: None)
    with pytest.raises(Stuck, match="09:00:30"):
        clock.run(lambda: False, within=30.0)


def test_greenlets_that_wake_each_other_without_end_are_found_out(
    clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("appliance.simulation.clock._CIRCLES", 1000)

    def spin() -> None:
        while True:
            gevent.sleep(0)

    spinning = gevent.spawn(spin)
    with pytest.raises(Stuck, match="without end"):
        clock.run()
    spinning.kill()


def test_an_error_in_a_greenlet_surfaces(clock: VirtualClock) -> None:
    def fail() -> None:
        clock.sleep(1.0)
        raise ValueError("lost")

    gevent.spawn(fail)
    with pytest.raises(ValueError, match="lost"):
        clock.run()
    clock.run()


def test_a_timer_must_not_wait(clock: VirtualClock) -> None:
    clock.call_later(1.0, clock.sleep, 1.0)
    with pytest.raises(RuntimeError, match="timer"):
        clock.run()


def test_greenlets_of_a_clock_that_does_not_run_wait_for_it(clock: VirtualClock) -> None:
    seen: list[float] = []
    other = VirtualClock()
    gevent.spawn(lambda: (other.sleep(5.0), seen.append(other.now() - START)))
    clock.run_for(100.0)
    assert seen == []
    other.run()
    assert seen == [5.0]


def test_the_main_greenlet_lets_the_time_pass_by_waiting(clock: VirtualClock) -> None:
    mailbox = clock.mailbox()
    clock.call_later(3.0, mailbox.put, "letter")
    clock.sleep(1.0)
    assert clock.now() == START + 1.0
    assert mailbox.get(1.0) is None
    assert mailbox.get() == "letter"
    assert clock.now() == START + 3.0


def test_mailbox(clock: VirtualClock) -> None:
    mailbox = clock.mailbox()
    seen: list[tuple[object, float]] = []

    def read() -> None:
        for timeout in (5.0, 5.0, 5.0, 0.0, None):
            seen.append((mailbox.get(timeout), clock.now() - START))

    gevent.spawn(read)
    clock.call_later(2.0, mailbox.put, "a")
    clock.call_later(2.0, mailbox.put, "b")
    clock.call_later(60.0, mailbox.put, "c")
    clock.run()
    assert seen == [("a", 2.0), ("b", 2.0), (None, 7.0), (None, 7.0), ("c", 60.0)]


@pytest.mark.parametrize("reader_first", [True, False])
def test_a_letter_that_comes_at_the_last_moment_is_not_lost(clock: VirtualClock, reader_first: bool) -> None:
    mailbox = clock.mailbox()
    got: list[object] = []

    def read() -> None:
        got.append(mailbox.get(5.0))

    if reader_first:
        gevent.spawn(read)
        clock.run(START)
    clock.call_at(START + 5.0, mailbox.put, "letter")
    if not reader_first:
        gevent.spawn(read)
    clock.run()
    assert got == ([None] if reader_first else ["letter"])
    assert mailbox.get(0.0) == ("letter" if reader_first else None)


def test_letters_reach_every_reader_and_outlive_one_that_is_killed(clock: VirtualClock) -> None:
    mailbox = clock.mailbox()
    got: list[object] = []
    readers = [gevent.spawn(lambda: got.append(mailbox.get())) for _ in range(3)]
    clock.run()
    mailbox.put("a")
    mailbox.put("b")
    readers[0].kill(block=False)
    clock.run()
    assert sorted(map(str, got)) == ["a", "b"]


def _finally_says(clock: VirtualClock, said: list[str], wait: Callable[[], object]) -> None:
    try:
        wait()
        said.append("went on")
    finally:
        said.append("finally")


def test_buried_greenlets_never_run_again(clock: VirtualClock) -> None:
    said: list[str] = []
    mailbox = clock.mailbox()
    greenlets = [
        gevent.spawn(_finally_says, clock, said, lambda: clock.sleep(10.0)),
        gevent.spawn(_finally_says, clock, said, mailbox.get),
    ]
    clock.run_for(1.0)
    greenlets.append(gevent.spawn(said.append, "began"))
    mailbox.put("on its way")
    clock.bury(greenlets)
    greenlets.clear()
    clock.run_for(60.0)
    gc.collect()
    assert said == []


def test_a_greenlet_may_bury_itself(clock: VirtualClock) -> None:
    said: list[str] = []
    gevent.spawn(_finally_says, clock, said, lambda: clock.bury([gevent.getcurrent()]))
    clock.run()
    assert said == []


def test_what_is_buried_is_silent_at_the_end_of_the_process() -> None:
    program = """
import gevent
from appliance.simulation.clock import VirtualClock
clock = VirtualClock()
def talk():
    try:
        clock.sleep(9)
    finally:
        print("finally")
greenlet = gevent.spawn(talk)
clock.run_for(1)
clock.bury([greenlet])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
