"""A switch that the lab has started: one process that ends with ours, and what it complains about."""

import ctypes
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gevent.subprocess as subprocess

PR_SET_PDEATHSIG = 1


class LabError(Exception):
    """The lab cannot do what was asked, in one sentence for a person."""


class SwitchProcess:
    """One running switch. It dies with this process, whatever that dies of."""

    complaint: re.Pattern[str]  # what a line of its log has that a person should read

    def __init__(self) -> None:
        self._process: Any = None
        self._logs: dict[Path, int] = {}  # log file -> how long it was when the switch was started

    def _launch(self, command: Sequence[str], console: Path, logs: Sequence[Path]) -> None:
        self._logs = {file: file.stat().st_size if file.exists() else 0 for file in logs}
        with console.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the lab, which stops the switch in order
                preexec_fn=die_with_parent,
            )

    def _last_words(self, console: Path) -> str:
        return (
            "; ".join(self.errors()[:5]) or console.read_text(errors="replace").strip()[-500:] or "it says nothing"
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        pid: int = self._process.pid
        return pid

    def running(self) -> bool:
        """Is it alive?"""
        return self._process is not None and self._process.poll() is None

    def errors(self) -> list[str]:
        """The complaints that it has logged since it was started."""
        found = []
        for file, start in self._logs.items():
            if file.exists():
                with file.open("rb") as log:
                    log.seek(start)
                    lines = log.read().decode(errors="replace").splitlines()
                found += [line for line in lines if self.complaint.search(line)]
        return list(dict.fromkeys(found))

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self, patience: float = 5.0) -> None:
        """End it, calls or not; harmless when it is gone."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def die_with_parent() -> None:
    """Runs in the child: have the kernel end it when its parent is gone, however the parent went."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)
