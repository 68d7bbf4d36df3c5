"""A configuration directory of Asterisk as a draft: queues, agents, numbers, and what leads to them. Pure."""

import re
from collections.abc import Mapping, Sequence

from appliance.importing.asterisk_conf import Complain, Load, Reader, Section
from appliance.importing.asterisk_dialplan import Context, Line
from appliance.importing.asterisk_phones import Phones
from appliance.importing.asterisk_ways import SPECIAL, Ways, left_of
from appliance.importing.draft import HANG_UP, Draft, Topic, Value
from appliance.importing.hold import music_classes
from appliance.importing.people import agent, extension_of, in_tiers, say_who_signs_on
from appliance.importing.routes import Folding, in_words
from appliance.importing.strategies import strategy
from appliance.importing.trunks import say_what_calls_out
from appliance.importing.words import length, line, number

FILES = ("queues.conf", "pjsip.conf", "sip.conf", "extensions.conf", "agents.conf", "musiconhold.conf")

_OF_QUEUES = (
    *("autofill", "eventmemberstatus", "eventwhencalled", "memberdelay", "min-announce-frequency", "monitor-type"),
    *(
        "reportholdtime",
        "retry",
        "ringinuse",
        "setinterfacevar",
        "setqueueentryvar",
        "setqueuevar",
        "timeoutpriority",
    ),
    *("timeoutrestart", "updatecdr", "shared_lastcall", "persistentmembers", "log_membername_as_agent"),
)

_NUMBER = re.compile(r"\+?[0-9]{7,15}")
_USUAL = {"joinempty": "yes", "leavewhenempty": "no"}


