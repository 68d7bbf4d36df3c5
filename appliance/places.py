"""Where an installation keeps its things: configuration, secrets, data; and reading them or saying why not."""

import os
import re
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from peewee import Database, PeeweeException

from appliance import recordings
from appliance.configuration import checks
from appliance.configuration.checks import Checked
from appliance.configuration.reading import Reading
from appliance.records import database
from appliance.secrets import Secrets, needed
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.versions.history import Version, Versions

SOCKET = "console"
DATABASE = "appliance.sqlite3"
SQLITE = "sqlite"

_LEAST = 1 << 20  # bytes without which SQLite cannot begin
_READ, _PASS = 0o444, 0o111

OTHER_DATA = "Put that right, or name another directory by --data DIR."
MAKE_THEM = "have them made up by `appliance apply --make-secrets`"


@dataclass(frozen=True)
class Places:
    """The directories and files that the options of the command line name."""

    config: Path
    secrets_file: Path
    data: Path

    @property
    def socket(self) -> Path:
        """Where the running appliance answers the command line."""
        return self.data / SOCKET

    @property
    def sounds(self) -> Path:
        """Prompts made from text, and recorded ones in the switch's format."""
        return self.data / "sounds"

    @property
    def versions(self) -> Path:
        """The configurations that were applied."""
        return self.data / "versions"

    @property
    def spoken(self) -> Path:
        """Texts that were made in calls."""
        return self.data / "spoken"

    @property
    def music(self) -> Path:
        return self.data / "music"

    def checked(self) -> Checked:
        """The configuration with all that is wrong with it."""
        try:
            os.listdir(self.config)
        except (FileNotFoundError, NotADirectoryError):
            raise Trouble(f"There is no directory {self.config}: name the configuration with -c DIR.") from None
        except OSError as error:
            raise Trouble(f"The directory {self.config} cannot be read: {reason(error)}.") from None
        return checks.load(self.config)

    def settings(self) -> Settings:
        """The configuration; Trouble with every problem when it has one that matters."""
        return self.reading().settings

    def reading(self) -> Reading:
        """The same, and where each value of it stands."""
        checked = self.checked()
        wrong = [problem for problem in checked.problems if not problem.warning]
        if wrong or checked.settings is None:
            listed = "\n".join(f"  {problem}" for problem in wrong)
            raise Trouble(f"The configuration in {self.config} cannot be used:\n{listed}")
        return checked.reading

    def secrets(self, settings: Settings) -> Mapping[str, str]:
        """The secrets by name; Trouble when one is missing that the configuration needs."""
        if not self.secrets_file.exists():
            raise Trouble(f"There is no file {self.secrets_file}: name it with --secrets FILE, or {MAKE_THEM}.")
        secrets = Secrets.read(self.secrets_file)
        missing = secrets.missing(settings)
        if missing:
            raise Trouble(
                f"{self.secrets_file} lacks these secrets: {', '.join(missing)}. Add them, or {MAKE_THEM}."
            )
        return {name: secrets.get(name) for name in needed(settings)}

    def in_force(self) -> Settings:
        """What was applied last, whatever has become of the directory since; the configuration where nothing
        was."""
        versions = Versions(self.versions)
        number = versions.current()
        return self.settings() if number is None else versions.settings(number)

    def settings_if_sound(self) -> Settings | None:
        """What is in force, for names and the time zone only: None rather than trouble."""
        try:
            return self.in_force()
        except (Trouble, OSError):
            return None

    def database(self, settings: Settings) -> Database:
        """The records, to be read; Trouble where there are none."""
        if settings.database == SQLITE and not (self.data / DATABASE).exists():
            raise Trouble(f"There are no records in {self.data} yet: they begin when the appliance runs.")
        return open_records(settings.database, self.data)


def plain(path: Path) -> Path:
    """From the root and without detours: it is shown, and stays right wherever we go."""
    return Path(os.path.abspath(path))


class Archive:
    """See appliance.versions.succession.Archive."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._versions = Versions(places.versions)

    def about(self, number: int) -> Version:
        return self._versions.about(number)

    def settings(self, number: int) -> Settings:
        return self._versions.settings(number)

    def unapplied(self) -> Settings:
        return self._places.settings()

    def secrets(self, settings: Settings) -> Mapping[str, str]:
        return self._places.secrets(settings)


def make_data(data: Path) -> None:
    """Make the directory for records, sounds and the console. Raises Trouble."""
    try:
        database.make_directory(data)
    except FileExistsError as error:
        raise Trouble(f"The directory {data} cannot be made: {error.filename} is a file. {OTHER_DATA}") from None
    except OSError as error:
        raise Trouble(f"The directory {data} cannot be made: {reason(error)}. {OTHER_DATA}") from None
    if not os.access(data, os.W_OK | os.X_OK, effective_ids=True):
        raise Trouble(f"The directory {data} cannot be written to. {OTHER_DATA}")


def share_with_switch(data: Path, recorded: Path | None, configuration: Path) -> str | None:
    """Let the switch, which may run as another user, read what is played and write what is recorded.

    What is played lies open below `data`, through which others may pass to it, and to nothing else in there.
    What is recorded is for the group to which the switch's configuration belongs. Returns what could not be done,
    as a sentence.
    """
    with suppress(PermissionError):  # it is somebody else's: the service manager sees to it then
        data.chmod(stat.S_IMODE(data.stat().st_mode) | _PASS)
    for folder in (data / "sounds", data / "music"):
        _lay_open(folder)
    owner = data.stat().st_uid if os.geteuid() == 0 else None
    group = configuration.stat().st_gid if os.geteuid() == 0 else None
    try:
        if recorded is not None:
            recordings.share(recorded, owner, group)
    except OSError as error:
        return f"The directory for recordings, {recorded}, could not be made: {reason(error)}."
    return None


def _lay_open(folder: Path) -> None:
    """Let everybody read a folder and all that is in it."""
    for path in (folder, *folder.rglob("*")):
        with suppress(FileNotFoundError, PermissionError):
            path.chmod(stat.S_IMODE(path.stat().st_mode) | (_READ | _PASS if path.is_dir() else _READ))


def open_records(url: str, data: Path, upgrade: bool = False) -> Database:
    """Open the database, with its tables; `upgrade` older ones. Raises Trouble with what to do about it."""
    if url == SQLITE:
        make_data(data)
    try:
        return database.open_database(url, data, upgrade)
    except (PeeweeException, sqlite3.Error, OSError, ValueError, RuntimeError) as error:
        why = reason(error) if isinstance(error, OSError) else database.first_cause(error).rstrip(".")
        if url == SQLITE:
            remedy = "The disk is full: make room." if _is_full(data) else OTHER_DATA
            raise Trouble(f"The records in {data / DATABASE} cannot be used: {why}. {remedy}") from None
        where = _without_password(url)
        raise Trouble(f"The database {where} cannot be used: {why}. Check `database:`.") from None


def _is_full(directory: Path) -> bool:
    """Whether there is no room; SQLite says all manner of things then."""
    try:
        about = os.statvfs(directory)
    except OSError:
        return False
    return about.f_bavail * about.f_frsize < _LEAST


def reason(error: Exception) -> str:
    """What is wrong, on one line and without a full stop."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(said.split()).rstrip(".")


def _without_password(url: str) -> str:
    return re.sub(r"(?<=://)([^/@]*?):[^/]*@", r"\1@", url)


def zone_of(settings: Settings | None) -> tzinfo:
    """The site's time zone; UTC while the configuration cannot be read."""
    return ZoneInfo(settings.time_zone if settings else "UTC")
