"""Calls by time of day from a CSV file: columns `time` and `calls`, and `queue` where it is of several. Pure.

`time` is a time of day (9:00), or a day with one (2026-11-30 09:00); of several days the average counts. Rows that
are further apart than the interval are spread over it evenly.
"""

import csv
from collections.abc import Collection, Mapping
from datetime import datetime
from io import StringIO
from itertools import pairwise

from appliance.configuration.problems import did_you_mean, shown
from appliance.staffing.demand import DAY
from appliance.trouble import Trouble

COLUMNS = ("time", "calls", "queue")
_FORMS = ("%H:%M", "%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S")
_TIME_ONLY = 1900  # the year that such a time is read with
_LONGEST_GAP = 3600.0  # between rows, for the lesser one to be what a row stands for
MOST_CALLS = 1e6

Calls = Mapping[str, tuple[float, ...]]


def read_forecast(text: str, file: str, interval: float, queues: Collection[str], queue: str | None) -> Calls:
    """Calls by queue and interval. `queue` is whose they are where there is no such column. Raises Trouble."""
    rows = _rows(text, file, queues, queue)
    days = {day for _, _, day, _ in rows}
    every = _spacing({at for _, at, _, _ in rows}, interval)
    found = {name: [0.0] * int(DAY / interval) for name, _, _, _ in rows}
    for name, at, _, calls in rows:
        parts = max(1, round(every / interval))
        for part in range(parts):
            n = int((at + part * interval) % DAY / interval)
            found[name][n] += calls / parts / len(days)
    if not any(any(calls) for calls in found.values()):
        raise Trouble(f"{file}: every row has 0 calls, so nobody is needed.")
    return {name: tuple(calls) for name, calls in found.items()}


def _rows(text: str, file: str, queues: Collection[str], queue: str | None) -> list[tuple[str, float, str, float]]:
    """Queue, seconds after midnight, day, calls."""
    title = text.lstrip().partition("\n")[0]
    delimiter = ";" if title.count(";") > title.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    columns: list[str] = []
    found = []
    end = 0
    try:
        for cells in reader:
            place, end = f"{file}:{end + 1}", reader.line_num
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if not columns:
                columns = _columns([cell.lower() for cell in cells], place, queue)
            elif len(cells) != len(columns):
                raise Trouble(f"{place}: this row has {len(cells)} cells, the first line {len(columns)}.")
            else:
                found.append(_row(dict(zip(columns, cells, strict=True)), place, queues, queue))
    except csv.Error as error:
        raise Trouble(f"{file}:{end + 1}: this is not a CSV row: {error}. Check the quotation marks.") from None
    if not found:
        raise Trouble(f"{file} has no rows: write a line time,calls and below it rows like 9:00,42.")
    return found


def _columns(names: list[str], place: str, queue: str | None) -> list[str]:
    for name in names:
        if name not in COLUMNS:
            raise Trouble(f"{place}: there is no column {shown(name)}. {did_you_mean(name, COLUMNS)}")
        if names.count(name) > 1:
            raise Trouble(f"{place}: the column {name} stands here twice.")
    for name in COLUMNS[:2]:
        if name not in names:
            raise Trouble(f"{place}: the column {name} is missing. Let the first line be time,calls.")
    if "queue" not in names and queue is None:
        raise Trouble(f"{place}: there are several queues: name one by --queue, or add a column queue.")
    return names


def _row(
    cells: Mapping[str, str], place: str, queues: Collection[str], queue: str | None
) -> tuple[str, float, str, float]:
    name = cells.get("queue") or queue or ""
    if name not in queues:
        raise Trouble(f"{place}: there is no queue {shown(name)}. {did_you_mean(name, queues)}")
    try:
        calls = float(cells["calls"].replace(",", "."))
    except ValueError:
        calls = -1.0
    if not 0 <= calls <= MOST_CALLS:
        raise Trouble(f"{place}: {shown(cells['calls'])} is not a number of calls. Write it like 42 or 42.5.")
    at = _time(cells["time"], place)
    day = "" if at.year == _TIME_ONLY else f"{at:%Y-%m-%d}"
    return name, at.hour * 3600.0 + at.minute * 60.0 + at.second, day, calls


def _time(text: str, place: str) -> datetime:
    for form in _FORMS:
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    raise Trouble(f"{place}: {shown(text)} is not a time. Write it like 9:00 or 2026-11-30 09:00.")


def _spacing(times: Collection[float], interval: float) -> float:
    """How many seconds a row stands for: as far as it is to the next, if that is no more than an hour."""
    gaps = [later - earlier for earlier, later in pairwise(sorted(times))]
    return max(interval, min((gap for gap in gaps if gap <= _LONGEST_GAP), default=interval))
