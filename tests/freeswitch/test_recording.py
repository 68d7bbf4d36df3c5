"""Recordings, on FreeSWITCH."""

from tests.scenarios.story_recording import *  # noqa: F403
