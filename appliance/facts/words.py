"""The words in which it is told what happened: directions, outcomes, states. Pure."""

from enum import Enum


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
