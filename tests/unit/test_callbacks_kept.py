"""How long call-backs are kept, and that a person can be taken out of them: out of tables, events and journal."""

import json
from pathlib import Path

import pytest
from peewee import Database

from appliance import facts as f
from appliance.facts import CallOutcome, Direction, VisitOutcome
from appliance.line import messages as m
from appliance.line.journal import JournalledAcd, read_told
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Kind, Promise, attempt_id
from appliance.records import models as t
from appliance.records.abandoned import abandoned
from appliance.records.callback_figures import callback_figures
from appliance.records.callback_lists import callbacks, find_callback, related_calls
from appliance.records.interval import Interval
from appliance.records.reports import report
from appliance.records.store import Store
from appliance.records.why import story
from appliance.settings import Keep, Strategy
from appliance.upkeep import erasure, retention
from appliance.upkeep.erasure import Person
from appliance.whatif.recorded import read_day
from tests.unit.line.world import queue, settings
from tests.unit.reports.day import MOSCOW
from tests.unit.test_retention import ANN, BOB, DAY, NOW, database, everything_written, no_pause

__all__ = ["database"]  # a fixture

LINE = settings(queue("support", Strategy.LONGEST_IDLE, "a1"))


def promised(number: str = ANN, at: float = NOW - DAY) -> Promise:
    said = (("about", "Ann's roof"), ("mail", "ann@example.org"))
    return Promise(number, Kind.WEB, First.CUSTOMER, at, at + 40 * DAY, name="Ann Smith", context=said)


class Life:
    """A line, and all that is written down of it."""

    def __init__(self, database: Database, at: float) -> None:
        self.acd, self.store, self.now = JournalledAcd(LINE), Store(database), at
        self.acd.journal.mark(self.acd, None, at, is_start=True)

    def tell(self, *messages: m.Message) -> None:
        for message in messages:
            facts = self.acd.handle(message, self.now)
            self.store.write(facts, self.acd.journal.take())
            for fact in facts:
                if isinstance(fact, f.AttemptBegan):
                    id = attempt_id(fact.visit, fact.n)
                    self.store.write(
                        [
                            f.CallStarted(id, self.now, id, "", "", fact.number, "", Direction.OUT),
                            f.CallIdentified(id, self.now, fact.number, None, "Ann Smith", "", ""),
                            f.Stepped(id, self.now, "trunk", f"north: {fact.number} is called"),
                            f.CallProgressed(id, self.now, CallOutcome.CALL_BACK_FAILED),
                        ]
                    )
                if isinstance(fact, f.AttemptEnded) and fact.end is not AttemptEnd.SERVED:
                    id = attempt_id(fact.visit, fact.n)
                    self.store.write([f.CallEnded(id, self.now, CallOutcome.CALL_BACK_FAILED)])

    def mark(self) -> None:
        self.acd.journal.mark(self.acd, None, self.now, is_start=False)
        self.store.write([], self.acd.journal.take())


def life(database: Database, at: float = NOW - DAY, number: str = ANN, ends: bool = True) -> Life:
    """Somebody asks in the web, is called in vain, put off, and called no more."""
    here = Life(database, at)
    id = f"c{number[-1]}"
    here.tell(m.CallerJoins(f"{id}.1", id, "support", 0.0, id, promise=promised(number, at)))
    here.tell(m.PhoneReachable("p1", True), m.SignOn("a1", "p1"))
    here.tell(m.AttemptFails(f"{id}.1", 1, AttemptEnd.BUSY))
    here.tell(m.MoveCallback(f"{id}.1", here.now + 3600, f"asked for by {number}"))
    here.mark()
    if ends:
        here.now += 60
        here.tell(m.EndCallback(f"{id}.1", CallbackEnd.CANCELLED, f"{number} has written an e-mail"))
    return here


def test_a_person_leaves_nothing_behind_but_figures(database: Database, tmp_path: Path) -> None:
    life(database)
    when = Interval(NOW - 2 * DAY, NOW, MOSCOW)
    before = callback_figures(when, NOW)
    done = erasure.erase(database, Person(ANN), no_pause)
    assert (done.calls, done.callbacks, done.promised) == (1, 1, 0)
    left = everything_written(database, tmp_path)
    for secret in (ANN, ANN[1:], "Ann Smith", "Ann's roof", "ann@example.org"):
        assert secret not in left
    row = t.Callback.get()
    assert (row.number, row.name, row.context, row.outcome) == ("", "", "{}", "cancelled")
    assert row.why == "erased has written an e-mail"
    assert callback_figures(when, NOW) == before and before[0].promised == 1
    assert erasure.erase(database, Person(ANN), no_pause).callbacks == 0


