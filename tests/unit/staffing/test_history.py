"""What past days say: made by simulation, written down as facts, and read back."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from appliance import facts as f
from appliance.facts import Fact, VisitOutcome
from appliance.line.promises import First, Kind, Promise
from appliance.line.skills import make_needs
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.interval import Interval
from appliance.records.store import Store
from appliance.settings import Strategy
from appliance.staffing.history import habits, past
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import exponential
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, Scenario
from tests.unit.line.world import phone_of, queue, settings
from tests.unit.reports.day import MOSCOW

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=MOSCOW).timestamp()
DAY = Interval(NINE - 9 * 3600, NINE + 15 * 3600, MOSCOW)
NEEDS = make_needs({}, {"english": 1}, {})


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    facts: list[Fact] = []
    times = arrivals([Demand(NINE, 1800.0, 400.0), Demand(NINE + 1800, 1800.0, 200.0)], 1)
    calls = callers("q", times, exponential(100.0), exponential(60.0), 1, head_start=20.0, needs=NEEDS)
    ids = [f"a{n}" for n in range(15)]
    habit = {"answers_after": exponential(3.0), "misses": {Outcome.REFUSED: 0.1}, "wrap_up": exponential(25.0)}
    staff = [AgentDay(id, phone_of(id), ((NINE - 60, NINE + 3600),), **habit) for id in ids]  # type: ignore[arg-type]
    line = settings(queue("q", Strategy.LONGEST_IDLE, " ".join(ids), wrap_up=600.0))
    simulate(Scenario(line, calls, staff, 1), lambda acd, told, now: facts.extend(told))
    store = Store(open_database("sqlite", tmp_path_factory.mktemp("records")))
    store.write(facts)
    yield
    t.database.close()


def test_calls_by_time_of_day(records: None) -> None:
    known = past([DAY], ["q"], 1800.0)["q"]
    assert known.calls[18:20] == [pytest.approx(400, abs=60), pytest.approx(200, abs=45)]
    assert sum(known.calls) == sum(known.calls[18:20])
    assert known.days == {DAY.start}


def test_lengths_and_patience(records: None) -> None:
    known = past([DAY], ["q"], 1800.0)["q"]
    assert known.talk and known.wrap_up and known.patience
    assert known.talk.mean == pytest.approx(100, rel=0.15)
    assert known.wrap_up.mean == pytest.approx(25, rel=0.15)
    assert known.patience == pytest.approx(60, rel=0.2)  # although most were answered before they lost it
    assert [*known.kinds] == [(20.0, NEEDS)]


def test_how_agents_answer(records: None) -> None:
    known = habits([DAY], ["q"])
    assert known.answers_after.mean == pytest.approx(
        2.6, abs=0.3
    )  # who takes longer than the phone rings misses it
    assert known.misses[Outcome.REFUSED] == pytest.approx(0.1, abs=0.03)


def test_days_without_a_call(records: None) -> None:
    empty = Interval(0.0, 86400.0, MOSCOW)
    known = past([empty], ["q"], 1800.0)["q"]
    assert (known.talk, known.wrap_up, known.patience, known.days) == (None, None, None, set())
    assert habits([empty], ["q"]).misses == {}


def test_a_caller_who_was_sent_on_is_one_call(tmp_path: Path) -> None:
    store = Store(open_database("sqlite", tmp_path))
    try:
        for n, of in ((1, "p"), (2, "q")):
            joined = f.VisitJoined(f"c.{n}", "c", of, NINE + n, 0.0, "l")
            store.write([joined, f.VisitEnded(f"c.{n}", NINE + n + 1, VisitOutcome.OVERFLOWED)])
        both, one = past([DAY], ["p", "q"], 1800.0), past([DAY], ["q"], 1800.0)
        assert (sum(both["p"].calls), sum(both["q"].calls), sum(one["q"].calls)) == (1, 0, 1)
    finally:
        t.database.close()


def test_who_goes_home_has_held_for_so_long(tmp_path: Path) -> None:
    store = Store(open_database("sqlite", tmp_path))
    try:
        home = Promise("+79161234567", Kind.HELD, First.CUSTOMER, NINE + 60, NINE + 86400)
        store.write(
            [
                f.VisitJoined("c.1", "c", "q", NINE, 0.0, "l"),
                f.CallbackPromised("c.1", NINE + 60, "q", home),
                f.VisitAnswered("c.1", NINE + 3600, "a1"),
                f.VisitEnded("c.1", NINE + 3600, VisitOutcome.ANSWERED),
                f.TalkEnded("c.1", NINE + 3660, "a1"),
                f.VisitJoined("d.1", "d", "q", NINE, 0.0, "m"),
                f.VisitEnded("d.1", NINE + 40, VisitOutcome.ABANDONED),
            ]
        )
        known = past([DAY], ["q"], 1800.0)["q"]
        assert (sum(known.calls), known.talks, known.patience) == (2, [60.0], 100.0)
    finally:
        t.database.close()
