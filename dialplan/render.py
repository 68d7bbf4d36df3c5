"""Renders Settings into the configuration files of the switch they name. Pure: same settings, same text."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path

from appliance.settings import Settings, SwitchKind
from dialplan import asterisk, freeswitch
from dialplan.common import Paths

__all__ = ["DIRECTORIES", "Paths", "render", "take_over"]

# Where each switch looks for its configuration.
DIRECTORIES = {
    SwitchKind.ASTERISK: Path("/etc/asterisk"),
    SwitchKind.FREESWITCH: Path("/etc/freeswitch"),
}


def render(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """The files of the switch, name -> text. Raises ValueError, naming the file, for what cannot be said."""
    for field in fields(paths):
        path = getattr(paths, field.name)
        if path is not None and not path.is_absolute():
            raise ValueError(f"The path of {field.name} must be absolute, not {str(path)!r}.")
    if settings.switch is SwitchKind.FREESWITCH:
        return freeswitch.render(settings, secrets, paths)
    return asterisk.render(settings, secrets, paths)


def take_over(switch: SwitchKind, changed: Collection[str]) -> str | None:
    """The command by which a running switch takes over the files that have changed; None without any."""
    if not changed:
        return None
    return freeswitch.take_over(changed) if switch is SwitchKind.FREESWITCH else asterisk.take_over(changed)
