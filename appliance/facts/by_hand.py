"""What was set by hand, beside the configuration: part of appliance.facts. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class HoursSet:
    """Opening hours were opened or closed by hand, until then."""

    schedule: str
    at: float
    is_open: bool
    until: float
    by: str  # who has done it, for a person
    comment: str = ""


@dataclass(frozen=True)
class HoursFollowed:
    """A schedule is followed again, before what was set by hand is over."""

    schedule: str
    at: float
    by: str


@dataclass(frozen=True)
class NoticeSet:
    """A notice is put in front of callers; it replaces one of the same target and language."""

    notice: str
    at: float
    target: str
    language: str
    text: str
    sound: str
    until: float
    by: str
    hang_up: bool


@dataclass(frozen=True)
class NoticeEnded:
    """A notice was taken back before its time was over."""

    notice: str
    at: float
    by: str


@dataclass(frozen=True)
class NoticeBegun:
    """A caller begins to hear a notice."""

    notice: str
    call: str
    at: float


@dataclass(frozen=True)
class NoticeHeard:
    """A caller has heard a notice to its end."""

    notice: str
    call: str
    at: float
