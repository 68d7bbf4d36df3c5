"""What happened: the facts that are written to the database, in order, before anything is done about them.

Pure. `at` is UTC epoch seconds. Ids: a visit is `<call>.<n>`, an offer `<visit>.<n>`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from appliance.callback_facts import AttemptBegan as AttemptBegan
from appliance.callback_facts import AttemptEnded as AttemptEnded
from appliance.callback_facts import CallbackEnded as CallbackEnded
from appliance.callback_facts import CallbackMoved as CallbackMoved
from appliance.callback_facts import CallbackPromised as CallbackPromised
from appliance.callback_facts import CustomerReached as CustomerReached
from appliance.line.promises import Promise
from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import Preference
from appliance.port import EndCause, Outcome
from appliance.speech.prompts import KeyPath
from appliance.task_facts import TaskAssigned as TaskAssigned
from appliance.task_facts import TaskDone as TaskDone
from appliance.task_facts import TaskEscalated as TaskEscalated
from appliance.task_facts import TaskMoved as TaskMoved
from appliance.task_facts import TaskOpened as TaskOpened
from appliance.task_facts import TaskTold as TaskTold
from appliance.webhook_facts import ReminderDue as ReminderDue
from appliance.webhook_facts import WebhookReached as WebhookReached


class Direction(Enum):
    """Who made a call: somebody outside, or a phone of ours."""

    IN = "in"
    OUT = "out"


class CallOutcome(Enum):
    """What became of a call as a whole. Every call ends with exactly one."""

    LEFT_EARLY = "left early"  # hung up before being put anywhere: greeting, menu, closed message
    CLOSED = "closed"
    REFUSED = "refused"
    UNKNOWN_NUMBER = "unknown number"
    INFORMED = "informed"  # heard a message and was to be hung up on
    NO_CHOICE = "no choice"  # pressed nothing valid in a menu
    EXTENSION_ANSWERED = "extension answered"
    EXTENSION_MISSED = "extension missed"
    VOICEMAIL = "voicemail"  # came to a box after the tone, and said something or not
    ANSWERED = "answered"  # by an agent
    ABANDONED = "abandoned"  # hung up while waiting in a queue
    FALLBACK = "fallback"  # served by the switch's own queue
    UNSEEN = "unseen"  # ended while the appliance was not running
    FAILED = "failed"  # our fault
    NO_LINE = "no line"  # all lines of the trunk were in use
    OUTBOUND_ANSWERED = "outbound answered"
    OUTBOUND_MISSED = "outbound not answered"  # busy, absent, declined, no such number, or given up before
    OUTBOUND_FAILED = "outbound failed"  # by every trunk that was tried
    OUTBOUND_REFUSED = "outbound refused"  # by the rules
    OVERFLOWED = "overflowed"  # had to leave a queue, and was put nowhere else
    UNSTAFFED = "unstaffed"  # likewise, since nobody was there
    OPTED_OUT = "opted out"  # left a queue by a key, and was put nowhere else
    FORWARDED_ANSWERED = "forwarded answered"  # by a number outside
    FORWARDED_MISSED = "forwarded not answered"
    FORWARDED_FAILED = "forwarded failed"  # by every trunk that was tried
    FORWARDED_REFUSED = "forwarded refused"  # by the rules for outgoing calls
    CALLBACK_PROMISED = "call-back promised"  # the place in line was kept
    CALLED_BACK = "called back"  # a call of ours: the customer talked to an agent
    CALL_BACK_FAILED = "not called back"  # likewise: did not; the attempt says why


class VisitOutcome(Enum):
    """What became of one stay in a queue."""

    ANSWERED = "answered"
    ABANDONED = "abandoned"
    FALLBACK = "fallback"
    UNSEEN = "unseen"
    FAILED = "failed"
    MOVED = "moved"  # the queue was removed from the configuration, and says where its callers go
    OVERFLOWED = "overflowed"  # sent on by a rule of the queue
    UNSTAFFED = "unstaffed"  # sent on, or not let in, since nobody was there to serve
    OPTED_OUT = "opted out"  # pressed a key that leads elsewhere
    UNREACHED = "unreached"  # was to be called back, and was not; the call-back says why


# The same words for the call while it is on its way elsewhere.
SENT_ON = (CallOutcome.OVERFLOWED, CallOutcome.UNSTAFFED, CallOutcome.OPTED_OUT)


class AgentState(Enum):
    """What an agent does; one stretch of it is one row of the time sheet."""

    SIGNED_OFF = "signed off"
    READY = "ready"
    OFFERED = "offered"  # reserved for a call, the phone rings
    TALKING = "talking"
    WRAP_UP = "wrap-up"
    PAUSED = "paused"


class PassedOver(Enum):
    """Why an agent was not offered a call."""

    SIGNED_OFF = "signed off"
    PAUSED = "paused"
    OFFERED = "being offered another call"
    RINGING = "being offered this call already"
    TALKING = "talking"
    WRAP_UP = "in wrap-up"
    UNREACHABLE = "phone not reachable"
    PHONE_IN_USE = "phone in use"
    MISSED = "missed this call a moment ago"
    LACKS_SKILL = "lacks a skill"
    WAITS_FOR = "the caller waits for another agent"
    LATER_TIER = "of a later tier"
    NEEDED = "needed by another caller"
    LATER_IN_ORDER = "later in the order"


class Candidate(NamedTuple):
    """One agent as seen at one moment of decision. `passed_over` is None for who was chosen."""

    agent: str
    passed_over: PassedOver | None
    detail: str = ""  # "idle for 41 s", "until 14:03:20"


@dataclass(frozen=True)
class CallStarted:
    call: str
    at: float
    leg: str
    ani: str
    caller_name: str
    dnis: str
    trunk: str
    direction: Direction = Direction.IN
    phone: str | None = None  # that calls out
    agent: str | None = None  # who works there
    diverted: str | None = None
    version: int | None = None  # of the configuration, under whose rules it runs


@dataclass(frozen=True)
class TrunkTried:
    """An outgoing call is made by that trunk, because of that rule; `sent_on`: for a call that came in."""

    call: str
    at: float
    rule: str
    trunk: str
    sent_on: bool = False


@dataclass(frozen=True)
class LegOpened:
    """A phone's leg that a call dials."""

    call: str
    at: float
    leg: str
    endpoint: str


