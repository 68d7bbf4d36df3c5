"""Scripted peers: a FreeSWITCH that says what the test tells it to, on outbound sockets and on the inbound one."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

import gevent
from gevent import socket

from appliance.clock import RealClock
from esl.leg import FreeSwitchLeg
from esl.wire import Message, Wire
from tests.wire.peers import TRANSCRIPTS, WITHIN, quietly

LEG = "5f4e8c52-0e3c-4b0c-9d0e-6a3d1f1f6a11"

# What a real leg says of itself, shortened: FreeSWITCH 1.11.1.
ENVIRONMENT = {
    "Event-Name": "CHANNEL_DATA",
    "Channel-Name": "sofia/appliance/+74951230001@127.0.0.1",
    "Unique-ID": LEG,
    "Call-Direction": "inbound",
    "Answer-State": "ringing",
    "Caller-Caller-ID-Name": "Alice",
    "Caller-Caller-ID-Number": "+74951230001",
    "Caller-Destination-Number": "s",
    "Caller-Context": "appliance-caller",
    "variable_APPLIANCE_ENTRY": "caller",
    "variable_APPLIANCE_DNIS": "+74951112233",
    "variable_APPLIANCE_TRUNK": "provider",
    "variable_APPLIANCE_QUEUE": "sales",
    "Content-Type": "command/reply",
    "Reply-Text": "+OK\n",
    "Socket-Mode": "async",
    "Control": "full",
}


def lines(headers: Mapping[str, str | bytes]) -> bytes:
    """Headers as FreeSWITCH writes them, each value encoded."""
    return b"".join(f"{key}: {quote(value, safe='/:+*@')}\n".encode() for key, value in headers.items())


def event(name: str, body: bytes = b"", **headers: str | bytes) -> bytes:
    """One event; _ in the names of headers stands for -, but for variables."""
    named = {
        key if key.startswith("variable_") else key.replace("_", "-"): value for key, value in headers.items()
    }
    content = lines({"Event-Name": name, **named})
    if body:
        content += f"Content-Length: {len(body)}\n\n".encode() + body
    else:
        content += b"\n"
    return f"Content-Length: {len(content)}\nContent-Type: text/event-plain\n\n".encode() + content


def api(text: str | bytes) -> bytes:
    """The reply to an api command."""
    content = text if isinstance(text, bytes) else text.encode()
    return f"Content-Type: api/response\nContent-Length: {len(content)}\n\n".encode() + content


def reply(text: str = "+OK") -> bytes:
    """The reply to any other one."""
    return f"Content-Type: command/reply\nReply-Text: {text}\n\n".encode()


def disconnect() -> bytes:
    """What FreeSWITCH says before it closes."""
    content = b"Disconnected, goodbye.\n"
    return f"Content-Type: text/disconnect-notice\nContent-Length: {len(content)}\n\n".encode() + content


class EslPeer:
    """FreeSWITCH's end of a connection, read command by command with a deadline."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._rest = b""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a test tells the times between events

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def command(self) -> str:
        """The next command; "" at the end of the connection."""
        with gevent.Timeout(WITHIN, AssertionError(f"no command came, only {self._rest!r}")):
            while b"\n\n" not in self._rest:
                try:
                    chunk = self.connection.recv(65536)
                except ConnectionError:
                    return ""
                if not chunk:
                    return ""
                self._rest += chunk
        command, _, self._rest = self._rest.partition(b"\n\n")
        return command.decode()

    def is_silent(self) -> bool:
        """Whether nothing has been said that was not read."""
        gevent.sleep(0.02)
        self.connection.setblocking(False)
        try:
            return not self._rest and not self.connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return not self._rest
        finally:
            self.connection.setblocking(True)

    def is_closed(self) -> bool:
        """Whether the other side has closed; waits for it."""
        return not self.command()

    def close(self) -> None:
        self.connection.close()


