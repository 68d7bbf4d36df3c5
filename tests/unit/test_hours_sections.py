"""The section "hours" of the YAML: holidays of every kind, exceptions, and what check says of them."""

from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance.configuration.checks import Checked, load
from appliance.configuration.problems import Report
from appliance.configuration.reading import read
from appliance.hours.schedule import next_opening, opening
from appliance.settings import Destination, Hours

pytestmark = pytest.mark.usefixtures("parts_only")

SITE = """
company: Tea
country: RU
time_zone: Europe/Moscow
language: en
agents: {1: {name: Anna, supervisor: yes}, 2: {name: Boris}}
music: {default: music.wav}
"""
CLOSED = "closed: {message: We are closed.}"


def check(tmp_path: Path, text: str) -> Checked:
    (tmp_path / "a.yml").write_text(SITE + text)
    return load(tmp_path)


def office(tmp_path: Path, more: str) -> Hours:
    checked = check(tmp_path, f"hours: {{office: {{open: mon-fri 9:00-18:00, {more}}}}}\n")
    wrong = [each for each in checked.problems if "music" not in each.text]
    assert not wrong, wrong
    return read(tmp_path, Report()).settings.hours["office"]


def said(tmp_path: Path, text: str) -> str:
    found = check(tmp_path, text).problems
    return "\n".join(str(each) for each in found if "music" not in each.text)


def test_days_of_every_year(tmp_path: Path) -> None:
    hours = office(tmp_path, "holidays: [05-09, 12-30..01-02, 02-29, 2026-11-04]")
    assert hours.yearly == {(5, 9), (12, 30), (12, 31), (1, 1), (1, 2), (2, 29)}
    assert hours.holidays == {date(2026, 11, 4)}


