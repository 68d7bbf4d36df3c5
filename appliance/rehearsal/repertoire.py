"""What can be heard in an imagined call: sounds that need not exist, each known with what is said in it."""

import wave
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from appliance.settings import Prompt, Say, Settings, SoundFile
from appliance.simulation.voice import SimulatedVoice
from appliance.speech.prompts import KeyPath, Sounds, Utterance, in_language, prepared
from appliance.speech.values import Lookup

_LETTERS_A_SECOND = 14.0  # spoken by the engine's usual voices
_SHORTEST = 1.0  # seconds
_UNKNOWN = 2.0  # of a file that cannot be read


@dataclass(frozen=True)
class Said:
    """What is heard in a sound: the prompt to which these keys lead, in that language."""

    because: KeyPath
    language: str
    piece: Say | SoundFile

    @property
    def seconds(self) -> float:
        """About how long it takes."""
        if isinstance(self.piece, Say):
            return max(_SHORTEST, len(self.piece.text) / _LETTERS_A_SECOND)
        return _seconds_of(self.piece.path)


class Repertoire(Sounds):
    """The sounds of one call. `stands` says of a prompt, by its identity, where it stands in the configuration:
    each place there has one of its own."""

    def __init__(self, settings: Settings, stands: Mapping[int, KeyPath], voice: SimulatedVoice) -> None:
        super().__init__(Path("/imagined"), settings)
        self._stands = stands
        self._voice = voice
        self._said: dict[str, Said] = {}
        self._made: dict[tuple[str, str], KeyPath] = {}  # language and text made for this call -> the prompt
        self._uttered: KeyPath = ()

    def path(self, prompt: Prompt, language: str) -> str:
        spoken, piece = in_language(prompt, language, self.settings.language)
        because = self._stands.get(id(prompt), self._uttered)
        sound = "/".join((*because, spoken)) if because else super().path(prompt, language)
        self._said[sound] = Said(because, spoken, prepared(piece, spoken) or piece)
        return sound

    def utterance(self, prompt: Prompt, language: str, lookup: Lookup) -> Utterance:
        here = self._stands.get(id(prompt), ())
        self._uttered = (*here, "otherwise") if here else ()  # the one part that is no prompt of its own there
        said = super().utterance(prompt, language, lookup)
        self._uttered = ()
        if said.text:
            self._made[said.language, said.text] = here
        return said

    def said(self, sound: str) -> Said:
        """What is said in a sound of this call."""
        made = self._voice.spoken.get(sound)
        if made is not None:
            return Said(self._made.get((made.language, made.text), ()), made.language, Say(made.text))
        return self._said.get(sound) or Said((), self.settings.language, SoundFile(Path(sound)))


@lru_cache(maxsize=256)
def _seconds_of(file: Path) -> float:
    with suppress(OSError, EOFError, wave.Error), wave.open(str(file), "rb") as sound:
        return max(_SHORTEST, sound.getnframes() / sound.getframerate())
    return _UNKNOWN
