"""Providers that are tested, away or odd, on FreeSWITCH."""

from tests.scenarios.story_trunks_tested import *  # noqa: F403
