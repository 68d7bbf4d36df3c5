"""The figures of queues, worked out by hand."""

import pytest

from appliance.facts import AgentState
from appliance.records.figures import ServiceLevel, total
from appliance.records.reports import report, report_text
from appliance.records.tally import queue_figures
from tests.unit.reports.day import HOUR, LATER, NOON, SETTINGS, add_stretch, add_visit, queue


def test_the_service_levels_of_the_same_traffic_disagree_as_their_formulas_do() -> None:
    """100 offered, 80 answered of which 64 within 20 s; 20 abandoned: 6 under 5 s, 4 within 20 s, 10 later."""
    for n in range(64):
        add_visit(f"in-time-{n}", n, answered=20.0 if n == 0 else 10.0, talked=60.0)
    for n in range(16):
        add_visit(f"late-{n}", n, answered=20.1 if n == 0 else 30.0, talked=60.0)
    for n, wait in enumerate([4.0] * 6 + [15.0] * 4 + [40.0] * 10):
        add_visit(f"gone-{n}", n, abandoned=wait)
    figures = queue()
    assert (figures.offered, figures.answered, figures.abandoned) == (100, 80, 20)
    shares = {level.name: round(100 * (figures.service_level(level) or 0), 1) for level in ServiceLevel}
    assert shares == {"A": 80.0, "B": 74.0, "C": 64.0, "D": 71.1, "F": 64.0}


def test_the_threshold_itself_is_in_time_however_the_clock_times_are_rounded() -> None:
    for n in range(50):
        add_visit(f"v{n}", n / 7, answered=20.0)
    assert queue().answered_in_time == 50


def test_of_those_who_abandoned_some_came_back() -> None:
    add_visit("a", 0, abandoned=30.0)
    add_visit("b", 0, abandoned=30.0)
    add_visit("c", 60, answered=5.0, came_back="a.1")
    add_visit("d", 90, answered=5.0, talked=5.0)
    add_visit("e", 99, abandoned=1.0, came_back="d.1")  # after a talk that broke off
    figures = queue()
    assert (figures.abandoned, figures.came_back, figures.answered) == (3, 1, 2)


def test_waits_and_talks_of_a_queue() -> None:
    add_visit("a", 0, answered=10.0, talked=100.0)
    add_visit("b", 5, answered=30.0, talked=50.0)
    add_visit("c", 9, answered=20.0)  # still talking
    add_visit("d", 9, abandoned=90.0)
    add_visit("e", 9, abandoned=7.0, outcome="fallback")
    add_visit("f", 9, abandoned=8.0, outcome="unseen")
    add_visit("g", 9, abandoned=9.0, outcome="failed")
    add_stretch("anna", AgentState.WRAP_UP, 110, 140, visit="a.1")
    add_stretch("anna", AgentState.WRAP_UP, 200, 230, visit="b.1")
    figures = queue()
    assert figures.asa == 20.0  # (10 + 30 + 20) / 3
    assert figures.longest_wait == 90.0
    assert figures.average_talk == 75.0  # (100 + 50) / 2: the third has not ended
    assert figures.average_wrap_up == 30.0
    assert figures.average_abandoned_wait == 90.0
    assert (figures.fallback, figures.unseen, figures.failed, figures.waiting) == (1, 1, 1, 0)
    assert figures.abandon_rate == pytest.approx(1 / 7)


def test_a_caller_still_waiting_is_offered_and_has_the_longest_wait() -> None:
    add_visit("a")
    add_visit("b", answered=5.0, talked=1.0)
    assert (queue().offered, queue().waiting, queue().longest_wait) == (2, 1, LATER - NOON)
    assert queue().service_level(ServiceLevel.C) == 1.0


def test_a_call_belongs_to_the_interval_of_its_arrival_however_late_it_ends() -> None:
    add_visit("before", -0.001, answered=10.0, talked=10.0)
    add_visit("first", 0, answered=5000.0, talked=9000.0)
    add_visit("last", 3599.999, abandoned=500.0)
    add_visit("after", 3600, answered=1.0, talked=1.0)
    assert (queue().offered, queue().answered, queue().abandoned) == (2, 1, 1)
    assert queue().average_talk == 9000.0


def test_each_queue_has_its_own_threshold_and_the_total_keeps_to_them() -> None:
    add_visit("a", answered=40.0, talked=1.0, queue="sales")
    add_visit("b", answered=40.0, talked=1.0, queue="help")
    add_visit("c", answered=20.0, talked=1.0, queue="removed")
    add_visit("d", answered=21.0, talked=1.0, queue="removed")
    figures = queue_figures(HOUR, LATER, SETTINGS)
    assert {q.queue: q.answered_in_time for q in figures} == {"help": 1, "removed": 1, "sales": 0}
    assert total(figures).service_level(ServiceLevel.C) == 2 / 4
    assert total(figures).threshold is None


def test_a_queue_without_calls_has_no_shares() -> None:
    assert {queue().service_level(level) for level in ServiceLevel} == {None}
    assert (queue().asa, queue().longest_wait, queue().average_talk, queue().abandon_rate) == (None,) * 4
    assert "SL-C" in report_text(report(HOUR, LATER, SETTINGS), SETTINGS)
