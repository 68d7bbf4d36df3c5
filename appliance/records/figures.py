"""Figures: what became of callers and what agents did, counted, and what follows from that. Pure.

Calls belong to the interval in which they arrived in the queue (`joined_at`), whenever they ended; so does what
agents did for them. Time sheets are cut at the ends of the interval. A figure that has no meaning is None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from appliance.facts import AgentState

ATTRIBUTION = "Calls belong to the interval in which they joined the queue; time sheets are cut at its ends."


class ServiceLevel(Enum):
    """The service levels in use; the value is the formula, T the threshold of the queue."""

    A = "answered within T / answered"
    B = "(answered within T + abandoned within T) / (answered + abandoned)"
    C = "answered within T / (answered + abandoned)"
    D = "answered within T / (answered + abandoned after T)"
    F = "answered within T / offered"


DEFINITIONS = {
    "ASA": "average wait of answered calls, from joining the queue to the talk",
    "longest wait": "of all who held the line, also those who abandoned or are still waiting",
    "abandon rate": "abandoned / offered",
    "called back": "talked to an agent after waiting at home; their waits are in the table of call-backs",
    "not reached": "were to be called back, and were not; the table of call-backs says why",
    "at home": "are still to be called back",
    "came back": "of the abandoned, those who called again and had their place back",
    "talk, wrap-up": "averages over answered calls whose talk has ended",
    "missed": "did not answer, was busy or refused",
    "occupancy": "(offered + talking + wrap-up) / (offered + talking + wrap-up + ready)",
}


SUMMED = (
    *("offered", "answered", "abandoned", "overflowed", "unstaffed", "opted_out"),
    *("fallback", "moved", "unseen", "failed", "waiting", "called_back", "unreached", "at_home"),
    *(
        "came_back",
        "answered_in_time",
        "abandoned_in_time",
        "answered_wait",
        "abandoned_wait",
        "talks",
        "talk",
        "wrap_up",
    ),
)


@dataclass(frozen=True)
class QueueFigures:
    """What became of the callers of one queue, or of all of them together. Calls to those who had hung up are not
    in here: see appliance.records.callback_figures."""

    queue: str
    name: str
    threshold: float | None  # T; None for several queues with a T each
    offered: int = 0
    answered: int = 0  # of those who held the line
    abandoned: int = 0
    overflowed: int = 0  # sent on by a rule of the queue
    unstaffed: int = 0  # sent on since nobody was there
    opted_out: int = 0  # left by a key
    fallback: int = 0
    moved: int = 0  # to where the configuration says, when it removed the queue
    unseen: int = 0
    failed: int = 0
    waiting: int = 0  # still, on the phone
    called_back: int = 0  # answered, of those who waited at home
    unreached: int = 0  # were to be called back, and were not
    at_home: int = 0  # still
    answered_in_time: int = 0
    abandoned_in_time: int = 0
    came_back: int = 0  # of those who abandoned: called again, and had their place back
    answered_wait: float = 0.0  # seconds, of all answered together
    abandoned_wait: float = 0.0
    longest_wait: float | None = None
    talks: int = 0  # that have ended
    talk: float = 0.0
    wrap_up: float = 0.0

    @property
    def asa(self) -> float | None:
        return _ratio(self.answered_wait, self.answered)

    @property
    def average_abandoned_wait(self) -> float | None:
        return _ratio(self.abandoned_wait, self.abandoned)

    @property
    def abandon_rate(self) -> float | None:
        return _ratio(self.abandoned, self.offered)

    @property
    def average_talk(self) -> float | None:
        return _ratio(self.talk, self.talks)

    @property
    def average_wrap_up(self) -> float | None:
        return _ratio(self.wrap_up, self.talks)

    def service_level(self, kind: ServiceLevel) -> float | None:
        """The share of callers who were served in time, by that formula."""
        both = self.answered + self.abandoned
        match kind:
            case ServiceLevel.A:
                return _ratio(self.answered_in_time, self.answered)
            case ServiceLevel.B:
                return _ratio(self.answered_in_time + self.abandoned_in_time, both)
            case ServiceLevel.C:
                return _ratio(self.answered_in_time, both)
            case ServiceLevel.D:
                return _ratio(self.answered_in_time, both - self.abandoned_in_time)
            case ServiceLevel.F:
                return _ratio(self.answered_in_time, self.offered)


@dataclass(frozen=True)
class AgentFigures:
    """What one agent was offered and did."""

    agent: str
    name: str
    offers: int = 0  # = taken + missed + unreached + withdrawn + ringing
    taken: int = 0
    missed: int = 0
    unreached: int = 0
    withdrawn: int = 0  # the caller or another agent was faster
    ringing: int = 0  # still
    answered: int = 0  # calls; also those found talking after a restart
    talks: int = 0  # that have ended
    talk: float = 0.0
    wrap_up: float = 0.0
    time_sheet: Mapping[str, float] = field(default_factory=dict)  # state -> seconds
    paused: Mapping[str, float] = field(default_factory=dict)  # reason -> seconds

    @property
    def average_talk(self) -> float | None:
        return _ratio(self.talk, self.talks)

    @property
    def average_wrap_up(self) -> float | None:
        return _ratio(self.wrap_up, self.talks)

    @property
    def signed_on(self) -> float:
        return sum(seconds for state, seconds in self.time_sheet.items() if state != AgentState.SIGNED_OFF.value)

    @property
    def occupancy(self) -> float | None:
        busy = sum(
            self.time_sheet.get(state.value, 0.0)
            for state in (AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP)
        )
        return _ratio(busy, busy + self.time_sheet.get(AgentState.READY.value, 0.0))


def total(figures: Iterable[QueueFigures]) -> QueueFigures:
    """Several queues as one; in time means within the threshold of each caller's own queue."""
    parts = list(figures)
    longest = [part.longest_wait for part in parts if part.longest_wait is not None]
    return QueueFigures(
        queue="",
        name="all",
        threshold=parts[0].threshold if len({part.threshold for part in parts}) == 1 else None,
        longest_wait=max(longest, default=None),
        **{name: sum(getattr(part, name) for part in parts) for name in SUMMED},
    )


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None
