"""The folders in which the switch writes recordings: made so that both the switch and the appliance may use them.

They belong to the appliance, which may so remove what is in them, and to the switch's group, which writes there.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from appliance.settings import Settings

log = logging.getLogger(__name__)

_SHARED = 0o2770  # files and folders in it stay with its group, whoever makes them
_NOT_FOR_OTHERS = 0o007


def are_made(settings: Settings) -> bool:
    """Whether the switch is to write recordings: of talks, of what supervisors tell callers, of messages, or of
    machines until they fall silent."""
    queues = settings.queues.values()
    records = bool(settings.voicemail) or any(queue.record for queue in queues)
    records = records or any(queue.callback and queue.callback.machine for queue in queues)
    return records or any(agent.supervisor for agent in settings.agents.values())


def share(top: Path, owner: int | None = None, group: int | None = None) -> None:
    """Make the folder of all recordings; with `owner` and `group` (root only) give it to them. Raises OSError."""
    top.parent.mkdir(parents=True, exist_ok=True)
    with _umask(_NOT_FOR_OTHERS):
        top.mkdir(exist_ok=True)
    if owner is not None and group is not None:
        os.chown(top, owner, group)
        os.chmod(top, _SHARED)


def file_for(top: Path, visit: str, now: float) -> Path:
    """Where the talk of a visit is recorded, in the folder of its day.

    The folder is made here, since one that the switch makes is closed to us. Without the folder of all recordings,
    which is made with the switch's configuration, there is nothing to share: the switch makes do.
    """
    day = top / f"{datetime.fromtimestamp(now, UTC):%Y/%m/%d}"
    if top.is_dir() and not day.is_dir():
        try:
            make_folder(top, day)
        except OSError as error:
            log.warning("the folder for recordings %s could not be made: %s", day, error.strerror)
    return day / f"{visit}.wav"


def file_of_message(top: Path, name: str, within: str = "messages") -> Path:
    """Where the switch records what somebody says. Those in `messages` are taken elsewhere. Raises OSError.

    The file is made here, and written to by the switch: one that the switch makes may be closed to us.
    """
    folder = top / within
    if not top.is_dir():
        share(top)
    if not folder.is_dir():
        make_folder(top, folder)
    file = folder / f"{name}.wav"
    with _umask(_NOT_FOR_OTHERS):
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o660))
    if os.geteuid() == 0:
        about = top.stat()
        os.chown(file, about.st_uid, about.st_gid)
    return file


def make_folder(top: Path, folder: Path) -> None:
    """Make a folder below that of all recordings, and belonging to whom that does. Raises OSError."""
    missing = [each for each in (folder, *folder.parents) if each.is_relative_to(top) and not each.exists()]
    about = top.stat()
    for each in reversed(missing):
        with _umask(_NOT_FOR_OTHERS):
            each.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            os.chown(each, about.st_uid, about.st_gid)
            each.chmod(about.st_mode & 0o7777)


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)
