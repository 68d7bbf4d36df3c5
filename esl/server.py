"""The server of outbound sockets: each leg from a door of the dialplan gets a handler in a greenlet of its own."""

import errno
import logging
import re
from collections.abc import Callable, Mapping

import gevent
from gevent import socket

from appliance.names import CALL, DNIS, ENTRY, Entry
from appliance.port import Arrival, Leg, LegGone, Refused
from esl.events import phone_of, trunk_of
from esl.leg import FreeSwitchLeg
from esl.wire import Garbled, Wire

log = logging.getLogger(__name__)

INTRODUCE_WITHIN = 5.0
STRANGERS_LIMIT = 200  # connections that have not said who they are; one more, and the oldest has to go
BACKLOG = 1024
ACCEPT_AGAIN_AFTER = 0.1  # when the process has run out of descriptors

_UNKNOWN_CALLERS = ("unknown", "anonymous", "restricted", "private", "unavailable", "0000000000")


class Server:
    """Listens on 127.0.0.1. `make_leg` and `forget` bracket the time a leg is with us."""

    def __init__(
        self,
        port: int,
        make_leg: Callable[[Wire], FreeSwitchLeg],
        forget: Callable[[FreeSwitchLeg], None],
    ) -> None:
        self._port = port
        self._make_leg = make_leg
        self._forget = forget
        self._listener: socket.socket | None = None
        self._acceptor: gevent.Greenlet | None = None
        self._strangers: dict[gevent.Greenlet, socket.socket] = {}  # in the order they came
        self._handlers: set[gevent.Greenlet] = set()

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
                    f"(ss -ltnp sport = :{self._port}), or choose another esl_port"
                ) from None
            raise Refused(
                f"cannot listen on port {self._port} on 127.0.0.1 ({error.strerror}): choose another esl_port"
            ) from None
        self._listener = listener

    def serve(self, on_arrival: Callable[[Arrival], None]) -> None:
        """Accept legs from now on."""
        self._acceptor = gevent.spawn(self._accept, on_arrival)

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
            wire = Wire(connection)
            try:
                wire.introduce(INTRODUCE_WITHIN)
            finally:
                self._strangers.pop(here, None)
            self._handlers.add(here)
            self._serve(wire, on_arrival)
        except Garbled as error:
            log.warning("closed a connection to port %d: %s", self._port, error)
        except (LegGone, OSError):
            pass
        finally:
            self._strangers.pop(here, None)
            self._handlers.discard(here)
            connection.close()

    def _serve(self, wire: Wire, on_arrival: Callable[[Arrival], None]) -> None:
        leg = self._make_leg(wire)
        try:
            arrived = arrival(wire.env, leg)
            try:
                leg.take_over()
                on_arrival(arrived)
            except LegGone:
                pass
            except Exception:
                # DONE is not set on the leg, so the dialplan holds it and comes again.
                log.exception("the handler of leg %s failed", leg.id)
        finally:
            self._forget(leg)
            wire.close()


def arrival(env: Mapping[str, str], leg: Leg) -> Arrival:
    """Who came through which door. Raises Garbled if there is no such door."""
    door = env.get(f"variable_{ENTRY}", "")
    try:
        entry = Entry(door)
    except ValueError:
        raise Garbled(f"there is no door {door[:100]!r}") from None
    # Agents come from phones, whatever else the dialplan has said of the leg.
    trunk = trunk_of(env) if entry in (Entry.CALLER, Entry.RECOVER) else ""
    ani = _known(env.get("Caller-Caller-ID-Number", ""))
    name = _known(_unquoted(env.get("Caller-Caller-ID-Name", "")))
    return Arrival(
        leg=leg,
        entry=entry,
        ani=ani,
        caller_name="" if name == ani else name,  # FreeSWITCH calls who gives no name by the number
        dnis=env.get(f"variable_{DNIS}", ""),
        trunk=trunk,
        call=env.get(f"variable_{CALL}", ""),
        phone="" if trunk else phone_of(env),
    )


def _known(caller: str) -> str:
    return "" if caller.lower() in _UNKNOWN_CALLERS else caller


def _unquoted(name: str) -> str:
    """A name as its owner wrote it: FreeSWITCH passes on the backslashes that SIP puts before quotes."""
    return re.sub(r"\\(.)", r"\1", name)
