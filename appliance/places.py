"""Where an installation keeps its things: configuration, secrets, data; and reading them or saying why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from peewee import Database, PeeweeException

from appliance import checks, store
from appliance.checks import Checked
from appliance.secrets import Secrets, needed
from appliance.settings import Settings
from appliance.trouble import Trouble

SOCKET = "console"
DATABASE = "appliance.sqlite3"

MAKE_THEM = "have them made up by `appliance render --make-secrets`"


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
    def music(self) -> Path:
        return self.data / "music"

    def checked(self) -> Checked:
        """The configuration with all that is wrong with it."""
        if not self.config.is_dir():
            raise Trouble(f"There is no directory {self.config}: name the configuration with -c DIR.")
        return checks.load(self.config)

    def settings(self) -> Settings:
        """The configuration; Trouble with every problem when it has one that matters."""
        checked = self.checked()
        wrong = [problem for problem in checked.problems if not problem.warning]
        if wrong or checked.settings is None:
            listed = "\n".join(f"  {problem}" for problem in wrong)
            raise Trouble(f"The configuration in {self.config} cannot be used:\n{listed}")
        return checked.settings

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

    def settings_if_sound(self) -> Settings | None:
        """The configuration for names and the time zone only: None rather than trouble."""
        try:
            return self.settings()
        except (Trouble, OSError):
            return None

    def database(self, settings: Settings) -> Database:
        """The records, to be read; Trouble where there are none."""
        if settings.database == "sqlite" and not (self.data / DATABASE).exists():
            raise Trouble(f"There are no records in {self.data} yet: they begin when the appliance runs.")
        try:
            return store.open_database(settings.database, self.data)
        except (PeeweeException, OSError, ValueError, RuntimeError) as error:
            raise Trouble(f"The database ({settings.database}) cannot be opened: {error}.") from None


def zone_of(settings: Settings | None) -> tzinfo:
    """The site's time zone; UTC while the configuration cannot be read."""
    return ZoneInfo(settings.time_zone if settings else "UTC")
