"""The sections of the YAML: which fields a trunk, a number, a menu... has, and what each is made of."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from appliance.configuration import (
    callback_sections,
    fields,
    hours_sections,
    leaving_sections,
    task_sections,
    trunk_sections,
    voicemail_sections,
)
from appliance.configuration.destination_sections import (
    MENU_WORDS,
    NOWHERE,
    WORDS,
    Destinations,
    destination_shape,
)
from appliance.configuration.documents import Items, Node, Table, Text
from appliance.configuration.problems import Report, shown
from appliance.configuration.queue_sections import HIGHEST, QueueSections
from appliance.configuration.shapes import (
    SWITCH,
    TEXT,
    Shape,
    fields_of,
    one_or_several,
    shape_of,
    shaped,
    table_of,
)
from appliance.configuration.tables import Fields, Wrong, attempt
from appliance.identify import NO_COUNTRY, to_e164
from appliance.settings import (
    Agent,
    Announcement,
    Box,
    Callback,
    Comfort,
    Destination,
    Disposition,
    DispositionList,
    Escalation,
    Group,
    Hours,
    Menu,
    Number,
    OutboundRule,
    Overflow,
    Owing,
    Phone,
    Prompt,
    Queue,
    Say,
    SoundFile,
    Transport,
    Trunk,
    WhenEmpty,
)

T = TypeVar("T")

_SILENCE = Prompt({})
_LANGUAGES = shape_of(fields.language)


def _by_language(shape: Shape) -> Shape:
    return {"anyOf": [shape, table_of(_LANGUAGES, shape)]}


_SAID = fields_of({"say": _by_language(TEXT), "sound": _by_language(TEXT), "otherwise": _by_language(TEXT)})
_PROMPT: Shape = {"anyOf": [TEXT, {**_SAID, "minProperties": 1}]}


_DESTINATION = destination_shape(WORDS, _PROMPT)
_OVERFLOW = leaving_sections.overflow_shape(_DESTINATION)
_STEP = task_sections.step_shape(_PROMPT)
_PHONE_TRANSPORT = fields.one_of("udp", "tcp")
_SOME_CODEC = 'Name a codec, or leave "codecs" out.'


class Sections:
    """Makes one entry of a section of its fields. Knows what the site says about itself."""

    def __init__(self, directory: Path, language: str, country: str, time_zone: str, report: Report) -> None:
        self._directory = directory
        self._language = language
        self._country = country
        self._time_zone = time_zone
        self._report = report
        self.queues = QueueSections(report)
        self._destinations = Destinations(self.prompt, self.queues.needs, country, report)
        self.phrases: Mapping[str, Prompt] = {}  # the appliance's own, once they have been read

    # Where calls come from, and where they go

    @staticmethod
    def trunk(id: str, each: Fields) -> Trunk:
        return trunk_sections.trunk(id, each)

    def outbound_rule(self, id: str, each: Fields) -> OutboundRule:
        return trunk_sections.outbound_rule(id, each, self._country, self._report)

    @shaped({"pattern": r"^\s*(?:[+0-9(][0-9 ().-]*|[a-z0-9]{2,32})\s*$"})
    def number_id(self, node: Node) -> str:
        written = fields.text(node)
        number = (
            to_e164(written, self._country) if self._country != NO_COUNTRY or written.startswith("+") else None
        )
        return number or fields.short_number(node)

    def number(self, id: str, each: Fields) -> Number:
        return Number(
            id=id,
            name=each.take("name", fields.text, id),
            open=each.need("open", self.destination, NOWHERE),
            hours=each.take("hours", fields.name, None),
            closed=each.take("closed", self.destination, None),
            holiday=each.take("holiday", self.destination, None),
            greeting=each.take("greeting", self.prompt, None),
            language=each.take("language", fields.language, None),
            priority=each.take("priority", fields.duration, 0.0),
            needs=each.take("needs", self.queues.needs, Number.needs),
            fallback=each.take("fallback", fields.name, None),
        )

    def hours(self, id: str, each: Fields) -> Hours:
        return hours_sections.hours(id, each, self._time_zone, self, self._report)

    def menu(self, id: str, each: Fields) -> Menu:
        return Menu(
            id=id,
            prompt=each.need("prompt", self.prompt, _SILENCE),
            choices=each.table("choices", fields.menu_key, self.menu_destination, NOWHERE),
            wait=each.take("wait", fields.some_time, Menu.wait),
            tries=each.take("tries", fields.whole(1, 20), Menu.tries),
            extensions=each.take("extensions", fields.yes_or_no, False),
            wrong=each.take("wrong", self.prompt, None),
            otherwise=each.take("otherwise", self.menu_destination, None),
        )

    def queue(self, id: str, each: Fields) -> Queue:
        callback = each.section("callback", self.callback, None, switch=fields.yes_or_no)
        pressed = each.table("keys", fields.menu_key, self.destination, NOWHERE)
        callback, keys = callback_sections.with_its_key(id, callback, pressed)
        return Queue(
            id=id,
            name=each.take("name", fields.text, id),
            **self.queues.order(each),
            **self.queues.who_serves(each),
            ring_for=each.take("ring_for", fields.some_time, Queue.ring_for),
            ring_next_after=each.take("ring_next_after", fields.some_time, Queue.ring_next_after),
            wrap_up=each.take("wrap_up", fields.duration, Queue.wrap_up),
            music=each.take("music", fields.name, Queue.music),
            record=each.take("record", fields.yes_or_no, False),
            greeting=each.take("greeting", self.prompt, None),
            dispositions=each.take("dispositions", fields.name, None),
            service_level=each.take("service_level", fields.some_time, Queue.service_level),
            hours=each.take("hours", fields.name, None),
            closed=each.take("closed", self.destination, None),
            announce=each.section("announce", self.announcement, None),
            whisper=each.take("whisper", self.prompt, None),
            accept=each.take("accept", fields.yes_or_no, False),
            overflow=each.items("overflow", self.overflow),
            when_empty=each.section("when_empty", self.when_empty, None),
            keys=keys,
            comfort=each.section("comfort", self.comfort, None),
            callback=callback,
            escalation=each.items("escalation", self.escalation),
        )

    def callback(self, each: Fields) -> Callback:
        return callback_sections.callback(each, self.prompt, self.machine)

    @shaped(_STEP)
    def escalation(self, node: Node) -> Escalation:
        return task_sections.step(node, self.prompt, self._destinations.outside_number, self._report)

    @shaped(_OVERFLOW)
    def overflow(self, node: Node) -> Overflow:
        return leaving_sections.overflow(node, self.destination, self._report)

    def when_empty(self, each: Fields) -> WhenEmpty:
        return leaving_sections.when_empty(each, self.destination)

    def announcement(self, each: Fields) -> Announcement:
        prompt = self.said(each)
        if not prompt.by_language:
            each.needed("say")
        return Announcement(prompt, every=each.take("every", fields.period, None))

    def box(self, id: str, each: Fields) -> Box:
        return voicemail_sections.box(id, each, self.prompt)

    def comfort(self, each: Fields) -> Comfort:
        messages = each.items("messages", self.prompt, "Say something, or leave the section out.", needed=True)
        return Comfort(messages, every=each.need("every", fields.period, 60.0))

    # People

    def phone(self, id: str, each: Fields) -> Phone:
        return Phone(
            id=id,
            name=each.take("name", fields.text, id),
            codecs=each.items("codecs", fields.one_of(*fields.CODECS), _SOME_CODEC) or Phone.codecs,
            contact=each.take("contact", fields.contact, None),
            secure=each.take("secure", fields.yes_or_no, False),
            transport=Transport(each.take("transport", _PHONE_TRANSPORT, Phone.transport.value)),
            voicemail=each.take("voicemail", fields.name, None),
        )

    def agent(self, id: str, each: Fields) -> Agent:
        name = each.need("name", fields.text, id)
        return Agent(
            id=id,
            name=name,
            language=each.take("language", fields.language, None),
            skills=each.table("skills", fields.name, fields.whole(1, HIGHEST), 1),
            supervisor=each.take("supervisor", fields.yes_or_no, False),
        )

    def dispositions(self, id: str, each: Fields) -> DispositionList:
        nothing: tuple[str, Owing | None] = ("", None)
        found = each.table("choices", fields.disposition_id, self.disposition, nothing, needed=True)
        choices = {key: Disposition(key, name, task) for key, (name, task) in found.items()}
        return DispositionList(id=id, prompt=each.take("prompt", self.prompt, None), choices=choices)

    @shaped(task_sections.CHOICE)
    def disposition(self, node: Node) -> tuple[str, Owing | None]:
        return task_sections.choice(node, self._report)

    def group(self, id: str, each: Fields) -> Group:
        return Group(
            id=id,
            name=each.take("name", fields.text, id),
            priority=each.take("priority", fields.duration, 0.0),
            greeting=each.take("greeting", self.prompt, None),
            refuse=each.take("refuse", self.prompt, None),
            to=each.take("to", self.destination, None),
        )

    # What is said, and where to go

    @shaped(_PROMPT)
    def prompt(self, node: Node) -> Prompt:
        """Text in the site's language, or a table of what to say and which sounds to play."""
        if isinstance(node, Text):
            words = fields.paragraph(node)
            if fields.is_switch(words):
                raise Wrong(node.place, f"{shown(words)} is not a prompt.", "Did you mean to leave it out?")
            return Prompt({self._language: Say(words)})
        each = Fields(node, "A prompt", node.place, self._report)
        prompt = self.said(each)
        each.close()
        if isinstance(node, Table) and not {"say", "sound"} & set(node.entries):
            raise Wrong(node.place, "This prompt says nothing.", 'Write text, or "say:" or "sound:".')
        return prompt

    def said(self, each: Fields) -> Prompt:
        """What is said, among other fields."""
        nothing: dict[str, Say | SoundFile] = {}
        texts, sounds = each.take("say", self.texts, nothing), each.take("sound", self.sounds, nothing)
        for language in texts.keys() & sounds.keys():
            each.complain(f"This prompt has both a text and a sound in {shown(language)}.")
        return Prompt({**texts, **sounds}, otherwise=each.take("otherwise", self.texts, nothing))

    @shaped(_by_language(TEXT))
    def texts(self, node: Node) -> dict[str, Say | SoundFile]:
        return self.by_language(node, self.say)

    @shaped(_by_language(TEXT))
    def sounds(self, node: Node) -> dict[str, Say | SoundFile]:
        return self.by_language(node, self.sound)

    @shaped({"anyOf": [SWITCH, _PROMPT]})
    def machine(self, node: Node) -> Prompt | None:
        return callback_sections.machine(node, self.prompt, self.phrases)

    @shaped({"anyOf": [_PROMPT, table_of(_LANGUAGES, TEXT)]})
    def phrase(self, node: Node) -> Prompt:
        """A prompt, or simply its texts by language."""
        if isinstance(node, Table) and not {"say", "sound"} & set(node.entries):
            return Prompt(self.by_language(node, self.say))
        return self.prompt(node)

    def by_language(self, node: Node, read: Callable[[Node], T]) -> dict[str, T]:
        """One for each language, or a single one in the site's."""
        if not isinstance(node, Table):
            return {self._language: read(node)}
        found: dict[str, T] = {}
        for entry in node.entries.values():
            language = attempt(fields.language, entry.key, entry.key.text, self._report)
            piece = attempt(read, entry.value, None, self._report)
            if piece is not None:
                found[language] = piece
        return found

    @staticmethod
    def say(node: Node) -> Say:
        return Say(fields.paragraph(node))

    def sound(self, node: Node) -> SoundFile:
        return SoundFile(self.path(node))

    @shaped(TEXT)
    def path(self, node: Node) -> Path:
        """A file or folder, relative to the configuration's."""
        written = fields.text(node)
        try:
            return self._directory / Path(written).expanduser()
        except RuntimeError as error:
            raise Wrong(node.place, f"Nobody here has the home directory of {shown(written)}.") from error

    @shaped(one_or_several(TEXT, least=1))
    def files(self, node: Node) -> tuple[Path, ...]:
        """One file, or a list of them."""
        files = node.items if isinstance(node, Items) else (node,)
        if not files:
            raise Wrong(node.place, "There is no file in this list.", "Name one, or several.")
        found = (attempt(self.path, file, None, self._report) for file in files)
        return tuple(file for file in found if file is not None)

    @shaped(_DESTINATION)
    def destination(self, node: Node) -> Destination:
        return self._destinations.read(node, WORDS)

    @shaped(destination_shape(MENU_WORDS, _PROMPT))
    def menu_destination(self, node: Node) -> Destination:
        return self._destinations.read(node, MENU_WORDS)
