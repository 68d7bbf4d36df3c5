"""Renders Settings into the configuration files of the switch they name. Pure: same settings, same text."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path

from appliance.port import Wanted
from appliance.settings import Settings, SwitchKind
from dialplan import asterisk, freeswitch
from dialplan.common import Paths

__all__ = ["DIRECTORIES", "Paths", "in_use", "render", "restart", "restart_for", "take_over", "wanted"]

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


def wanted(switch: SwitchKind, files: Mapping[str, str]) -> Wanted:
    """What the switch has when it has taken over these files."""
    return freeswitch.wanted(files) if switch is SwitchKind.FREESWITCH else asterisk.wanted(files)


def restart_for(switch: SwitchKind, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """What of the files a switch that runs on those of before does not take over without a restart, in words."""
    of = freeswitch.restart_for if switch is SwitchKind.FREESWITCH else asterisk.restart_for
    return of(before, after)


def in_use(switch: SwitchKind, files: Mapping[str, str]) -> dict[str, Path]:
    """The directories with which a switch runs on these files, as fields of Paths."""
    return {} if switch is SwitchKind.FREESWITCH else asterisk.in_use(files)


def restart(switch: SwitchKind) -> str:
    """The command by which a switch restarts once nobody talks."""
    return freeswitch.RESTART if switch is SwitchKind.FREESWITCH else asterisk.RESTART


def take_over(switch: SwitchKind, changed: Collection[str]) -> str | None:
    """The command by which a running switch takes over the files that have changed; None without any."""
    if not changed:
        return None
    return freeswitch.take_over(changed) if switch is SwitchKind.FREESWITCH else asterisk.take_over(changed)
