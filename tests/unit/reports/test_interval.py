"""Days and times as people write them."""

from zoneinfo import ZoneInfo

import pytest

from appliance.records.interval import interval
from appliance.trouble import Trouble
from tests.unit.reports.day import MOSCOW, NOON


def test_a_day_is_a_day_of_the_site_also_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    long_day = interval("2026-10-25", None, None, NOON, berlin)
    assert long_day.end - long_day.start == 25 * 3600
    assert str(long_day) == "2026-10-25 (Europe/Berlin)"


def test_today_without_options_and_days_as_ends() -> None:
    today = interval(None, None, None, NOON, MOSCOW)
    assert str(today) == "2023-11-15 (Europe/Moscow)"
    november = interval(None, "2023-11-01", "2023-11-30", NOON, MOSCOW)
    assert november.end - november.start == 30 * 86400
    assert str(interval(None, "01:00", "2023-11-15 01:10", NOON, MOSCOW)).startswith(
        "2023-11-15 01:00 to 2023-11-15 01:10"
    )
    assert interval(None, "yesterday", None, NOON, MOSCOW).end == NOON


@pytest.mark.parametrize(
    ("day", "begin", "end", "words"),
    [
        ("soon", None, None, "is not a day"),
        ("today", "today", None, "either --day"),
        (None, "25:00", None, "is not a time"),
        (None, "2023-11-02", "2023-11-01 12:00", "ends before it begins"),
        ("9999-12-31", None, None, "too far away"),
    ],
)
def test_a_time_that_is_none_is_refused_in_words(
    day: str | None, begin: str | None, end: str | None, words: str
) -> None:
    with pytest.raises(Trouble, match=words):
        interval(day, begin, end, NOON, MOSCOW)
