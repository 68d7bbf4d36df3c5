"""The ledger: every call has one outcome, and contradictions are named."""

from typing import Any

import pytest

from appliance.facts import SENT_ON, CallOutcome
from appliance.records import models as t
from appliance.records.ledger import ledger
from appliance.records.reports import report, report_text
from tests.unit.reports.day import HOUR, LATER, NOON, SETTINGS, add_attempt, add_call, add_callback, add_visit

OUR_CALLS = (CallOutcome.CALLED_BACK, CallOutcome.CALL_BACK_FAILED)
OUTGOING = [outcome for outcome in CallOutcome if outcome.name.startswith("OUTBOUND") or outcome in OUR_CALLS]


def test_every_outcome_is_counted_once_and_nothing_is_left_unexplained() -> None:
    for n, outcome in enumerate(CallOutcome):
        add_call(f"c{n}", NOON + n, NOON + n + 60, outcome.value)
        if outcome in OUTGOING:
            t.Call.update(direction="out").where(t.Call.id == f"c{n}").execute()
        if outcome in (CallOutcome.ANSWERED, CallOutcome.ABANDONED, *SENT_ON):
            waited = {"answered" if outcome is CallOutcome.ANSWERED else "abandoned": 5.0}
            add_visit(f"c{n}", n, talked=50.0, outcome=outcome.value, **waited)
        if outcome is CallOutcome.CALLBACK_PROMISED:
            add_visit(f"c{n}", n)
            add_callback(f"c{n}", n)
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


def promise(**callback: Any) -> None:
    """A call that has ended with a promise, and what has become of it since."""
    add_call("x", ended_at=NOON + 60, outcome="call-back promised")
    add_visit("x", answered=600.0, talked=30.0)
    add_callback("x", 60.0, **{"outcome": "served", "ended": 600.0, **callback})


def call_back(outcome: str = "called back") -> None:
    """The call that was made because of it."""
    add_call("x.1.c1", NOON + 570, NOON + 640, outcome, direction="out")
    add_attempt("x", 1, 570.0, "served", 600.0, 590.0)


def test_a_call_back_is_explained_by_both_of_its_calls() -> None:
    promise()
    call_back()
    book = ledger(HOUR)
    assert book.unexplained == {}
    assert (book.outcomes, book.outgoing) == ({"call-back promised": 1}, {"called back": 1})


def test_while_the_customer_is_at_home_nothing_is_missing() -> None:
    add_call("x", ended_at=NOON + 60, outcome="call-back promised")
    add_visit("x")
    add_callback("x", 60.0)
    assert ledger(HOUR).unexplained == {}
    add_call("x.1.c1", NOON + 570, NOON + 600, "not called back", direction="out")
    add_attempt("x", 1, 570.0, "busy", 600.0)
    assert ledger(HOUR).unexplained == {}


def test_who_called_in_was_answered_in_that_call() -> None:
    promise(outcome="called in", ended=500.0)
    add_call("y", NOON + 500, NOON + 640, "answered")
    t.Visit.update(later_call="y").execute()
    assert ledger(HOUR).unexplained == {}


def test_what_call_backs_contradict_is_named() -> None:
    add_call("x", ended_at=NOON + 60, outcome="call-back promised")
    assert ledger(HOUR).unexplained == {"calls that ended with a promise of which nothing is known": ["x"]}
    add_visit("x", abandoned=60.0)
    add_callback("x", 60.0)
    assert ledger(HOUR).unexplained == {"call-backs that never ended, of visits that have": ["x.1"]}
    t.Callback.update(outcome="served", ended_at=NOON + 600).execute()
    assert ledger(HOUR).unexplained == {"call-backs served without a talk": ["x.1"]}
    t.Callback.update(outcome="unreached").execute()
    call_back("not called back")
    assert ledger(HOUR).unexplained == {"calls whose outcome is not that of their attempt": ["x.1.c1"]}
    t.Attempt.update(outcome=None, ended_at=None).execute()
    assert ledger(HOUR).unexplained == {"attempts that never ended, of calls that have": ["x.1.c1"]}


def test_a_talk_of_a_call_back_that_never_ended_is_named() -> None:
    promise()
    call_back()
    t.Visit.update(talk_ended_at=None).execute()
    assert ledger(HOUR).unexplained == {"talks that never ended, of calls that have": ["x.1"]}
