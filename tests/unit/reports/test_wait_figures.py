"""What a report says of estimates of waits: those that are judged, and how far they were off."""

import pytest

from appliance.records.models import WaitEstimate
from appliance.records.reports import report, report_data, report_text
from appliance.records.wait_figures import wait_figures
from tests.unit.reports.day import HOUR, LATER, NOON, SETTINGS


def add(wait: float | None, queue: str = "sales", told: bool = False, at: float = NOON) -> None:
    ends = None if wait is None else at + wait
    WaitEstimate.create(visit="v", queue=queue, at=at, low=60.0, middle=100.0, high=180.0, told=told, ends=ends)


def test_estimates_are_judged_by_how_long_it_took() -> None:
    for wait in (60.0, 90.0, 180.0, 59.0, 181.0, None):
        add(wait)
    add(100.0, told=True)
    add(100.0, queue="support")
    add(100.0, at=NOON + 7200)  # after the interval
    joined, told, support = wait_figures(HOUR)
    assert (joined.queue, joined.told, told.told, support.queue) == ("sales", False, True, "support")
    assert (joined.given, joined.judged, joined.within, joined.shorter, joined.longer) == (6, 5, 3, 1, 1)
    assert joined.hit_rate == pytest.approx(0.6)
    assert joined.average_wait == pytest.approx(114.0)
    assert joined.bias == pytest.approx(-14.0)
    assert joined.average_width == pytest.approx(120.0)
    assert [each.queue for each in wait_figures(HOUR, "support")] == ["support"]


def test_the_report_shows_them() -> None:
    for wait in (60.0, 90.0, 180.0, 59.0, 181.0, None):
        add(wait)
    text = report_text(report(HOUR, LATER, SETTINGS), SETTINGS)
    (line,) = (line for line in text.splitlines() if "on joining" in line)
    assert line.split() == ["sales", *("on", "joining"), "6", "5", "60.0", "%", "1", "1", "1:54", "-0:14", "2:00"]
    (data,) = report_data(report(HOUR, LATER, SETTINGS))["expected_waits"]
    assert (data["hit_rate"], data["given"]) == (pytest.approx(0.6), 6)


def test_what_is_not_judged_yet_has_no_figures() -> None:
    add(None)
    (figures,) = wait_figures(HOUR)
    assert (figures.hit_rate, figures.bias, figures.average_wait, figures.average_width) == (None,) * 4
    assert "within" in report_text(report(HOUR, LATER, SETTINGS), SETTINGS)


def test_nothing_is_said_where_nothing_was_expected() -> None:
    assert "Expected waits" not in report_text(report(HOUR, LATER, SETTINGS), SETTINGS)
