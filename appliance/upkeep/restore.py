"""Putting back what a backup holds: it is unpacked and checked beside what is there, then the two change places.

What was there stays under another name. Whatever fails before the end, everything is as it was.
"""

import dataclasses
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from appliance import console, recordings
from appliance.places import DATABASE, SQLITE, Places, make_data
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.upkeep import archive, backup, postgres
from appliance.upkeep.archive import About

RECORDS, CONFIGURATION, RECORDINGS = "records", "configuration", "recordings"
PARTS = (RECORDS, CONFIGURATION, RECORDINGS)
_FILES_OF_SQLITE = ("", "-wal", "-shm")  # which are one database
_KEPT_AS = backup.BEFORE_RESTORE + "%Y%m%d-%H%M%SZ"


@dataclass(frozen=True)
class Restored:
    """What was put back, and where what was there before is kept."""

    parts: tuple[str, ...]
    kept: tuple[Path, ...]
    recordings: int


def parts_of(about: About, wanted: Sequence[str]) -> tuple[str, ...]:
    """Those of the wanted parts that a backup has; all without wishes. Raises Trouble for one that it has not."""
    has = {RECORDS: bool(about.records), CONFIGURATION: True, RECORDINGS: about.recordings}
    lacking = [part for part in wanted if not has[part]]
    if lacking:
        raise Trouble(f"The backup has no {' and no '.join(lacking)}.")
    return tuple(part for part in PARTS if has[part] and (not wanted or part in wanted))


def restore(places: Places, file: Path, parts: Sequence[str], now: float) -> Restored:
    """Put parts of a backup back. Raises Trouble, Refused while an appliance runs, or OSError."""
    about = archive.about(file)
    make_data(places.data)
    with console.alone(places.socket), ExitStack() as stack:
        swap = _Swap(datetime.fromtimestamp(now, UTC).strftime(_KEPT_AS))
        data = stack.enter_context(_beside(places.data / DATABASE))
        config = stack.enter_context(_beside(places.config)) / "new"
        secrets = _beside_or_in(places, config, stack)
        into: dict[str, Path] = {}
        if CONFIGURATION in parts:
            into |= {backup.CONFIGURATION: config, backup.SECRETS: secrets}
        if RECORDS in parts:
            names = (backup.SQLITE_RECORDS, backup.POSTGRES_RECORDS, backup.DATA)
            into |= {name: data / name for name in names}
        found = archive.unpack(file, into)
        settings = _settings(places, config if CONFIGURATION in parts else places.config)
        top = stack.enter_context(_beside(settings.recordings)) if RECORDINGS in parts else data
        if RECORDINGS in parts:
            archive.unpack(file, {backup.RECORDINGS: top})
        try:
            if CONFIGURATION in parts:
                _put_configuration(swap, places, config, secrets if backup.SECRETS in found else None)
            count = _put_recordings(swap, top, settings.recordings) if RECORDINGS in parts else 0
            if RECORDS in parts:
                _put_data(swap, data / backup.DATA, places.data)
                _put_records(swap, about, settings, data, places.data)  # last: Postgres's part cannot be undone
        except BaseException:
            swap.undo()
            raise
    return Restored(tuple(parts), tuple(swap.kept), count)


class _Swap:
    """Moves files, and moves them back when something goes wrong."""

    def __init__(self, kept_as: str) -> None:
        self.kept: list[Path] = []
        self.kept_as = kept_as
        self._moved: list[tuple[Path, Path]] = []

    def put(self, new: Path, target: Path) -> None:
        """Move something to its place, and what is there out of the way."""
        self.put_away(target)
        self._move(new, target)

    def put_away(self, target: Path) -> None:
        if target.is_symlink() or target.exists():
            kept = target.with_name(f"{target.name}{self.kept_as}")
            self._move(target, kept)
            self.kept.append(kept)

    def undo(self) -> None:
        for source, target in reversed(self._moved):
            os.rename(target, source)
        self._moved.clear()

    def _move(self, source: Path, target: Path) -> None:
        os.rename(source, target)
        self._moved.append((source, target))


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A place on the same disk, so that what is put there need only be renamed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.restore-", dir=target.parent) as made:
        yield Path(made)


def _beside_or_in(places: Places, config: Path, stack: ExitStack) -> Path:
    """Where the secrets are unpacked: they may lie in the configuration's directory, which is replaced whole."""
    if places.secrets_file.is_relative_to(places.config):
        return config / places.secrets_file.relative_to(places.config)
    return stack.enter_context(_beside(places.secrets_file)) / "new"


def _settings(places: Places, config: Path) -> Settings:
    """The settings that will hold afterwards, wherever they lie now."""
    settings = dataclasses.replace(places, config=config).settings()
    if settings.recordings.is_relative_to(config):
        inside = settings.recordings.relative_to(config)
        settings = dataclasses.replace(settings, recordings=places.config / inside)
    return settings


def _put_configuration(swap: _Swap, places: Places, config: Path, secrets: Path | None) -> None:
    if places.config.exists():
        _like(config, places.config)
    else:
        config.chmod(0o750)
        _give_to_owner_of(config, places.data)
    if secrets is not None and places.secrets_file.exists():
        _like(secrets, places.secrets_file)
    swap.put(config, places.config)
    if secrets is not None and not places.secrets_file.is_relative_to(places.config):
        swap.put(secrets, places.secrets_file)


def _put_data(swap: _Swap, new: Path, data: Path) -> None:
    for path in sorted(new.iterdir()) if new.exists() else ():
        for each in (path, *path.rglob("*")):
            _give_to_owner_of(each, data)
            if each.is_dir():
                each.chmod(0o700)
        swap.put(path, data / path.name)


def _put_records(swap: _Swap, about: About, settings: Settings, new: Path, data: Path) -> None:
    if (about.records == "sqlite") != (settings.database == SQLITE):
        raise Trouble(
            f"The backup has the records of {'SQLite' if about.records == 'sqlite' else 'Postgres'}, and the "
            "configuration says otherwise: correct `database:`, or restore the configuration with them."
        )
    if about.records == "sqlite":
        file = new / backup.SQLITE_RECORDS
        backup.check_sqlite(file)
        file.chmod(0o640)
        _give_to_owner_of(file, data)
        for part in _FILES_OF_SQLITE:
            swap.put_away(data / f"{DATABASE}{part}")
        swap.put(file, data / DATABASE)
        return
    owner = backup.owner_of(data)
    kept = data / f"records{swap.kept_as}.pgdump"
    postgres.dump(settings.database, kept, owner)
    swap.kept.append(kept)
    postgres.restore(settings.database, new / backup.POSTGRES_RECORDS, owner)


def _put_recordings(swap: _Swap, new: Path, top: Path) -> int:
    """Those that are missing; one that is there is the same."""
    count = 0
    top.mkdir(parents=True, exist_ok=True)
    for path in sorted(new.rglob("*")):
        target = top / path.relative_to(new)
        if path.is_file() and not target.exists():
            recordings.make_folder(top, target.parent)
            swap.put(path, target)
            count += 1
    return count


def _like(new: Path, old: Path) -> None:
    """Give something new the owner and mode of what it replaces."""
    about = old.stat()
    if os.geteuid() == 0:
        os.chown(new, about.st_uid, about.st_gid)
    new.chmod(about.st_mode & 0o7777)


def _give_to_owner_of(path: Path, data: Path) -> None:
    if os.geteuid() == 0:
        about = data.stat()
        os.chown(path, about.st_uid, about.st_gid)
