"""Opening hours: spans, holidays, midnight, and clocks that are put forward and back."""

from contextlib import suppress
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.hours import Opening, describe, opening, read_spans
from appliance.settings import Hours

MOSCOW = "Europe/Moscow"


def hours(*spans: str, zone: str = MOSCOW, holidays: tuple[date, ...] = ()) -> Hours:
    return Hours("office", zone, tuple(s for text in spans for s in read_spans(text)), frozenset(holidays))


def at(text: str, zone: str = MOSCOW) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


OFFICE = hours("mon-fri 9:00-18:00", "sat 10:00-14:00", holidays=(date(2026, 12, 31),))


@pytest.mark.parametrize(
    ("when", "is_open", "reason"),
    [
        ("2026-11-23T09:00", True, "Monday 09:00-18:00 Europe/Moscow"),
        ("2026-11-23T08:59:59", False, "outside Mon-Fri 09:00-18:00, Sat 10:00-14:00"),
        ("2026-11-23T17:59:59", True, "Monday 09:00-18:00 Europe/Moscow"),
        ("2026-11-23T18:00", False, "outside Mon-Fri 09:00-18:00, Sat 10:00-14:00"),
        ("2026-11-28T12:00", True, "Saturday 10:00-14:00 Europe/Moscow"),
        ("2026-11-29T12:00", False, "outside Mon-Fri 09:00-18:00, Sat 10:00-14:00"),
        ("2026-12-31T12:00", False, "holiday 2026-12-31"),
    ],
)
def test_open_and_why(when: str, is_open: bool, reason: str) -> None:
    assert opening(OFFICE, at(when)) == Opening(is_open, reason)


def test_the_holiday_is_that_of_the_time_zone() -> None:
    vladivostok = hours("mon-sun 0:00-24:00", zone="Asia/Vladivostok", holidays=(date(2026, 12, 31),))
    assert not opening(vladivostok, datetime(2026, 12, 30, 14, 0, tzinfo=UTC).timestamp()).is_open
    assert opening(vladivostok, datetime(2026, 12, 31, 14, 0, tzinfo=UTC).timestamp()).is_open


def test_over_midnight_is_split() -> None:
    night = hours("fri 22:00-6:00")
    assert describe(night.spans) == "Fri 22:00-24:00, Sat 00:00-06:00"
    assert opening(night, at("2026-11-27T23:59:59.999999")).is_open
    assert opening(night, at("2026-11-28T00:00")).reason == "Saturday 00:00-06:00 Europe/Moscow"
    assert not opening(night, at("2026-11-28T06:00")).is_open
    assert not opening(night, at("2026-11-27T05:00")).is_open
    assert describe(read_spans("sun 22:00-6:00")) == "Sun 22:00-24:00, Mon 00:00-06:00"
    assert describe(read_spans("sat 22:00-0:00")) == "Sat 22:00-24:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mon-fri 9:00-18:00", "Mon-Fri 09:00-18:00"),
        ("MON, wed,FRI 08:30 - 12:00", "Mon,Wed,Fri 08:30-12:00"),
        ("fri-mon 9:00-10:00", "Mon,Fri-Sun 09:00-10:00"),
        ("mon-sun 0:00-24:00", "Mon-Sun 00:00-24:00"),
        ("sat 9:00-9:01", "Sat 09:00-09:01"),
    ],
)
def test_spans_are_read(text: str, said: str) -> None:
    assert describe(read_spans(text)) == said


@pytest.mark.parametrize(
    "text",
    ["", "mon", "9:00-18:00", "mon-fri 9-18", "mon-fri 9:00-25:00", "mon 9:60-10:00", "moon 9:00-10:00",
     "mon- 9:00-10:00", "mon 9:00-9:00", "mon 24:00-9:00", ",mon 9:00-10:00", "mon-tue-wed 9:00-10:00",
     "mon 24:01-25:00"],
)  # fmt: skip
def test_what_is_not_a_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_spans(text)


@given(st.text(max_size=40))
def test_any_text_is_a_span_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert read_spans(text)


def test_spring_forward() -> None:
    """In Berlin, 2026-03-29 02:00-03:00 does not exist."""
    berlin = hours("sun 1:30-3:30", zone="Europe/Berlin")
    night = datetime(2026, 3, 29, 0, 30, tzinfo=UTC).timestamp()  # 01:30
    opened = [minute for minute in range(180) if opening(berlin, night + 60 * minute).is_open]
    assert opened == list(range(60))  # an hour of the two is skipped


def test_autumn_back() -> None:
    """In Berlin, 2026-10-25 02:00-03:00 comes twice."""
    berlin = hours("sun 2:00-3:00", zone="Europe/Berlin")
    night = datetime(2026, 10, 25, 0, 0, tzinfo=UTC).timestamp()  # 02:00 summer time
    opened = [minute for minute in range(-30, 180) if opening(berlin, night + 60 * minute).is_open]
    assert opened == list(range(120))


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", MOSCOW]),
)
def test_the_clock_on_the_wall_decides(moment: datetime, zone: str) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    expected = local.weekday() < 5 and time(9) <= local.time() < time(18)
    assert opening(hours("mon-fri 9:00-18:00", zone=zone), moment.timestamp()).is_open is expected


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_day_and_night_has_no_gap(moment: datetime) -> None:
    assert opening(hours("mon-sun 0:00-24:00", zone="Europe/Berlin"), moment.timestamp()).is_open


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_all_but_one_minute(moment: datetime) -> None:
    around = hours("mon-sun 12:00-11:59", zone="Europe/Berlin")
    local = moment.astimezone(ZoneInfo("Europe/Berlin")).time()
    assert opening(around, moment.timestamp()).is_open is not (time(11, 59) <= local < time(12))
