"""The callers: calls from one trunk address, each with a number of its own, that stay until they are cut off."""

import itertools
import socket as plain_socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

import gevent

from tests.bench.sip import Address, Message, SipSocket, new_id, request, response, sdp, sound_address, uri_of

_FIRST_NUMBER = 4_950_000_000

# Asterisk's Answer waits up to half a second for the first sound; a real caller is heard long before.
_FIRST_WORDS = 10
_PACKET = 0.02  # seconds of sound
_SILENCE = b"\xd5" * 160  # G.711 A-law


@dataclass
class Call:
    """One caller's call and how far it has come; times are UTC epoch seconds."""

    caller: str
    invite: bytes
    began_at: float
    answered_at: float | None = None
    offered_at: float | None = None  # when an agent's phone was invited for it
    ended_at: float | None = None
    failure: str | None = None

    @property
    def waits(self) -> bool:
        """Taken by the switch, and not offered to an agent yet."""
        return self.answered_at is not None and self.offered_at is None and self.ended_at is None


class Callers:
    """Dials from one UDP port; `on_ended` hears of each call that is over, well or not."""

    def __init__(self, address: Address, sound: plain_socket.socket, switch: Address) -> None:
        self.on_ended: Callable[[Call], None] = lambda call: None
        self._speaks = sound
        self._sound = sdp(*sound.getsockname())
        self._switch = switch
        self._numbers = itertools.count(_FIRST_NUMBER)
        self._calls: dict[str, Call] = {}  # by Call-ID, those that go on
        self._by_number: dict[str, str] = {}
        self._dialogs: dict[str, tuple[str, str, str]] = {}  # by Call-ID: From, To, their Contact
        self._socket = SipSocket(address, self._take)

    @property
    def going_on(self) -> list[Call]:
        return list(self._calls.values())

    @property
    def sent_again(self) -> int:
        return self._socket.sent_again

    def dial(self, number: str) -> Call:
        caller = f"7{next(self._numbers)}"
        call_id, branch = new_id(), new_id()
        headers = {
            "Via": self._socket.via(branch),
            "Max-Forwards": "70",
            "From": f"<sip:{caller}@{self._socket.contact}>;tag={call_id}",
            "To": f"<sip:{number}@{self._switch[0]}>",
            "Call-ID": call_id,
            "CSeq": "1 INVITE",
            "Contact": f"<sip:{caller}@{self._socket.contact}>",
        }
        invite = request("INVITE", f"sip:{number}@{self._switch[0]}:{self._switch[1]}", headers, self._sound)
        call = Call(caller, invite, time.time())
        self._calls[call_id] = call
        self._by_number[caller] = call_id
        self._dialogs[call_id] = (headers["From"], headers["To"], "")
        call.began_at = self._socket.send_until(call_id, invite, self._switch)
        return call

    def offered(self, caller: str, at: float) -> None:
        """An agent's phone was invited for this caller."""
        call = self._calls.get(self._by_number.get(caller, ""))
        if call is not None and call.offered_at is None:
            call.offered_at = at

    def hang_up_all(self) -> None:
        """Every caller leaves."""
        for call_id in [*self._calls]:
            if self._calls[call_id].answered_at is not None:
                self._bye(call_id)
            self._end(call_id, time.time())

    def give_up(self, call: Call, why: str) -> None:
        """The caller has had enough; whatever comes of this call later is hung up."""
        call_id = self._by_number.get(call.caller)
        if call_id is not None:
            if call.answered_at is not None:
                self._bye(call_id)
            self._end(call_id, time.time(), why)

    def close(self) -> None:
        self._socket.close()

    def _take(self, message: Message) -> None:
        if message.status is None:
            self._asked(message)
        elif message.method == "BYE":
            self._socket.settle(message.call_id)
        elif message.method == "INVITE":
            self._answered(message, message.status)

    def _asked(self, message: Message) -> None:
        if message.method == "ACK":
            return
        body = self._sound if message.method == "INVITE" else ""
        self._socket.send(
            response(message, "200 OK", f"<sip:caller@{self._socket.contact}>", body=body), message.address
        )
        if message.method == "BYE":
            self._end(message.call_id, message.at)

    def _answered(self, message: Message, status: int) -> None:
        call_id = message.call_id
        if status < 200:
            self._socket.settle(call_id)
            return
        call = self._calls.get(call_id)
        contact = uri_of(message.header("contact"))
        if status < 300:
            source = message.header("from")
            self._dialogs[call_id] = (source, message.header("to"), contact)
            self._acknowledge(message, contact, new_id())
            if call is None:
                self._bye(call_id)
            elif call.answered_at is None:
                self._socket.settle(call_id)
                call.answered_at = message.at
                if where := sound_address(message.body):
                    gevent.spawn(self._speak, where)
            return
        branch = message.header("via").partition("branch=z9hG4bK")[2].partition(";")[0]
        uri = uri_of(message.header("to"))
        self._acknowledge(message, uri, branch)
        if call is not None:
            self._end(call_id, message.at, message.start.removeprefix("SIP/2.0 "))

    def _speak(self, where: Address) -> None:
        """The first moments of a caller's silence."""
        for turn in range(_FIRST_WORDS):
            self._speaks.sendto(struct.pack("!BBHII", 0x80, 8, turn, turn * len(_SILENCE), 1) + _SILENCE, where)
            gevent.sleep(_PACKET)

    def _acknowledge(self, message: Message, uri: str, branch: str) -> None:
        headers = {
            "Via": self._socket.via(branch),
            "Max-Forwards": "70",
            "From": message.header("from"),
            "To": message.header("to"),
            "Call-ID": message.call_id,
            "CSeq": f"{message.header('cseq').split()[0]} ACK",
        }
        self._socket.send(request("ACK", uri, headers), message.address)

    def _bye(self, call_id: str) -> None:
        source, target, contact = self._dialogs[call_id]
        headers = {
            "Via": self._socket.via(new_id()),
            "Max-Forwards": "70",
            "From": source,
            "To": target,
            "Call-ID": call_id,
            "CSeq": "2 BYE",
        }
        self._socket.send_until(call_id, request("BYE", contact, headers), self._switch)

    def _end(self, call_id: str, at: float, failure: str | None = None) -> None:
        call = self._calls.pop(call_id, None)
        if call is None:
            return
        if call.answered_at is None:
            self._socket.settle(call_id)
        self._by_number.pop(call.caller, None)
        call.ended_at, call.failure = at, failure
        self.on_ended(call)
