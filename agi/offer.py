"""How a leg is offered to phones, in Asterisk's words, and what came of each of them: pure.

Where all phones ring from the start, the leg dials them. Where one may be added, or who answers is briefed first,
it dials legs of Asterisk's own (Local), each of which rings a phone (the context "ring"): still one Dial of the
caller's leg decides who is first, tells the others, and outlives the appliance. When such a leg's phone rings no
more, it asks for the next one, and so do those that have had none yet. When its phone takes the call, Asterisk
takes it out from between the two.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from agi import causes
from agi.wire import application_argument
from appliance.names import BRIEFING_CONTEXT, RING_CONTEXT, WRAPUP_CONTEXT
from appliance.port import Outcome, Refused

_SLACK = 2.0  # seconds by which the dial outlasts its phones, whose end ends it

# What a dial comes to when every phone has failed: the first of these that one of them did.
_FAILURES = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REFUSED, Outcome.CANCELLED, Outcome.UNREACHABLE)


@dataclass
class Offer:
    """One leg, offered to phones for `ring_for` seconds, until `rings_until`."""

    phones: Sequence[str]
    ring_for: float
    rings_until: float
    music: str | None
    wrap_up: bool
    more: int
    briefing: float
    waiting: deque[str] = field(default_factory=deque)  # phones for which no leg has asked yet
    _ringing: int = 0
    _rung_by: dict[str, str] = field(default_factory=dict)  # a leg's channel, without its half -> phone
    _failures: set[Outcome] = field(default_factory=set)

    def __post_init__(self) -> None:
        for phone in self.phones:
            check(phone)
        self._ringing = len(self.phones)

    @property
    def by_legs(self) -> bool:
        """Whether legs of Asterisk's own ring the phones."""
        return self.more > 0 or self.briefing > 0

    @property
    def targets(self) -> str:
        """What the leg dials."""
        if not self.by_legs:
            return "&".join(f"PJSIP/{phone}" for phone in self.phones)
        return "&".join(f"Local/{asked}@{RING_CONTEXT}" for asked in (*self.phones, *["more"] * self.more))

    @property
    def lasts(self) -> float:
        """Seconds that are enough for the whole dial."""
        if not self.by_legs:
            return self.ring_for
        return self.ring_for + (self.briefing or _SLACK)

    @property
    def options(self) -> str:
        """How the leg dials."""
        heard = "r" if self.music is None else f"m({application_argument(self.music)})"
        return heard if self.by_legs else heard + self._afterwards

    @property
    def ring_how(self) -> str:
        """How a leg of Asterisk's own dials a phone."""
        return "i" + (f"U({BRIEFING_CONTEXT})" if self.briefing else "") + self._afterwards

    @property
    def _afterwards(self) -> str:
        return f"F({WRAPUP_CONTEXT}^s^1)" if self.wrap_up else ""

    # While it lasts

    def add(self, phone: str) -> bool:
        """Ring one more; whether that is possible."""
        check(phone)
        if self.is_over or self.more == 0:
            return False
        self.more -= 1
        self._ringing += 1
        self.waiting.append(phone)
        return True

    def failed(self, dialstatus: str, cause: str) -> None:
        """A phone rings no more."""
        self._ringing -= 1
        result = causes.outcome(dialstatus, cause)
        self._failures.add(Outcome.NO_ANSWER if result is Outcome.ANSWERED else result)

    @property
    def is_over(self) -> bool:
        """Whether no phone rings, or is about to."""
        return self._ringing == 0

    def next_for(self, channel: str) -> str:
        """The phone that this leg rings next."""
        phone = self.waiting.popleft()
        self._rung_by[_leg(channel)] = phone
        return phone

    def rung_by(self, channel: str) -> str | None:
        """The phone that this leg has rung last."""
        first = channel.removeprefix("Local/").partition("@")[0]
        return self._rung_by.get(_leg(channel), first if channel.startswith("Local/") else None)

    def outcome(self, otherwise: Outcome) -> Outcome:
        """What came of it when nobody has answered, as far as the phones have told."""
        return next((each for each in _FAILURES if each in self._failures), otherwise)


def check(phone: str) -> None:
    """Raises Refused for what would be another word of a dial string."""
    if not phone or any(character in phone for character in "&/@,^"):
        raise Refused(f"{phone!r} is not the name of a phone")


def _leg(channel: str) -> str:
    """The name that both halves of a leg of Asterisk's own share."""
    return channel.rpartition(";")[0]
