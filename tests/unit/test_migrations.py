"""Databases of other versions: brought up to date at once or not at all, used, or refused."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from peewee import Database, DoubleField, OperationalError, TextField

from appliance import facts as f
from appliance.places import open_records
from appliance.records import database as opening
from appliance.records import migrations
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.migrations import CHANGES, Change, bring_up_to_date, make_if_none, version_of
from appliance.records.store import Store
from appliance.trouble import Trouble

SCHEMA_1 = (Path(__file__).parent / "schema_1.sql").read_text()
CALL = f.CallStarted("c", 1795165200.0, "leg-1", "84951234567", "Ann", "4420", "trunk")
FILE = "appliance.sqlite3"

COLOURS = Change(
    "calls know their colour", lambda m: [m.add_column("call", "colour", TextField(null=True))], additive=True
)
WEIGHTS = Change(
    "visits have a weight instead of a head start",
    lambda m: [
        m.add_column("visit", "weight", DoubleField(default=1.0)),
        m.rename_column("visit", "head_start", "old_head_start"),
    ],
)
LATER = (*CHANGES, COLOURS, WEIGHTS)
NOW, THEN = 1 + len(CHANGES), 1 + len(LATER)


@pytest.fixture(params=["sqlite", "postgres"])
def used(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of today's version with a call in it."""
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")
    database = open_database(url, tmp_path)
    Store(database).write([CALL, f.VisitJoined("c.1", "c", "support", CALL.at, 30.0, "leg-1")])
    yield database
    database.drop_tables(t.TABLES)
    database.close()


def columns(database: Database, table: str) -> set[str]:
    return {column.name for column in database.get_columns(table)}


def upgrade(database: Database, changes: tuple[Change, ...] = LATER) -> list[int]:
    """Bring it up to date; the versions of which a copy was to be kept."""
    kept: list[int] = []
    bring_up_to_date(database, kept.append, changes)
    return kept


def test_a_database_in_use_is_brought_up_to_date(used: Database) -> None:
    assert upgrade(used) == [NOW]
    assert {"colour"} < columns(used, "call") and {"weight", "old_head_start"} < columns(used, "visit")
    assert used.execute_sql("SELECT weight, old_head_start FROM visit").fetchall() == [(1.0, 30.0)]
    found = version_of(used)
    assert found and (found.number, found.usable_from) == (THEN, THEN)
    assert upgrade(used) == []


def test_what_happened_is_written_down(used: Database) -> None:
    upgrade(used)
    rows = [(row.version, row.what) for row in t.SchemaVersion.select().order_by(t.SchemaVersion.version)]
    assert rows[-2:] == [(THEN - 1, COLOURS.what), (THEN, WEIGHTS.what)]


def test_a_change_that_fails_half_way_leaves_the_old_database(used: Database) -> None:
    broken = Change(
        "breaks", lambda m: [m.add_column("call", "x", TextField(null=True)), m.drop_column("no", "no")]
    )
    with pytest.raises(Exception, match=r"no"):
        upgrade(used, (*LATER, broken))
    found = version_of(used)
    assert found and found.number == NOW
    assert not {"colour", "x"} & columns(used, "call")
    assert t.Call.get().caller_name == "Ann"
    upgrade(used)
    assert t.Call.get().caller_name == "Ann"


