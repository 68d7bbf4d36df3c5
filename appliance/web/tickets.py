"""What customers hold in their hands: sealed tickets, by which they see their own request and nobody else's.

A ticket is opaque to whoever holds it, cannot be made up, and looks alike whether or not a call-back stands behind
it: who enters somebody else's number must not learn whether that number is to be called already.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

LONGEST = 1000  # characters of a sealed one
KEY_FILE = "web-key"

_STAMP, _TICKET = "s", "t"


@dataclass(frozen=True)
class Ticket:
    """A request for a call-back, as it was when it was made."""

    id: str
    queue: str
    at: float
    call_at: float  # the time that was chosen; 0: as soon as possible
    place: int
    middle: float  # seconds it was expected to take
    is_real: bool


class Seal:
    """Seals tickets, and stamps that say when a form was handed out."""

    def __init__(self, key: bytes) -> None:
        self._fernet = Fernet(key)

    def ticket(self, ticket: Ticket) -> str:
        # Of the same length, whatever is in it.
        times = [f"{each:.3f}".zfill(15) for each in (ticket.at, ticket.call_at, ticket.middle)]
        content = [ticket.id, ticket.queue, *times, f"{ticket.place:05}", int(ticket.is_real)]
        return self._sealed(_TICKET, content, ticket.at)

    def read_ticket(self, sealed: str) -> Ticket | None:
        """None for what is no ticket of ours."""
        found = self._opened(_TICKET, sealed)
        if not isinstance(found, list):
            return None
        id, queue, at, call_at, middle, place, is_real = found
        return Ticket(id, queue, float(at), float(call_at), int(place), float(middle), bool(is_real))

    def stamp(self, now: float) -> str:
        return self._sealed(_STAMP, now, now)

    def read_stamp(self, sealed: str) -> float | None:
        """When it was made; None for what is no stamp of ours."""
        found = self._opened(_STAMP, sealed)
        return found if isinstance(found, float) else None

    def _sealed(self, kind: str, content: object, at: float) -> str:
        text = json.dumps([kind, content], separators=(",", ":"))
        return self._fernet.encrypt_at_time(text.encode(), int(at)).decode("ascii").rstrip("=")

    def _opened(self, kind: str, sealed: str) -> object | None:
        if len(sealed) > LONGEST or not sealed.isascii():
            return None
        try:
            found, content = json.loads(self._fernet.decrypt(sealed + "=" * (-len(sealed) % 4)))
        except (InvalidToken, ValueError):
            return None
        return content if found == kind else None


def key_of(data: Path) -> bytes:
    """The key of this installation, made up the first time. Raises OSError, and ValueError for what is no key."""
    file = data / KEY_FILE
    if not file.exists():
        new = file.with_suffix(".new")
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as writing:
            writing.write(Fernet.generate_key())
            writing.flush()
            os.fsync(writing.fileno())
        new.replace(file)
    key = file.read_bytes()
    Fernet(key)
    return key
