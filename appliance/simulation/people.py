"""The people of a simulated day: callers, and those at the phones, who do as a story says."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from appliance.line.briefing import ACCEPT
from appliance.names import Entry
from appliance.port import EndCause
from appliance.simulation.channel import Channel, Heard, Sound
from appliance.simulation.clock import Timer

if TYPE_CHECKING:
    from appliance.simulation.switch import SimulatedSwitch

# A length of time, or what gives a new one each time.
Seconds = float | Callable[[], float]

# A phone that is busy says so after a round trip.
_ROUND_TRIP = 0.05

# So long it takes to press a key when one is asked for.
_REACTION = 0.5


class Stage(Enum):
    """How far a person has come with a call."""

    RINGING = "ringing"
    LISTENING = "listening"  # to prompts, music or nothing
    TALKING = "talking"
    GONE = "gone"


def _seconds(length: Seconds) -> float:
    return length() if callable(length) else length


class Party:
    """A person on one leg."""

    def __init__(self, switch: "SimulatedSwitch", channel: Channel) -> None:
        self._switch = switch
        self._channel = channel
        self._plans: list[Timer] = []
        self._answers: list[str] = []  # to what is asked, the next first
        self._asks: Callable[[str], bool] = lambda sound: False
        self._listened = 0  # prompts heard when it was last asked and answered
        self.has_hung_up = False
        self.partners: list[str] = []  # the endpoints talked to
        channel.far = self

    @property
    def leg(self) -> str:
        """The id of the leg."""
        return self._channel.id

    @property
    def call(self) -> str:
        """The id of the call that the leg is marked with."""
        return self._channel.call

    @property
    def stage(self) -> Stage:
        if not self._channel.is_alive:
            return Stage.GONE
        if self._channel.talk is not None:
            return Stage.TALKING
        return Stage.LISTENING if self._channel.is_answered else Stage.RINGING

    @property
    def is_answered(self) -> bool:
        """Whether the leg was answered at all, also when it is gone by now."""
        return self._channel.is_answered

    @property
    def cause(self) -> EndCause | None:
        """Why the leg ended; None while it lives."""
        return self._channel.cause

    @property
    def heard(self) -> Sequence[Heard]:
        """Everything heard so far, in order."""
        return self._channel.heard

    @property
    def prompts(self) -> list[str]:
        """The sounds heard so far, also those that were cut short."""
        return [heard.what for heard in self._channel.heard if heard.kind is Sound.PROMPT]

    @property
    def hearing(self) -> Heard | None:
        """What is heard now."""
        return self._channel.hearing

    def hears(self, kind: Sound, what: str | None = None) -> bool:
        """Whether that is heard now."""
        hearing = self._channel.hearing
        return hearing is not None and hearing.kind is kind and what in (None, hearing.what)

    def press(self, keys: str, after: Seconds = 0.0) -> None:
        """Press these keys, at once or some seconds from now."""
        self._after(after, self._press, keys)

    def press_when_asked(self, answers: Sequence[str], asks: Callable[[str], bool] = lambda sound: False) -> None:
        """From now on press these, one after another: each when a key is waited for and something has been said
        since the last, or when a sound has been announced that asks for one. An empty one is silence."""
        self._answers, self._asks = [*answers], asks

    @property
    def unasked(self) -> Sequence[str]:
        """The answers nobody has asked for yet."""
        return self._answers

    def fall_silent(self, after: Seconds = 0.0) -> None:
        """Say nothing any more, from now or some seconds later on."""
        self._after(after, self._channel.fall_silent)

    def hang_up(self, after: Seconds = 0.0) -> None:
        """Hang up, at once or some seconds from now; harmless when the leg is gone."""
        self._after(after, self._hang_up)

    def is_lost(self) -> None:
        """The telephone is gone, and nobody has hung up."""
        self._switch.end(self._channel, EndCause.FAILED)

    def answered(self) -> None:
        pass

    def joined(self, other: Channel) -> None:
        self.partners.append(other.endpoint)

    def parted(self) -> None:
        pass

    def asked(self) -> None:
        if len(self.prompts) > self._listened:
            self._answer()

    def announced(self, sound: str) -> None:
        if self._asks(sound):
            self._answer()

    def _answer(self) -> None:
        if self._answers:
            self._listened = len(self.prompts)
            self._plan(_REACTION, self._press, self._answers.pop(0))

    def ended(self, cause: EndCause) -> None:
        for plan in self._plans:
            plan.cancel()

    def _hang_up(self) -> None:
        if self._channel.is_alive:
            self.has_hung_up = True
            self._switch.end(self._channel, EndCause.NORMAL)

    def _after(self, seconds: Seconds, function: Callable[..., object], *arguments: object) -> None:
        """At once without any delay, and only then: for a story, not for what answers the switch itself."""
        if seconds == 0.0:
            function(*arguments)
        else:
            self._plan(seconds, function, *arguments)

    def _plan(self, seconds: Seconds, function: Callable[..., object], *arguments: object) -> None:
        self._plans.append(self._switch.clock.call_later(_seconds(seconds), function, *arguments))

    def _press(self, keys: str) -> None:
        for key in keys:
            self._channel.press(key)


class Caller(Party):
    """Somebody who calls a number of ours."""

    def __init__(
        self, switch: "SimulatedSwitch", channel: Channel, patience: Seconds | None, talks: Seconds | None
    ) -> None:
        super().__init__(switch, channel)
        self._talks = talks
        if patience is not None:
            self._plan(patience, self._lose_patience)

    def __repr__(self) -> str:
        return f"<caller {self._channel.ani} to {self._channel.dnis}: {self.stage.value}>"

    def joined(self, other: Channel) -> None:
        super().joined(other)
        if self._talks is not None:
            self._plan(self._talks, self.hang_up)

    def _lose_patience(self) -> None:
        if not self.partners:
            self.hang_up()


class PhoneCall(Party):
    """Somebody at a phone, on one leg of it."""

    def __init__(self, switch: "SimulatedSwitch", channel: Channel, phone: "SimulatedPhone") -> None:
        super().__init__(switch, channel)
        self._phone = phone

    def __repr__(self) -> str:
        return f"<phone {self._phone.id}: {self.stage.value}>"

    def pick_up(self, after: Seconds = 0.0) -> None:
        """Answer the ringing phone."""
        self._after(after, self._switch.phone_answers, self._channel)

    def asked(self) -> None:
        if self._phone.accepts and self._channel.entry is Entry.BRIEFING:
            self._plan(_REACTION, self._press, ACCEPT)
        else:
            super().asked()

    def reject(self, after: Seconds = 0.0, cause: EndCause = EndCause.REFUSED) -> None:
        """Refuse the call."""
        self._after(after, self._reject, cause)

    def joined(self, other: Channel) -> None:
        super().joined(other)
        if self._phone.talks is not None:
            self._plan(self._phone.talks, self.hang_up)

    def parted(self) -> None:
        super().parted()
        for plan in self._plans:  # to hang up on a partner who is gone already
            plan.cancel()
        if self._phone.afterwards is not None:
            keys, after = self._phone.afterwards
            self._plan(after, self._press, keys)

    def ended(self, cause: EndCause) -> None:
        super().ended(cause)
        self._phone.calls.remove(self)

    def _reject(self, cause: EndCause) -> None:
        if self._channel.ringer is not None:
            self._switch.end(self._channel, cause)


class SimulatedPhone:
    """A phone and the person at it. New, it is registered and just rings."""

    def __init__(self, switch: "SimulatedSwitch", id: str, lines: int = 1) -> None:
        self._switch = switch
        self.id = id
        self.is_reachable = True
        self.lines = lines  # with so many calls it is busy
        self.talks: Seconds | None = None
        self.accepts = False  # a call that has to be taken by a key
        self.afterwards: tuple[str, Seconds] | None = None
        self.calls: list[PhoneCall] = []  # that live
        self.past: list[PhoneCall] = []  # all, oldest first
        self._answers: Seconds | None = None
        self._rejects: Seconds | None = None
        self._is_engaged = False

    def __repr__(self) -> str:
        return f"<phone {self.id}: {self.calls or 'idle'}>"

    def answers(self, after: Seconds = 2.0, talks: Seconds | None = None) -> None:
        """From now on, pick up so many seconds after it starts to ring, and hang up after so many of talk
        (None: wait for the other side)."""
        self._forget()
        self._answers = after
        self.talks = talks

    def ignores(self) -> None:
        """From now on, let it ring."""
        self._forget()

    def rejects(self, after: Seconds = 1.0) -> None:
        """From now on, refuse every call."""
        self._forget()
        self._rejects = after

    def is_engaged(self) -> None:
        """From now on, be busy to everybody."""
        self._forget()
        self._is_engaged = True

    def keys_afterwards(self, keys: str, after: Seconds = 3.0) -> None:
        """From now on, press these keys when the other side has hung up first."""
        self.afterwards = (keys, after)

    def register(self) -> None:
        self._switch.set_reachable(self, True)

    def unregister(self) -> None:
        self._switch.set_reachable(self, False)

    def dial(self, number: str) -> PhoneCall:
        """Call a code or another phone."""
        return self._switch.call_from_phone(self, number)

    def pick_up(self) -> None:
        self._call(Stage.RINGING).pick_up()

    def reject(self) -> None:
        self._call(Stage.RINGING).reject()

    def press(self, keys: str, after: Seconds = 0.0) -> None:
        self._call().press(keys, after)

    def hang_up(self, after: Seconds = 0.0) -> None:
        self._call().hang_up(after)

    @property
    def stage(self) -> Stage:
        """Of the newest call; GONE when there is none."""
        return self.calls[-1].stage if self.calls else Stage.GONE

    @property
    def call(self) -> PhoneCall:
        """The newest call that lives."""
        return self._call()

    def ring(self, channel: Channel) -> None:
        """The switch has a call for this phone."""
        is_busy = self._is_engaged or len(self.calls) >= self.lines
        call = self.take(channel)
        if is_busy:
            call.reject(_ROUND_TRIP, EndCause.BUSY)
        elif self._rejects is not None:
            call.reject(max(_ROUND_TRIP, _seconds(self._rejects)))
        elif self._answers is not None:
            call.pick_up(max(_ROUND_TRIP, _seconds(self._answers)))

    def take(self, channel: Channel) -> PhoneCall:
        call = PhoneCall(self._switch, channel, self)
        self.calls.append(call)
        self.past.append(call)
        return call

    def _call(self, stage: Stage | None = None) -> PhoneCall:
        for call in reversed(self.calls):
            if stage in (None, call.stage):
                return call
        what = "no call" if stage is None else f"no call that is {stage.value}"
        raise LookupError(f"There is {what} at phone {self.id}.")

    def _forget(self) -> None:
        self._answers = self._rejects = self.talks = None
        self._is_engaged = False
