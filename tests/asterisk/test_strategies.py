"""Who is offered a call, by every strategy, on Asterisk."""

from tests.scenarios.story_strategies import *  # noqa: F403
