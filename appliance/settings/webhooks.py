"""What the operator wants other programs to be told: a part of the Settings. Pure."""

from dataclasses import dataclass
from enum import Enum


class Told(Enum):
    """What a webhook may be told of."""

    PROMISED = "promised"  # somebody is to be called back
    MOVED = "moved"  # at another time
    REMINDER = "reminder"  # it is soon
    CALLED = "called"  # an attempt begins
    REACHED = "reached"  # the customer has pressed the key
    MISSED = "missed"  # an attempt has come to nothing
    ENDED = "ended"  # nobody is to be called any more; it says why


@dataclass(frozen=True)
class Webhook:
    """A URL to which what happens is posted as JSON. It is signed with the secret webhook-<id>."""

    id: str
    url: str
    events: tuple[Told, ...] = tuple(Told)
    remind: float = 1800.0  # seconds before a call-back whose time was chosen
    timeout: float = 10.0  # seconds a receiver may take
