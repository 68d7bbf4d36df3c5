"""The phones that ring for one leg on FreeSWITCH: each by a command that is under way, and what came of it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from appliance.clock import Clock
from appliance.port import Outcome
from esl import causes
from esl.offer import Offer
from esl.wire import Job, Wire

TAKEN_WITHIN = 5.0  # by a phone that has answered
LOOK_AGAIN_AFTER = 0.25  # whether it is still there

# What all of it comes to when every phone has failed: the first of these that one of them did.
_FAILURES = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REFUSED, Outcome.CANCELLED, Outcome.UNREACHABLE)


@dataclass
class _Ring:
    """One command. `answered` is the phone's leg, which takes the call by `until`, or hangs up."""

    job: Job
    answered: str = ""
    until: float = 0.0
    failure: Outcome | None = None


class Rings:
    """What rings for an offer. `more`: so many may be added."""

    def __init__(self, wire: Wire, clock: Clock, offer: Offer, more: int) -> None:
        self._wire = wire
        self._clock = clock
        self._offer = offer
        self._more = more
        self._waiting: deque[str] = deque()  # phones that are to ring
        self._rings: list[_Ring] = []
        self._ends_at = clock.now() + offer.ring_for
        self.legs: dict[str, str] = {}  # of all phones: leg -> phone

    def begin(self, phones: Sequence[str]) -> None:
        """Ring the first ones: all by one command, unless more than one may answer, or may do so later."""
        if self._more or self._offer.briefing:
            for phone in phones:
                self._ring(phone)
        else:
            self._ring(*phones)

    def add(self, phone: str) -> bool:
        """One more is to ring, with the next `look`; whether that is possible."""
        if self.is_over or self._more == 0:
            return False
        self._more -= 1
        self._waiting.append(phone)
        return True

    @property
    def has_changed(self) -> bool:
        """Whether there is something to look at."""
        return bool(self._waiting) or any(
            ring.job.end is not None and not ring.answered for ring in self._rings if ring.failure is None
        )

    @property
    def left(self) -> float | None:
        """Seconds until to look in any case, None while nobody has answered."""
        return LOOK_AGAIN_AFTER if any(ring.answered for ring in self._rings if ring.failure is None) else None

    def look(self) -> None:
        """Take note of what has happened, and ring those who are to."""
        for ring in self._rings:
            self._look_at(ring)
        while self._waiting:
            self._ring(self._waiting.popleft())

    @property
    def is_over(self) -> bool:
        """Whether none rings, has answered, or is to ring."""
        return not self._waiting and all(ring.failure is not None for ring in self._rings)

    @property
    def any_rings(self) -> bool:
        """Whether some phone may still ring."""
        return any(ring.job.end is None for ring in self._rings)

    @property
    def any_briefed(self) -> bool:
        """Whether some phone that has answered may still be with us."""
        return self._offer.briefing > 0 and any(ring.failure is None for ring in self._rings)

    @property
    def outcome(self) -> Outcome:
        """What came of it when nobody has taken the call."""
        failures = {ring.failure or Outcome.NO_ANSWER for ring in self._rings}
        return next((each for each in _FAILURES if each in failures), Outcome.FAILED)

    def forget(self) -> None:
        """Hear no more of it."""
        for ring in self._rings:
            self._wire.forget(ring.job)

    def _ring(self, *phones: str) -> None:
        legs = {str(uuid4()): phone for phone in phones}
        job = self._wire.begin_command(self._offer.ring(legs, self._ends_at - self._clock.now()))
        self._rings.append(_Ring(job))
        self.legs |= legs

    def _look_at(self, ring: _Ring) -> None:
        if ring.failure is not None or ring.job.end is None:
            return
        now, result = self._clock.now(), ring.job.end.text.strip()
        if result.startswith("-ERR"):
            ring.failure = causes.outcome(result.partition(" ")[2])
        elif not ring.answered:
            ring.answered = result.removeprefix("+OK ")
            ring.until = now + TAKEN_WITHIN + self._offer.briefing
        elif now >= ring.until or self._wire.api(f"uuid_exists {ring.answered}") == "false":
            ring.failure = Outcome.NO_ANSWER
