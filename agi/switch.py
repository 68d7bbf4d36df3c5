"""Asterisk as a switch of the port: legs come in over FastAGI, everything else goes over one AMI connection."""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence

import gevent

from agi.control import Control, Headers
from agi.events import ORIGINATE, Digit, EventMapper, endpoint_of, is_phone
from agi.leg import AsteriskLeg, channel_to
from agi.phones import registrations
from agi.server import Server
from agi.trunks import Trunks
from agi.wire import Wire
from appliance.clock import Clock, RealClock
from appliance.names import (
    AGENT_CONTEXT,
    BRIEFING_CONTEXT,
    CALL,
    CALLBACK_CONTEXT,
    CALLED,
    CALLER_CONTEXT,
    OUTBOUND_CONTEXT,
    RECOVER_CONTEXT,
    TASK_CONTEXT,
    TEST_CONTEXT,
    TRUNK,
    WRAPUP_CONTEXT,
    Entry,
    fallback_queue,
)
from appliance.port import (
    Arrival,
    DeviceChanged,
    Event,
    FallbackMember,
    LegInfo,
    LegsJoined,
    Outside,
    Refused,
    Registration,
    SwitchDown,
    SwitchLost,
    SwitchUp,
    TrunkState,
)

log = logging.getLogger(__name__)

CONTEXTS = {
    Entry.CALLER: CALLER_CONTEXT,
    Entry.AGENT: AGENT_CONTEXT,
    Entry.BRIEFING: BRIEFING_CONTEXT,
    Entry.WRAPUP: WRAPUP_CONTEXT,
    Entry.RECOVER: RECOVER_CONTEXT,
    Entry.OUTBOUND: OUTBOUND_CONTEXT,
    Entry.TEST: TEST_CONTEXT,
    Entry.TASK: TASK_CONTEXT,
    Entry.CALLBACK: CALLBACK_CONTEXT,
}
_GONE = ("No such channel", "Channel does not exist")


