"""Applies, on FreeSWITCH."""

from tests.scenarios.story_apply import *  # noqa: F403
