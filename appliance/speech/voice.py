"""The seam to speech that is made while a call waits for it: a text in, a sound out."""

from collections.abc import Callable
from typing import Protocol

from appliance.settings import Speech


class Voice(Protocol):
    """Makes each text once and keeps the sound as long as there is room. Nothing is ever raised: who misses a
    sentence is better off than who is not served."""

    def speak(self, text: str, language: str, speech: Speech) -> str | None:
        """The sound of a text: an absolute path without a file ending; None when it could not be made in time.
        Blocks the calling greenlet alone, and for no longer than seconds."""
        ...

    def speak_later(self, text: str, language: str, speech: Speech, then: Callable[[str | None], None]) -> None:
        """As `speak`, but returns at once: the sound is handed to `then`, which must not block."""
        ...
