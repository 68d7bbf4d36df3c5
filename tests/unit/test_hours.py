"""Opening hours: spans, holidays, midnight, and clocks that are put forward and back."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.configuration.hours_words import describe, read_spans
from appliance.hours.schedule import Cause, Override, next_change, next_opening, opening
from appliance.settings import Closure, Hours

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
    assert (opening(OFFICE, at(when)).is_open, opening(OFFICE, at(when)).reason) == (is_open, reason)


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


# Exceptions and days of every year

YEAR_END = replace(
    OFFICE,
    yearly=frozenset({(1, 1), (5, 9)}),
    exceptions={date(2026, 12, 31): ((time(9), time(14)),), date(2027, 1, 4): ()},
    yearly_exceptions={(12, 31): (), (12, 30): ((time(9), time(12)), (time(13), time.max))},
)


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-12-31T13:59", "open, 09:00-14:00, the exception of 2026-12-31"),  # though it is a holiday too
        ("2026-12-31T14:00", "closed, outside 09:00-14:00, the exception of 2026-12-31"),
        ("2027-12-31T13:00", "closed, exception 2027-12-31, all day"),
        ("2027-01-04T12:00", "closed, exception 2027-01-04, all day"),
        ("2029-12-30T12:30", "closed, outside 09:00-12:00, 13:00-24:00, the exception of 2029-12-30"),
        ("2029-12-30T23:59:59.5", "open, 09:00-12:00, 13:00-24:00, the exception of 2029-12-30"),
        ("2031-05-09T12:00", "closed, holiday 2031-05-09"),
        ("2027-01-05T12:00", "open, Tuesday 09:00-18:00 Europe/Moscow"),
    ],
)
def test_exceptions_are_stronger_than_holidays(when: str, said: str) -> None:
    assert str(opening(YEAR_END, at(when))) == said


def test_what_is_closed_as_a_whole_is_a_holiday() -> None:
    causes = {
        "2027-01-04T12:00": Cause.HOLIDAY,
        "2031-05-09T12:00": Cause.HOLIDAY,
        "2026-12-31T20:00": Cause.EXCEPTION,
        "2027-01-05T20:00": Cause.HOURS,
    }
    assert {when: opening(YEAR_END, at(when)).cause for when in causes} == causes


def test_an_event_of_a_calendar() -> None:
    event = Closure(at("2026-11-24T12:00"), at("2026-11-24T15:00"), "Fire drill")
    office = replace(OFFICE, closures=(event,))
    assert str(opening(office, at("2026-11-24T12:00"))) == "closed, holiday 2026-11-24 (Fire drill)"
    assert opening(office, at("2026-11-24T11:59")).is_open and opening(office, at("2026-11-24T15:00")).is_open


# By hand

CLOSED = Override("office", False, at("2026-11-23T16:00"), at("2026-11-23T17:00"), "Anna", "water")


def test_by_hand_until_its_time_is_over() -> None:
    assert str(opening(OFFICE, at("2026-11-23T16:59"), CLOSED)) == "closed by Anna until 17:00 (water)"
    assert str(opening(OFFICE, at("2026-11-23T17:00"), CLOSED)) == "open, Monday 09:00-18:00 Europe/Moscow"
    longer = replace(CLOSED, is_open=True, until=at("2026-11-24T09:00"), comment="")
    assert str(opening(OFFICE, at("2026-11-23T22:00"), longer)) == "open by Anna until 2026-11-24 09:00"


# When it changes


@pytest.mark.parametrize(
    ("when", "change", "opens"),
    [
        ("2026-11-23T12:00", "2026-11-23T18:00", "2026-11-24T09:00"),
        ("2026-11-27T18:00", "2026-11-28T10:00", "2026-11-28T10:00"),
        ("2026-11-28T14:00", "2026-11-30T09:00", "2026-11-30T09:00"),
        ("2026-12-30T18:00", "2027-01-01T09:00", "2027-01-01T09:00"),  # over a holiday
    ],
)
def test_the_next_change(when: str, change: str, opens: str) -> None:
    assert (next_change(OFFICE, at(when)), next_opening(OFFICE, at(when))) == (at(change), at(opens))


def test_the_next_change_when_set_by_hand() -> None:
    assert next_change(OFFICE, CLOSED.at, CLOSED) == next_opening(OFFICE, CLOSED.at, CLOSED) == CLOSED.until
    until_night = replace(CLOSED, until=at("2026-11-23T22:00"))
    assert next_change(OFFICE, CLOSED.at, until_night) == at("2026-11-24T09:00")  # closed anyway in between


def test_what_never_changes() -> None:
    assert next_change(hours("mon-sun 0:00-24:00"), at("2026-11-23T12:00")) is None
    assert next_opening(hours(), at("2026-11-23T12:00")) is None


@pytest.mark.parametrize(
    ("zone", "span", "from_", "changes"),
    [
        # Berlin: from 02:00 to 03:00 in March the clock is put forward, in October back.
        ("Europe/Berlin", "sun 2:15-2:45", "2026-03-28T12:00", None),
        ("Europe/Berlin", "sun 2:15-3:15", "2026-03-28T12:00", ("2026-03-29T01:00Z", "2026-03-29T01:15Z")),
        ("Europe/Berlin", "sun 1:00-2:30", "2026-03-28T12:00", ("2026-03-29T00:00Z", "2026-03-29T01:00Z")),
        ("Europe/Berlin", "sun 2:15-2:45", "2026-10-24T12:00", ("2026-10-25T00:15Z", "2026-10-25T00:45Z")),
        ("Europe/Berlin", "sun 0:00-2:30", "2026-10-24T12:00", ("2026-10-24T22:00Z", "2026-10-25T00:30Z")),
        ("America/New_York", "sun 1:30-3:00", "2026-11-01T00:30", ("2026-11-01T05:30Z", "2026-11-01T06:00Z")),
        ("America/New_York", "sun 1:30-3:30", "2026-03-08T00:30", ("2026-03-08T06:30Z", "2026-03-08T07:30Z")),
        # India and Russia leave the clock alone, half an hour beside the others and whole hours.
        ("Asia/Kolkata", "sun 9:00-18:00", "2026-03-29T00:00", ("2026-03-29T03:30Z", "2026-03-29T12:30Z")),
        ("Europe/Moscow", "sun 2:15-2:45", "2026-03-28T12:00", ("2026-03-28T23:15Z", "2026-03-28T23:45Z")),
        ("Europe/Moscow", "sun 2:15-2:45", "2026-10-24T12:00", ("2026-10-24T23:15Z", "2026-10-24T23:45Z")),
    ],
)
def test_the_hour_that_is_missing_and_the_one_that_comes_twice(
    zone: str, span: str, from_: str, changes: tuple[str, str] | None
) -> None:
    schedule, moment = hours(span, zone=zone), at(from_, zone)
    opens = next_opening(schedule, moment)
    assert opens is not None
    if changes is None:
        assert opens > moment + 7 * 86400  # that Sunday it does not open at all
        return
    closes = next_change(schedule, opens)
    assert [opens, closes] == [datetime.fromisoformat(each).timestamp() for each in changes]


quarters = st.integers(0, 95).map(lambda n: f"{n // 4}:{n % 4 * 15:02}")
week_spans = st.builds(
    lambda day, begin, end: f"{day} {begin}-{end}",
    st.sampled_from(["sat", "sun", "mon", "mon-sun", "fri-sun"]),
    quarters,
    quarters,
).filter(lambda text: text.split()[1].split("-")[0] != text.split("-")[-1])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(week_spans, min_size=1, max_size=2),
    st.sampled_from(
        [("Europe/Berlin", "2026-03-28"), ("Europe/Berlin", "2026-10-24"), ("America/New_York", "2026-03-07"),
         ("America/New_York", "2026-10-31"), ("Australia/Lord_Howe", "2026-04-04"), ("Asia/Kolkata", "2026-03-28"),
         ("Asia/Beirut", "2026-03-28"), ("Asia/Beirut", "2026-10-24"), (MOSCOW, "2026-03-28")]
    ),
    st.integers(0, 36 * 4),
)  # fmt: skip
def test_the_next_change_is_the_first_one_that_a_watch_would_show(
    spans: list[str], where: tuple[str, str], quarter: int
) -> None:
    zone, day = where
    schedule = replace(hours(*spans, zone=zone), exceptions={date.fromisoformat(day): ((time(1), time(23, 30)),)})
    moment = at(f"{day}T00:00", zone) + quarter * 900
    was_open = opening(schedule, moment).is_open
    watched = (moment + n * 900 for n in range(1, 3 * 96))
    shown = next((each for each in watched if opening(schedule, each).is_open is not was_open), None)
    said = next_change(schedule, moment)
    assert shown == said or (shown is None and (said is None or said >= moment + 3 * 86400 - 900))
