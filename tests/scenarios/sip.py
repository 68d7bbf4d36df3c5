"""A SIP peer of a few lines, for what a proper phone refuses to do: sign another's registration, send rubbish.

It speaks over UDP from one address, answers registrations like a provider, and can make one call at a time with a
From header of any bytes.
"""

import hashlib
import itertools
import re
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import gevent
import numpy as np
from gevent import socket, ssl
from gevent.server import StreamServer

from appliance.lab.listening import RATE, Samples, read_wav
from tests.scenarios.waiting import until

REALM = "volna"
PACKET = 160  # samples of sound
_REQUEST = re.compile(rb"(\w+) \S+ SIP/2\.0\r\n")
_QUOTED = re.compile(r'(\w+)="?([^",]*)"?')


@dataclass(frozen=True)
class Registration:
    """A registration that was agreed to, and whether its password was right."""

    user: str
    contact: str
    right: bool


@dataclass
class Dialogue:
    """One call that this peer makes."""

    call_id: str
    uri: str
    sender: bytes  # the From header
    tag: str
    branch: str
    to: bytes = b""
    status: int = 0
    answered: bool = False
    ended: bool = False
    media: tuple[str, int] | None = None  # where the other side wants sound


class Peer:
    """A provider or an attacker at `address`:`port`. With a password it insists on being shown it."""

    def __init__(self, address: str, port: int, server: tuple[str, int], password: str = "") -> None:
        self.address = address
        self.password = password
        self.registrations: list[Registration] = []
        self.call: Dialogue | None = None
        self._server = server
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self.port: int = self._socket.getsockname()[1]
        self._rtp = socket.socket(type=socket.SOCK_DGRAM)
        self._rtp.bind((address, 0))
        self._numbers = itertools.count(1)
        self._nonce = secrets.token_hex(8)
        self._greenlet = gevent.spawn(self._listen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._greenlet.kill()
        self._socket.close()
        self._rtp.close()

    # Calls

    def invite(self, uri: str, sender: bytes, offers_keys: bool = True) -> Dialogue:
        """Call that address with that From header (without its tag) and wait until it is answered. Without
        `offers_keys` they can only be sent as sounds."""
        call = self.call = Dialogue(
            call_id=secrets.token_hex(8),
            uri=uri,
            sender=sender + b";tag=" + secrets.token_hex(4).encode(),
            tag="",
            branch=f"z9hG4bK{secrets.token_hex(6)}",
        )
        call.to = f"<{uri}>".encode()
        self._send_request(call, "INVITE", self._offer(offers_keys))
        until(f"{self.address} gets an answer", lambda: call.answered or call.status >= 300)
        return call

    def hang_up(self) -> None:
        """End the call; harmless when it has ended."""
        call, self.call = self.call, None
        if call is not None and call.answered and not call.ended:
            call.branch = f"z9hG4bK{secrets.token_hex(6)}"
            self._send_request(call, "BYE")

    def speak(self, sound: Path) -> None:
        """Send a sound into the call, at the pace of speech."""
        assert self.call is not None and self.call.media is not None
        samples = alaw(read_wav(sound))
        for number, start in enumerate(range(0, len(samples), PACKET)):
            head = struct.pack("!BBHII", 0x80, 8, number, start, 1)
            self._rtp.sendto(head + samples[start : start + PACKET], self.call.media)
            gevent.sleep(PACKET / RATE)

    def _offer(self, offers_keys: bool) -> bytes:
        keys = ("a=rtpmap:101 telephone-event/8000",) if offers_keys else ()
        lines = (
            "v=0",
            f"o=- 1 1 IN IP4 {self.address}",
            "s=-",
            f"c=IN IP4 {self.address}",
            "t=0 0",
            f"m=audio {self._rtp.getsockname()[1]} RTP/AVP 8{' 101' if offers_keys else ''}",
            "a=rtpmap:8 PCMA/8000",
            *keys,
        )
        return "".join(f"{line}\r\n" for line in lines).encode()

    def _send_request(self, call: Dialogue, method: str, body: bytes = b"") -> None:
        number = 1 if method in ("INVITE", "ACK") else next(self._numbers) + 1
        head = [
            f"{method} {call.uri} SIP/2.0".encode(),
            f"Via: SIP/2.0/UDP {self.address}:{self.port};branch={call.branch};rport".encode(),
            b"Max-Forwards: 70",
            b"From: " + call.sender,
            b"To: " + call.to,
            f"Call-ID: {call.call_id}".encode(),
            f"CSeq: {number} {method}".encode(),
            f"Contact: <sip:{self.address}:{self.port}>".encode(),
        ]
        if body:
            head.append(b"Content-Type: application/sdp")
        head.append(f"Content-Length: {len(body)}".encode())
        self._socket.sendto(b"\r\n".join(head) + b"\r\n\r\n" + body, self._server)

    # What comes in

    def _listen(self) -> None:
        while True:
            message, source = self._socket.recvfrom(65_536)
            request = _REQUEST.match(message)
            if request is None:
                self._response(message)
            elif request[1] == b"REGISTER":
                self._register(message, source)
            elif request[1] != b"ACK":
                if request[1] == b"BYE" and self.call is not None:
                    self.call.ended = True
                self._reply(message, source, "200 OK")

    def _response(self, message: bytes) -> None:
        call = self.call
        if call is None or header(message, "Call-ID") != call.call_id.encode():
            return
        status = int(message.split(b" ", 2)[1])
        if not header(message, "CSeq").endswith(b" INVITE") or status < 200:
            return
        call.to = header(message, "To")
        if status == 200 and not call.answered:
            contact = re.search(rb"<(sip:[^>]+)>", header(message, "Contact"))
            if contact is not None:
                call.uri = contact[1].decode()
        if status == 200:
            call.media = media_of(message)
            call.branch = f"z9hG4bK{secrets.token_hex(6)}"
        self._send_request(call, "ACK")
        call.status = status
        call.answered = call.answered or status == 200

    def _register(self, message: bytes, source: tuple[str, int]) -> None:
        shown = header(message, "Authorization").decode()
        if not shown:
            challenge = f'WWW-Authenticate: Digest realm="{REALM}", nonce="{self._nonce}", algorithm=MD5'
            self._reply(message, source, "401 Unauthorized", challenge)
            return
        values = dict(_QUOTED.findall(shown))
        contact = header(message, "Contact").decode()
        right = values.get("response") == self._digest(values)
        self.registrations.append(Registration(values.get("username", ""), contact, right))
        self._reply(message, source, "200 OK" if right else "403 Forbidden", f"Contact: {contact};expires=600")

    def _digest(self, values: dict[str, str]) -> str:
        secret = md5(f"{values.get('username')}:{REALM}:{self.password}")
        return md5(f"{secret}:{self._nonce}:{md5('REGISTER:' + values.get('uri', ''))}")

    def _reply(self, message: bytes, source: tuple[str, int], status: str, *more: str) -> None:
        lines = [f"SIP/2.0 {status}".encode()]
        for name in ("Via", "From", "To", "Call-ID", "CSeq"):
            value = header(message, name)
            if name == "To" and b";tag=" not in value:
                value += b";tag=peer"
            lines.append(name.encode() + b": " + value)
        lines += [line.encode() for line in more]
        self._socket.sendto(b"\r\n".join([*lines, b"Content-Length: 0"]) + b"\r\n\r\n", source)


def header(message: bytes, name: str) -> bytes:
    """The first header of that name; b"" without."""
    pattern = rb"^" + name.encode() + rb"\s*:\s*(.*?)\r\n(?![ \t])"
    found = re.search(pattern, message, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    return found[1] if found else b""


def media_of(message: bytes) -> tuple[str, int] | None:
    """Where the sender of a message wants sound."""
    host = re.search(rb"^c=IN IP4 (\S+)\r\n", message, re.MULTILINE)
    port = re.search(rb"^m=audio (\d+) ", message, re.MULTILINE)
    return (host[1].decode(), int(port[1])) if host and port else None


def alaw(samples: Samples) -> bytes:
    """Sound as ITU-T G.711 sends it in Europe."""
    loud = np.minimum(np.abs(samples), 32_635).astype(int)
    exponent = np.maximum(np.floor(np.log2(np.maximum(loud, 1))).astype(int) - 7, 0)
    mantissa = np.where(exponent > 0, loud >> (exponent + 3), loud >> 4) & 0x0F
    return bytes((((exponent << 4) | mantissa) ^ np.where(samples >= 0, 0xD5, 0x55)).astype(np.uint8))


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


class TlsProvider:
    """A provider at `address`:`port` that speaks TLS, and says of every number that it is busy."""

    def __init__(self, address: str, port: int, certificate: Path, key: Path) -> None:
        self.invites: list[bytes] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server = StreamServer((address, port), self._serve, ssl_context=context)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop(timeout=1)

    def _serve(self, connection: socket.socket, _: object) -> None:
        rest = b""
        while chunk := connection.recv(65_536):
            *messages, rest = (rest + chunk).split(b"\r\n\r\n")
            for message in messages:  # what follows the headers of one is at the beginning of the next
                request = re.search(rb"(\w+) sips?:\S+ SIP/2\.0\r\n", message)
                if request is None or request[1] == b"ACK":
                    continue
                if request[1] == b"INVITE":
                    self.invites.append(message)
                status = "486 Busy Here" if request[1] == b"INVITE" else "200 OK"
                connection.sendall(answer(message[request.start() :] + b"\r\n\r\n", status))


def answer(message: bytes, status: str) -> bytes:
    """The answer to a request."""
    lines = [f"SIP/2.0 {status}".encode()]
    for name in ("Via", "From", "To", "Call-ID", "CSeq"):
        value = header(message, name)
        lines.append(
            name.encode() + b": " + value + (b";tag=peer" if name == "To" and b";tag=" not in value else b"")
        )
    return b"\r\n".join([*lines, b"Content-Length: 0"]) + b"\r\n\r\n"


class Rude:
    """A provider at `address`:`port` that answers whatever it gets with the same bytes."""

    def __init__(self, address: str, port: int, answer: bytes) -> None:
        self.asked = 0
        self._answer = answer
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.bind((address, port))
        self._greenlet = gevent.spawn(self._listen)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._greenlet.kill()
        self._socket.close()

    def _listen(self) -> None:
        while True:
            _, source = self._socket.recvfrom(65_536)
            self.asked += 1
            self._socket.sendto(self._answer, source)
