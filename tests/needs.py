"""What a test needs that not every machine has: without it the test is skipped, or fails where it is required."""

import os
from typing import NoReturn

import pytest

REQUIRE = "APPLIANCE_REQUIRE"  # names, with commas or spaces between: asterisk freeswitch box


class Lacking(pytest.skip.Exception):
    """A test was skipped for want of something."""


def is_required(name: str) -> bool:
    """Whether the run was told to have it."""
    return name in os.environ.get(REQUIRE, "").replace(",", " ").split()


def lack(name: str, reason: object) -> NoReturn:
    """Skip for that reason, which is named at the end of the run; fail if the run was told to have `name`."""
    if is_required(name):
        pytest.fail(f"{name} is required, and cannot be had: {reason}", pytrace=False)
    raise Lacking(f"no {name} can be had: {reason}")
