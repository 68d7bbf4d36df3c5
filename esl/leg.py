"""A call leg on FreeSWITCH, driven over an outbound socket, which also tells of the keys pressed on it."""

import math
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from gevent.event import Event

from appliance.clock import Clock
from appliance.names import CALL, DONE, NO_OFFER, OFFER, QUEUE, Exit
from appliance.port import Dialled, Key, LegGone, MessageEnd, Outcome, Outside, Refused
from esl import causes
from esl.offer import CANCEL_HOOK, Offer, cancel, too_late
from esl.rings import Rings
from esl.trunks import endpoint_to
from esl.wire import Job, Message, Wire

T = TypeVar("T")

WHILE_DRIVEN = {
    "socket_resume": "true",
    "playback_terminators": "none",
    "continue_on_fail": "true",
    "hangup_after_bridge": "false",
    "park_after_bridge": "",
    "transfer_after_bridge": "",
    "RECORD_BRIDGE_REQ": "true",
    CANCEL_HOOK: "",
    OFFER: NO_OFFER,
    DONE: "",
}
"""The variables of a leg while the appliance drives it, set by the leg itself as the first thing.

- `socket_resume=true`: a dead appliance ends what the leg plays, and the dialplan goes on behind `socket` within
  40 ms. Unset, music that the appliance had started would play for ever.
- `socket_resume=false` from the dial until its end: the dial and the talk outlive the appliance; with `true`
  FreeSWITCH cuts the talk. When the talk is over the dialplan goes on behind `socket` just the same.
- `api_hangup_hook` while phones ring: they stop when the caller leaves. See esl.offer, also for what sets DONE of
  a leg that talks. The end of the dial takes both back.
- `transfer_after_bridge` of the phones takes them to WRAPUP when the caller hangs up first.
- `playback_terminators=none`: else a * would end every sound and be lost.
- `hangup_after_bridge=false` and `continue_on_fail=true`: the leg lives on after a dial, whatever came of it.
"""

NOT_IN_NAMES = re.compile(r"[^\w .,!?&/()+@*#\u2019-]+")  # else FreeSWITCH can build no INVITE with the name
RINGING_TONE = "%(1000,4000,425)"  # unless the dialplan has set `ringback` for its country
MUSIC_TOO_SHORT = 1.0  # music that ends sooner is not there, and is not started again
BREAK_AGAIN_AFTER = 0.25  # the beginning is told an instant before the switch is ready to be interrupted
LOUD = 200  # of 32767: what is fainter is silence
_PHONE = re.compile(r"[\w.+*#-]+")
_MUSIC = re.compile(r"[\w.-]+")


