"""How a leg is offered to phones, in FreeSWITCH's words: pure.

The phones are rung by a command of their own, `originate`, while the leg still plays its music: to end that takes
a packet of sound and more, and the agent's phone rings by so much earlier. Meanwhile the leg dials
`pickup/<offer>`, where others may take its call, and there the first phone to answer takes it. Nothing depends on
the appliance once the phones ring:

- The switch counts the seconds that begin: told two, it lets phones ring for one and a bit. So it is told one
  more, and nobody's phone stops before its time. To end the ringing by a command would cut off who answers in that
  instant.
- When the leg ends, its `api_hangup_hook` has the phones stop ringing.
- A phone that finds no offer tries again, or, when the appliance has died before the leg had dialled, takes the
  leg from where it is: the dialplan (appliance-offer) tells the one from the other by the leg's variable OFFER.
- Taken, the leg is spoken for: DONE says so, lest the caller of a talk that outlives the appliance is served anew.
  OFFER, that no other phone may have it; and those that still ring by commands of their own are told so.
- A phone that is to be briefed goes through that door of the dialplan before it takes the leg.

Documented with FreeSWITCH: mod_dptools (pickup, intercept), mod_commands (originate, hupall, uuid_setvar_multi).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from appliance.names import (
    AFTERWARDS,
    BRIEFING,
    CALL,
    DIALLER,
    DOMAIN,
    DONE,
    NO_OFFER,
    OFFER,
    OFFER_CONTEXT,
    RINGS_FOR,
    WRAPUP_CONTEXT,
    Exit,
)

CANCEL_HOOK = "api_hangup_hook"

_LONGER = 3.0  # seconds by which the offer outlasts the ringing, whose end ends it
_NOT_IN_NUMBERS = re.compile(r"[^0-9A-Za-z+*#_.-]")


@dataclass(frozen=True)
class Offer:
    """One leg, offered to phones for `ring_for` seconds. `number` and `name` are what they show."""

    leg: str
    ring_for: float
    wrap_up: bool
    number: str
    name: str
    call: str
    briefing: float = 0.0
    id: str = field(default_factory=lambda: str(uuid4()))

    def ring(self, legs: Mapping[str, str], ring_for: float) -> str:
        """The command that rings phones, by the ids that their legs are to have. It ends when one has answered, or
        none can or will."""
        variables = {
            "ignore_early_media": "true",
            "originate_timeout": str(math.ceil(max(0.0, ring_for)) + 1),
            "origination_caller_id_number": f"'{_NOT_IN_NUMBERS.sub('', self.number)}'",
            "origination_caller_id_name": f"'{self.name}'",
            DIALLER: self.leg,
            RINGS_FOR: self.leg,
        }
        if self.call:
            variables[CALL] = self.call
        if self.wrap_up:
            variables[AFTERWARDS if self.briefing else "transfer_after_bridge"] = f"'s:XML:{WRAPUP_CONTEXT}'"
        if self.briefing:
            variables[BRIEFING] = "yes"
        phones = ",".join(f"[origination_uuid={leg}]user/{phone}@{DOMAIN}" for leg, phone in legs.items())
        return f"originate {_list(variables)}{phones} {self.id} XML {OFFER_CONTEXT}"

    @property
    def dial(self) -> str:
        """What the leg dials, to be taken by the first phone that answers."""
        taken = f"{DONE}={Exit.DONE.value};{OFFER}={NO_OFFER};{CANCEL_HOOK}="
        variables = {
            "origination_uuid": self.id,
            "originate_timeout": str(math.ceil(self.ring_for + self.briefing + _LONGER)),
            "instant_ringback": "true",
            "api_on_answer": f"'uuid_setvar_multi {self.leg} {taken}'",
            "api_on_answer_others": f"'{too_late(self.leg)}'",
        }
        return f"{_list(variables)}pickup/{self.id}"

    @property
    def withdraw(self) -> str:
        """The command that ends what the leg dials."""
        return f"uuid_kill {self.id}"


def cancel(leg: str) -> str:
    """The command that has the phones stop ringing for a leg."""
    return f"hupall ORIGINATOR_CANCEL {DIALLER} {leg}"


def too_late(leg: str) -> str:
    """The command that has phones stop ringing because another one has taken the leg."""
    return f"hupall LOSE_RACE {RINGS_FOR} {leg}"


def _list(variables: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{name}={value}" for name, value in variables.items()) + "}"
