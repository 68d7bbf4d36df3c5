"""What became of call-backs: sums, waits, and what was expected of them; who had hung up is counted apart."""

import re
from typing import Any

import pytest

from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.abandoned import abandoned
from appliance.records.callback_figures import CallbackFigures, callback_figures
from appliance.records.reports import report, report_data, report_text
from tests.unit.reports.day import (
    HOUR,
    LATER,
    NOON,
    SETTINGS,
    add_attempt,
    add_call,
    add_callback,
    add_offer,
    add_visit,
    queue,
)


def figures(redial: bool = False) -> CallbackFigures:
    (found,) = [each for each in callback_figures(HOUR, LATER) if each.redial is redial]
    return found


def served(id: str, joined: float, promised: float, answered: float, **more: Any) -> None:
    """Joined at some second, went home at another, and talked at a third."""
    add_visit(id, joined, answered=answered - joined, talked=60.0)
    add_callback(id, promised, "served", answered, **more)


def expect(id: str, at: float, low: float, high: float, told: bool = False) -> None:
    middle = (low + high) / 2
    t.WaitEstimate.create(
        visit=f"{id}.1", queue="sales", at=NOON + at, low=low, middle=middle, high=high, told=told
    )


def test_every_promise_is_counted_once() -> None:
    served("a", 0, 60, 600)
    for id, outcome in (("b", "unreached"), ("c", "expired"), ("d", "cancelled by customer"), ("e", "cancelled")):
        add_visit(id, 10, abandoned=500.0, outcome="unreached")
        add_callback(id, 60, outcome, 510)
    add_visit("f", 10, answered=100.0, talked=30.0)
    add_callback("f", 60, "called in", 90)
    add_visit("g", 10)
    add_callback("g", 60)
    add_visit("h", 10, abandoned=50.0)
    found = figures()
    assert found.promised == 7 == sum(found.ends.values())
    assert found.ends == {
        "served": 1,
        "unreached": 1,
        "expired": 1,
        "cancelled by customer": 1,
        "cancelled": 1,
        "called in": 1,
        "open": 1,
    }
    of_queue = queue()
    assert (of_queue.offered, of_queue.answered, of_queue.called_back) == (8, 0, 2)
    assert (of_queue.unreached, of_queue.at_home, of_queue.abandoned, of_queue.waiting) == (4, 1, 1, 0)
    assert of_queue.abandon_rate == pytest.approx(1 / 8)


def test_who_waited_at_home_is_in_no_average_of_those_who_held() -> None:
    add_visit("x", 0, answered=10.0, talked=60.0)
    served("a", 0, 60, 1800)
    of_queue = queue()
    assert (of_queue.asa, of_queue.longest_wait) == (10.0, 10.0)
    assert (of_queue.talks, of_queue.average_talk) == (2, 60.0)


def test_waits_are_counted_from_the_line_or_the_chosen_time() -> None:
    served("a", 0, 60, 400)  # 400 s
    served("b", 100, 160, 400)  # 300 s
    served("c", 200, 200, 1900, kind="chosen time", wanted=1800)  # 100 s
    found = figures()
    assert (found.median_wait, found.wait_90) == (300.0, 400.0)
    assert found.saved == (400 - 60) + (400 - 160) + (1900 - 1800)


def test_what_is_saved_ends_when_the_customer_is_on_the_phone() -> None:
    served("a", 0, 60, 400)
    add_attempt("a", 1, 370, "served", 400, reached=390)
    assert figures().saved == 390 - 60


def test_the_expectation_that_counts_is_what_was_told_with_the_promise_or_known_before() -> None:
    for id, answered in (("a", 400), ("b", 200), ("c", 900)):
        served(id, 0, 60, answered)
        expect(id, 0, 10, 20)
        expect(id, 60, 300, 500)  # seconds from then
        expect(id, 70, 1, 2)
        expect(id, 400, 1, 2, told=True)
    served("d", 0, 60, 400)
    found = figures()
    assert (found.predicted, found.as_expected, found.sooner, found.later) == (3, 1, 1, 1)
    assert found.as_expected_rate == pytest.approx(1 / 3)
    expect("d", 65, 300, 400, told=True)
    assert (figures().predicted, figures().as_expected) == (4, 2)


