"""What callers in line are told, on Asterisk."""

from tests.scenarios.story_announcements import *  # noqa: F403
