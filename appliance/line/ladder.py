"""What follows a call-back's attempt that has failed: when the next one is, or that it is over, and why. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import time
from functools import lru_cache
from math import inf
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from appliance.hours.schedule import next_change, next_opening, opening
from appliance.line.promises import AttemptEnd, CallbackEnd, Home, Kind, Promise
from appliance.settings import Callback, Hours, Queue, Settings, Span
from appliance.settings.callback import DELAYS

SHORTEST = 1.0  # seconds between attempts that never reach the network, whatever the rules say
LONGEST = 900.0  # to which that grows by doubling
MISSES = 5  # by agents; as many follow one another as the rules say, then they are spread like the former

_EVERY_DAY = frozenset(range(7))
_MIDNIGHT = time(0, 0)
_WEEK = 7 * 86400.0
_FARTHEST = 400 * 86400.0  # nobody is promised to be called later than that


def next_attempt(
    rules: Callback, home: Home, end: AttemptEnd, now: float, open_from: Callable[[float], float | None]
) -> float | CallbackEnd:
    """Not before when the customer is tried again after an attempt with that end, or why it is over.

    `home` has that attempt counted already. `open_from` says from when the customer may be called at the earliest,
    from some moment on; None: not any more.
    """
    if end is AttemptEnd.SERVED:
        return CallbackEnd.SERVED
    if end is AttemptEnd.CANCELLED:
        return CallbackEnd.CANCELLED
    if home.tries >= _tries(rules, home.promise):
        return CallbackEnd.UNREACHED
    at = open_from(now + _delay(rules, home, end))
    return CallbackEnd.EXPIRED if at is None or at >= home.promise.expires else at


def _tries(rules: Callback, promise: Promise) -> int:
    """How often the customer is tried: who has not asked for it, as the rule says by which they are called."""
    return rules.redial.tries if promise.kind is Kind.ABANDONED and rules.redial else rules.tries


def _delay(rules: Callback, home: Home, end: AttemptEnd) -> float:
    """Seconds until the next attempt. What costs no try might go on for ever, so it goes on ever slower."""
    delay = rules.delays.get(end, DELAYS[end])
    in_vain = home.attempts - home.tries
    if end is AttemptEnd.AGENT_MISSED:
        in_vain -= MISSES
    elif end is not AttemptEnd.FAILED:
        return delay
    if in_vain <= 0:
        return delay
    return max(delay, min(LONGEST, max(delay, SHORTEST) * 2.0 ** min(in_vain - 1, 20)))


@dataclass(frozen=True)
class _Stretch:
    """From `asked` on customers may be called first at `opens`, and then until `closes`."""

    asked: float
    opens: float
    closes: float


class CallingHours:
    """When customers may be called: while the queue is open, and at times of the day that suit where they live."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[
            tuple[str, tuple[str, ...]], _Stretch
        ] = {}  # by queue and time zones: few for many customers

    def open_from(self, queue: Queue, promise: Promise, at: float) -> float | None:
        """The first moment from `at` on at which that customer may be called for that queue; None: not before the
        promise expires. What has been opened or closed by hand does not count: that is known of today alone."""
        opens = self._stretch(queue, promise.number, at).opens
        return opens if opens < promise.expires else None

    def open_until(self, queue: Queue, promise: Promise, at: float) -> float:
        """How long that customer may be called who may be at that moment, or from the next one on."""
        return self._stretch(queue, promise.number, at).closes

    def _stretch(self, queue: Queue, number: str, at: float) -> _Stretch:
        schedule = self._settings.hours.get(queue.hours) if queue.hours else None
        zones = self._zones(queue.callback, number, schedule)
        known = self._known.get((queue.id, zones))
        if known is None or not known.asked <= at < known.closes:
            known = self._known[queue.id, zones] = self._next_stretch(queue.callback, schedule, zones, at)
        return known if at <= known.opens else replace(known, opens=at)

    def _next_stretch(
        self, rules: Callback | None, schedule: Hours | None, zones: tuple[str, ...], at: float
    ) -> _Stretch:
        own = (schedule,) if schedule else ()
        theirs = tuple(_daily(zone, rules.from_time, rules.to_time) for zone in zones) if rules else ()
        if len(theirs) > 1 and _all_open(at, at + _WEEK, (*own, *theirs)) is None:
            theirs = theirs[:1]  # there is no time of the day that is good wherever they may be
        opens = _all_open(at, at + _FARTHEST, (*own, *theirs))
        if opens is None:
            return _Stretch(at, inf, inf)
        changes = (next_change(each, opens) for each in (*own, *theirs))
        return _Stretch(at, opens, min((change for change in changes if change is not None), default=inf))

    def _zones(self, rules: Callback | None, number: str, schedule: Hours | None) -> tuple[str, ...]:
        """In all of which it has to be a good time of the day."""
        if rules is None or (rules.from_time is None and rules.to_time is None):
            return ()
        site = self._settings.time_zone
        ours = (schedule.time_zone if schedule else site, site)
        zones = time_zones_of(number) or ours[:1]
        near = tuple(zone for zone in ours if zone in zones)
        return near[:1] or zones


@lru_cache(maxsize=10_000)
def time_zones_of(number: str) -> tuple[str, ...]:
    """Where that number may be, by the numbering plans: mobiles have all zones of a country. () if not known."""
    try:
        zones = time_zones_for_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return ()
    return tuple(zone for zone in zones if _is_known(zone))


def _is_known(zone: str) -> bool:
    """Whether there is a clock for it: of no zone at all "Etc/Unknown" is said."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


@lru_cache(maxsize=1_000)
def _daily(zone: str, begin: time | None, end: time | None) -> Hours:
    """The same times of each day, there."""
    spans = tuple(Span(_EVERY_DAY, *times) for times in _times(begin or _MIDNIGHT, end or _MIDNIGHT))
    return Hours(zone, zone, spans)


def _times(begin: time, end: time) -> Iterator[tuple[time, time]]:
    """As schedules have them; what goes over midnight is two."""
    if begin < end:
        yield begin, end
        return
    yield begin, time.max
    if end > _MIDNIGHT:
        yield _MIDNIGHT, end


def _all_open(at: float, until: float, schedules: Sequence[Hours]) -> float | None:
    """The first moment from `at` on, and before `until`, at which all of them are open."""
    while at < until:
        closed = next((each for each in schedules if not opening(each, at).is_open), None)
        if closed is None:
            return at
        opens = next_opening(closed, at)
        if opens is None:
            return None
        at = opens
    return None
