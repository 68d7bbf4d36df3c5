"""The machine's clock is set now and then; the appliance's only ever goes on."""

import time

import pytest

from appliance.clock import RealClock


class Machine:
    """Its two clocks, of which only one is set by people and programs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.running = 1_000_000.0, 50.0
        monkeypatch.setattr(time, "time", lambda: self.wall)
        monkeypatch.setattr(time, "monotonic", lambda: self.running)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(monkeypatch)


def test_it_shows_the_machine_s_time(machine: Machine) -> None:
    clock = RealClock()
    for seconds in (0.0, 0.25, 3600.0):
        machine.passes(seconds)
        assert clock.now() == machine.wall


def test_set_forward_it_follows_at_once(machine: Machine) -> None:
    clock = RealClock()
    machine.wall += 3600
    assert clock.now() == machine.wall


def test_set_back_it_goes_on_more_slowly_until_the_machine_has_caught_up(machine: Machine) -> None:
    clock = RealClock()
    before = clock.now()
    machine.wall -= 60
    assert clock.now() == before
    machine.passes(30)
    assert clock.now() == before + 15  # a wrap-up of 15 s takes 30, and not a minute more
    machine.passes(100)
    assert clock.now() == machine.wall
