"""Time conditions of other systems, and the opening hours that say the same. Pure.

Every day of a year, on whichever day of the week it may fall, is put to the rules. What most days of a weekday
have in common are its hours; the others are exceptions.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from appliance.configuration.hours_words import DAYS

MINUTES = 24 * 60
FULL_DAY = (1 << MINUTES) - 1
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EVERY_DAY = frozenset(range(7))
_LEAP_YEAR = 2024

Mask = int  # a bit for each minute of a day
Day = tuple[int, int, int | None]  # month, day, year: None stands for every year without one of its own


class NotUnderstood(ValueError):
    """A time condition is not of a form that is known."""


@dataclass(frozen=True)
class Rule:
    """Some minutes of some days: all that is set must be so. `minutes` has those in which it is."""

    minutes: Mask = FULL_DAY
    weekdays: frozenset[int] = _EVERY_DAY  # Monday is 0
    days: frozenset[int] | None = None  # of the month
    months: frozenset[int] | None = None
    years: frozenset[int] | None = None

    def on(self, weekday: int, day: Day) -> Mask:
        """The minutes of such a day."""
        month, day_of_month, year = day
        fits = (
            weekday in self.weekdays
            and (self.days is None or day_of_month in self.days)
            and (self.months is None or month in self.months)
            and (self.years is None or year in self.years)
        )
        return self.minutes if fits else 0


@dataclass(frozen=True)
class Hours:
    """Opening hours as the YAML has them: spans, and days that differ, of one year or of every year."""

    spans: tuple[str, ...]
    closed: tuple[str, ...]  # 2026-12-31, 12-31, 12-31..01-08
    others: tuple[tuple[str, tuple[str, ...]], ...]  # such days, and the spans of the clock on them
    unsaid: tuple[str, ...]  # days of every year on which it depends on the weekday how they differ

    @property
    def never_opens(self) -> bool:
        return not self.spans


def hours(is_open: Callable[[int, Day], Mask], years: Iterable[int] = ()) -> Hours:
    """The hours of what is open in these minutes of each day. `years` are those of which anything is said."""
    ordinary = [(each.month, each.day, None) for each in _days_of(_LEAP_YEAR)]
    usual = [Counter(is_open(weekday, day) for day in ordinary).most_common(1)[0][0] for weekday in range(7)]
    special: dict[date, Mask] = {}
    unsaid: list[date] = []
    for each, day in zip(_days_of(_LEAP_YEAR), ordinary, strict=True):
        found = [is_open(weekday, day) for weekday in range(7)]
        if found != usual:
            if len(set(found)) == 1:
                special[each] = found[0]
            else:
                unsaid.append(each)
    closed = [*_ranges([day for day, mask in special.items() if not mask], "%m-%d")]
    others = [
        (days, clock_spans(mask))
        for mask in dict.fromkeys(filter(None, special.values()))
        for days in _ranges([day for day, theirs in special.items() if theirs == mask], "%m-%d")
    ]
    for year in sorted(set(years)):
        ours = {each: is_open(each.weekday(), (each.month, each.day, year)) for each in _days_of(year)}
        differ = {
            each: mask
            for each, mask in ours.items()
            if mask != is_open(each.weekday(), (each.month, each.day, None))
        }
        closed += _ranges([day for day, mask in differ.items() if not mask], "%Y-%m-%d")
        others += [(day.isoformat(), clock_spans(mask)) for day, mask in differ.items() if mask]
    return Hours(_spans(usual), tuple(closed), tuple(others), tuple(_ranges(unsaid, "%m-%d")))


@cache
def _days_of(year: int) -> tuple[date, ...]:
    first = date(year, 1, 1)
    return tuple(first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))


def days_of_a_year() -> Iterator[Day]:
    """Every day that no year is said of."""
    return ((each.month, each.day, None) for each in _days_of(_LEAP_YEAR))


def _ranges(days: Sequence[date], form: str) -> list[str]:
    """Days that follow each other as a range with two dots."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return [run[0].strftime(form) + (f"..{run[-1].strftime(form)}" if len(run) > 1 else "") for run in runs]


def clock_spans(mask: Mask) -> tuple[str, ...]:
    """Minutes of a day as spans: 9:00-18:00."""
    bits = f"{mask:0{MINUTES}b}"[::-1] + "0"
    found = []
    begin = bits.find("1")
    while begin >= 0:
        end = bits.index("0", begin)
        found.append(f"{begin // 60}:{begin % 60:02}-{end // 60}:{end % 60:02}")
        begin = bits.find("1", end)
    return tuple(found)


def _spans(week: Sequence[Mask]) -> tuple[str, ...]:
    """ "mon-fri 9:00-18:00": weekdays that have the same hours together."""
    said: list[str] = []
    for mask in dict.fromkeys(week):
        days = [day for day in range(7) if week[day] == mask]
        said += [f"{_names(days)} {span}" for span in clock_spans(mask)]
    return tuple(said)


def _names(days: Sequence[int]) -> str:
    runs: list[list[int]] = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}-{DAYS[run[-1]]}" for run in runs)


def minutes(begin: int, end: int) -> Mask:
    """A bit for each minute from `begin` to before `end`, perhaps over midnight."""
    if begin < end:
        return ((1 << end) - 1) & ~((1 << begin) - 1)
    return minutes(begin, MINUTES) | (minutes(0, end) if end else 0) if begin < MINUTES else minutes(0, end)


def read_gotoiftime(text: str) -> Rule:
    """What GotoIfTime of Asterisk takes, and FreePBX keeps: 9:00-17:59|mon-fri|*|*. Raises NotUnderstood."""
    parts = [part.strip().lower() for part in text.replace("|", ",").split(",")]
    clock, weekdays, days, months = [*parts, "*", "*", "*", "*"][:4]
    return Rule(
        minutes=_union(clock, _clock) if clock not in ("*", "") else Rule.minutes,
        weekdays=_each(weekdays, ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 0) or _EVERY_DAY,
        days=_each(days, tuple(map(str, range(1, 32))), 1),
        months=_each(months, MONTHS, 1),
    )


def _union(text: str, read: Callable[[str], Mask]) -> Mask:
    mask = 0
    for part in text.split("&"):
        mask |= read(part.strip())
    return mask


def _clock(text: str) -> Mask:
    first, dash, last = text.partition("-")
    begin = _minute(first)
    end = _minute(last) if dash else begin
    # The last minute counts there. People write 17:59, and 18:00 too when they mean six o'clock sharp.
    return minutes(begin, end + 1 if end % 5 == 4 or begin == end else end)


def _minute(text: str) -> int:
    hour, colon, minute = text.strip().partition(":")
    if not (colon and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise NotUnderstood(text)
    return int(hour) * 60 + int(minute)


def _each(text: str, names: Sequence[str], first: int) -> frozenset[int] | None:
    """ "mon-fri" or "sat&sun", by the place of each name; None for all."""
    if text in ("*", ""):
        return None
    found: set[int] = set()
    for part in text.split("&"):
        begin, dash, end = (piece.strip() for piece in part.partition("-"))
        low = _place(begin, names)
        high = _place(end, names) if dash else low
        found.update((low + n) % len(names) + first for n in range((high - low) % len(names) + 1))
    return frozenset(found)


def _place(name: str, names: Sequence[str]) -> int:
    short = name if name.isdecimal() else name[:3]
    bare = str(int(short)) if short.isdecimal() else short
    if bare not in names:
        raise NotUnderstood(name)
    return names.index(bare)
