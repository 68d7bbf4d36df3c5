"""Phones and their configuration, on FreeSWITCH."""

from tests.scenarios.story_phones import *  # noqa: F403
