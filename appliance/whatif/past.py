"""A recorded day: who called, who worked, what came of ringing them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from appliance.facts import AgentState, VisitOutcome
from appliance.line.skills import Needs
from appliance.line.sticky import Preference
from appliance.port import Outcome
from appliance.records.interval import Interval

BEFORE = (
    2 * 3600.0
)  # seconds before the day from which on calls are taken, so that it does not begin with idle agents


class Stay(NamedTuple):
    """One caller's stay in a queue."""

    visit: str
    queue: str
    joined_at: float
    head_start: float
    waited: float
    needs: Needs
    prefers: Preference | None
    wait: float  # seconds in line, as far as was seen
    talk: float | None  # None: was not answered, or still talked
    outcome: VisitOutcome | None
    held: float | None = None  # seconds until the caller went home; None: held the line to the end


class Ringing(NamedTuple):
    """An agent's phone that rang for so long."""

    agent: str
    seconds: float
    outcome: Outcome


class Stretch(NamedTuple):
    """An agent in one state."""

    agent: str
    state: AgentState
    reason: str
    phone: str
    began_at: float
    ended_at: float
    until: float | None


class Use(NamedTuple):
    """A phone is used for something else than calls of a queue."""

    phone: str
    began_at: float
    ended_at: float


class Reached(NamedTuple):
    phone: str
    at: float
    is_reachable: bool


class Asked(NamedTuple):
    """An agent asks to pause or to sign off; during a call that comes true after it."""

    agent: str
    at: float
    to_be: AgentState


@dataclass(frozen=True)
class Recorded:
    """All of it, in the order in which it happened."""

    interval: Interval  # up to now, where the day is not over
    stays: Sequence[Stay]
    rung: Sequence[Ringing]
    stretches: Sequence[Stretch]
    uses: Sequence[Use]
    reached: Sequence[Reached]  # as far as the journal goes back
    asked: Sequence[Asked]  # likewise

    @property
    def begins(self) -> float:
        """From when on it is looked at."""
        return self.interval.start - BEFORE


def by_agent(items: Iterable[Any]) -> Mapping[str, list[Any]]:
    """What belongs to each agent, in order."""
    found: dict[str, list[Any]] = {}
    for item in items:
        found.setdefault(item.agent, []).append(item)
    return found