class Asterisk:
    """Makes the draft of the files."""

    def __init__(self, load: Load, draft: Draft) -> None:
        self._draft = draft
        self._load = load
        self._phones = Phones(draft)
        self._phones.pjsip(self._read("pjsip.conf", Topic.PEOPLE))
        self._phones.sip(self._read("sip.conf", Topic.PEOPLE))
        self._agents = self._read_agents()
        sections = self._read("extensions.conf", Topic.REST)
        for section in sections:
            if section.name == "general":
                draft.account(Topic.REST, "section [general]", [section.row()])
        values = {option.key: option.value for s in sections if s.name == "globals" for option in s.options}
        globals = {key.upper(): value for key, value in values.items()} | values
        self._contexts = {
            section.name: Context(section, globals, draft)
            for section in sections
            if section.name not in ("general", "globals")
        }
        self._ways = Ways(self._contexts, draft, Folding(draft))

    def numbers(self) -> list[str]:
        """Numbers that trunks may deliver: they tell the country."""
        trunks = [self._contexts[name] for name in self._inbound() if name in self._contexts]
        return [exten for context in trunks for exten in context.extensions if exten.lstrip("+").isdecimal()]

    def _inbound(self) -> Mapping[str, str]:
        """The contexts of trunks; where there are none, those that look as if one led there."""
        if self._phones.contexts_of_trunks:
            return self._phones.contexts_of_trunks
        included = {name for context in self._contexts.values() for name in context.includes}
        return {
            name: context.where
            for name, context in self._contexts.items()
            if name not in included
            and name not in self._phones.contexts_of_phones
            and any(_NUMBER.fullmatch(exten) for exten in self._ways.all_of(name))
        }

    def run(self, country: str) -> None:
        """Everything there is."""
        for section in self._read("queues.conf", Topic.QUEUES):
            self._queue(section)
        inbound = self._inbound()
        for name, where in inbound.items():
            if name not in self._phones.contexts_of_trunks:
                text = f"No trunk names the context [{name}], but numbers stand in it: they are taken for ours."
                self._draft.note(Topic.NUMBERS, where, text)
            self._from_outside(name, where, country)
        for name in self._contexts:
            if name not in inbound:
                self._from_inside(name)
        self._music()
        say_who_signs_on(self._draft)
        say_what_calls_out(self._draft, "extensions.conf")
        for context in self._contexts.values():
            for lines in context.extensions.values():
                for each in left_of(lines):
                    text = f"Nothing that is understood leads here: exten => {each.exten},{each}"
                    self._draft.note(Topic.REST, each.where, text)

    def _read(self, file: str, topic: Topic) -> list[Section]:
        complain: Complain = lambda where, text: self._draft.note(topic, where, text)  # noqa: E731
        return [section for section in Reader(self._load, complain).read(file) if not section.is_template]

    def _read_agents(self) -> dict[str, tuple[str, str, str]]:
        """Name, PIN and place of each agent, by number: both the old form and the new."""
        found: dict[str, tuple[str, str, str]] = {}
        for section in self._read("agents.conf", Topic.PEOPLE):
            for option in section.all("agent"):
                id, pin, name = [part.strip() for part in (*option.value.split(",", 2), "", "")][:3]
                found[id] = (name, pin, option.where)
            if section.name.isdecimal():
                row = section.row()
                found[section.name] = (row["fullname"], "", section.where)
                self._draft.account(Topic.PEOPLE, f"agent {section.name}", [row])
            elif section.name not in ("general",):
                row = section.row("agent")
                row.use() if not row.left() else self._draft.account(Topic.PEOPLE, "section", [row])
        for id, (name, pin, where) in found.items():
            if id.isdecimal() and len(id) <= 10:
                agent(self._draft, id, name, where, pin)
        return found

    def _queue(self, section: Section) -> None:
        row = section.row("member", "member ")
        if section.name == "general":
            row.pass_over(*_OF_QUEUES)
            self._draft.account(Topic.QUEUES, "section [general]", [row] if row.left() else [])
            return
        id = self._draft.new_id("queues", section.name, "queue")
        ours, difference = strategy(row["strategy"] or "ringall")
        values: dict[str, Value] = {
            "name": line(section.name),
            "strategy": ours.value,
            **in_tiers(self._members(section)),
            **_time("ring_for", row.whole("timeout")),
            **_time("wrap_up", row.whole("wrapuptime")),
            "music": self._draft.music(row["musicclass"] or row["music"] or row["musiconhold"]),
            **({"record": "yes"} if row["monitor-format"] else {}),
            **_time("service_level", row.whole("servicelevel")),
        }
        if difference:
            self._draft.note(Topic.QUEUES, row.where, f"The queue {id}: {difference}.")
        row.pass_over(*_OF_QUEUES, *(key for key, usual in _USUAL.items() if row.peek(key).lower() == usual))
        self._draft.add("queues", id, values, f"[{section.name}] ({section.where})")
        self._ways.add_queue(section.name, id)
        self._draft.account(Topic.QUEUES, f"queue {id}", [row])

    def _members(self, section: Section) -> list[tuple[int, str]]:
        """The agents of a queue with their penalties."""
        found: list[tuple[int, str]] = []
        phones = self._draft.section("phones")
        for option in section.all("member"):
            interface, penalty, name = [part.strip() for part in (*option.value.split(","), "", "")][:3]
            id = extension_of(interface)
            if id is None:
                text = f"The member {option.value} of the queue {section.name} is no phone, and no agent."
                self._draft.note(Topic.QUEUES, option.where, text)
                continue
            known = phones.get(id)
            named = self._agents[id][0] if id in self._agents else str(known.fields["name"]) if known else ""
            rank = int(penalty) if penalty.isdecimal() else 0
            found.append((rank, agent(self._draft, id, name.strip('"') or named, option.where)))
        return found

    def _from_outside(self, name: str, where: str, country: str) -> None:
        """The extensions of a trunk's context are numbers of ours."""
        context = self._contexts.get(name)
        if context is None:
            self._draft.note(Topic.NUMBERS, where, f"The context {name} of a trunk is not in extensions.conf.")
            return
        for exten, lines in self._ways.all_of(name).items():
            where = lines[0].where
            if len(exten) == 1 and exten in "0123456789*#":
                continue  # a key of a menu
            if exten in SPECIAL or exten.startswith("_"):
                if exten in ("s", "_X.", "_.", "_X!", "_!", "_+X.") or exten.startswith("_"):
                    step = self._ways.step(name, exten, 0, where)
                    to = in_words(self._folding.destination(step, where))
                    text = f"Calls to {exten} in [{name}] go {to}: write down which numbers these are."
                    self._draft.note(Topic.NUMBERS, where, text)
                continue
            id = number(exten, country)
            if id is None or self._draft.has("numbers", id) or self._draft.has("phones", id):
                why = "cannot be a number here" if id is None else "is here already"
                self._draft.note(Topic.NUMBERS, where, f"{exten} {why}; it is left out.")
                continue
            fields: dict[str, Value] = {"name": id}
            fields |= self._folding.number(self._ways.step(name, exten, 0, where), where)
            self._draft.add("numbers", id, fields, f"[{name}] {exten} ({where})")

    @property
    def _folding(self) -> Folding:
        return self._ways.folding

    def _from_inside(self, name: str) -> None:
        """What phones could dial: queues and menus still can be; the phones themselves need nothing."""
        if name not in self._phones.contexts_of_phones:
            return
        for exten, lines in self._ways.all_of(name).items():
            if exten in SPECIAL:
                continue
            if self._draft.has("phones", exten) or _rings_phones(lines):
                self._ways.use_phone(lines)
            elif number(exten, "ZZ") and exten.isdecimal() and not self._draft.has("numbers", exten):
                fields: dict[str, Value] = {"name": exten}
                fields |= self._folding.number(self._ways.step(name, exten, 0, lines[0].where), lines[0].where)
                if fields["open"] != HANG_UP:
                    self._draft.add("numbers", exten, fields, f"[{name}] {exten} ({lines[0].where}), for phones")

    def _music(self) -> None:
        classes: dict[str, str] = {}
        for section in self._read("musiconhold.conf", Topic.SOUND):
            if section.name == "general":
                self._draft.account(Topic.SOUND, "section [general]", [section.row()])
            else:
                classes[section.name] = section.where
                row = section.row()
                row.pass_over("mode", "directory", "sort", "random", "format")
                if row["application"]:
                    text = f"The music {section.name} comes out of a program or a radio: give it a file instead."
                    self._draft.note(Topic.SOUND, section.where, text)
                self._draft.account(Topic.SOUND, f"music {section.name}", [row] if row.left() else [])
        music_classes(self._draft, classes)


def _rings_phones(lines: Sequence[Line]) -> bool:
    return any(each.application == "dial" and re.match(r"(?i)(PJSIP|SIP)/\$\{EXTEN", each.data) for each in lines)


def _time(field: str, seconds: int) -> dict[str, Value]:
    return {field: length(seconds)} if seconds else {}
