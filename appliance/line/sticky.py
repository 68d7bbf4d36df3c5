"""The agent whom a caller waits for at first, and why it is that one. Pure.

While an agent is preferred and can be waited for, the caller is offered to nobody else. It is the caller who
waits: an agent is never kept for a caller, but serves whoever has waited longest.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum


class Because(Enum):
    """Why one agent is preferred. Of several reasons the first here that holds counts."""

    BROKE_OFF = "the talk with this caller broke off"
    NAMED = "named where the call was sent"
    OWN = "the customer's own agent"
    LAST = "talked to this caller last"


@dataclass(frozen=True)
class Sticky:
    """For how many seconds of waiting an agent is preferred; None: never."""

    last_agent: float | None = None  # who talked to this caller last, of the agents of this queue
    within: float | None = 7 * 86400.0  # talks that ended longer ago count no more
    own_agent: float | None = None  # whom customers.csv names


@dataclass(frozen=True)
class ComesBack:
    """Who was lost and calls again comes back to the place in line and to the agent."""

    within: float = 600.0  # seconds after the loss
    agent: float = 30.0  # who was spoken to is waited for so long


@dataclass(frozen=True)
class Preference:
    """An agent, the seconds of waiting in which only this agent is offered the call, and why."""

    agent: str
    seconds: float
    because: Because

    def __str__(self) -> str:
        return f"waits up to {self.seconds:g} s for {self.agent}: {self.because.value}"


def chosen(options: Iterable[Preference], can_be_waited_for: Callable[[str], bool]) -> Preference | None:
    """The first whose agent can be waited for now; where nobody can, the first: the agent may come any moment."""
    listed = sorted(options, key=lambda each: [*Because].index(each.because))
    return next((each for each in listed if can_be_waited_for(each.agent)), listed[0] if listed else None)
