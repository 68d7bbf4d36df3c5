"""One FastAGI connection: pyst2's AGI class in armour, so that nothing a caller or a broken peer sends does harm.

What pyst2 leaves open and this file closes: its constructor installs a signal handler and prints every
line; arguments are not quoted; the end of the connection and the HANGUP line surface as ValueError; the
environment is split wherever a caller's number contains a line break (SIP lets a stranger write %0A there).
"""

import logging
import re
from collections import deque
from collections.abc import Callable

import gevent
from asterisk.agi import AGI, re_code
from gevent.event import Event
from gevent.socket import IPPROTO_TCP, TCP_NODELAY, socket

from appliance.doorway import Garbled, decode
from appliance.port import LegGone, Refused

log = logging.getLogger(__name__)

LINE_LIMIT = 65_536  # bytes of one line from the switch; a 10,000 character name fits many times
ENVIRONMENT_LIMIT = 262_144  # bytes of all of its lines
COMMAND_LIMIT = 2_000  # bytes; Asterisk reads commands into 2,048 and takes the rest for another command

# From here on Asterisk writes text of the caller's, raw, in exactly this order. A line that is not the next
# of these names belongs to the text before it, line break and all. What comes earlier is Asterisk's own.
CALLERS_PART = (
    "agi_callerid",
    "agi_calleridname",
    "agi_callingpres",
    "agi_callingani2",
    "agi_callington",
    "agi_callingtns",
    "agi_dnid",
    "agi_rdnis",
    "agi_context",
    "agi_extension",
    "agi_priority",
    "agi_enhanced",
    "agi_accountcode",
    "agi_threadid",
)
_ENVIRONMENT_LINE = re.compile(r"(agi_\w+): ?(.*)", re.DOTALL)
# pyst2's own loses what has an empty value, "result= (timeout)", and data with a line break.
_RESULT = re.compile(r"(\w+)=(\S*)(?:[ ]*\((.*)\))?", re.DOTALL)
_RECORDED = re.compile(r"\) endpos=\d+$")
_NOT_IN_A_LINE = re.compile(r"[\r\n\0]+")

Reply = dict[str, tuple[str, str]]


def quote(argument: str) -> str:
    """One argument of a command, whatever is in it. Line breaks cannot be sent at all and become spaces."""
    plain = _NOT_IN_A_LINE.sub(" ", argument)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'


def application_argument(argument: str) -> str:
    """One argument of a dialplan application, where commas separate and brackets and quotes group."""
    return re.sub(r'([\\",()\[\]])', r"\\\1", argument)


