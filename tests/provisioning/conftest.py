"""A server for phones in this process, on a port of its own."""

import dataclasses
import logging
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gevent
import pytest
from gevent import socket

from appliance.settings import Phone, Provisioning, Settings
from appliance.trouble import Trouble
from provisioning.certificates import make_certificate
from provisioning.links import Links
from provisioning.server import Server, Site

NOW = 1_800_000_000.0
NETWORKS = ("127.0.0.1/32",)
SECRET = "a-secret-of-31"


class Clock:
    """A clock that stands until a test turns it."""

    time = NOW

    def now(self) -> float:
        return self.time


@dataclasses.dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Served:
    """The server with its site, and a client for it."""

    def __init__(self, directory: Path) -> None:
        made = make_certificate(directory / "tls", ("localhost",), "Chai")
        self.authority = made.authority
        self.provisioning = Provisioning("localhost", made.certificate, made.key, NETWORKS, "127.0.0.1", 0)
        self.settings: Settings | None = Settings(
            directory=directory,
            company="Chai",
            country="RU",
            time_zone="UTC",
            language="en",
            provisioning=self.provisioning,
            phones={id: Phone(id, f"Phone {id}") for id in ("31", "32")},
        )
        self.links = Links(directory / "data")
        self.clock = Clock()
        self.site = Site(self.links, self._load, NETWORKS, self.clock)  # type: ignore[arg-type]
        self.server = Server(self.site, self.provisioning)

    def _load(self) -> tuple[Settings, Mapping[str, str]]:
        if self.settings is None:
            raise Trouble("The configuration is broken.")
        return self.settings, {"phone-31": SECRET, "phone-32": "another"}

    def link(self, phone: str = "31", format: str = "yealink", lasts: float = 3600.0) -> str:
        return f"/p/{self.links.make(phone, format, self.clock.time, lasts)}"

    def connect(self, tls: bool = True, source: str = "127.0.0.1") -> Any:
        raw = socket.create_connection(self.server.address, timeout=10, source_address=(source, 0))
        if not tls:
            return raw
        return ssl.create_default_context(cafile=str(self.authority)).wrap_socket(raw, server_hostname="localhost")

    def send(self, request: bytes, source: str = "127.0.0.1") -> Answer | None:
        """The answer to these bytes; None for none."""
        with self.connect(source=source) as client:
            client.sendall(request)
            return read_answer(client)

    def get(self, path: str, method: str = "GET", source: str = "127.0.0.1", headers: str = "") -> Answer:
        answer = self.send(f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode(), source)
        assert answer is not None
        return answer


def read_answer(client: Any) -> Answer | None:
    received = b""
    with gevent.Timeout(10):
        try:
            while chunk := client.recv(65536):
                received += chunk
        except OSError:
            pass
    if not received:
        return None
    head, _, body = received.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    return Answer(int(status.split()[1]), headers, body)


@pytest.fixture
def served(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Served]:
    caplog.set_level(logging.DEBUG)
    served = Served(tmp_path)
    served.server.start()
    yield served
    served.server.stop(timeout=1)
    assert SECRET not in caplog.text
    assert "Traceback" not in caplog.text
