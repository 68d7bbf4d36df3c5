"""Call-backs, on FreeSWITCH."""

from tests.scenarios.story_callbacks import *  # noqa: F403
