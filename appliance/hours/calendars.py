"""Calendar files (iCalendar, RFC 5545): when a schedule is closed because of their events."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appliance.settings import Closure

LARGEST = 1 << 20  # bytes
MOST_EVENTS = 500
MOST_CLOSURES = 5_000  # in all the years: holidays are few, and a rule that repeats by the minute is a mistake
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}
_WITHIN_A_DAY = ("BYHOUR", "BYMINUTE", "BYSECOND")
_LONGEST_NAME = 60
_A_YEAR = timedelta(365)


class Unusable(ValueError):
    """What is wrong with a file, as the end of a sentence that begins with its name."""


def closures(file: Path, zone: ZoneInfo, first: date, last: date) -> tuple[Closure, ...]:
    """Every event from the first to the last day, with those that repeat. Raises Unusable.

    What has no time zone of its own, and whole days, are those of `zone`. Whether an event is marked as free or
    busy does not matter: calendars of public holidays mark all of theirs as free.
    """
    # Imported here: only those who have such a file should wait for them.
    import recurring_ical_events
    from icalendar import Calendar

    content = _content(file)
    found: set[Closure] = set()
    try:
        calendar = Calendar.from_ical(content)
        _refuse_too_many(calendar)
        events = recurring_ical_events.of(calendar, components=["VEVENT"])
        for begin, end in _years(first, last):
            found |= {_closure(event, zone) for event in events.between(begin, end) if _takes_place(event)}
            if len(found) > MOST_CLOSURES:
                raise Unusable(f"has more than {MOST_CLOSURES} events in ten years")
    except (ValueError, LookupError, TypeError, ArithmeticError, AttributeError) as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable(
            f"cannot be understood ({_first_line(error)})"
        ) from None  # whatever a strange line leads to
    return tuple(sorted((each for each in found if each.begin < each.end), key=lambda c: (c.begin, c.end, c.name)))


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unusable("does not exist") from None
    except OSError as error:
        raise Unusable(f"cannot be read: {error.strerror or error}") from None
    if len(content) > LARGEST:
        raise Unusable("is larger than a mebibyte")
    if not content.lstrip(b"\xef\xbb\xbf \r\n").upper().startswith(b"BEGIN:VCALENDAR"):
        raise Unusable("is not an iCalendar file: it does not begin with BEGIN:VCALENDAR")
    return content


def _refuse_too_many(calendar: Any) -> None:
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise Unusable(f"has more than {MOST_EVENTS} events")
    for event in events:
        if "DTSTART" not in event:
            raise Unusable(f"has an event without a beginning: {_name(event) or 'without a name'}")
        rules = event.get("RRULE", [])
        for rule in rules if isinstance(rules, list) else [rules]:
            often = {str(each).upper() for each in rule.get("FREQ", [])} & _TOO_OFTEN
            if often or any(len(rule.get(part, [])) > 1 for part in _WITHIN_A_DAY):
                raise Unusable(f"has an event that repeats more than once a day: {_name(event)}")
            if any(int(each) < 1 for each in rule.get("INTERVAL", [])):  # dateutil would never come to an end
                raise Unusable(f"has an event that repeats at no distance (INTERVAL below 1): {_name(event)}")


def _years(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days from the first to the last in pieces of a year, each up to but without its end."""
    while first <= last:
        end = min(first + _A_YEAR, last + timedelta(1))
        yield first, end
        first = end


def _takes_place(event: Any) -> bool:
    return str(event.get("STATUS", "")).upper() != "CANCELLED"


def _closure(event: Any, zone: ZoneInfo) -> Closure:
    return Closure(_moment(event.start, zone), _moment(event.end, zone), _name(event))


def _moment(at: date, zone: ZoneInfo) -> float:
    if not isinstance(at, datetime):
        at = datetime.combine(at, time.min)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).timestamp()


def _name(event: Any) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())[:_LONGEST_NAME]


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