class FreeSwitchLeg:
    """See appliance.port.Leg.

    Keys have one source, the event DTMF of this leg's own connection, so that none is lost between two commands or
    under music, none counts twice, and none depends on the control connection.
    """

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self.id: str = wire.uuid
        self._wire = wire
        self._clock = clock
        self._inbox: deque[object] = deque()
        self._woken = Event()
        self._music: str | None = None
        self._playing: Job | None = None  # the music
        self._playing_since = 0.0
        self._rings: Rings | None = None  # phones, for this leg
        self._joined_at: float | None = None
        # What phones show of who is at the other end; with a quote in it FreeSWITCH would not ring them at all.
        # Of a leg of ours it is the number that was called with it.
        name = wire.env.get("variable_effective_caller_id_name") or wire.env.get("Caller-Caller-ID-Name", "")
        number = wire.env.get("variable_effective_caller_id_number")
        self._number = number or wire.env.get("Caller-Caller-ID-Number", "")
        self._name = " ".join(NOT_IN_NAMES.sub(" ", name).split())[:80]
        self._call = wire.env.get(f"variable_{CALL}", "")
        wire.on_digit = self._press
        wire.on_joined = self._joined
        wire.on_event = wire.on_gone = self._woken.set

    def take_over(self) -> None:
        """Make the leg one that the appliance drives. Before anything else."""
        exported = self._wire.env.get("variable_export_vars", "")
        names = [name for name in exported.split(",") if name and name != CALL]
        self._wire.set(**WHILE_DRIVEN, export_vars=",".join([*names, CALL]))
        if self._wire.env.get(f"variable_{CANCEL_HOOK}"):
            self._wire.command(cancel(self.id))  # the phones ring for an appliance that has died

    def post(self, item: object) -> None:
        self._inbox.append(item)
        self._woken.set()

    def answer(self) -> None:
        self._run("answer")

    def play(self, sounds: Sequence[str], keys: str = "") -> str:
        pressed = self._take_key(keys)
        if pressed or not sounds:
            self._wire.test_hangup()
            return pressed
        with self._without_music():
            for sound in sounds:
                if pressed := self._stream(sound, lambda: self._take_key(keys)) or self._take_key(keys):
                    break
        return pressed

    def announce(self, sounds: Sequence[str]) -> None:
        self._wire.test_hangup()
        if not self._inbox:
            with self._without_music():
                for sound in sounds:
                    if self._stream(sound, lambda: "enough" if self._inbox else ""):
                        break

    def read_key(self, timeout: float) -> str:
        return self._await(lambda: self._take_key(None) or None, timeout) or ""

    def music(self, music: str | None) -> None:
        self._wire.test_hangup()
        if music is not None and not _MUSIC.fullmatch(music):
            raise Refused(f"{music!r} is not the name of a class of music")
        if music != self._music or self._playing is None:
            self._stop_music()
            self._music = music
            self._go_on_with_music()

    def wait(self, timeout: float | None = None) -> object | None:
        return self._await(lambda: self._inbox.popleft() if self._inbox else None, timeout)

    def record(self, file: str) -> None:
        self._run("record_session", file)

    def take_message(self, file: str, longest: float, silence: float, keys: str = "#") -> MessageEnd:
        if "'" in file:
            raise Refused(f"{file!r} has a quotation mark in it")
        self._forget_keys()
        limits = f"{math.ceil(longest)} {LOUD} {math.ceil(silence)}"
        job = self._wire.begin("record", f"'{file}' {limits}")
        key = self._await(lambda: "" if job.end else self._take_key(keys) or None, None)
        if key:
            self._stop(job)
        self._forget_keys()
        if key:
            return MessageEnd.KEY
        is_silent = job.end is not None and job.end.get("variable_silence_hits_exhausted") == "true"
        return MessageEnd.SILENCE if is_silent else MessageEnd.LIMIT

    def dial(
        self,
        phones: Sequence[str],
        ring_for: float,
        music: str | None = None,
        wrap_up: bool = False,
        more: int = 0,
        briefing: float = 0.0,
    ) -> Dialled:
        for phone in phones:
            _check(phone)
        if music is not None and not _MUSIC.fullmatch(music):
            raise Refused(f"{music!r} is not the name of a class of music")
        offer = Offer(self.id, ring_for, wrap_up, self._number, self._name, self._call, briefing)
        self._wire.set(**{OFFER: offer.id, CANCEL_HOOK: cancel(self.id)}, **self._ringback(music))
        rings = self._rings = Rings(self._wire, self._clock, offer, more)
        rings.begin(phones)
        self._stop_music()
        self._music = None
        self._joined_at = None
        end = self._offer(offer, rings)
        ended_at = self._clock.now()
        self._wire.set(socket_resume="true", **{OFFER: NO_OFFER, CANCEL_HOOK: "", DONE: ""})
        self._stop_ringing()
        self._forget_keys()
        if end is None or causes.outcome(end.get("variable_originate_disposition")) is not Outcome.ANSWERED:
            return Dialled(rings.outcome)
        phone_leg = end.get("variable_last_bridge_to") or end.get("variable_bridge_uuid")
        return Dialled(Outcome.ANSWERED, rings.legs.get(phone_leg), ended_at - (self._joined_at or ended_at))

    def ring(self, phone: str) -> bool:
        _check(phone)
        if self._rings is None or self._joined_at is not None or not self._rings.add(phone):
            return False
        self._woken.set()
        return True

    def dial_outside(self, to: Outside, ring_for: float) -> Dialled:
        target = endpoint_to(to)
        variables = {
            "originate_timeout": str(max(1, math.ceil(ring_for))),
            "ignore_early_media": "false" if to.early_media else "true",
            "api_on_answer": f"'uuid_setvar {self.id} {DONE} {Exit.DONE.value}'",
        }
        self._stop_music()
        self._music = None
        self._joined_at = None
        self._wire.set(socket_resume="false", **self._ringback(None))
        settings = ",".join(f"{name}={value}" for name, value in variables.items())
        end = self._run("bridge", f"{{{settings}}}{target}")
        ended_at = self._clock.now()
        self._wire.set(socket_resume="true", **{DONE: ""})
        self._forget_keys()
        outcome = causes.outcome(end.get("variable_originate_disposition"))
        if outcome is not Outcome.ANSWERED:
            return Dialled(outcome, status=causes.sip_status(end.headers))
        return Dialled(outcome, to.trunk, ended_at - (self._joined_at or ended_at))

    def mark(self, call: str, queue: str | None = None) -> None:
        self._call = call
        self._wire.set(**{CALL: call}, **({} if queue is None else {QUEUE: queue}))

    def leave(self, exit: Exit, queue: str | None = None) -> None:
        self._wire.test_hangup()
        self._stop_music()
        # Nothing plays now, so that the end of the connection is enough for the dialplan to go on.
        self._wire.set(**{DONE: exit.value}, socket_resume="false", **({} if queue is None else {QUEUE: queue}))
        self._wire.close()

    def hang_up(self, is_full: bool = False) -> None:
        try:
            self._wire.set(**{DONE: Exit.DONE.value})
            self._wire.command(f"uuid_kill {self.id} {causes.FULL if is_full else 'NORMAL_CLEARING'}")
        except LegGone:
            pass
        self._wire.close()

    def release(self) -> None:
        """Let go of the leg, whatever it does, because it is about to be sent elsewhere. Its handler loses it."""
        try:
            self._stop_ringing()
            self._wire.set(socket_resume="false")
            self._wire.send("exit")
        except LegGone:
            pass
        self._wire.close()

    # What the connection tells.

    def _press(self, key: str) -> None:
        self.post(Key(key))

    def _joined(self) -> None:
        self._joined_at = self._clock.now()

    # Applications.

    def _run(self, application: str, argument: str = "") -> Message:
        job = self._wire.begin(application, argument)
        end = self._await(lambda: job.end, None)
        assert end is not None  # without a time limit it is there, or the leg is gone
        return end

    @contextmanager
    def _without_music(self) -> Iterator[None]:
        self._stop_music()
        try:
            yield
        finally:
            if not self._wire.is_gone:
                self._go_on_with_music()

    def _stream(self, sound: str, what_ends_it: Callable[[], str]) -> str:
        """Play to the end (""), or until that gives something, which is returned."""
        job = self._wire.begin("playback", f"{sound}.wav")
        if found := self._await(lambda: "" if job.end else what_ends_it() or None, None):
            self._stop(job)
            return found
        if job.end is not None and job.end.get("variable_current_application_response") == "FILE NOT FOUND":
            raise Refused(f"FreeSWITCH cannot play {sound}: there is no such sound file, or none it can read")
        return ""

    def _stop(self, job: Job) -> None:
        """End what plays. A break that comes before its beginning would be forgotten, so that is waited for."""
        self._await(lambda: job.has_begun or job.end, None)
        while job.end is None:
            self._wire.command(f"uuid_break {self.id}")
            self._await(lambda: job.end, BREAK_AGAIN_AFTER)

    def _stop_music(self) -> None:
        job, self._playing = self._playing, None
        if job is not None:
            self._stop(job)

    def _go_on_with_music(self) -> None:
        if self._music is not None:
            self._playing = self._wire.begin("playback", f"local_stream://{self._music}")
            self._playing_since = self._clock.now()

    def _look_after_music(self) -> None:
        """Start it again if it has ended by itself: FreeSWITCH has read its music anew."""
        if self._playing is not None and self._playing.end is not None:
            self._playing = None
            if self._clock.now() - self._playing_since > MUSIC_TOO_SHORT:
                self._go_on_with_music()

    def _ringback(self, music: str | None) -> dict[str, str]:
        """What the caller hears while they ring: one variable before the answer, another one after it."""
        tone = self._wire.env.get("variable_ringback") or RINGING_TONE
        heard = tone if music is None else f"local_stream://{music}"
        return {"ringback": heard, "transfer_ringback": heard}

    def _offer(self, offer: Offer, rings: Rings) -> Message | None:
        """Be there for the phones until the talk is over, and return how it ended; None when none will answer."""
        rings.look()
        if rings.is_over:
            return None
        # No music under it, so that what outlives the appliance is the dial alone.
        self._wire.set(socket_resume="false")
        dial = self._wire.begin("bridge", offer.dial)
        while True:
            rings.look()
            if rings.is_over and self._joined_at is None:
                break
            self._await(lambda: bool(dial.end or self._joined_at or rings.has_changed) or None, rings.left)
            if dial.end or self._joined_at is not None:
                return self._await(lambda: dial.end, None)
        while dial.end is None:
            with suppress(Refused):  # it is not there yet, or no longer
                self._wire.api(offer.withdraw)
            self._await(lambda: dial.end, BREAK_AGAIN_AFTER)
        return None

    def _stop_ringing(self) -> None:
        rings, self._rings = self._rings, None
        if rings is None:
            return
        if self._joined_at is None and (rings.any_rings or rings.any_briefed):
            self._wire.command(cancel(self.id))
        elif rings.any_rings:
            self._wire.command(too_late(self.id))
        rings.forget()

    # Waiting.

    def _forget_keys(self) -> None:
        """Those pressed until now were meant for whoever listened until now."""
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
            self._woken.clear()
            if (found := take()) is not None:
                return found
            left = None if deadline is None else deadline - self._clock.now()
            if left is not None and left <= 0:
                return None
            self._look_after_music()
            self._woken.wait(left)


def _check(phone: str) -> None:
    if not _PHONE.fullmatch(phone):
        raise Refused(f"{phone!r} is not the name of a phone")
