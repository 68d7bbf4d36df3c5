"""One-time links: who holds one may fetch one phone's configuration once, before it runs out.

They are kept in a small database of their own. The server that hands out configurations talks to strangers, so it
writes nothing but this: the records of calls are not its business. Of a link only a digest is kept.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import DoubleField, Model, SqliteDatabase, TextField

DIRECTORY = "provisioning"  # below the data of the appliance
DATABASE = "links.sqlite3"
TOKEN_BYTES = 24  # 192 bits of chance
TOKEN_LENGTH = 32  # letters these are written in
KEPT = 30 * 86_400.0  # seconds a dead link is remembered, so that its end can be explained

_WAIT = 5.0  # seconds for another process that is just writing


class PhoneLink(Model):
    """A link and what became of it. Times are UTC epoch seconds."""

    digest = TextField(primary_key=True)
    phone = TextField(index=True)
    format = TextField()
    made_at = DoubleField()
    expires_at = DoubleField()
    used_at = DoubleField(null=True)
    used_by = TextField(null=True)  # the address
    revoked_at = DoubleField(null=True)

    class Meta:
        table_name = "phone_link"


@dataclass(frozen=True)
class Link:
    """A link that may be answered."""

    digest: str
    phone: str
    format: str


class Links:
    """The links there are. Raises peewee.DatabaseError."""

    def __init__(self, data: Path) -> None:
        directory = data / DIRECTORY
        self._file = directory / DATABASE
        _make_directory(directory)
        # No write-ahead log: that would be further files to belong to the right user. Nobody waits for this one.
        self._database = SqliteDatabase(
            str(self._file),
            pragmas={"journal_mode": "delete", "busy_timeout": int(_WAIT * 1000)},
            thread_safe=False,
        )

    def make(self, phone: str, format: str, now: float, lasts: float) -> str:
        """A new link's token, which is written down nowhere. Those that died long ago are forgotten."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._open():
            PhoneLink.delete().where(PhoneLink.expires_at < now - KEPT).execute()
            PhoneLink.create(
                digest=_digest(token), phone=phone, format=format, made_at=now, expires_at=now + lasts
            )
        return token

    def use(self, token: str, by: str, now: float) -> Link | None:
        """The link of that token if it may be answered now. It is dead from then on, whatever becomes of us."""
        with self._open():
            digest = _digest(token)
            used = PhoneLink.update(used_at=now, used_by=by).where((PhoneLink.digest == digest) & _living(now))
            return _link(PhoneLink.get_by_id(digest)) if used.execute() else None

    def look(self, token: str, now: float) -> Link | None:
        """The same, but the link lives on."""
        with self._open():
            row = PhoneLink.get_or_none((PhoneLink.digest == _digest(token)) & _living(now))
            return _link(row) if row else None

    def give_back(self, link: Link) -> None:
        """It could not be answered, so it lives again."""
        with self._open():
            PhoneLink.update(used_at=None, used_by=None).where(PhoneLink.digest == link.digest).execute()

    def revoke(self, phone: str, now: float) -> int:
        """Kill the living links of a phone; how many."""
        with self._open():
            of_phone = PhoneLink.update(revoked_at=now).where((PhoneLink.phone == phone) & _living(now))
            return int(of_phone.execute())

    @contextmanager
    def _open(self) -> Iterator[None]:
        """One transaction on a connection of its own: the file is another process's for the rest of the time."""
        mask = os.umask(0o077)
        try:
            with self._database.bind_ctx([PhoneLink]), self._database.connection_context():
                self._give_to_owner()
                with self._database.atomic("IMMEDIATE"):
                    self._database.create_tables([PhoneLink], safe=True)
                    yield
        finally:
            os.umask(mask)

    def _give_to_owner(self) -> None:
        """Root may be the first to make a link; the server that is to answer it is not root."""
        if os.geteuid() == 0:
            owner = self._file.parent.stat()
            os.chown(self._file, owner.st_uid, owner.st_gid)


def _living(now: float) -> Any:
    return PhoneLink.used_at.is_null() & PhoneLink.revoked_at.is_null() & (PhoneLink.expires_at > now)


def _link(row: Any) -> Link:
    return Link(row.digest, row.phone, row.format)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _make_directory(directory: Path) -> None:
    """Belonging to whom the data belong to."""
    if directory.exists():
        return
    directory.mkdir(mode=0o700, parents=True)
    if os.geteuid() == 0:
        owner = directory.parent.stat()
        os.chown(directory, owner.st_uid, owner.st_gid)
