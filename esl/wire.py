"""One event socket connection: greenswitch in armour, so that nothing a caller or a broken peer sends does harm.

What greenswitch leaves open and this file closes: it unquotes a whole event and splits it afterwards, so that an
encoded line break in a caller's name writes headers; a name that is not UTF-8 ends its reader; an end of file
inside a body makes it spin, and at any other place releases nobody; a malformed message kills the reader while
`connected` stays true; a line break in a command is a second command; replies are waited for without end; and
verbs that take their time are told apart by the name of the application, so that two of them swap results.
"""

import logging
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes
from uuid import uuid4

import gevent
from gevent.event import AsyncResult
from gevent.lock import Semaphore
from gevent.socket import IPPROTO_TCP, TCP_NODELAY, socket
from greenswitch.esl import ESLEvent, ESLProtocol, OutboundSession

from appliance.doorway import Garbled, decode
from appliance.port import LegGone, Refused

log = logging.getLogger(__name__)

HEADERS_LIMIT = 1_048_576  # bytes of the headers of one message; a leg's variables are among them
BODY_LIMIT = 33_554_432  # bytes; the list of a thousand channels has one million
REPLY_WITHIN = 5.0

# What a leg hears of itself, and of the commands it has begun.
EVENTS = ("DTMF", "CHANNEL_BRIDGE", "CHANNEL_EXECUTE", "CHANNEL_EXECUTE_COMPLETE", "BACKGROUND_JOB")
_BREAKS = frozenset("\r\n\0")


class Broken(Exception):
    """The connection has ended, in words for a person."""


def unquote(text: str) -> str:
    """A value of an event as it was before FreeSWITCH encoded it for its line."""
    return decode(unquote_to_bytes(text)) if "%" in text else text


class Message(ESLEvent):  # type: ignore[misc]
    """What comes over the connection: headers and perhaps a body. Of a header given twice the first one counts."""

    def __init__(self, headers: bytes, body: bytes = b"", encoded: bool = False) -> None:
        self.headers: dict[str, str] = {}
        self.body = body
        self._encoded = encoded
        self.parse_data(headers)

    def parse_data(self, data: bytes) -> None:
        # Split first, then decode: what has been a line break inside a value is one again, and no more than that.
        for line in data.split(b"\n"):
            key, colon, value = decode(line).partition(":")
            if colon:
                text = value.strip()
                self.headers.setdefault(key.strip(), unquote(text) if self._encoded else text)

    def get(self, key: str) -> str:
        """The value of a header, "" if there is none."""
        return self.headers.get(key, "")

    @property
    def text(self) -> str:
        """The body."""
        return decode(self.body)


