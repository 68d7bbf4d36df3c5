"""Speech on the simulated switch: nothing is made, and what would have been heard stays text."""

from collections.abc import Callable
from dataclasses import dataclass

from appliance.settings import Say, Speech
from appliance.simulation.clock import VirtualClock
from appliance.speech.prompts import sound_name


@dataclass(frozen=True)
class Spoken:
    """A text that was to be heard."""

    text: str
    language: str


class SimulatedVoice:
    """See appliance.speech.voice.Voice. `takes` seconds pass for each new text; while `works` is false none
    is made."""

    def __init__(self, clock: VirtualClock, takes: float = 0.0) -> None:
        self.takes = takes
        self.works = True
        self.spoken: dict[str, Spoken] = {}  # sound -> what it says, in the order of making
        self._clock = clock

    def speak(self, text: str, language: str, speech: Speech) -> str | None:
        known = self.sound(text, language, speech) in self.spoken
        if self.takes and not known:
            self._clock.sleep(self.takes)
        return self._made(text, language, speech)

    def speak_later(self, text: str, language: str, speech: Speech, then: Callable[[str | None], None]) -> None:
        known = self.sound(text, language, speech) in self.spoken
        delay = 0.0 if known else self.takes
        self._clock.call_later(delay, lambda: then(self._made(text, language, speech)))

    @staticmethod
    def sound(text: str, language: str, speech: Speech) -> str:
        """The sound of a text, whether or not it has been made."""
        return f"/spoken/{sound_name(Say(text), language, speech)}"

    def _made(self, text: str, language: str, speech: Speech) -> str | None:
        if not self.works:
            return None
        sound = self.sound(text, language, speech)
        self.spoken[sound] = Spoken(text, language)
        return sound
