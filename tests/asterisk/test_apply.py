"""Applies, on Asterisk."""

from tests.scenarios.story_apply import *  # noqa: F403
