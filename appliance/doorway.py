"""Where legs come in from a switch: a listener that gives each connection a greenlet of its own.

What is said over the connection is the adapter's business; strangers, floods, a shortage of descriptors, handlers
that fail and the end of it all are dealt with here, the same for every switch.
"""

import errno
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import gevent
from gevent import socket

from appliance.port import Arrival, Leg, LegGone, Refused, SwitchLost

log = logging.getLogger(__name__)

INTRODUCE_WITHIN = 5.0
STRANGERS_LIMIT = 200  # connections that have not said who they are; one more, and the oldest has to go
BACKLOG = 1024
ACCEPT_AGAIN_AFTER = 0.1  # when the process has run out of descriptors


class Garbled(LegGone):
    """The peer does not speak as the switch does. To the leg's owner this is a lost leg; the dialplan takes it."""


class Introduced(Protocol):
    """A connection that says who it is first."""

    def introduce(self, within: float) -> None:
        """Raises Garbled, LegGone or OSError."""

    def close(self) -> None: ...


W = TypeVar("W", bound=Introduced)
L = TypeVar("L", bound=Leg)


def decode(text: bytes) -> str:
    """Text of a switch as str, without loss: UTF-8, else the CP1251 of Russian exchanges, else Latin-1."""
    for encoding in ("utf-8", "cp1251"):
        try:
            return text.decode(encoding)
        except UnicodeDecodeError:
            continue
    return text.decode("latin-1")


class Doorway(ABC, Generic[W, L]):
    """Listens on 127.0.0.1. `make_leg` and `forget` bracket the time a leg is with us."""

    setting: str  # the name of the port in the configuration

    def __init__(self, port: int, make_leg: Callable[[W], L], forget: Callable[[L], None]) -> None:
        self._port = port
        self._make_leg = make_leg
        self._forget = forget
        self._listener: socket.socket | None = None
        self._acceptor: gevent.Greenlet | None = None
        self._strangers: dict[gevent.Greenlet, socket.socket] = {}  # in the order they came
        self._handlers: set[gevent.Greenlet] = set()

    @abstractmethod
    def make_wire(self, connection: socket.socket) -> W:
        """The adapter's end of a new connection."""

    @abstractmethod
    def arrival(self, wire: W, leg: L) -> Arrival:
        """Who came through which door. Raises Garbled if there is no such door."""

    def take_over(self, leg: L) -> None:
        """Tell the switch that the leg is ours now."""

    def bind(self) -> None:
        """Take the port. Raises Refused if somebody else has it."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
            listener.listen(BACKLOG)
        except OSError as error:
            listener.close()
            if error.errno == errno.EADDRINUSE:
                raise Refused(
                    f"port {self._port} on 127.0.0.1 is taken: end what listens there "
                    f"(ss -ltnp sport = :{self._port}), or choose another {self.setting}"
                ) from None
            raise Refused(
                f"cannot listen on port {self._port} on 127.0.0.1 ({error.strerror}): "
                f"choose another {self.setting}"
            ) from None
        self._listener = listener

    def serve(self, on_arrival: Callable[[Arrival], None]) -> None:
        """Accept legs from now on."""
        self._acceptor = gevent.spawn(self._accept, on_arrival)

    def prove(self) -> None:
        """Raises SwitchLost when legs are not taken in any more."""
        if self._acceptor is None or self._acceptor.dead:
            raise SwitchLost(f"nobody takes in what comes to port {self._port} on 127.0.0.1")

    def stop(self) -> None:
        """Let go of the port and of every leg. The handlers are not told that their callers left: they did not."""
        if self._acceptor is not None:
            self._acceptor.kill()
            self._acceptor = None
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        here = gevent.getcurrent()
        gevent.killall([handler for handler in [*self._strangers, *self._handlers] if handler is not here])

    def _accept(self, on_arrival: Callable[[Arrival], None]) -> None:
        complained = False
        while self._listener is not None:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if not complained:
                    log.error("cannot take legs at the moment: %s", error.strerror)
                complained = True
                gevent.sleep(ACCEPT_AGAIN_AFTER)
                continue
            complained = False
            if len(self._strangers) >= STRANGERS_LIMIT:
                oldest = next(iter(self._strangers))
                self._strangers.pop(oldest).close()
            handler = gevent.Greenlet(self._handle, connection, on_arrival)
            self._strangers[handler] = connection
            handler.start()

    def _handle(self, connection: socket.socket, on_arrival: Callable[[Arrival], None]) -> None:
        here = gevent.getcurrent()
        try:
            wire = self.make_wire(connection)
            try:
                wire.introduce(INTRODUCE_WITHIN)
            finally:
                self._strangers.pop(here, None)
            self._handlers.add(here)
            self.serve_connection(wire, on_arrival)
        except Garbled as error:
            log.warning("closed a connection to port %d: %s", self._port, error)
        except (LegGone, OSError):
            pass
        finally:
            self._strangers.pop(here, None)
            self._handlers.discard(here)
            connection.close()

    def serve_connection(self, wire: W, on_arrival: Callable[[Arrival], None]) -> None:
        """A connection has said who it is."""
        leg = self._make_leg(wire)
        try:
            arrived = self.arrival(wire, leg)
            try:
                self.take_over(leg)
                on_arrival(arrived)
            except LegGone:
                pass
            except Exception:
                # DONE is not set on the leg, so the dialplan holds it and comes again.
                log.exception("the handler of leg %s failed", leg.id)
        finally:
            self._forget(leg)
            wire.close()
