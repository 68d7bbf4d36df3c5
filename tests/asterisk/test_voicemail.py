"""Voicemail, on Asterisk."""

from tests.scenarios.story_voicemail import *  # noqa: F403
