"""Texts that were made in calls and lie on the disk as sounds, in which callers may be named."""

import math
from contextlib import suppress
from pathlib import Path

KEEP_UNUSED = 7 * 86400.0  # seconds after which nobody is likely to ask for a sound again


def forget_unused(directory: Path, now: float) -> None:
    """Remove what nobody has asked for in a while; each file's time is that of its last use."""
    _forget(directory, now - KEEP_UNUSED)


def forget_all(directory: Path) -> None:
    """Remove them all: which of them a person is named in, nobody knows. They are made again when needed."""
    _forget(directory, math.inf)


def _forget(directory: Path, before: float) -> None:
    for file in directory.glob("*.wav"):
        with suppress(FileNotFoundError, PermissionError):
            if file.stat().st_mtime < before:
                file.unlink()