class Connection(ESLProtocol):  # type: ignore[misc]
    """The armour: reading and writing. Replies come in the order of the commands, and each within a limit."""

    def __init__(self, connection: socket) -> None:
        # Not ESLProtocol.__init__: see the top of this file.
        self.connected = True
        self.reason = "it was closed"
        self.sock = connection
        self._rest = b""
        self._sending = Semaphore()
        self._commands_sent: deque[AsyncResult] = deque()
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    @property
    def whose(self) -> str:
        """What to call it in the log."""
        return "an event socket connection"

    def send(self, data: str) -> Message:
        """Send a command of one or more lines; return the reply. Raises Broken, and Refused for no command."""
        lines = data.split("\n")
        if not all(lines) or any(_BREAKS.intersection(line) for line in lines):
            raise Refused(f"a command has an empty or broken line in it: {data[:100]!r}")
        reply: AsyncResult = AsyncResult()
        with self._sending:
            self._check()
            self._commands_sent.append(reply)
            try:
                self.sock.sendall(data.encode("utf-8", "surrogateescape") + b"\n\n")
            except OSError as error:
                self._lose(f"writing failed: {error}")
        try:
            message: Message = reply.get(timeout=REPLY_WITHIN)
        except gevent.Timeout:
            # Whatever comes now would be taken for the reply to the next command.
            log.warning("%s: no reply to %s", self.whose, lines[0][:60])
            self._lose(f"there was no reply to {lines[0][:60]} within {REPLY_WITHIN:g} s")
            self._check()
            raise AssertionError("unreachable") from None
        return message

    def hurry(self) -> None:
        """Wake the switch's end of the connection by an empty line, which is no command."""
        with self._sending, suppress(OSError):  # the reader learns of it
            self.sock.sendall(b"\n")

    def api(self, command: str) -> str:
        """Run a command of the switch's console; return what it says. Raises Refused if it says no."""
        if "\n" in command:
            raise Refused(f"a command has a line break in it: {command[:100]!r}")
        reply = self.send(f"api {command}")
        text = (reply.text if reply.get("Content-Type") == "api/response" else reply.get("Reply-Text")).strip()
        if text.startswith(("-ERR", "-USAGE")):
            raise Refused(
                f"FreeSWITCH refused {command.split()[0]}: {text.partition(' ')[2].strip('! ') or 'no reason'}"
            )
        return text

    def receive_events(self) -> str:
        """Read until the end; return the reason of it."""
        try:
            while self.connected:
                self.handle_event(self._read())
        except Broken as error:
            self._lose(str(error))
        except OSError as error:
            self._lose(f"reading failed: {error}")
        except Garbled as error:
            log.warning("%s: closing its connection: %s", self.whose, error)
            self._lose(str(error))
        finally:
            self._lose("its reader failed")  # if nothing above did
        return self.reason

    def handle_event(self, event: Message) -> None:
        kind = event.get("Content-Type")
        if kind in ("command/reply", "api/response"):
            if not self._commands_sent:
                raise Garbled("a reply that nobody asked for")
            self._commands_sent.popleft().set(event)
        elif kind == "text/event-plain":
            headers, _, body = event.body.partition(b"\n\n")
            self.happened(Message(headers, body, encoded=True))
        elif kind == "auth/request":
            self.asked_for_password()
        elif kind in ("text/disconnect-notice", "text/rude-rejection"):
            raise Broken(
                "FreeSWITCH closed it" if kind.endswith("notice") else "FreeSWITCH takes none from this address"
            )
        elif kind != "log/data":
            raise Garbled(f"not a message of FreeSWITCH's: {kind[:100]!r}")

    def happened(self, event: Message) -> None:
        """An event came."""

    def asked_for_password(self) -> None:
        """The switch wants to know who this is."""

    def lost(self) -> None:
        """The connection is no more; called once."""

    def _read(self) -> Message:
        while (end := self._rest.find(b"\n\n")) < 0:
            if len(self._rest) > HEADERS_LIMIT:
                raise Garbled("the headers of a message have no end")
            self._more()
        headers, self._rest = self._rest[:end], self._rest[end + 2 :]
        message = Message(headers)
        length = message.get("Content-Length") or "0"
        if "Content-Type" not in message.headers or not (length.isascii() and length.isdecimal()):
            raise Garbled(f"not a message of FreeSWITCH's: {headers[:100]!r}")
        if int(length) > BODY_LIMIT:
            raise Garbled(f"a message of {length} bytes")
        parts, missing = [self._rest], int(length) - len(self._rest)
        while missing > 0:
            parts.append(self.sock.recv(65_536))
            if not parts[-1]:
                raise Broken("FreeSWITCH closed it in the middle of a message")
            missing -= len(parts[-1])
        everything = b"".join(parts)
        message.body, self._rest = everything[: int(length)], everything[int(length) :]
        return message

    def _more(self) -> None:
        chunk = self.sock.recv(65_536)
        if not chunk:
            raise Broken("FreeSWITCH closed it")
        self._rest += chunk

    def _check(self) -> None:
        if not self.connected:
            raise Broken(self.reason)

    def _lose(self, reason: str = "it was closed") -> None:
        if self.connected:
            self.connected, self.reason = False, reason
            self.sock.close()
            for reply in self._commands_sent:
                reply.set_exception(Broken(reason))
            self._commands_sent.clear()
            self.lost()


@dataclass
class Job:
    """An application that runs on a leg, or a command of the switch's console, under an id of its own."""

    id: str = field(default_factory=lambda: str(uuid4()))
    has_begun: bool = False
    end: Message | None = None  # what the leg was like when it had ended; of a command, its result


