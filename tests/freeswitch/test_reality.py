"""A crowd and three books, on FreeSWITCH."""

from tests.scenarios.story_reality import *  # noqa: F403
