"""Callers who leave the line, on FreeSWITCH."""

from tests.scenarios.story_overflow import *  # noqa: F403
