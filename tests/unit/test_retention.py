"""What goes because it is old, and what goes because a person wants it; and that nothing else does."""

import itertools
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from peewee import Database

from appliance import facts as f
from appliance.facts import AgentState, CallOutcome, Candidate, VisitOutcome
from appliance.line import messages as m
from appliance.line.journal import JournalledAcd
from appliance.port import EndCause, Outcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.settings import Keep, Settings
from appliance.tasks.words import TaskKind, Way
from appliance.upkeep import erasure, retention
from appliance.upkeep.erasure import Person
from appliance.upkeep.retention import Removed

DAY = 24 * 3600.0
NOW = 1795165200.0
SETTINGS = Settings(Path("/nowhere"), "ACME", "RU", "UTC", "en")
ANN, BOB = "+79161234567", "+79160000000"


def no_pause() -> None:
    pass


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")
    database = open_database(url, tmp_path)
    yield database
    database.drop_tables(t.TABLES)
    database.close()


def call(database: Database, top: Path, id: str, days_ago: float, number: str = ANN, ended: bool = True) -> Path:
    """An answered call with all that belongs to one; its recording."""
    at, visit, file = NOW - days_ago * DAY, f"{id}.1", top / f"{id}.1.wav"
    facts: list[f.Fact] = [
        f.CallStarted(id, at, f"leg-{id}", number[1:], "Ann Smith", "4420", "trunk"),
        f.LegOpened(id, at, f"leg-{id}", "trunk"),
        f.CallIdentified(id, at, number, "4420", "Ann Smith", "vip", "en"),
        f.Stepped(id, at, "identified", f"{number}, Ann Smith, group vip"),
        f.Stepped(id, at, "number", "4420, Main"),
        f.VisitJoined(visit, id, "support", at, 0.0, f"leg-{id}"),
        f.Considered(visit, at, f"{visit}.1", (Candidate("1001", None, "idle"),)),
        f.Offered(f"{visit}.1", visit, at, at + 20, 15.0, {"1001": "201"}),
        f.AgentChanged("1001", at, AgentState.TALKING, "", "201", "support", visit),
        f.OfferEnded(f"{visit}.1", visit, at + 5, {"1001": Outcome.ANSWERED}),
        f.VisitAnswered(visit, at + 5, "1001"),
        f.VisitEnded(visit, at + 5, VisitOutcome.ANSWERED),
        f.RecordingStarted(id, at + 5, str(file)),
    ]
    if ended:
        facts += [
            f.TalkEnded(visit, at + 60, "1001"),
            f.AgentChanged("1001", at + 60, AgentState.READY, "wrap-up time over", "201"),
            f.DispositionKeyed(visit, at + 61, "1001", "support", "1", "sold"),
            f.LegClosed(at + 60, f"leg-{id}", EndCause.NORMAL),
            f.CallEnded(id, at + 60, CallOutcome.ANSWERED),
        ]
    Store(database).write(facts)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"a talk")
    os.utime(file, (at, at))
    return file


def counts() -> dict[str, int]:
    return {table.__name__: table.select().count() for table in t.TABLES if table is not t.SchemaVersion}


def test_what_is_old_goes_with_all_that_belongs_to_it(database: Database, tmp_path: Path) -> None:
    top = tmp_path / "recordings"
    kept = call(database, top, "new", days_ago=1)
    expected = counts()
    old = [call(database, top, f"old-{n}", days_ago=40) for n in range(250)]
    done = retention.tidy(database, Keep(records=30 * DAY), top, NOW, no_pause)
    assert (done.calls, done.recordings, done.stuck) == (250, 250, ())
    assert kept.exists() and not any(file.exists() for file in old)
    left = counts()
    assert {name: left[name] for name in expected if name not in ("AgentStretch", "EventRow")} == {
        name: expected[name] for name in expected if name not in ("AgentStretch", "EventRow")
    }
    assert t.AgentStretch.select().where(t.AgentStretch.ended_at < NOW - 30 * DAY).count() == 0
    assert retention.tidy(database, Keep(records=30 * DAY), top, NOW, no_pause) == Removed()


def test_events_that_stay_have_no_gap_and_are_counted_on(database: Database, tmp_path: Path) -> None:
    call(database, tmp_path, "old", days_ago=40)
    before = [row.n for row in t.EventRow.select()]
    call(database, tmp_path, "new", days_ago=1)
    retention.tidy(database, Keep(records=30 * DAY), tmp_path, NOW, no_pause)
    left = [row.n for row in t.EventRow.select().order_by(t.EventRow.n)]
    assert left == [*range(before[-1] + 1, left[-1] + 1)]
    retention.tidy(database, Keep(records=DAY / 2), tmp_path, NOW, no_pause)
    assert [row.n for row in t.EventRow.select()] == left[-1:]
    Store(database).write([f.Incident(NOW, "the next one")])
    assert t.EventRow.get(t.EventRow.kind == "Incident").n == left[-1] + 1


