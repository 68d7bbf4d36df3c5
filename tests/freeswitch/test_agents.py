"""Agents at their phones, on FreeSWITCH."""

from tests.scenarios.story_agents import *  # noqa: F403
