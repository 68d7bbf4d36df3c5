"""Who calls whom, on FreeSWITCH."""

from tests.scenarios.story_trunks import *  # noqa: F403