def test_attempts_are_counted_by_how_they_ended() -> None:
    served("a", 0, 60, 900)
    add_attempt("a", 1, 300, "busy", 310)
    add_attempt("a", 2, 430, "busy", 440)
    add_attempt("a", 3, 880, "served", 900, reached=890)
    add_visit("b", 0)
    add_callback("b", 60)
    add_attempt("b", 1, 900, None)
    assert figures().attempts == {"served": 1, "busy": 2, "under way": 1}


def test_who_had_hung_up_is_counted_apart_and_stays_abandoned() -> None:
    add_visit("x", 0, abandoned=120.0)
    served("r", 300, 300, 700, kind="abandoned", origin="x.1")
    add_offer("r.1", {"anna": Outcome.ANSWERED}, at=600)
    of_queue = queue()
    assert (of_queue.offered, of_queue.abandoned, of_queue.called_back, of_queue.talks) == (1, 1, 0, 0)
    assert figures(redial=True).ends == {"served": 1}
    data = report_data(report(HOUR, LATER, SETTINGS))
    assert [(each["queue"], each["redial"], each["promised"]) for each in data["callbacks"]] == [
        ("sales", True, 1)
    ]


def test_the_report_says_so() -> None:
    served("a", 0, 60, 600)
    add_attempt("a", 1, 570, "served", 600, reached=590)
    expect("a", 0, 500, 700)
    add_visit("b", 0)
    add_callback("b", 60)
    text = report_text(report(HOUR, LATER, SETTINGS))
    assert "called back  not reached  at home" in text and "called back = " in text
    rows = [re.split(r"  +", line.strip()) for line in text.splitlines()]
    header = ["call-backs", "promised", "served", "open", "wait: median", "90 %", "as expected", "hold saved"]
    assert header in rows and ["sales", "2", "1", "1", "10:00", "10:00", "100.0 %", "8:50"] in rows
    assert ["attempts", "all", "served"] in rows and ["sales", "1", "1"] in rows


def test_without_call_backs_the_report_is_silent_about_them() -> None:
    add_visit("x", 0, answered=10.0, talked=60.0)
    text = report_text(report(HOUR, LATER, SETTINGS))
    assert "call-back" not in text.lower() and "at home" not in text.partition("SL-C = ")[0]


def test_of_who_hung_up_it_is_known_what_followed() -> None:
    number = "+79161234567"
    add_call("x", NOON, NOON + 120, "abandoned", number=number, customer="Ann", cause="normal")
    add_visit("x", 0, abandoned=120.0)
    (found,) = abandoned(HOUR)
    assert (found.number, found.name, found.waited) == (number, "Ann", 120.0)
    assert found.is_open
    add_call("y", NOON + 300, NOON + 400, "answered", number=number)
    add_visit("y", 300, answered=20.0, talked=60.0)
    (found,) = abandoned(HOUR)
    assert (found.called_again_at, found.served_at, found.is_open) == (NOON + 300, NOON + 320, False)
    add_visit("r", 400)
    add_callback("r", 400, kind="abandoned", origin="x.1")
    (found,) = abandoned(HOUR, "sales")
    assert found.redialled and (found.redialled.callback, found.redialled.outcome) == ("r.1", None)
    assert abandoned(HOUR, "help") == []


def test_a_call_of_ours_that_was_answered_serves_as_well() -> None:
    number = "+79161234567"
    add_call("x", NOON, NOON + 120, "abandoned", number=number)
    add_visit("x", 0, abandoned=120.0)
    add_call("o", NOON + 600, NOON + 700, "outbound answered", number=number, direction="out")
    (found,) = abandoned(HOUR)
    assert (found.called_again_at, found.served_at) == (None, NOON + 600)
