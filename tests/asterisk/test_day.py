"""Hours and notices by hand, on Asterisk."""

from tests.scenarios.story_day import *  # noqa: F403
