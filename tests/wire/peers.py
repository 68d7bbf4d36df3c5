"""Scripted peers: an Asterisk that says what the test tells it to, over AGI and over AMI."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import gevent
from gevent import socket

from agi.leg import AsteriskLeg
from agi.wire import Wire
from appliance.clock import RealClock

WITHIN = 2.0  # seconds that anything here may take at most
ACTION_ID = "<the action's>"
TRANSCRIPTS = Path(__file__).parent / "transcripts"

# The environment of a real call: Asterisk 22.10.
ENVIRONMENT = {
    "agi_network": "yes",
    "agi_network_script": "caller",
    "agi_request": "agi://127.0.0.1:4573/caller",
    "agi_channel": "PJSIP/trunk1-0000018f",
    "agi_language": "en",
    "agi_type": "PJSIP",
    "agi_uniqueid": "1795294639.401",
    "agi_version": "22.10.1",
    "agi_callerid": "74951112233",
    "agi_calleridname": "unknown",
    "agi_callingpres": "0",
    "agi_callingani2": "0",
    "agi_callington": "0",
    "agi_callingtns": "0",
    "agi_dnid": "84950001",
    "agi_rdnis": "unknown",
    "agi_context": "appliance-caller",
    "agi_extension": "s",
    "agi_priority": "2",
    "agi_enhanced": "0.0",
    "agi_accountcode": "",
    "agi_threadid": "140679022745280",
    "agi_arg_1": "84950001",
    "agi_arg_2": "trunk1",
    "agi_arg_3": "",
}


def environment(**changes: str | bytes) -> bytes:
    """The environment of a call, with these values changed."""
    lines = []
    for key, value in (ENVIRONMENT | changes).items():
        lines.append(key.encode() + b": " + (value if isinstance(value, bytes) else value.encode()) + b"\n")
    return b"".join(lines) + b"\n"


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Let others run until it is so."""
    with gevent.Timeout(WITHIN, AssertionError(f"waited in vain for {what}")):
        while not condition():
            gevent.sleep(0.001)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class Peer:
    """One end of a connection, read line by line with a deadline."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._rest = b""

    def say(self, data: bytes) -> None:
        self.connection.sendall(data)

    def line(self) -> bytes:
        """The next line, without its end; b"" at the end of the connection."""
        with gevent.Timeout(WITHIN, AssertionError(f"no line came, only {self._rest!r}")):
            while b"\n" not in self._rest:
                try:
                    chunk = self.connection.recv(65536)
                except ConnectionError:
                    return b""
                if not chunk:
                    return b""
                self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r")

    def is_closed(self) -> bool:
        """Whether the other side has closed; waits for it."""
        return not self.line()

    def close(self) -> None:
        self.connection.close()


def agi_pair() -> tuple[Wire, Peer]:
    """A connection from the switch, not introduced yet. TCP, as TCP_NODELAY wants it."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        far = socket.create_connection(listener.getsockname())
        near, _ = listener.accept()
    return Wire(near), Peer(far)


class AgiLeg:
    """A leg and the Asterisk it is on, which answers each command as `expect` says."""

    def __init__(self, hears_events: bool = True) -> None:
        self.wire, self.peer = agi_pair()
        self.peer.say(environment())
        self.wire.introduce(WITHIN)
        self.hears_events = hears_events
        self.leg = AsteriskLeg(self.wire, RealClock(), lambda: self.hears_events)

    def expect(self, command: str, reply: str = "200 result=0") -> None:
        assert self.peer.line().decode() == command
        self.peer.say(reply.encode() + b"\n")

    def close(self) -> None:
        self.peer.close()
        self.wire.close()


def quietly(function: Callable[..., object], *arguments: object) -> gevent.Greenlet:
    """Run that beside the test, which looks itself at what it raises."""
    greenlet = gevent.Greenlet(function, *arguments)
    greenlet.report_error = lambda *_: None
    greenlet.start()
    return greenlet


def result(greenlet: gevent.Greenlet) -> object:
    """What a verb returned or raised."""
    return greenlet.get(timeout=WITHIN)


class FakeManager:
    """An AMI that logs the right user in, has no channels unless told, and records what it is asked."""

    def __init__(self, port: int = 0, secret: str = "secret") -> None:
        self.secret = secret
        self.asked: list[Mapping[str, str]] = []
        self.replies: dict[str, Callable[[Mapping[str, str]], str | None]] = {
            "Login": self._login,
            "CoreShowChannels": lambda asked: listing(),
            "QueueStatus": lambda asked: listing(),
        }
        self.connections: list[socket.socket] = []
        self.is_mute = False
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", port))
        self._listener.listen(5)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = gevent.spawn(self._accept)

    def event(self, **headers: str) -> None:
        self.raw("".join(f"{key}: {value}\r\n" for key, value in headers.items()).encode() + b"\r\n")

    def raw(self, data: bytes) -> None:
        self.connections[-1].sendall(data)

    def drop(self) -> None:
        """Close what is open; new connections are welcome."""
        for connection in self.connections:
            connection.close()

    def asked_for(self, action: str) -> list[Mapping[str, str]]:
        return [asked for asked in self.asked if asked["Action"] == action]

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
            connection.sendall(b"Asterisk Call Manager/11.0.0\r\n")
            rest = b""
            while chunk := connection.recv(65536):
                *actions, rest = (rest + chunk).split(b"\r\n\r\n")
                for action in actions:
                    self._answer(connection, dict(line.split(": ", 1) for line in action.decode().split("\r\n")))
        except OSError:
            pass

    def _answer(self, connection: socket.socket, asked: Mapping[str, str]) -> None:
        self.asked.append(asked)
        reply = self.replies.get(asked["Action"], lambda asked: success())(asked)
        if reply is not None and not self.is_mute:
            connection.sendall(reply.replace(ACTION_ID, asked["ActionID"]).encode())

    def _login(self, asked: Mapping[str, str]) -> str:
        return success() if asked["Secret"] == self.secret else failure("Authentication failed")


def success() -> str:
    return f"Response: Success\r\nActionID: {ACTION_ID}\r\n\r\n"


def failure(message: str) -> str:
    return f"Response: Error\r\nActionID: {ACTION_ID}\r\nMessage: {message}\r\n\r\n"


def listing(*events: Mapping[str, str]) -> str:
    """The reply to an action that lists things."""
    parts: list[Mapping[str, str]] = [{"Response": "Success", "ActionID": ACTION_ID, "EventList": "start"}]
    parts += [{"Event": event["Event"], "ActionID": ACTION_ID, **event} for event in events]
    parts.append({"Event": "ListComplete", "ActionID": ACTION_ID, "EventList": "Complete"})
    return "".join("".join(f"{key}: {value}\r\n" for key, value in part.items()) + "\r\n" for part in parts)


def messages(transcript: str) -> Iterable[dict[str, str]]:
    """The events of a recorded control connection."""
    for message in (TRANSCRIPTS / transcript).read_text().strip().split("\n\n"):
        yield dict(line.rstrip().partition(": ")[::2] for line in message.split("\n"))
