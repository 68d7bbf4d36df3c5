"""Calls by trunks that go out, on Asterisk."""

from tests.scenarios.story_trunks_out import *  # noqa: F403
