"""The rigs on which every contract case runs."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.lab.freeswitch import find_freeswitch
from appliance.lab.process import LabError
from appliance.lab.switch import find_asterisk
from tests.contract.asterisk_rig import AsteriskRig, AsteriskSite
from tests.contract.freeswitch_rig import FreeSwitchRig, FreeSwitchSite
from tests.contract.rig import Phone, Rig
from tests.contract.simulated_rig import SimulatedRig
from tests.needs import lack

# For each name here there is a fixture <name>_rig.
RIGS = ("simulated", "late_simulated", "asterisk", "freeswitch")

ASTERISK_ROOT = Path(os.environ.get("APPLIANCE_ASTERISK_ROOT", Path(__file__).parents[2] / ".lab/asterisk-root"))


@pytest.fixture
def simulated_rig() -> Rig:
    return SimulatedRig()


@pytest.fixture
def late_simulated_rig() -> Rig:
    return SimulatedRig(late=True)


@pytest.fixture(scope="session")
def asterisk_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AsteriskSite]:
    try:
        installation = find_asterisk(ASTERISK_ROOT)
    except LabError as error:
        lack("asterisk", error)
    site = AsteriskSite(installation, tmp_path_factory.mktemp("contract"))
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def asterisk_rig(asterisk_site: AsteriskSite) -> Rig:
    return AsteriskRig(asterisk_site)


@pytest.fixture(scope="session")
def freeswitch_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreeSwitchSite]:
    try:
        installation = find_freeswitch()
    except LabError as error:
        lack("freeswitch", error)
    site = FreeSwitchSite(installation, tmp_path_factory.mktemp("freeswitch"))
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def freeswitch_rig(freeswitch_site: FreeSwitchSite) -> Rig:
    return FreeSwitchRig(freeswitch_site)


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
