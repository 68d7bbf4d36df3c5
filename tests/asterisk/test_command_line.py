"""The command line, on Asterisk."""

from tests.scenarios.story_command_line import *  # noqa: F403
