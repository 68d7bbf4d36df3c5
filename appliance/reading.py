"""YAML directory -> Settings: the files, the sections, and what the site says about itself."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from appliance import fields
from appliance.documents import Entry, Items, Node, Table, Text, read_document
from appliance.fields import Fields, Wrong, attempt, entries, named
from appliance.problems import Place, Problem, Report, did_you_mean, shown
from appliance.sections import NO_COUNTRY, Sections
from appliance.settings import (
    FeatureCodes,
    Keep,
    Network,
    Pause,
    Prompt,
    Provisioning,
    Settings,
    Speech,
    SwitchKind,
)

__all__ = ["Place", "Problem", "Reading", "read"]

T = TypeVar("T")

_SECRETS = "secrets.yml"  # often kept beside the configuration; never a part of it
_PHRASES = Path(__file__).with_name("phrases.yml")


@dataclass(frozen=True)
class Reading:
    """What was understood of a directory. Where something was not, the settings hold a stand-in."""

    settings: Settings
    tree: Table
    complete: bool  # every file could be read: what is not in the settings was not written
    numbers_as_written: Mapping[str, str]
    customers: Mapping[str, Place] = field(default_factory=dict)  # the row of each number

    def place(self, *path: str) -> Place:
        """Where the value stands to which these keys lead, or the nearest to it that is written."""
        if len(path) > 1 and path[0] == "customers" and path[1] in self.customers:
            return self.customers[path[1]]
        if len(path) > 1 and path[0] == "numbers":
            path = (path[0], self.numbers_as_written.get(path[1], path[1]), *path[2:])
        node: Node = self.tree
        place = node.place
        for step in path:
            if isinstance(node, Table) and step in node.entries:
                entry = node.entries[step]
                node = entry.value
                place = node.place if isinstance(node, Text) and node.text else entry.key.place
            elif isinstance(node, Items) and step.isdecimal() and int(step) < len(node.items):
                node = node.items[int(step)]
                place = node.place
            else:
                break
        return place

    def written(self, *path: str) -> bool:
        """Whether the configuration itself says this, not the appliance."""
        return self.place(*path) != self.place(*path[:-1])


def read(directory: Path, report: Report) -> Reading:
    """Read every *.yml file of a directory as one document. All problems go to the report."""
    tree = Table(Place(str(directory)))
    complete = True
    for file in _files(directory, report):
        document = read_document(file, report)
        complete = complete and document is not None
        if isinstance(document, Table):
            _merge(tree, document, report)
        elif isinstance(document, Text) and not document.text:
            report.add(Place(str(file)), "This file is empty.", warning=True)
        elif document is not None:
            report.add(document.place, "A file must be a table.", 'Begin it with a section such as "queues:".')
            complete = False
    return _Site(directory.absolute(), tree, complete, report).read()


def _files(directory: Path, report: Report) -> list[Path]:
    place = Place(str(directory))
    try:
        found = sorted(path for path in directory.iterdir() if not path.name.startswith("."))
    except OSError as error:
        report.add(place, f"This directory cannot be read: {error.strerror or error}.")
        return []
    files = [path for path in found if path.suffix == ".yml" and path.name != _SECRETS]
    for path in found:
        if path.suffix == ".yaml":
            report.add(Place(str(path)), "This file is not read.", 'Let its name end in ".yml".', warning=True)
    if not files:
        report.add(place, "There is no *.yml file in this directory.")
    return files


def _merge(tree: Table, document: Table, report: Report) -> None:
    """Add a file to the tree; a section may be spread over several files."""
    for key, entry in document.entries.items():
        known = tree.entries.get(key)
        if known and isinstance(known.value, Table) and isinstance(entry.value, Table):
            for inner in entry.value.entries.values():
                known.value.add(inner, report)
        elif known and isinstance(known.value, Text) and not known.value.text:
            tree.entries[key] = entry
        elif not (known and isinstance(entry.value, Text) and not entry.value.text):
            # The section is copied: its entries may be joined by those of the next file.
            value = entry.value
            copy = Table(value.place, dict(value.entries)) if isinstance(value, Table) else value
            tree.add(Entry(entry.key, copy), report)


class _Site:
    """Makes the settings of a tree."""

    def __init__(self, directory: Path, tree: Table, complete: bool, report: Report) -> None:
        self._directory = directory
        self._tree = tree
        self._complete = complete
        self._report = report
        self._numbers_as_written: dict[str, str] = {}

    def read(self) -> Reading:
        top = Fields(self._tree, "The configuration", Place(self._tree.place.file), self._report)
        # What is missing may stand in a file that could not be read.
        need = top.need if self._complete and self._tree.entries else top.take
        language = need("language", fields.language, "en")
        country = need("country", fields.country, NO_COUNTRY)
        time_zone = need("time_zone", fields.time_zone, "UTC")
        sections = Sections(self._directory, language, country, time_zone, self._report)
        settings = Settings(
            directory=self._directory,
            company=need("company", fields.text, ""),
            country=country,
            time_zone=time_zone,
            language=language,
            switch=top.take("switch", fields.member(SwitchKind), SwitchKind.ASTERISK),
            database=top.take("database", fields.database, Settings.database),
            recordings=top.take("recordings", sections.path, Settings.recordings),
            backups=top.take("backups", sections.path, Settings.backups),
            keep=self._keep(top),
            fallback_after=top.take("fallback_after", fields.duration, Settings.fallback_after),
            network=self._network(top, sections),
            speech=self._speech(top),
            codes=self._codes(top),
            provisioning=self._provisioning(top, sections),
            trunks=self._each(top, "trunks", "trunk", fields.name, sections.trunk),
            outbound=self._each(top, "outbound", "rule", fields.name, sections.outbound_rule),
            numbers=self._each(top, "numbers", "number", sections.number_id, sections.number),
            hours=self._each(top, "hours", "hours", fields.name, sections.hours),
            menus=self._each(top, "menus", "menu", fields.name, sections.menu),
            queues=self._each(top, "queues", "queue", fields.name, sections.queue),
            phones=self._each(top, "phones", "phone", fields.phone_id, sections.phone),
            agents=self._each(top, "agents", "agent", fields.agent_id, sections.agent),
            pauses=named(top.node("pauses"), "pauses", fields.pause_id, Pause, self._report),
            dispositions=self._each(top, "dispositions", "list", fields.name, sections.dispositions),
            groups=self._each(top, "groups", "group", fields.name, sections.group),
            music=self._music(top, sections),
            phrases=self._phrases(top, sections),
        )
        top.close()
        return Reading(settings, self._tree, self._complete, self._numbers_as_written)

    def _keep(self, top: Fields) -> Keep:
        node = top.node("keep")
        if node is None:
            return Keep()
        each = Fields(node, 'The section "keep"', node.place, self._report)
        keep = Keep(
            records=each.take("records", fields.retention, Keep.records),
            recordings=each.take("recordings", fields.retention, Keep.recordings),
            backups=each.take("backups", fields.whole(1, 1000), Keep.backups),
        )
        each.close()
        return keep

    def _each(
        self,
        top: Fields,
        section: str,
        kind: str,
        read_id: Callable[[Node], str],
        read_one: Callable[[str, Fields], T],
    ) -> dict[str, T]:
        """Every entry of a section, by id."""
        found: dict[str, T] = {}
        places: dict[str, Place] = {}
        for entry in top.entries(section):
            place = entry.key.place
            id = attempt(read_id, entry.key, entry.key.text, self._report)
            each = Fields(entry.value, f"The {kind} {shown(entry.key.text)}", place, self._report)
            value = read_one(id, each)
            each.close()
            if id in found:
                first = places[id]
                text = f"{shown(entry.key.text)} is the same {kind} as the one at {first.file}:{first.line}."
                self._report.add(place, text, "Remove one of them.")
                continue
            found[id], places[id] = value, place
            if section == "numbers":
                self._numbers_as_written[id] = entry.key.text
        return found

    def _network(self, top: Fields, sections: Sections) -> Network:
        node = top.node("network")
        if node is None:
            return Network()
        each = Fields(node, 'The section "network"', node.place, self._report)
        network = Network(
            sip_address=each.take("sip_address", fields.ip_address, Network.sip_address),
            sip_port=each.take("sip_port", fields.port, Network.sip_port),
            rtp_first=each.take("rtp_first", fields.port, Network.rtp_first),
            rtp_last=each.take("rtp_last", fields.port, Network.rtp_last),
            external_address=each.take("external_address", fields.host, None),
            local_networks=each.items("local_networks", fields.address),
            agi_port=each.take("agi_port", fields.port, Network.agi_port),
            ami_port=each.take("ami_port", fields.port, Network.ami_port),
            esl_port=each.take("esl_port", fields.port, Network.esl_port),
            event_socket_port=each.take("event_socket_port", fields.port, Network.event_socket_port),
            tls_port=each.take("tls_port", fields.port, None),
            certificate=each.take("certificate", sections.path, Network.certificate),
            key=each.take("key", sections.path, Network.key),
        )
        each.close()
        return network

    def _speech(self, top: Fields) -> Speech:
        node = top.node("speech")
        if node is None:
            return Speech()
        each = Fields(node, 'The section "speech"', node.place, self._report)
        voices = dict(Speech().voices)
        for entry in each.entries("voices"):
            language = attempt(fields.language, entry.key, entry.key.text, self._report)
            voices[language] = attempt(fields.text, entry.value, "", self._report)
        speech = Speech(command=each.take("command", self._speech_command, Speech.command), voices=voices)
        each.close()
        return speech

    @staticmethod
    def _speech_command(node: Node) -> str:
        command = fields.paragraph(node)
        if "{file}" not in command:
            raise Wrong(node.place, "The command does not say where to write.", "Put {file} where the name goes.")
        try:
            shlex.split(command)
        except ValueError as error:
            raise Wrong(node.place, f"This is not a command: {error}.", "Check its quotation marks.") from error
        return command

    def _codes(self, top: Fields) -> FeatureCodes:
        node = top.node("codes")
        if node is None:
            return FeatureCodes()
        each = Fields(node, 'The section "codes"', node.place, self._report)
        written = {code.name: each.take(code.name, fields.feature_code, None) for code in fields_of(FeatureCodes)}
        each.close()
        return FeatureCodes(**{name: code for name, code in written.items() if code is not None})

    def _provisioning(self, top: Fields, sections: Sections) -> Provisioning | None:
        node = top.node("provisioning")
        if node is None:
            return None
        each = Fields(node, 'The section "provisioning"', node.place, self._report)
        each.needed("networks")
        provisioning = Provisioning(
            host=each.need("host", fields.host, ""),
            certificate=each.need("certificate", sections.path, Path()),
            key=each.need("key", sections.path, Path()),
            networks=each.items("networks", fields.address, "Name the networks of the phones."),
            address=each.take("address", fields.ip_address, Provisioning.address),
            port=each.take("port", fields.port, Provisioning.port),
            sip_host=each.take("sip_host", fields.host, None),
            voicemail=each.take("voicemail", fields.dialled, None),
        )
        each.close()
        return provisioning

    def _music(self, top: Fields, sections: Sections) -> dict[str, tuple[Path, ...]]:
        music: dict[str, tuple[Path, ...]] = {}
        for entry in top.entries("music"):
            id = attempt(fields.name, entry.key, entry.key.text, self._report)
            files = entry.value.items if isinstance(entry.value, Items) else (entry.value,)
            read_files = (attempt(sections.path, file, None, self._report) for file in files)
            music[id] = tuple(file for file in read_files if file is not None)
            if not files:
                self._report.add(entry.key.place, f"The music {shown(id)} has no file.")
        return music

    def _phrases(self, top: Fields, sections: Sections) -> dict[str, Prompt]:
        """The appliance's own phrases; the configuration may replace each in each language."""
        phrases = dict(_shipped_phrases())
        for entry in top.entries("phrases"):
            name = entry.key.text
            if name not in phrases:
                remedy = did_you_mean(name, phrases)
                self._report.add(entry.key.place, f"There is no phrase {shown(name)}.", remedy)
                continue
            prompt = attempt(sections.phrase, entry.value, Prompt({}), self._report)
            phrases[name] = Prompt({**phrases[name].by_language, **prompt.by_language})
        return phrases


@lru_cache(maxsize=1)
def _shipped_phrases() -> Mapping[str, Prompt]:
    report = Report()
    document = read_document(_PHRASES, report)
    sections = Sections(_PHRASES.parent, "en", NO_COUNTRY, "UTC", report)
    phrases = {entry.key.text: sections.phrase(entry.value) for entry in entries(document, "phrases", report)}
    assert not report.found, report.found
    return phrases