def test_nobody_else_is_erased(database: Database, tmp_path: Path) -> None:
    life(database, number=BOB)
    before = everything_written(database, tmp_path)
    assert erasure.erase(database, Person(ANN), no_pause).callbacks == 0
    assert BOB in before and t.Callback.get().number == BOB
    assert all(BOB in row.body for row in t.EventRow.select().where(t.EventRow.kind == "CallbackPromised"))


def test_of_events_what_happened_stays(database: Database) -> None:
    life(database)
    erasure.erase(database, Person(ANN), no_pause)
    bodies = {row.kind: json.loads(row.body) for row in t.EventRow.select()}
    assert bodies["CallbackPromised"]["promise"]["number"] == bodies["AttemptBegan"]["number"] == ""
    assert bodies["CallbackPromised"]["promise"]["kind"] == "web"
    assert bodies["CallbackMoved"]["why"] == "asked for by erased"


def test_a_journal_can_still_be_read(database: Database) -> None:
    life(database)
    erasure.erase(database, Person(ANN), no_pause)
    told = [message for row in t.JournalRow.select() for _, message in read_told(row.messages)]
    (joins,) = [message for message in told if isinstance(message, m.CallerJoins)]
    (ends,) = [message for message in told if isinstance(message, m.EndCallback)]
    assert joins.promise is not None and (joins.promise.name, joins.promise.context) == ("", ())
    assert joins.promise.number not in ("", ANN) and ends.why == "erased has written an e-mail"


def test_who_is_still_to_be_called_can_be(database: Database) -> None:
    life(database, ends=False)
    done = erasure.erase(database, Person(ANN), no_pause)
    assert (done.callbacks, done.promised) == (0, 1)
    (visit,) = Store(database).open_rows().visits
    assert visit.home is not None and visit.home.promise.number == ANN


@pytest.mark.parametrize("ends", [True, False])
def test_what_is_old_goes_unless_somebody_is_still_to_be_called(
    database: Database, tmp_path: Path, ends: bool
) -> None:
    life(database, at=NOW - 40 * DAY + 7200, ends=ends)
    retention.tidy(database, Keep(records=30 * DAY), tmp_path, NOW, no_pause)
    count = 0 if ends else 1
    for table in (t.Callback, t.CallbackMove, t.Attempt, t.Visit, t.Call):
        assert table.select().count() == count, table


def test_either_database_tells_the_same(database: Database) -> None:
    life(database)
    when = Interval(NOW - 2 * DAY, NOW, MOSCOW)
    told = report(when, NOW)
    assert told.ledger is not None and told.ledger.unexplained == {}
    assert [(each.promised, each.attempts) for each in told.callbacks] == [(1, {"busy": 1})]
    assert [(each.offered, each.unreached) for each in told.queues] == [(1, 1)]
    assert [each["last"] for each in callbacks(when, queue="support", number=ANN)] == ["busy"]
    assert find_callback("c7").id == find_callback("c7.1.c1").id == find_callback("last").id == "c7.1"
    assert related_calls(ANN, ()) != [] and related_calls(ANN, ["c7.1.c1"]) == []
    assert [moment.kind for moment in story(t.Call.get_by_id("c7.1.c1")).moments].count("attempt") == 1
    assert [stay.held for stay in read_day(when, NOW).stays] == [0.0]
    assert abandoned(when) == []


def test_a_call_stays_while_its_customer_is_at_home(database: Database, tmp_path: Path) -> None:
    at = NOW - 40 * DAY
    store = Store(database)
    store.write(
        [
            f.CallStarted("c", at, "leg", "1", "", "2", "main"),
            f.VisitJoined("c.1", "c", "support", at, 0.0, "leg"),
            f.CallbackPromised("c.1", at, "support", promised(at=at)),
            f.CallEnded("c", at + 60, CallOutcome.CALLBACK_PROMISED),
        ]
    )
    retention.tidy(database, Keep(records=30 * DAY), tmp_path, NOW, no_pause)
    assert [visit.id for visit in store.open_rows().visits] == ["c.1"] and t.Call.select().count() == 1
    ends = f.VisitEnded("c.1", at + 90, VisitOutcome.UNREACHED)
    store.write([ends, f.CallbackEnded("c.1", at + 90, CallbackEnd.EXPIRED)])
    retention.tidy(database, Keep(records=30 * DAY), tmp_path, NOW, no_pause)
    assert not any(table.select().exists() for table in (t.Callback, t.Visit, t.Call))
