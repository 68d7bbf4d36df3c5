"""The versions of the tables: an older database is brought up to date at start, a newer one is refused.

To change the tables: change appliance/records/models.py, and add a Change here that does the same to a
database in use.
A new table needs none. tests/unit/test_migrations.py compares what comes of both ways.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from peewee import Database, DoubleField, IntegerField, SqliteDatabase, TextField, fn
from playhouse.migrate import Operation, SchemaMigrator, migrate

from appliance.records import models as t
from appliance.records.models import SchemaVersion
from appliance.trouble import Trouble

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Change:
    """From one version to the next.

    `steps` are operations of playhouse.migrate, with fields of their own: those of the models will change again.
    `additive`: programs of the version before can still use the database, because only tables, indexes or columns
    that may be empty have been added. So an upgrade can be taken back without losing what has happened since.
    """

    what: str
    steps: Callable[[SchemaMigrator], Sequence[Operation]]
    additive: bool = False


# The first leads from version 1 to 2, and so on. For example:
#   Change(
#       "calls know their colour",
#       lambda m: [m.add_column("call", "colour", TextField(null=True))],
#       additive=True,
#   ),
CHANGES: tuple[Change, ...] = (
    Change(
        "calls go out as well, and may have been forwarded",
        lambda m: [
            m.add_column("call", column, TextField(null=True))
            for column in ("direction", "phone", "agent", "rule", "diverted")
        ],
        additive=True,
    ),
    Change(
        "calls know the version of the configuration",
        lambda m: [m.add_column("call", "version", IntegerField(null=True))],
        additive=True,
    ),
    Change("hours and notices are set by hand", lambda m: [], additive=True),  # tables of their own
    Change(
        "visits know what they need of an agent",
        lambda m: [m.add_column("visit", "needs", TextField(null=True))],
        additive=True,
    ),
    Change(
        "callers come back to their place and to their agent",
        lambda m: [
            m.add_column("visit", "waited", DoubleField(null=True)),
            m.add_column("visit", "prefers", TextField(null=True)),
            m.add_column("visit", "came_back", TextField(null=True)),
            m.add_index("visit", ("came_back",)),
            m.add_column("visit", "code", TextField(null=True)),
            m.add_column("call", "cause", TextField(null=True)),
        ],
        additive=True,
    ),
    Change("what the line is told is kept", lambda m: [], additive=True),  # tables of their own
    Change(
        "callers leave queues for elsewhere, also for numbers outside",  # and a table of its own
        lambda m: [m.add_column("call", "sent_on_by", TextField(null=True))],
        additive=True,
    ),
    Change("callers leave messages", lambda m: [], additive=True),  # in a table of its own
    Change("what is expected of waits is judged", lambda m: [], additive=True),  # a table of its own
    Change(
        "customers are called back",  # and tables of their own
        lambda m: [
            m.add_column("visit", "later_call", TextField(null=True)),
            m.add_index("visit", ("later_call",)),
        ],
        additive=True,
    ),
    Change("other programs are told of call-backs", lambda m: [], additive=True),  # tables of their own
    Change("tasks have deadlines", lambda m: [], additive=True),  # tables of their own
)

_FIRST = 1
_LOCK = 0x6170706C  # a number of our own among Postgres's advisory locks


@dataclass(frozen=True)
class Version:
    """`usable_from`: the oldest version of a program that can use this database."""

    number: int
    usable_from: int


def version_of(database: Database) -> Version | None:
    """The version of a database; None where there are no tables yet."""
    if database.table_exists(SchemaVersion._meta.table_name):
        newest, usable = SchemaVersion.select(
            fn.MAX(SchemaVersion.version), fn.MAX(SchemaVersion.usable_from)
        ).scalar(as_tuple=True)
        if newest is not None:
            return Version(newest, usable)
    return Version(_FIRST, _FIRST) if database.table_exists(t.Call._meta.table_name) else None


def bring_up_to_date(
    database: Database, keep_copy: Callable[[int], None], changes: Sequence[Change] = CHANGES
) -> None:
    """Make or change the tables for this program, all at once or not at all, and prove that they can be written.

    `keep_copy` is told the version first if there is anything to change. Raises Trouble or peewee.DatabaseError.
    """
    newest = _FIRST + len(changes)
    found = version_of(database)
    _refuse_newer(found, newest)
    if found is not None and found.number < newest:
        keep_copy(found.number)
    with _alone(database):
        found = version_of(database)  # another program may have been faster
        _refuse_newer(found, newest)
        database.create_tables([SchemaVersion], safe=True)
        if found is None:
            database.create_tables(t.TABLES, safe=True)
            usable = max((_FIRST + n for n, each in enumerate(changes, 1) if not each.additive), default=_FIRST)
            SchemaVersion.create(version=newest, what="made", usable_from=usable)
        else:
            if not SchemaVersion.select().exists():
                SchemaVersion.create(version=_FIRST, what="found", usable_from=_FIRST)
            _change(database, found, changes)
            database.create_tables(t.TABLES, safe=True)  # those that are new
        SchemaVersion.update(starts=SchemaVersion.starts + 1).execute()
    if found is not None and found.number < newest:
        log.info("the records were brought from version %d to %d", found.number, newest)


def make_if_none(database: Database, changes: Sequence[Change] = CHANGES) -> None:
    """For programs that only read: change nothing that is there. Raises Trouble if it is not of our version."""
    newest = _FIRST + len(changes)
    found = version_of(database)
    _refuse_newer(found, newest)
    if found is None:
        bring_up_to_date(database, lambda version: None, changes)
    elif found.number < newest:
        raise Trouble(
            f"The records are of version {found.number} and this program is made for version {newest}: "
            "restart the appliance, which brings them up to date."
        )


def _change(database: Database, found: Version, changes: Sequence[Change]) -> None:
    migrator = SchemaMigrator.from_database(database)
    usable = found.usable_from
    for version, change in enumerate(changes[found.number - _FIRST :], found.number + 1):
        migrate(*change.steps(migrator))
        usable = usable if change.additive else version
        SchemaVersion.create(version=version, what=change.what, usable_from=usable)


def _refuse_newer(found: Version | None, newest: int) -> None:
    if found is not None and found.usable_from > newest:
        raise Trouble(
            f"The records are of version {found.number}, and this program knows versions up to {newest}: "
            "install the newer program again, or restore the backup that was made before the upgrade."
        )


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """A transaction that nobody else can be in: of two programs that start, one finds it done."""
    if isinstance(database, SqliteDatabase):
        with database.atomic("IMMEDIATE"):
            yield
        return
    with database.atomic():
        database.execute_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))  # type: ignore[no-untyped-call]
        yield
