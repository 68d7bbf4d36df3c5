"""Times that customers may choose: the slots of a day, opening hours, holidays, clocks that are put, and room."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from appliance.callbacks.slots import Diary, Slot, _slots_of
from appliance.configuration.hours_words import read_spans
from appliance.hours.schedule import Override, opening
from appliance.settings import Callback, Hours, Queue, Settings, Strategy
from appliance.settings.callback import Slots

MOSCOW, BERLIN = "Europe/Moscow", "Europe/Berlin"
NUMBER = "+74951234567"
ZONES = [
    BERLIN,
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/Havana",
    "Asia/Beirut",
    MOSCOW,
]
LENGTHS = [300.0, 900.0, 1800.0, 2700.0, 3600.0, 5400.0, 7200.0, 25200.0]


def hours(*spans: str, zone: str = MOSCOW, **more: Any) -> Hours:
    return Hours("office", zone, tuple(s for text in spans for s in read_spans(text)), **more)


OFFICE = hours("mon-fri 9:00-18:00")


def at(text: str, zone: str = MOSCOW) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


FRIDAY = at("2026-11-20T15:10")


def diary(
    schedule: Hours | None = OFFICE,
    *taken: float,
    now: float = FRIDAY,
    number: str = NUMBER,
    override: Override | None = None,
    callback: Callback | None = None,
    **slots: Any,
) -> Diary:
    callback = callback or Callback(slots=Slots(**slots))
    queue = Queue("sales", "Sales", Strategy.RING_ALL, (), hours="office" if schedule else None, callback=callback)
    site = Settings(Path("/"), "Tea", "RU", MOSCOW, "ru", hours={"office": schedule} if schedule else {})
    return Diary(site, queue, number, taken, now, override)


def said(slots: Any, zone: str = MOSCOW) -> list[str]:
    return [f"{datetime.fromtimestamp(slot.begin, ZoneInfo(zone)):%a %H:%M}" for slot in slots]


def test_the_next_free_ones() -> None:
    assert said(islice(diary().free(), 7)) == [
        *("Fri 15:30", "Fri 16:00", "Fri 16:30", "Fri 17:00", "Fri 17:30", "Mon 09:00", "Mon 09:30")
    ]


def test_not_so_soon_that_nobody_could_count_on_it() -> None:
    assert said(islice(diary(ahead=3600.0).free(), 1)) == ["Fri 16:30"]


def test_as_many_days_as_there_may_be() -> None:
    assert said(diary(days=3).days()) == ["Fri 15:30", "Mon 09:00", "Tue 09:00"]
    assert {text[:3] for text in said(diary(days=3).free())} == {"Fri", "Mon", "Tue"}
    assert not [*diary(hours("mon 9:00-9:10"), length=3600.0).free()]  # no slot fits


def test_a_slot_is_open_to_its_end() -> None:
    lunch = hours("mon-fri 9:00-12:15", "mon-fri 13:00-17:45")
    begins = said(diary(lunch, now=at("2026-11-23T11:00"), days=1, ahead=0.0).free())
    assert begins[:4] == ["Mon 11:00", "Mon 11:30", "Mon 13:00", "Mon 13:30"] and begins[-1] == "Mon 17:00"


def test_a_full_slot_is_not_offered() -> None:
    half_past = at("2026-11-20T15:30")
    two = diary(OFFICE, half_past, half_past + 100, capacity=2)
    assert said(islice(two.free(), 1)) == ["Fri 16:00"] and not two.has_room(half_past + 1799)
    assert two.has_room(half_past + 1800)
    three = diary(OFFICE, half_past, half_past + 100, half_past + 1800)
    assert next(three.free()) == Slot(half_past, half_past + 1800, 1)


def test_who_should_have_been_called_by_now_takes_no_room() -> None:
    before = at("2026-11-20T15:05")
    assert diary(OFFICE, before, before, before).has_room(FRIDAY)


def test_what_may_be_chosen_without_having_been_offered() -> None:
    here = diary(days=2)
    assert here.has_room(FRIDAY) and here.has_room(at("2026-11-23T09:07"))
    for never in ("2026-11-20T15:09", "2026-11-20T18:00", "2026-11-21T12:00", "2026-11-24T09:00"):
        assert not here.has_room(at(never)), never


def test_holidays_and_exceptions() -> None:
    new_year = hours(
        "mon-fri 9:00-18:00",
        holidays=frozenset({date(2026, 12, 31)}),
        yearly=frozenset({(1, 1)}),
        exceptions={date(2026, 12, 30): ((time(10), time(11)),), date(2027, 1, 2): ((time(12), time(13)),)},
    )
    assert said(diary(new_year, now=at("2026-12-30T06:00"), days=3).free())[:5] == [
        *("Wed 10:00", "Wed 10:30", "Sat 12:00", "Sat 12:30", "Mon 09:00")
    ]


def test_closed_by_hand() -> None:
    closed = Override("office", False, FRIDAY, at("2026-11-23T12:00"), "Anna")
    assert said(islice(diary(override=closed).free(), 1)) == ["Mon 12:00"]


def test_opened_by_hand_nobody_is_promised_a_call_that_the_timetable_forbids() -> None:
    opened = Override("office", True, FRIDAY, at("2026-11-20T22:00"), "Anna")
    assert "Fri 18:00" not in said(diary(override=opened).free())


def test_the_hours_of_the_customer() -> None:
    """Whoever lives in Vladivostok sleeps while Moscow works."""
    rules = Callback(slots=Slots(), from_time=time(9), to_time=time(20))
    far = diary(now=at("2026-11-23T06:00"), number="+74232123456", callback=rules)
    assert said(islice(far.free(), 1)) == ["Mon 09:00"] and max(said(far.on(date(2026, 11, 23)))) == "Mon 12:30"


def test_always_open() -> None:
    assert said(islice(diary(None, now=at("2026-11-20T23:40"), length=900.0, ahead=0.0).free(), 2)) == [
        "Fri 23:45",
        "Sat 00:00",
    ]


def test_without_slots_there_is_nothing_to_choose() -> None:
    none = diary(callback=Callback())
    assert not [*none.free()] and not none.has_room(FRIDAY)


def test_the_clock_is_put_forward() -> None:
    """In Berlin there is no 2:00 to 3:00 on 2026-03-29."""
    night = hours("mon-sun 0:00-24:00", zone=BERLIN)
    here = diary(night, now=at("2026-03-29T00:40", BERLIN), days=1, ahead=0.0)
    assert said(here.free(), BERLIN)[:4] == ["Sun 01:00", "Sun 01:30", "Sun 03:00", "Sun 03:30"]


def test_the_clock_is_put_back() -> None:
    """In Berlin 2:00 to 3:00 comes twice on 2026-10-25; half past two is when it comes first."""
    night = hours("mon-sun 0:00-24:00", zone=BERLIN)
    here = diary(night, now=at("2026-10-25T01:10", BERLIN), days=1, ahead=0.0)
    assert said(here.free(), BERLIN)[:4] == ["Sun 01:30", "Sun 02:00", "Sun 02:30", "Sun 03:00"]
    half_past_two = datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()
    slot = here.slot(half_past_two + 3600)
    assert slot is not None and (slot.begin, slot.end) == (half_past_two, half_past_two + 5400)


days = st.dates(date(2015, 1, 1), date(2040, 1, 1))


@given(days, st.sampled_from(ZONES), st.sampled_from(LENGTHS))
def test_every_moment_is_in_exactly_one_slot(day: date, zone: str, length: float) -> None:
    around = [day + timedelta(n) for n in (-1, 0, 1)]
    slots = [slot for each in around for slot in _slots_of(each, length, ZoneInfo(zone))]
    assert all(begin < end for begin, end in slots)
    assert all(end == begin for (_, end), (begin, _) in pairwise(slots))
    for begin, _ in slots:  # and each has a time of its own to be called by
        local = datetime.fromtimestamp(begin, ZoneInfo(zone))
        assert (local.hour * 3600 + local.minute * 60 + local.second) % length == 0 and local.fold == 0


spans = st.sampled_from(
    ["mon-fri 9:00-18:00", "sun 1:30-3:30", "mon-sun 0:00-24:00", "sat 22:00-6:00", "tue 8:10-8:50"]
)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(spans, min_size=1, max_size=2),
    st.sampled_from(ZONES),
    st.sampled_from(LENGTHS),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
    st.lists(st.floats(0, 3 * 86400), max_size=12),
    st.integers(1, 3),
    st.one_of(st.none(), st.floats(60, 2 * 86400)),
)
def test_what_is_offered_can_be_had(
    open_on: list[str],
    zone: str,
    length: float,
    moment: datetime,
    taken: list[float],
    capacity: int,
    closed_for: float | None,
) -> None:
    now = moment.timestamp()
    schedule = hours(*open_on, zone=zone)
    override = None if closed_for is None else Override("office", False, now, now + closed_for, "Anna")
    others = [now + each for each in taken]
    here = diary(schedule, *others, now=now, override=override, length=length, capacity=capacity, days=2)
    offered = [*here.free()]
    assert offered == sorted(offered) and len({slot.begin for slot in offered}) == len(offered)
    assert len({here.local(slot.begin).date() for slot in offered}) <= 2
    for slot in offered[:20]:
        assert slot.begin >= now + 900.0 and here.has_room(slot.begin)
        assert slot.room == capacity - sum(other in slot for other in others) > 0
        step = max(1.0, (slot.end - slot.begin) / 7)
        inside = [slot.begin + n * step for n in range(7)]
        assert all(opening(schedule, each, override).is_open for each in inside if each < slot.end)
    assume(offered)
    filled = [*others, *[offered[0].begin] * offered[0].room]
    full = diary(schedule, *filled, now=now, override=override, length=length, capacity=capacity, days=2)
    assert not full.has_room(offered[0].begin) and offered[0].begin not in {slot.begin for slot in full.free()}


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_is_not_cut_anew_by_summer_time(zone: str) -> None:
    """The slots of two days have the same times, but for those that a clock skips."""
    usual = {
        datetime.fromtimestamp(b, ZoneInfo(zone)).time()
        for b, _ in _slots_of(date(2026, 7, 1), 1800.0, ZoneInfo(zone))
    }
    for day in (date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 4, 5)):
        times = {
            datetime.fromtimestamp(b, ZoneInfo(zone)).time() for b, _ in _slots_of(day, 1800.0, ZoneInfo(zone))
        }
        assert times <= usual and len(usual) - len(times) <= 2
