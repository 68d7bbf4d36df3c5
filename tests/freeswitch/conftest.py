"""The stories of tests/scenarios on a real FreeSWITCH, where there is one (docs/freeswitch-install.md)."""

from functools import partial

import pytest

from appliance.lab.freeswitch import find_freeswitch
from appliance.lab.process import LabError
from tests.freeswitch.machine import FreeSwitchMachine
from tests.needs import lack
from tests.scenarios.fixtures import *  # noqa: F403
from tests.scenarios.providers import *  # noqa: F403


@pytest.fixture(scope="package")
def make_machine() -> partial[FreeSwitchMachine]:
    try:
        return partial(FreeSwitchMachine, find_freeswitch())
    except LabError as error:
        lack("freeswitch", error)
