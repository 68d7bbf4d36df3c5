"""Hours and notices by hand, on FreeSWITCH."""

from tests.scenarios.story_day import *  # noqa: F403