def test_a_call_that_goes_on_stays_however_old(database: Database, tmp_path: Path) -> None:
    call(database, tmp_path, "open", days_ago=40, ended=False)
    retention.tidy(database, Keep(records=30 * DAY), tmp_path, NOW, no_pause)
    rows = Store(database).open_rows()
    assert [row.id for row in rows.calls] == ["open"] and [agent.id for agent in rows.agents] == ["1001"]


def test_recordings_go_before_the_records(database: Database, tmp_path: Path) -> None:
    top = tmp_path / "recordings"
    old, new = (
        call(database, top / "2026" / "10" / "01", "old", days_ago=40),
        call(database, top, "new", days_ago=1),
    )
    for folder in (old.parent, old.parent.parent):
        os.utime(folder, (NOW - 40 * DAY,) * 2)
    stray = top / "of no call.wav"
    stray.write_bytes(b"from records that were lost")
    os.utime(stray, (NOW - 40 * DAY,) * 2)
    done = retention.tidy(database, Keep(recordings=30 * DAY), top, NOW, no_pause)
    assert done == Removed(recordings=2)
    assert new.exists() and not old.exists() and not stray.exists()
    assert [row.file for row in t.Recording.select()] == [str(new)]
    assert t.Call.select().count() == 2


def test_what_cannot_be_removed_is_named_and_not_forgotten(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = call(database, tmp_path, "old", days_ago=40)

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        done = retention.tidy(database, Keep(recordings=30 * DAY), tmp_path, NOW, no_pause)
    assert done == Removed(stuck=(file,))
    assert retention.tidy(database, Keep(recordings=30 * DAY), tmp_path, NOW, no_pause).recordings == 1


def by_hand(database: Database, top: Path, days_ago: float) -> Path:
    """Hours and a notice that were over then, and a call that heard the notice; its sound."""
    at, id = NOW - days_ago * DAY, f"n-{days_ago:g}"
    sound = top / f"{id}.wav"
    sound.write_text("sound")
    text = f"Ask {ANN} instead"
    Store(database).write(
        [
            f.HoursSet("office", at - 60, False, at, "Anna", f"{ANN} complains"),
            f.NoticeSet(id, at - 60, "all", "en", text, str(sound.with_suffix("")), at, "Anna", False),
            f.NoticeBegun(id, f"call-{days_ago:g}", at - 30),
        ]
    )
    return sound


def test_what_was_set_by_hand_goes_with_its_sound(database: Database, tmp_path: Path) -> None:
    call(database, tmp_path, "call-100", 100)
    old, new = by_hand(database, tmp_path, 100), by_hand(database, tmp_path, 10)
    retention.tidy(database, Keep(records=90 * DAY), tmp_path, NOW, no_pause)
    assert not old.exists() and new.exists()
    assert [row.until for row in t.HoursByHand.select()] == [NOW - 10 * DAY]
    assert [row.id for row in t.NoticeRow.select()] == ["n-10"]
    assert [row.notice for row in t.NoticeHearing.select()] == ["n-10"]


def test_a_person_is_taken_out_of_comments_and_notices(database: Database, tmp_path: Path) -> None:
    by_hand(database, tmp_path, 10)
    erasure.erase(database, Person(ANN), no_pause)
    assert t.HoursByHand.get().comment == "erased complains"
    assert t.NoticeRow.get().text == "Ask erased instead"
    assert not [row for row in t.EventRow.select() if "9161234567" in row.body]


def owed(database: Database, id: str, days_ago: float, done: bool) -> None:
    """A task about somebody who is named in all that is said of it."""
    at = NOW - days_ago * DAY
    facts: list[f.Fact] = [
        f.TaskOpened(id, at, TaskKind.OTHER, f"Call {ANN}", at + 60, f"Anna, for {ANN}", number=ANN),
        f.TaskEscalated(id, at + 60, 1, 0, Way.WEBHOOK, "webhook https://example.com"),
        f.TaskTold(id, at + 61, 1, True, True, "taken"),
        f.TaskMoved(id, at + 70, at + 80, "Anna", f"{ANN} is away"),
    ]
    Store(database).write([*facts, *([f.TaskDone(id, at + 90, f"called {ANN}", "Anna")] if done else [])])


def test_tasks_that_are_done_go(database: Database, tmp_path: Path) -> None:
    owed(database, "old", 100, done=True)
    owed(database, "new", 10, done=True)
    owed(database, "open", 100, done=False)
    retention.tidy(database, Keep(records=90 * DAY), tmp_path, NOW, no_pause)
    assert sorted(row.id for row in t.TaskRow.select()) == ["new", "open"]
    for table in (t.TaskChange, t.TaskNotice):
        assert sorted(row.task for row in table.select()) == ["new", "open"]


def test_a_person_is_taken_out_of_tasks(database: Database, tmp_path: Path) -> None:
    owed(database, "a", 1, done=True)
    erasure.erase(database, Person(ANN), no_pause)
    row = t.TaskRow.get()
    assert (row.text, row.number, row.outcome) == ("Call erased", None, "called erased")
    assert ANN[1:] not in everything_written(database, tmp_path)


def test_without_limits_everything_stays(database: Database, tmp_path: Path) -> None:
    file = call(database, tmp_path, "old", days_ago=4000)
    assert retention.tidy(database, Keep(), tmp_path, NOW, no_pause) == Removed()
    assert file.exists() and t.Call.select().count() == 1


def everything_written(database: Database, directory: Path) -> str:
    """All that is in the records, down to the bytes of the files where they are files."""
    rows = [json.dumps(list(row), default=str) for table in t.TABLES for row in table.select().tuples()]
    files = [file.read_bytes().decode("latin-1") for file in directory.glob("appliance.sqlite3*")]
    return "\n".join([*rows, *files])


def test_a_person_leaves_nothing_behind_but_figures(database: Database, tmp_path: Path) -> None:
    top = tmp_path / "recordings"
    files = [call(database, top, f"ann-{n}", days_ago=n) for n in (1, 2)]
    other = call(database, top, "bob", days_ago=3, number=BOB)
    before = counts()
    done = erasure.erase(database, Person(ANN), no_pause)
    assert (done.calls, done.recordings, done.going_on, done.stuck) == (2, 2, 0, ())
    assert not any(file.exists() for file in files) and other.exists()
    left = everything_written(database, tmp_path)
    assert ANN not in left and ANN[1:] not in left and BOB in left
    assert [c.id for c in t.Call.select().where(t.Call.caller_name == "Ann Smith")] == ["bob"]
    after = counts()
    assert after.pop("Recording") == before.pop("Recording") - 2
    assert after == before
    assert [c.outcome for c in t.Call.select()] == ["answered"] * 3
    assert erasure.erase(database, Person(ANN), no_pause).calls == 0


def test_an_event_tells_nothing_of_a_person_any_more(database: Database, tmp_path: Path) -> None:
    call(database, tmp_path, "ann", days_ago=1)
    erasure.erase(database, Person(ANN), no_pause)
    bodies = {row.kind: json.loads(row.body) for row in t.EventRow.select().order_by(t.EventRow.n.desc())}
    assert bodies["CallStarted"]["ani"] == "" and bodies["CallStarted"]["dnis"] == "4420"
    assert bodies["CallIdentified"]["customer"] is None and bodies["CallIdentified"]["group"] == "vip"
    steps = {row.step: row.detail for row in t.Step.select()}
    assert steps == {"identified": "erased", "number": "4420, Main"}


def test_a_call_that_goes_on_is_said_and_left(database: Database, tmp_path: Path) -> None:
    call(database, tmp_path, "open", days_ago=0, ended=False)
    done = erasure.erase(database, Person(ANN), no_pause)
    assert (done.calls, done.going_on) == (0, 1) and t.Call.get().number == ANN


def test_a_recording_that_stays_keeps_its_call_to_be_found_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = call(database, tmp_path, "ann", days_ago=1)

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        done = erasure.erase(database, Person(ANN), no_pause)
    assert (done.calls, done.stuck) == (0, (file,)) and t.Call.get().number == ANN
    assert erasure.erase(database, Person(ANN), no_pause).calls == 1
    assert t.Call.get().number is None and not file.exists()


def test_whom_we_called_is_erased_too(database: Database, tmp_path: Path) -> None:
    at = NOW - DAY
    Store(database).write(
        [
            f.CallStarted(
                "out", at, "leg", "201", "", "89161234567", "", f.Direction.OUT, phone="201", agent="1001"
            ),
            f.CallIdentified("out", at, ANN, "+74951234567", "Ann", None, "en"),
            f.Stepped("out", at, "trunk", "north: 79161234567 is called"),
            f.Stepped("out", at, "outbound", "rule mobile"),
            f.Incident(at, "an outgoing call of phone 201 was refused: +79161234567"),
            f.CallEnded("out", at + 60, CallOutcome.OUTBOUND_ANSWERED),
        ]
    )
    done = erasure.erase(database, Person(ANN), no_pause)
    assert (done.calls, done.events) == (1, 4)
    assert "9161234567" not in everything_written(database, tmp_path)
    assert [row.detail for row in t.Step.select().order_by(t.Step.id)] == [
        "north: erased is called",
        "rule mobile",
    ]
    row = t.Call.get()
    assert (row.dnis, row.agent, row.outcome) == ("", "1001", "outbound answered")


def test_who_forwarded_a_call_of_somebody_else_is_erased_from_it(database: Database, tmp_path: Path) -> None:
    at = NOW - DAY
    Store(database).write(
        [
            f.CallStarted("bob", at, "leg", BOB[1:], "Bob", "4420", "trunk", diverted=ANN[1:]),
            f.CallIdentified("bob", at, BOB, "4420", None, None, "en"),
            f.Stepped("bob", at, "forwarded", f"from {ANN[1:]}"),
            f.CallEnded("bob", at + 60, CallOutcome.ANSWERED),
        ]
    )
    erasure.erase(database, Person(ANN), no_pause)
    assert ANN[2:] not in everything_written(database, tmp_path)
    row = t.Call.get()
    assert (row.number, row.caller_name, row.diverted) == (BOB, "Bob", None)


@pytest.mark.parametrize(
    "text, left",
    [
        ("called 89161234567, busy", "called erased, busy"),
        ("+79161234567", "erased"),
        ("810 79161234567", "810 erased"),
        ("81079161234567", "erased"),
        ("+791612345670", "+791612345670"),  # somebody else
    ],
)
def test_a_number_in_any_spelling(text: str, left: str) -> None:
    assert Person(ANN).taken_out_of(text) == left


def test_who_reads_does_not_keep_everybody_from_writing(tmp_path: Path) -> None:
    """SQLite would hold the lock of writers until the last reader has ended."""
    database = open_database("sqlite", tmp_path)
    call(database, tmp_path, "ann", days_ago=1)
    with closing(sqlite3.connect(tmp_path / "appliance.sqlite3", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM call").fetchone()
        call(database, tmp_path, "bob", days_ago=1)
        pauses = itertools.count()
        retention.forget_for_good(database, lambda: next(pauses) and None)
        assert next(pauses) == 20
        assert database.execute_sql("PRAGMA busy_timeout").fetchone()[0] <= 100
        reader.execute("ROLLBACK")
    retention.forget_for_good(database, no_pause)
    assert (tmp_path / "appliance.sqlite3-wal").stat().st_size == 0
    database.close()


def test_shifts_of_long_ago_go(database: Database, tmp_path: Path) -> None:
    Store(database).write([f.ShiftBegan("1001", NOW - days * DAY, 0.0, 0.0) for days in (31, 29)])
    retention.tidy(database, Keep(records=30 * DAY), tmp_path, NOW, no_pause)
    assert [row.began_at for row in t.Shift.select()] == [NOW - 29 * DAY]


def journal_row(database: Database, days_ago: float) -> None:
    at = NOW - days_ago * DAY
    acd = JournalledAcd(SETTINGS)
    acd.journal.mark(acd, None, at, is_start=True)
    acd.handle(m.PhoneReachable("201", True), at)
    Store(database).write([f.Incident(at, "something")], acd.journal.take())


def test_the_journal_has_a_time_of_its_own_and_none_beyond_the_records(database: Database, tmp_path: Path) -> None:
    for days_ago in (60, 40, 20, 1):
        journal_row(database, days_ago)
    assert retention.tidy(database, Keep(), tmp_path, NOW, no_pause).journal == 2
    assert [(row.n, row.at) for row in t.JournalRow.select()] == [(3, NOW - 20 * DAY), (4, NOW - DAY)]
    assert [(mark.journal, mark.event) for mark in t.JournalMark.select()] == [(2, 2), (3, 3)]
    assert retention.tidy(database, Keep(records=10 * DAY), tmp_path, NOW, no_pause).journal == 1
    assert retention.tidy(database, Keep(journal=DAY / 2), tmp_path, NOW, no_pause).journal == 0
    assert [row.n for row in t.JournalRow.select()] == [4], "the last one stays to be counted on from"
    assert not t.JournalMark.select().exists()
