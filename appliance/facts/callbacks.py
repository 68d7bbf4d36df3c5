"""What happened to call-backs: part of appliance.facts. A call-back's id is that of its visit. Pure."""

from dataclasses import dataclass

from appliance.line.promises import AttemptEnd, CallbackEnd, First, Promise


@dataclass(frozen=True)
class CallbackPromised:
    """From now on the visit's customer waits at home."""

    visit: str
    at: float
    queue: str
    promise: Promise
    not_before: float | None = None  # later than was promised: the receiver has to be put down first


@dataclass(frozen=True)
class CallbackMoved:
    """The customer is not called before then; the promise holds for longer, and the place is another, where these
    are told."""

    visit: str
    at: float
    not_before: float
    why: str
    expires: float | None = None
    waited: float | None = None  # seconds that count before joining; with a minus, the wait begins after it


@dataclass(frozen=True)
class AttemptBegan:
    """It is time to call: the customer, or first the agent of that offer."""

    visit: str
    at: float
    n: int
    first: First
    number: str
    ring_for: float  # seconds
    why: str
    offer: str | None = None
    agent: str | None = None
    phone: str | None = None


@dataclass(frozen=True)
class CustomerReached:
    """The customer has pressed the key, and waits in line on that leg of that call."""

    visit: str
    at: float
    n: int
    call: str
    leg: str


@dataclass(frozen=True)
class AttemptEnded:
    """`next_at`: not before then is it tried again; None: not at all."""

    visit: str
    at: float
    n: int
    end: AttemptEnd
    next_at: float | None = None


@dataclass(frozen=True)
class CallbackEnded:
    visit: str
    at: float
    end: CallbackEnd
    why: str = ""
