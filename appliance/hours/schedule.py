"""Opening hours: is it open at a moment and why, and when does that change. Pure.

The clock on the wall of the schedule's place decides. Where it is put forward, the hours it skips are not there;
where it is put back, the hours that come twice are open twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import takewhile
from zoneinfo import ZoneInfo

from appliance.configuration.hours_words import clock, describe, describe_times, weekday_name
from appliance.settings import Hours

_HORIZON = 400  # days: what does not change within them never does
_MIDNIGHT = time(0, 0)


class Cause(Enum):
    """Why it is open or closed."""

    HOURS = "hours"  # as in any week
    HOLIDAY = "holiday"  # or any other day that is closed as a whole
    EXCEPTION = "exception"
    BY_HAND = "by hand"


@dataclass(frozen=True)
class Opening:
    """`reason` says why, for the record of a call."""

    is_open: bool
    reason: str
    cause: Cause = Cause.HOURS

    def __str__(self) -> str:
        state = "open" if self.is_open else "closed"
        return f"{state} {self.reason}" if self.cause is Cause.BY_HAND else f"{state}, {self.reason}"


@dataclass(frozen=True)
class Override:
    """Opening hours set by hand: what holds instead of a schedule, up to but without `until`."""

    schedule: str
    is_open: bool
    at: float  # UTC epoch seconds, like `until`
    until: float
    by: str  # who has done it, for a person
    comment: str = ""

    def holds(self, at: float) -> bool:
        return at < self.until


def opening(hours: Hours, at: float, override: Override | None = None) -> Opening:
    """Whether it is open at that moment by the clock on the wall of that place, or because somebody said so."""
    zone = ZoneInfo(hours.time_zone)
    if override is not None and override.holds(at):
        return Opening(override.is_open, _by_hand(override, at, zone), Cause.BY_HAND)
    local = datetime.fromtimestamp(at, zone)
    today, now = local.date(), local.time()
    times = hours.exceptions.get(today, hours.yearly_exceptions.get((today.month, today.day)))
    if times is not None:
        return _on_exception(today, now, times)
    name = _holiday(hours, at, today)
    if name is not None:
        return Opening(False, f"holiday {today.isoformat()}{name}", Cause.HOLIDAY)
    for span in hours.spans:
        if local.weekday() in span.weekdays and _is_within(now, span.begin, span.end):
            said = f"{weekday_name(local.weekday())} {clock(span.begin)}-{clock(span.end)} {hours.time_zone}"
            return Opening(True, said)
    return Opening(False, f"outside {describe(hours.spans)}")


def stays_open(hours: Hours, begin: float, end: float, override: Override | None = None) -> bool:
    """Whether it is open from the one moment up to but without the other."""
    moments = takewhile(lambda moment: moment < end, _moments(hours, begin, override))
    return all(opening(hours, moment, override).is_open for moment in (begin, *moments))


def next_change(hours: Hours, at: float, override: Override | None = None) -> float | None:
    """The next moment at which it opens or closes; None: not within a year."""
    return next((moment for moment, _ in _changes(hours, at, override)), None)


def next_opening(hours: Hours, at: float, override: Override | None = None) -> float | None:
    """The next moment at which it opens; None: not within a year."""
    return next((moment for moment, is_open in _changes(hours, at, override) if is_open), None)


def _changes(hours: Hours, at: float, override: Override | None) -> Iterator[tuple[float, bool]]:
    """When it opens and closes after that moment, in order."""
    was_open = opening(hours, at, override).is_open
    for moment in _moments(hours, at, override):
        is_open = opening(hours, moment, override).is_open
        if is_open is not was_open:
            yield moment, is_open
        was_open = is_open


def _moments(hours: Hours, at: float, override: Override | None) -> Iterator[float]:
    """Every moment after that one at which anything may change, in order."""
    zone = ZoneInfo(hours.time_zone)
    fixed = {edge for each in hours.closures for edge in (each.begin, each.end)}
    if override is not None:
        fixed.add(override.until)
    first = datetime.fromtimestamp(at, zone).date() - timedelta(1)
    for number in range(_HORIZON):
        day = first + timedelta(number)
        begin, end = (_instant(each, _MIDNIGHT, zone) for each in (day, day + timedelta(1)))
        found = {begin, *(moment for moment in fixed if begin <= moment < end)}
        found |= _clock_is_put(begin, end, zone)
        for edge in _edges(hours, day):
            found |= {_instant(day, edge, zone), _instant(day, edge, zone, fold=1)}
        yield from (moment for moment in sorted(found) if max(at, begin - 1) < moment < end)


def _edges(hours: Hours, day: date) -> set[time]:
    """The times at which something begins or ends on that day; of the end of the day the next one knows."""
    times = hours.exceptions.get(day, hours.yearly_exceptions.get((day.month, day.day)))
    if times is None:
        times = tuple((span.begin, span.end) for span in hours.spans if day.weekday() in span.weekdays)
    return {edge for each in times for edge in each if edge != time.max}


def _clock_is_put(begin: float, end: float, zone: ZoneInfo) -> set[float]:
    """The moment between these two at which the clock is put forward or back, to the second."""

    def offset(at: float) -> timedelta | None:
        return datetime.fromtimestamp(at, zone).utcoffset()

    before = offset(begin)
    if before == offset(end):
        return set()
    early, late = int(begin), int(end)
    while late - early > 1:
        middle = (early + late) // 2
        early, late = (middle, late) if offset(middle) == before else (early, middle)
    return {float(late)}


def _instant(day: date, at: time, zone: ZoneInfo, fold: int = 0) -> float:
    return datetime.combine(day, at, zone).replace(fold=fold).timestamp()


def _on_exception(today: date, now: time, times: tuple[tuple[time, time], ...]) -> Opening:
    if not times:
        return Opening(False, f"exception {today.isoformat()}, all day", Cause.HOLIDAY)
    is_open = any(_is_within(now, *each) for each in times)
    where = "" if is_open else "outside "
    said = f"{where}{describe_times(times)}, the exception of {today.isoformat()}"
    return Opening(is_open, said, Cause.EXCEPTION)


def _holiday(hours: Hours, at: float, today: date) -> str | None:
    """The name of the holiday, if there is one and if it has one."""
    for closure in hours.closures:
        if closure.begin <= at < closure.end:
            return f" ({closure.name})" if closure.name else ""
    return "" if today in hours.holidays or (today.month, today.day) in hours.yearly else None


def _is_within(now: time, begin: time, end: time) -> bool:
    return begin <= now and (now < end or end == time.max)


def _by_hand(override: Override, at: float, zone: ZoneInfo) -> str:
    until = datetime.fromtimestamp(override.until, zone)
    is_today = until.date() == datetime.fromtimestamp(at, zone).date()
    comment = f" ({override.comment})" if override.comment else ""
    return f"by {override.by} until {until:{'%H:%M' if is_today else '%Y-%m-%d %H:%M'}}{comment}"
