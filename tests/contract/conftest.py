"""The rigs on which every contract case runs."""

from collections.abc import Iterator

import pytest

from tests.contract.rig import Phone, Rig
from tests.contract.simulated_rig import SimulatedRig

# For each name here there is a fixture <name>_rig.
RIGS = ("simulated", "late_simulated")


@pytest.fixture
def simulated_rig() -> Rig:
    return SimulatedRig()


@pytest.fixture
def late_simulated_rig() -> Rig:
    return SimulatedRig(late=True)


@pytest.fixture(params=RIGS)
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    rig: Rig = request.getfixturevalue(f"{request.param}_rig")
    rig.start()
    yield rig
    rig.finish()


@pytest.fixture
def bob(rig: Rig) -> Phone:
    return rig.phone(rig.phones[0])


@pytest.fixture
def carol(rig: Rig) -> Phone:
    return rig.phone(rig.phones[1])
