"""The appliance killed, on Asterisk."""

from tests.scenarios.story_crashes import *  # noqa: F403
