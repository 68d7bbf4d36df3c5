"""Call-backs at a time that the customer chooses, on FreeSWITCH."""

from tests.scenarios.story_callback_times import *  # noqa: F403
