"""The versions of the configuration that were applied, below DATA/versions: which one is in force, and what
each was.

000007/               a copy of the directory, and version.json: when, who, why, from where
sounds/               the recordings and the music of all versions, each once, by content
current               the number of the one in force; replaced as a whole
journal.json          there while something is being applied, and after it was cut off
lock                  held by whoever applies
"""

import fcntl
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from appliance.configuration.customers import FILE, read_customers
from appliance.configuration.problems import Report
from appliance.configuration.reading import read
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.versions.durable import sync_directory
from appliance.versions.snapshot import Snapshot, Sound, as_written, with_paths

ABOUT = "version.json"
CURRENT = "current"
JOURNAL = "journal.json"
LOCK = "lock"
SOUNDS = "sounds"
_MODE = 0o640


@dataclass(frozen=True)
class Version:
    """What is known of a version besides its content. `sounds`: path as written -> name of the content."""

    number: int
    at: float
    who: str
    comment: str
    directory: str  # where it came from
    digest: str
    commit: str | None = None  # of git, where the directory lies in a work tree
    dirty: bool = False  # and has been changed since
    sounds: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Journal:
    """What was going on: an apply of `number`, while `before` was in force. `into`: the switch's configuration."""

    number: int | None  # None: the version in force is put on the switch again
    before: int | None
    into: str
    who: str
    pid: int
    at: float


class Busy(Trouble):
    """Somebody else is applying at this moment."""


