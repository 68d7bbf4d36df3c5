"""Where calls go, as numbers, menus, queues and groups say it: one place, and sometimes how one comes there."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from appliance.configuration import fields
from appliance.configuration.documents import Entry, Node, Table, Text
from appliance.configuration.problems import Report, did_you_mean, shown
from appliance.configuration.queue_sections import QueueSections
from appliance.configuration.shapes import Shape, fields_of, form, shape_of, shaped
from appliance.configuration.tables import Wrong, attempt
from appliance.identify import NO_COUNTRY, to_e164
from appliance.line.skills import Needs
from appliance.settings import Destination, Prompt

WORDS = {"hang up": Destination(hang_up=True)}
MENU_WORDS = {**WORDS, "repeat": Destination(repeat=True), "back": Destination(back=True)}
NOWHERE = Destination(hang_up=True)

_TO: dict[str, Callable[[Node], Destination]] = {
    "queue": lambda node: Destination(queue=fields.name(node)),
    "menu": lambda node: Destination(menu=fields.name(node)),
    "extension": lambda node: Destination(extension=fields.phone_id(node)),
    "voicemail": lambda node: Destination(voicemail=fields.name(node)),
    "callback": lambda node: Destination(callback=fields.name(node)),
}
_EXAMPLE = "{queue: sales}, {menu: main}, {extension: 201}, {number: +74951234567}, {message: Good bye}"
_CHOSEN = fields.one_of("chosen")
# What may be said beside a place: of which kinds, and what is wrong with it beside others.
_BESIDE: dict[str, tuple[tuple[str, ...], str, str]] = {
    "agent": (
        ("queue",),
        "Only a queue is gone to for an agent.",
        "Write it like {queue: support, agent: 1003, for: 60s}.",
    ),
    "when": (
        ("callback",),
        "Only of a call-back one chooses the time.",
        "Write it like {callback: sales, when: chosen}.",
    ),
    "needs": (
        ("queue", "menu", "callback"),
        "Only who goes to a queue or a menu, or is called back, can need a skill.",
        "",
    ),
}
_BESIDE["for"] = _BESIDE["agent"]
# As it is written down, or short as it is dialled.
_NUMBER = form(r"[+0-9(*#][0-9 ().*#-]{0,40}")


def destination_shape(words: Mapping[str, Destination], prompt: Shape) -> Shape:
    """What one looks like."""
    name, needs = shape_of(fields.name), shape_of(QueueSections.needs)
    places = {
        **dict.fromkeys(("queue", "menu", "voicemail", "callback"), name),
        **{"extension": shape_of(fields.phone_id), "number": _NUMBER, "message": prompt},
    }
    needing = fields_of({"queue": name, "menu": name, "callback": name, "needs": needs}, ("needs",))
    naming = {"agent": shape_of(fields.agent_id), "for": shape_of(fields.some_time)}
    return {
        "anyOf": [
            {"enum": [*words]},
            {**fields_of(places), "minProperties": 1, "maxProperties": 1},
            {**needing, "minProperties": 2, "maxProperties": 2},
            fields_of({"queue": name, **naming, "needs": needs}, ("queue", "agent")),
            fields_of({"callback": name, "when": shape_of(_CHOSEN), "needs": needs}, ("callback", "when")),
        ]
    }


class Destinations:
    """Reads them. Knows how prompts and needs are read, and the country of the site."""

    def __init__(
        self, prompt: Callable[[Node], Prompt], needs: Callable[[Node], Needs], country: str, report: Report
    ) -> None:
        self._prompt, self._needs = prompt, needs
        self._country = country
        self._report = report

    def read(self, node: Node, words: Mapping[str, Destination]) -> Destination:
        """A place, or one of the words."""
        remedy = f"Write it like {_EXAMPLE}, or {', '.join(words)}."
        if isinstance(node, Text):
            word = " ".join(node.text.split())
            if word not in words:
                raise Wrong(node.place, f"{shown(word)} is not a destination.", remedy)
            return words[word]
        entries = node.entries if isinstance(node, Table) else {}
        places = [entry for key, entry in entries.items() if key not in _BESIDE]
        if len(places) != 1:
            raise Wrong(node.place, "A destination is exactly one place to go to.", remedy)
        return self._beside(entries, places[0].key.text, self._place(places[0]))

    def _place(self, entry: Entry) -> Destination:
        kind = entry.key.text
        if kind == "message":
            return Destination(message=self._prompt(entry.value))
        if kind == "number":
            return Destination(number=self.outside_number(entry.value))
        if kind not in _TO:
            known = did_you_mean(kind, [*_TO, "number", "message"])
            raise Wrong(entry.key.place, f"{shown(kind)} is not a kind of destination.", known)
        return _TO[kind](entry.value)

    def _beside(self, entries: Mapping[str, Entry], kind: str, to: Destination) -> Destination:
        """What is said beside the place."""
        for key, (kinds, text, remedy) in _BESIDE.items():
            if key in entries and (kind not in kinds or (key == "for" and "agent" not in entries)):
                raise Wrong(entries[key].key.place, text, remedy)
        if "agent" in entries:
            agent = attempt(fields.agent_id, entries["agent"].value, "", self._report)
            to = replace(to, agent=agent or None)
        if "for" in entries:
            lasts = attempt(fields.some_time, entries["for"].value, Destination.agent_for, self._report)
            to = replace(to, agent_for=lasts)
        if "when" in entries:
            chosen = attempt(_CHOSEN, entries["when"].value, "", self._report)
            to = replace(to, at_a_time=bool(chosen))
        if "needs" in entries:
            to = replace(to, needs=attempt(self._needs, entries["needs"].value, Destination.needs, self._report))
        return to

    @shaped(_NUMBER)
    def outside_number(self, node: Node) -> str:
        """A number outside: E.164 where it is one of a country, else as a phone dials it."""
        written = fields.text(node)
        known = self._country != NO_COUNTRY or written.startswith("+")
        return (to_e164(written, self._country) if known else None) or fields.dialled(node)
