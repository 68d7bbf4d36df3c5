"""Calls by trunks that come in, on FreeSWITCH."""

from tests.scenarios.story_trunks_in import *  # noqa: F403
