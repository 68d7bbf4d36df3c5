"""The heartbeat: heard while calls are served, not heard when any part of what serves them stands still."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from peewee import OperationalError

from appliance.facts import Fact
from appliance.records.store import Store
from appliance.upkeep.service_manager import ALIVE, READY, STOPPING, ServiceManager
from tests.simulated.centre import Centre, running, settings

WATCHDOG = 20.0  # as in systemd/appliance.service


class Manager(ServiceManager):
    """A service manager that writes down what it is told, and when."""

    def __init__(self) -> None:
        super().__init__("somewhere", WATCHDOG)
        self.centre: Centre
        self.told: list[tuple[float, str]] = []

    def tell(self, *lines: str) -> None:
        self.told += [(self.centre.clock.now(), line) for line in lines]

    @property
    def status(self) -> str:
        return next(line for _, line in reversed(self.told) if line.startswith("STATUS="))

    def silent_for(self) -> float:
        """The time since the last beat."""
        return self.centre.clock.now() - max(at for at, line in self.told if line == ALIVE)


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Centre]:
    manager = Manager()

    def begin(self: Centre, *arguments: object) -> None:
        usual(self, *arguments)
        self.manager, manager.centre = manager, self

    usual = Centre.__init__
    monkeypatch.setattr(Centre, "__init__", begin)
    with running(tmp_path, settings()) as centre:
        yield centre


def refuse(self: Store, *_: object) -> None:
    raise OperationalError("database or disk is full")


def test_it_beats_four_times_in_the_time_that_is_granted(centre: Centre) -> None:
    centre.run_for(600)
    beats = [at for at, line in centre.manager.told if line == ALIVE]
    assert max(b - a for a, b in itertools.pairwise(beats)) == WATCHDOG / 4
    assert next(line for _, line in centre.manager.told) == READY


def test_the_status_says_in_a_line_what_goes_on(centre: Centre) -> None:
    centre.sign_on("alice", "bob")
    callers = [centre.call() for _ in range(3)]
    centre.phone("alice").answers(after=1)
    centre.phone("bob").answers(after=1)
    centre.run_for(30)
    assert centre.manager.status == "STATUS=3 calls, 1 waiting, 2 talking; 2 agents signed on; asterisk connected"
    for caller in callers:
        caller.hang_up()


def test_health_is_found_out_when_it_is_asked_for(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    caller = centre.call()
    centre.run_for(60)
    health = centre.daemon._command("health", {})
    assert (health["trouble"], health["calls"], health["switch_up"]) == (None, 1, True)
    assert health["oldest_call"]["started_at"] == centre.clock.now() - 60
    caller.hang_up()
    monkeypatch.setattr(centre.engine, "_inbox", centre.clock.mailbox())  # nobody reads it
    assert centre.daemon._command("health", {})["trouble"] == "the engine has not answered for 5 s"
    monkeypatch.undo()


def test_it_says_when_it_stops(centre: Centre) -> None:
    centre.daemon.stop()
    assert centre.manager.told[-1][1] == STOPPING
    centre.start()


def test_an_engine_that_hangs_is_silent(centre: Centre, caplog: pytest.LogCaptureFixture) -> None:
    take = centre.engine._take

    def hang(item: object, now: float) -> list[Fact]:
        if centre.clock.now() < until:
            centre.clock.sleep(until - centre.clock.now())
        return take(item, now)

    until = centre.clock.now() + 100
    centre.engine._take = hang
    centre.run_for(90)
    assert centre.manager.silent_for() > WATCHDOG
    assert centre.manager.status == "STATUS=not serving calls: the engine has not answered for 5 s"
    assert caplog.text.count("the appliance does not serve calls") == 1 and "in hang" in caplog.text
    centre.run_for(20)
    assert centre.manager.silent_for() <= WATCHDOG / 4
    assert "the appliance serves calls again" in caplog.text


def test_an_engine_that_has_ended_is_silent(centre: Centre) -> None:
    centre.run_for(1)
    gevent.kill(centre.daemon.greenlets[0])
    centre.run_for(60)
    assert centre.manager.silent_for() > WATCHDOG
    centre.daemon._spawn(centre.engine.run)


def test_events_that_are_told_to_nobody_are_silence(centre: Centre) -> None:
    switch = centre.switch
    centre.run_for(1)
    gevent.kill(switch._teller)
    centre.run_for(60)
    assert centre.manager.silent_for() > WATCHDOG
    switch._teller = gevent.spawn(switch._tell, switch._events, switch._on_event)


def test_a_switch_that_is_gone_is_no_reason_to_die(centre: Centre) -> None:
    centre.switch.lose_connection()
    centre.run_for(300)
    assert centre.manager.silent_for() <= WATCHDOG / 4
    assert centre.manager.status.endswith("asterisk not connected: The connection was closed.")
    centre.switch.regain_connection()


@pytest.mark.parametrize("goes_on", [True, False], ids=["with calls", "at night"])
def test_a_database_that_is_gone_for_a_minute_is_waited_for(
    centre: Centre, monkeypatch: pytest.MonkeyPatch, goes_on: bool
) -> None:
    """Then it is time to leave the callers to the switch's own queues."""
    monkeypatch.setattr(Store, "write", refuse)
    monkeypatch.setattr(Store, "read", refuse)
    if goes_on:
        centre.call()
    centre.run_for(55)
    assert centre.manager.silent_for() <= WATCHDOG / 2
    assert "database or disk is full" in centre.manager.status
    centre.run_for(40)
    assert centre.manager.silent_for() > WATCHDOG
    assert "not serving calls: the database has taken nothing for" in centre.manager.status
    monkeypatch.undo()
    centre.run_for(20)
    assert centre.manager.silent_for() <= WATCHDOG / 4


def test_a_database_that_never_answers_is_not_waited_for(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    """As over a connection whose other end has vanished: nothing more can happen until it breaks."""
    monkeypatch.setattr(Store, "read", lambda self: centre.clock.sleep(100))
    centre.run_for(40)
    assert centre.manager.silent_for() > WATCHDOG
    monkeypatch.undo()
    centre.run_for(100)
