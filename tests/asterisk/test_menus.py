"""Menus, on Asterisk."""

from tests.scenarios.story_menus import *  # noqa: F403
