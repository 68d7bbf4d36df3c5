"""customers.csv: who the callers are, by telephone number."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from os.path import lexists
from pathlib import Path

from appliance.configuration.documents import Unreadable, read_text
from appliance.configuration.problems import Place, Report, did_you_mean, shown
from appliance.identify import NO_COUNTRY, to_e164
from appliance.settings import Customer

FILE = "customers.csv"
_COLUMNS = ("number", "name", "group", "language", "agent")
_REQUIRED = ("number", "name")


@dataclass(frozen=True)
class Row:
    """A customer, and where the row stands. `number` is None where it is not one."""

    number: str | None
    customer: Customer
    place: Place


def read_customers(path: Path, country: str, report: Report) -> list[Row]:
    """The rows of the file. A file that is not there has none."""
    if not lexists(path):
        return []
    before = len(report.found)
    found: list[Row] = []
    first: dict[str, int] = {}  # number -> its line
    for line, cells in _rows(path, report):
        place = Place(str(path), line, 1)
        number = to_e164(cells["number"], country)
        if number is None and country != NO_COUNTRY:  # without a country, that is what is complained of
            remedy = "Write it like +74951234567."
            report.add(place, f"{shown(cells['number'])} is not a telephone number.", remedy)
        elif number is not None and first.setdefault(number, line) != line:
            text = f"{shown(cells['number'])} is the number of line {first[number]} too."
            report.add(place, text, "Remove one of them.")
        group, language, agent = (cells.get(column) or None for column in ("group", "language", "agent"))
        found.append(Row(number, Customer(number or "", cells["name"], group, language, agent), place))
    if not found and len(report.found) == before:
        report.add(Place(str(path)), "There are no customers in this file.", warning=True)
    return found


def _rows(path: Path, report: Report) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and cells of each row that is complete."""
    try:
        text = read_text(path)
    except Unreadable as error:
        report.add(error.place, error.text, error.remedy)
        return
    title = text.lstrip().partition("\n")[0]
    delimiter = ";" if title.count(";") > title.count(",") else ","
    rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    columns: list[str] = []
    end = 0
    try:
        for row in rows:
            line, end = end + 1, rows.line_num
            cells = [" ".join(cell.split()) for cell in row]
            if not any(cells):
                continue
            if not columns:
                columns = [cell.lower() for cell in cells]
                if not _know(columns, Place(str(path), line, 1), report):
                    return
            elif len(cells) > len(columns):
                remedy = "Put a cell that contains the separator in double quotes."
                report.add(Place(str(path), line, 1), "This row has more cells than the first line.", remedy)
            else:
                yield line, dict.fromkeys(columns, "") | dict(zip(columns, cells, strict=False))
    except csv.Error as error:
        report.add(Place(str(path), end + 1, 1), f"This is not a CSV row: {error}.", "Check the quotation marks.")


def _know(columns: list[str], place: Place, report: Report) -> bool:
    """Whether the first line names columns we know, each once, and those that must be there."""
    before = len(report.found)
    for column in sorted(set(columns) - set(_COLUMNS)):
        report.add(place, f"There is no column {shown(column)}.", did_you_mean(column, _COLUMNS))
    for column in sorted({column for column in columns if columns.count(column) > 1}):
        report.add(place, f"The column {shown(column)} stands here twice.")
    for column in _REQUIRED:
        if column not in columns:
            remedy = f"Let the first line be {','.join(_COLUMNS)}."
            report.add(place, f'The column "{column}" is missing.', remedy)
    return len(report.found) == before
