"""Time conditions become opening hours that say the same."""

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.configuration.problems import Report
from appliance.configuration.reading import read
from appliance.hours.schedule import opening
from appliance.importing.clocks import (
    FULL_DAY,
    Hours,
    NotUnderstood,
    Rule,
    clock_spans,
    hours,
    minutes,
    read_gotoiftime,
)
from appliance.importing.draft import Draft
from appliance.importing.fusionpbx_ways import rule_of
from appliance.importing.routes import GONE, Clock, Folding, Go
from appliance.importing.writing import files_of

UTC = ZoneInfo("UTC")
QUEUE = Go({"queue": "sales"})


def hours_of(*texts: str) -> Hours:
    rules = [read_gotoiftime(text) for text in texts]

    def is_open(weekday: int, day: tuple[int, int, int | None]) -> int:
        mask = 0
        for rule in rules:
            mask |= rule.on(weekday, day)
        return mask

    return hours(is_open)


@pytest.mark.parametrize(
    "texts, spans",
    [
        (("09:00-17:59|mon-fri|*|*",), ("mon-fri 9:00-18:00",)),
        (("9:00-18:00,mon-fri,*,*", "10:00-14:00,sat,*,*"), ("mon-fri 9:00-18:00", "sat 10:00-14:00")),
        (("09:00-12:59|mon&wed|*|*", "14:00-17:59|mon&wed|*|*"), ("mon,wed 9:00-13:00", "mon,wed 14:00-18:00")),
        (("22:00-05:59|fri-mon|*|*",), ("mon,fri-sun 0:00-6:00", "mon,fri-sun 22:00-24:00")),
        (("*|*|*|*",), ("mon-sun 0:00-24:00",)),
        (("00:00-23:59|Mon-Sunday|*|*",), ("mon-sun 0:00-24:00",)),
    ],
)
def test_weekly_hours(texts: tuple[str, ...], spans: tuple[str, ...]) -> None:
    assert hours_of(*texts) == Hours(spans, (), (), ())


def test_days_of_the_year_become_holidays_and_exceptions() -> None:
    rule = read_gotoiftime("9:00-17:59,mon-fri")
    closed, short = read_gotoiftime("*,*,1-8,jan"), read_gotoiftime("9:00-12:59,*,31,dec")

    def is_open(weekday: int, day: tuple[int, int, int | None]) -> int:
        if closed.on(weekday, day):
            return 0
        return short.on(weekday, day) or rule.on(weekday, day)

    assert hours(is_open) == Hours(("mon-fri 9:00-18:00",), ("01-01..01-08",), (("12-31", ("9:00-13:00",)),), ())


def test_what_depends_on_the_weekday_in_a_part_of_the_year_is_named() -> None:
    found = hours_of("9:00-17:59|mon-fri|*|jan-may&sep-dec", "10:00-15:59|mon-fri|*|jun-aug")
    assert found == Hours(("mon-fri 9:00-18:00",), (), (), ("06-01..08-31",))


@pytest.mark.parametrize(
    "text", ["half past nine|mon|*|*", "25:00-26:00|*|*|*", "*|noday|*|*", "*|*|32|*", "*|*|*|x"]
)
def test_what_is_no_time_is_not_understood(text: str) -> None:
    with pytest.raises(NotUnderstood):
        read_gotoiftime(text)


def test_conditions_of_freeswitch() -> None:
    rule = rule_of([("wday", "2-6"), ("minute-of-day", "541-1080"), ("mon", "1,12"), ("mday", "1-8")])
    assert (rule.weekdays, rule.months, rule.days) == ({0, 1, 2, 3, 4}, {1, 12}, frozenset(range(1, 9)))
    assert clock_spans(rule.minutes) == ("9:00-18:00",)
    assert clock_spans(rule_of([("hour", "9-17")]).minutes) == ("9:00-18:00",)
    assert clock_spans(rule_of([("time-of-day", "22:00-06:00")]).minutes) == ("0:00-6:00", "22:00-24:00")
    assert rule_of([("wday", "7-1")]).weekdays == {5, 6}
    for wrong in (("date-time", "2026-12-31 18:00~2027-01-01 06:00"), ("wday", "monday"), ("hour", "9-")):
        with pytest.raises(NotUnderstood):
            rule_of([wrong])


clock_minutes = st.integers(0, 24 * 60 - 1)
some_rules = st.lists(
    st.builds(
        Rule,
        minutes=st.builds(minutes, clock_minutes, clock_minutes) | st.just(FULL_DAY),
        weekdays=st.frozensets(st.integers(0, 6), min_size=1),
        days=st.none() | st.frozensets(st.integers(1, 31), min_size=1, max_size=5),
        months=st.none() | st.frozensets(st.integers(1, 12), min_size=1, max_size=3),
        years=st.none() | st.none() | st.frozensets(st.sampled_from([2027, 2028]), min_size=1),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=60)  # files are written
@given(some_rules, st.lists(st.integers(0, 3 * 366 * 24 * 60), min_size=20, max_size=20))
def test_the_hours_that_are_written_are_open_when_the_rules_are_met(rules: list[Rule], moments: list[int]) -> None:
    """But on the days that the list names."""
    draft = Draft("test")
    draft.site["language"] = "en"
    fields = Folding(draft).number(Clock("office", tuple(rules), QUEUE, GONE, "here"), "here")
    unsaid = " ".join(note.text for note in draft.notes)
    if "hours" not in fields or "(" in unsaid:
        return
    draft.site |= {"company": "Tea", "country": "RU", "time_zone": "UTC"}
    report = Report()
    with TemporaryDirectory() as directory:
        for name, text in files_of(draft).items():
            (Path(directory) / name).write_text(text)
        office = read(Path(directory), report).settings.hours["office"]
    assert not [each for each in report.found if not each.warning], report.found
    for moment in moments:
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=moment)
        day = (at.month, at.day, at.year)
        met = any(rule.on(at.weekday(), day) >> (at.hour * 60 + at.minute) & 1 for rule in rules)
        assert opening(office, at.timestamp()).is_open is met, (at, office)
