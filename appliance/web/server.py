"""The HTTP port itself: small requests within limits of time and size, each on a connection of its own."""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer

from appliance.settings.web import Web

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 200
WITHIN = 20.0  # seconds a connection may take from beginning to end
MOST_BYTES = 32_768  # of one request, body and all


class Handler(WSGIHandler):  # type: ignore[misc]
    """One request a connection, and nothing logged of what was asked: addresses hold tickets."""

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self.rfile: Any = Limited(self.rfile)

    def read_request(self, line: str) -> bool:
        read: bool = super().read_request(line)
        if (self.content_length or 0) > MOST_BYTES:
            raise ValueError("a request that is too long")
        self.close_connection = True
        return read

    def log_request(self) -> None:
        """The reverse proxy does."""

    def log_error(self, message: str, *arguments: object) -> None:
        log.debug("a request of %s was no HTTP", self.client_address)

    def _log_error(self, kind: type[BaseException], value: BaseException, trace: Any) -> None:
        if issubclass(kind, Exception) and not issubclass(kind, OSError):
            log.error("a request failed: %s", kind.__name__, exc_info=(kind, value, trace))


class Limited:
    """What a client sends, up to a limit."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self._left = MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        data: bytes = self._file.read(min(size, self._left + 1) if size >= 0 else self._left + 1)
        return self._counted(data)

    def readline(self, size: int = -1) -> bytes:
        data: bytes = self._file.readline(min(size, self._left + 1) if size >= 0 else self._left + 1)
        return self._counted(data)

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("a request that is too long")
        return data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Server(WSGIServer):  # type: ignore[misc]
    """Each connection has a deadline, whatever it is busy with."""

    def __init__(self, web: Web, site: Callable[..., Any]) -> None:
        super().__init__(
            (web.address, web.port),
            site,
            spawn=Pool(MOST_CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=Handler,
        )

    def handle(self, client: Any, address: tuple[Any, ...]) -> None:
        # A time-out would end one read, and the server would go on with the next.
        cutting = gevent.spawn_later(WITHIN, _cut, client)
        try:
            super().handle(client, address)
        finally:
            cutting.kill(block=False)


class Port:
    """Listens as the configuration says, and goes on trying where it cannot: calls are taken all the same."""

    def __init__(self, site: Callable[..., Any]) -> None:
        self._site = site
        self._server: Server | None = None
        self._web: Web | None = None
        self.trouble = ""  # why it does not listen, although it should

    def follow(self, web: Web | None) -> None:
        """Listen there from now on, or nowhere."""
        is_same = web is self._web or (web and self._web and _where(web) == _where(self._web))
        self._web = web
        if is_same and not self.trouble:
            return
        self.stop()
        if web is None:
            return
        server = Server(web, self._site)
        try:
            server.start()
        except OSError as error:
            server.close()
            trouble = f"{web.address}:{web.port} cannot be listened on: {error.strerror or error}"
            if trouble != self.trouble:
                log.error("%s", trouble)
            self.trouble = trouble
            return
        self._server, self.trouble = server, ""
        log.info("listening on %s:%d for requests over the web", web.address, web.port)

    def try_again(self) -> None:
        if self.trouble:
            self.follow(self._web)

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop(timeout=0)
            self._server = None

    def state(self) -> dict[str, object] | None:
        """Where it listens, and why not; None where nothing is wanted."""
        if self._web is None:
            return None
        return {"address": f"{self._web.address}:{self._web.port}", "trouble": self.trouble}


def _cut(client: Any) -> None:
    """Whoever reads from this connection or writes to it finds that it has ended."""
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _where(web: Web) -> tuple[str, int]:
    return web.address, web.port
