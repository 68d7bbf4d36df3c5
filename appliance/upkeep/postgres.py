"""Dumping a Postgres database into a file and putting it back, by Postgres's own programs."""

import os
import pwd
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from gevent import subprocess

from appliance.trouble import Trouble

_DUMP = ("pg_dump", "--format=custom", "--no-owner", "--no-privileges")
_RESTORE = ("pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--exit-on-error")
_AT_ONCE = ("--single-transaction",)


def dump(url: str, file: Path, user: int | None) -> None:
    """Write the database as it is at one moment into a new file. `user`: whom Postgres knows. Raises Trouble."""
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        _run(_DUMP, url, user, stdout=out)


def restore(url: str, file: Path, user: int | None) -> None:
    """Make the database what it was, as a whole or not at all. Raises Trouble."""
    with file.open("rb") as dumped:
        _run((*_RESTORE, *_AT_ONCE), url, user, stdin=dumped)


def _run(command: tuple[str, ...], url: str, user: int | None, **streams: object) -> None:
    plain, password = without_password(url)
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}  # not for everybody in `ps`
    try:
        ended = subprocess.run(
            [*command, f"--dbname={plain}"],
            **{"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, **streams},
            stderr=subprocess.PIPE,
            env=environment,
            **_as(user),
            cwd="/",
        )
    except FileNotFoundError:
        raise Trouble(f"{command[0]} is not installed: apt-get install postgresql-client.") from None
    if ended.returncode != 0:
        said = " ".join(ended.stderr.decode(errors="replace").split()) or f"exit status {ended.returncode}"
        raise Trouble(f"{command[0]} could not do it: {said}")


def _as(user: int | None) -> dict[str, object]:
    """Who runs a program: with `peer`, Postgres knows no root."""
    if user is None or os.geteuid() != 0:
        return {}
    return {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}


def without_password(url: str) -> tuple[str, str | None]:
    """An address as Postgres's programs take it, and the password that was in it."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, password = user.partition(":")
    plain = urlunsplit(("postgresql", f"{name}{at}{host}", parts.path, parts.query, ""))
    if not parts.netloc:
        plain = plain.replace("postgresql:", "postgresql://", 1)
    return plain, unquote(password) if colon else None
