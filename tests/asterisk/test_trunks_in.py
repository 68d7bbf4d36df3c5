"""Calls by trunks that come in, on Asterisk."""

from tests.scenarios.story_trunks_in import *  # noqa: F403
