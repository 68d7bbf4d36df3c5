"""Renders Settings into the configuration files of the switch they name. Pure: same settings, same text."""

from collections.abc import Mapping
from dataclasses import fields

from appliance.settings import Settings, SwitchKind
from dialplan import asterisk, freeswitch
from dialplan.common import Paths

__all__ = ["Paths", "render"]


def render(settings: Settings, secrets: Mapping[str, str], paths: Paths) -> dict[str, str]:
    """The files of the switch, name -> text. Raises ValueError, naming the file, for what cannot be said."""
    for field in fields(paths):
        path = getattr(paths, field.name)
        if path is not None and not path.is_absolute():
            raise ValueError(f"The path of {field.name} must be absolute, not {str(path)!r}.")
    if settings.switch is SwitchKind.FREESWITCH:
        return freeswitch.render(settings, secrets, paths)
    return asterisk.render(settings, secrets, paths)
