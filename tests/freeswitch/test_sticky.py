"""Callers whom the line knows, on FreeSWITCH."""

from tests.scenarios.story_sticky import *  # noqa: F403
