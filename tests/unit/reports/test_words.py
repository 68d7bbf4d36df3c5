"""What a report says, for people and for programs."""

import pytest

from appliance.facts import AgentState
from appliance.records.figures import ServiceLevel
from appliance.records.reports import report, report_data, report_text
from tests.unit.reports.day import HOUR, LATER, NOON, SETTINGS, add_call, add_stretch, add_visit


def test_the_report_names_its_formulas_and_its_attribution() -> None:
    add_call("a", NOON, NOON + 60)
    add_visit("a", answered=10.0, talked=45.0)
    add_stretch("anna", AgentState.PAUSED, 800, 1100, reason="1")
    text = report_text(report(HOUR, LATER, SETTINGS, ServiceLevel.B), SETTINGS)
    assert "SL-B = (answered within T + abandoned within T) / (answered + abandoned)" in text
    assert "Calls belong to the interval in which they joined the queue" in text
    assert "ASA = average wait of answered calls, from joining the queue to the talk" in text
    assert "lunch 5:00" in text
    assert "Ledger: 1 call = 1 answered; 0 unexplained." in text


def test_only_the_formulas_of_what_is_shown_are_printed() -> None:
    add_visit("v1", answered=10.0, talked=1.0)
    add_stretch("1001", AgentState.READY, 0, 60)
    of_agent = report_text(report(HOUR, LATER, SETTINGS, agent="1001"), SETTINGS)
    assert "occupancy = " in of_agent and "missed = " in of_agent and "talk, wrap-up = " in of_agent
    assert not any(word in of_agent for word in ("ASA", "SL-", "T = ", "longest wait", "abandon rate"))
    whole = report_text(report(HOUR, LATER, SETTINGS), SETTINGS)
    assert all(f"{word} = " in whole for word in ("ASA", "SL-C", "T", "longest wait", "abandon rate", "occupancy"))


def test_the_report_for_programs_has_every_service_level_unrounded() -> None:
    for n, wait in enumerate((10.0, 10.0, 30.0)):
        add_visit(f"v{n}", answered=wait, talked=1.0)
    data = report_data(report(HOUR, LATER, SETTINGS, queue="sales"))
    assert data["queues"][0]["service_levels"]["SL-C"] == pytest.approx(2 / 3)
    assert data["ledger"] is None  # a queue is not all calls
    assert data["from"] == "2023-11-15T01:13:20.000+03:00"
