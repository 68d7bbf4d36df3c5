"""Phones that encrypt, on FreeSWITCH."""

from tests.scenarios.story_secure import *  # noqa: F403
