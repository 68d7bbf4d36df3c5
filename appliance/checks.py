"""What is wrong with a configuration directory: read it, run every check, and say where each problem stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from appliance.checking.clashes import clashes
from appliance.checking.codes import codes
from appliance.checking.customers import customers, groups
from appliance.checking.finding import Finding
from appliance.checking.hours import hours
from appliance.checking.languages import languages
from appliance.checking.menus import menus
from appliance.checking.network import ports, secure_phones
from appliance.checking.numbers import numbers
from appliance.checking.on_disk import certificate, sounds, speech
from appliance.checking.queues import dispositions, queues, removed
from appliance.checking.references import references
from appliance.checking.trunks import trunks
from appliance.customers import FILE, Row, read_customers
from appliance.problems import Place, Problem, Report
from appliance.reading import Reading, read
from appliance.settings import Settings

__all__ = ["Checked", "Problem", "load"]

_CHECKS = (
    *(references, languages, numbers, hours, menus, queues, removed, dispositions, groups),
    *(clashes, codes, trunks, ports, secure_phones),
    *(sounds, speech, certificate),
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
    for found in _findings(reading, rows):
        place = found.where if isinstance(found.where, Place) else reading.place(*found.where)
        report.add(place, found.text, found.remedy, warning=found.warning)
    problems = _without_echoes(report.sorted())
    broken = any(not problem.warning for problem in problems)
    return Checked(None if broken else settings, problems, reading)


def _findings(reading: Reading, rows: Sequence[Row]) -> Iterator[Finding]:
    yield from customers(reading, rows)
    for check in _CHECKS:
        yield from check(reading)


def _without_echoes(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """A warning in a line that is wrong is mostly about what could not be read there."""
    wrong = {(problem.file, problem.line) for problem in problems if not problem.warning}
    return tuple(each for each in problems if not each.warning or (each.file, each.line) not in wrong)
