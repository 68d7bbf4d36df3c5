"""What systemd is told about the appliance, by the protocol of sd_notify(3), which it keeps stable for such as us.

A datagram of lines to the socket that NOTIFY_SOCKET names. The libraries on PyPI either need libsystemd to be
compiled against or have not been looked after since 2016; the protocol is shorter than what uses them would be.
"""

import os
from collections.abc import Mapping
from contextlib import suppress

from gevent import socket

READY = "READY=1"
STOPPING = "STOPPING=1"
ALIVE = "WATCHDOG=1"
TELL_WITHIN = 1.0  # seconds; a service manager that takes nothing must not hold us up


class ServiceManager:
    """systemd, where it has started us and wants to be told; else nobody, who is told nothing."""

    def __init__(self, address: str = "", watchdog: float | None = None) -> None:
        self._address = address
        self.watchdog = watchdog  # seconds without ALIVE after which we are killed; None: never

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "ServiceManager":
        """The one that started this process."""
        watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        span = environment.get("WATCHDOG_USEC", "")
        return cls(environment.get("NOTIFY_SOCKET", ""), int(span) / 1e6 if watched and span.isdecimal() else None)

    @property
    def listens(self) -> bool:
        return bool(self._address)

    def tell(self, *lines: str) -> None:
        """Send lines such as READY=1 together. Never fails: what would be told is less than the calls."""
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as wire:
            wire.settimeout(TELL_WITHIN)
            wire.connect(address)
            wire.sendall("\n".join(lines).encode())


def status(text: str) -> str:
    """The line that `systemctl status` shows."""
    return "STATUS=" + " ".join(text.split())
