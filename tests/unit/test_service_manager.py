"""What systemd is told, as its socket receives it; and the log as its journal does."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.upkeep.service_manager import ALIVE, READY, ServiceManager, status


@pytest.mark.parametrize("abstract", [False, True])
def test_lines_arrive_together(tmp_path: Path, abstract: bool) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("\0" + name if abstract else name)
        told = ServiceManager.of({"NOTIFY_SOCKET": f"@{name}" if abstract else name})
        assert told.listens
        told.tell(READY, status("3 calls\nREADY=0"))
        assert manager.recv(4096) == b"READY=1\nSTATUS=3 calls READY=0"


def test_without_a_service_manager_nothing_happens(tmp_path: Path) -> None:
    assert not ServiceManager.of({}).listens
    ServiceManager.of({}).tell(READY)
    ServiceManager(f"{tmp_path}/nobody-there").tell(READY)


def test_one_that_takes_nothing_does_not_hold_us_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("appliance.upkeep.service_manager.TELL_WITHIN", 0.01)
    manager = ServiceManager(f"{tmp_path}/notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as taken:
        taken.bind(f"{tmp_path}/notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
            wire.setblocking(False)
            wire.connect(f"{tmp_path}/notify")
            with pytest.raises(BlockingIOError):
                while True:
                    wire.send(b"until the queue is full")
            manager.tell(ALIVE)


@pytest.mark.parametrize(
    "environment, watchdog",
    [
        ({}, None),
        ({"WATCHDOG_USEC": "20000000"}, 20.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())}, 20.0),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "1"}, None),  # meant for who started us
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_how_long_we_may_be_silent(environment: dict[str, str], watchdog: float | None) -> None:
    assert ServiceManager.of(environment).watchdog == watchdog


CODE = """
import logging
from appliance import logs
logs.begin(verbose=False)
logging.getLogger("appliance.engine").error("two\\nlines")
logging.getLogger("appliance.engine").info("one")
"""


@pytest.mark.parametrize("to_journal", [True, False])
def test_the_journal_is_told_priorities_and_a_person_times(tmp_path: Path, to_journal: bool) -> None:
    with (tmp_path / "stderr").open("w") as stderr:
        about = os.fstat(stderr.fileno())
        stream = f"{about.st_dev}:{about.st_ino}" if to_journal else "1:1"  # of who started the shell, for example
        environment = {**os.environ, "JOURNAL_STREAM": stream, "PYTHONPATH": os.getcwd()}
        subprocess.run([sys.executable, "-c", CODE], stderr=stderr, env=environment, check=True)
    lines = (tmp_path / "stderr").read_text().splitlines()
    if to_journal:
        assert lines == ["<3>appliance.engine: two", "<3>lines", "<6>appliance.engine: one"]
    else:
        assert [line[24:] for line in lines] == ["ERROR appliance.engine: two", "", "INFO appliance.engine: one"]
