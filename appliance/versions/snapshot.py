"""What a configuration directory holds at one moment: the bytes of its files, and of the sounds that it names.

Secrets are no part of it. A sound is known by its content, so that the same one stays the same in every version.
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from appliance.settings import Prompt, Settings, SoundFile
from appliance.trouble import Trouble

SECRETS = "secrets.yml"
ENDINGS = (".yml", ".csv", ".ics")  # what a configuration is written in
DEEPEST = 3  # folders below the directory


@dataclass(frozen=True)
class Sound:
    """A sound that the configuration names, where it lies now, and the name under which its content is kept."""

    source: Path
    name: str


@dataclass(frozen=True)
class Snapshot:
    """Files by their path below the directory; sounds by the path that leads to them, as it was written."""

    directory: Path
    files: Mapping[str, bytes]
    sounds: Mapping[str, Sound]

    @cached_property
    def digest(self) -> str:
        """The same for the same content, wherever it lies."""
        known = {name: sha256(content).hexdigest() for name, content in self.files.items()}
        known |= {f"sound {written}": sound.name for written, sound in self.sounds.items()}
        return sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def take(settings: Settings, secrets: Path | None = None) -> Snapshot:
    """Of the directory from which these settings were read. Raises Trouble."""
    directory = settings.directory
    try:
        files = {name: (directory / name).read_bytes() for name in _files(directory, secrets)}
        sounds = {}
        for path in sorted(set(sound_files(settings))):
            digest = sha256(path.read_bytes()).hexdigest()[:32]
            sounds[as_written(path, directory)] = Sound(path, f"{digest}{path.suffix.lower()}")
    except OSError as error:
        raise Trouble(f"{error.filename} cannot be read: {error.strerror}.") from None
    return Snapshot(directory, files, sounds)


def sound_files(settings: Settings) -> Iterator[Path]:
    """Every recording and every file of music that settings name."""
    found: list[Path] = []

    def look(value: object) -> object:
        if isinstance(value, Prompt):
            found.extend(each.path for each in value.by_language.values() if isinstance(each, SoundFile))
        return value

    _walk(settings, look)
    yield from found
    for files in settings.music.values():
        yield from files


def as_written(path: Path, directory: Path) -> str:
    """A path as it stands in the configuration."""
    return str(path.relative_to(directory)) if path.is_relative_to(directory) else str(path)


def with_paths(settings: Settings, move: Callable[[Path], Path]) -> Settings:
    """The same settings with other paths."""
    moved: Settings = _walk(settings, lambda value: move(value) if isinstance(value, Path) else value)
    return moved


def _files(directory: Path, secrets: Path | None) -> Iterator[str]:
    for folder, folders, names in os.walk(directory):
        below = Path(folder).relative_to(directory)
        deep = len(below.parts) >= DEEPEST
        folders[:] = [] if deep else sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(folder) / name
            hidden = name.startswith(".") or name == SECRETS or file == secrets
            if not hidden and file.suffix in ENDINGS and file.is_file():
                yield str(below / name)


def _walk(value: Any, change: Callable[[object], object]) -> Any:
    """A copy of a value with every part of it changed; a part that stays the same is not copied."""
    changed = change(value)
    if changed is not value:
        return changed
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        new = {name: _walk(part, change) for name, part in parts.items()}
        different = {name: part for name, part in new.items() if part is not parts[name]}
        return replace(value, **different) if different else value
    if isinstance(value, Mapping):
        copied = {key: _walk(part, change) for key, part in value.items()}
        return copied if any(copied[key] is not value[key] for key in copied) else value
    if isinstance(value, tuple):
        items = tuple(_walk(part, change) for part in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
