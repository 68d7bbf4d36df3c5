"""What happened to calls and their legs: part of appliance.facts. Pure."""

from dataclasses import dataclass

from appliance.facts.words import CallOutcome, Direction
from appliance.port import EndCause
from appliance.speech.prompts import KeyPath


@dataclass(frozen=True)
class CallStarted:
    call: str
    at: float
    leg: str
    ani: str
    caller_name: str
    dnis: str
    trunk: str
    direction: Direction = Direction.IN
    phone: str | None = None  # that calls out
    agent: str | None = None  # who works there
    diverted: str | None = None
    version: int | None = None  # of the configuration, under whose rules it runs


@dataclass(frozen=True)
class TrunkTried:
    """An outgoing call is made by that trunk, because of that rule; `sent_on`: for a call that came in."""

    call: str
    at: float
    rule: str
    trunk: str
    sent_on: bool = False


@dataclass(frozen=True)
class LegOpened:
    """A phone's leg that a call dials."""

    call: str
    at: float
    leg: str
    endpoint: str


@dataclass(frozen=True)
class LegClosed:
    at: float
    leg: str
    cause: EndCause | None  # None: it ended unseen


@dataclass(frozen=True)
class CallIdentified:
    """`number` is E.164, None for anonymous callers; `number_id` is ours, that was called or is shown."""

    call: str
    at: float
    number: str | None
    number_id: str | None
    customer: str | None
    group: str | None
    language: str


@dataclass(frozen=True)
class Stepped:
    """The call took a step through the configuration: hours, menu, key, queue...

    `because` are the keys of the YAML that lead to the value that caused it, as far as one did.
    """

    call: str
    at: float
    step: str
    detail: str
    because: KeyPath = ()


@dataclass(frozen=True)
class CallProgressed:
    """What the outcome is if the call ends now."""

    call: str
    at: float
    outcome: CallOutcome


@dataclass(frozen=True)
class CallEnded:
    call: str
    at: float
    outcome: CallOutcome
    cause: EndCause | None = None  # why the caller's leg ended; None: unseen


@dataclass(frozen=True)
class RecordingStarted:
    call: str
    at: float
    file: str
