"""How long something set by hand holds, as a person says it."""

from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.hours.expiry import LONGEST, end
from appliance.trouble import Trouble

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 22, 16, 30, tzinfo=MOSCOW).timestamp()


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW).timestamp()


@pytest.mark.parametrize(
    ("length", "hours"), [("2h", 2), ("30m", 0.5), ("1h30m", 1.5), ("1h 30m", 1.5), ("3d", 72), ("1d2h", 26)]
)
def test_for_so_long(length: str, hours: float) -> None:
    assert end(length, None, NOW, MOSCOW) == NOW + hours * 3600


@pytest.mark.parametrize(
    ("until", "moment"),
    [
        ("18:00", "2026-11-22T18:00"),
        ("16:30", "2026-11-23T16:30"),  # it is that now
        ("6:00", "2026-11-23T06:00"),  # the night is over tomorrow
        ("24:00", "2026-11-23T00:00"),
        ("2026-11-30 09:00", "2026-11-30T09:00"),
        ("2026-11-30T09:00", "2026-11-30T09:00"),
    ],
)
def test_until(until: str, moment: str) -> None:
    assert end(None, until, NOW, MOSCOW) == at(moment)


@pytest.mark.parametrize(
    ("length", "until", "said"),
    [
        (None, None, "Say how long"),
        ("2h", "18:00", "Say how long"),
        ("2", None, "'2' is not a length of time"),
        ("0m", None, "zero"),
        ("32d", None, "longer than 31 days"),
        (None, "24:30", "is not a time"),
        (None, "noon", "'noon' is not a time"),
        (None, "2026-11-22 16:00", "is over already"),
        (None, "2027-11-22 16:00", "longer than 31 days"),
    ],
)
def test_what_is_refused(length: str | None, until: str | None, said: str) -> None:
    with pytest.raises(Trouble, match=said):
        end(length, until, NOW, MOSCOW)


@given(st.text(max_size=20), st.booleans())
def test_any_text_is_a_moment_to_come_or_trouble(text: str, is_length: bool) -> None:
    with suppress(Trouble):
        found = end(text, None, NOW, MOSCOW) if is_length else end(None, text, NOW, MOSCOW)
        assert NOW < found <= NOW + LONGEST