class Wire(AGI):  # type: ignore[misc]
    """An AGI connection over a gevent socket. Commands raise LegGone once the other side has left."""

    def __init__(self, connection: socket) -> None:
        # Not AGI.__init__: see the top of this file.
        self.env: dict[str, str] = {}
        self.is_gone = False
        self.on_gone: Callable[[], None] | None = None
        self._socket = connection
        self._rest = b""
        self._lines: deque[str] = deque()
        self._line_came = Event()
        connection.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)

    def introduce(self, within: float) -> None:
        """Read the environment; then listen, so that a hangup is noticed while no command runs."""
        with gevent.Timeout(within, Garbled(f"it said nothing complete within {within:g} s")):
            self._get_agi_env()
        gevent.spawn(self._listen)

    def close(self) -> None:
        """Give the leg back to the switch."""
        self._lose()

    def run(self, command: str, *arguments: str) -> Reply:
        """Send a command and return what came back.

        Raises LegGone, or Refused when the switch cannot do it while the leg lives.
        """
        return self._not_failed(self.execute(command, *arguments), command, *arguments)

    def play(self, sound: str, is_enough: Callable[[], bool]) -> None:
        """Play a sound until its end, or until that is true when `nudge` is called. Raises as `run` does."""
        self.send_command("STREAM FILE", sound, "")
        while not self._lines:
            self.test_hangup()
            if is_enough():
                # Asterisk ends what it plays as soon as another command is there, and replies to that one alone;
                # but the sound may have ended by itself meanwhile.
                self.send_command("NOOP")
                if "endpos" in self.get_result():
                    self.get_result()
                return
            self._line_came.clear()
            self._line_came.wait()
        self._not_failed(self.get_result(), "STREAM FILE", sound)

    def nudge(self) -> None:
        """Let `play` look whether it is enough."""
        self._line_came.set()

    def _not_failed(self, reply: Reply, command: str, *arguments: str) -> Reply:
        if reply["result"][0] == "-1":
            # Both a hangup and a failure say -1. This one command says -1 only for a hangup.
            if self.execute("WAIT FOR DIGIT", "0")["result"][0] == "-1":
                self._lose()
                raise LegGone
            raise Refused(f"Asterisk could not do {command} {' '.join(arguments)}")
        return reply

    # What pyst2 calls, and ours instead.

    def test_hangup(self) -> None:
        if self.is_gone:
            raise LegGone

    def _quote(self, string: object) -> str:
        return quote(str(string))

    def send_command(self, command: str, *args: object) -> None:
        if self._lines:
            raise self._garbled(f"a reply nobody asked for: {self._lines[0][:100]!r}")
        line = " ".join([command, *(self._quote(argument) for argument in args)])
        data = line.encode("utf-8", "surrogateescape") + b"\n"
        if len(data) > COMMAND_LIMIT:
            raise Refused(f"a command of {len(data)} bytes is too long for Asterisk: {line[:100]}...")
        try:
            self._socket.sendall(data)
        except OSError:
            self._lose()
            raise LegGone from None

    def get_result(self, stdin: object = None) -> Reply:
        line = self._next_line()
        code, response = re_code.match(line).groups()
        if code == "200":
            # A variable with line breaks in it; but the end of a recording stands behind the brackets.
            while "(" in response and not response.endswith(")") and not _RECORDED.search(response):
                response += "\n" + self._next_line()
            result: Reply = {key: (value, data) for key, value, data in _RESULT.findall(response)}
            if "result" in result:
                return result
        elif code == "520":
            while not line.startswith("520 "):
                line = self._next_line()
            raise Refused("Asterisk did not understand the arguments of a command")
        elif code == "511":
            self._lose()
            raise LegGone
        elif code == "510":
            raise Refused("Asterisk does not know a command")
        raise self._garbled(f"not a reply: {line[:100]!r}")

    def _get_agi_env(self) -> None:
        size = 0
        expected: deque[str] = deque(CALLERS_PART)
        last = ""
        while True:
            line = self._read_line()
            size += len(line)
            if size > ENVIRONMENT_LIMIT:
                raise Garbled("its environment has no end")
            inside_callers_part = 0 < len(expected) < len(CALLERS_PART)
            if not line and not inside_callers_part:
                break
            text = decode(line)
            match = _ENVIRONMENT_LINE.fullmatch(text)
            key = match[1] if match else ""
            if match and (key == expected[0] if inside_callers_part else True):
                if expected and key == expected[0]:
                    expected.popleft()
                # Asterisk's own word comes first, before any text of the caller's; of its arguments it comes last.
                if key not in self.env or key.startswith("agi_arg_"):
                    self.env[key] = match[2].strip()
                last = key
            elif inside_callers_part:
                self.env[last] += "\n" + text.strip()
            elif not last.startswith("agi_arg_"):  # an argument's further lines are dropped
                raise Garbled(f"not a line of an AGI environment: {text[:100]!r}")
        if "agi_uniqueid" not in self.env:
            raise Garbled("its environment is empty")

    # The socket.

    def _read_line(self) -> bytes:
        while (end := self._rest.find(b"\n")) < 0:
            if len(self._rest) > LINE_LIMIT:
                raise Garbled("a line of it has no end")
            chunk = self._socket.recv(4096)
            if not chunk:
                raise LegGone
            self._rest += chunk
        line, self._rest = self._rest[:end], self._rest[end + 1 :]
        return line

    def _listen(self) -> None:
        try:
            while (line := self._read_line()) != b"HANGUP":
                self._lines.append(decode(line))
                self._line_came.set()
                if len(self._lines) > 1000:
                    raise Garbled("it does not stop talking")
        except Garbled as error:
            log.warning("leg %s: closing its connection: %s", self.env.get("agi_uniqueid"), error)
        except (LegGone, OSError):
            pass
        finally:
            self._lose()

    def _next_line(self) -> str:
        while not self._lines:
            self.test_hangup()
            self._line_came.clear()
            self._line_came.wait()
        return self._lines.popleft()

    def _garbled(self, what: str) -> Garbled:
        log.warning("leg %s: closing its connection: %s", self.env.get("agi_uniqueid"), what)
        self._lose()
        return Garbled(what)

    def _lose(self) -> None:
        if not self.is_gone:
            self.is_gone = True
            self._socket.close()
            self._line_came.set()
            if self.on_gone is not None:
                self.on_gone()
