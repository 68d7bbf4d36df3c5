"""Menus, on FreeSWITCH."""

from tests.scenarios.story_menus import *  # noqa: F403
