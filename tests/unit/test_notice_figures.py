"""How many heard a notice and hung up informed, on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import Database

from appliance import facts as f
from appliance.facts import CallOutcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.interval import Interval
from appliance.records.notice_figures import notice_figures
from appliance.records.store import Store

NOON = 1795165200.0


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")
    database = open_database(url, tmp_path)
    yield database
    database.drop_tables(t.TABLES)
    database.close()


def call(id: str, heard: float | None, ended: float | None, joined: float | None = None) -> list[f.Fact]:
    """A call at noon that hears the notice until then."""
    facts: list[f.Fact] = [
        f.CallStarted(id, NOON, f"leg-{id}", "", "", "4420", "trunk"),
        f.NoticeBegun("storm", id, NOON),
    ]
    facts += [] if heard is None else [f.NoticeHeard("storm", id, NOON + heard)]
    facts += [] if joined is None else [f.VisitJoined(f"{id}.1", id, "sales", NOON + joined, 0.0, f"leg-{id}")]
    return facts + ([] if ended is None else [f.CallEnded(id, NOON + ended, CallOutcome.INFORMED)])


@pytest.mark.parametrize(("hang_up", "left"), [(False, 2), (True, 1)])
def test_who_left_because_of_it(database: Database, hang_up: bool, left: int) -> None:
    Store(database).write(
        [
            f.NoticeSet("storm", NOON - 60, "all", "en", "Storm", "/s/storm", NOON + 600, "Anna", hang_up),
            *call("during", None, 3),
            *call("soon", 5, 15),
            *call("late", 5, 16),
            *call("queued", 5, 9, joined=8),
            *call("going-on", 5, None),
            f.NoticeBegun("storm", "soon", NOON + 90),  # again, after a crash
        ]
    )
    (storm,) = notice_figures()
    assert (storm.heard, storm.hung_up, storm.then) == (5, left, "hang-up" if hang_up else "continue")
    assert notice_figures(Interval(NOON + 60, NOON + 120, None)) == []  # type: ignore[arg-type]
    assert notice_figures(Interval(NOON, NOON + 1, None)) == [storm]  # type: ignore[arg-type]


def test_one_that_was_ended_is_over_then(database: Database) -> None:
    store = Store(database)
    store.write([f.NoticeSet("storm", NOON, "all", "en", "", "/s/storm", NOON + 600, "Anna", False)])
    store.write([f.NoticeEnded("storm", NOON + 60, "Boris")])
    (storm,) = notice_figures()
    assert (storm.until, storm.is_over(NOON + 60), storm.is_over(NOON + 59)) == (NOON + 60, True, False)
    assert t.NoticeRow.get().ended_by == "Boris" and store.by_hand() == []
