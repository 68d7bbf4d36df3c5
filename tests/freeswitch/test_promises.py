"""Who hung up is called, and what is left undone is told of, on FreeSWITCH."""

from tests.scenarios.story_promises import *  # noqa: F403
