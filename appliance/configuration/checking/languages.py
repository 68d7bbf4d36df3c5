"""Languages in which nobody can read texts aloud. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding, no_voice
from appliance.configuration.reading import Reading
from appliance.settings import Say
from appliance.speech.prompts import KeyPath, prompts_by_path


def languages(reading: Reading) -> Iterator[Finding]:
    """Every language that has no voice."""
    for path, language in _used(reading):
        if language and language not in reading.settings.speech.voices:
            yield no_voice(path, language, reading.settings.speech.voices)


def _used(reading: Reading) -> Iterator[tuple[KeyPath, str | None]]:
    s = reading.settings
    yield ("language",), s.language
    for number in s.numbers.values():
        yield ("numbers", number.id, "language"), number.language
    for agent in s.agents.values():
        yield ("agents", agent.id, "language"), agent.language
    for path, prompt in prompts_by_path(s):
        if path[0] != "phrases" or reading.written(*path):
            said = (language for language, piece in prompt.by_language.items() if isinstance(piece, Say))
            yield from (((*path, "say", language), language) for language in said)
