"""What is backed up: records, configuration, secrets, what else the appliance keeps, and recordings if wanted."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance.places import DATABASE, SQLITE, Places, reason
from appliance.program import program_version
from appliance.records.database import copy_sqlite
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.upkeep import archive, postgres
from appliance.upkeep.archive import About, Writer

# What is in a backup. The first part of a name says where it belongs.
CONFIGURATION, SECRETS, DATA, RECORDINGS = "configuration", "secrets.yml", "data", "recordings"
SQLITE_RECORDS, POSTGRES_RECORDS = "records.sqlite3", "records.pgdump"

BEFORE_RESTORE = ".before-restore-"  # in the names of what a restore has replaced
NAME = "appliance-%Y%m%d-%H%M%SZ.tar.gz"
ANY_NAME = "appliance-????????-??????Z.tar.gz"

# Of the data: what is made anew, and what is copied by other means.
_NOT_KEPT = ("sounds", "music", "console", "console.lock")
_WAYS_OF_SQLITE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class Done:
    """A backup that was made."""

    file: Path
    size: int
    recordings: int
    unreadable: tuple[Path, ...]  # recordings
    removed: tuple[Path, ...]  # older backups


def back_up(places: Places, settings: Settings, now: float, file: Path | None, with_recordings: bool) -> Done:
    """Make a backup, while the appliance runs or not. Without `file` in the directory of backups, of which only so
    many stay as the settings say. Raises Trouble or OSError."""
    named = file is not None
    if file is None:
        settings.backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = settings.backups / datetime.fromtimestamp(now, UTC).strftime(NAME)
    has_records = settings.database != SQLITE or (places.data / DATABASE).exists()
    kind = ("sqlite" if settings.database == SQLITE else "postgresql") if has_records else ""
    about = About(now, settings.company, program_version(), kind, with_recordings)
    count, unreadable = 0, list[Path]()
    with (
        tempfile.TemporaryDirectory(prefix=".appliance-backup-", dir=file.parent) as made,
        archive.writing(file, about) as backup,
    ):
        _add_records(backup, places, settings, kind, Path(made))
        _add_files(backup, CONFIGURATION, places.config, leave_out=places.secrets_file)
        if places.secrets_file.exists():
            backup.add(SECRETS, places.secrets_file)
        _add_data(backup, places.data, Path(made))
        if with_recordings:
            count, unreadable = _add_recordings(backup, settings.recordings)
    removed = () if named else _remove_old(settings.backups, settings.keep.backups)
    return Done(file, file.stat().st_size, count, tuple(unreadable), removed)


def owner_of(data: Path) -> int:
    """As whom the appliance runs: the one to whom its data belong."""
    return data.stat().st_uid


def check_sqlite(file: Path) -> None:
    """Raises Trouble when a copy of the records is damaged."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as copy:
            (said,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise Trouble(f"The records are damaged: {reason(Exception(said))}.")


def _add_records(backup: Writer, places: Places, settings: Settings, kind: str, made: Path) -> None:
    if kind == "sqlite":
        copy = made / SQLITE_RECORDS
        _copy_sqlite(places.data / DATABASE, copy)
        check_sqlite(copy)
        backup.add(SQLITE_RECORDS, copy)
        copy.unlink()
    elif kind:
        dumped = made / POSTGRES_RECORDS
        postgres.dump(settings.database, dumped, owner_of(places.data))
        backup.add(POSTGRES_RECORDS, dumped)
        dumped.unlink()


def _copy_sqlite(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source, timeout=10.0)) as open_source:
            copy_sqlite(open_source, target)
    except sqlite3.Error as error:
        raise Trouble(f"The records in {source} cannot be copied: {reason(error)}.") from None


def _add_files(backup: Writer, top: str, directory: Path, leave_out: Path) -> None:
    for path in _files(directory):
        if path != leave_out:
            backup.add(f"{top}/{path.relative_to(directory)}", path)


def _add_data(backup: Writer, data: Path, made: Path) -> None:
    """What parts of the appliance keep in files of their own."""
    for path in _files(data):
        name = path.relative_to(data)
        elsewhere = name.parts[0] in _NOT_KEPT or name.name.startswith((DATABASE, "appliance-version-"))
        if elsewhere or BEFORE_RESTORE in name.parts[0] or path.name.endswith(_WAYS_OF_SQLITE):
            continue
        if path.suffix == ".sqlite3":
            copy = made / "copy.sqlite3"
            _copy_sqlite(path, copy)
            copy.chmod(path.stat().st_mode & 0o777)
            backup.add(f"{DATA}/{name}", copy)
            copy.unlink()
        else:
            backup.add(f"{DATA}/{name}", path)


def _add_recordings(backup: Writer, directory: Path) -> tuple[int, list[Path]]:
    count, unreadable = 0, []
    for path in _files(directory):
        try:
            backup.add(f"{RECORDINGS}/{path.relative_to(directory)}", path)
            count += 1
        except PermissionError:
            unreadable.append(path)
        except FileNotFoundError:  # removed meanwhile
            continue
    return count, unreadable


def _files(directory: Path) -> Iterator[Path]:
    """The files in a directory and below that are not about to be replaced."""
    return (path for path in sorted(directory.rglob("*")) if path.is_file() and not path.name.startswith("."))


def _remove_old(directory: Path, keep: int) -> tuple[Path, ...]:
    old = sorted(directory.glob(ANY_NAME))[:-keep]
    for file in old:
        file.unlink()
    return tuple(old)
