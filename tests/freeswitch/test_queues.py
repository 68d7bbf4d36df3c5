"""Queues, on FreeSWITCH."""

from tests.scenarios.story_queues import *  # noqa: F403