def esl_pair() -> tuple[Wire, EslPeer]:
    """A connection from the switch, not introduced yet. TCP, as TCP_NODELAY wants it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    return Wire(near), EslPeer(far)


def introduce(peer: EslPeer, **changes: str | bytes) -> None:
    """Say who the leg is, as FreeSWITCH does when it is asked."""
    assert peer.command() == "connect"
    environment: dict[str, str | bytes] = {**ENVIRONMENT, **changes}
    peer.say(lines(environment) + b"\n")
    assert peer.command().startswith("events plain ")
    peer.say(reply("+OK event listener enabled plain"))
    assert peer.command() == f"filter Unique-ID {environment['Unique-ID']!s}"
    peer.say(reply("+OK filter added"))


class EslLeg:
    """A leg and the FreeSWITCH it is on."""

    def __init__(self, **changes: str | bytes) -> None:
        self.wire, self.peer = esl_pair()
        introduced = quietly(self.wire.introduce, WITHIN)
        introduce(self.peer, **changes)
        introduced.get(timeout=WITHIN)
        self.leg = FreeSwitchLeg(self.wire, RealClock())

    def expect_command(self, beginning: str, answer: bytes = b"") -> str:
        """The next command begins like that; return the rest of it."""
        command = self.peer.command()
        assert command.startswith(beginning), command
        self.peer.say(answer or reply())
        return command.removeprefix(beginning)

    def expect_api(self, command: str, answer: str = "+OK\n") -> None:
        assert self.peer.command() == f"api {command}"
        self.peer.say(api(answer))

    def expect_set(self, **variables: str) -> None:
        """The next command sets just these variables."""
        pairs = ";".join(f"{name}={value}" for name, value in variables.items())
        self.expect_api(f"uuid_setvar_multi {LEG} {pairs}")

    def expect_run(self, application: str, argument: str = "", begins: bool = True) -> str:
        """The next command runs that; return the id of what runs."""
        message = dict(line.split(": ", 1) for line in self.peer.command().split("\n")[1:])
        assert message["call-command"] == "execute"
        assert (message["execute-app-name"], message.get("execute-app-arg", "")) == (application, argument)
        self.peer.say(reply())
        if begins:
            self.tell("CHANNEL_EXECUTE", Application=application, Application_UUID=message["Event-UUID"])
        return message["Event-UUID"]

    def finish(self, job: str, **headers: str) -> None:
        """What runs has ended."""
        self.tell("CHANNEL_EXECUTE_COMPLETE", Application_UUID=job, **headers)

    def tell(self, name: str, body: bytes = b"", **headers: str | bytes) -> None:
        self.peer.say(event(name, body, **{"Unique_ID": LEG, **headers}))

    def press(self, keys: str) -> None:
        for key in keys:
            self.tell("DTMF", DTMF_Digit=key)

    def close(self) -> None:
        self.peer.close()
        self.wire.close()


class FakeEventSocket:
    """An inbound event socket that lets the right password in and records what it is asked."""

    def __init__(self, port: int = 0, secret: str = "secret") -> None:
        self.secret = secret
        self.asked: list[str] = []
        self.answers: dict[str, str | bytes] = {}  # beginning of an api command -> what it says
        self.is_mute = False
        self.empty_lines = 0  # which wake it up
        self.ended = 0  # connections that the other side has closed
        self.greeting = b"Content-Type: auth/request\n\n"
        self.connections: list[socket.socket] = []
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(5)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = gevent.spawn(self._accept)

    def say(self, data: bytes) -> None:
        self.connections[-1].sendall(data)

    def drop(self) -> None:
        """Close what is open; new connections are welcome."""
        for connection in self.connections:
            connection.close()

    def asked_for(self, beginning: str) -> list[str]:
        return [asked for asked in self.asked if asked.startswith(beginning)]

    def close(self) -> None:
        self._acceptor.kill()
        self._listener.close()
        self.drop()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            self.connections.append(connection)
            gevent.spawn(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.sendall(self.greeting)
            rest = b""
            while chunk := connection.recv(65536):
                if chunk == b"\n" and not rest:
                    self.empty_lines += 1
                    continue
                *commands, rest = (rest + chunk).split(b"\n\n")
                for command in filter(None, (command.lstrip(b"\n") for command in commands)):
                    self.asked.append(command.decode())
                    if not self.is_mute:
                        connection.sendall(self._answer(command.decode()))
            self.ended += 1
        except OSError:
            pass

    def _answer(self, command: str) -> bytes:
        if command.startswith("auth "):
            return reply("+OK accepted" if command == f"auth {self.secret}" else "-ERR invalid")
        if command.startswith("sendevent"):
            headers = dict(line.split(": ", 1) for line in command.split("\n")[1:])
            return reply("+OK") + event("CUSTOM", **headers)
        if command.startswith("bgapi"):
            return reply("+OK Job-UUID: 1")
        if not command.startswith("api "):
            return reply()
        asked = command.removeprefix("api ")
        for beginning, answer in self.answers.items():
            if asked.startswith(beginning):
                return api(answer)
        return api('{"row_count": 0}' if "as json" in asked else "+OK\n")


def messages(transcript: str | Path) -> Iterable[Message]:
    """The events of a recorded connection."""
    data = (TRANSCRIPTS / transcript).read_bytes()
    while data:
        headers, _, data = data.partition(b"\n\n")
        length = int(Message(headers).get("Content-Length") or "0")
        content, data = data[:length], data[length:]
        inner, _, body = content.partition(b"\n\n")
        yield Message(inner, body, encoded=True)
