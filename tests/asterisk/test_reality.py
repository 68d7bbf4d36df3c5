"""A crowd and three books, on Asterisk."""

from tests.scenarios.story_reality import *  # noqa: F403
