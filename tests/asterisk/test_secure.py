"""Phones that encrypt, on Asterisk."""

from tests.scenarios.story_secure import *  # noqa: F403
