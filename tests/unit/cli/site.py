"""An installation for the tests of commands, and how they are run on it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from appliance.cli import cli

NOON = 1_700_000_000.0  # 2023-11-15 01:13:20 in Moscow


SITE = """
company: ACME
country: RU
time_zone: Europe/Moscow
language: en
agents:
  "1001": {name: Anna}
  "1002": {name: Boris}
phones:
  "201": {name: Desk}
pauses: {"1": lunch}
queues:
  sales: {name: Sales, strategy: longest-idle, agents: ["1001", "1002"], music: quiet}
music: {quiet: quiet.wav}
numbers:
  "+74951234567": {open: {queue: sales}}
"""


def places(site: Path) -> list[str]:
    return ["-c", f"{site}/config", "--secrets", f"{site}/secrets.yml", "--data", f"{site}/data"]


def run(site: Path, *arguments: str) -> Result:
    """Run a command that comes to an end by itself; trouble is raised as such."""
    result = CliRunner().invoke(cli, [*places(site), *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def program(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """The program itself, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "appliance.main", *arguments], capture_output=True, text=True, timeout=60, **more
    )


@contextmanager
def unprivileged() -> Iterator[None]:
    """Work as a user whom permissions bind, also where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
