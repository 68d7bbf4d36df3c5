"""Call-backs at a time that the customer chooses, on Asterisk."""

from tests.scenarios.story_callback_times import *  # noqa: F403
