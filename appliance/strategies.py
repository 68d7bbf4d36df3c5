"""In which order the agents of a queue are offered a call. Pure; ties are always broken by the agent's id.

longest-idle  one agent at a time, the one whose idle time began first. Idle begins with the end of the last
              talk of any queue; signing on and coming back from a pause begin it anew, so that neither jumps
              the line. Letting a call ring does not change it.
ring-all      every free agent at once; the first to answer has the call. Of more than RING_AT_ONCE those
              who have been idle longest.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from appliance.settings import Strategy

RING_AT_ONCE = 100  # phones with the longest numbers; more would not fit into one command of Asterisk's


@dataclass(frozen=True)
class FreeAgent:
    """An agent who could take the call now. `idle_since` is UTC epoch seconds."""

    id: str
    idle_since: float


def _longest_idle(free: Sequence[FreeAgent]) -> tuple[FreeAgent, ...]:
    return (min(free, key=lambda agent: (agent.idle_since, agent.id)),)


def _ring_all(free: Sequence[FreeAgent]) -> tuple[FreeAgent, ...]:
    longest_idle = sorted(free, key=lambda agent: (agent.idle_since, agent.id))
    return tuple(sorted(longest_idle[:RING_AT_ONCE], key=lambda agent: agent.id))


_CHOICES: dict[Strategy, Callable[[Sequence[FreeAgent]], tuple[FreeAgent, ...]]] = {
    Strategy.LONGEST_IDLE: _longest_idle,
    Strategy.RING_ALL: _ring_all,
}


def choose(strategy: Strategy, free: Sequence[FreeAgent]) -> tuple[FreeAgent, ...]:
    """Who is rung now, of at least one free agent."""
    return _CHOICES[strategy](free)
