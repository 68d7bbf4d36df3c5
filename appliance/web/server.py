"""The HTTP port itself: small requests within limits of time and size, each on a connection of its own."""

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import gevent
from gevent.pool import Pool
from gevent.pywsgi import WSGIServer

from appliance.settings.web import Web
from appliance.web.small_requests import SmallRequests

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 200
WITHIN = 20.0  # seconds a connection may take from beginning to end


class Server(WSGIServer):  # type: ignore[misc]
    """Each connection has a deadline, whatever it is busy with."""

    def __init__(self, web: Web, site: Callable[..., Any]) -> None:
        super().__init__(
            (web.address, web.port),
            site,
            spawn=Pool(MOST_CONNECTIONS),
            log=None,
            error_log=None,
            handler_class=SmallRequests,
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
