"""The agents' phones: all on one UDP port, they answer at once, talk for a while and hang up."""

from collections.abc import Callable
from dataclasses import dataclass

import gevent

from tests.bench.sip import Address, Message, SipSocket, new_id, request, response, sdp, uri_of, user_of


@dataclass(frozen=True)
class Offered:
    """An INVITE came to a phone. `hung_up_at`: when the phone's last talk ended by its BYE, None for the first."""

    phone: str
    caller: str
    at: float
    hung_up_at: float | None


@dataclass
class _Talk:
    phone: str
    invite: Message
    tag: str
    answer: bytes
    hang_up: gevent.Greenlet | None = None


class Agents:
    """`talk_for` says how long each talk lasts, `on_offered` hears of every INVITE."""

    def __init__(self, address: Address, sound_port: int) -> None:
        self.talk_for: Callable[[], float] = lambda: 1.0
        self.on_offered: Callable[[Offered], None] = lambda offered: None
        self.collisions = 0  # INVITEs to a phone that was talking
        self.options = 0  # how often the switch has asked whether somebody is there
        self._sound = sdp(address[0], sound_port)
        self._talks: dict[str, _Talk] = {}  # by Call-ID
        self._talking: dict[str, _Talk] = {}  # by phone
        self._hung_up_at: dict[str, float] = {}
        self._socket = SipSocket(address, self._take)

    @property
    def talking(self) -> int:
        return len(self._talking)

    @property
    def sent_again(self) -> int:
        return self._socket.sent_again

    def forget(self) -> None:
        """A new trial begins: what was measured from an earlier hang-up would be nonsense."""
        self._hung_up_at.clear()

    def close(self) -> None:
        self._socket.close()

    def _take(self, message: Message) -> None:
        if message.status is not None:
            if message.method == "BYE":
                self._socket.settle(message.call_id)
        elif message.method == "INVITE":
            self._invited(message)
        elif message.method == "ACK":
            self._confirmed(message)
        else:
            self._socket.send(response(message, "200 OK"), message.address)
            self.options += message.method == "OPTIONS"
            if message.method in ("BYE", "CANCEL"):
                self._end(message.call_id)

    def _invited(self, invite: Message) -> None:
        known = self._talks.get(invite.call_id)
        if known is not None:  # sent again, or a re-INVITE: either way it gets our side of the talk
            data = response(invite, "200 OK", self._contact(known.phone), known.tag, self._sound)
            self._socket.send(data, invite.address)
            return
        phone = invite.user
        if phone in self._talking:
            self.collisions += 1
            self._socket.send(response(invite, "486 Busy Here", tag=new_id()), invite.address)
            return
        tag = new_id()
        answer = response(invite, "200 OK", self._contact(phone), tag, self._sound)
        self._talks[invite.call_id] = self._talking[phone] = _Talk(phone, invite, tag, answer)
        self._socket.send_until(invite.call_id, answer, invite.address)
        caller = user_of(uri_of(invite.header("from")))
        self.on_offered(Offered(phone, caller, invite.at, self._hung_up_at.pop(phone, None)))

    def _contact(self, phone: str) -> str:
        return f"<sip:{phone}@{self._socket.contact}>"

    def _confirmed(self, ack: Message) -> None:
        talk = self._talks.get(ack.call_id)
        if talk is None or talk.hang_up is not None:
            return
        self._socket.settle(ack.call_id)
        talk.hang_up = gevent.spawn_later(self.talk_for(), self._hang_up, talk)

    def _hang_up(self, talk: _Talk) -> None:
        invite = talk.invite
        headers = {
            "Via": self._socket.via(new_id()),
            "Max-Forwards": "70",
            "From": f"{invite.header('to')};tag={talk.tag}",
            "To": invite.header("from"),
            "Call-ID": invite.call_id,
            "CSeq": "1 BYE",
        }
        bye = request("BYE", uri_of(invite.header("contact")), headers)
        self._forget(talk)
        self._hung_up_at[talk.phone] = self._socket.send_until(invite.call_id, bye, invite.address)

    def _end(self, call_id: str) -> None:
        """The other side was faster."""
        talk = self._talks.get(call_id)
        if talk is not None:
            if talk.hang_up is not None:
                talk.hang_up.kill(block=False)
            self._socket.settle(call_id)
            self._forget(talk)

    def _forget(self, talk: _Talk) -> None:
        del self._talks[talk.invite.call_id]
        del self._talking[talk.phone]
