"""The control connection (inbound event socket): greenswitch's log-in over our armour, supervised.

Beyond what esl.wire says of greenswitch: a lost connection stays lost there, one slow or raising handler holds up
all events, and handlers for all events do not run where there is one for that event.
"""

import itertools
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import TypeVar

import gevent
from gevent.event import AsyncResult
from gevent.queue import Queue
from gevent.socket import create_connection, socket
from greenswitch.esl import InboundESL

from appliance.port import Refused, SwitchLost
from esl.events import BODY, CUSTOM_EVENTS, EVENTS
from esl.wire import REPLY_WITHIN, Broken, Connection, Message

log = logging.getLogger(__name__)

Row = Mapping[str, str]
T = TypeVar("T")

PING_EVERY = 5.0
HURRY_EVERY = 0.004
RETRY_AFTER = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # the last one for ever
MARK = "appliance::mark"  # an event of our own, which overtakes none of those before it


class Inbound(Connection, InboundESL):  # type: ignore[misc]
    """The armoured connection, once it is made."""

    def __init__(self, connection: socket, password: str, on_event: Callable[[Message], None]) -> None:
        super().__init__(connection)
        self.password = password
        self._on_event = on_event
        self._asked: AsyncResult = AsyncResult()

    @property
    def whose(self) -> str:
        return "the control connection to FreeSWITCH"

    def log_in(self) -> None:
        """Raises Broken, or ValueError for a wrong password."""
        try:
            self._asked.get(timeout=REPLY_WITHIN)
        except gevent.Timeout:
            raise Broken(f"it has not asked for a password within {REPLY_WITHIN:g} s") from None
        self.authenticate()

    def close(self) -> None:
        self._lose()

    def asked_for_password(self) -> None:
        self._asked.set()

    def lost(self) -> None:
        if not self._asked.ready():
            self._asked.set_exception(Broken(self.reason))

    def happened(self, event: Message) -> None:
        self._on_event(event)


