"""YAML directory -> Settings: the files, the sections, and what the site says about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from appliance.configuration import fields, task_sections
from appliance.configuration.documents import Entry, Items, Node, Table, Text, read_document
from appliance.configuration.problems import Place, Problem, Report, did_you_mean, shown
from appliance.configuration.sections import Sections
from appliance.configuration.shapes import shaped
from appliance.configuration.site_sections import SiteSections
from appliance.configuration.tables import Fields, Wrong, entries
from appliance.configuration.webhook_sections import webhook
from appliance.identify import NO_COUNTRY
from appliance.settings import (
    Destination,
    FeatureCodes,
    Keep,
    Network,
    Pause,
    Prompt,
    Settings,
    Speech,
    SwitchKind,
)
from appliance.settings.queues import Order, PauseAfter

__all__ = ["Place", "Problem", "Reading", "read"]

# Often kept beside the configuration; never a part of it.
CALLS = "calls.yml"  # for appliance.rehearsal
_OTHERS = ("secrets.yml", CALLS)
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
        if path[:1] + path[2:3] == ("queues", "keys") and not self._is_there(path[:4]):
            path = (*path[:2], "callback", "key")  # the one key that need not stand among them
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

    def _is_there(self, path: tuple[str, ...]) -> bool:
        node: Node = self.tree
        for step in path:
            if not isinstance(node, Table) or step not in node.entries:
                return False
            node = node.entries[step].value
        return True

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
    top = Fields(tree, "The configuration", Place(tree.place.file), report)
    # What is missing may stand in a file that could not be read.
    need_all = complete and bool(tree.entries)
    numbers_as_written: dict[str, str] = {}
    settings = read_settings(top, directory.absolute(), report, need_all, numbers_as_written)
    top.close()
    return Reading(settings, tree, complete, numbers_as_written)


def _files(directory: Path, report: Report) -> list[Path]:
    place = Place(str(directory))
    try:
        found = sorted(path for path in directory.iterdir() if not path.name.startswith("."))
    except OSError as error:
        report.add(place, f"This directory cannot be read: {error.strerror or error}.")
        return []
    files = [path for path in found if path.suffix == ".yml" and path.name not in _OTHERS]
    for path in found:
        if (
            path.suffix == ".yaml"
            or path.name.lower().endswith((".yml.txt", ".yaml.txt"))
            or path.suffix == ".YML"
        ):
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


def read_settings(
    top: Fields, directory: Path, report: Report, need_all: bool, numbers_as_written: dict[str, str]
) -> Settings:
    """The settings of a tree, whose fields may be those of several files."""
    need = top.need if need_all else top.take
    language = need("language", fields.language, "en")
    country = need("country", fields.country, NO_COUNTRY)
    time_zone = need("time_zone", fields.time_zone, "UTC")
    sections = Sections(directory, language, country, time_zone, report)
    site = SiteSections(sections)
    sections.phrases = _phrases(top, sections)
    return Settings(
        directory=directory,
        company=need("company", fields.text, ""),
        country=country,
        time_zone=time_zone,
        language=language,
        switch=top.take("switch", fields.member(SwitchKind), SwitchKind.ASTERISK),
        database=top.take("database", fields.database, Settings.database),
        recordings=top.take("recordings", sections.path, Settings.recordings),
        backups=top.take("backups", sections.path, Settings.backups),
        keep=top.section("keep", site.keep, Keep()),
        fallback_after=top.take("fallback_after", fields.duration, Settings.fallback_after),
        order=top.take("order", fields.member(Order), Order.AGEING),
        pause_after=top.section("pause_after", sections.queues.pause_after, PauseAfter()),
        network=top.section("network", site.network, Network()),
        speech=top.section("speech", site.speech, Speech()),
        codes=top.section("codes", site.codes, FeatureCodes()),
        mail=top.section("mail", task_sections.mail, None),
        escalation=top.items("escalation", sections.escalation),
        provisioning=top.section("provisioning", site.provisioning, None),
        web=top.section("web", site.web, None),
        trunks=top.each("trunks", "trunk", fields.name, sections.trunk),
        outbound=top.each("outbound", "rule", fields.name, sections.outbound_rule),
        numbers=top.each("numbers", "number", sections.number_id, sections.number, numbers_as_written),
        hours=top.each("hours", "hours", fields.name, sections.hours),
        menus=top.each("menus", "menu", fields.name, sections.menu),
        queues=top.each("queues", "queue", fields.name, sections.queue),
        removed=top.table("removed", fields.name, sections.destination, Destination(hang_up=True)),
        phones=top.each("phones", "phone", fields.phone_id, sections.phone),
        agents=top.each("agents", "agent", fields.agent_id, sections.agent),
        pauses={id: Pause(id, each) for id, each in top.table("pauses", fields.pause_id, fields.text, "").items()},
        dispositions=top.each("dispositions", "list", fields.name, sections.dispositions),
        groups=top.each("groups", "group", fields.name, sections.group),
        voicemail=top.each("voicemail", "box", fields.name, sections.box),
        webhooks=top.each("webhooks", "webhook", fields.name, webhook),
        music=top.table("music", fields.name, sections.files, ()),
        phrases=sections.phrases,
    )


def _phrases(top: Fields, sections: Sections) -> dict[str, Prompt]:
    """The appliance's own phrases; the configuration may replace each in each language."""
    phrases = dict(_shipped_phrases())
    own = top.table("phrases", _phrase_name(), sections.phrase, Prompt({}))
    for name in own.keys() & phrases.keys():
        phrases[name] = Prompt({**phrases[name].by_language, **own[name].by_language})
    return phrases


def _phrase_name() -> Callable[[Node], str]:
    names = _shipped_phrases()

    @shaped({"enum": [*names]})
    def read(node: Node) -> str:
        name = fields.text(node)
        if name not in names:
            raise Wrong(node.place, f"There is no phrase {shown(name)}.", did_you_mean(name, names))
        return name

    return read


@lru_cache(maxsize=1)
def _shipped_phrases() -> Mapping[str, Prompt]:
    report = Report()
    document = read_document(_PHRASES, report)
    sections = Sections(_PHRASES.parent, "en", NO_COUNTRY, "UTC", report)
    phrases = {entry.key.text: sections.phrase(entry.value) for entry in entries(document, "phrases", report)}
    assert not report.found, report.found
    return phrases
