"""What callers in line are told, on FreeSWITCH."""

from tests.scenarios.story_announcements import *  # noqa: F403
