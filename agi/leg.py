"""A call leg on Asterisk, driven over FastAGI; the keys pressed on it come as events of the control connection."""

import math
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from gevent.event import Event

from agi import causes
from agi.events import endpoint_of
from agi.offer import Offer
from agi.wire import Reply, Wire, application_argument
from appliance.clock import Clock
from appliance.names import CALL, DIALLER, DONE, NEXT_PHONE, QUEUE, RING_FOR, RING_HOW, Exit, trunk_context
from appliance.port import Dialled, Key, LegGone, MessageEnd, Outcome, Outside, Refused

T = TypeVar("T")

# An interrupted prompt names the key, and the event with the same key follows within a millisecond or so.
# Longer than this means that events are stuck; one that still comes within the second time is not a second press.
EVENT_LAG = 0.5
LATE_EVENT = 5.0

# A key that is down when a prompt ends is announced twice: Asterisk, which then misses its beginning, plays it
# anew 20 to 40 ms later. Nobody presses a key twice in so short a time. The replay lasts as long as the key was
# pressed, and its end, of which there is no event, cuts short the prompt that has begun meanwhile.
ECHO = 0.07
REPLAY = 1.5

A_MOMENT = 0.2  # seconds by which a limit may be missed
NO_CIRCUIT = "34"  # ITU-T Q.850, which SIP calls 503
_CHANNEL = re.compile(r"PJSIP/[\w.-]+", re.ASCII)
_CANNOT_PLAY = "Asterisk cannot play {}: there is no such sound file, or none it can read"
_DIAL_RESULT = "${DIALSTATUS},${DIALEDPEERNAME},${HANGUPCAUSE}"


