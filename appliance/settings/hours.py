"""What the operator wants of opening hours, as immutable data: a part of the Settings. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appliance.settings import Prompt

Times = tuple[tuple[time, time], ...]  # from, up to but without; 24:00 is written as time.max
YearDay = tuple[int, int]  # month and day, of every year


@dataclass(frozen=True)
class Span:
    """Open from `begin` to `end` (24:00 is written as time.max) on these weekdays, Monday is 0."""

    weekdays: frozenset[int]
    begin: time
    end: time


@dataclass(frozen=True)
class Closure:
    """An event of a calendar file: closed from `begin` up to but without `end`, UTC epoch seconds."""

    begin: float
    end: float
    name: str


@dataclass(frozen=True)
class Hours:
    """A schedule. An exception is stronger than a holiday, and a certain day stronger than one of every year."""

    id: str
    time_zone: str
    spans: tuple[Span, ...]
    holidays: frozenset[date] = frozenset()  # closed all day
    yearly: frozenset[YearDay] = frozenset()  # likewise
    closures: tuple[Closure, ...] = ()
    exceptions: Mapping[date, Times] = field(default_factory=dict)  # instead of the spans; without times: closed
    yearly_exceptions: Mapping[YearDay, Times] = field(default_factory=dict)
    name: "Prompt | None" = None  # what it is called on the telephone, where there are several
