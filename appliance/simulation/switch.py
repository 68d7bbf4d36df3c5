"""A telephone switch in memory and virtual time: `appliance.port.Switch`, with phones, people and a dialplan."""

import itertools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from random import Random
from typing import Any

import gevent

from appliance.names import Entry
from appliance.port import (
    Arrival,
    DeviceChanged,
    EndCause,
    Event,
    FallbackMember,
    LegEnded,
    LegGone,
    LegInfo,
    LegStarted,
    OriginateFailed,
    Outside,
    Refused,
    Registration,
    SwitchDown,
    SwitchLost,
    SwitchUp,
    TrunkState,
)
from appliance.simulation.channel import Channel, Ringer, Sound
from appliance.simulation.clock import VirtualClock, VirtualMailbox
from appliance.simulation.dial import Dial, Origination, Recording
from appliance.simulation.doors import Doors, StandIn
from appliance.simulation.leg import SimulatedLeg
from appliance.simulation.people import Caller, PhoneCall, Seconds, SimulatedPhone
from appliance.simulation.phones import Phones
from appliance.simulation.provider import SimulatedTrunk

PROVE_WITHIN = 5.0
Sounds = Collection[str] | Callable[[str], bool] | None


class SimulatedSwitch:
    """`sounds` are those that exist (None: all), `lengths` how long each takes, `fallbacks` the stand-in queue
    of each number, `latency` how long each event takes to arrive. Nothing is random but by `random`."""

    def __init__(
        self,
        clock: VirtualClock,
        phones: Iterable[str] = (),
        sounds: Sounds = None,
        lengths: Callable[[str], float] = lambda sound: 2.0,
        fallback_after: float = 60.0,
        fallbacks: Mapping[str, str] | None = None,
        latency: Callable[[], float] = lambda: 0.0,
        random: Random | None = None,
    ) -> None:
        self.clock = clock
        self.phones = Phones(self, phones)
        self.doors = Doors(self, random or Random(1), fallback_after, fallbacks or {})
        self.providers: dict[str, SimulatedTrunk] = {}
        self.fallback_members: tuple[FallbackMember, ...] = ()
        self.recordings: list[Recording] = []
        self.unwritable: set[str] = set()  # files that cannot be recorded into
        self.history: list[tuple[float, Event]] = []  # every event, also those that nobody was told
        self.length_of = lengths
        self._sounds = sounds
        self._latency = latency
        self._ids = itertools.count(1)
        self._talks = itertools.count(1)
        self._channels: dict[str, Channel] = {}
        self._handlers: dict[Any, tuple[Channel, SimulatedLeg]] = {}
        self._on_arrival: Callable[[Arrival], None] | None = None
        self._on_event: Callable[[Event], None] | None = None
        self._events = clock.mailbox()
        self._teller: Any = None
        self._is_connected = False

    # What the appliance sees: port.Switch.

    def start(self, on_arrival: Callable[[Arrival], None], on_event: Callable[[Event], None]) -> None:
        if self._on_arrival is not None:
            raise Refused("This switch is in use by an appliance already.")
        self._on_arrival = on_arrival
        self._on_event = on_event
        self._events = self.clock.mailbox()
        self._teller = gevent.spawn(self._tell, self._events, on_event)
        self._is_connected = True
        self.emit(SwitchUp())

    def stop(self) -> None:
        self._on_arrival = self._on_event = None
        self._is_connected = False
        if self._teller is not None:
            self._events.put(None)
            self._teller = None

    def originate(self, leg: str, to: str | Outside, entry: Entry, call: str, ring_for: float) -> None:
        self._require_connection()
        if leg in self._channels:
            raise Refused(f"There is a leg {leg} already.")
        ringer = Origination(self, entry)
        if isinstance(to, Outside):
            channel = self.ring_outside(to, leg, call, ringer)
        else:
            channel = self.ring(to, leg, call, ringer)
        if channel is None:
            self.originate_failed(leg, EndCause.UNREACHABLE)
        else:
            self.clock.call_later(ring_for, self._ring_out, channel)

    def hang_up(self, leg: str) -> None:
        self._require_connection()
        channel = self._channels.get(leg)
        if channel is not None:
            self.end(channel, EndCause.CANCELLED if channel.ringer is not None else EndCause.NORMAL)

    def send_to(self, leg: str, entry: Entry) -> None:
        self._require_connection()
        channel = self._channels.get(leg)
        if channel is None or channel.ringer is not None:
            raise Refused(f"There is no leg {leg} that could be sent to {entry.value}.")
        session, channel.session = channel.session, None
        if session is not None:
            session.close()
        self._leave_others(channel)
        self.doors.enter(channel, entry)

    def legs(self) -> Sequence[LegInfo]:
        self._require_connection()
        return [
            LegInfo(channel.id, channel.endpoint, channel.talk.id if channel.talk else None, channel.since)
            for channel in self._channels.values()
        ]

    def devices(self) -> Sequence[DeviceChanged]:
        self._require_connection()
        return [DeviceChanged(phone.id, phone.is_reachable) for phone in self.phones.values()]

    def registrations(self) -> Sequence[Registration]:
        self._require_connection()
        return [
            Registration(phone.id, f"{phone.id}.simulated:5060", "simulated phone", 0.001, True)
            for phone in self.phones.values()
            if phone.is_reachable
        ]

    def prove(self) -> None:
        self._require_connection()
        told = self.clock.mailbox()
        self._events.put((self.clock.now(), told))
        if told.get(PROVE_WITHIN) is None:
            raise SwitchLost("The simulated switch's events are not told.")

    def trunks(self) -> Sequence[TrunkState]:
        self._require_connection()
        return [provider.state for provider in self.providers.values()]

    def keep_fallback(self, members: Sequence[FallbackMember]) -> None:
        self._require_connection()
        self.fallback_members = tuple(members)

    # What a story does.

    def phone(self, id: str) -> SimulatedPhone:
        """That phone; it exists from now on."""
        self.phones.add(id)
        return self.phones[id]

    def provider(self, trunk: str) -> SimulatedTrunk:
        """The provider behind a trunk; the trunk exists from now on."""
        if trunk not in self.providers:
            self.providers[trunk] = SimulatedTrunk(self, trunk)
        return self.providers[trunk]

    def call(
        self,
        from_: str,
        to: str,
        name: str = "",
        trunk: str = "trunk",
        patience: Seconds | None = None,
        talks: Seconds | None = None,
        diverted: str = "",
    ) -> Caller:
        """Somebody calls a number of ours. Without an answer within `patience` by a person, or after `talks`
        seconds with one, the caller hangs up (None: never)."""
        channel = self._begin(self.new_id(), trunk, "")
        channel.ani, channel.caller_name, channel.dnis, channel.trunk = from_, name, to, trunk
        channel.diverted = diverted
        caller = Caller(self, channel, patience, talks)
        channel.hear(Sound.RINGING, "")
        self.doors.enter(channel, Entry.CALLER)
        return caller

    def call_from_phone(self, phone: SimulatedPhone, number: str) -> PhoneCall:
        """A phone dials another one, which the dialplan sees to, a code, or a number of ours as callers do."""
        channel = self._begin(self.new_id(), phone.id, "")
        channel.ani, channel.dnis, channel.phone = phone.id, number, phone.id
        call = phone.take(channel)
        if number in self.phones:
            Dial(self, channel, False, lambda dialled: self.end(channel, EndCause.NORMAL)).begin(
                [number], 60.0, None
            )
        elif number[:1] in ("*", "#"):
            self.doors.enter(channel, Entry.AGENT)
        else:
            self.doors.enter(channel, Entry.CALLER if self.doors.is_ours(number) else Entry.OUTBOUND)
        return call

    def kill_appliance(self, greenlets: Iterable[Any] = ()) -> None:
        """The appliance dies as by kill -9: no handler, nor any of these other greenlets of it, runs ever again,
        and no event is delivered; talks go on. May be called by one of them, and does not return then."""
        teller, handlers = self._teller, self._handlers
        self._handlers = {}
        self._teller = None
        self.stop()
        for channel, session in handlers.values():
            self.doors.let_go(channel, session)
        self.clock.bury([*handlers, *([teller] if teller is not None else []), *greenlets])

    def lose_connection(self, reason: str = "The connection was closed.") -> None:
        """The control connection breaks: events get lost and nothing can be asked until it is back."""
        if self._is_connected:
            self.emit(SwitchDown(reason))
            self._is_connected = False

    def regain_connection(self) -> None:
        if self._on_event is not None and not self._is_connected:
            self._is_connected = True
            self.emit(SwitchUp())

    @property
    def stand_ins(self) -> Sequence[StandIn]:
        """Which legs went to the switch's own queues."""
        return self.doors.stand_ins

    # What the parts of the switch do to each other.

    @property
    def is_served(self) -> bool:
        """Whether an appliance takes legs."""
        return self._on_arrival is not None

    def is_free(self, phone: str) -> bool:
        known = self.phones.get(phone)
        return known is not None and known.is_reachable and not known.calls

    def can_record(self, file: str) -> bool:
        """Whether there may be a file of that name."""
        return file not in self.unwritable

    def has_sound(self, sound: str) -> bool:
        if self._sounds is None:
            return True
        return self._sounds(sound) if callable(self._sounds) else sound in self._sounds

    def new_id(self) -> str:
        return f"leg-{next(self._ids)}"

    def new_talk(self) -> str:
        return f"talk-{next(self._talks)}"

    def emit(self, event: Event) -> None:
        self.history.append((self.clock.now(), event))
        if self._is_connected:
            self._events.put((self.clock.now() + self._latency(), event))

    def ring(self, phone: str, id: str, call: str, ringer: Ringer) -> Channel | None:
        """Make a phone ring; None when it cannot be reached."""
        known = self.phones.get(phone)
        if known is None or not known.is_reachable:
            return None
        channel = self._begin(id, phone, call)
        channel.phone = phone
        channel.ringer = ringer
        known.ring(channel)
        return channel

    def ring_outside(self, to: Outside, id: str, call: str, ringer: Ringer) -> Channel | None:
        """Call a number by a trunk; None when the trunk cannot be reached."""
        known = self.providers.get(to.trunk)
        if known is None or not known.is_up:
            return None
        channel = self._begin(id, to.trunk, call)
        channel.trunk = to.trunk
        channel.ringer = ringer
        known.take(channel, to)
        return channel

    def phone_answers(self, channel: Channel) -> None:
        ringer, channel.ringer = channel.ringer, None
        if channel.is_alive and ringer is not None:
            channel.answer()
            ringer.answered(channel)

    def originate_failed(self, leg: str, cause: EndCause, status: int | None = None) -> None:
        self.emit(OriginateFailed(leg, cause, status))

    def set_reachable(self, phone: SimulatedPhone, is_reachable: bool) -> None:
        if phone.is_reachable != is_reachable:
            phone.is_reachable = is_reachable
            self.emit(DeviceChanged(phone.id, is_reachable))

    def serve(self, channel: Channel, session: SimulatedLeg, arrival: Arrival) -> None:
        """Give a leg to the appliance."""
        self._handlers[gevent.spawn(self._handle, channel, session, arrival)] = (channel, session)

    def end(self, channel: Channel, cause: EndCause) -> None:
        """A leg ends; harmless when it has."""
        if not channel.is_alive:
            return
        channel.cause = cause
        del self._channels[channel.id]
        self.doors.forget(channel)
        talk = channel.talk
        if talk is not None:
            talk.part()
        channel.hear_nothing()
        self.emit(LegEnded(channel.id, channel.endpoint, cause))
        if channel.far is not None:
            channel.far.ended(cause)
        ringer, channel.ringer = channel.ringer, None
        if ringer is not None:
            ringer.failed(channel, cause)
        briefed_for, channel.briefed_for = channel.briefed_for, None
        if briefed_for is not None:
            briefed_for.failed(channel, cause)
        if channel.dial is not None:
            channel.dial.leg_left()
        elif talk is not None:
            talk.dial.phone_left()
        if channel.session is not None:
            channel.session.notice()

    def _begin(self, id: str, endpoint: str, call: str) -> Channel:
        channel = Channel(self.clock, id, endpoint, call)
        self._channels[id] = channel
        self.emit(LegStarted(id, endpoint))
        return channel

    def _leave_others(self, channel: Channel) -> None:
        """A leg that lives on leaves its talk, or stops dialling."""
        talk = channel.talk
        if talk is not None:
            talk.part()
        if channel.dial is not None:
            channel.dial.leg_left()
        elif talk is not None:
            talk.dial.phone_left()
        channel.hear_nothing()

    def _ring_out(self, channel: Channel) -> None:
        if channel.ringer is not None:
            self.end(channel, EndCause.NO_ANSWER)

    def _handle(self, channel: Channel, session: SimulatedLeg, arrival: Arrival) -> None:
        if self._on_arrival is None:  # it has stopped between the spawn and now
            self.doors.let_go(channel, session)
            return
        try:
            self._on_arrival(arrival)
        except LegGone:
            pass
        finally:
            self._handlers.pop(gevent.getcurrent(), None)
            self.doors.let_go(channel, session)

    def _tell(self, events: Any, on_event: Callable[[Event], None]) -> None:
        while (item := events.get()) is not None:
            due, event = item
            if due > self.clock.now():
                self.clock.sleep(due - self.clock.now())
            if isinstance(event, VirtualMailbox):  # of somebody who wants to know when all before it has been told
                event.put(True)
            else:
                on_event(event)

    def _require_connection(self) -> None:
        if not self._is_connected:
            raise SwitchLost("The simulated switch does not answer.")
