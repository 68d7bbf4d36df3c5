"""The ledger: every call has one outcome, and contradictions are named."""

from typing import Any

import pytest

from appliance.facts import SENT_ON, CallOutcome
from appliance.records import models as t
from appliance.records.ledger import ledger
from appliance.records.reports import report, report_text
from tests.unit.reports.day import HOUR, LATER, NOON, SETTINGS, add_call, add_visit

OUTGOING = [outcome for outcome in CallOutcome if outcome.name.startswith("OUTBOUND")]


def test_every_outcome_is_counted_once_and_nothing_is_left_unexplained() -> None:
    for n, outcome in enumerate(CallOutcome):
        add_call(f"c{n}", NOON + n, NOON + n + 60, outcome.value)
        if outcome in OUTGOING:
            t.Call.update(direction="out").where(t.Call.id == f"c{n}").execute()
        if outcome in (CallOutcome.ANSWERED, CallOutcome.ABANDONED, *SENT_ON):
            waited = {"answered" if outcome is CallOutcome.ANSWERED else "abandoned": 5.0}
            add_visit(f"c{n}", n, talked=50.0, outcome=outcome.value, **waited)
    add_call("open", NOON, None, "left early")
    add_call("yesterday", NOON - 86400, NOON - 86000, "closed")
    book = ledger(HOUR)
    assert book.calls == len(CallOutcome) - len(OUTGOING) + 1 == sum(book.outcomes.values()) + book.open
    assert book.outgoing == {outcome.value: 1 for outcome in OUTGOING}
    assert set(book.outcomes.values()) == {1}
    assert book.unexplained == {}
    assert str(book).startswith(f"{book.calls} calls = 1 left early + 1 closed") and str(book).endswith(
        "; 0 unexplained"
    )


@pytest.mark.parametrize(
    ("what", "call", "visit"),
    [
        ("calls that ended without an outcome we know", {"outcome": "vanished"}, None),
        ("calls that ended before they began", {"outcome": "closed", "ended_at": NOON - 1}, None),
        ("visits that never ended, of calls that have", {"outcome": "left early"}, {}),
        (
            "visits that ended without an outcome we know",
            {"outcome": "closed"},
            {"outcome": "lost", "abandoned": 1.0},
        ),
        ("answered visits without an agent or a time", {}, {"outcome": "answered", "abandoned": 1.0}),
        ("talks that never ended, of calls that have", {}, {"answered": 1.0}),
        ("calls answered without an answered visit", {}, None),
        ("calls abandoned without an abandoned visit", {"outcome": "abandoned"}, {"answered": 1.0, "talked": 1.0}),
    ],
)
def test_a_contradiction_is_named_with_its_call(
    what: str, call: dict[str, Any], visit: dict[str, Any] | None
) -> None:
    add_call("x", **{"ended_at": NOON + 60, **call})
    if visit is not None:
        add_visit("x", **visit)
    book = ledger(HOUR)
    assert what in book.unexplained
    assert book.unexplained[what] in (["x"], ["x.1"])
    assert "0 unexplained" not in str(book)
    assert what in report_text(report(HOUR, LATER, SETTINGS), SETTINGS)


def test_a_visit_answered_and_ended_otherwise_is_a_contradiction() -> None:
    add_call("x", NOON, NOON + 60)
    add_visit("x", answered=1.0, talked=1.0)
    t.Visit.update(outcome="unseen").execute()
    assert "visits that were answered and ended otherwise" in ledger(HOUR).unexplained
