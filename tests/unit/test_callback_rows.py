"""Call-backs into rows and back, on SQLite and on Postgres: a customer at home is restored as the line had it."""

from dataclasses import replace

import pytest

from appliance import facts as f
from appliance.facts import CallOutcome, Direction, VisitOutcome
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Home, Kind, Promise, attempt_id
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.callback_rows import promise_of
from appliance.records.store import Store
from tests.unit.test_store import database, store

__all__ = ["database", "store"]  # fixtures

NOW = 1795165200.123456
CALL, VISIT = "261120-090000-001", "261120-090000-001.1"
FIRST, SECOND = attempt_id(VISIT, 1), attempt_id(VISIT, 2)
PROMISE = Promise(
    "+74951234567",
    Kind.HELD,
    First.CUSTOMER,
    NOW + 10,
    NOW + 86400,
    "ru",
    'Анна \u202e"Q"; DROP TABLE callback;--',
    (("subject", "a roof\nthat leaks"), ("budget", "")),
    "somewhere",
)
WENT_HOME = [
    f.CallStarted(CALL, NOW, "leg-1", "84951234567", "", "4420", "trunk"),
    f.VisitJoined(VISIT, CALL, "support", NOW, 0.0, "leg-1"),
    f.CallbackPromised(VISIT, NOW + 10, "support", PROMISE, NOW + 25),
    f.CallEnded(CALL, NOW + 12, CallOutcome.CALLBACK_PROMISED),
]


def began(n: int, at: float = 100.0, first: First = First.CUSTOMER, offer: str | None = None) -> list[f.Fact]:
    id = attempt_id(VISIT, n)
    return [
        f.AttemptBegan(VISIT, NOW + at, n, first, PROMISE.number, 25.0, "an agent is free", offer=offer),
        f.CallStarted(id, NOW + at, id, PROMISE.number, "", "", "", Direction.OUT),
    ]


def failed(n: int, end: AttemptEnd, at: float, next_at: float | None) -> f.AttemptEnded:
    return f.AttemptEnded(VISIT, NOW + at, n, end, None if next_at is None else NOW + next_at)


def reached(n: int, at: float) -> f.CustomerReached:
    id = attempt_id(VISIT, n)
    return f.CustomerReached(VISIT, NOW + at, n, id, id)


HOME = Home(PROMISE, NOW + 25)


@pytest.mark.parametrize(
    ("facts", "home", "call", "leg"),
    [
        ([], HOME, CALL, "leg-1"),
        (
            [f.CallbackMoved(VISIT, NOW + 50, NOW + 7200, "the customer said so")],
            replace(HOME, not_before=NOW + 7200),
            *(CALL, "leg-1"),
        ),
        (began(1), replace(HOME, attempts=1, calling=True), FIRST, FIRST),
        (
            [*began(1), failed(1, AttemptEnd.BUSY, 110, 230)],
            replace(HOME, attempts=1, tries=1, not_before=NOW + 230),
            *(FIRST, FIRST),
        ),
        (
            [*began(1), failed(1, AttemptEnd.FAILED, 110, 140), *began(2, 140)],
            replace(HOME, attempts=2, not_before=NOW + 140, calling=True),
            *(SECOND, SECOND),
        ),
        ([*began(1), reached(1, 120)], replace(HOME, attempts=1, reached=True), FIRST, FIRST),
        (
            [*began(1), reached(1, 120), failed(1, AttemptEnd.NO_AGENT, 130, 190), *began(2, 200)],
            replace(HOME, attempts=2, tries=1, not_before=NOW + 190, calling=True),
            *(SECOND, SECOND),
        ),
    ],
)
def test_a_customer_at_home_is_read_back(
    store: Store, facts: list[f.Fact], home: Home, call: str, leg: str
) -> None:
    store.write([*WENT_HOME, *facts])
    (visit,) = store.open_rows().visits
    assert visit.home == home
    assert (visit.id, visit.call, visit.leg, visit.joined_at) == (VISIT, call, leg, NOW)


