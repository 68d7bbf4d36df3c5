"""Stretches of time as a person names them: a day, from-to, in the site's time zone."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from appliance.trouble import Trouble

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M")


@dataclass(frozen=True)
class Interval:
    """From `start` up to, but without, `end`: UTC epoch seconds, to be shown in `zone`."""

    start: float
    end: float
    zone: tzinfo

    def __str__(self) -> str:
        begin, end = (datetime.fromtimestamp(at, self.zone) for at in (self.start, self.end))
        if begin.time() == end.time() == time.min and begin.date() + timedelta(days=1) == end.date():
            return f"{begin:%Y-%m-%d} ({self.zone})"
        return f"{begin:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} ({self.zone})"


def interval(day: str | None, begin: str | None, end: str | None, now: float, zone: tzinfo) -> Interval:
    """What the options --day, --from and --to mean together; today when none is given.

    A day given as the end belongs to the interval: `--from 2026-11-01 --to 2026-11-30` is all of November.
    """
    try:
        return _interval(day, begin, end, now, zone)
    except OverflowError:
        raise Trouble("That is too far away in time.") from None


def _interval(day: str | None, begin: str | None, end: str | None, now: float, zone: tzinfo) -> Interval:
    today = datetime.fromtimestamp(now, zone).date()
    if day is not None:
        if begin is not None or end is not None:
            raise Trouble("Give either --day, or --from and --to.")
        first = _day(day, today)
        if first is None:
            raise Trouble(f"{day!r} is not a day: write it as 2026-11-30, today or yesterday.")
        return Interval(_midnight(first, zone), _midnight(first + timedelta(days=1), zone), zone)
    start = _midnight(today, zone) if begin is None else _moment(begin, today, zone, last=False)
    stop = max(now, start) if end is None else _moment(end, today, zone, last=True)
    if begin is None and end is None:
        stop = _midnight(today + timedelta(days=1), zone)
    if stop < start:
        raise Trouble("The interval ends before it begins.")
    return Interval(start, stop, zone)


def _moment(text: str, today: date, zone: tzinfo, last: bool) -> float:
    day = _day(text, today)
    if day is not None:
        return _midnight(day + timedelta(days=1) if last else day, zone)
    for form in FORMATS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone).timestamp()
        except ValueError:
            continue
    try:
        return datetime.combine(today, time.fromisoformat(text), zone).timestamp()
    except ValueError:
        raise Trouble(
            f"{text!r} is not a time: write 2026-11-30, '2026-11-30 14:00', 14:00 (today), today or yesterday."
        ) from None


def _day(text: str, today: date) -> date | None:
    if text == "today":
        return today
    if text == "yesterday":
        return today - timedelta(days=1)
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time.min, zone).timestamp()
