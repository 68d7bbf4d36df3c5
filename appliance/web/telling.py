"""What the holder of a ticket is told of the request: its place, how long it takes, what has become of it.

Who has asked with a number that is to be called already, and cannot show that it was them, holds a ticket behind
which there is nothing: it is told the same things at about the same times. Why a request is over nobody is told:
whoever has entered somebody else's number must not learn whether that person picked up.
"""

from dataclasses import dataclass
from enum import Enum

from appliance.engine import Engine
from appliance.line.visits import Expected
from appliance.web.tickets import Ticket
from appliance.web.words import Words

GUESS = 600.0  # seconds, where nobody can say how long it takes
RINGS = 40.0  # seconds
ROUNDED = 30.0  # seconds


class State(Enum):
    SCHEDULED = "scheduled"
    WAITING = "waiting"
    CALLING = "calling"
    CANCELLED = "cancelled"
    OVER = "over"


@dataclass(frozen=True)
class Told:
    """Seconds to wait, and UTC epoch seconds."""

    state: State
    place: int | None = None
    expected: tuple[float, float] | None = None
    call_at: float | None = None

    def says(self, words: Words, now: float) -> str:
        match self.state:
            case State.SCHEDULED:
                return words("scheduled", time=words.moment(self.call_at or now, now))
            case State.WAITING if self.expected:
                return words("waiting", place=self.place, wait=words.between(*self.expected))
            case State.WAITING:
                return words("waiting_unknown", place=self.place)
        return words(self.state.value)


def told_of(engine: Engine, ticket: Ticket, now: float) -> Told:
    """How it stands with a request."""
    return _real(engine, ticket, now) if ticket.is_real else _apparent(ticket, now)


def at_the_end(engine: Engine, queue: str, now: float) -> tuple[int, Expected | None]:
    """The place that whoever asks now would have, and how long they would wait."""
    return len(engine.acd.waiting(queue)) + 1, engine.acd.expected_wait_in(queue, now)


def _real(engine: Engine, ticket: Ticket, now: float) -> Told:
    visit = engine.acd.visit(ticket.id)
    if visit is None or visit.home is None or visit.agent is not None:
        return Told(State.OVER)
    if not visit.home.rests:
        return Told(State.CALLING)
    place = engine.acd.place(visit.id)
    if place is None:
        return Told(State.SCHEDULED, call_at=visit.home.not_before)
    expected = engine.acd.expected_wait(visit.id, now)
    return Told(State.WAITING, place, _rounded(expected.low, expected.high) if expected else None)


def _apparent(ticket: Ticket, now: float) -> Told:
    if ticket.call_at > now:
        return Told(State.SCHEDULED, call_at=ticket.call_at)
    elapsed = now - max(ticket.at, ticket.call_at)
    left = (ticket.middle or GUESS) - elapsed
    if left < -RINGS:
        return Told(State.OVER)
    if left <= 0:
        return Told(State.CALLING)
    share = left / (left + elapsed)
    expected = _rounded(left * 0.6, left * 1.5) if ticket.middle else None
    return Told(State.WAITING, max(1, round(ticket.place * share)), expected)


def _rounded(low: float, high: float) -> tuple[float, float]:
    return ROUNDED * round(low / ROUNDED), ROUNDED * max(1, round(high / ROUNDED))
