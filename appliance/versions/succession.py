"""One version of the configuration after another: what the running appliance answers to whoever applies."""

from collections.abc import Mapping
from typing import Any, Protocol

from appliance.engine import Engine, TakeVersion
from appliance.line.messages import Declined
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.versions.history import Version

SUCCESSION_COMMANDS = ("stranded", "take-version", "versions-in-use")

# What is read at the start of the appliance alone.
_AT_START = ("switch", "database")
_PORTS = ("agi_port", "ami_port", "esl_port", "event_socket_port")


class Archive(Protocol):
    """Where versions are kept, and the secrets."""

    def about(self, number: int) -> Version: ...

    def settings(self, number: int) -> Settings: ...

    def unapplied(self) -> Settings:
        """What is served where nothing was ever applied."""
        ...

    def secrets(self, settings: Settings) -> Mapping[str, str]: ...


def needs_restart(before: Settings, after: Settings) -> list[str]:
    """What is different of that which the appliance reads at its start alone, as keys of the YAML."""
    keys = [name for name in _AT_START if getattr(before, name) != getattr(after, name)]
    ports = [n for n in _PORTS if getattr(before.network, n) != getattr(after.network, n)]
    return keys + [f"network: {name}" for name in ports]


class Succession:
    """`version` is the one with which the appliance starts."""

    def __init__(self, archive: Archive | None, version: int | None = None) -> None:
        self._archive = archive
        self.version = version

    def rules_of(self, version: int) -> Settings | None:
        """What a version says; None when it is kept no more."""
        if self._archive is None:
            return None
        try:
            return self._archive.settings(version)
        except Trouble:
            return None

    def secrets(self, settings: Settings, before: Mapping[str, str]) -> Mapping[str, str]:
        """Read anew: passwords and PINs may have come with the settings."""
        return before if self._archive is None else self._archive.secrets(settings)

    def answer(self, engine: Engine, began_with: Settings, command: str, arguments: Mapping[str, Any]) -> object:
        """The data for one of SUCCESSION_COMMANDS. `began_with`: what the appliance was started on. Raises
        Trouble."""
        if self._archive is None:
            raise Trouble("This appliance serves no versions of a configuration.")
        if command == "versions-in-use":
            calls = {call.version for call in engine.live.calls.values()}
            return {"version": engine.version, "used": sorted({v for v in calls if v is not None})}
        number = arguments.get("version")
        if not (number is None or isinstance(number, int)):
            raise Trouble(f"The command {command} needs the number of a version.")
        if command == "take-version" and number == engine.version:  # somebody was cut off after having told us
            return {"restart_for": needs_restart(began_with, engine.settings)}
        settings = self._archive.unapplied() if number is None else self._archive.settings(number)
        if command == "stranded":
            return dict(engine.stranded(settings))
        about = None if number is None else self._archive.about(number)
        self._archive.secrets(settings)  # or trouble, while there is time
        self._take(engine, settings, about)
        return {"restart_for": needs_restart(began_with, settings)}

    def _take(self, engine: Engine, settings: Settings, about: Version | None) -> None:
        try:
            if about is None:
                engine.ask(TakeVersion(settings))
            else:
                engine.ask(TakeVersion(settings, about.number, about.who, about.comment))
        except Declined:
            raise Trouble(stranded_sentence(engine.stranded(settings))) from None


def stranded_sentence(stranded: Mapping[str, int]) -> str:
    """Why a configuration cannot be taken, and what helps."""
    said = [_left(queue, waiting) for queue, waiting in stranded.items()]
    example = next(iter(stranded), "support")
    reasons = "; ".join(said) or "callers are there"
    return (
        f"The new configuration knows nothing of {', '.join(stranded)}, and {reasons}. Say where they go, as\n"
        f"  removed:\n    {example}: {{queue: NAME}}\nor apply when nobody is left there."
    )


def _left(queue: str, waiting: int) -> str:
    if not waiting:
        return f"a call may still reach {queue}"
    return f"1 caller waits in {queue}" if waiting == 1 else f"{waiting} callers wait in {queue}"
