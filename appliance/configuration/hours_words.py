"""Opening hours as people write them: "mon-fri 9:00-18:00", and back again. Pure."""

import re
from collections.abc import Iterable
from datetime import time

from appliance.settings import Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIMES = r"(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)"
_SPAN = re.compile(rf"([a-z,\- ]+?)\s+{_TIMES}", re.ASCII)
_ONLY_TIMES = re.compile(_TIMES, re.ASCII)
_MIDNIGHT = time(0, 0)


def describe(spans: Iterable[Span]) -> str:
    """Spans as a person writes them: "Mon-Fri 09:00-18:00, Sat 10:00-14:00"."""
    said = [f"{_days(span.weekdays)} {clock(span.begin)}-{clock(span.end)}" for span in spans]
    return ", ".join(said) or "all hours"


def describe_times(times: Iterable[tuple[time, time]]) -> str:
    """Times of one day as a person writes them: "09:00-12:00, 13:00-17:00"."""
    return ", ".join(f"{clock(begin)}-{clock(end)}" for begin, end in times)


def weekday_name(weekday: int) -> str:
    """Its full name; Monday is 0."""
    return _FULL_NAMES[weekday]


def read_times(text: str) -> tuple[time, time]:
    """ "9:00-14:00" of one day; it may last until 24:00. Raises ValueError."""
    found = _ONLY_TIMES.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    begin, end = _read_clock(found[1], found[2]), _read_clock(found[3], found[4])
    if begin >= end:
        raise ValueError(text)
    return begin, end


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


def clock(moment: time) -> str:
    """A time of day; the end of the day is 24:00."""
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
