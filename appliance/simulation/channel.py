"""One call leg as the simulated switch sees it, and what is heard on it."""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from appliance.clock import Clock
from appliance.names import Entry
from appliance.port import EndCause, Key

if TYPE_CHECKING:
    from appliance.simulation.clock import Timer
    from appliance.simulation.dial import Dial, Talk
    from appliance.simulation.leg import SimulatedLeg


class Sound(Enum):
    """The kinds of thing that are heard."""

    PROMPT = "prompt"
    MUSIC = "music"
    RINGING = "ringing"
    TALK = "talk"


@dataclass
class Heard:
    """Something heard on a leg. `what` is the sound, the class of the music or the endpoint talked to."""

    kind: Sound
    what: str
    begin: float
    end: float | None = None  # None while it is heard


class FarSide(Protocol):
    """Who is at the other end of a leg, and is told what becomes of it. Must not wait."""

    def answered(self) -> None:
        """The leg that this side called with has been answered."""
        ...

    def joined(self, other: "Channel") -> None: ...

    def parted(self) -> None:
        """The talk is over, the leg is not."""
        ...

    def asked(self) -> None:
        """The handler begins to wait for a key."""
        ...

    def announced(self, sound: str) -> None:
        """Who waits has heard something to its end."""
        ...

    def ended(self, cause: EndCause) -> None: ...


class Ringer(Protocol):
    """What makes a phone ring, and is told how that ended."""

    def answered(self, channel: "Channel") -> None: ...

    def failed(self, channel: "Channel", cause: EndCause) -> None: ...


class Channel:
    """One leg. It is the switch's: it lives on when the appliance dies."""

    def __init__(self, clock: Clock, id: str, endpoint: str, call: str = "") -> None:
        self._clock = clock
        self.id = id
        self.endpoint = endpoint
        self.call = call
        self.since = clock.now()
        self.ani = ""
        self.caller_name = ""
        self.dnis = ""
        self.trunk = ""
        self.diverted = ""
        self.phone = ""
        self.far: FarSide | None = None
        self.is_answered = False
        self.cause: EndCause | None = None  # None while it lives
        self.status: int | None = None  # of SIP, with which a provider has refused it
        self.heard: list[Heard] = []
        self.music: str | None = None
        self.recording: str | None = None
        self.silent_since: float | None = None  # None: the far side speaks
        self.queue: str | None = None  # of the switch's own, in which it stands
        self.stand_in: str | None = None  # the one that would serve it
        self.ringer: Ringer | None = None  # while it rings
        self.dial: Dial | None = None  # that it makes
        self.briefed_for: Dial | None = None  # by which it was rung, until the handler has left it
        self.talk: Talk | None = None
        self.session: SimulatedLeg | None = None  # the handler's hold on it
        self.entered_at = self.since  # when it last went through a door or knocked at one
        self.lost_at: float | None = None  # when its handler was gone
        self.has_talked = False  # by a dial of its handler
        self.retry: Timer | None = None  # while it is held
        self.entry: Entry | None = None  # the door it went through last

    @property
    def is_alive(self) -> bool:
        return self.cause is None

    @property
    def hearing(self) -> Heard | None:
        """What is heard now."""
        return self.heard[-1] if self.heard and self.heard[-1].end is None else None

    def hear(self, kind: Sound, what: str) -> None:
        hearing = self.hearing
        if hearing is not None and (hearing.kind, hearing.what) == (kind, what) and kind is Sound.MUSIC:
            return
        self.hear_nothing()
        self.heard.append(Heard(kind, what, self._clock.now()))

    def hear_nothing(self) -> None:
        hearing = self.hearing
        if hearing is not None:
            hearing.end = self._clock.now()

    def hear_music(self) -> None:
        """The music that is on, else nothing."""
        if self.music is None:
            self.hear_nothing()
        else:
            self.hear(Sound.MUSIC, self.music)

    def answer(self) -> None:
        if not self.is_answered:
            self.is_answered = True
            hearing = self.hearing
            if hearing is not None and hearing.kind is Sound.RINGING:
                self.hear_nothing()
            if self.far is not None:
                self.far.answered()

    def fall_silent(self) -> None:
        """The far side says nothing any more."""
        if self.is_alive:
            self.silent_since = self._clock.now()
            if self.session is not None:
                self.session.notice()

    def press(self, key: str) -> None:
        """The far side presses a key; without a handler nobody takes it."""
        if self.is_alive and self.session is not None:
            self.session.post(Key(key))
