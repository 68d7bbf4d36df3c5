"""What callers hear, and where calls go. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from appliance.line.skills import NOTHING, Needs


@dataclass(frozen=True)
class Say:
    """Text that is synthesised when the configuration is rendered."""

    text: str


@dataclass(frozen=True)
class SoundFile:
    """A recorded file (WAV), absolute path."""

    path: Path


@dataclass(frozen=True)
class Prompt:
    """What a caller hears, for each language. A language that is missing falls back to the site's own."""

    by_language: Mapping[str, Say | SoundFile]
    otherwise: Mapping[str, Say | SoundFile] = field(default_factory=dict)  # where a value in it is not known


@dataclass(frozen=True)
class Destination:
    """Where a call goes: exactly one of these is set, or `hang_up`."""

    menu: str | None = None
    queue: str | None = None
    extension: str | None = None
    number: str | None = None  # outside, E.164 or as it is dialled, by the rules for outgoing calls
    message: Prompt | None = None
    voicemail: str | None = None
    hang_up: bool = False
    repeat: bool = False  # in menus: hear this menu again
    back: bool = False  # in menus: to the menu this one was reached from
    needs: Needs = NOTHING  # what who goes there needs of an agent, in whatever queue
    agent: str | None = None  # of a queue: who is waited for at first,
    agent_for: float = 30.0  # so many seconds
    callback: str | None = None  # the queue from which the caller is called back
    at_a_time: bool = False  # of a call-back: the caller chooses when

    def __str__(self) -> str:
        """As reports name it: queue sales, number +7..., message."""
        for kind in ("menu", "queue", "extension", "number", "voicemail", "callback"):
            if target := getattr(self, kind):
                return f"{kind} {target}"
        if self.message is not None:
            return "message"
        words = {"repeat": self.repeat, "back": self.back, "hang up": self.hang_up}
        return next((word for word, holds in words.items() if holds), "nowhere")
