"""Facts into rows and back, on SQLite and on Postgres."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import Database, IntegrityError, InterfaceError, OperationalError
from playhouse.db_url import connect

from appliance import facts as f
from appliance.facts import AgentState, CallOutcome, Candidate, PassedOver, VisitOutcome
from appliance.port import EndCause, Outcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store

NOW = 1795165200.123456


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")
    database = open_database(url, tmp_path)
    yield database
    database.drop_tables(t.TABLES)
    database.close()


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


CALL = f.CallStarted("c", NOW, "leg-1", "84951234567", 'Ann "Q"; DROP TABLE call;--\n\u202e100%', "4420", "trunk")
WAITING = [
    CALL,
    f.CallIdentified("c", NOW, "+74951234567", "4420", "Ann", "vip", "en"),
    f.CallProgressed("c", NOW, CallOutcome.ABANDONED),
    f.VisitJoined("c.1", "c", "support", NOW + 1, 300.0, "leg-1"),
]
OFFERED = [
    f.AgentChanged("1001", NOW, AgentState.READY, "signed on", "201"),
    *WAITING,
    f.Considered("c.1", NOW + 2, "c.1.1", (Candidate("1001", None, "idle"), Candidate("1", PassedOver.PAUSED))),
    f.Offered("c.1.1", "c.1", NOW + 2, NOW + 22, 15.0, {"1001": "201"}),
    f.AgentChanged("1001", NOW + 2, AgentState.OFFERED, "", "201", "support", "c.1"),
    f.LegOpened("c", NOW + 2, "leg-2", "201"),
]
TALKING = [
    *OFFERED,
    f.OfferEnded("c.1.1", "c.1", NOW + 5, {"1001": Outcome.ANSWERED}),
    f.VisitAnswered("c.1", NOW + 5, "1001"),
    f.VisitEnded("c.1", NOW + 5, VisitOutcome.ANSWERED),
    f.AgentChanged("1001", NOW + 5, AgentState.TALKING, "", "201", "support", "c.1"),
]
OVER = [
    *TALKING,
    f.TalkEnded("c.1", NOW + 65, "1001"),
    f.AgentChanged("1001", NOW + 65, AgentState.WRAP_UP, "", "201", "support", "c.1", NOW + 95),
    f.LegClosed(NOW + 65, "leg-2", EndCause.NORMAL),
    f.CallEnded("c", NOW + 65, CallOutcome.ANSWERED),
    f.DispositionKeyed("c.1", NOW + 70, "1001", "support", "1", "sold"),
    f.RecordingStarted("c", NOW + 5, "/r/c.1.wav"),
    f.Stepped("c", NOW, "menu", "main"),
    f.Incident(NOW, "something differed"),
]


def test_a_caller_s_name_arrives_unharmed(store: Store) -> None:
    store.write([CALL])
    assert t.Call.get().caller_name == CALL.caller_name
    assert t.Call.get().started_at == NOW  # to the microsecond


def test_a_waiting_caller_is_read_back(store: Store) -> None:
    store.write(WAITING)
    rows = store.open_rows()
    (call,), (visit,) = rows.calls, rows.visits
    assert (call.id, call.leg, call.outcome, call.visits) == ("c", "leg-1", CallOutcome.ABANDONED, 1)
    assert (visit.joined_at, visit.head_start, visit.present, visit.offer) == (NOW + 1, 300.0, False, None)
    assert rows.last_call == "c"


def test_an_offer_is_read_back_with_its_lease(store: Store) -> None:
    store.write(OFFERED)
    rows = store.open_rows()
    offer = rows.visits[0].offer
    assert offer and (offer.id, offer.phones, offer.until) == ("c.1.1", {"1001": "201"}, NOW + 22)
    assert rows.visits[0].offers == 1
    assert [(a.id, a.state, a.phone, a.visit) for a in rows.agents] == [("1001", AgentState.OFFERED, "201", "c.1")]
    assert rows.legs == {"leg-2": "201"}


def test_a_talk_is_read_back(store: Store) -> None:
    store.write(TALKING)
    rows = store.open_rows()
    assert rows.visits[0].agent == "1001" and rows.agents[0].last_visit == "c.1"


def test_nothing_is_open_after_the_end_but_the_wrap_up(store: Store) -> None:
    store.write(OVER)
    rows = store.open_rows()
    assert (rows.calls, rows.visits, rows.legs) == ([], [], {})
    agent = rows.agents[0]
    assert (agent.state, agent.until, agent.idle_since) == (AgentState.WRAP_UP, NOW + 95, NOW + 65)


def test_every_fact_is_a_numbered_event(store: Store) -> None:
    store.write(OVER)
    events = list(t.EventRow.select().order_by(t.EventRow.n))
    assert [e.n for e in events] == list(range(1, len(OVER) + 1))
    assert [e.kind for e in events] == [type(fact).__name__ for fact in OVER]
    bodies = {e.kind: json.loads(e.body) for e in events}
    assert bodies["OfferEnded"]["results"] == {"1001": "answered"}


def test_a_batch_is_written_whole_or_not_at_all(store: Store) -> None:
    store.write([CALL])
    with pytest.raises(IntegrityError):
        store.write([f.Stepped("c", NOW, "menu", "main"), CALL])
    assert t.Step.select().count() == 0 and t.EventRow.select().count() == 1


def test_a_postgres_that_was_restarted_is_written_to_again(postgres: str, tmp_path: Path) -> None:
    database = open_database(postgres, tmp_path)
    store = Store(database)
    (own,) = database.execute_sql("SELECT pg_backend_pid()").fetchone()
    other = connect(postgres, prefer_psycopg3=True)
    other.execute_sql(f"SELECT pg_terminate_backend({own}, 5000)")
    other.close()
    with pytest.raises((OperationalError, InterfaceError)):
        store.write([CALL])
    store.write([CALL])
    assert t.Call.select().count() == 1
    database.drop_tables(t.TABLES)
    database.close()


def test_an_agent_s_idle_time_outlives_a_restart(store: Store) -> None:
    store.write(OVER)
    store.write([f.AgentChanged("1001", NOW + 95, AgentState.READY, "wrap-up time over", "201")])
    assert store.open_rows().agents[0].idle_since == NOW + 65
    store.write([f.AgentChanged("1001", NOW + 100, AgentState.PAUSED, "1", "201")])
    store.write([f.AgentChanged("1001", NOW + 400, AgentState.READY, "resumed", "201")])
    assert store.open_rows().agents[0].idle_since == NOW + 400


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    Store(open_database("sqlite", tmp_path)).write(WAITING)
    t.database.close()
    assert Store(open_database("sqlite", tmp_path)).open_rows().calls
    t.database.close()
