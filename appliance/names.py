"""The words the dialplan and the handlers share: entries, exits, channel variables, contexts."""

from enum import Enum


class Entry(Enum):
    """A door of the dialplan. The value is the file in flows/ and the path of the AGI address."""

    CALLER = "caller"
    AGENT = "agent"
    WRAPUP = "wrapup"
    RECOVER = "recover"
    OUTBOUND = "outbound"
    TEST = "test"


class Exit(Enum):
    """How a handler leaves a leg to the dialplan, in the channel variable DONE."""

    DONE = "done"
    FALLBACK = "fallback"


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
PHONE = "APPLIANCE_PHONE"  # id of the phone the leg came from, unset for a trunk's
DIALLER = "appliance_dialler"  # of a phone's leg: the leg it is rung for
OFFER = (
    "appliance_offer"  # of a leg that phones are rung for: where they pick it up; unset, it has lost the appliance
)
NO_OFFER = "none"

# What phones register in and are dialled by: PROFILE/201, or user/201@DOMAIN. FreeSWITCH only.
PROFILE = "appliance"
DOMAIN = "appliance"

# Contexts of either dialplan.
CALLER_CONTEXT = "appliance-caller"  # arguments of the door: dialled number, trunk
AGENT_CONTEXT = "appliance-agent"  # arguments of the door: dialled code, phone
WRAPUP_CONTEXT = "appliance-wrapup"
OFFER_CONTEXT = "appliance-offer"  # where phones that are rung for a leg come when they answer. FreeSWITCH only.
RECOVER_CONTEXT = "appliance-recover"  # re-entry of a leg the appliance lost, and target of Switch.send_to
OUTBOUND_CONTEXT = "appliance-outbound"  # arguments of the door: dialled number, phone
TEST_CONTEXT = "appliance-test"  # a call by which a trunk is tested has been answered
PHONES_CONTEXT = "phones"  # where phones dial


def trunk_context(trunk: str) -> str:
    """The context in which calls of a trunk arrive."""
    return f"trunk-{trunk}"


def fallback_queue(queue: str) -> str:
    """The name of the switch's own queue that stands in for one of ours."""
    return f"fallback-{queue}"
