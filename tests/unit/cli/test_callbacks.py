"""The commands about call-backs: lists, the story of one customer, and what the running appliance is asked."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance import facts as f
from appliance.facts import CallOutcome, Direction, VisitOutcome
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Kind, Promise, attempt_id
from appliance.port import EndCause
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.trouble import Trouble
from tests.unit.cli.site import NOON, run

CALL = "231115-011320-001"
VISIT = f"{CALL}.1"
NUMBER = "+79161234567"
PROMISE = Promise(
    NUMBER, Kind.HELD, First.CUSTOMER, NOON + 60, NOON + 86400, name="Ann", context=(("about", "a roof"),)
)


@pytest.fixture
def store(site: Path) -> Iterator[Store]:
    yield Store(open_database("sqlite", site / "data"))
    t.database.close()


def promised(store: Store) -> None:
    store.write(
        [
            f.CallStarted(CALL, NOON, "leg-1", "89161234567", "", "4420", "main"),
            f.CallIdentified(CALL, NOON, NUMBER, "4420", "Ann", None, "en"),
            f.VisitJoined(VISIT, CALL, "sales", NOON, 0.0, "leg-1"),
            f.WaitExpected(VISIT, NOON, "sales", 500.0, 600.0, 700.0),
            f.CallbackPromised(VISIT, NOON + 60, "sales", PROMISE, NOON + 75),
            f.CallEnded(CALL, NOON + 61, CallOutcome.CALLBACK_PROMISED),
        ]
    )


def tried(store: Store, n: int, at: float, why: str, end: AttemptEnd, ended: float, next_at: float | None) -> None:
    id = attempt_id(VISIT, n)
    store.write(
        [
            f.AttemptBegan(VISIT, NOON + at, n, First.CUSTOMER, NUMBER, 25.0, why),
            f.CallStarted(id, NOON + at, id, "", "", NUMBER, "", Direction.OUT),
            f.CallIdentified(id, NOON + at, NUMBER, None, "Ann", None, "en"),
            f.TrunkTried(id, NOON + at, "russia", "north"),
            f.Stepped(id, NOON + at, "trunk", f"north: {NUMBER} is called"),
        ]
    )
    if end is AttemptEnd.SERVED:
        store.write(
            [
                f.CustomerReached(VISIT, NOON + ended - 5, n, id, id),
                f.VisitAnswered(VISIT, NOON + ended, "1001"),
                f.VisitEnded(VISIT, NOON + ended, VisitOutcome.ANSWERED),
                f.AttemptEnded(VISIT, NOON + ended, n, end),
                f.CallbackEnded(VISIT, NOON + ended, CallbackEnd.SERVED),
                f.TalkEnded(VISIT, NOON + ended + 90, "1001"),
                f.CallEnded(id, NOON + ended + 90, CallOutcome.CALLED_BACK, EndCause.NORMAL),
                f.DispositionKeyed(VISIT, NOON + ended + 95, "1001", "sales", "1", "sold"),
            ]
        )
        return
    next_try = None if next_at is None else NOON + next_at
    store.write(
        [
            f.AttemptEnded(VISIT, NOON + ended, n, end, next_try),
            f.CallEnded(id, NOON + ended, CallOutcome.CALL_BACK_FAILED, EndCause.BUSY),
        ]
    )


def whole_story(store: Store) -> None:
    promised(store)
    tried(store, 1, 570, "2 agents free or soon to be, 1 before", AttemptEnd.BUSY, 575, 695)
    tried(store, 2, 700, "1 agent free or soon to be, nobody before", AttemptEnd.SERVED, 720, None)


def test_nobody_is_to_be_called_back(site: Path, store: Store) -> None:
    assert run(site, "callbacks").output == "Nobody is to be called back.\n"
    assert run(site, "callbacks", "--all").output == "There are no such call-backs.\n"


def test_while_the_appliance_does_not_run_the_records_tell(site: Path, store: Store) -> None:
    promised(store)
    output = run(site, "callbacks").output
    assert NUMBER in output and "The appliance is not running" in output
    (found,) = json.loads(run(site, "callbacks", "--json").output)
    assert (found["callback"], found["outcome"]) == (VISIT, None)
    assert found["promised_at"] == "2023-11-15T01:14:20.000+03:00"


def test_those_that_have_ended(site: Path, store: Store) -> None:
    whole_story(store)
    assert run(site, "callbacks").output == "Nobody is to be called back.\n"
    for chosen in (
        ["--all"],
        ["--day", "2023-11-15"],
        ["--all", "--number", "8 916 123-45-67", "--queue", "sales"],
    ):
        (found,) = json.loads(run(site, "callbacks", *chosen, "--json").output)
        assert (found["outcome"], found["attempts"], found["last"]) == ("served", 2, "served")
    assert json.loads(run(site, "callbacks", "--day", "2023-11-14", "--json").output) == []
    assert json.loads(run(site, "callbacks", "--all", "--number", "+79160000000", "--json").output) == []


def test_the_whole_story_of_one_customer(site: Path, store: Store) -> None:
    whole_story(store)
    store.write([f.CallStarted("other", NOON + 2000, "leg-o", "", "", "4420", "main")])
    store.write([f.CallIdentified("other", NOON + 2000, NUMBER, "4420", "Ann", None, "en")])
    told = run(site, "callbacks", "show", "last").output
    shown = [line.split("  ", 1)[1] for line in told.splitlines() if line.startswith("01:")]
    assert shown == [
        "arrives on 4420 by trunk main",
        "joins the queue sales",
        "is expected to wait 8:20 to 11:40",
        f"is to be called back at {NUMBER}, the customer first: goes home, and keeps the place (about: a roof)",
        "the call ends: call-back promised",
        f"attempt 1: {NUMBER} is called, since 2 agents free or soon to be, 1 before",
        f"attempt 1: trunk: north: {NUMBER} is called",
        "attempt 1: the call ends: not called back (busy)",
        "attempt 1: busy, again in 2:00 at the earliest",
        f"attempt 2: {NUMBER} is called, since 1 agent free or soon to be, nobody before",
        f"attempt 2: trunk: north: {NUMBER} is called",
        "attempt 2: the customer presses the key, and is in line at the old place",
        "talks to 1001 after a wait of 12:00",
        "attempt 2: served",
        "the call-back ends: served",
        "attempt 2: the call ends: called back",
        "the talk ends after 1:30",
        "1001 keys 1: sold",
    ]
    assert "Outcome: served." in told and told.splitlines()[-1].split()[0] == "other"
    for reference in (CALL, VISIT, attempt_id(VISIT, 1), CALL[:8]):
        data = json.loads(run(site, "callbacks", "show", reference, "--json").output)
        assert data["callback"]["callback"] == VISIT and len(data["moments"]) == len(shown)
        assert [call["id"] for call in data["related_calls"]] == ["other"]


@pytest.mark.parametrize("call", [CALL, attempt_id(VISIT, 1), attempt_id(VISIT, 2)])
def test_why_tells_it_across_the_calls(site: Path, store: Store, call: str) -> None:
    whole_story(store)
    told = run(site, "why", call).output
    assert told.startswith(f"Call {call}\n")
    for piece in (
        "arrives on 4420",
        "since 2 agents free or soon to be, 1 before",
        "talks to 1001",
        "keys 1: sold",
    ):
        assert piece in told
    data = json.loads(run(site, "why", call, "--json").output)
    assert {"promised", "attempt", "attempt ended", "call-back ended"} <= {m["kind"] for m in data["moments"]}


def test_the_calls_that_belong_to_it_are_listed_with_its_visit(site: Path, store: Store) -> None:
    whole_story(store)
    rows = json.loads(run(site, "calls", "--json").output)
    assert {row["id"]: len(row["visits"]) for row in rows} == {
        CALL: 1,
        attempt_id(VISIT, 1): 0,
        attempt_id(VISIT, 2): 1,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["callbacks", "--queue", "milk"], "There is no queue 'milk'"),
        (["callbacks", "--number", "soon"], "'soon' is not a telephone number"),
        (["callbacks", "--day", "soon"], "'soon' is not a day"),
        (["callbacks", "show", "x"], "There is no call-back 'x'"),
        (["callbacks", "show", "last"], "There is no call-back in the records yet"),
        (["callbacks", "add", "sales", NUMBER, "--context", "x"], "'x' is no field"),
        (["callbacks", "add", "sales", NUMBER, "--at", "soon"], "'soon' is not a time"),
        (["callbacks", "move", "x", "soon"], "'soon' is not a time"),
        (["callbacks", "cancel", "x", "--why", "no"], "The appliance is not running"),
    ],
)
def test_what_cannot_be_is_said(site: Path, store: Store, arguments: list[str], sentence: str) -> None:
    with pytest.raises(Trouble, match=sentence):
        run(site, *arguments)


def test_the_running_appliance_is_asked(site: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []
    one = {
        "callback": VISIT,
        "queue": "sales",
        "number": NUMBER,
        "name": "Ann\x1b[31m",
        "kind": "held",
        "first": "customer",
        "place": 3,
        "since": NOON,
        "expected": {"low": 60.0, "middle": 90.0, "high": 120.0},
        "not_before_at": NOON,
        "expires_at": NOON + 86400,
        "attempts": 1,
        "tries": 1,
        "state": "at home",
    }

    def answer(places: object, command: str, **arguments: Any) -> Any:
        asked.append((command, arguments))
        return [one, {**one, "number": "+78120000000"}] if command == "callbacks" else one

    monkeypatch.setattr("appliance.commands.callbacks.ask", answer)
    lines = run(site, "callbacks", "--number", NUMBER).output.splitlines()
    assert len(lines) == 2 and lines[1].split()[:3] == ["sales", "3", NUMBER] and "\x1b" not in lines[1]
    assert "when it is their turn" in lines[1]
    added = run(site, "callbacks", "add", "sales", "8 916 123-45-67", "--context", "ticket=47=11", "--name", "Ann")
    assert added.output == f"{NUMBER} is called back, at place 3: {VISIT}.\n"
    assert asked[-1][1]["context"] == {"ticket": "47=11"} and asked[-1][1]["at"] is None
    run(site, "callbacks", "move", VISIT, "2023-11-15 14:30")
    assert asked[-1][1]["at"] == NOON - 4400 + 14 * 3600 + 30 * 60
    assert (
        run(site, "callbacks", "cancel", VISIT, "--why", "no").output == f"{NUMBER} is not called back any more.\n"
    )
    assert asked[-1][0] == "callback-cancel" and asked[-1][1]["why"] == "no"


def test_the_times_that_customers_may_choose(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        {"begins_at": NOON, "ends_at": NOON + 1800, "room": 2},
        {"begins_at": NOON + 1800, "ends_at": NOON + 3600, "room": 0},
    ]
    asked: list[object] = []

    def answer(places: object, command: str, **arguments: Any) -> Any:
        asked.append((command, arguments))
        return {"queue": "sales", "time_zone": "UTC", "slots": found}

    monkeypatch.setattr("appliance.commands.callback_slots.ask", answer)
    lines = run(site, "callbacks", "slots", "sales", "--day", "tomorrow").output.splitlines()
    assert [line.split()[-1] for line in lines] == ["room", "2", "full"]
    assert asked == [("callback-slots", {"queue": "sales", "day": "tomorrow"})]
    data = json.loads(run(site, "callbacks", "slots", "sales", "--json").output)
    assert data["slots"][1]["room"] == 0 and data["slots"][0]["begins_at"].endswith("+00:00")
    found.clear()
    assert run(site, "callbacks", "slots", "sales").output == "No time is left.\n"