class AsteriskLeg:
    """See appliance.port.Leg.

    Keys have one source, the event DTMFEnd, so that none is lost between two commands or under music, and
    none counts twice. Only while `hears_events` is false the keys that AGI itself returns are used; those
    pressed during `wait` are lost then.
    """

    def __init__(self, wire: Wire, clock: Clock, hears_events: Callable[[], bool]) -> None:
        self.id: str = wire.env["agi_uniqueid"]
        self._wire = wire
        self._clock = clock
        self._hears_events = hears_events
        self._inbox: deque[object] = deque()
        self._woken = Event()
        self._music: str | None = None
        self._owed: tuple[str, float] | None = None  # an event for this key, until then, has been counted
        self._pressed_at: dict[str, float] = {}  # key -> the last time
        self._joined_at: float | None = None
        self._marked = ""  # with that call
        self._peer = ""  # the channel that has answered last
        self._offer: Offer | None = None  # while phones ring
        self._asking: list[Event] = []  # legs that wait for their next phone
        self.on_offer_over: Callable[[], None] = lambda: None
        wire.on_gone = self._woken.set

    def press(self, key: str) -> None:
        """A key was pressed, says the control connection."""
        if self._is_echo(key):
            return
        self._pressed_at[key] = self._clock.now()
        owed, self._owed = self._owed, None
        if owed is None or owed[0] != key or self._clock.now() > owed[1]:
            self.post(Key(key))

    def joined(self) -> None:
        """This leg talks from now on, says the control connection."""
        self._joined_at = self._clock.now()

    def post(self, item: object) -> None:
        self._inbox.append(item)
        self._woken.set()
        self._wire.nudge()

    def answer(self) -> None:
        self._wire.run("ANSWER")

    def play(self, sounds: Sequence[str], keys: str = "") -> str:
        streamed = False
        pressed = self._take_key(keys)
        try:
            for sound in sounds:
                if pressed:
                    break
                streamed = True
                pressed = self._stream(sound, keys) or self._take_key(keys)
        except Refused:
            self._go_on_with_music()
            raise
        if streamed:
            self._go_on_with_music()
        self._wire.test_hangup()
        return pressed

    def announce(self, sounds: Sequence[str]) -> None:
        self._wire.test_hangup()
        streamed = False
        try:
            for sound in sounds:
                if self._inbox:
                    break
                streamed = True
                self._wire.play(sound, lambda: bool(self._inbox))
        except Refused:
            self._go_on_with_music()
            raise Refused(_CANNOT_PLAY.format(sound)) from None
        if streamed:
            self._go_on_with_music()

    def read_key(self, timeout: float) -> str:
        if self._hears_events():
            return self._await(lambda: self._take_key(None) or None, timeout) or ""
        if key := self._take_key(None):
            return key
        reply = self._wire.run("WAIT FOR DIGIT", str(max(0, math.ceil(timeout * 1000))))
        return self._confirmed(reply)

    def music(self, music: str | None) -> None:
        self._wire.test_hangup()
        if music is not None:
            self._wire.run("SET MUSIC", "ON", music)
        elif self._music is not None:
            self._wire.run("SET MUSIC", "OFF")
        self._music = music

    def wait(self, timeout: float | None = None) -> object | None:
        return self._await(lambda: self._inbox.popleft() if self._inbox else None, timeout)

    def record(self, file: str) -> None:
        self._wire.run("EXEC", "MixMonitor", f"{application_argument(file)},b")

    def take_message(self, file: str, longest: float, silence: float, keys: str = "#") -> MessageEnd:
        self._forget_keys()
        began_at = self._clock.now()
        limit, pause = str(math.ceil(longest * 1000)), f"s={math.ceil(silence)}"
        while True:
            reply = self._wire.run("RECORD FILE", file.removesuffix(".wav"), "wav", keys, limit, pause)
            if reply["result"][1] != "dtmf":  # then the number means nothing
                break
            if not self._is_replayed(_pressed(reply)):
                self._confirmed(reply)
                self._forget_keys()
                return MessageEnd.KEY
            # Ended by a key that was read before it: begin again.
        self._forget_keys()
        # Asterisk says the same of both.
        lasted = self._clock.now() - began_at
        return MessageEnd.LIMIT if lasted >= longest - A_MOMENT else MessageEnd.SILENCE

    def dial(
        self,
        phones: Sequence[str],
        ring_for: float,
        music: str | None = None,
        wrap_up: bool = False,
        more: int = 0,
        briefing: float = 0.0,
    ) -> Dialled:
        rung = Offer(phones, ring_for, self._clock.now() + ring_for, music, wrap_up, more, briefing)
        if music is None:
            self.music(None)
        if not rung.by_legs:
            return self._dial(rung.targets, ring_for, rung.options)
        self._set(f"_{DIALLER}", self.id)
        self._set(f"_{RING_FOR}", f"{ring_for:g}")
        self._set(f"_{RING_HOW}", rung.ring_how)
        self._offer = rung
        try:
            dialled = self._dial(rung.targets, rung.lasts, rung.options)
        finally:
            self._offer = None
            self._wake_asking()
            self.on_offer_over()
        if dialled.outcome is Outcome.ANSWERED:
            return replace(dialled, phone=rung.rung_by(self._peer))
        return Dialled(rung.outcome(dialled.outcome))

    def ring(self, phone: str) -> bool:
        if self._offer is None or not self._offer.add(phone):
            return False
        self._wake_asking()
        return True

    def next_phone(self, asks: Wire) -> None:
        """Tell a leg of Asterisk's own, whose phone has failed or that had none yet, which one it rings next for
        this leg. Blocks until there is one, or none will be any more."""
        rung, woken = self._offer, Event()
        if rung is None:
            return
        if asks.env.get("agi_arg_2"):
            rung.failed(asks.env.get("agi_arg_3", ""), asks.env.get("agi_arg_4", ""))
            self._wake_asking()
        asks.on_gone = woken.set
        self._asking.append(woken)
        while self._offer is rung and not rung.waiting and not rung.is_over and not asks.is_gone:
            woken.wait()
            woken.clear()
        self._asking.remove(woken)
        if self._offer is rung and rung.waiting and not asks.is_gone:
            phone = rung.next_for(asks.env.get("agi_channel", ""))  # before anything that lets others ask, too
            left = max(A_MOMENT, rung.rings_until - self._clock.now())
            asks.run("SET VARIABLE", RING_FOR, f"{left:.3f}")
            asks.run("SET VARIABLE", NEXT_PHONE, phone)

    def _wake_asking(self) -> None:
        for woken in self._asking:
            woken.set()

    def dial_outside(self, to: Outside, ring_for: float) -> Dialled:
        target = channel_to(to)
        self.music(None)
        # The leg that is dialled shows what is said of this one.
        self._set("CALLERID(name)", "")
        self._set("CALLERID(num)", to.shown or "")
        self._set("CALLERID(pres)", "allowed" if to.shown else "prohib")
        self._wire.run("EXEC", "HangupCauseClear")
        dialled = self._dial(target, ring_for, "" if to.early_media else "r")
        return dialled if dialled.outcome is Outcome.ANSWERED else replace(dialled, status=self._status())

    def _dial(self, targets: str, ring_for: float, options: str) -> Dialled:
        self._music = None  # Dial stops it
        self._joined_at = None
        began_at = self._clock.now()
        # i: a phone that forwards its calls would take the caller where no event tells of.
        self._wire.run("EXEC", "Dial", f"{targets},{ring_for:g},gi{options}")
        self._forget_keys()  # meant for who was talked to
        # Not ANSWEREDTIME: that is how long this leg has been up. Without events the ringing is counted in.
        talked = self._clock.now() - (self._joined_at or began_at)
        status, peer, cause = self._dial_result()
        self._peer = peer
        outcome = causes.outcome(status, cause)
        if outcome is not Outcome.ANSWERED:
            return Dialled(outcome)
        return Dialled(outcome, endpoint_of(peer), talked)

    def mark(self, call: str, queue: str | None = None) -> None:
        if call != self._marked:
            self._set(f"__{CALL}", call)
            self._marked = call
        if queue is not None:
            self._set(QUEUE, queue)

    def leave(self, exit: Exit, queue: str | None = None) -> None:
        if self._music is not None:
            self.music(None)
        if queue is not None:
            self._set(QUEUE, queue)
        self._set(DONE, exit.value)
        self._wire.close()

    def hang_up(self, is_full: bool = False) -> None:
        try:
            self._set(DONE, Exit.DONE.value)
            if is_full:
                self._wire.execute("EXEC", "Hangup", NO_CIRCUIT)
            else:
                self._wire.execute("HANGUP")
        except LegGone:
            pass
        self._wire.close()

    def _set(self, variable: str, value: str) -> None:
        self._wire.run("SET VARIABLE", variable, value)

    def _stream(self, sound: str, keys: str) -> str:
        while True:
            try:
                reply = self._wire.run("STREAM FILE", sound, keys)
            except Refused:
                raise Refused(_CANNOT_PLAY.format(sound)) from None
            key = _pressed(reply)
            if not key or not self._is_replayed(key):
                return self._confirmed(reply)
            # Cut short by a key that was read before it: play it again.

    def _confirmed(self, reply: Reply) -> str:
        """The key a command was interrupted by, taken from the events if it shows up there."""
        key = _pressed(reply)
        if key and self._hears_events():
            if self._await(lambda: self._take_key(key) or None, EVENT_LAG):
                return key
            self._owed = (key, self._clock.now() + LATE_EVENT)
        return key

    def _go_on_with_music(self) -> None:
        if self._music is not None:
            self._wire.run("SET MUSIC", "ON", self._music)

    def _dial_result(self) -> tuple[str, str, str]:
        data = self._wire.run("GET FULL VARIABLE", _DIAL_RESULT)["result"][1]
        status, peer, cause = (data.split(",") + [""] * 3)[:3]
        return status, peer, cause

    def _status(self) -> int | None:
        """The status of SIP with which the only leg that was dialled has been refused."""
        leg = self._wire.run("GET FULL VARIABLE", "${HANGUPCAUSE_KEYS()}")["result"][1]
        if not _CHANNEL.fullmatch(leg):
            return None
        cause = self._wire.run("GET FULL VARIABLE", f"${{HANGUPCAUSE({leg},tech)}}")["result"][1]
        return causes.sip_status(cause)

    def _is_echo(self, key: str) -> bool:
        return self._clock.now() - self._pressed_at.get(key, -math.inf) < ECHO

    def _is_replayed(self, key: str) -> bool:
        """Whether a key that ended a command was pressed and read before it: a new press has an event at once."""
        if self._clock.now() - self._pressed_at.get(key, -math.inf) > REPLAY:
            return False
        return self._await(lambda: (Key(key) in self._inbox) or None, ECHO) is None

    def _forget_keys(self) -> None:
        for key in [item for item in self._inbox if isinstance(item, Key)]:
            self._inbox.remove(key)

    def _take_key(self, among: str | None) -> str:
        """The oldest unread key, if it is one of these (None: any)."""
        for item in self._inbox:
            if isinstance(item, Key) and (among is None or item.key in among):
                self._inbox.remove(item)
                return item.key
        return ""

    def _await(self, take: Callable[[], T | None], timeout: float | None) -> T | None:
        """What `take` finds as soon as it finds something, None after the time; no polling."""
        deadline = None if timeout is None else self._clock.now() + timeout
        while True:
            self._wire.test_hangup()
            if (found := take()) is not None:
                return found
            left = None if deadline is None else deadline - self._clock.now()
            if left is not None and left <= 0:
                return None
            self._woken.clear()
            self._woken.wait(left)


def channel_to(to: Outside) -> str:
    """How Asterisk is told to call a number by a trunk. Raises Refused for what is neither."""
    to.check()
    return f"PJSIP/{to.number}@{trunk_context(to.trunk)}"


def _pressed(reply: Reply) -> str:
    """The key that a command was interrupted by, else ""."""
    code = reply["result"][0]
    return chr(int(code)) if code.isdecimal() and code != "0" else ""
