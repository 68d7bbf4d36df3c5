"""The stories of tests/scenarios on a real Asterisk, which is got from Debian where there is none."""

import os
from functools import partial
from pathlib import Path

import pytest

from appliance.lab.process import LabError
from appliance.lab.switch import find_asterisk
from tests.asterisk.machine import AsteriskMachine
from tests.needs import lack
from tests.scenarios.centre import REPOSITORY
from tests.scenarios.fixtures import *  # noqa: F403
from tests.scenarios.providers import *  # noqa: F403

ROOT = Path(os.environ.get("APPLIANCE_ASTERISK_ROOT", REPOSITORY / ".lab" / "asterisk-root"))


@pytest.fixture(scope="package")
def make_machine() -> partial[AsteriskMachine]:
    try:
        return partial(AsteriskMachine, find_asterisk(ROOT))
    except LabError as error:
        lack("asterisk", error)
