"""Waiting for what should happen: never for a time, always for a condition, with a deadline."""

from collections.abc import Callable
from typing import TypeVar

import gevent

T = TypeVar("T")

PATIENCE = 15.0  # seconds for anything that should happen at once: machines that run tests can be slow


def until(what: str | Callable[[], str], condition: Callable[[], T], within: float = PATIENCE) -> T:
    """What the condition returns as soon as that is true; AssertionError when it does not become true in time."""
    with gevent.Timeout(within, False):
        while not (result := condition()):
            gevent.sleep(0.03)
        return result
    result = condition()
    assert result, f"{what if isinstance(what, str) else what()}: not within {within:g} s"
    return result