class Wire(Connection, OutboundSession):  # type: ignore[misc]
    """The connection of one leg. Everything raises LegGone once the other side has left."""

    def __init__(self, connection: socket) -> None:
        super().__init__(connection)
        self.env: dict[str, str] = {}
        self.on_gone: Callable[[], None] | None = None
        self.on_event: Callable[[], None] | None = None
        self.on_digit: Callable[[str], None] | None = None
        self.on_joined: Callable[[], None] | None = None
        self._jobs: dict[str, Job] = {}

    @property
    def is_gone(self) -> bool:
        return not self.connected

    @property
    def uuid(self) -> str:
        return self.env["Unique-ID"]

    @property
    def whose(self) -> str:
        return f"leg {self.env.get('Unique-ID', 'of a stranger')}"

    def introduce(self, within: float) -> None:
        """Learn which leg this is, and listen to what happens to it from then on."""
        gevent.spawn(self.receive_events)
        with gevent.Timeout(within, Garbled(f"it said nothing complete within {within:g} s")):
            reply = self.send("connect")
            self.env = {key: unquote(value) for key, value in reply.headers.items()}
            if not self.env.get("Unique-ID"):
                raise Garbled("it does not say which leg it is")
            self.send("events plain " + " ".join(EVENTS))
            self.send(f"filter Unique-ID {self.uuid}")

    def send(self, data: str) -> Message:
        try:
            return super().send(data)
        except Broken:
            raise LegGone from None

    def test_hangup(self) -> None:
        if self.is_gone:
            raise LegGone

    def begin(self, application: str, argument: str = "") -> Job:
        """Have the switch run an application on this leg, beside whatever runs; do not wait for its end."""
        if "${" in argument or "@{" in argument:
            raise Refused(f"an argument of {application} has a variable of FreeSWITCH's in it: {argument[:100]!r}")
        return self._begin(application, lambda job: self.call_command(application, argument, job.id))

    def begin_command(self, command: str) -> Job:
        """Have the switch run a command of its console that takes its time; do not wait for its end."""
        if "\n" in command:
            raise Refused(f"a command has a line break in it: {command[:100]!r}")

        def send(job: Job) -> Message:
            self.send(f"filter Job-UUID {job.id}")
            return self.send(f"bgapi {command}\nJob-UUID: {job.id}")

        return self._begin(command.partition(" ")[0], send)

    def forget(self, job: Job) -> None:
        """Hear no more of a command."""
        self._jobs.pop(job.id, None)
        if not self.is_gone:
            self.send(f"filter delete Job-UUID {job.id}")

    def _begin(self, what: str, send: Callable[[Job], Message]) -> Job:
        job = Job()
        self._jobs[job.id] = job
        try:
            reply = send(job)
            if not reply.get("Reply-Text").startswith("+OK"):
                raise Refused(f"FreeSWITCH refused {what}: {reply.get('Reply-Text')}")
        except BaseException:
            self._jobs.pop(job.id, None)
            raise
        return job

    def call_command(self, app_name: str, app_args: str, event_uuid: str) -> Message:
        lines = ["sendmsg", "call-command: execute", f"execute-app-name: {app_name}", f"Event-UUID: {event_uuid}"]
        if app_args:
            lines.append(f"execute-app-arg: {app_args}")
        if any("\n" in line for line in lines):
            raise Refused(f"an argument of {app_name} has a line break in it: {app_args[:100]!r}")
        return self.send("\n".join(lines))

    def command(self, command: str) -> str:
        """A command of the switch's console that is about this leg."""
        try:
            return self.api(command)
        except Refused as error:
            if "No such channel" in str(error):
                self._lose("the leg has ended")
                raise LegGone from None
            raise

    def set(self, **variables: str) -> None:
        """Set variables of this leg; "" removes one."""
        for name, value in variables.items():
            if _BREAKS.intersection(value) or any(character in value for character in ";'\"\\$^"):
                raise Refused(f"{value!r} cannot be the value of {name} on a leg")
        pairs = ";".join(f"{name}={value}" for name, value in variables.items())
        self.command(f"uuid_setvar_multi {self.uuid} {pairs}")

    def close(self) -> None:
        """Give the leg back to the switch."""
        self._lose()

    # What Connection calls.

    def happened(self, event: Message) -> None:
        name = event.get("Event-Name")
        if name == "BACKGROUND_JOB":
            if job := self._jobs.pop(event.get("Job-UUID"), None):
                job.end = event
        elif event.get("Unique-ID") != self.uuid:
            return
        elif name == "DTMF" and self.on_digit is not None:
            self.on_digit(event.get("DTMF-Digit"))
        elif name == "CHANNEL_BRIDGE" and self.on_joined is not None:
            self.on_joined()
        elif name == "CHANNEL_EXECUTE":
            if begun := self._jobs.get(event.get("Application-UUID")):
                begun.has_begun = True
        elif name == "CHANNEL_EXECUTE_COMPLETE":
            if event.get("Answer-State") == "hangup":  # the end of whatever ran is the end of the leg
                raise Broken("the leg has ended")
            if job := self._jobs.pop(event.get("Application-UUID"), None):
                job.end = event
        if self.on_event is not None:
            self.on_event()

    def lost(self) -> None:
        if self.on_gone is not None:
            self.on_gone()
