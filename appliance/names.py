"""The words the dialplan and the handlers share: entries, exits, channel variables, contexts."""

from enum import Enum


class Entry(Enum):
    """A door of the dialplan. The value is the file in flows/ and the path of the AGI address."""

    CALLER = "caller"
    AGENT = "agent"
    BRIEFING = "briefing"
    WRAPUP = "wrapup"
    RECOVER = "recover"
    OUTBOUND = "outbound"
    TEST = "test"
    TASK = "task"  # somebody is told of a task that is late
    CALLBACK = "callback"  # a call of ours by which somebody is called back has been answered


class Exit(Enum):
    """How a handler leaves a leg to the dialplan, in the channel variable DONE."""

    DONE = "done"
    FALLBACK = "fallback"
    CONNECT = "connect"  # a leg that has been briefed talks with the one that dials it


# Channel variables. A leg on which DONE is unset after its handler ended has lost the appliance:
# FastAGI reports success then (AGISTATUS=SUCCESS), so nothing else tells the two apart.
MARK = "APPLIANCE_MARK"  # of the whole switch: which rendering of its files it has read
CALL = "APPLIANCE_CALL"  # id of the call, inherited by the legs it dials
DONE = "APPLIANCE_DONE"  # an Exit
QUEUE = "APPLIANCE_QUEUE"  # id of the queue that serves the caller when the appliance is gone

# What was dialled where it has characters that no telephone number has.
ODD = "odd"

# Besides these, FreeSWITCH's dialplan sets on a leg what Asterisk's hands over as arguments of the door.
ENTRY = "APPLIANCE_ENTRY"  # an Entry
DNIS = "APPLIANCE_DNIS"  # what was dialled
TRUNK = "APPLIANCE_TRUNK"  # id of the trunk the leg came in by, unset for a phone's
CALLED = "APPLIANCE_CALLED"  # the number that was called with a leg of our own; Asterisk's only
PHONE = "APPLIANCE_PHONE"  # id of the phone the leg came from, unset for a trunk's
DIALLER = "appliance_dialler"  # of a leg that rings: the leg it is rung for
RINGS_FOR = "appliance_rings_for"  # the same, until the phone takes the call
BRIEFING = "appliance_briefing"  # of a phone's leg: "yes" when it is to be briefed first, then "no", then "over"
AFTERWARDS = "appliance_afterwards"  # of a phone's leg that is briefed: where it goes after the talk
OFFER = (
    "appliance_offer"  # of a leg that phones are rung for: where they pick it up; unset, it has lost the appliance
)
NO_OFFER = "none"

# Of legs of Asterisk's own, each of which rings a phone for a leg that dials (see agi.offer).
RING_FOR = "APPLIANCE_RING_FOR"  # seconds
RING_HOW = "APPLIANCE_RING_HOW"  # options of Dial
RUNG = "APPLIANCE_RUNG"  # the phone that was rung
NEXT_PHONE = "APPLIANCE_NEXT"  # the one that is to be
NEXT = "next"  # the path of the address at which they ask for it

# What phones register in and are dialled by: PROFILE/201, or user/201@DOMAIN. FreeSWITCH only.
PROFILE = "appliance"
DOMAIN = "appliance"

# Contexts of either dialplan.
CALLER_CONTEXT = "appliance-caller"  # arguments of the door: dialled number, trunk
AGENT_CONTEXT = "appliance-agent"  # arguments of the door: dialled code, phone
BRIEFING_CONTEXT = "appliance-briefing"  # a phone has answered, and is told of the caller before it has the call
WRAPUP_CONTEXT = "appliance-wrapup"
OFFER_CONTEXT = "appliance-offer"  # where phones that are rung for a leg come when they answer. FreeSWITCH only.
RING_CONTEXT = "ring"  # where a phone is rung by a leg of the switch's own; many in one command. Asterisk only.
RECOVER_CONTEXT = "appliance-recover"  # re-entry of a leg the appliance lost, and target of Switch.send_to
OUTBOUND_CONTEXT = "appliance-outbound"  # arguments of the door: dialled number, phone
TEST_CONTEXT = "appliance-test"  # a call by which a trunk is tested has been answered
TASK_CONTEXT = "appliance-task"  # somebody who is told of a task that is late has answered
CALLBACK_CONTEXT = "appliance-callback"  # who is called back, or the agent who is called first, has answered
PHONES_CONTEXT = "phones"  # where phones dial


def trunk_context(trunk: str) -> str:
    """The context in which calls of a trunk arrive."""
    return f"trunk-{trunk}"


def fallback_queue(queue: str) -> str:
    """The name of the switch's own queue that stands in for one of ours."""
    return f"fallback-{queue}"
