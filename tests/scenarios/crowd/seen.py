"""What the phones saw, and what the switch wrote down itself: plain facts for the auditor. Pure.

Times are UTC epoch seconds.
"""

from dataclasses import dataclass, field
from enum import Enum


class RingEnd(Enum):
    """How an INVITE at an agent's phone has ended, as the phone saw it."""

    HUNG_UP = "the phone hung up"
    HUNG_UP_ON = "the phone was hung up on"
    BUSY = "the phone said 486"
    DECLINED = "the phone said 603"
    CANCELLED = "CANCEL"
    ELSEWHERE = "CANCEL: completed elsewhere"


TALKED = (RingEnd.HUNG_UP, RingEnd.HUNG_UP_ON)


@dataclass
class Ring:
    """One INVITE at an agent's phone. `answered_at`: when the switch has acknowledged the answer."""

    phone: str
    caller: str
    invited_at: float
    answered_at: float | None = None
    ended_at: float | None = None
    end: RingEnd | None = None


@dataclass(frozen=True)
class SeenCall:
    """A caller's call. `failure`: the SIP status with which the switch has refused it."""

    caller: str
    dialled: str
    began_at: float
    answered_at: float | None
    ended_at: float | None
    hung_up: bool  # by the caller; else by the switch
    failure: str | None = None


@dataclass(frozen=True)
class Together:
    """Two legs in one bridge."""

    other: str
    began_at: float
    ended_at: float


@dataclass(frozen=True)
class SwitchLeg:
    """A channel as the switch itself has written it down. `causes`: the words of the port that fit its own word,
    or number, for why it ended."""

    leg: str
    endpoint: str
    began_at: float
    answered_at: float | None
    ended_at: float
    causes: tuple[str, ...]
    together: tuple[Together, ...] = ()


@dataclass(frozen=True)
class DialRecord:
    """The switch's own detail record of a phone that was dialled for a caller."""

    caller_leg: str
    phone_leg: str
    disposition: str  # ANSWERED, NO ANSWER, BUSY, FAILED


@dataclass(frozen=True)
class SwitchBooks:
    """All that the switch has written down."""

    legs: tuple[SwitchLeg, ...]
    dials: tuple[DialRecord, ...] | None = None  # None: it keeps none


@dataclass(frozen=True)
class AskedPause:
    """An agent was paused and came back, by command; when each was carried out."""

    agent: str
    reason: str
    paused_at: float
    resumed_at: float


@dataclass(frozen=True)
class Seen:
    """What everybody outside the switch saw."""

    calls: tuple[SeenCall, ...]
    rings: tuple[Ring, ...]
    pauses: tuple[AskedPause, ...] = ()
    queues: dict[str, str] = field(default_factory=dict)  # number dialled -> queue
    agents: dict[str, str] = field(default_factory=dict)  # phone -> agent
    ring_for: float = 0.0
