"""The messages that callers have left, as the records have them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import JOIN

from appliance import recordings
from appliance.records.models import Call, Message
from appliance.speech.wav import length_of_wav

log = logging.getLogger(__name__)

FOLDER = "voicemail"  # below that of the recordings
SHORTEST = 1.0  # seconds: what is shorter, nobody has said


@dataclass(frozen=True)
class Left:
    """A message. `heard_at` is None for a new one."""

    id: str
    box: str
    call: str
    number: str | None  # the caller's, E.164
    at: float
    length: float
    heard_at: float | None
    file: str

    @property
    def sound(self) -> str:
        """As a leg plays it."""
        return self.file.removesuffix(".wav")


def message_file(top: Path, name: str) -> Path:
    """Where the switch records a message. Raises OSError."""
    return recordings.file_of_message(top, name, FOLDER)


def remove(file: str) -> None:
    """Remove the sound of a message; what cannot be goes when its time is over."""
    try:
        Path(file).unlink(missing_ok=True)
    except OSError as error:
        log.warning("the message %s could not be removed: %s", file, error.strerror)


def messages(box: str | None = None) -> Sequence[Left]:
    """The messages of a box, or of all, the oldest first. One that is being spoken is none yet."""
    rows: Any = Message.select(Message, Call.number.alias("number")).join(
        Call, JOIN.LEFT_OUTER, on=(Call.id == Message.call)
    )
    rows = rows.where(Message.deleted_at.is_null(), Message.length.is_null(False) | Call.ended_at.is_null(False))
    if box is not None:
        rows = rows.where(Message.box == box)
    found = [
        Left(
            id=row["id"],
            box=row["box"],
            call=row["call"],
            number=row["number"],
            at=row["at"],
            # Of who hung up at its end the length is found out when it is asked for: the switch closes the file.
            length=row["length"] or length_of_wav(Path(row["file"])),
            heard_at=row["heard_at"],
            file=row["file"],
        )
        for row in rows.order_by(Message.at, Message.id).dicts()
    ]
    return [each for each in found if each.length >= SHORTEST]
