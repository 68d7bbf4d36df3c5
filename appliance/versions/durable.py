"""Making sure that what was written is on the disk."""

import os
from pathlib import Path


def sync_directory(directory: Path) -> None:
    """What was made, renamed or removed in it survives a loss of power from now on. Raises OSError."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
