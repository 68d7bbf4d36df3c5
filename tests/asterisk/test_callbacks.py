"""Call-backs, on Asterisk."""

from tests.scenarios.story_callbacks import *  # noqa: F403
