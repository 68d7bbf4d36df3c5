"""What people do in a simulated day: callers, agents, and whatever else the line is told. Pure.

Times are UTC epoch seconds, as everywhere in the line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from appliance.facts import VisitOutcome
from appliance.line.messages import Message
from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import Preference
from appliance.port import Outcome
from appliance.settings import Settings
from appliance.traffic.laws import A_MINUTE, AT_ONCE, Law


@dataclass(frozen=True, slots=True)
class Caller:
    """One call for a queue. Of callers who come at the same moment the lesser id is first."""

    id: str
    at: float
    queue: str
    talk: float  # seconds, if answered
    patience: float | None = None  # seconds in line after which the caller hangs up; None: never
    head_start: float = 0.0
    needs: Needs = NOTHING
    waited: float = 0.0  # seconds, before
    prefers: Preference | None = None
    wrap_up: float | None = None  # seconds the agent takes afterwards; None: as that agent does
    leaves: VisitOutcome = VisitOutcome.ABANDONED  # by what outcome, when the patience is over


@dataclass(frozen=True)
class Break:
    """A pause of an agent. A call that is under way is finished first."""

    begins: float
    ends: float
    reason: str  # the id of a reason in the settings


@dataclass(frozen=True)
class AgentDay:
    """When an agent works, and how. The phone is reachable all the time."""

    agent: str
    phone: str
    shifts: tuple[tuple[float, float], ...]  # from, to; a call that is under way is finished
    breaks: tuple[Break, ...] = ()
    answers_after: Law = AT_ONCE  # seconds of ringing; as long as the queue rings, and it is missed
    misses: Mapping[Outcome, float] = field(
        default_factory=dict
    )  # how often, by cause; those of appliance.line.misses
    wrap_up: Law | None = None  # ended by the agent after so long; None: by the queue's time, which is the limit
    resumes_after: Law = A_MINUTE  # seconds, if paused by the line for missing calls


@dataclass(frozen=True)
class AtHome:
    """What callers do where they can be called back."""

    after: float  # seconds in line, if they are still there, after which they go home
    share: float = 1.0  # of the callers who do
    answers: float = 1.0  # the share of calls to them that they answer, and press the key
    answers_after: Law = AT_ONCE  # seconds from being called to that


@dataclass(frozen=True)
class Scenario:
    """A day, or whatever length of time."""

    settings: Settings
    callers: Iterable[Caller]  # in the order in which they come; read only as time goes on
    agents: Sequence[AgentDay]
    seed: int = 0
    ends: float | None = None  # when nobody looks any more; None: when everybody has been served or has gone
    at_home: AtHome | None = None  # nobody goes home without
    messages: Sequence[tuple[float, Message]] = ()  # what else the line is told: TakeSettings, PhoneInUse, ...
