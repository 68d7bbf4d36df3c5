"""Queues, on Asterisk."""

from tests.scenarios.story_queues import *  # noqa: F403
