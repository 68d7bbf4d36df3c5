"""What other programs are told of each kind of fact, and which of them."""

import json
from datetime import UTC
from typing import Any

import pytest

from appliance import facts as f
from appliance.callbacks.webhook_bodies import KINDS, message
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Kind, Promise
from appliance.records.store import body_of
from appliance.settings import Told, Webhook

VISIT, NUMBER, AT = "261120-090000-001.1", "+74957654321", 1795165200.0
ABOUT = {
    **{"id": VISIT, "queue": "sales", "number": NUMBER, "name": "Ann", "language": "en", "kind": "held"},
    **{"promised_at": AT, "wanted_at": AT, "not_before": AT + 60, "expires": AT + 9000, "origin": None},
    **{"context": {"order": "4711"}, "first": "customer", "ended_at": None, "outcome": None, "why": None},
}
HOOK = Webhook("crm", "https://crm.test")
PROMISE = Promise(NUMBER, Kind.HELD, First.CUSTOMER, AT, AT + 9000)


def told(fact: Any, hook: Webhook = HOOK, about: dict[str, Any] | None = ABOUT) -> dict[str, Any] | None:
    """As JSON, but for the call-back."""
    made = message(
        7,
        type(fact).__name__,
        AT,
        json.loads(body_of(fact)),
        about,
        hook,
        UTC,
        lambda row: f"https://x/{row['id']}",
    )
    return None if made is None else json.loads(made.body)


EVENTS = [
    (f.CallbackPromised(VISIT, AT, "sales", PROMISE), {"event": "promised"}),
    (
        f.CallbackMoved(VISIT, AT, AT + 60, "asked"),
        {"event": "moved", "not_before": "2026-11-20T09:01:00+00:00", "why": "asked"},
    ),
    (
        f.ReminderDue(VISIT, AT, "crm", AT + 60),
        {"event": "reminder", "not_before": "2026-11-20T09:01:00+00:00"},
    ),
    (
        f.AttemptBegan(VISIT, AT, 2, First.AGENT, NUMBER, 25.0, "an agent is free", "o1", "1001", "201"),
        {"event": "called", "attempt": 2, "first": "agent", "agent": "1001", "why": "an agent is free"},
    ),
    (f.CustomerReached(VISIT, AT, 2, f"{VISIT}.c2", "leg"), {"event": "reached", "attempt": 2}),
    (
        f.AttemptEnded(VISIT, AT, 2, AttemptEnd.BUSY, AT + 120),
        {"event": "missed", "attempt": 2, "end": "busy", "next_at": "2026-11-20T09:02:00+00:00"},
    ),
    (
        f.CallbackEnded(VISIT, AT, CallbackEnd.UNREACHED, "busy"),
        {"event": "ended", "end": "unreached", "why": "busy"},
    ),
]


@pytest.mark.parametrize("fact, expected", EVENTS, ids=lambda each: type(each).__name__)
def test_each_event(fact: Any, expected: dict[str, Any]) -> None:
    found = told(fact)
    assert found is not None
    about = found.pop("callback")
    assert found == {"id": "7", "at": "2026-11-20T09:00:00+00:00", **expected}
    assert (about["id"], about["number"], about["context"]) == (VISIT, NUMBER, {"order": "4711"})
    assert about["not_before"] == "2026-11-20T09:01:00+00:00"
    assert about.get("link") == (None if expected["event"] == "ended" else f"https://x/{VISIT}")


def test_there_is_an_example_of_each() -> None:
    assert {type(fact).__name__ for fact, _ in EVENTS} == set(KINDS) and set(KINDS.values()) == set(Told)


def test_a_talk_is_no_attempt_that_was_missed() -> None:
    assert told(f.AttemptEnded(VISIT, AT, 2, AttemptEnd.SERVED)) is None


def test_only_who_wants_to_know() -> None:
    hook = Webhook("crm", "https://crm.test", (Told.ENDED,))
    assert [bool(told(fact, hook)) for fact, _ in EVENTS] == [False] * 6 + [True]


def test_a_reminder_is_for_one_receiver_alone() -> None:
    assert told(f.ReminderDue(VISIT, AT, "sms", AT + 60)) is None


def test_a_call_back_that_has_been_forgotten() -> None:
    found = told(f.CallbackEnded(VISIT, AT, CallbackEnd.SERVED), about=None)
    assert found is not None and found["callback"] == {"id": VISIT}
