"""How long something that is set by hand holds: "2h", "1h30m", "3d", or until "18:00". Pure."""

import re
from datetime import datetime, time, timedelta, tzinfo

from appliance.trouble import Trouble

LONGEST = 31 * 86400.0
_LENGTH = re.compile(r"(?=\d)(?:(\d{1,2})d)? ?(?:(\d{1,3})h)? ?(?:(\d{1,5})m)?", re.ASCII)
_MOMENTS = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M")


def end(length: str | None, until: str | None, now: float, zone: tzinfo) -> float:
    """When it is over, by exactly one of a length of time and a time of day. Raises Trouble."""
    if (length is None) == (until is None):
        raise Trouble("Say how long, either as --for 2h or as --until 18:00.")
    at = now + _seconds(length) if length is not None else _moment(until or "", now, zone)
    if at <= now:
        raise Trouble(f"{until} is over already.")
    if at - now > LONGEST:
        raise Trouble("That is longer than 31 days: what is to hold for so long belongs into the configuration.")
    return at


def _seconds(text: str) -> float:
    found = _LENGTH.fullmatch(text.strip())
    if not found or not any(found.groups()):
        raise Trouble(f"{text[:40]!r} is not a length of time: write it like 30m, 2h, 1h30m or 3d.")
    days, hours, minutes = (int(part or 0) for part in found.groups())
    seconds = float(days * 86400 + hours * 3600 + minutes * 60)
    if not seconds:
        raise Trouble("A time of zero is of no use here.")
    return seconds


def _moment(text: str, now: float, zone: tzinfo) -> float:
    """A time of day is that of today, or of tomorrow when it is over today."""
    for form in _MOMENTS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=zone).timestamp()
        except ValueError:
            continue
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", text.strip(), re.ASCII)
    if not found or int(found[1]) > 24 or int(found[2]) > 59 or (int(found[1]) == 24 and int(found[2])):
        raise Trouble(f"{text[:40]!r} is not a time: write it like 18:00 or '2026-12-31 18:00'.")
    today = datetime.fromtimestamp(now, zone).date()
    for day in (today, today + timedelta(1), today + timedelta(2)):
        midnight = day + timedelta(1) if int(found[1]) == 24 else day
        at = datetime.combine(midnight, time(int(found[1]) % 24, int(found[2])), zone).timestamp()
        if at > now:
            return at
    raise AssertionError("the day after tomorrow is not over")
