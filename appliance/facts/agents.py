"""What agents did: part of appliance.facts. Pure."""

from dataclasses import dataclass

from appliance.facts.words import AgentState


@dataclass(frozen=True)
class AgentChanged:
    """A new stretch of an agent's time sheet. `until` is a planned end (wrap-up), if there is one."""

    agent: str
    at: float
    state: AgentState
    reason: str = ""  # PAUSED: id of the reason; SIGNED_OFF and READY: what led there
    phone: str | None = None
    queue: str | None = None
    visit: str | None = None
    until: float | None = None


@dataclass(frozen=True)
class ShiftBegan:
    """An agent signs on, and counts as having had so many calls and talked so long in this shift."""

    agent: str
    at: float
    calls: float
    talked: float


@dataclass(frozen=True)
class DispositionKeyed:
    visit: str
    at: float
    agent: str
    queue: str
    code: str
    name: str
