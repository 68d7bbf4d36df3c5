"""The control connection (AMI): pyst2's message classes over a gevent socket, with replies matched by ActionID.

What pyst2 leaves open and this file closes: its reader threads poll a queue and read byte by byte, replies are
matched by their order and waited for without end, one raising callback ends the dispatch of events, a
ChanVariable header ends its reader for good, values may smuggle in headers, and a lost connection stays lost.
"""

import itertools
import logging
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from secrets import token_hex

import gevent
from asterisk.manager import Event as EventMessage
from asterisk.manager import ManagerMsg
from gevent.event import AsyncResult
from gevent.lock import Semaphore
from gevent.queue import Queue
from gevent.socket import IPPROTO_TCP, TCP_NODELAY, create_connection, socket

from appliance.doorway import decode
from appliance.port import Refused, SwitchLost

log = logging.getLogger(__name__)

Headers = Mapping[str, str]

REPLY_WITHIN = 5.0
PING_EVERY = 5.0
RETRY_AFTER = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # the last one for ever
MESSAGE_LIMIT = 1_048_576  # bytes of one message

# What Asterisk writes before any text of a caller's; of every other header the last one counts, because a
# caller's number with line breaks in it can put one before the real one, but none after it.
BEFORE_CALLERS_TEXT = frozenset({"Event", "ActionID", "Channel", "BridgeUniqueid"})


class _Pending:
    """An action without its whole reply yet. `then` runs in the reader: its place among the events is known."""

    def __init__(self, then: Callable[[Sequence[Headers]], None] | None) -> None:
        self.result: AsyncResult = AsyncResult()
        self.reply: Headers | None = None  # set once a list is on its way
        self.events: list[MutableMapping[str, str]] = []
        self.then = then

    def complete(self, reply: Headers) -> None:
        if self.then is not None and reply.get("Response") == "Success":
            self.then(self.events)
        self.result.set((reply, self.events))


