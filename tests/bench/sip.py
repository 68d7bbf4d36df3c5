"""As much SIP as short calls need: messages, and a UDP socket that knows when each of them came and went."""

import itertools
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import gevent
from gevent import socket

from appliance.lab.process import LabError

Address = tuple[str, int]

_SO_TIMESTAMPNS = 35  # Linux: the kernel writes down when a datagram came, however late it is read
_LONGEST = 65_535
_RECEIVE_BUFFER = 4_194_304
_T1 = 0.5  # seconds until a message is sent again (RFC 3261), doubled each time
_LONGEST_INTERVAL = 4.0
_LOOK_AGAIN_EVERY = 0.1

_numbers = itertools.count(1)
_RUN = secrets.token_hex(4)
_COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}


def new_id() -> str:
    """Something no other call, tag or branch of this run is named."""
    return f"{_RUN}-{next(_numbers)}"


@dataclass(frozen=True)
class Message:
    """A request or a response as it came."""

    start: str
    headers: Mapping[str, tuple[str, ...]]  # lower-case name -> values in order
    body: str
    address: Address  # of the sender
    at: float  # when it came, UTC epoch seconds

    @property
    def status(self) -> int | None:
        """The status of a response; None for a request."""
        return int(self.start.split(" ", 2)[1]) if self.start.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """The method of the request, also of the one that a response answers."""
        return self.header("cseq").split()[1]

    @property
    def user(self) -> str:
        """Whom a request is for."""
        return user_of(self.start.split(" ", 2)[1])

    @cached_property
    def call_id(self) -> str:
        return self.header("call-id")

    def header(self, name: str) -> str:
        values = self.headers.get(name, ())
        return values[0] if values else ""


def parse(data: bytes, address: Address, at: float) -> Message:
    text, _, body = data.decode(errors="replace").partition("\r\n\r\n")
    head = text.split("\r\n")
    headers: dict[str, tuple[str, ...]] = {}
    for line in head[1:]:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        name = _COMPACT.get(name, name)
        headers[name] = (*headers.get(name, ()), value.strip())
    return Message(head[0], headers, body, address, at)


def uri_of(header: str) -> str:
    """The address in a From, To or Contact."""
    return header.partition("<")[2].partition(">")[0] if "<" in header else header.partition(";")[0]


def user_of(uri: str) -> str:
    return uri.partition(":")[2].partition("@")[0]


def request(method: str, uri: str, headers: Mapping[str, str], body: str = "") -> bytes:
    return _message(f"{method} {uri} SIP/2.0", [*headers.items()], body)


def response(to: Message, status: str, contact: str = "", tag: str = "", body: str = "") -> bytes:
    """The answer to a request; `tag` names our side of the dialog."""
    headers = [("Via", via) for via in to.headers["via"]]
    target = to.header("to")
    if tag and ";tag=" not in target:
        target += f";tag={tag}"
    headers += [("From", to.header("from")), ("To", target), ("Call-ID", to.call_id), ("CSeq", to.header("cseq"))]
    if contact:
        headers.append(("Contact", contact))
    return _message(f"SIP/2.0 {status}", headers, body)


def _message(start: str, headers: list[tuple[str, str]], body: str) -> bytes:
    if body:
        headers = [*headers, ("Content-Type", "application/sdp")]
    lines = [start, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def sdp(address: str, port: int) -> str:
    """G.711 A-law to that port; sound that comes there is heard by nobody."""
    lines = (
        "v=0",
        f"o=- 1 1 IN IP4 {address}",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 8",
    )
    return "\r\n".join((*lines, "a=rtpmap:8 PCMA/8000", "a=ptime:20", "a=sendrecv", ""))


def sound_address(body: str) -> Address | None:
    """Where the other side of a call wants to hear us."""
    lines = dict(line.split("=", 1) for line in body.splitlines() if line[:2] in ("c=", "m="))
    try:
        return lines["c"].split()[2], int(lines["m"].split()[1])
    except (KeyError, IndexError, ValueError):
        return None


@dataclass
class _Unanswered:
    data: bytes
    to: Address
    due: float
    interval: float = _T1


class SipSocket:
    """One UDP port. Messages that expect an answer are sent again until it comes, as RFC 3261 says."""

    def __init__(self, address: Address, on_message: Callable[[Message], None]) -> None:
        self.address = address
        self.sent_again = 0
        self._on_message = on_message
        self._unanswered: dict[str, _Unanswered] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        try:
            self._socket.bind(address)
        except OSError as error:
            self._socket.close()
            raise LabError(
                f"The phones cannot listen at {self.contact}/udp ({error.strerror}): free it."
            ) from None
        self._greenlets = [gevent.spawn(self._read), gevent.spawn(self._send_again)]

    def close(self) -> None:
        gevent.killall(self._greenlets)
        self._socket.close()

    @property
    def contact(self) -> str:
        return f"{self.address[0]}:{self.address[1]}"

    def via(self, branch: str) -> str:
        return f"SIP/2.0/UDP {self.contact};branch=z9hG4bK{branch};rport"

    def send(self, data: bytes, to: Address) -> float:
        """Send once; return when that was."""
        at = time.time()
        self._socket.sendto(data, to)
        return at

    def send_until(self, key: str, data: bytes, to: Address) -> float:
        """Send, and send again until `settle(key)`; return when the first was."""
        self._unanswered[key] = _Unanswered(data, to, time.monotonic() + _T1)
        return self.send(data, to)

    def settle(self, key: str) -> None:
        """The answer has come, or nobody cares any more."""
        self._unanswered.pop(key, None)

    def _read(self) -> None:
        space = socket.CMSG_SPACE(16) if hasattr(socket, "CMSG_SPACE") else 64
        while True:
            data, ancillary, _, address = self._socket.recvmsg(_LONGEST, space)
            if data.strip():
                self._on_message(parse(data, address, _came_at(ancillary)))

    def _send_again(self) -> None:
        while True:
            gevent.sleep(_LOOK_AGAIN_EVERY)
            now = time.monotonic()
            for waiting in [w for w in self._unanswered.values() if w.due <= now]:
                waiting.interval = min(waiting.interval * 2, _LONGEST_INTERVAL)
                waiting.due = now + waiting.interval
                self.sent_again += 1
                self.send(waiting.data, waiting.to)


def _came_at(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds = int.from_bytes(data[:8], "little", signed=True)
            return seconds + int.from_bytes(data[8:16], "little", signed=True) / 1e9
    raise OSError("The kernel does not say when datagrams came; the bench needs Linux.")
