"""Phones and their configuration, on Asterisk."""

from tests.scenarios.story_phones import *  # noqa: F403
