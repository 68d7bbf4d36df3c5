"""Calendar files: whole days and times, rules and their exceptions, zones, and files that are none."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.hours.calendars import LARGEST, Unusable, closures
from appliance.settings import Closure

BERLIN = ZoneInfo("Europe/Berlin")
FIRST, LAST = date(2026, 1, 1), date(2029, 12, 31)


def calendar(path: Path, *events: str, head: str = "") -> Path:
    listed = "".join(f"BEGIN:VEVENT\nUID:{n}\n{event}\nEND:VEVENT\n" for n, event in enumerate(events))
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{head}{listed}END:VCALENDAR\n"
    file = path / "holidays.ics"
    file.write_bytes(text.replace("\n", "\r\n").encode())
    return file


def read(file: Path, zone: ZoneInfo = BERLIN) -> list[tuple[str, str, str]]:
    """Begin and end on the clock of the zone, and the name."""

    def local(at: float) -> str:
        return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")

    return [(local(each.begin), local(each.end), each.name) for each in closures(file, zone, FIRST, LAST)]


def test_a_whole_day_is_that_of_the_schedule(tmp_path: Path) -> None:
    file = calendar(tmp_path, "DTSTART;VALUE=DATE:20261003\nSUMMARY:Tag der  Einheit\nTRANSP:TRANSPARENT")
    assert read(file) == [("2026-10-03 00:00", "2026-10-04 00:00", "Tag der Einheit")]
    assert read(file, ZoneInfo("Asia/Kolkata")) == [("2026-10-03 00:00", "2026-10-04 00:00", "Tag der Einheit")]


def test_the_end_of_several_days_is_the_day_after(tmp_path: Path) -> None:
    file = calendar(tmp_path, "DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261227\nSUMMARY:Christmas")
    assert read(file) == [("2026-12-24 00:00", "2026-12-27 00:00", "Christmas")]


def test_a_rule_goes_on_for_ever_but_for_its_exceptions(tmp_path: Path) -> None:
    file = calendar(
        tmp_path,
        "DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nEXDATE;VALUE=DATE:20280101\nSUMMARY:New Year",
        "DTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\nRDATE;VALUE=DATE:20261201\nSUMMARY:T",
    )
    begins = [(begin[:10], name) for begin, _, name in read(file)]
    assert [day for day, name in begins if name == "New Year"] == ["2026-01-01", "2027-01-01", "2029-01-01"]
    thanks = [day for day, name in begins if name == "T"]
    assert thanks == ["2026-11-26", "2026-12-01", "2027-11-25", "2028-11-23", "2029-11-22"]


def test_one_of_a_series_may_be_moved_or_cancelled(tmp_path: Path) -> None:
    file = calendar(
        tmp_path,
        "DTSTART:20260301T120000Z\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;COUNT=3\nSUMMARY:Drill",
        "DTSTART:20260402T120000Z\nDURATION:PT1H\nSUMMARY:Drill",
        "DTSTART:20260501T120000Z\nDURATION:PT1H\nSTATUS:CANCELLED\nSUMMARY:Drill",
    )
    text = file.read_text().replace("UID:1\n", "UID:0\nRECURRENCE-ID:20260401T120000Z\n")
    file.write_text(text.replace("UID:2\n", "UID:0\nRECURRENCE-ID:20260501T120000Z\n"))
    assert [begin for begin, _, _ in read(file)] == ["2026-03-01 13:00", "2026-04-02 14:00"]


def test_times_are_those_of_their_own_zone(tmp_path: Path) -> None:
    weekly = "RRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:Meeting"
    file = calendar(
        tmp_path,
        f"DTSTART;TZID=America/New_York:20261023T120000\nDTEND;TZID=America/New_York:20261023T130000\n{weekly}",
        "DTSTART:20261101T090000\nDTEND:20261101T100000\nSUMMARY:Without a zone",
        "DTSTART;TZID=Russian Standard Time:20261102T120000\nDURATION:PT30M\nSUMMARY:As Outlook writes it",
    )
    assert read(file) == [
        ("2026-10-23 18:00", "2026-10-23 19:00", "Meeting"),
        ("2026-10-30 17:00", "2026-10-30 18:00", "Meeting"),  # summer time has ended in Berlin, not in New York
        ("2026-11-01 09:00", "2026-11-01 10:00", "Without a zone"),
        ("2026-11-02 10:00", "2026-11-02 10:30", "As Outlook writes it"),
    ]


def test_a_zone_that_the_file_defines_itself(tmp_path: Path) -> None:
    zone = (
        "BEGIN:VTIMEZONE\nTZID:House\nBEGIN:STANDARD\nDTSTART:19700101T000000\n"
        "TZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD\nEND:VTIMEZONE\n"
    )
    event = "DTSTART;TZID=House:20261102T120000\nDTEND;TZID=House:20261102T130000\nSUMMARY:x"
    assert read(calendar(tmp_path, event, head=zone)) == [("2026-11-02 07:30", "2026-11-02 08:30", "x")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "does not begin with BEGIN:VCALENDAR"),
        (b"PK\x03\x04", "does not begin with BEGIN:VCALENDAR"),
        (b"<html>", "does not begin with BEGIN:VCALENDAR"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "cannot be understood|without a beginning"),
        (b"BEGIN:VCALENDAR\r\n" + b"X" * LARGEST, "is larger than a mebibyte"),
    ],
)
def test_what_is_no_calendar(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "holidays.ics"
    file.write_bytes(content)
    with pytest.raises(Unusable, match=said):
        closures(file, BERLIN, FIRST, LAST)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("SUMMARY:Never", "an event without a beginning: Never"),
        ("DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY\nSUMMARY:Tick", "repeats more than once a day: Tick"),
        ("DTSTART:20260101T000000Z\nRRULE:FREQ=DAILY;BYMINUTE=1,2\nSUMMARY:Tock", "more than once a day: Tock"),
        ("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;INTERVAL=0\nSUMMARY:Still", "at no distance .*: Still"),
        ("DTSTART:20260101T000000Z\nRRULE:FREQ=SOMETIMES\nSUMMARY:x", "cannot be understood"),
        ("DTSTART:tomorrow\nSUMMARY:x", "cannot be understood"),
    ],
)
def test_events_that_cannot_be_followed(tmp_path: Path, event: str, said: str) -> None:
    with pytest.raises(Unusable, match=said):
        closures(calendar(tmp_path, event), BERLIN, FIRST, LAST)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="does not exist"):
        closures(tmp_path / "none.ics", BERLIN, FIRST, LAST)
    with pytest.raises(Unusable, match="cannot be read"):
        closures(tmp_path, BERLIN, FIRST, LAST)


LINES = st.sampled_from(
    ["BEGIN:VEVENT", "END:VEVENT", "DTSTART:20260101", "DTSTART;TZID=:x", "RRULE:FREQ=YEARLY;UNTIL=1", "RRULE:",
     "DTEND;VALUE=DATE:20260102", "DURATION:-P1D", "EXDATE:x", "RECURRENCE-ID:20260101", "UID:1", "SUMMARY:\\",
     "RDATE;VALUE=PERIOD:20260101T000000Z/PT1H", "BEGIN:VTIMEZONE", "TZID:x", "END:VTIMEZONE", "SEQUENCE:x",
     "X-WR-TIMEZONE:Nowhere", "RRULE:FREQ=DAILY;INTERVAL=0", "DTSTART;VALUE=DATE:20260101", ":", "BEGIN:VALARM"]
)  # fmt: skip


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(LINES, max_size=12))
def test_any_file_is_closures_or_refused(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "any.ics"
    file.write_text("\r\n".join(["BEGIN:VCALENDAR", "BEGIN:VEVENT", *lines, "END:VEVENT", "END:VCALENDAR", ""]))
    try:
        found = closures(file, BERLIN, FIRST, FIRST)
    except Unusable as error:
        assert "\n" not in str(error)
    else:
        assert all(isinstance(each, Closure) for each in found)