def test_agent_first_the_offer_is_read_back_too(store: Store) -> None:
    offer = f"{VISIT}.1"
    given = f.Offered(offer, VISIT, NOW + 99, NOW + 140, 25.0, {"1001": "201"})
    store.write([*WENT_HOME, given, *began(1, 100, First.AGENT, offer)])
    (visit,) = store.open_rows().visits
    assert visit.offer and visit.offer.phones == {"1001": "201"} and visit.home and visit.home.calling
    missed = f.OfferEnded(offer, VISIT, NOW + 125, {"1001": Outcome.NO_ANSWER})
    store.write([missed, failed(1, AttemptEnd.AGENT_MISSED, 125, 125)])
    (visit,) = store.open_rows().visits
    assert visit.offer is None and (visit.offers, visit.came_to_nothing) == (1, 1)
    assert visit.home == replace(HOME, attempts=1, tries=0, not_before=NOW + 125)
    assert visit.missed.keys() == {"1001"}


def test_while_the_customer_talks_the_call_is_that_of_the_attempt(store: Store) -> None:
    talks = [
        f.VisitAnswered(VISIT, NOW + 130, "1001"),
        f.VisitEnded(VISIT, NOW + 130, VisitOutcome.ANSWERED),
        f.AttemptEnded(VISIT, NOW + 130, 1, AttemptEnd.SERVED),
        f.CallbackEnded(VISIT, NOW + 130, CallbackEnd.SERVED),
    ]
    store.write([*WENT_HOME, *began(1), reached(1, 120), *talks])
    (visit,) = store.open_rows().visits
    assert (visit.call, visit.leg, visit.agent) == (FIRST, FIRST, "1001")
    assert visit.home == replace(HOME, attempts=1), "neither being called nor waiting"
    store.write([f.TalkEnded(VISIT, NOW + 200, "1001")])
    assert store.open_rows().visits == []


def test_what_joins_at_home_is_read_back(store: Store) -> None:
    joined = f.VisitJoined(VISIT, CALL, "support", NOW, 0.0, CALL, waited=-10.0, promise=PROMISE)
    store.write([joined, f.CallbackPromised(VISIT, NOW, "support", PROMISE)])
    rows = store.open_rows()
    assert rows.calls == [] and rows.visits[0].home == Home(PROMISE, NOW + 10) and rows.visits[0].waited == -10.0
    assert rows.last_call == CALL, "it is not given to a call as well"


def test_a_call_back_that_is_over_is_not_open(store: Store) -> None:
    over = [
        f.CallbackEnded(VISIT, NOW + 500, CallbackEnd.CANCELLED, "served in the shop"),
        f.VisitEnded(VISIT, NOW + 500, VisitOutcome.UNREACHED),
    ]
    store.write([*WENT_HOME, *over])
    assert store.open_rows().visits == []
    row = t.Callback.get()
    assert (row.outcome, row.why, row.ended_at) == ("cancelled", "served in the shop", NOW + 500)
    store.write([f.CallbackEnded(VISIT, NOW + 600, CallbackEnd.EXPIRED)])
    assert t.Callback.get().outcome == "cancelled", "it ends once"


def test_who_came_back_to_the_line_may_go_home_again(store: Store) -> None:
    store.write([*WENT_HOME, *began(1), failed(1, AttemptEnd.BUSY, 110, 230)])
    back = f.VisitReturned(VISIT, NOW + 150, "leg-2", "261120-091000-001")
    store.write([f.CallbackEnded(VISIT, NOW + 150, CallbackEnd.CALLED_IN), back])
    (visit,) = store.open_rows().visits
    assert (visit.home, visit.leg, visit.call) == (None, "leg-2", "261120-091000-001")
    other = replace(PROMISE, number="+78120000000", not_before=NOW + 160)
    store.write([f.CallbackPromised(VISIT, NOW + 160, "support", other)])
    (visit,) = store.open_rows().visits
    assert visit.home == Home(other, NOW + 160, attempts=1, tries=0), "the ids of attempts go on"
    assert promise_of(t.Callback.get()) == other


def test_the_highest_id_is_that_of_a_call(store: Store) -> None:
    store.write([*WENT_HOME, *began(1)])
    assert store.open_rows().last_call == CALL
    later = "261120-090000-1000"
    for id in ("261120-090000-999", later):
        store.write([f.CallStarted(id, NOW, f"leg-{id}", "", "", "", "")])
    assert store.open_rows().last_call == later
    store.write([f.CallStarted("261120-085959-004", NOW, "leg-x", "", "", "", "")])
    assert store.open_rows().last_call == later
