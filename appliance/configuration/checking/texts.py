"""Texts with values in braces, and prompts that are not there in every language. Pure."""

from collections.abc import Iterator, Mapping

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import did_you_mean, shown
from appliance.configuration.reading import Reading
from appliance.settings import Prompt, Say, Settings, SoundFile
from appliance.speech.prompts import KeyPath, prompts_by_path
from appliance.speech.templates import LITERALS, Slot, parse, wrong_with
from appliance.speech.values import VALUES, Where, where

_PIECES = ("say", "otherwise")


def texts(reading: Reading) -> Iterator[Finding]:
    """Values that are not known, not there where the text is heard, or not to be said so."""
    for path, prompt in _written(reading):
        for field, pieces in zip(_PIECES, (prompt.by_language, prompt.otherwise), strict=True):
            for language, piece in pieces.items():
                if isinstance(piece, Say):
                    yield from _text((*path, field, language), piece.text, language, where(path))


def translations(reading: Reading) -> Iterator[Finding]:
    """What some callers, or agents, hear in a language that is not theirs, and values that some do not hear."""
    settings = reading.settings
    for path, prompt in _written(reading):
        missing = [each for each in _languages(settings, path) if each not in prompt.by_language]
        if missing and not _has_no_words(prompt):
            yield _missing(path, missing, prompt, settings)
        yield from _uneven(path, prompt.by_language)
    yield from _own_phrases(reading)


def _written(reading: Reading) -> Iterator[tuple[KeyPath, Prompt]]:
    """The prompts that the configuration itself has."""
    for path, prompt in prompts_by_path(reading.settings):
        if path[0] != "phrases" or reading.written(*path):
            yield path, prompt


def _text(path: KeyPath, text: str, language: str, heard: Where) -> Iterator[Finding]:
    template = parse(text)
    for fault in template.faults:
        yield Finding(path, _printable(fault))
    for slot in dict.fromkeys(template.slots):
        yield from _slot(path, slot, language, heard)


def _slot(path: KeyPath, slot: Slot, language: str, heard: Where) -> Iterator[Finding]:
    value = VALUES.get(slot.name)
    if value is None and slot.name not in LITERALS:
        here = [name for name, each in VALUES.items() if heard in each.where]
        yield Finding(path, f"There is no value {shown('{' + slot.name + '}')}.", did_you_mean(slot.name, here))
    elif wrong := wrong_with(slot, language):
        yield Finding(path, _printable(wrong))
    elif value is not None and not slot.is_literal and heard not in value.where:
        places = ", ".join(sorted(each.value for each in value.where))
        text = f"{{{slot.name}}}, {value.what}, is not known in {heard.value}."
        yield Finding(path, text, f"It is known in {places}.")


def _missing(path: KeyPath, missing: list[str], prompt: Prompt, settings: Settings) -> Finding:
    heard = settings.language if settings.language in prompt.by_language else next(iter(prompt.by_language))
    text = f"This is not there in {_listed(missing)}: whoever is to hear it so hears it in {heard}."
    return Finding(path, text, f"Add {_listed(missing)}, below say: or sound:.", warning=True)


def _uneven(path: KeyPath, pieces: Mapping[str, Say | SoundFile]) -> Iterator[Finding]:
    used = {
        language: set(parse(piece.text).values) for language, piece in pieces.items() if isinstance(piece, Say)
    }
    for name in sorted(set().union(*used.values())):
        without = [language for language, names in used.items() if name not in names]
        if without:
            text = f"{{{name}}} is said in {_listed([each for each in used if each not in without])}"
            yield Finding((*path, "say", without[0]), f"{text} and not in {_listed(without)}.", warning=True)


def _own_phrases(reading: Reading) -> Iterator[Finding]:
    """The appliance's own words, all of them in one sentence."""
    settings = reading.settings
    lacking = {
        language: sum(1 for prompt in settings.phrases.values() if language not in prompt.by_language)
        for language in settings.languages
    }
    missing = [each for each, count in lacking.items() if count and each in settings.speech.voices]
    if missing:
        most = max(lacking[each] for each in missing)
        are = "phrases is" if most == 1 else "phrases are"
        place = ("phrases",) if reading.written("phrases") else ("language",)
        text = f"{most} of the appliance's own {are} not there in {_listed(missing)}."
        remedy = "Write them below phrases:, or they are heard in another language."
        yield Finding(place, text, remedy, warning=True)


def _languages(settings: Settings, path: KeyPath) -> list[str]:
    """In which languages somebody may hear the prompt at this path."""
    if where(path) in (Where.AGENT, Where.WHISPER):
        spoken = {agent.language or settings.language for agent in settings.agents.values()}
    else:
        numbers = [settings.numbers[path[1]]] if path[0] == "numbers" else settings.numbers.values()
        spoken = {number.language or settings.language for number in numbers}
        spoken |= {customer.language for customer in settings.customers.values() if customer.language}
    return [each for each in settings.languages if each in spoken and each in settings.speech.voices]


def _has_no_words(prompt: Prompt) -> bool:
    """Whether it may be a sound for everybody, such as a gong."""
    (piece, *others) = prompt.by_language.values() or (None,)
    return not others and not isinstance(piece, Say)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
