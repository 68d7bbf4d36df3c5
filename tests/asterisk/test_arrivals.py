"""Who calls whom, on Asterisk."""

from tests.scenarios.story_arrivals import *  # noqa: F403
