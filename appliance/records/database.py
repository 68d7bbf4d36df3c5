"""Opening the database, SQLite or Postgres, and copying one that is in use."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from peewee import Database, SqliteDatabase
from playhouse.db_url import connect

from appliance.records import migrations
from appliance.records import models as t

_PATIENCE = 10_000  # milliseconds
_NOT_FOR_OTHERS = 0o027  # the group may read, the world nothing; SQLite's -wal and -shm follow the file


def open_database(url: str, data: Path, upgrade: bool = False) -> Database:
    """Bind the tables to a database, and make them if there are none. `upgrade`: bring older ones up to date.

    `url` is "sqlite" (appliance.sqlite3 in `data`) or a peewee database URL. Raises Trouble for tables of another
    version, or peewee.DatabaseError.
    """
    if url == "sqlite":
        make_directory(data)
        # One connection: the engine's greenlet is the only one that uses it. WAL lets reports read meanwhile.
        # While SQLite waits for somebody else's lock every greenlet does, so briefly: the engine tries again.
        database = SqliteDatabase(
            str(data / "appliance.sqlite3"),
            pragmas={"journal_mode": "wal", "synchronous": "normal", "busy_timeout": 200},
            thread_safe=False,
        )
    else:
        # psycopg 3 waits through sockets that gevent patches; version 2 would block every other greenlet.
        database = connect(url, thread_safe=False, prefer_psycopg3=True)
    t.database.initialize(database)
    mask = os.umask(_NOT_FOR_OTHERS)
    try:
        database.connect(reuse_if_open=True)
        if upgrade:
            migrations.bring_up_to_date(database, lambda version: _keep_copy(database, data, version))
        else:
            migrations.make_if_none(database)
    except BaseException:
        database.close()
        raise
    finally:
        os.umask(mask)
    return database


def _keep_copy(database: Database, data: Path, version: int) -> None:
    """Copy an SQLite database before it is changed; of others the administrator makes backups."""
    if isinstance(database, SqliteDatabase):
        connection = database.connection()  # type: ignore[no-untyped-call]
        copy_sqlite(connection, data / f"appliance-version-{version}.sqlite3")


def copy_sqlite(source: sqlite3.Connection, file: Path) -> None:
    """A consistent copy of a database that may be in use; one that fails leaves nothing. Raises sqlite3.Error."""
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.new")  # two programs may be starting
    unfinished.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(unfinished)) as copy:
            source.backup(copy)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def writing(database: Database) -> Iterator[None]:
    """A transaction beside that of a running appliance: short, since it may have to wait, and waits for it."""
    if isinstance(database, SqliteDatabase):
        database.execute_sql(f"PRAGMA busy_timeout = {_PATIENCE}")  # type: ignore[no-untyped-call]
        with database.atomic("IMMEDIATE"):
            yield
    else:
        with database.atomic():
            yield


def make_directory(path: Path) -> None:
    """Make a directory for what callers said and did: its owner's and group's alone. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir(mode=0o750, exist_ok=True)


def first_cause(error: BaseException) -> str:
    """What went wrong first, on one line: after a full disk, undoing fails too, and that is what is raised."""
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(str(error).split())