class Versions:
    """The versions kept in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    # To look at

    def numbers(self) -> list[int]:
        """Those that are kept, the oldest first."""
        try:
            names = os.listdir(self.directory)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(int(name) for name in names if name.isdecimal() and (self.directory / name / ABOUT).exists())

    def current(self) -> int | None:
        """The one in force; None where nothing was ever applied."""
        try:
            text = (self.directory / CURRENT).read_text().strip()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise Trouble(f"{self.directory / CURRENT} cannot be read: {error.strerror}.") from None
        if not text.isdecimal():
            raise Trouble(f"{self.directory / CURRENT} does not hold the number of a version: write one into it.")
        return int(text)

    def about(self, number: int) -> Version:
        """Raises Trouble where there is none of that number."""
        file = self._place(number) / ABOUT
        try:
            return Version(**json.loads(file.read_text()))
        except FileNotFoundError:
            kept = ", ".join(map(str, self.numbers())) or "none"
            raise Trouble(f"There is no version {number} (any more); there are {kept}.") from None
        except (OSError, ValueError, TypeError) as error:
            raise Trouble(f"{file} cannot be read: {error}.") from None

    def settings(self, number: int) -> Settings:
        """What a version says. It was found to be in order when it was applied. Raises Trouble."""
        about, place = self.about(number), self._place(number)
        report = Report()
        reading = read(place, report)
        customers = read_customers(place / FILE, reading.settings.country, report)
        wrong = [problem for problem in report.sorted() if not problem.warning]
        if wrong:
            listed = "\n".join(f"  {problem}" for problem in wrong)
            raise Trouble(f"Version {number} of the configuration can be read no more:\n{listed}")
        rows = {row.number: row.customer for row in customers if row.number}
        return self._moved(
            replace(reading.settings, customers=rows), place, Path(about.directory), about.sounds or {}
        )

    def as_kept(self, settings: Settings, snapshot: Snapshot) -> Settings:
        """Settings that were read elsewhere, with their sounds where a version has them."""
        names = {written: sound.name for written, sound in snapshot.sounds.items()}
        return self._moved(settings, snapshot.directory, snapshot.directory, names)

    def _moved(self, settings: Settings, here: Path, origin: Path, sounds: Mapping[str, str]) -> Settings:
        def move(path: Path) -> Path:
            written = as_written(path, here)
            if written in sounds:
                return self.directory / SOUNDS / sounds[written]
            return origin / written if path.is_relative_to(here) else path

        return with_paths(settings, move)

    def snapshot(self, number: int) -> Snapshot:
        """What a version holds, to be kept once more."""
        place, about = self._place(number), self.about(number)
        found = [file for file in sorted(place.rglob("*")) if file.is_file() and file != place / ABOUT]
        files = {str(file.relative_to(place)): file.read_bytes() for file in found}
        sounds = {key: Sound(self.directory / SOUNDS / name, name) for key, name in (about.sounds or {}).items()}
        return Snapshot(Path(about.directory), files, sounds)

    # To change

    def keep(self, snapshot: Snapshot, version: Version) -> int:
        """Write a new version, safely on the disk; it is not in force yet. Raises OSError, and nothing has
        changed."""
        self.make()
        number = max([*self.numbers(), 0]) + 1
        staged = self.directory / f".{number:06}.new"
        shutil.rmtree(staged, ignore_errors=True)
        sounds = {written: sound.name for written, sound in snapshot.sounds.items()}
        try:
            self._make_directory(staged)
            for name, content in snapshot.files.items():
                self._make_directory((staged / name).parent)
                self._write(staged / name, content)
            self._make_directory(self.directory / SOUNDS)
            for sound in snapshot.sounds.values():
                kept = self.directory / SOUNDS / sound.name
                if not kept.exists():
                    self._replace(kept, sound.source.read_bytes())
            about = asdict(replace(version, number=number, sounds=sounds))
            self._write(staged / ABOUT, json.dumps(about, ensure_ascii=False, indent=1).encode())
            shutil.rmtree(self._place(number), ignore_errors=True)  # without version.json it was none
            staged.rename(self._place(number))
            sync_directory(self.directory)
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        return number

    def put_in_force(self, number: int) -> None:
        """From here on this version is served."""
        self._replace(self.directory / CURRENT, f"{number}\n".encode())

    def remove(self, number: int) -> None:
        """Forget a version, and what no other one uses of its sounds."""
        shutil.rmtree(self._place(number), ignore_errors=True)
        used = {name for each in self.numbers() for name in (self.about(each).sounds or {}).values()}
        for sound in (self.directory / SOUNDS).glob("*"):
            if sound.name not in used:
                sound.unlink(missing_ok=True)

    def prune(self, keep: int, used: Collection[int]) -> list[int]:
        """Remove the oldest beyond `keep`, but for those in use."""
        current = self.current()
        old = [number for number in self.numbers()[:-keep] if number not in used and number != current]
        for number in old:
            self.remove(number)
        return old

    # While something is applied

    @contextmanager
    def alone(self, who: str) -> Iterator[None]:
        """Be the only one who applies. Raises Busy with who else is at it. The kernel gives the lock back however
        its holder ends."""
        self.make()
        descriptor = os.open(self.directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(descriptor, "r+") as lock:
            self._own(self.directory / LOCK)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = lock.read(200).strip() or "somebody"
                raise Busy(f"{holder} is applying a configuration at this moment: try again afterwards.") from None
            lock.truncate(0)
            lock.write(f"{who} (process {os.getpid()})")
            lock.flush()
            yield

    def is_busy(self) -> bool:
        """Whether somebody applies at this moment."""
        try:
            descriptor = os.open(self.directory / LOCK, os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(descriptor)
        return False

    def journal(self) -> Journal | None:
        """What was going on when somebody was cut off; while is_busy, what is going on."""
        file = self.directory / JOURNAL
        try:
            return Journal(**json.loads(file.read_text()))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError, TypeError) as error:
            raise Trouble(f"{file} cannot be read: {error}.") from None

    def begin(self, journal: Journal) -> None:
        self._replace(self.directory / JOURNAL, json.dumps(asdict(journal)).encode())

    def end(self) -> None:
        (self.directory / JOURNAL).unlink(missing_ok=True)
        sync_directory(self.directory)

    # Files

    def make(self) -> None:
        self._make_directory(self.directory)

    def _place(self, number: int) -> Path:
        return self.directory / f"{number:06}"

    def _make_directory(self, directory: Path) -> None:
        if not directory.exists():
            directory.mkdir(mode=0o750, parents=True)
            self._own(directory)

    def _replace(self, file: Path, content: bytes) -> None:
        staged = file.with_name(f".{file.name}.new")
        try:
            self._write(staged, content)
            staged.replace(file)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
        sync_directory(file.parent)

    def _write(self, file: Path, content: bytes) -> None:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, _MODE), "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        self._own(file)

    def _own(self, path: Path) -> None:
        """Root may be applying; the appliance runs as whom its data belongs to."""
        if os.geteuid() == 0:
            owner = self.directory.parent.stat()
            os.chown(path, owner.st_uid, owner.st_gid)
