"""Recordings, on Asterisk."""

from tests.scenarios.story_recording import *  # noqa: F403