class Asterisk:
    """See appliance.port.Switch."""

    def __init__(
        self,
        agi_port: int,
        ami_port: int,
        ami_secret: str,
        ami_user: str = "appliance",
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or RealClock()
        self._legs: dict[str, AsteriskLeg] = {}  # those whose handlers run here
        self._mapper = EventMapper()
        self._on_event: Callable[[Event], None] = lambda event: None
        self._server = Server(agi_port, self._make_leg, self._forget, self._next_phone)
        self._briefed: set[str] = set()  # legs that are told of a caller
        self._control = Control(ami_port, ami_user, ami_secret, self._up, self._happened, self._down)
        self._trunks = Trunks(self._control, self._clock)

    def start(self, on_arrival: Callable[[Arrival], None], on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._server.bind()
        try:
            self._control.start()
        except BaseException:
            self._server.stop()
            raise
        self._server.serve(lambda arrival: self._arrived(arrival, on_arrival))

    def stop(self) -> None:
        self._server.stop()
        self._control.stop()

    def originate(self, leg: str, to: str | Outside, entry: Entry, call: str, ring_for: float) -> None:
        shown, variables = {}, {f"__{CALL}": call}
        if isinstance(to, Outside):
            shown = {"CallerID": f'"" <{to.shown}>'} if to.shown else {"CallerID": "<>"}
            variables |= {TRUNK: to.trunk, CALLED: to.number}
        self._mapper.originating(leg)
        try:
            self._control.ask(
                "Originate",
                action_id=ORIGINATE + leg,
                Channel=channel_to(to) if isinstance(to, Outside) else f"PJSIP/{to}",
                ChannelId=leg,
                Context=CONTEXTS[entry],
                Exten="s",
                Priority="1",
                Timeout=str(round(ring_for * 1000)),
                Variable=",".join(f"{name}={value}" for name, value in variables.items()),
                Async="true",
                **shown,
            )
        except BaseException:
            self._mapper.not_originating(leg)
            raise

    def hang_up(self, leg: str) -> None:
        try:
            self._control.ask("Hangup", Channel=leg, Cause="16")
        except Refused as error:
            if not any(words in str(error) for words in _GONE):
                raise

    def send_to(self, leg: str, entry: Entry) -> None:
        self._control.ask("Redirect", Channel=leg, Context=CONTEXTS[entry], Exten="s", Priority="1")

    def legs(self) -> Sequence[LegInfo]:
        now = self._clock.now()
        legs = []
        for channel in self._control.ask_for_list("CoreShowChannels"):
            if endpoint := endpoint_of(channel.get("Channel", "")):
                since = now - _seconds(channel.get("Duration", ""))
                legs.append(LegInfo(channel.get("Uniqueid", ""), endpoint, channel.get("BridgeId") or None, since))
        return legs

    def devices(self) -> Sequence[DeviceChanged]:
        return [
            DeviceChanged(
                endpoint.get("ObjectName", ""), endpoint.get("DeviceState") not in ("Unavailable", "Invalid")
            )
            for endpoint in self._control.ask_for_list("PJSIPShowEndpoints")
            if endpoint.get("Event") == "EndpointList" and is_phone(endpoint.get("ObjectName", ""))
        ]

    def registrations(self) -> Sequence[Registration]:
        return registrations(self._control)

    def prove(self) -> None:
        self._server.prove()
        self._control.settle()

    def trunks(self) -> Sequence[TrunkState]:
        return self._trunks.states()

    def keep_fallback(self, members: Sequence[FallbackMember]) -> None:
        wanted: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)  # queue -> interface -> who, paused
        for member in members:
            wanted[fallback_queue(member.queue)][f"PJSIP/{member.phone}"] = (member.agent, member.paused)
        present = self._fallback_members()
        problems = []
        for queue in sorted(wanted.keys() | present.keys()):
            try:
                self._keep_members(queue, present.get(queue, {}), wanted.get(queue, {}))
            except Refused as error:
                problems.append(f"queue {queue}: {error}")
        if problems:
            raise Refused("; ".join(problems))

    def _fallback_members(self) -> dict[str, dict[str, tuple[str, bool]]]:
        present: dict[str, dict[str, tuple[str, bool]]] = defaultdict(dict)
        for event in self._control.ask_for_list("QueueStatus"):
            queue = event.get("Queue", "")
            if event.get("Event") == "QueueMember" and queue.startswith(fallback_queue("")):
                member = (event.get("Name", ""), event.get("Paused") == "1")
                present[queue][event.get("Location", "")] = member
        return present

    def _keep_members(
        self, queue: str, present: dict[str, tuple[str, bool]], wanted: dict[str, tuple[str, bool]]
    ) -> None:
        for interface, (agent, _) in present.items():
            if wanted.get(interface, ("", False))[0] != agent:
                self._control.ask("QueueRemove", Queue=queue, Interface=interface)
        for interface, (agent, paused) in wanted.items():
            was = present.get(interface)
            flag = "true" if paused else "false"
            if was is None or was[0] != agent:
                self._control.ask("QueueAdd", Queue=queue, Interface=interface, MemberName=agent, Paused=flag)
            elif was[1] != paused:
                self._control.ask("QueuePause", Queue=queue, Interface=interface, Paused=flag)

    # Legs.

    def _make_leg(self, wire: Wire) -> AsteriskLeg:
        leg = AsteriskLeg(wire, self._clock, lambda: self._control.is_up)
        # Newchannel of a caller whose number has line breaks is withheld (see agi.events): this tells of it too,
        # and may be faster to do so.
        channel = wire.env.get("agi_channel", "")
        self._control.pretend({"Event": "Newchannel", "Uniqueid": leg.id, "Channel": channel})
        leg.on_offer_over = lambda: self._end_briefings(leg.id)
        self._legs[leg.id] = leg
        return leg

    def _arrived(self, arrival: Arrival, on_arrival: Callable[[Arrival], None]) -> None:
        if arrival.entry is Entry.BRIEFING:
            self._briefed.add(arrival.leg.id)
        on_arrival(arrival)

    def _next_phone(self, asks: Wire) -> None:
        if dialling := self._legs.get(asks.env.get("agi_arg_1", "")):
            dialling.next_phone(asks)

    def _end_briefings(self, dialler: str) -> None:
        """Who is told of a caller by now does not get the call: Asterisk lets them listen to the end."""
        for leg in [leg for leg in self._briefed if self._mapper.dialled_by(leg) == dialler]:
            gevent.spawn(self._hang_up_quietly, leg)

    def _hang_up_quietly(self, leg: str) -> None:
        try:
            self.hang_up(leg)
        except (Refused, SwitchLost) as error:
            log.warning("leg %s could not be hung up: %s", leg, error)

    def _forget(self, leg: AsteriskLeg) -> None:
        if self._legs.get(leg.id) is leg:  # it may have come in again meanwhile
            del self._legs[leg.id]
            self._briefed.discard(leg.id)

    # Events.

    def _up(self, channels: Sequence[Headers]) -> None:
        self._mapper.reset()
        for channel in channels:
            self._mapper.seed(channel.get("Uniqueid", ""), channel.get("Channel", ""), channel.get("BridgeId", ""))
        self._on_event(SwitchUp())

    def _happened(self, headers: Headers) -> None:
        for event in self._mapper.map(headers):
            if isinstance(event, Digit):
                if event.leg in self._legs:
                    self._legs[event.leg].press(event.key)
                continue
            if isinstance(event, LegsJoined) and event.leg in self._legs:
                self._legs[event.leg].joined()
                self._end_briefings(event.leg)
            self._on_event(event)

    def _down(self, reason: str) -> None:
        self._on_event(SwitchDown(reason))


def _seconds(duration: str) -> float:
    """The length that Asterisk writes as 00:01:15."""
    seconds = 0.0
    for part in duration.split(":"):
        seconds = seconds * 60 + (int(part) if part.isdecimal() else 0)
    return seconds
