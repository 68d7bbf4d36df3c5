"""Call-backs in words: what a customer was promised who waits at home, and what may become of that. Pure.

A call-back is a visit like any other (appliance.line.visits) whose caller is not on the phone: it has a place in
the line, and its id is the visit's. Each time the customer is called is an attempt, `<visit>.c<n>`: that is the
id of the call that is made, and of its first leg as well.
"""

from dataclasses import dataclass
from enum import Enum

Context = tuple[tuple[str, str], ...]  # what the customer said beside: name of a field, and text


class Kind(Enum):
    """How a call-back came about."""

    HELD = "held"  # stood in line, and went home
    ASKED = "asked"  # was offered it before standing in line
    CHOSEN = "chosen time"
    WEB = "web"
    AGENT = "agent"  # an agent or a supervisor has promised it
    ABANDONED = "abandoned"  # hung up in line, and is called without having asked for it


class First(Enum):
    """Who of the two is called first."""

    CUSTOMER = "customer"
    AGENT = "agent"


class AttemptEnd(Enum):
    """What became of one attempt."""

    SERVED = "served"  # an agent talked to the customer
    BUSY = "busy"
    NO_ANSWER = "no answer"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"  # switched off, no such number
    MACHINE = "machine"  # answered, and pressed no key
    NO_AGENT = "no agent"  # pressed the key, and hung up before an agent was there
    NOT_NOW = "not now"  # the customer would rather be called later
    AGENT_MISSED = "agent missed"  # agent first: did not take the call; the customer was not called
    FAILED = "failed"  # never reached the network: no line, trunk down, appliance lost
    CANCELLED = "cancelled"  # the call-back ended meanwhile


# After these the customer's telephone has not rung: they count as no try.
NO_TRIES = (AttemptEnd.AGENT_MISSED, AttemptEnd.FAILED, AttemptEnd.CANCELLED)


class CallbackEnd(Enum):
    """What became of a call-back. Every one ends with exactly one."""

    SERVED = "served"
    UNREACHED = "unreached"  # the last attempt allowed has failed
    EXPIRED = "expired"
    CANCELLED_BY_CUSTOMER = "cancelled by customer"
    CANCELLED = "cancelled"  # by an agent or a supervisor
    CALLED_IN = "called in"  # the customer called, and has the place in line back
    SERVED_OTHERWISE = "served otherwise"  # the customer talked to an agent in another call
    UNSEEN = "unseen"  # was being connected while the appliance was not running: somebody should look


@dataclass(frozen=True)
class Promise:
    """What the customer was promised. Times are UTC epoch seconds."""

    number: str  # E.164
    kind: Kind
    first: First
    not_before: float
    expires: float
    language: str = ""  # in which the customer is spoken to; "": the site's
    name: str = ""  # of the customer, as far as known
    context: Context = ()
    origin: str | None = None  # ABANDONED: the visit that was; AGENT: the call in which it was promised


@dataclass
class Home:
    """A customer who waits at home, as the line has it in mind."""

    promise: Promise
    not_before: float  # now: after an attempt that failed, or moved
    attempts: int = 0
    tries: int = 0  # of these, those on which the network was reached
    calling: bool = False  # an attempt is under way
    reached: bool = False  # the customer is on the phone again, and waits for an agent

    @property
    def rests(self) -> bool:
        """At home, with no attempt under way."""
        return not self.calling and not self.reached


@dataclass
class Prospect:
    """When it is looked at who will be free soon; None: as soon as somebody waits at home."""

    looks_at: float | None = None


def attempt_id(visit: str, number: int) -> str:
    """Of an attempt, its call, and the first leg of that."""
    return f"{visit}.c{number}"


def visit_of_attempt(call: str) -> str | None:
    """The visit for which a call is made; None for other calls."""
    parts = _parts(call)
    return parts[0] if parts else None


def number_of_attempt(call: str) -> int:
    """Which attempt that call is."""
    parts = _parts(call)
    return parts[1] if parts else 0


def _parts(call: str) -> tuple[str, int] | None:
    visit, dot, number = call.rpartition(".c")
    return (visit, int(number)) if dot and number.isdecimal() else None
