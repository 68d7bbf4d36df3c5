"""Ringing phones for a leg and the talk that comes of it: the simulated switch's own, whoever asked for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from appliance.names import Entry
from appliance.port import Dialled, EndCause, LegRinging, LegsJoined, LegsParted, Outcome, Outside
from appliance.simulation.channel import Channel, Sound

if TYPE_CHECKING:
    from appliance.simulation.switch import SimulatedSwitch

# What a dial comes to when every phone has failed: the first of these that one of them did.
_FAILURES = (
    (EndCause.NO_ANSWER, Outcome.NO_ANSWER),
    (EndCause.BUSY, Outcome.BUSY),
    (EndCause.REFUSED, Outcome.REFUSED),
    (EndCause.CANCELLED, Outcome.CANCELLED),
    (EndCause.UNREACHABLE, Outcome.UNREACHABLE),
    (EndCause.FAILED, Outcome.FAILED),
)


@dataclass
class Recording:
    """A recorded talk of two legs, or message of one."""

    file: str
    legs: tuple[str, ...]
    begin: float
    end: float | None = None


class Talk:
    """Two legs that hear each other."""

    def __init__(self, switch: "SimulatedSwitch", id: str, dial: "Dial", leg: Channel, other: Channel) -> None:
        self._switch = switch
        self.id = id
        self.dial = dial
        self.leg = leg
        self.other = other
        self.begin = switch.clock.now()
        switch.emit(LegsJoined(leg.id, other.id, other.endpoint))
        self._recordings = [
            Recording(channel.recording, (leg.id, other.id), self.begin)
            for channel in (leg, other)
            if channel.recording is not None
        ]
        switch.recordings.extend(self._recordings)
        for channel, partner in ((leg, other), (other, leg)):
            channel.talk = self
            channel.hear(Sound.TALK, partner.endpoint)
            if channel.far is not None:
                channel.far.joined(partner)

    @property
    def seconds(self) -> float:
        return self._switch.clock.now() - self.begin

    def part(self) -> None:
        now = self._switch.clock.now()
        for recording in self._recordings:
            recording.end = now
        self._switch.emit(LegsParted(self.leg.id, self.other.id))
        for channel in (self.leg, self.other):
            channel.talk = None
            channel.hear_nothing()
            if channel.is_alive and channel.far is not None:
                channel.far.parted()


class Dial:
    """Phones ring until one answers; then there is a talk until one side leaves."""

    def __init__(
        self,
        switch: "SimulatedSwitch",
        leg: Channel,
        wrap_up: bool,
        on_end: Callable[[Dialled], None],
        briefing: float = 0.0,
    ) -> None:
        self._switch = switch
        self._leg = leg
        self._wrap_up = wrap_up
        self._on_end = on_end
        self._briefing = briefing  # seconds that a phone that has answered may take, besides the ringing
        self._more = 0  # phones that may be rung besides
        self._ringing: list[Channel] = []
        self._briefed: list[Channel] = []
        self._failures: set[EndCause] = set()
        self._status: int | None = None
        self._talk: Talk | None = None
        self._phone: Channel | None = None

    def begin(self, phones: Sequence[str], ring_for: float, music: str | None, more: int = 0) -> None:
        self._leg.dial = self
        self._more = more
        if music is None:
            self._leg.hear(Sound.RINGING, "")
        else:
            self._leg.hear(Sound.MUSIC, music)
        for phone in phones:
            self._ring(phone)
        self._wait(ring_for)

    def ring(self, phone: str) -> bool:
        """One more; False where that is not possible any more."""
        if self._phone is not None or self._more == 0:
            return False
        self._more -= 1
        self._ring(phone)
        return True

    def _ring(self, phone: str) -> None:
        self._rings(self._switch.ring(phone, self._switch.new_id(), self._leg.call, self))

    def begin_outside(self, to: Outside, ring_for: float) -> None:
        """The same with a number outside."""
        self._leg.dial = self
        self._leg.hear(Sound.RINGING, "")
        self._rings(self._switch.ring_outside(to, self._switch.new_id(), self._leg.call, self))
        self._wait(ring_for)

    def _rings(self, channel: Channel | None) -> None:
        if channel is None:
            self._failures.add(EndCause.UNREACHABLE)
        else:
            self._ringing.append(channel)
            self._switch.emit(LegRinging(channel.id, channel.endpoint, self._leg.id))

    def _wait(self, ring_for: float) -> None:
        # Also without a phone that rings the answer comes a moment later, as on a real switch.
        self._timer = self._switch.clock.call_later(ring_for if self._ringing else 0.0, self._ring_out)

    def answered(self, channel: Channel) -> None:
        self._ringing.remove(channel)
        if self._briefing:
            self._briefed.append(channel)
            channel.briefed_for = self
            self._switch.doors.enter(channel, Entry.BRIEFING)
        else:
            self.connect(channel)

    def connect(self, channel: Channel) -> None:
        """A phone that has answered talks with the leg."""
        self._timer.cancel()
        if channel in self._briefed:
            self._briefed.remove(channel)
        self._end_ringing(EndCause.ELSEWHERE)
        self._phone = channel
        self._leg.answer()
        self._leg.has_talked = True
        self._talk = Talk(self._switch, self._switch.new_talk(), self, self._leg, channel)

    def failed(self, channel: Channel, cause: EndCause) -> None:
        if channel in self._briefed:
            self._briefed.remove(channel)
            self._failures.add(EndCause.NO_ANSWER)
        elif channel in self._ringing:
            self._ringing.remove(channel)
            self._failures.add(cause)
            self._status = channel.status
        else:
            return
        if not self._ringing and not self._briefed:
            self._timer.cancel()
            self._fail()

    def leg_left(self) -> None:
        """The leg that dials has ended or been sent elsewhere."""
        self._timer.cancel()
        self._leg.dial = None
        self._end_ringing(EndCause.CANCELLED)
        phone = self._phone
        if phone is not None and phone.is_alive:
            if self._wrap_up:
                self._switch.doors.enter(phone, Entry.WRAPUP)
            else:
                self._switch.end(phone, EndCause.NORMAL)

    def phone_left(self) -> None:
        """The phone has hung up, or its leg been sent elsewhere."""
        if self._leg.dial is self and self._phone is not None and self._talk is not None:
            self._finish(Dialled(Outcome.ANSWERED, self._phone.endpoint, self._talk.seconds))

    def _ring_out(self) -> None:
        if self._ringing:
            self._failures.add(EndCause.NO_ANSWER)
        self._more = 0
        ringing, self._ringing = self._ringing, []
        for channel in ringing:
            self._switch.end(channel, EndCause.NO_ANSWER)
        if self._briefed:
            self._timer = self._switch.clock.call_later(self._briefing, self._give_up)
        else:
            self._fail()

    def _give_up(self) -> None:
        """Nobody has been briefed in time."""
        self._failures.add(EndCause.NO_ANSWER)
        self._end_ringing(EndCause.NORMAL)
        self._fail()

    def _end_ringing(self, cause: EndCause) -> None:
        ringing, self._ringing, self._briefed = [*self._ringing, *self._briefed], [], []
        for channel in ringing:
            self._switch.end(channel, cause)

    def _fail(self) -> None:
        outcomes = [outcome for cause, outcome in _FAILURES if cause in self._failures]
        self._finish(Dialled(outcomes[0] if outcomes else Outcome.UNREACHABLE, status=self._status))

    def _finish(self, dialled: Dialled) -> None:
        self._leg.dial = None
        self._leg.hear_nothing()
        self._on_end(dialled)


class Origination:
    """A phone rings for the appliance itself; answered, it goes through a door."""

    def __init__(self, switch: "SimulatedSwitch", entry: Entry) -> None:
        self._switch = switch
        self._entry = entry

    def answered(self, channel: Channel) -> None:
        self._switch.doors.enter(channel, self._entry)

    def failed(self, channel: Channel, cause: EndCause) -> None:
        self._switch.originate_failed(channel.id, cause, channel.status)
