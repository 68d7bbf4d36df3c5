"""A call that is only imagined: who calls whom and when, what is pressed, and what everybody else does."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What becomes of a phone that rings: picked up after so many seconds, left ringing (None), or busy."""

    after: float | None = 3.0
    busy: bool = False


@dataclass(frozen=True)
class ImaginedCall:
    """`caller` is E.164, the id of a phone of ours, or "" for somebody who withholds the number."""

    caller: str
    to: str
    at: float
    trunk: str = ""  # by which it comes in
    keys: tuple[str, ...] = ()  # what is pressed each time a key is asked for; "" is silence
    signed_on: tuple[str, ...] = ()
    paused: tuple[str, ...] = ()
    busy: tuple[str, ...] = ()  # their phones are in use
    answers: Answer = Answer()
    answers_of: Mapping[str, Answer] = field(default_factory=dict)  # of some agents, instead
    hangs_up: float | None = None  # the caller, so many seconds after the call began
    down: tuple[str, ...] = ()  # trunks that answer nothing
    opened: tuple[str, ...] = ()  # opening hours that somebody has opened by hand
    closed: tuple[str, ...] = ()  # likewise closed
    last_agent: str | None = None  # who has talked to the caller before