def test_a_program_that_dies_half_way_leaves_the_old_database(tmp_path: Path) -> None:
    Store(open_database("sqlite", tmp_path)).write([CALL])
    t.database.close()
    dies = """
import os, sys
from pathlib import Path
from peewee import TextField
from appliance.records import migrations
from appliance.records.database import open_database
from appliance.records.migrations import Change
def steps(m):
    return [m.add_column("call", "colour", TextField(null=True)), m.sql("DELETE FROM call"), Death()]
class Death:
    def run(self):
        os.kill(os.getpid(), 9)
migrations.bring_up_to_date.__defaults__ = ((*migrations.CHANGES, Change("dies", steps)),)
open_database("sqlite", Path(sys.argv[1]), upgrade=True)
"""
    done = subprocess.run([sys.executable, "-c", dies, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == -9, done.stderr
    database = open_database("sqlite", tmp_path)
    assert "colour" not in columns(database, "call") and t.Call.get().caller_name == "Ann"
    database.close()
    with closing(sqlite3.connect(tmp_path / f"appliance-version-{NOW}.sqlite3")) as copy:
        assert copy.execute("SELECT caller_name FROM call").fetchall() == [("Ann",)]


def test_a_copy_is_kept_that_nobody_else_can_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(open_database("sqlite", tmp_path)).write([CALL])
    t.database.close()
    monkeypatch.setattr(migrations.bring_up_to_date, "__defaults__", (LATER,))
    open_database("sqlite", tmp_path, upgrade=True).close()
    copy = tmp_path / f"appliance-version-{NOW}.sqlite3"
    assert copy.stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.glob(".*"))


def test_without_room_for_a_copy_nothing_is_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store(open_database("sqlite", tmp_path)).write([CALL])
    t.database.close()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(migrations.bring_up_to_date, "__defaults__", (LATER,))
    monkeypatch.setattr(opening, "copy_sqlite", full)
    with pytest.raises(Trouble, match=r"cannot be used: database or disk is full"):
        open_records("sqlite", tmp_path, upgrade=True)
    database = open_database("sqlite", tmp_path)
    assert "colour" not in columns(database, "call")
    database.close()


def test_a_newer_database_is_refused(used: Database) -> None:
    upgrade(used)
    for use in (upgrade, make_if_none):
        with pytest.raises(Trouble) as trouble:
            use(used, CHANGES)
        assert str(trouble.value) == (
            f"The records are of version {THEN}, and this program knows versions up to {NOW}: install the newer "
            "program again, or restore the backup that was made before the upgrade."
        )


def test_a_newer_database_with_mere_additions_is_used(used: Database) -> None:
    """So an upgrade that turns out badly is taken back without losing the calls since."""
    upgrade(used, (*CHANGES, COLOURS))
    assert upgrade(used, CHANGES) == []
    make_if_none(used, CHANGES)
    Store(used).write([f.Stepped("c", CALL.at, "menu", "main")])
    found = version_of(used)
    assert found and (found.number, found.usable_from) == (NOW + 1, 1)
    assert upgrade(used, (*CHANGES, COLOURS)) == []


def test_who_only_reads_changes_nothing(used: Database) -> None:
    with pytest.raises(Trouble, match=rf"of version {NOW} and this program is made for version {THEN}: restart"):
        make_if_none(used, LATER)
    assert "colour" not in columns(used, "call")


def test_a_disk_that_takes_nothing_is_found_at_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the daemon would take calls and could not serve them."""
    open_database("sqlite", tmp_path, upgrade=True).close()
    starts = t.SchemaVersion.starts
    monkeypatch.setattr(type(t.database.obj), "atomic", _refuse)
    with pytest.raises(Trouble, match=r"cannot be used: attempt to write a readonly database"):
        open_records("sqlite", tmp_path, upgrade=True)
    monkeypatch.undo()
    open_database("sqlite", tmp_path, upgrade=True).close()
    database = open_database("sqlite", tmp_path)
    assert t.SchemaVersion.select(starts).scalar() == 2
    database.close()


def test_a_full_disk_is_called_that_whatever_the_database_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_bavail=10, f_frsize=4096))
    monkeypatch.setattr("appliance.records.database.open_database", _refuse)
    with pytest.raises(Trouble, match=r"readonly database\. The disk is full: make room\.$"):
        open_records("sqlite", tmp_path, upgrade=True)


def _refuse(*_: object) -> Any:
    try:
        raise OperationalError("attempt to write a readonly database")
    except OperationalError:
        raise OperationalError("cannot rollback - no transaction is active")  # noqa: B904


def shape(file: Path) -> dict[str, object]:
    """Tables with their columns and indexes, whatever their order."""
    with closing(sqlite3.connect(file)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found: dict[str, object] = {}
        for name in names:
            about = sorted(row[1:] for row in database.execute(f'PRAGMA table_info("{name}")'))
            found[name] = about, sorted(row[1] for row in database.execute(f'PRAGMA index_list("{name}")'))
        return found


def test_an_old_database_becomes_what_a_new_one_is(tmp_path: Path) -> None:
    """Whoever changes models.py has to add a Change, or this fails."""
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
    with closing(sqlite3.connect(tmp_path / "old" / FILE)) as old:
        old.executescript(SCHEMA_1)
    for name in ("old", "new"):
        open_database("sqlite", tmp_path / name, upgrade=True).close()
    assert shape(tmp_path / "old" / FILE) == shape(tmp_path / "new" / FILE)
    assert (tmp_path / "old" / "appliance-version-1.sqlite3").exists() == bool(CHANGES)


def test_of_two_programs_that_start_one_finds_it_done(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as old:
        old.executescript(SCHEMA_1)
    code = "import sys; from pathlib import Path; from appliance.records.database import open_database as o\n"
    code += "o('sqlite', Path(sys.argv[1]), upgrade=True)"
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    command = [sys.executable, "-c", code, str(tmp_path)]
    both = [subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) for _ in range(2)]
    complaints = [each.communicate(timeout=60)[1].decode() for each in both]
    assert complaints.count("") >= 1 and not [c for c in complaints if c and "locked" not in c], complaints
    database = open_database("sqlite", tmp_path, upgrade=True)
    assert t.SchemaVersion.select().count() == 1 + len(CHANGES)
    database.close()
