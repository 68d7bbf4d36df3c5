"""Callers who leave the line, on Asterisk."""

from tests.scenarios.story_overflow import *  # noqa: F403