class Control:
    """Keeps one inbound connection. `on_up` is given the channels and the bridged ones that exist then, `on_event`
    what happens from then on, `on_down` why it was lost: in order, from one greenlet, and whatever one of them
    raises is logged."""

    def __init__(
        self,
        port: int,
        secret: str,
        on_up: Callable[[tuple[Sequence[Row], Sequence[Row]]], None],
        on_event: Callable[[Row], None],
        on_down: Callable[[str], None],
    ) -> None:
        self.is_up = False
        self._port = port
        self._secret = secret
        self._on_up, self._on_event, self._on_down = on_up, on_event, on_down
        self._connection: Inbound | None = None
        self._news: Queue = Queue()  # what the dispatcher has to call
        self._marks: dict[str, AsyncResult] = {}
        self._numbers = (f"{token_hex(8)}-{n}" for n in itertools.count(1))
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Connect and log in, and stay connected. Raises Refused or SwitchLost in one sentence."""
        reader = self._connect()
        self._greenlets = [gevent.spawn(work) for work in (self._dispatch, self._hurry)]
        self._greenlets.append(gevent.spawn(self._keep_up, reader))

    def stop(self) -> None:
        gevent.killall([greenlet for greenlet in self._greenlets if greenlet is not gevent.getcurrent()])
        self._greenlets = []
        self._drop()
        self.is_up = False

    def ask(self, command: str) -> str:
        """Run a command of the switch's console. Raises Refused with FreeSWITCH's words if it says no."""
        return self._do(lambda connection: connection.api(command))

    def ask_for_rows(self, command: str) -> Sequence[Row]:
        """What `show ... as json` lists."""
        return _rows(self.ask(command))

    def begin(self, command: str, job: str) -> None:
        """Start a command that takes its time; the event BACKGROUND_JOB with that id tells its result."""
        if "\n" in command + job:
            raise Refused(f"a command has a line break in it: {command[:100]!r}")
        reply = self._do(lambda connection: connection.send(f"bgapi {command}\nJob-UUID: {job}"))
        if not reply.get("Reply-Text").startswith("+OK"):
            raise Refused(f"FreeSWITCH refused {command.split()[0]}: {reply.get('Reply-Text')}")

    def settle(self) -> None:
        """Return when all that has happened by now has been handed to `on_event`. Not to be called from there."""
        name = next(self._numbers)
        passed = self._marks[name] = AsyncResult()
        try:
            self._do(lambda connection: connection.send(f"sendevent CUSTOM\nEvent-Subclass: {MARK}\nMark: {name}"))
            passed.get(timeout=REPLY_WITHIN)
        except gevent.Timeout:
            raise SwitchLost(f"FreeSWITCH has sent no events for {REPLY_WITHIN:g} s") from None
        finally:
            self._marks.pop(name, None)

    def tell(self, call: Callable[..., None], *arguments: object) -> None:
        """Have that called after the events so far, by whom they are handed out."""
        self._news.put((call, arguments))

    def _do(self, what: Callable[[Inbound], T]) -> T:
        connection = self._connection
        if connection is None:
            raise SwitchLost(f"there is no control connection to FreeSWITCH on 127.0.0.1 port {self._port}")
        try:
            return what(connection)
        except Broken as error:
            raise SwitchLost(f"the control connection to FreeSWITCH broke: {error}") from None

    # Connecting.

    def _connect(self) -> gevent.Greenlet:
        try:
            stream = create_connection(("127.0.0.1", self._port), timeout=REPLY_WITHIN)
            stream.settimeout(None)
        except OSError as error:
            raise SwitchLost(
                f"FreeSWITCH does not answer on 127.0.0.1 port {self._port} ({error.strerror or error}): "
                "start it, or correct event_socket_port"
            ) from None
        connection = self._connection = Inbound(stream, self._secret, self._happened)
        reader = gevent.spawn(connection.receive_events)
        try:
            connection.log_in()
            connection.send(f"events plain {' '.join(EVENTS)} CUSTOM {' '.join(CUSTOM_EVENTS)} {MARK}")
            # The lists tell what exists; the events that count begin where they end.
            channels = _rows(connection.api("show channels as json"))
            pairs = _rows(connection.api("show bridged_calls as json"))
            self.is_up = True
            self.tell(self._on_up, (channels, pairs))
        except ValueError:
            self._drop()
            raise Refused(
                f"FreeSWITCH on port {self._port} refuses the password of the event socket; render the "
                "configuration again and reload FreeSWITCH, or correct the secret"
            ) from None
        except Broken as error:
            self._drop()
            raise SwitchLost(f"FreeSWITCH on 127.0.0.1 port {self._port} hangs up on us: {error}") from None
        except BaseException:
            self._drop()
            raise
        return reader

    def _keep_up(self, reader: gevent.Greenlet) -> None:
        while True:
            reason = self._watch(reader)
            self._drop()
            reader.kill()
            if self.is_up:
                self.is_up = False
                self.tell(self._on_down, reason)
            reader = self._reconnect(reason)

    def _watch(self, reader: gevent.Greenlet) -> str:
        """Return why the connection is of no use any more. Pings notice a peer that died without a word."""
        while True:
            reader.join(PING_EVERY)
            if reader.dead:
                return str(reader.value)
            try:
                self.settle()
            except (SwitchLost, Refused) as error:
                return str(error)

    def _reconnect(self, reason: str) -> gevent.Greenlet:
        log.warning("lost the control connection to FreeSWITCH: %s", reason)
        for attempt in itertools.count():
            gevent.sleep(RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)])
            try:
                return self._connect()
            except (SwitchLost, Refused) as error:
                if str(error) != reason:
                    reason = str(error)
                    log.warning("no control connection to FreeSWITCH: %s", reason)
        raise AssertionError("unreachable")

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        marks, self._marks = self._marks, {}
        for mark in marks.values():
            mark.set_exception(SwitchLost("the control connection to FreeSWITCH was closed"))

    # Events.

    def _happened(self, event: Message) -> None:
        if event.get("Event-Subclass") == MARK:
            if passed := self._marks.get(event.get("Mark")):
                self.tell(passed.set)
        elif self.is_up:
            self.tell(self._on_event, {**event.headers, BODY: event.text} if event.body else event.headers)

    def _hurry(self) -> None:
        """Have FreeSWITCH look for events to send: by itself it does so 20 ms after it has last found none."""
        while True:
            gevent.sleep(HURRY_EVERY)
            if self._connection is not None and self.is_up:
                self._connection.hurry()

    def _dispatch(self) -> None:
        while True:
            call, arguments = self._news.get()
            try:
                call(*arguments)
            except Exception:
                log.exception("what followed from an event of FreeSWITCH's failed: %r", arguments)


def _rows(text: str) -> list[Row]:
    """What `show ... as json` lists. Names of callers are in it as they came, control characters and all."""
    try:
        listed = json.loads(text, strict=False)
    except ValueError:
        raise SwitchLost("FreeSWITCH has sent a list that cannot be read") from None
    return [{key: str(value) for key, value in row.items()} for row in listed.get("rows", [])]
