"""The section "hours" of the YAML: which fields a schedule has, and what each is made of."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from appliance.configuration import fields
from appliance.configuration.documents import Items, Node, Table, Text
from appliance.configuration.hours_words import read_spans, read_times
from appliance.configuration.problems import Report, shown
from appliance.configuration.shapes import TEXT, fields_of, form, one_or_several, shaped
from appliance.configuration.tables import Fields, Wrong
from appliance.hours.calendars import Unusable, closures
from appliance.settings import Closure, Hours, Prompt, Span
from appliance.settings.hours import Times, YearDay

YEARS_AHEAD = 10  # of a calendar file: events that repeat do so for ever
_CLOSED = "closed"
_CLOSED_ALL_DAY: Times = ()
_LONGEST_RANGE = 366
_SOME_SPAN = 'Say when it is open, for example "mon-fri 9:00-18:00".'
_LIKE_A_DAY = "Write it like 2026-12-31, 2027-01-01..2027-01-08, or 05-09 for every year."
_LIKE_TIMES = 'Write it like "9:00-14:00", [9:00-12:00, 13:00-17:00] or closed; midnight is 24:00.'
_A_DAY = r"(?:[0-9][0-9W-]{6,9}|[0-9]{2}-[0-9]{2})"
_DAYS = form(rf"{_A_DAY}(?: *\.\. *{_A_DAY})?")
_A_TIME = " *[0-9]{1,2}:[0-9]{2} *"
_YEAR_DAY = re.compile(r"(\d\d)-(\d\d)", re.ASCII)
_LEAP_YEAR = 2000


class _Site(Protocol):
    """What the sections of the site know."""

    def prompt(self, node: Node) -> Prompt: ...

    def path(self, node: Node) -> Path: ...


@dataclass(frozen=True)
class Days:
    """Certain days, or days of every year."""

    dates: frozenset[date] = frozenset()
    yearly: frozenset[YearDay] = frozenset()


def hours(id: str, each: Fields, time_zone: str, site: _Site, report: Report) -> Hours:
    """One schedule; `time_zone` is that of the site."""
    spans_of = each.items("open", spans, _SOME_SPAN, needed=True)
    zone = each.take("time_zone", fields.time_zone, time_zone)
    today = datetime.now(ZoneInfo(zone)).date()

    @shaped({"anyOf": [_DAYS, fields_of({"ics": TEXT}, required=("ics",))]})
    def holidays(node: Node) -> Days | tuple[Closure, ...]:
        return _calendar(node, zone, today, site, report) if isinstance(node, Table) else days(node)

    free = each.items("holidays", holidays)
    exceptions, yearly = _exceptions(each, today, report)
    listed = [each for each in free if isinstance(each, Days)]
    return Hours(
        id=id,
        time_zone=zone,
        spans=tuple(span for several in spans_of for span in several),
        holidays=frozenset[date]().union(*(each.dates for each in listed)),
        yearly=frozenset[YearDay]().union(*(each.yearly for each in listed)),
        closures=tuple(closure for several in free if isinstance(several, tuple) for closure in several),
        exceptions=exceptions,
        yearly_exceptions=yearly,
        name=each.take("name", site.prompt, None),
    )


def _exceptions(each: Fields, today: date, report: Report) -> tuple[dict[date, Times], dict[YearDay, Times]]:
    """Other hours on certain days, and on days of every year."""
    found: dict[str, Days] = {}

    @shaped(_DAYS)
    def read_days(node: Node) -> str:
        when, written = days(node), fields.text(node)
        if any(when.dates & other.dates or when.yearly & other.yearly for other in found.values()):
            remedy = "Let each day have one; several times of a day are a list."
            raise Wrong(node.place, f"A day of {shown(written)} has an exception already.", remedy)
        if when.dates and max(when.dates) < today:
            remedy = "Remove it; one of every year is written without the year, such as 12-31."
            report.add(node.place, f"The exception of {written} is over.", remedy, warning=True)
        found[written] = when
        return written

    times = each.table("exceptions", read_days, times_of_day, _CLOSED_ALL_DAY)
    certain = {day: times[written] for written, when in found.items() for day in when.dates}
    return certain, {day: times[written] for written, when in found.items() for day in when.yearly}


@shaped(form(r"[A-Za-z].*[0-9]:[0-9]{2}.*[0-9]:[0-9]{2}"))
def spans(node: Node) -> tuple[Span, ...]:
    """Weekdays and times."""
    written = fields.text(node)
    try:
        return read_spans(written)
    except ValueError as error:
        remedy = 'Write it like "mon-fri 9:00-18:00" or "sat,sun 22:00-6:00".'
        raise Wrong(node.place, f"{shown(written)} is not a span of opening hours.", remedy) from error


@shaped(_DAYS)
def days(node: Node) -> Days:
    """A day or a range of days, of one year or of every year."""
    written = fields.text(node)
    first, dots, last = (each.strip() for each in written.partition(".."))
    if _YEAR_DAY.fullmatch(first):
        return Days(yearly=_every_year(node, written, first, last if dots else first))
    try:
        begin = date.fromisoformat(first)
        end = date.fromisoformat(last) if dots else begin
    except ValueError as error:
        raise Wrong(node.place, f"{shown(written)} is not a day of the calendar.", _LIKE_A_DAY) from error
    length = (end - begin).days
    if not 0 <= length <= _LONGEST_RANGE:
        raise Wrong(node.place, f"{shown(written)} must begin before it ends, and not last longer than a year.")
    return Days(dates=frozenset(begin + timedelta(day) for day in range(length + 1)))


def _every_year(node: Node, written: str, first: str, last: str) -> frozenset[YearDay]:
    """From the first to the last, which may be over the turn of the year. A 29 February is there in leap years."""
    try:
        begin, end = (date.fromisoformat(f"{_LEAP_YEAR}-{each}") for each in (first, last))
    except ValueError as error:
        raise Wrong(node.place, f"{shown(written)} is not a day of the calendar.", _LIKE_A_DAY) from error
    year = (date(_LEAP_YEAR, 1, 1) + timedelta(number) for number in range(366))
    chosen = (day for day in year if (begin <= day <= end if begin <= end else day >= begin or day <= end))
    return frozenset((day.month, day.day) for day in chosen)


@shaped(one_or_several(form(rf"{_CLOSED}|{_A_TIME}-{_A_TIME}"), least=1))
def times_of_day(node: Node) -> Times:
    """When it is open on a certain day; not at all if it is closed."""
    if isinstance(node, Text) and fields.text(node) == _CLOSED:
        return ()
    nodes = node.items if isinstance(node, Items) else (node,)
    if not nodes:
        raise Wrong(node.place, "It is not said when it is open on this day.", _LIKE_TIMES)
    return tuple(_times(each) for each in nodes)


def _times(node: Node) -> tuple[time, time]:
    written = fields.text(node)
    try:
        return read_times(written)
    except ValueError as error:
        raise Wrong(node.place, f"{shown(written)} is not a time from and to.", _LIKE_TIMES) from error


def _calendar(node: Table, zone: str, today: date, site: _Site, report: Report) -> tuple[Closure, ...]:
    """The events of a calendar file: those of last year too, so that what has been can be explained."""
    each = Fields(node, "A calendar", node.place, report)
    written = each.needed("ics")
    each.close()
    if written is None:
        return ()
    file = site.path(written)
    first, last = date(today.year - 1, 1, 1), date(today.year + YEARS_AHEAD, 12, 31)
    try:
        return closures(file, ZoneInfo(zone), first, last)
    except Unusable as error:
        raise Wrong(written.place, f"The calendar file {shown(fields.text(written))} {error}.") from error
