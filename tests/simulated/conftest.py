"""The clock and the bare switch on which the simulator itself is tried out."""

import pytest

from appliance.simulation.clock import VirtualClock
from appliance.simulation.switch import SimulatedSwitch


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def switch(clock: VirtualClock) -> SimulatedSwitch:
    """A switch that nobody has started yet."""
    return SimulatedSwitch(clock, phones=("alice", "bob", "carol"), fallbacks={"100": "sales"})
