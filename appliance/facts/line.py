"""What happened in line: part of appliance.facts. A visit is `<call>.<n>`, an offer `<visit>.<n>`. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from appliance.facts.words import PassedOver, VisitOutcome
from appliance.line.promises import Promise
from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import Preference
from appliance.port import Outcome
from appliance.speech.prompts import KeyPath


class Candidate(NamedTuple):
    """One agent as seen at one moment of decision. `passed_over` is None for who was chosen."""

    agent: str
    passed_over: PassedOver | None
    detail: str = ""  # "idle for 41 s", "until 14:03:20"


@dataclass(frozen=True)
class VisitJoined:
    visit: str
    call: str
    queue: str
    at: float
    head_start: float
    leg: str
    needs: Needs = NOTHING
    waited: float = 0.0  # before, which counts: the caller was lost in that earlier visit and is back
    prefers: Preference | None = None
    came_back: str | None = None  # the earlier visit
    code: str | None = None  # by which a caller without a number may come back
    promise: Promise | None = None  # the caller is at home from the beginning


@dataclass(frozen=True)
class VisitReturned:
    """The caller is back in line on that leg, at the old place, after the appliance was lost or by calling in."""

    visit: str
    at: float
    leg: str
    call: str | None = None  # another one than before
    waited: float | None = None  # what counts of the time before joining, where that is something else now


@dataclass(frozen=True)
class WaitExpected:
    """A caller is expected to wait between `low` and `high` seconds more, with even odds for `middle`; `told` if
    the caller hears so."""

    visit: str
    at: float
    queue: str
    low: float
    middle: float
    high: float
    told: bool = False


@dataclass(frozen=True)
class WaitKnown:
    """What was expected of a wait can be judged: the caller is answered then, or would have been but has left."""

    visit: str
    at: float
    queue: str
    ends: float


@dataclass(frozen=True)
class Considered:
    """A moment of decision: every agent of the queue, and why not. `offer` is None when nobody was free."""

    visit: str
    at: float
    offer: str | None
    candidates: Sequence[Candidate]


@dataclass(frozen=True)
class Offered:
    """A caller is given to one or more agents (agent -> phone); a lease that ends at `until`."""

    offer: str
    visit: str
    at: float
    until: float
    ring_for: float
    phones: Mapping[str, str]


@dataclass(frozen=True)
class OfferGrew:
    """One more agent is given that caller, while the phones of the others keep ringing."""

    offer: str
    visit: str
    at: float
    agent: str
    phone: str


@dataclass(frozen=True)
class TurnTaken:
    """The last agent to whom a queue that goes round has offered a call."""

    queue: str
    at: float
    agent: str


@dataclass(frozen=True)
class OfferEnded:
    """`results` says for each agent what became of the ringing; ANSWERED for at most one."""

    offer: str
    visit: str
    at: float
    results: Mapping[str, Outcome]


@dataclass(frozen=True)
class VisitAnswered:
    visit: str
    at: float
    agent: str


@dataclass(frozen=True)
class TalkEnded:
    visit: str
    at: float
    agent: str


@dataclass(frozen=True)
class VisitEnded:
    visit: str
    at: float
    outcome: VisitOutcome


@dataclass(frozen=True)
class SentOn:
    """A caller leaves the line for elsewhere, unanswered; the end of the visit follows. `because` are the keys of
    the YAML that lead to where. What goes along: the head start, with the time waited, and the needs."""

    visit: str
    call: str
    at: float
    outcome: VisitOutcome
    rule: str  # as reports name it
    why: str
    because: KeyPath
    to: str
    head_start: float
    needs: Needs = NOTHING
