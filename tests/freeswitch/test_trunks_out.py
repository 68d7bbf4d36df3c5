"""Calls by trunks that go out, on FreeSWITCH."""

from tests.scenarios.story_trunks_out import *  # noqa: F403
