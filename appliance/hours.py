"""Opening hours: is it open at a moment, and why. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from appliance.settings import Hours, Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SPAN = re.compile(r"([a-z,\- ]+?)\s+(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)", re.ASCII)
_MIDNIGHT = time(0, 0)


@dataclass(frozen=True)
class Opening:
    """`reason` is a sentence for the record of a call."""

    is_open: bool
    reason: str


def opening(hours: Hours, at: float) -> Opening:
    """Whether it is open at that moment by the clock on the wall of that place."""
    local = datetime.fromtimestamp(at, ZoneInfo(hours.time_zone))
    if local.date() in hours.holidays:
        return Opening(False, f"holiday {local.date().isoformat()}")
    weekday, clock = local.weekday(), local.time()
    for span in hours.spans:
        if weekday in span.weekdays and span.begin <= clock and (clock < span.end or span.end == time.max):
            return Opening(
                True, f"{_FULL_NAMES[weekday]} {_clock(span.begin)}-{_clock(span.end)} {hours.time_zone}"
            )
    return Opening(False, f"outside {describe(hours.spans)}")


def describe(spans: Iterable[Span]) -> str:
    """Spans as a person writes them: "Mon-Fri 09:00-18:00, Sat 10:00-14:00"."""
    said = [f"{_days(span.weekdays)} {_clock(span.begin)}-{_clock(span.end)}" for span in spans]
    return ", ".join(said) or "all hours"


def read_spans(text: str) -> tuple[Span, ...]:
    """ "mon-fri 9:00-18:00" as spans; one that goes over midnight becomes two. Raises ValueError."""
    found = _SPAN.fullmatch(text.strip().lower())
    if not found:
        raise ValueError(text)
    weekdays = _read_days(found[1])
    begin, end = _read_clock(found[2], found[3]), _read_clock(found[4], found[5])
    if begin == end or begin == time.max:
        raise ValueError(text)
    if begin < end:
        return (Span(weekdays, begin, end),)
    evening = Span(weekdays, begin, time.max)
    if end == _MIDNIGHT:
        return (evening,)
    return evening, Span(frozenset((day + 1) % 7 for day in weekdays), _MIDNIGHT, end)


def _read_days(text: str) -> frozenset[int]:
    """ "mon-fri" or "mon,wed,fri" or "fri-mon"."""
    days: set[int] = set()
    for part in text.split(","):
        first, _, last = (piece.strip() for piece in part.partition("-"))
        begin = DAYS.index(first)
        length = (DAYS.index(last) - begin) % 7 if "-" in part else 0
        days.update((begin + day) % 7 for day in range(length + 1))
    return frozenset(days)


def _read_clock(hour: str, minute: str) -> time:
    return time.max if (int(hour), int(minute)) == (24, 0) else time(int(hour), int(minute))


def _clock(moment: time) -> str:
    return "24:00" if moment == time.max else f"{moment:%H:%M}"


def _days(weekdays: frozenset[int]) -> str:
    """Neighbouring days as a range, the others one by one."""
    ranges: list[list[int]] = []
    for day in sorted(weekdays):
        if ranges and ranges[-1][-1] == day - 1:
            ranges[-1].append(day)
        else:
            ranges.append([day])
    short = [day.capitalize() for day in DAYS]
    return ",".join(short[r[0]] if len(r) == 1 else f"{short[r[0]]}-{short[r[-1]]}" for r in ranges)
