"""A customer who asks for a call on a page, on Asterisk."""

from tests.scenarios.story_web import *  # noqa: F403