@dataclass(frozen=True)
class LegClosed:
    at: float
    leg: str
    cause: EndCause | None  # None: it ended unseen


@dataclass(frozen=True)
class CallIdentified:
    """`number` is E.164, None for anonymous callers; `number_id` is ours, that was called or is shown."""

    call: str
    at: float
    number: str | None
    number_id: str | None
    customer: str | None
    group: str | None
    language: str


@dataclass(frozen=True)
class Stepped:
    """The call took a step through the configuration: hours, menu, key, queue...

    `because` are the keys of the YAML that lead to the value that caused it, as far as one did.
    """

    call: str
    at: float
    step: str
    detail: str
    because: KeyPath = ()


@dataclass(frozen=True)
class CallProgressed:
    """What the outcome is if the call ends now."""

    call: str
    at: float
    outcome: CallOutcome


@dataclass(frozen=True)
class CallEnded:
    call: str
    at: float
    outcome: CallOutcome
    cause: EndCause | None = None  # why the caller's leg ended; None: unseen


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


@dataclass(frozen=True)
class RecordingStarted:
    call: str
    at: float
    file: str


@dataclass(frozen=True)
class MessageBegun:
    """A caller is about to speak into a box."""

    message: str
    call: str
    at: float
    box: str
    file: str


@dataclass(frozen=True)
class MessageEnded:
    """The caller has said so, or nothing more. Who hangs up at the end has left the message all the same."""

    message: str
    at: float
    length: float


@dataclass(frozen=True)
class MessageHeard:
    """Somebody listens to a message; `by` is the phone."""

    message: str
    at: float
    by: str


@dataclass(frozen=True)
class MessageDeleted:
    message: str
    at: float
    by: str


@dataclass(frozen=True)
class VersionServed:
    """From now on new calls are served by that version of the configuration."""

    at: float
    version: int
    who: str
    comment: str


@dataclass(frozen=True)
class HoursSet:
    """Opening hours were opened or closed by hand, until then."""

    schedule: str
    at: float
    is_open: bool
    until: float
    by: str  # who has done it, for a person
    comment: str = ""


@dataclass(frozen=True)
class HoursFollowed:
    """A schedule is followed again, before what was set by hand is over."""

    schedule: str
    at: float
    by: str


@dataclass(frozen=True)
class NoticeSet:
    """A notice is put in front of callers; it replaces one of the same target and language."""

    notice: str
    at: float
    target: str
    language: str
    text: str
    sound: str
    until: float
    by: str
    hang_up: bool


@dataclass(frozen=True)
class NoticeEnded:
    """A notice was taken back before its time was over."""

    notice: str
    at: float
    by: str


@dataclass(frozen=True)
class NoticeBegun:
    """A caller begins to hear a notice."""

    notice: str
    call: str
    at: float


@dataclass(frozen=True)
class NoticeHeard:
    """A caller has heard a notice to its end."""

    notice: str
    call: str
    at: float


@dataclass(frozen=True)
class Incident:
    """Records and switch differed, or something else went wrong, and was healed."""

    at: float
    what: str


Fact = (
    CallStarted
    | TrunkTried
    | LegOpened
    | LegClosed
    | CallIdentified
    | Stepped
    | CallProgressed
    | CallEnded
    | VisitJoined
    | VisitReturned
    | WaitExpected
    | WaitKnown
    | Considered
    | Offered
    | OfferGrew
    | TurnTaken
    | OfferEnded
    | VisitAnswered
    | TalkEnded
    | SentOn
    | VisitEnded
    | AgentChanged
    | ShiftBegan
    | DispositionKeyed
    | RecordingStarted
    | HoursSet
    | HoursFollowed
    | NoticeSet
    | NoticeEnded
    | NoticeBegun
    | NoticeHeard
    | MessageBegun
    | MessageEnded
    | MessageHeard
    | MessageDeleted
    | CallbackPromised
    | CallbackMoved
    | AttemptBegan
    | CustomerReached
    | AttemptEnded
    | CallbackEnded
    | ReminderDue
    | WebhookReached
    | TaskOpened
    | TaskAssigned
    | TaskMoved
    | TaskEscalated
    | TaskTold
    | TaskDone
    | VersionServed
    | Incident
)
