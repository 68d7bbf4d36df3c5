"""The appliance killed, on FreeSWITCH."""

from tests.scenarios.story_crashes import *  # noqa: F403
