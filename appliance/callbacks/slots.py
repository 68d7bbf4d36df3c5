"""Times at which customers may be called back: which slots there are, and which have room left. Pure.

A day is cut into slots of one length, from midnight on, by the clock on the wall of the queue. Slots that the
clock skips when it is put forward are not there; where it is put back, a time that comes twice is said once and
means the first, and that slot lasts until the next one that has a name of its own. So every moment is in exactly
one slot.
"""

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from appliance.hours.schedule import Override, stays_open
from appliance.line.ladder import CallingHours
from appliance.line.promises import First, Kind, Promise
from appliance.settings import Queue, Settings

FARTHEST = 60  # days that are looked through for some on which the queue is open
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Slot:
    """UTC epoch seconds; `room`: for so many more."""

    begin: float
    end: float
    room: int

    def __contains__(self, at: float) -> bool:
        return self.begin <= at < self.end


class Diary:
    """The slots of one queue for one customer, as things stand now.

    `taken` are the times at which others of this queue are called, whether for the first time or again. `override`
    is what holds by hand instead of the queue's opening hours: who closes by hand closes slots too, but nobody is
    called when the timetable itself is closed.
    """

    def __init__(
        self,
        settings: Settings,
        queue: Queue,
        number: str,
        taken: Iterable[float],
        now: float,
        override: Override | None = None,
    ) -> None:
        self._slots = queue.callback.slots if queue.callback else None
        self._queue, self._now, self._override = queue, now, override
        self._hours = settings.hours.get(queue.hours) if queue.hours else None
        self._calling = CallingHours(settings)
        self._customer = Promise(number, Kind.CHOSEN, First.CUSTOMER, now, math.inf)
        self.zone = ZoneInfo(self._hours.time_zone if self._hours else settings.time_zone)
        self._taken = Counter(self._begin_of(at) for at in taken if at >= now) if self._slots else Counter()

    def slot(self, at: float) -> Slot | None:
        """The slot in which that moment is, if customers may choose it now."""
        return next((slot for slot in self._open() if at in slot), None) if at >= self._now else None

    def has_room(self, at: float) -> bool:
        """Whether one more customer may be called then."""
        slot = self.slot(at)
        return slot is not None and slot.room > 0

    def free(self, earliest: float = 0.0) -> Iterator[Slot]:
        """Those with room, from that moment on, the next first; not so soon that nobody could count on it."""
        if self._slots is None:
            return
        earliest = max(earliest, self._now + self._slots.ahead)
        yield from (slot for slot in self._open() if slot.begin >= earliest and slot.room > 0)

    def days(self) -> Iterator[Slot]:
        """The first free slot of each day that has one."""
        last: date | None = None
        for slot in self.free():
            day = self.local(slot.begin).date()
            if day != last:
                yield slot
            last = day

    def on(self, day: date) -> Iterator[Slot]:
        """The slots of a day that customers may choose, full ones too."""
        for slot in self._open():
            local = self.local(slot.begin).date()
            if local > day:
                return
            if local == day:
                yield slot

    def local(self, at: float) -> datetime:
        """By the clock of the queue."""
        return datetime.fromtimestamp(at, self.zone)

    def _open(self) -> Iterator[Slot]:
        """Every slot from the present one on at which the queue and the customer can talk, full ones too."""
        if self._slots is None:
            return
        first, days = self.local(self._now).date(), 0
        for number in range(FARTHEST):
            found = False
            for begin, end in self._of(first + number * _DAY):
                if end <= self._now or not self._is_open(begin, end):
                    continue
                found = found or begin >= self._now
                yield Slot(begin, end, max(0, self._slots.capacity - self._taken[begin]))
            days += found
            if days >= self._slots.days:
                return

    def _is_open(self, begin: float, end: float) -> bool:
        hours = self._hours
        if hours is not None and not stays_open(hours, begin, end):
            return False
        if hours is not None and self._override is not None and not stays_open(hours, begin, end, self._override):
            return False
        return self._calling.open_from(self._queue, self._customer, begin) == begin

    def _begin_of(self, at: float) -> float:
        day = self.local(at).date()
        begins = [begin for around in (day - _DAY, day) for begin, _ in self._of(around)]
        return begins[bisect_right(begins, at) - 1]

    def _of(self, day: date) -> tuple[tuple[float, float], ...]:
        assert self._slots is not None
        return _slots_of(day, self._slots.length, self.zone)


@lru_cache(maxsize=256)
def _slots_of(day: date, length: float, zone: ZoneInfo) -> tuple[tuple[float, float], ...]:
    """Of one day, whichever are open: begins and ends."""
    begins = [*_begins(day, length, zone), *_begins(day + _DAY, length, zone)[:1]]
    return tuple(pairwise(begins))


@lru_cache(maxsize=512)
def _begins(day: date, length: float, zone: ZoneInfo) -> tuple[float, ...]:
    midnight = datetime.combine(day, time())
    found: list[float] = []
    for number in range(math.ceil(_DAY.total_seconds() / length)):
        wall = midnight + timedelta(seconds=number * length)
        moment = wall.replace(tzinfo=zone).timestamp()
        if datetime.fromtimestamp(moment, zone).replace(tzinfo=None) == wall and not (
            found and moment <= found[-1]
        ):
            found.append(moment)
    return tuple(found)
