"""Who calls whom, on FreeSWITCH."""

from tests.scenarios.story_arrivals import *  # noqa: F403
