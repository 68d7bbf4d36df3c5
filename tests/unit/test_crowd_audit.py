"""The auditor of the crowd finds every difference: three books of a small day agree, until one is spoilt."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tests.scenarios.crowd.audit import differences
from tests.scenarios.crowd.seen import (
    AskedPause,
    DialRecord,
    Ring,
    RingEnd,
    Seen,
    SeenCall,
    SwitchBooks,
    SwitchLeg,
    Together,
)

Rows = dict[str, list[dict[str, Any]]]
T = 1_000_000.0


def seen() -> Seen:
    """Phone 301 declines the first caller, 302 answers; the second caller leaves while both ring."""
    return Seen(
        calls=(
            SeenCall("7001", "8801", T, T + 0.1, T + 20, hung_up=True),
            SeenCall("7002", "8801", T + 30, T + 30.1, T + 40, hung_up=True),
        ),
        rings=(
            Ring("301", "7001", T + 1, None, T + 5, RingEnd.DECLINED),
            Ring("302", "7001", T + 5, T + 8, T + 20, RingEnd.HUNG_UP_ON),
            Ring("301", "7002", T + 31, None, T + 40, RingEnd.CANCELLED),
        ),
        pauses=(AskedPause("1302", "1", T + 25, T + 50),),
        queues={"8801": "sales"},
        agents={"301": "1301", "302": "1302"},
        ring_for=15.0,
    )


def rows() -> Rows:
    def call(id: str, leg: str, number: str, began: float, ended: float, outcome: str) -> dict[str, Any]:
        times = {"started_at": T + began, "ended_at": T + ended}
        return {
            "id": id,
            "leg": leg,
            "number": f"+{number}",
            "dnis": "8801",
            "trunk": "t",
            "outcome": outcome,
        } | times

    def leg(id: str, call: str, phone: str, began: float, ended: float, cause: str) -> dict[str, Any]:
        times = {"started_at": T + began, "ended_at": T + ended}
        return {"id": id, "call": call, "endpoint": phone, "cause": cause} | times

    def part(offer: str, agent: str, began: float, ended: float, outcome: str) -> dict[str, Any]:
        times = {"at": T + began, "ended_at": T + ended}
        return {"offer": offer, "agent": agent, "phone": agent[1:], "outcome": outcome} | times

    def offer(id: str, visit: str, began: float, ended: float) -> dict[str, Any]:
        return {"id": id, "visit": visit, "at": T + began, "ended_at": T + ended}

    def visit(id: str, call: str, leg: str, joined: float, ended: float, **more: Any) -> dict[str, Any]:
        empty = {"answered_at": None, "talk_ended_at": None, "agent": None, "outcome": "abandoned"}
        times = {"joined_at": T + joined, "ended_at": T + ended}
        return {"id": id, "call": call, "leg": leg, "queue": "sales"} | times | empty | more

    sheets = {
        "1301": [
            ("ready", "signed on", None, 0),
            ("offered", "", "a.1", 1),
            ("ready", "", None, 5),
            ("offered", "", "b.1", 31),
            ("ready", "", None, 40),
        ],
        "1302": [
            ("ready", "signed on", None, 0),
            ("offered", "", "a.1", 5),
            ("talking", "", "a.1", 8),
            ("ready", "", None, 20),
            ("paused", "1", None, 25),
            ("ready", "", None, 50),
        ],
    }
    stretches = []
    for agent, sheet in sheets.items():
        for n, (state, reason, visit_id, began) in enumerate(sheet):
            ended = T + sheet[n + 1][3] if n + 1 < len(sheet) else None
            stretch = {"agent": agent, "state": state, "reason": reason, "visit": visit_id}
            stretches.append({"id": len(stretches), **stretch, "began_at": T + began, "ended_at": ended})
    answered = {"answered_at": T + 8, "talk_ended_at": T + 20, "agent": "1302", "outcome": "answered"}
    return {
        "call": [call("a", "L1", "7001", 0, 20, "answered"), call("b", "L2", "7002", 30, 40, "abandoned")],
        "leg": [
            leg("P1", "a", "301", 1, 5, "refused"),
            leg("P2", "a", "302", 5, 20, "normal"),
            leg("P3", "b", "301", 31, 40, "cancelled"),
        ],
        "visit": [visit("a.1", "a", "L1", 1, 8, **answered), visit("b.1", "b", "L2", 31, 40)],
        "offer": [offer("a.1.1", "a.1", 1, 5), offer("a.1.2", "a.1", 5, 8), offer("b.1.1", "b.1", 31, 40)],
        "offeragent": [
            part("a.1.1", "1301", 1, 5, "refused"),
            part("a.1.2", "1302", 5, 8, "answered"),
            part("b.1.1", "1301", 31, 40, "cancelled"),
        ],
        "agentstretch": stretches,
    }


def switch() -> SwitchBooks:
    return SwitchBooks(
        legs=(
            SwitchLeg("L1", "t", T, T + 0.1, T + 20, ("normal",), (Together("P2", T + 8, T + 20),)),
            SwitchLeg("P1", "301", T + 1, None, T + 5, ("refused",)),
            SwitchLeg("P2", "302", T + 5, T + 8, T + 20, ("normal",), (Together("L1", T + 8, T + 20),)),
            SwitchLeg("L2", "t", T + 30, T + 30.1, T + 40, ("normal",)),
            SwitchLeg("P3", "301", T + 31, None, T + 40, ("normal", "cancelled")),
        ),
        dials=(
            DialRecord("L1", "P1", "NO ANSWER"),
            DialRecord("L1", "P2", "ANSWERED"),
            DialRecord("L2", "P3", "NO ANSWER"),
        ),
    )


def test_books_that_agree_have_no_difference() -> None:
    assert differences(seen(), rows(), switch()) == []


def test_a_time_may_differ_by_what_a_busy_machine_takes() -> None:
    late = rows()
    for leg in late["leg"]:
        leg["ended_at"] += 1.5
    assert differences(seen(), late, switch()) == []


OTHER = {
    "call": {"number": "+7999", "dnis": "8802", "outcome": "closed", "leg": "L9", "trunk": "other"},
    "leg": {"call": "c", "endpoint": "309", "cause": "failed", "id": "P9"},
    "visit": {"call": "c", "queue": "support", "leg": "L9", "agent": "1309", "outcome": "failed"},
    "offer": {"visit": "c.1"},
    "offeragent": {"agent": "1309", "phone": "309", "outcome": "failed", "offer": "a.1.9"},
    "agentstretch": {"agent": "1309", "state": "wrap-up", "visit": "c.1"},
}
# In these rows the value says nothing that another book knows: an agent who is ready has no visit.
SAYS_NOTHING = {("agentstretch", "visit", "ready"), ("agentstretch", "visit", "paused")}


def spoilt() -> list[Any]:
    """Every value of every row, changed."""
    cases = []
    for table, items in rows().items():
        for n, row in enumerate(items):
            for column, value in row.items():
                if (table, column, row.get("state")) in SAYS_NOTHING:
                    continue
                if isinstance(value, float):
                    cases.append((table, n, column, value + 100))
                elif column in OTHER[table]:
                    cases.append((table, n, column, OTHER[table][column]))
    return [pytest.param(*case, id=f"{case[0]}-{case[1]}-{case[2]}") for case in cases]


@pytest.mark.parametrize(("table", "n", "column", "value"), spoilt())
def test_a_spoilt_value_is_found(table: str, n: int, column: str, value: object) -> None:
    wrong = rows()
    wrong[table][n][column] = value
    assert differences(seen(), wrong, switch())


@pytest.mark.parametrize(
    ("table", "n"), [(table, n) for table, items in rows().items() for n in range(len(items))]
)
def test_a_row_too_few_or_too_many_is_found(table: str, n: int) -> None:
    few, many = rows(), rows()
    del few[table][n]
    many[table].append(deepcopy(many[table][n]))
    assert differences(seen(), few, switch())
    assert differences(seen(), many, switch())


def ring(n: int, **changes: Any) -> Callable[[Seen], Seen]:
    return lambda was: replace(was, rings=(*was.rings[:n], replace(was.rings[n], **changes), *was.rings[n + 1 :]))


def call(n: int, **changes: Any) -> Callable[[Seen], Seen]:
    return lambda was: replace(was, calls=(*was.calls[:n], replace(was.calls[n], **changes), *was.calls[n + 1 :]))


@pytest.mark.parametrize(
    "change",
    [
        ring(0, end=RingEnd.BUSY),
        ring(0, phone="302"),
        ring(0, invited_at=T + 90),
        ring(1, end=RingEnd.ELSEWHERE, answered_at=None),
        ring(1, caller="7002"),
        ring(1, ended_at=T + 15),
        ring(1, answered_at=T + 12),
        ring(2, end=RingEnd.ELSEWHERE),
        ring(2, end=None, ended_at=None),
        ring(2, ended_at=T + 34),
        call(0, dialled="8802"),
        call(0, failure="503 Service Unavailable"),
        call(0, ended_at=T + 25),
        call(1, hung_up=False),
        call(1, caller="7003"),
        lambda was: replace(was, rings=was.rings[:2]),
        lambda was: replace(was, rings=(*was.rings, was.rings[0])),
        lambda was: replace(was, calls=was.calls[:1]),
        lambda was: replace(was, pauses=()),
        lambda was: replace(was, pauses=(AskedPause("1301", "1", T + 50, T + 60),)),
    ],
)
def test_what_a_phone_saw_otherwise_is_found(change: Callable[[Seen], Seen]) -> None:
    assert differences(change(seen()), rows(), switch())


@pytest.mark.parametrize(
    "change",
    [
        {"endpoint": "309"},
        {"began_at": T + 90},
        {"ended_at": T + 90},
        {"causes": ("busy",)},
        {"together": (Together("L1", T, T + 1),)},
    ],
)
@pytest.mark.parametrize("n", [1, 4])
def test_what_the_switch_wrote_otherwise_is_found(n: int, change: dict[str, Any]) -> None:
    books = switch()
    legs = (*books.legs[:n], replace(books.legs[n], **change), *books.legs[n + 1 :])
    assert differences(seen(), rows(), replace(books, legs=legs))


def test_a_channel_or_a_detail_record_too_few_or_too_many_is_found() -> None:
    books = switch()
    assert books.dials is not None
    for wrong in (
        replace(books, legs=books.legs[:-1]),
        replace(books, legs=(*books.legs, replace(books.legs[0], leg="L9"))),
        replace(books, dials=books.dials[:-1]),
        replace(books, dials=(*books.dials, DialRecord("L2", "P2", "ANSWERED"))),
        replace(books, dials=(*books.dials[:-1], DialRecord("L2", "P3", "ANSWERED"))),
    ):
        assert differences(seen(), rows(), wrong)


def test_a_phone_that_answers_too_late_has_not_answered() -> None:
    """Phone 301 was acknowledged just when its caller left."""
    late = ring(2, answered_at=T + 39.99, end=RingEnd.HUNG_UP_ON)(seen())
    assert differences(late, rows(), switch()) == []