def test_a_calendar_beside_days(tmp_path: Path) -> None:
    (tmp_path / "holidays.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20200612\nRRULE:FREQ=YEARLY\n"
        "SUMMARY:Russia Day\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    hours = office(tmp_path, "holidays: [05-09, {ics: holidays.ics}]")
    this_year = datetime.now().year
    noon = datetime(this_year, 6, 12, 12, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    assert opening(hours, noon).reason == f"holiday {this_year}-06-12 (Russia Day)"
    assert hours.yearly == {(5, 9)}
    assert {datetime.fromtimestamp(each.begin).year for each in hours.closures} >= {this_year - 1, this_year + 10}
    assert office(tmp_path, "holidays: {ics: holidays.ics}").closures == hours.closures


def test_exceptions(tmp_path: Path) -> None:
    hours = office(
        tmp_path,
        "exceptions: {2099-12-31: 9:00-14:00, 2099-01-04..2099-01-05: closed, 12-30: [9:00-12:00, 13:00-24:00]}",
    )
    assert hours.exceptions == {
        date(2099, 12, 31): ((time(9), time(14)),),
        date(2099, 1, 4): (),
        date(2099, 1, 5): (),
    }
    assert hours.yearly_exceptions == {(12, 30): ((time(9), time(12)), (time(13), time.max))}
    before = datetime(2099, 1, 3, 12, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()  # a Saturday
    opens = next_opening(hours, before)
    assert opens == datetime(2099, 1, 6, 9, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("holidays: 13-01", 'a.yml:8:54: "13-01" is not a day of the calendar. Write it like 2026-12-31'),
        ("holidays: 02-30", '"02-30" is not a day of the calendar.'),
        ("holidays: 05-09..2027-01-01", "is not a day of the calendar."),
        ("holidays: {ics: none.ics}", 'a.yml:8:60: The calendar file "none.ics" does not exist.'),
        ("holidays: {ics: a.yml}", 'The calendar file "a.yml" is not an iCalendar file: it does not begin'),
        ("holidays: {isc: a.ics}", 'A calendar has no field "isc". Did you mean "ics"?'),
        ("exceptions: {2099-12-31: 14:00-9:00}", '"14:00-9:00" is not a time from and to. Write it like "9:00'),
        ("exceptions: {2099-12-31: shut}", '"shut" is not a time from and to.'),
        ("exceptions: {2099-12-31: []}", "It is not said when it is open on this day."),
        ("exceptions: {new-year: closed}", '"new-year" is not a day of the calendar.'),
        ("exceptions: [2099-12-31]", '"exceptions" must be a table.'),
        (
            "exceptions: {2099-12-30..2099-12-31: closed, 2099-12-31: 9:00-14:00}",
            'A day of "2099-12-31" has an exception already.',
        ),
        (
            "exceptions: {2020-12-31: closed}",
            "a.yml:8:57: warning: The exception of 2020-12-31 is over. Remove it; one of every year is written",
        ),
    ],
)
def test_what_is_wrong_with_a_schedule(tmp_path: Path, fields: str, problem: str) -> None:
    assert problem in said(tmp_path, f"hours: {{office: {{open: mon-fri 9:00-18:00, {fields}}}}}\n")


HOURS = """
hours:
  office: {open: mon-fri 9:00-18:00, holidays: 05-09}
  always: {open: mon-sun 0:00-24:00}
"""


def queues(*lines: str) -> str:
    rest = "strategy: ring-all, agents: [1]"
    return HOURS + "queues:\n" + "".join(f"  {line[:-1]}, {rest}}}\n" for line in lines)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            queues("sales: {hours: offices, closed: hang up}"),
            'There is no set of opening hours "offices".',
        ),
        (queues("sales: {hours: office}"), 'The queue "sales" has opening hours but does not say where to go'),
        (
            queues("sales: {closed: hang up}"),
            "This is never used: the queue has no opening hours and is always open",
        ),
        (queues("sales: {hours: office, closed: {queue: none}}"), 'There is no queue "none".'),
        (
            queues("a: {hours: office, closed: {queue: b}}", "b: {hours: always, closed: {queue: a}}"),
            "callers go round in a circle of queues: a -> b -> a.",
        ),
        (queues("a: {hours: office, closed: {queue: a}}"), "in a circle of queues: a -> a."),
        (
            HOURS + f'numbers: {{"4420": {{open: hang up, hours: always, {CLOSED}, holiday: hang up}}}}\n',
            'This is never used: no day of the opening hours "always" is a holiday.',
        ),
        (
            HOURS + 'numbers: {"4420": {open: hang up, holiday: hang up}}\n',
            "This is never used: the number has no opening hours and is always open.",
        ),
        (
            HOURS + f'numbers: {{"4420": {{open: hang up, hours: office, {CLOSED}, holiday: {{menu: x}}}}}}\n',
            'There is no menu "x".',
        ),
    ],
)
def test_what_is_wrong_with_who_has_hours(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in said(tmp_path, text)


def test_closed_queues_that_lead_to_one_that_is_open(tmp_path: Path) -> None:
    text = queues(
        "a: {hours: office, closed: {queue: b}}", "b: {hours: office, closed: {queue: c}}", "c: {name: C}"
    )
    assert said(tmp_path, text) == ""


def test_who_has_hours_is_read(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text(
        queues(f"sales: {{hours: office, {CLOSED}}}")
        + f'numbers: {{"4420": {{open: hang up, hours: office, {CLOSED}, holiday: {{queue: sales}}}}}}\n'
    )
    check(tmp_path, "")
    settings = read(tmp_path, Report()).settings
    assert settings.queues["sales"].hours == "office" and settings.queues["sales"].closed is not None
    assert settings.numbers["4420"].holiday == Destination(queue="sales")
    assert settings.agents["1"].supervisor and not settings.agents["2"].supervisor


@pytest.mark.parametrize("code", ["day_night", "notice"])
def test_the_codes_of_supervisors_must_be_told_apart_too(tmp_path: Path, code: str) -> None:
    assert f'The code "*11" of {code} is the same as "*11" of sign_on.' in said(
        tmp_path, f'codes: {{{code}: "*11"}}\n'
    )
