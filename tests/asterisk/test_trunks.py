"""Who calls whom, on Asterisk."""

from tests.scenarios.story_trunks import *  # noqa: F403
