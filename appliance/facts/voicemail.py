"""What happened to messages of callers: part of appliance.facts. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MessageBegun:
    """A caller is about to speak into a box."""

    message: str
    call: str
    at: float
    box: str
    file: str


@dataclass(frozen=True)
class MessageEnded:
    """The caller has said so, or nothing more. Who hangs up at the end has left the message all the same."""

    message: str
    at: float
    length: float


@dataclass(frozen=True)
class MessageHeard:
    """Somebody listens to a message; `by` is the phone."""

    message: str
    at: float
    by: str


@dataclass(frozen=True)
class MessageDeleted:
    message: str
    at: float
    by: str
