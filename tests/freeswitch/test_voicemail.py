"""Voicemail, on FreeSWITCH."""

from tests.scenarios.story_voicemail import *  # noqa: F403
