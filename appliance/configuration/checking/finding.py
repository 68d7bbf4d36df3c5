"""What a check has found, and the sentences that several checks share. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from appliance.configuration.problems import Place, did_you_mean, shown
from appliance.configuration.reading import Reading
from appliance.speech.prompts import KeyPath


@dataclass(frozen=True)
class Finding:
    """One sentence for the operator. `where`: the keys that lead to it; outside the YAML, its place."""

    where: KeyPath | Place
    text: str
    remedy: str = ""
    warning: bool = False


def unknown(
    reading: Reading, where: KeyPath | Place, kind: str, id: str | None, ids: Collection[str]
) -> Iterator[Finding]:
    """Complain about an id that nothing has, unless it may stand in a file that could not be read."""
    if id is not None and id not in ids and reading.complete:
        yield Finding(where, f"There is no {kind} {shown(id)}.", did_you_mean(id, ids))


def no_voice(where: KeyPath | Place, language: str, voices: Collection[str]) -> Finding:
    """Nobody can read texts aloud in this language."""
    remedy = did_you_mean(language, voices)
    text = f"There is no voice for the language {shown(language)}."
    return Finding(where, text, f'{remedy} Or add one to "speech: voices:".')
