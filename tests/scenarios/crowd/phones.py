"""The agents' phones, all on one UDP port: each ring is taken as the plan says, and written down as seen."""

from collections.abc import Callable
from dataclasses import dataclass

import gevent

from tests.bench.sip import Address, Message, SipSocket, new_id, request, response, sdp, uri_of, user_of
from tests.scenarios.crowd.plan import Does, Reaction
from tests.scenarios.crowd.seen import Ring, RingEnd

_REFUSALS = {
    Does.IS_BUSY: ("486 Busy Here", RingEnd.BUSY),
    Does.DECLINES: ("603 Decline", RingEnd.DECLINED),
}
_ELSEWHERE = "cause=200"  # of RFC 3326, in the Reason of a CANCEL
_ELSEWHERE_ISUP = "cause=26"  # the same in the words of Q.850


@dataclass
class _Dialog:
    ring: Ring
    reaction: Reaction
    invite: Message
    tag: str
    last: bytes = b""  # what the INVITE was answered with last
    next: gevent.Greenlet | None = None  # what this phone does next


class CrowdPhones:
    """`react` says what becomes of a ring; `on_talk` hears when one has become a talk."""

    def __init__(self, address: Address, sound_port: int, react: Callable[[str, int], Reaction]) -> None:
        self.rings: list[Ring] = []
        self.on_talk: Callable[[Ring, Reaction], None] = lambda ring, reaction: None
        self._react = react
        self._sound = sdp(address[0], sound_port)
        self._dialogs: dict[str, _Dialog] = {}  # by Call-ID
        self._rung: dict[str, int] = {}  # phone -> how often
        self._socket = SipSocket(address, self._take)

    @property
    def busy(self) -> int:
        """How many rings and talks go on."""
        return sum(dialog.ring.ended_at is None for dialog in self._dialogs.values())

    def hang_up(self, ring: Ring) -> None:
        """End a talk; harmless when it is over."""
        for dialog in self._dialogs.values():
            if dialog.ring is ring and ring.answered_at is not None and ring.ended_at is None:
                self._hang_up(dialog)

    def close(self) -> None:
        for dialog in self._dialogs.values():
            self._change(dialog, None)
        self._socket.close()

    def _take(self, message: Message) -> None:
        dialog = self._dialogs.get(message.call_id)
        if message.status is not None:
            if message.method == "BYE":
                self._socket.settle(message.call_id)
        elif message.method == "INVITE":
            self._invited(message, dialog)
        elif message.method == "ACK":
            self._acknowledged(message, dialog)
        else:
            self._socket.send(response(message, "200 OK", tag=dialog.tag if dialog else ""), message.address)
            if dialog is not None and message.method == "CANCEL":
                self._cancelled(message, dialog)
            elif dialog is not None and message.method == "BYE":
                self._socket.settle(message.call_id)
                self._end(dialog, RingEnd.HUNG_UP_ON, message.at)

    def _invited(self, invite: Message, known: _Dialog | None) -> None:
        if known is not None:  # sent again, or a re-INVITE
            again = ";tag=" in invite.header("to")
            answer = self._response(known, "200 OK", self._sound, to=invite) if again else known.last
            self._socket.send(answer, invite.address)
            return
        phone = invite.user
        ring = Ring(phone, user_of(uri_of(invite.header("from"))), invite.at)
        self.rings.append(ring)
        self._rung[phone] = self._rung.get(phone, 0) + 1
        dialog = _Dialog(ring, self._react(phone, self._rung[phone]), invite, new_id())
        self._dialogs[invite.call_id] = dialog
        dialog.last = self._response(dialog, "180 Ringing")
        self._socket.send(dialog.last, invite.address)
        if dialog.reaction.does is not Does.LETS_IT_RING:
            self._change(dialog, gevent.spawn_later(dialog.reaction.after, self._decide, dialog))

    def _decide(self, dialog: _Dialog) -> None:
        """The agent has made up their mind."""
        dialog.next = None
        if refusal := _REFUSALS.get(dialog.reaction.does):
            status, end = refusal
            dialog.last = self._response(dialog, status)
            sent_at = self._socket.send_until(dialog.invite.call_id, dialog.last, dialog.invite.address)
            self._end(dialog, end, sent_at, settle=False)
            return
        dialog.last = self._response(dialog, "200 OK", self._sound)
        self._socket.send_until(dialog.invite.call_id, dialog.last, dialog.invite.address)

    def _acknowledged(self, ack: Message, dialog: _Dialog | None) -> None:
        if dialog is None:
            return
        self._socket.settle(ack.call_id)
        ring = dialog.ring
        if ring.ended_at is not None or ring.answered_at is not None:
            return
        ring.answered_at = ack.at
        if not dialog.reaction.caller_ends:
            self._change(dialog, gevent.spawn_later(dialog.reaction.talks_for, self._hang_up, dialog))
        self.on_talk(ring, dialog.reaction)

    def _cancelled(self, cancel: Message, dialog: _Dialog) -> None:
        if dialog.ring.ended_at is not None or dialog.last.startswith(b"SIP/2.0 200 "):
            return  # RFC 3261 9.2: it has no effect once answered
        reasons = ",".join(cancel.headers.get("reason", ()))
        elsewhere = _ELSEWHERE in reasons or _ELSEWHERE_ISUP in reasons
        dialog.last = self._response(dialog, "487 Request Terminated")
        self._socket.send_until(dialog.invite.call_id, dialog.last, dialog.invite.address)
        self._end(dialog, RingEnd.ELSEWHERE if elsewhere else RingEnd.CANCELLED, cancel.at, settle=False)

    def _hang_up(self, dialog: _Dialog) -> None:
        dialog.next = None
        invite = dialog.invite
        headers = {
            "Via": self._socket.via(new_id()),
            "Max-Forwards": "70",
            "From": f"{invite.header('to')};tag={dialog.tag}",
            "To": invite.header("from"),
            "Call-ID": invite.call_id,
            "CSeq": "1 BYE",
        }
        bye = request("BYE", uri_of(invite.header("contact")), headers)
        at = self._socket.send_until(invite.call_id, bye, invite.address)
        self._end(dialog, RingEnd.HUNG_UP, at, settle=False)

    def _end(self, dialog: _Dialog, end: RingEnd, at: float, settle: bool = True) -> None:
        if dialog.ring.ended_at is not None:
            return
        if settle:
            self._socket.settle(dialog.invite.call_id)
        self._change(dialog, None)
        dialog.ring.end, dialog.ring.ended_at = end, at

    def _change(self, dialog: _Dialog, next: gevent.Greenlet | None) -> None:
        if dialog.next is not None:
            dialog.next.kill(block=False)
        dialog.next = next

    def _response(self, dialog: _Dialog, status: str, body: str = "", to: Message | None = None) -> bytes:
        contact = f"<sip:{dialog.ring.phone}@{self._socket.contact}>"
        return response(to or dialog.invite, status, contact, dialog.tag, body)
