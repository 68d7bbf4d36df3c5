"""Agents at their phones, on Asterisk."""

from tests.scenarios.story_agents import *  # noqa: F403
