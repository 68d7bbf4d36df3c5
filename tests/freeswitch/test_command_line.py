"""The command line, on FreeSWITCH."""

from tests.scenarios.story_command_line import *  # noqa: F403
