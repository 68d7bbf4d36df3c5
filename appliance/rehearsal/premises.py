"""What all imagined calls of one configuration share, and none of them changes."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from appliance.configuration.problems import Place
from appliance.configuration.reading import Reading
from appliance.identify import number_forms
from appliance.settings import Settings
from appliance.speech.prompts import KeyPath, prompts_by_path

_NOWHERE = Path(os.devnull, "recordings")  # where no folder can be made for a talk that nobody has


class Premises:
    """A configuration made ready for any number of imagined calls."""

    def __init__(self, reading: Reading) -> None:
        settings = replace(reading.settings, recordings=_NOWHERE)
        self.settings = settings
        self.stands: Mapping[int, KeyPath] = {id(prompt): path for path, prompt in prompts_by_path(settings)}
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
