"""What is removed because it has been kept long enough, and what is removed because a person wants it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import JOIN, Database, Model, SqliteDatabase, fn

from appliance.records import models as t
from appliance.records.database import writing
from appliance.settings import Keep

_MOMENT = 50  # milliseconds
_ATTEMPTS = 20
AT_ONCE = 100  # rows of a transaction, which the running appliance has to wait for


@dataclass
class Removed:
    """How much was removed. `stuck` are recordings that could not be."""

    calls: int = 0
    stretches: int = 0  # of agents' time sheets
    events: int = 0
    recordings: int = 0
    journal: int = 0  # rows of it
    stuck: tuple[Path, ...] = ()


class Files:
    """Removes recordings and remembers what could not be removed."""

    def __init__(self) -> None:
        self.removed = 0
        self.stuck: list[Path] = []

    def remove(self, file: Path) -> bool:
        """Whether the file is gone now."""
        try:
            file.unlink()
            self.removed += 1
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:
            self.stuck.append(file)
            return False
        return True


def tidy(database: Database, keep: Keep, top: Path, now: float, pause: Callable[[], None]) -> Removed:
    """Remove what is older than it has to be kept. `pause` is called between transactions: calls come first."""
    done, files = Removed(), Files()
    overwrite_what_is_deleted(database)
    lasts = [span for span in (keep.recordings, keep.records) if span is not None]
    if lasts:  # a recording does not outlive the record of its call
        _tidy_messages(database, now - min(lasts), files, pause)
        _tidy_recordings(database, top, now - min(lasts), files, pause)
    if keep.records is not None:
        before = now - keep.records
        done.calls = _tidy_calls(database, before, pause)
        _tidy_callbacks(database, before, pause)
        done.stretches = _tidy_rows(database, t.AgentStretch, t.AgentStretch.ended_at, before, pause)
        _tidy_rows(database, t.Shift, t.Shift.began_at, before, pause)
        _tidy_rows(database, t.Leg, t.Leg.ended_at, before, pause)  # those of no call
        _tidy_by_hand(database, before, files, pause)
        _tidy_rows(database, t.Reminder, t.Reminder.at, before, pause)
        _tidy_tasks(database, before, pause)
        done.events = _tidy_numbered(database, t.EventRow, before, pause)
    spans = [span for span in (keep.journal, keep.records) if span is not None]
    if spans:  # what follows from it has to be there to compare with
        done.journal = _tidy_numbered(database, t.JournalRow, now - min(spans), pause)
        _tidy_rows(database, t.JournalMark, t.JournalMark.at, now - min(spans), pause)
    forget_for_good(database, pause)
    done.recordings, done.stuck = files.removed, tuple(files.stuck)
    return done


def _tidy_recordings(
    database: Database, top: Path, before: float, files: Files, pause: Callable[[], None]
) -> None:
    row = t.Recording
    last = 0
    while rows := list(row.select().where(row.at < before, row.id > last).order_by(row.id).limit(AT_ONCE)):
        gone = [each.id for each in rows if files.remove(Path(each.file))]
        with writing(database):
            row.delete().where(row.id.in_(gone)).execute()
        last = rows[-1].id
        pause()
    for file in sorted(top.rglob("*.wav")):  # those of which no row is left
        if file.is_file() and file.stat().st_mtime < before and file not in files.stuck:
            files.remove(file)
    for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()) and folder.stat().st_mtime < before:
            folder.rmdir()


def _tidy_messages(database: Database, before: float, files: Files, pause: Callable[[], None]) -> None:
    row = t.Message
    last = 0.0, ""
    while rows := list(
        row.select()
        .where(row.at < before, (row.at > last[0]) | ((row.at == last[0]) & (row.id > last[1])))
        .order_by(row.at, row.id)
        .limit(AT_ONCE)
    ):
        gone = [each.id for each in rows if files.remove(Path(each.file))]
        with writing(database):
            row.delete().where(row.id.in_(gone)).execute()
        last = rows[-1].at, rows[-1].id
        pause()


def _tidy_calls(database: Database, before: float, pause: Callable[[], None]) -> int:
    count = 0
    old = t.Call.select(t.Call.id).where(t.Call.started_at < before, t.Call.ended_at < before, ~_still_needed())
    while ids := _keys(old.order_by(t.Call.started_at).limit(AT_ONCE)):
        with writing(database):
            _delete_calls(ids)
        count += len(ids)
        pause()
    return count


def _still_needed() -> Any:
    """Whether somebody is to be called back because of a call, or was called by it and will be again."""
    is_open = t.Callback.ended_at.is_null()
    first = t.Callback.select(t.Callback.id).join(t.Visit, on=(t.Visit.id == t.Callback.id))
    again = t.Callback.select(t.Callback.id).join(t.Attempt, on=(t.Attempt.callback == t.Callback.id))
    promised = fn.EXISTS(first.where(is_open, t.Visit.call == t.Call.id))
    return promised | fn.EXISTS(again.where(is_open, t.Attempt.id == t.Call.id))


def _tidy_callbacks(database: Database, before: float, pause: Callable[[], None]) -> None:
    """Those that were promised in no call; the others go with the call."""
    old = (
        t.Callback.select(t.Callback.id)
        .join(t.Visit, JOIN.INNER, on=(t.Visit.id == t.Callback.id))
        .join(t.Call, JOIN.LEFT_OUTER, on=(t.Call.id == t.Visit.call))
        .where(
            t.Call.id.is_null(),
            t.Callback.ended_at < before,
            fn.COALESCE(t.Visit.talk_ended_at, t.Visit.ended_at) < before,
        )
    )
    while ids := _keys(old.limit(AT_ONCE)):
        with writing(database):
            _delete_visits(ids)
        pause()


def _delete_calls(ids: Sequence[str]) -> None:
    _delete_visits(_keys(t.Visit.select(t.Visit.id).where(t.Visit.call.in_(ids))))
    columns = (t.Leg.call, t.Step.call, t.Recording.call, t.NoticeHearing.call, t.Message.call, t.Call.id)
    for column in columns:
        for some in _pieces(ids):
            column.model.delete().where(column.in_(some)).execute()


def _delete_visits(visits: Sequence[str]) -> None:
    offers = [
        offer
        for some in _pieces(visits)
        for offer in _keys(t.Offer.select(t.Offer.id).where(t.Offer.visit.in_(some)))
    ]
    for column, keys in (
        (t.OfferAgent.offer, offers),
        (t.Offer.id, offers),
        (t.Decision.visit, visits),
        (t.Departure.visit, visits),
        (t.WaitEstimate.visit, visits),
        (t.DispositionRow.visit, visits),
        (t.CallbackMove.callback, visits),
        (t.Attempt.callback, visits),
        (t.Callback.id, visits),
        (t.Visit.id, visits),
    ):
        for some in _pieces(keys):
            column.model.delete().where(column.in_(some)).execute()


def _tidy_by_hand(database: Database, before: float, files: Files, pause: Callable[[], None]) -> None:
    """What was set by hand and is over for so long; notices with their sounds."""
    _tidy_rows(database, t.HoursByHand, t.HoursByHand.until, before, pause)
    row = t.NoticeRow
    old = list(row.select().where(row.until < before))
    gone = [notice.id for notice in old if files.remove(Path(f"{notice.sound}.wav"))]
    for some in _pieces(gone):
        with writing(database):
            row.delete().where(row.id.in_(some)).execute()
        pause()


def _tidy_tasks(database: Database, before: float, pause: Callable[[], None]) -> None:
    """Those that are done."""
    old = t.TaskRow.select(t.TaskRow.id).where(t.TaskRow.done_at < before)
    while ids := _keys(old.limit(AT_ONCE)):
        with writing(database):
            for column in (t.TaskChange.task, t.TaskNotice.task, t.TaskRow.id):
                column.model.delete().where(column.in_(ids)).execute()
        pause()


def _tidy_rows(
    database: Database, table: type[Model], ended_at: Any, before: float, pause: Callable[[], None]
) -> int:
    count = 0
    key: Any = table._meta.primary_key
    while ids := _keys(table.select(key).where(ended_at < before).limit(AT_ONCE)):
        with writing(database):
            table.delete().where(key.in_(ids)).execute()
        count += len(ids)
        pause()
    return count


def _tidy_numbered(database: Database, row: Any, before: float, pause: Callable[[], None]) -> int:
    """From the beginning, so that there is no gap in those that stay; the last one stays to be counted on from."""
    first_to_stay = row.select(fn.MIN(row.n)).where(row.at >= before).scalar()
    if first_to_stay is None:
        first_to_stay = row.select(fn.MAX(row.n)).scalar() or 0
    count = 0
    while (first := row.select(fn.MIN(row.n)).scalar() or first_to_stay) < first_to_stay:
        end = min(first + AT_ONCE * 10, first_to_stay)
        with writing(database):
            count += row.delete().where(row.n < end).execute()
        pause()
    return count


def _keys(query: Any) -> list[str]:
    return [key for (key,) in query.tuples()]


def _pieces(keys: Sequence[str]) -> Iterable[Sequence[str]]:
    return (keys[n : n + AT_ONCE * 5] for n in range(0, len(keys), AT_ONCE * 5))


def forget_for_good(database: Database, pause: Callable[[], None]) -> None:
    """Take what was deleted out of SQLite's log as well, unless somebody reads there all the time.

    While SQLite waits for readers to end nobody can write, so it may wait for a moment only.
    """
    if isinstance(database, SqliteDatabase):
        database.execute_sql(f"PRAGMA busy_timeout = {_MOMENT}")  # type: ignore[no-untyped-call]
        for _ in range(_ATTEMPTS):
            cursor = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[no-untyped-call]
            if cursor.fetchone()[0] == 0:
                return
            pause()


def overwrite_what_is_deleted(database: Database) -> None:
    """Have SQLite leave nothing readable where something was deleted."""
    if isinstance(database, SqliteDatabase):
        database.execute_sql("PRAGMA secure_delete = ON")  # type: ignore[no-untyped-call]
