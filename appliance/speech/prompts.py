"""Everything that is said to callers and agents, and the sound files it becomes. Pure."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from appliance.settings import Destination, Escalation, Prompt, Say, Settings, SoundFile, Speech
from appliance.speech.templates import constant, fill, parse, spoken_values, unknown, without_values
from appliance.speech.values import Lookup

KeyPath = tuple[str, ...]  # the keys that lead to a value: ("menus", "main", "prompt")


def every_prompt(settings: Settings) -> Iterator[tuple[str, Prompt]]:
    """Every prompt of the configuration, and where it is used."""
    for path, prompt in prompts_by_path(settings):
        yield " ".join(path), prompt


def prompts_by_path(settings: Settings) -> Iterator[tuple[KeyPath, Prompt]]:
    """Every prompt, and the keys that lead to it in the YAML."""
    for path, prompt in _own_prompts(settings):
        if prompt is not None:
            yield path, prompt
    for path, destination in destinations(settings):
        if destination.message is not None:
            yield (*path, "message"), destination.message


def _own_prompts(settings: Settings) -> Iterator[tuple[KeyPath, Prompt | None]]:
    for number in settings.numbers.values():
        yield ("numbers", number.id, "greeting"), number.greeting
    for menu in settings.menus.values():
        yield ("menus", menu.id, "prompt"), menu.prompt
        yield ("menus", menu.id, "wrong"), menu.wrong
    for schedule in settings.hours.values():
        yield ("hours", schedule.id, "name"), schedule.name
    for queue in settings.queues.values():
        yield ("queues", queue.id, "greeting"), queue.greeting
        yield ("queues", queue.id, "whisper"), queue.whisper
        yield ("queues", queue.id, "announce"), queue.announce.prompt if queue.announce else None
        for n, message in enumerate(queue.comfort.messages if queue.comfort else ()):
            yield ("queues", queue.id, "comfort", "messages", str(n)), message
        if queue.callback is not None:
            yield ("queues", queue.id, "callback", "greeting"), queue.callback.greeting
            yield ("queues", queue.id, "callback", "machine"), queue.callback.machine
    for dispositions in settings.dispositions.values():
        yield ("dispositions", dispositions.id, "prompt"), dispositions.prompt
    for box in settings.voicemail.values():
        yield ("voicemail", box.id, "greeting"), box.greeting
    for group in settings.groups.values():
        yield ("groups", group.id, "greeting"), group.greeting
        yield ("groups", group.id, "refuse"), group.refuse
    for where, steps in _chains(settings):
        for n, step in enumerate(steps):
            yield (*where, str(n), "say"), step.say
    for name, prompt in settings.phrases.items():
        yield ("phrases", name), prompt


def _chains(settings: Settings) -> Iterator[tuple[KeyPath, Sequence[Escalation]]]:
    yield ("escalation",), settings.escalation
    for queue in settings.queues.values():
        yield ("queues", queue.id, "escalation"), queue.escalation


def destinations(settings: Settings) -> Iterator[tuple[KeyPath, Destination]]:
    """Every destination of the configuration, and the keys that lead to it."""
    for path, destination in _destinations(settings):
        if destination is not None:
            yield path, destination


def _destinations(settings: Settings) -> Iterator[tuple[KeyPath, Destination | None]]:
    for number in settings.numbers.values():
        yield ("numbers", number.id, "open"), number.open
        yield ("numbers", number.id, "closed"), number.closed
        yield ("numbers", number.id, "holiday"), number.holiday
    for menu in settings.menus.values():
        for key, destination in menu.choices.items():
            yield ("menus", menu.id, "choices", key), destination
        yield ("menus", menu.id, "otherwise"), menu.otherwise
    for queue in settings.queues.values():
        yield ("queues", queue.id, "closed"), queue.closed
        for position, rule in enumerate(queue.overflow):
            yield ("queues", queue.id, "overflow", str(position), "to"), rule.to
        if queue.when_empty is not None:
            yield ("queues", queue.id, "when_empty", "to"), queue.when_empty.to
        for key, destination in queue.keys.items():
            yield ("queues", queue.id, "keys", key), destination
    for group in settings.groups.values():
        yield ("groups", group.id, "to"), group.to
    for removed, destination in settings.removed.items():
        yield ("removed", removed), destination


def mentions(prompt: Prompt, name: str) -> bool:
    """Whether a value of that name stands in the prompt, in any language."""
    pieces = (*prompt.by_language.values(), *prompt.otherwise.values())
    return any(isinstance(piece, Say) and name in parse(piece.text).values for piece in pieces)


def in_language(prompt: Prompt, language: str, site_language: str) -> tuple[str, Say | SoundFile]:
    """The piece of a prompt a caller of that language hears, and the language it is in."""
    for candidate in (language, site_language):
        if candidate in prompt.by_language:
            return candidate, prompt.by_language[candidate]
    return next(iter(prompt.by_language.items()))


def sound_name(piece: Say | SoundFile, language: str, speech: Speech) -> str:
    """The name, without ending, of the file a piece is rendered to.

    It changes whenever the sound of a text may change, so that a file that exists need not be made again.
    """
    if isinstance(piece, Say):
        voice = speech.voices.get(language, language)
        return f"say-{language}-{_digest(speech.command, voice, language, piece.text)}"
    return f"file-{_digest(str(piece.path))}"


def prepared(piece: Say | SoundFile, language: str) -> Say | SoundFile | None:
    """What of a piece can be made before any call: a text without the sentences that have values of the call."""
    if isinstance(piece, SoundFile):
        return piece
    rest = without_values(piece.text, language)
    return Say(rest) if rest else None


def every_sound(settings: Settings) -> Mapping[str, tuple[str, Say | SoundFile]]:
    """What has to be rendered: name -> language and piece, each once, for every language callers may meet."""
    sounds: dict[str, tuple[str, Say | SoundFile]] = {}
    for _, prompt in prompts_by_path(settings):
        for wanted in settings.languages:
            for pieces in filter(None, (prompt.by_language, prompt.otherwise)):
                language, piece = in_language(Prompt(pieces), wanted, settings.language)
                if (ready := prepared(piece, language)) is not None:
                    sounds[sound_name(ready, language, settings.speech)] = (language, ready)
    return sounds


@dataclass(frozen=True)
class Utterance:
    """What is said of a prompt in one call: a text that has to be made for it, if there is one. Otherwise, and
    also where that cannot be made, a sound that is there already, if there is one."""

    language: str
    text: str
    sound: str | None
    values: frozenset[str] = frozenset()  # that are said in it

    def __bool__(self) -> bool:
        """Whether there is anything to be heard."""
        return bool(self.text or self.sound)


class Sounds:
    """Where the rendered sounds are."""

    def __init__(self, directory: Path, settings: Settings) -> None:
        self._directory = directory.absolute()
        self._settings = settings

    @property
    def settings(self) -> Settings:
        """Those that say what there is to be heard."""
        return self._settings

    @property
    def speech(self) -> Speech:
        """How texts become sounds."""
        return self._settings.speech

    def of(self, settings: Settings) -> "Sounds":
        """Those of other settings, in the same place."""
        return Sounds(self._directory, settings)

    def path(self, prompt: Prompt, language: str) -> str:
        """The sound of a prompt for callers of that language: an absolute path without a file ending."""
        spoken, piece = in_language(prompt, language, self._settings.language)
        return str(self._directory / sound_name(prepared(piece, spoken) or piece, spoken, self._settings.speech))

    def phrase(self, name: str, language: str) -> str:
        """The sound of one of the appliance's own phrases."""
        return self.path(self._settings.phrases[name], language)

    def utterance(self, prompt: Prompt, language: str, lookup: Lookup) -> Utterance:
        """What is said of a prompt in a call with these values."""
        otherwise = Prompt(prompt.otherwise) if prompt.otherwise else None
        spoken, piece = in_language(prompt, language, self._settings.language)
        if isinstance(piece, Say) and otherwise and unknown(piece.text, lookup):
            prompt, otherwise = otherwise, None
            spoken, piece = in_language(prompt, language, self._settings.language)
        if isinstance(piece, SoundFile) or constant(piece.text):
            return Utterance(spoken, "", self.path(prompt, language))
        text, values = fill(piece.text, spoken, lookup), spoken_values(piece.text, lookup)
        ready = prepared(piece, spoken)
        if ready == Say(text):
            text = ""
        if ready is None and otherwise is not None:
            prompt = otherwise
            other, piece = in_language(prompt, language, self._settings.language)
            ready = prepared(piece, other)
        return Utterance(spoken, text, self.path(prompt, language) if ready else None, values)


def _digest(*parts: str) -> str:
    return sha256(json.dumps(parts).encode()).hexdigest()[:20]
