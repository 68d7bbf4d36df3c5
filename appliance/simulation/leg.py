"""A handler's hold on a leg of the simulated switch: `appliance.port.Leg`."""

from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from appliance.names import Exit
from appliance.port import Dialled, EndCause, Key, LegGone, MessageEnd, Outside, Refused
from appliance.simulation.channel import Channel, Sound
from appliance.simulation.dial import Dial, Recording

if TYPE_CHECKING:
    from appliance.simulation.switch import SimulatedSwitch

T = TypeVar("T")


class SimulatedLeg:
    """One handler's time with a leg. A leg that comes again after a loss has a new one."""

    def __init__(self, switch: "SimulatedSwitch", channel: Channel) -> None:
        self._switch = switch
        self._clock = switch.clock
        self._channel = channel
        self._inbox: deque[object] = deque()
        self._changed = switch.clock.signal()
        self._is_over = False

    def __repr__(self) -> str:
        return f"<leg {self._channel.id} of {self._channel.endpoint}>"

    @property
    def id(self) -> str:
        return self._channel.id

    def answer(self) -> None:
        self._require()
        self._channel.answer()

    def play(self, sounds: Sequence[str], keys: str = "") -> str:
        self._require()
        try:
            for sound in sounds:
                key = self._take_key(keys)
                if key is not None:
                    return key
                if not self._switch.has_sound(sound):
                    raise Refused(f"There is no sound {sound}.")
                self._channel.hear(Sound.PROMPT, sound)
                until = self._clock.now() + self._switch.length_of(sound)
                key = self._await(lambda: self._take_key(keys), until)
                if key is not None:
                    return key
            return ""
        finally:
            if self._is_held:
                self._channel.hear_music()

    def announce(self, sounds: Sequence[str]) -> None:
        self._require()
        try:
            for sound in sounds:
                if self._inbox:
                    return
                if not self._switch.has_sound(sound):
                    raise Refused(f"There is no sound {sound}.")
                self._channel.hear(Sound.PROMPT, sound)
                until = self._clock.now() + self._switch.length_of(sound)
                if not self._await(lambda: bool(self._inbox) or None, until) and self._channel.far is not None:
                    self._channel.far.announced(sound)
        finally:
            if self._is_held:
                self._channel.hear_music()

    def read_key(self, timeout: float) -> str:
        self._require()
        if self._channel.far is not None:
            self._channel.far.asked()
        return self._await(lambda: self._take_key(None), self._clock.now() + timeout) or ""

    def music(self, music: str | None) -> None:
        self._require()
        self._channel.music = music
        self._channel.hear_music()

    def wait(self, timeout: float | None = None) -> object | None:
        return self._await(self._take_item, None if timeout is None else self._clock.now() + timeout)

    def post(self, item: object) -> None:
        self._inbox.append(item)
        self._changed.set()

    def record(self, file: str) -> None:
        self._require()
        self._channel.recording = file

    def take_message(self, file: str, longest: float, silence: float, keys: str = "#") -> MessageEnd:
        self._require()
        if not self._switch.can_record(file):
            raise Refused(f"Nothing can be recorded into {file}.")
        self._forget_keys()
        recording = Recording(file, (self.id,), self._clock.now())
        self._switch.recordings.append(recording)
        limit = recording.begin + longest
        try:
            while True:
                self._require()
                key, until = self._take_key(keys), self._silent_at(limit, silence)
                if key is not None or self._clock.now() >= until:
                    break
                self._changed.wait(until)
        finally:
            recording.end = self._clock.now()
        self._forget_keys()
        if key is not None:
            return MessageEnd.KEY
        return MessageEnd.LIMIT if recording.end >= limit else MessageEnd.SILENCE

    def _silent_at(self, limit: float, silence: float) -> float:
        """When nothing will have been said for so long, or the limit before that."""
        since = self._channel.silent_since
        return limit if since is None else min(limit, since + silence)

    def dial(
        self,
        phones: Sequence[str],
        ring_for: float,
        music: str | None = None,
        wrap_up: bool = False,
        more: int = 0,
        briefing: float = 0.0,
    ) -> Dialled:
        return self._dial(lambda dial: dial.begin(phones, ring_for, music, more), wrap_up, briefing)

    def ring(self, phone: str) -> bool:
        dial = self._channel.dial
        return self._is_held and dial is not None and dial.ring(phone)

    def _dial(self, begin: Callable[[Dial], None], wrap_up: bool = False, briefing: float = 0.0) -> Dialled:
        self._require()
        self._channel.music = None
        results: list[Dialled] = []

        def end(dialled: Dialled) -> None:
            results.append(dialled)
            if self._is_over:  # the appliance has died meanwhile; only now does the dialplan find out
                self._switch.doors.lose(self._channel)
            self.notice()

        begin(Dial(self._switch, self._channel, wrap_up, end, briefing))
        dialled = self._await(lambda: results[0] if results else None, None)
        assert dialled is not None  # without a time limit it is either that or LegGone
        self._forget_keys()
        return dialled

    def dial_outside(self, to: Outside, ring_for: float) -> Dialled:
        to.check()
        return self._dial(lambda dial: dial.begin_outside(to, ring_for))

    def mark(self, call: str, queue: str | None = None) -> None:
        self._require()
        self._channel.call = call
        self._channel.stand_in = queue or self._channel.stand_in

    def leave(self, exit: Exit, queue: str | None = None) -> None:
        self._require()
        self.close()
        self._switch.doors.leave(self._channel, exit, queue)

    def hang_up(self, is_full: bool = False) -> None:
        if self._is_held:
            self._switch.end(self._channel, EndCause.FAILED if is_full else EndCause.NORMAL)

    def close(self) -> None:
        """The handler has no hold on the leg any more: every verb raises LegGone."""
        self._is_over = True
        self.notice()

    def notice(self) -> None:
        """Something has become of the leg that its handler may be waiting for."""
        self._changed.set()

    @property
    def _is_held(self) -> bool:
        return not self._is_over and self._channel.is_alive

    def _require(self) -> None:
        if not self._is_held:
            raise LegGone

    def _await(self, ready: Callable[[], T | None], until: float | None) -> T | None:
        while True:
            self._require()
            result = ready()
            if result is not None:
                return result
            if not self._changed.wait(until):
                self._require()
                return None

    def _take_key(self, keys: str | None) -> str | None:
        """The first unread key, if it is one of `keys` (None: any). Others keep their places."""
        for item in self._inbox:
            if isinstance(item, Key) and (keys is None or item.key in keys):
                self._inbox.remove(item)
                return item.key
        return None

    def _forget_keys(self) -> None:
        self._inbox = deque(item for item in self._inbox if not isinstance(item, Key))

    def _take_item(self) -> object | None:
        return self._inbox.popleft() if self._inbox else None
