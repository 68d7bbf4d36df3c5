"""Callers whom the line knows, on Asterisk."""

from tests.scenarios.story_sticky import *  # noqa: F403