class Control:
    """Keeps one AMI connection. `on_up` is given the channels that exist then, `on_event` what happens from
    then on, `on_down` why it was lost: in order, from one greenlet, and whatever one of them raises is logged."""

    def __init__(
        self,
        port: int,
        user: str,
        secret: str,
        on_up: Callable[[Sequence[Headers]], None],
        on_event: Callable[[Headers], None],
        on_down: Callable[[str], None],
    ) -> None:
        self.is_up = False
        self._port = port
        self._user = user
        self._secret = secret
        self._on_up, self._on_event, self._on_down = on_up, on_event, on_down
        self._socket: socket | None = None
        self._sending = Semaphore()
        self._pending: dict[str, _Pending] = {}
        self._listing: _Pending | None = None  # the list that is just being read
        self._numbers = (f"{token_hex(8)}-{n}" for n in itertools.count(1))  # no stranger can write one
        self._news: Queue = Queue()  # what the dispatcher has to call
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Connect and log in, and stay connected. Raises Refused or SwitchLost in one sentence."""
        reader = self._connect()
        self._greenlets = [gevent.spawn(self._dispatch), gevent.spawn(self._keep_up, reader)]

    def stop(self) -> None:
        gevent.killall([greenlet for greenlet in self._greenlets if greenlet is not gevent.getcurrent()])
        self._greenlets = []
        self._drop()
        self.is_up = False

    def ask(self, action: str, action_id: str | None = None, **headers: str) -> Headers:
        """Send an action; return the reply. Raises Refused with Asterisk's words if it says no."""
        return self._ask(action, action_id, headers, None)[0]

    def pretend(self, headers: Headers) -> None:
        """Hand an event to `on_event` as if Asterisk had sent it now."""
        self._news.put((self._on_event, headers))

    def ask_for_list(self, action: str, **headers: str) -> Sequence[Headers]:
        """Send an action that is answered by a list; return its events.

        Everything that happened before the end of the list has been handed to `on_event` by then, so that the
        two never contradict each other. Not to be called from there.
        """
        events = self._ask(action, None, headers, None)[1]
        self._deliver(action)
        return events

    def settle(self) -> None:
        """Return when all that has happened by now has been handed to `on_event`. Not to be called from there."""
        self.ask("Ping")
        self._deliver("Ping")

    def _deliver(self, action: str) -> None:
        delivered: AsyncResult = AsyncResult()
        self._news.put((delivered.set, None))
        try:
            delivered.get(timeout=REPLY_WITHIN)
        except gevent.Timeout:
            raise SwitchLost(f"the events before the answer to {action} are not through yet") from None

    def _ask(
        self,
        action: str,
        action_id: str | None,
        headers: Mapping[str, str],
        then: Callable[[Sequence[Headers]], None] | None,
    ) -> tuple[Headers, Sequence[Headers]]:
        action_id = action_id or str(next(self._numbers))
        lines = {"Action": action, "ActionID": action_id, **headers}
        text = "".join(f"{key}: {value}\r\n" for key, value in lines.items()) + "\r\n"
        if text.count("\n") != len(lines) + 1 or text.count("\r") != len(lines) + 1:
            raise Refused(f"a value of the action {action} has a line break in it")
        connection = self._socket
        if connection is None:
            raise SwitchLost(f"there is no control connection to Asterisk on 127.0.0.1 port {self._port}")
        pending = self._pending[action_id] = _Pending(then)
        try:
            with self._sending:
                connection.sendall(text.encode("utf-8", "replace"))
            result: tuple[Headers, Sequence[Headers]] = pending.result.get(timeout=REPLY_WITHIN)
        except OSError as error:
            raise SwitchLost(f"the control connection to Asterisk broke: {error}") from None
        except gevent.Timeout:
            raise SwitchLost(f"Asterisk did not reply to {action} within {REPLY_WITHIN:g} s") from None
        finally:
            self._pending.pop(action_id, None)
        reply = result[0]
        if reply.get("Response") not in ("Success", "Goodbye", "Pong"):
            raise Refused(f"Asterisk refused {action}: {reply.get('Message', 'it did not say why')}")
        return result

    # Connecting.

    def _connect(self) -> gevent.Greenlet:
        try:
            connection = create_connection(("127.0.0.1", self._port), timeout=REPLY_WITHIN)
            connection.settimeout(None)
            connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        except OSError as error:
            raise SwitchLost(
                f"Asterisk does not answer on 127.0.0.1 port {self._port} ({error.strerror or error}): "
                "start it, or correct ami_port"
            ) from None
        self._socket = connection
        reader = gevent.spawn(self._read, connection)
        try:
            self._log_in()
            # The list tells what exists; the events that count begin where it ends.
            self._ask("CoreShowChannels", None, {}, self._up)
        except BaseException:
            self._drop()
            raise
        return reader

    def _log_in(self) -> None:
        try:
            self.ask("Login", Username=self._user, Secret=self._secret)
        except Refused as error:
            if "Authentication" not in str(error):
                raise SwitchLost(str(error)) from None
            raise Refused(
                f"Asterisk on port {self._port} refuses the AMI user {self._user}: wrong AMI password; "
                "render the configuration again and reload Asterisk, or correct the secret"
            ) from None

    def _up(self, channels: Sequence[Headers]) -> None:
        self.is_up = True
        self._news.put((self._on_up, channels))

    def _keep_up(self, reader: gevent.Greenlet) -> None:
        while True:
            reason = self._watch(reader)
            self._drop()
            reader.kill()
            if self.is_up:
                self.is_up = False
                self._news.put((self._on_down, reason))
            reader = self._reconnect(reason)

    def _watch(self, reader: gevent.Greenlet) -> str:
        """Return why the connection is of no use any more. Pings notice a peer that died without a word."""
        while True:
            reader.join(PING_EVERY)
            if reader.dead:
                return str(reader.value)
            try:
                self.ask("Ping")
            except (SwitchLost, Refused) as error:
                return str(error)

    def _reconnect(self, reason: str) -> gevent.Greenlet:
        log.warning("lost the control connection to Asterisk: %s", reason)
        for attempt in itertools.count():
            gevent.sleep(RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)])
            try:
                return self._connect()
            except (SwitchLost, Refused) as error:
                if str(error) != reason:
                    reason = str(error)
                    log.warning("no control connection to Asterisk: %s", reason)
        raise AssertionError("unreachable")

    def _drop(self) -> None:
        connection, self._socket = self._socket, None
        if connection is not None:
            connection.close()
        pending, self._pending = self._pending, {}
        self._listing = None
        for action in pending.values():
            action.result.set_exception(SwitchLost("the control connection to Asterisk was closed"))

    # Reading.

    def _read(self, connection: socket) -> str:
        """Read messages until the end; return the reason of it."""
        rest = b""
        lines: list[bytes] = []
        size = 0
        try:
            while chunk := connection.recv(65_536):
                *complete, rest = (rest + chunk).split(b"\r\n")
                for line in complete:
                    size += len(line)
                    if line and not (not lines and b":" not in line):  # the greeting has neither colon nor end
                        lines.append(line)
                    elif lines:
                        self._take(lines)
                        lines, size = [], 0
                if size + len(rest) > MESSAGE_LIMIT:
                    return "a message on the control connection has no end"
        except OSError as error:
            return f"reading from the control connection failed: {error}"
        finally:
            if connection is self._socket:
                self._drop()
        return "Asterisk closed the control connection"

    def _take(self, lines: Sequence[bytes]) -> None:
        message = parse(lines)
        pending = self._pending.get(message.get_header("ActionID", ""))
        if self._listing is not None:
            self._take_listed(self._listing, pending, message.headers)
        elif "Event" in message.headers:
            if self.is_up:
                self._news.put((self._on_event, EventMessage(message).headers))
        elif pending is not None and message.get_header("EventList", "").lower() == "start":
            pending.reply = message.headers
            self._listing = pending
        elif pending is not None:
            pending.complete(message.headers)

    def _take_listed(self, listing: _Pending, owner: _Pending | None, headers: MutableMapping[str, str]) -> None:
        """Asterisk sends nothing else while it lists, so what is not of the list is the rest of the item before
        it, in which a caller's number brought an empty line along."""
        if owner is listing and headers.get("EventList") == "Complete":
            self._listing = None
            listing.complete(listing.reply or {})
        elif owner is listing:
            listing.events.append(headers)
        elif listing.events:
            last = listing.events[-1]
            last.update({key: value for key, value in headers.items() if key not in BEFORE_CALLERS_TEXT})

    def _dispatch(self) -> None:
        while True:
            call, argument = self._news.get()
            try:
                call(argument)
            except Exception:
                log.exception("what followed from an event of Asterisk's failed: %r", argument)


def parse(lines: Sequence[bytes]) -> ManagerMsg:
    """One message, read by pyst2 without what breaks it and without a header put in by a stranger."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        text = decode(line)
        key = text.partition(":")[0].strip()
        if "ChanVariable" in key or (key in seen and key in BEFORE_CALLERS_TEXT):
            continue
        seen.add(key)
        kept.append(text + "\r\n")
    return ManagerMsg(kept)
