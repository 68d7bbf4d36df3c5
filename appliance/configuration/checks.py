"""What is wrong with a configuration directory: read it, run every check, and say where each problem stands."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.configuration.checking.callbacks import callbacks
from appliance.configuration.checking.clashes import clashes
from appliance.configuration.checking.codes import codes
from appliance.configuration.checking.customers import customers, groups
from appliance.configuration.checking.finding import Finding
from appliance.configuration.checking.hours import hours, schedules
from appliance.configuration.checking.languages import languages
from appliance.configuration.checking.leaving import leaving
from appliance.configuration.checking.menus import menus
from appliance.configuration.checking.network import ports, secure_phones
from appliance.configuration.checking.numbers import numbers
from appliance.configuration.checking.on_disk import certificate, long_sounds, sounds, speech, unused_sounds
from appliance.configuration.checking.patience import patience
from appliance.configuration.checking.queues import dispositions, queues, removed
from appliance.configuration.checking.reach import reach
from appliance.configuration.checking.references import references
from appliance.configuration.checking.skills import skills
from appliance.configuration.checking.tasks import tasks, unheard
from appliance.configuration.checking.texts import texts, translations
from appliance.configuration.checking.trunks import trunks
from appliance.configuration.checking.unused import idle, own_agents, unused
from appliance.configuration.checking.voicemail import boxes, unused_boxes
from appliance.configuration.checking.web import web, web_exposed
from appliance.configuration.checking.webhooks import open_webhooks
from appliance.configuration.customers import FILE, Row, read_customers
from appliance.configuration.problems import Place, Problem, Report
from appliance.configuration.reading import Reading, read
from appliance.settings import Settings

__all__ = ["Checked", "Problem", "load"]

_CHECKS = (
    *(references, languages, numbers, hours, menus, queues, leaving, skills, removed, dispositions, groups),
    *(tasks, callbacks, boxes, clashes, codes, trunks, ports, secure_phones, web),
    *(texts, translations, sounds, speech, certificate),
)
# Legal, but hardly meant. Looked at only when nothing is wrong: a misspelt id leaves something unused, and that
# would be the same mistake again.
WHOLE = (
    reach,
    unused,
    unused_boxes,
    own_agents,
    idle,
    schedules,
    patience,
    long_sounds,
    unused_sounds,
    open_webhooks,
    web_exposed,
    unheard,
)


@dataclass(frozen=True)
class Checked:
    """`settings` is None when there is any error; problems come by file and line, warnings among them.

    `reading` knows where each value stands.
    """

    settings: Settings | None
    problems: tuple[Problem, ...]
    reading: Reading


def load(directory: Path) -> Checked:
    """Read and check a directory. All its problems come at once; nothing is raised."""
    report = Report()
    reading = read(directory, report)
    rows = read_customers(directory / FILE, reading.settings.country, report)
    numbers = {row.number: row for row in rows if row.number}
    settings = replace(reading.settings, customers={number: row.customer for number, row in numbers.items()})
    places = {number: row.place for number, row in numbers.items()}
    reading = replace(reading, settings=settings, customers=places)
    _take_down(_findings(reading, rows), reading, report)
    broken = report.is_broken()
    if not broken:
        _take_down((found for check in WHOLE for found in check(reading)), reading, report)
    problems = _without_echoes(report.sorted())
    return Checked(None if broken else settings, problems, reading)


def _take_down(found: Iterable[Finding], reading: Reading, report: Report) -> None:
    for each in found:
        place = each.where if isinstance(each.where, Place) else reading.place(*each.where)
        report.add(place, each.text, each.remedy, warning=each.warning)


def _findings(reading: Reading, rows: Sequence[Row]) -> Iterator[Finding]:
    yield from customers(reading, rows)
    for check in _CHECKS:
        yield from check(reading)


def _without_echoes(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """A warning in a line that is wrong is mostly about what could not be read there."""
    wrong = {(problem.file, problem.line) for problem in problems if not problem.warning}
    return tuple(each for each in problems if not each.warning or (each.file, each.line) not in wrong)
