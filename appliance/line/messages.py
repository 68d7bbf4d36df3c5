"""What the line is told: the messages of appliance.line.acd. Pure.

Those that a person asks for may be declined (`Declined`); nothing has changed then.
"""

from dataclasses import dataclass
from enum import Enum

from appliance.facts import VisitOutcome
from appliance.line.promises import AttemptEnd, CallbackEnd, Promise
from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import Preference
from appliance.line.visits import Expected
from appliance.port import Outcome
from appliance.settings import Settings


class Declined(Exception):
    """What was asked for is not possible now."""

    def __init__(self, reason: "Reason") -> None:
        super().__init__(reason.value)
        self.reason = reason


class Reason(Enum):
    UNKNOWN_AGENT = "there is no such agent"
    UNKNOWN_PHONE = "there is no such phone"
    UNKNOWN_PAUSE = "there is no such reason to pause"
    UNKNOWN_DISPOSITION = "there is no such disposition in this queue"
    NOT_SIGNED_ON = "the agent is not signed on"
    PHONE_TAKEN = "another agent is signed on at this phone"
    BUSY = "the agent has a call"
    NOT_PAUSED = "the agent is not paused"
    NOT_IN_WRAP_UP = "the agent is not in wrap-up"
    NOT_IN_LINE = "nobody waits at that place any more"
    ALREADY_PROMISED = "this number is to be called back for this queue already"
    NO_CALLBACK = "there is no such call-back, or it has ended"
    NO_ROOM = "nobody is called back at that time, or nobody else can be"
    BEING_CALLED = "the customer is being called at this moment"
    NO_TASK = "there is no such task, or it is done"
    UNKNOWN_QUEUE = "there is no such queue"
    NO_CALL_YET = "the agent has had no call to give a disposition for"
    STRANDED = "callers wait in a queue, or may still reach it, of which the new settings know nothing"


@dataclass(frozen=True)
class CallerJoins:
    visit: str
    call: str
    queue: str
    head_start: float
    leg: str
    needs: Needs = NOTHING
    waited: float = 0.0
    prefers: Preference | None = None
    came_back: str | None = None
    code: str | None = None
    promise: Promise | None = None  # joins at home; `call` and `leg` may be of no call then


@dataclass(frozen=True)
class CallerReturns:
    """A caller whose visit is still open is back on that leg, after the appliance was lost."""

    visit: str
    leg: str


@dataclass(frozen=True)
class CallerAway:
    """Nobody drives the caller's leg at the moment: it returns, or will turn out to have ended."""

    visit: str


@dataclass(frozen=True)
class CallerGone:
    """The caller has left the line without having been answered; ignored once answered."""

    visit: str
    outcome: VisitOutcome = VisitOutcome.ABANDONED


@dataclass(frozen=True)
class CallerPresses:
    """A key with which callers leave the line; where an offer is under way, once that has come to nothing."""

    visit: str
    key: str


@dataclass(frozen=True)
class WaitTold:
    """A caller in line begins to hear how long the wait is expected to be; ignored once answered."""

    visit: str
    expected: Expected


@dataclass(frozen=True)
class OfferFailed:
    """Nobody answered. The `outcome` is of those agents of whom no RingingEnded has told."""

    offer: str
    outcome: Outcome


@dataclass(frozen=True)
class RingingEnded:
    """An agent's phone rings no more, whatever becomes of the others of the offer, and why."""

    offer: str
    phone: str
    outcome: Outcome


@dataclass(frozen=True)
class GoHome:
    """A caller in line would rather be called back, and keeps the place."""

    visit: str
    promise: Promise


@dataclass(frozen=True)
class CustomerAgrees:
    """The customer who has been called has pressed the key, and waits in line on that leg of that call."""

    visit: str
    attempt: int
    call: str
    leg: str


@dataclass(frozen=True)
class AttemptFails:
    """An attempt has come to nothing; ignored where that has been said before."""

    visit: str
    attempt: int
    end: AttemptEnd


@dataclass(frozen=True)
class ComesBack:
    """Somebody who waits at home has called, and has the place in line back on that leg of that call."""

    visit: str
    call: str
    leg: str


@dataclass(frozen=True)
class MoveCallback:
    """Not before then."""

    visit: str
    not_before: float
    why: str


@dataclass(frozen=True)
class EndCallback:
    """Nobody is to be called any more; an attempt under way is given up."""

    visit: str
    end: CallbackEnd
    why: str = ""


@dataclass(frozen=True)
class TalkBegins:
    visit: str
    agent: str


@dataclass(frozen=True)
class TalkEnds:
    visit: str


@dataclass(frozen=True)
class SignOn:
    agent: str
    phone: str


@dataclass(frozen=True)
class SignOff:
    """While the agent has a call: after it."""

    agent: str


@dataclass(frozen=True)
class Pause:
    """While the agent has a call or is in wrap-up: after it."""

    agent: str
    reason: str


@dataclass(frozen=True)
class Resume:
    agent: str


@dataclass(frozen=True)
class EndWrapUp:
    agent: str


@dataclass(frozen=True)
class KeyDisposition:
    """For the talk in whose wrap-up the agent is, else for the last one; ends the wrap-up."""

    agent: str
    code: str


@dataclass(frozen=True)
class PhoneReachable:
    phone: str
    reachable: bool


@dataclass(frozen=True)
class PhoneInUse:
    phone: str
    in_use: bool


@dataclass(frozen=True)
class TakeSettings:
    """The operator wants something else from now on. Declined while callers wait in a queue of which the new
    settings say neither how it is served nor, below `removed`, what has become of it. `version` is that of the
    configuration."""

    settings: Settings
    version: int | None = None


@dataclass(frozen=True)
class Tick:
    """Time has passed."""


Message = (
    CallerJoins
    | CallerReturns
    | CallerAway
    | CallerGone
    | CallerPresses
    | WaitTold
    | OfferFailed
    | RingingEnded
    | GoHome
    | CustomerAgrees
    | AttemptFails
    | ComesBack
    | MoveCallback
    | EndCallback
    | TalkBegins
    | TalkEnds
    | SignOn
    | SignOff
    | Pause
    | Resume
    | EndWrapUp
    | KeyDisposition
    | PhoneReachable
    | PhoneInUse
    | TakeSettings
    | Tick
)
