"""What all imagined calls of one configuration share, and none of them changes."""

import os
import wave
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.identify import number_forms
from appliance.problems import Place
from appliance.prompts import KeyPath, Sounds, in_language, prompts_by_path
from appliance.reading import Reading
from appliance.settings import Prompt, Say, Settings, SoundFile

_LETTERS_A_SECOND = 14.0  # spoken by the engine's usual voices
_SHORTEST = 1.0  # seconds
_UNKNOWN = 2.0  # of a file that cannot be read
_NOWHERE = Path(os.devnull, "recordings")  # where no folder can be made for a talk that nobody has


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
        with suppress(OSError, EOFError, wave.Error), wave.open(str(self.piece.path), "rb") as sound:
            return max(_SHORTEST, sound.getnframes() / sound.getframerate())
        return _UNKNOWN


class Repertoire(Sounds):
    """The sounds of a configuration, none of which need exist. Each is remembered with what is said in it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(Path("/imagined"), settings)
        self._site_language = settings.language
        # Each place of the YAML has a prompt of its own, so that a prompt tells where it stands.
        self._stands = {id(prompt): path for path, prompt in prompts_by_path(settings)}
        self._said: dict[str, Said] = {}
        self._seconds: dict[str, float] = {}

    def path(self, prompt: Prompt, language: str) -> str:
        spoken, piece = in_language(prompt, language, self._site_language)
        because = self._stands.get(id(prompt), ())
        sound = "/".join((*because, spoken)) if because else super().path(prompt, language)
        if sound not in self._said:
            self._said[sound] = Said(because, spoken, piece)
        return sound

    def said(self, sound: str) -> Said | None:
        """What is said in a sound that `path` has given."""
        return self._said.get(sound)

    def seconds(self, sound: str) -> float | None:
        """About how long such a sound is."""
        said = self._said.get(sound)
        if sound not in self._seconds and said is not None:
            self._seconds[sound] = said.seconds
        return self._seconds.get(sound)


class Premises:
    """A configuration made ready for any number of imagined calls."""

    def __init__(self, reading: Reading) -> None:
        settings = replace(reading.settings, recordings=_NOWHERE)
        self.settings = settings
        self.sounds = Repertoire(settings)
        self.spellings: Mapping[str, str] = {
            form: id for id in settings.numbers for form in number_forms(id, settings.country)
        }
        self.desks = _desks(settings)
        self._reading = reading

    def place(self, because: KeyPath) -> Place | None:
        """The line of the YAML that says so; None where the appliance itself does."""
        if not because:
            return None
        place = self._reading.place(*because)
        is_own_phrase = because[0] == "phrases" and place == self._reading.place("phrases")
        return None if is_own_phrase or not place.line else place


def _desks(settings: Settings) -> dict[str, str]:
    """The phone of each agent: one after another, and phones of nobody for those for whom there is none."""
    phones = [*settings.phones]
    agents = [*settings.agents]
    phones += [f"desk-{agent}" for agent in agents[len(phones) :]]
    return dict(zip(agents, phones, strict=False))
