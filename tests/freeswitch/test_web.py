"""A customer who asks for a call on a page, on FreeSWITCH."""

from tests.scenarios.story_web import *  # noqa: F403
