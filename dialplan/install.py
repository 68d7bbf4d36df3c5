"""Installs rendered files into a switch's configuration directory: only what changed, all or nothing.

With `undoable`, what was there before is kept until `settle`, so that `undo` can bring it back even after a crash.
"""

import base64
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from appliance.versions.durable import sync_directory

MANIFEST = ".appliance-files.json"  # what we wrote: name -> digest of its text
BACKUP = ".before-appliance"
UNDO = ".appliance-undo.json"  # what the files were before: name -> content, null for none
_MODE = 0o640  # there are passwords in them


@dataclass(frozen=True)
class Installed:
    """What an installation did; names in order, removed files among them."""

    changed: tuple[str, ...]


@dataclass(frozen=True)
class _Step:
    """One file to be put in place (`staged`) or taken away (None)."""

    target: Path
    staged: Path | None
    before: bytes | None  # to go back to when a later step fails


def install(files: Mapping[str, str], directory: Path, undoable: bool = False) -> Installed:
    """Make the directory hold these files: replace what differs, remove what we wrote earlier and is not among
    them, keep a copy of every file that is not ours. Raises OSError, and then nothing has changed."""
    for name in files:
        if not _is_plain(name) or name.startswith("."):
            raise ValueError(f"{name!r} is no name for a file of a configuration directory.")
    directory.mkdir(parents=True, exist_ok=True, mode=0o750)
    ours = _read_manifest(directory)
    wanted = {name: text.encode() for name, text in files.items()}
    found = {name: _read(directory / name) for name in {*wanted, *ours}}
    changed = sorted(name for name in found if found[name] != wanted.get(name))
    steps: list[_Step] = []
    try:
        for name in changed:
            before = found[name]
            if before is not None and _digest(before) != ours.get(name):
                steps.append(_replacement(_free_backup(directory / name), before))
            if name in wanted:
                steps.append(_replacement(directory / name, wanted[name]))
            else:
                steps.append(_Step(directory / name, None, before))
        manifest = json.dumps({name: _digest(wanted[name]) for name in sorted(wanted)}, indent=1).encode()
        if _read(directory / MANIFEST) != manifest:
            steps.append(_replacement(directory / MANIFEST, manifest))
        if undoable:
            _keep_before(directory, steps)
        _take(steps)
        sync_directory(directory)
    finally:
        for step in steps:
            if step.staged is not None:
                step.staged.unlink(missing_ok=True)
    return Installed(tuple(changed))


def undo(directory: Path) -> bool:
    """Put back what was there before an undoable installation that has not been settled; whether there was one.
    May be cut off and done again. Raises OSError."""
    content = _read(directory / UNDO)
    if content is None:
        return False
    for name, before in json.loads(content).items():
        if before is None:
            (directory / name).unlink(missing_ok=True)
        elif _read(directory / name) != (wanted := base64.b64decode(before)):
            _put(directory / name, _stage(directory / name, wanted))
    for left in directory.glob(".*.new"):
        left.unlink(missing_ok=True)
    settle(directory)
    return True


def settle(directory: Path) -> None:
    """What was installed stays."""
    (directory / UNDO).unlink(missing_ok=True)
    sync_directory(directory)


def installed(directory: Path) -> dict[str, str]:
    """The files that were installed, as they are now."""
    return read_files(directory, ())


def read_files(directory: Path, names: Iterable[str]) -> dict[str, str]:
    """Those files, and whatever we have installed besides, as they are now."""
    found = {name: _read(directory / name) for name in {*names, *_read_manifest(directory)}}
    return {name: content.decode(errors="replace") for name, content in found.items() if content is not None}


def _keep_before(directory: Path, steps: list[_Step]) -> None:
    before = {step.target.name: step.before and base64.b64encode(step.before).decode() for step in steps}
    before |= {step.target.name: "" for step in steps if step.before == b""}
    target = directory / UNDO
    _stage(target, json.dumps(before).encode()).replace(target)
    sync_directory(directory)


def _take(steps: list[_Step]) -> None:
    for done, step in enumerate(steps):
        try:
            _put(step.target, step.staged)
        except OSError:
            for earlier in reversed(steps[:done]):
                _put(earlier.target, None if earlier.before is None else _stage(earlier.target, earlier.before))
            raise


def _put(target: Path, staged: Path | None) -> None:
    if staged is None:
        target.unlink(missing_ok=True)
    else:
        staged.replace(target)


def _replacement(target: Path, content: bytes) -> _Step:
    return _Step(target, _stage(target, content), _read(target))


def _stage(target: Path, content: bytes) -> Path:
    """The content beside its target, safely on the disk. It belongs to whom the directory belongs to: the
    installation may run as root, the switch does not."""
    staged = target.with_name(f".{target.name}.new")
    try:
        with open(os.open(staged, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), _MODE)
            if os.geteuid() == 0:
                owner = target.parent.stat()
                os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
            os.fsync(file.fileno())
    except OSError:
        staged.unlink(missing_ok=True)
        raise
    return staged


def _free_backup(file: Path) -> Path:
    """Where a copy of a file can be kept without replacing an older copy."""
    backup = file.with_name(file.name + BACKUP)
    number = 2
    while backup.exists():
        backup = file.with_name(f"{file.name}{BACKUP}.{number}")
        number += 1
    return backup


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _read_manifest(directory: Path) -> dict[str, str]:
    """What we wrote earlier. Without a readable manifest no file is ours, so copies are kept of all."""
    try:
        manifest = json.loads(_read(directory / MANIFEST) or b"{}")
    except ValueError:
        return {}
    if not isinstance(manifest, dict):
        return {}
    return {name: digest for name, digest in manifest.items() if _is_plain(name) and isinstance(digest, str)}


def _is_plain(name: str) -> bool:
    """Whether a name stays in the directory it is joined to."""
    return name != "" and name == Path(name).name


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()
