"""FreeSWITCH as a switch of the port: legs come over outbound sockets, everything else goes over one inbound."""

import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence

import gevent

from appliance.clock import Clock, RealClock
from appliance.names import (
    AGENT_CONTEXT,
    BRIEFING_CONTEXT,
    CALL,
    CALLBACK_CONTEXT,
    CALLER_CONTEXT,
    DOMAIN,
    OUTBOUND_CONTEXT,
    PHONE,
    RECOVER_CONTEXT,
    TASK_CONTEXT,
    TEST_CONTEXT,
    TRUNK,
    WRAPUP_CONTEXT,
    Entry,
)
from appliance.port import (
    Arrival,
    DeviceChanged,
    Event,
    FallbackMember,
    LegInfo,
    Outside,
    Refused,
    Registration,
    SwitchDown,
    SwitchLost,
    SwitchUp,
    TrunkState,
)
from esl.control import Control, Row
from esl.events import NOT_REGISTERED, ORIGINATE, DeviceInDoubt, EventMapper, endpoint_of
from esl.fallback import keep_members
from esl.leg import FreeSwitchLeg
from esl.phones import registrations
from esl.server import Server
from esl.trunks import endpoint_to, states
from esl.wire import Wire

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
_GONE = "No such channel"
_ID = re.compile(r"[\w.:@+-]+")


class FreeSwitch:
    """See appliance.port.Switch."""

    def __init__(self, esl_port: int, event_socket_port: int, secret: str, clock: Clock | None = None) -> None:
        self._clock = clock or RealClock()
        self._legs: dict[str, FreeSwitchLeg] = {}  # those whose handlers run here
        self._mapper = EventMapper()
        self._on_event: Callable[[Event], None] = lambda event: None
        self._server = Server(esl_port, self._make_leg, self._forget)
        self._control = Control(event_socket_port, secret, self._up, self._happened, self._down)

    def start(self, on_arrival: Callable[[Arrival], None], on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._server.bind()
        try:
            self._control.start()
        except BaseException:
            self._server.stop()
            raise
        self._server.serve(on_arrival)

    def stop(self) -> None:
        self._server.stop()
        self._control.stop()

    def originate(self, leg: str, to: str | Outside, entry: Entry, call: str, ring_for: float) -> None:
        for text in (leg, call):
            _check(text)
        target = endpoint_to(to) if isinstance(to, Outside) else f"user/{_check(to)}@{DOMAIN}"
        variables = {
            "origination_uuid": leg,
            "originate_timeout": str(max(1, math.ceil(ring_for))),
            "ignore_early_media": "true",  # else an announcement would count as an answer
            CALL: call,
            "export_vars": CALL,
        }
        if isinstance(to, Outside):  # phones that ring for the leg show the number it has called
            variables |= {"effective_caller_id_number": to.number, "effective_caller_id_name": to.number}
        settings = ",".join(f"{name}={value}" for name, value in variables.items())
        self._mapper.originating(leg)
        try:
            command = f"originate {{{settings}}}{target} s XML {CONTEXTS[entry]}"
            self._control.begin(command, ORIGINATE + leg)
        except BaseException:
            self._mapper.not_originating(leg)
            raise

    def hang_up(self, leg: str) -> None:
        try:
            self._control.ask(f"uuid_kill {_check(leg)} NORMAL_CLEARING")
        except Refused as error:
            if _GONE not in str(error):
                raise

    def send_to(self, leg: str, entry: Entry) -> None:
        if not self._exists(leg):
            raise Refused(f"FreeSWITCH has no leg {leg}")
        if ours := self._legs.get(leg):
            # First, because the end of its connection would take the leg out of the connection that comes next.
            ours.release()
        self._control.ask(f"uuid_transfer {_check(leg)} s XML {CONTEXTS[entry]}")

    def legs(self) -> Sequence[LegInfo]:
        listed = {row.get("uuid", ""): row for row in self._control.ask_for_rows("show channels as json")}
        self._control.settle()
        known = self._mapper.legs()
        now = self._clock.now()
        # The list lags behind by the time FreeSWITCH takes to write it down.
        existing = [leg for leg in known if leg in listed or self._exists(leg)]
        return [
            LegInfo(leg, known[leg], self._mapper.joined(leg), _since(listed.get(leg, {}), now))
            for leg in existing
        ]

    def devices(self) -> Sequence[DeviceChanged]:
        return [DeviceChanged(phone, reachable) for phone, reachable in self._reachable("").items()]

    def registrations(self) -> Sequence[Registration]:
        return registrations(self._control)

    def prove(self) -> None:
        self._server.prove()
        self._control.settle()

    def trunks(self) -> Sequence[TrunkState]:
        return states(self._control.ask, self._mapper.refusals, self._clock.now())

    def keep_fallback(self, members: Sequence[FallbackMember]) -> None:
        for member in members:
            for text in (member.queue, member.agent, member.phone):
                _check(text)
        keep_members(self._control.ask, members)

    def _exists(self, leg: str) -> bool:
        return self._control.ask(f"uuid_exists {_check(leg)}") == "true"

    def _reachable(self, phone: str) -> dict[str, bool]:
        """Of this phone, or of all: whether it is registered."""
        command = f"list_users user {_check(phone)}" if phone else "list_users"
        lines = [line.split("|") for line in self._control.ask(command).splitlines() if "|" in line]
        if not lines:
            return {}
        names, *users = lines
        who, where = names.index("userid"), names.index("contact")
        contacts = {user[who]: user[where] for user in users if len(user) > where}
        return {id: self._is_registered(id, contact) for id, contact in contacts.items()}

    def _is_registered(self, phone: str, contact: str) -> bool:
        """A phone with an address of its own is taken for reachable: it does not register."""
        if not contact.startswith(NOT_REGISTERED):
            return True
        return "sofia_contact" not in self._control.ask(f"user_data {_check(phone)}@{DOMAIN} param dial-string")

    # Legs.

    def _make_leg(self, wire: Wire) -> FreeSwitchLeg:
        leg = FreeSwitchLeg(wire, self._clock)
        # The first event of a trunk's leg may have come before the dialplan had said whose it is.
        self._control.tell(self._identify, leg.id, endpoint_of(wire.env) or "", wire)
        self._legs[leg.id] = leg
        return leg

    def _forget(self, leg: FreeSwitchLeg) -> None:
        if self._legs.get(leg.id) is leg:  # it may have come in again meanwhile
            del self._legs[leg.id]

    # Events.

    def _up(self, existing: tuple[Sequence[Row], Sequence[Row]]) -> None:
        channels, pairs = existing
        self._mapper.reset()
        for channel in channels:
            leg = channel.get("uuid", "")
            was_called = channel.get("direction") == "outbound"
            self._mapper.seed(leg, endpoint_of(self._variables(leg)) or "", was_called)
        for pair in pairs:
            self._mapper.seed_pair(pair.get("uuid", ""), pair.get("b_uuid", ""))
        self._on_event(SwitchUp())

    def _variables(self, leg: str) -> Mapping[str, str]:
        """What there is to know of a channel, in the words of an event."""
        names = (TRUNK, PHONE, "dialed_user", "user_name", "sip_gateway_name")
        try:
            found = {f"variable_{name}": self._variable(leg, name) for name in names}
            found["Call-Direction"] = self._variable(leg, "direction")
            found["Channel-Name"] = self._variable(leg, "channel_name")
        except (Refused, SwitchLost):
            return {}
        return found

    def _variable(self, leg: str, name: str) -> str:
        value = self._control.ask(f"uuid_getvar {leg} {name}")
        return "" if value == "_undef_" else value

    def _identify(self, leg: str, endpoint: str, wire: Wire) -> None:
        if not wire.is_gone:  # else its end may have been told before
            self._tell(self._mapper.identify(leg, endpoint))

    def _happened(self, headers: Row) -> None:
        for event in self._mapper.map(headers):
            if isinstance(event, DeviceInDoubt):
                gevent.spawn(self._look_up, event.phone)
            else:
                self._on_event(event)

    def _look_up(self, phone: str) -> None:
        try:
            reachable = self._reachable(phone).get(phone)
        except (Refused, SwitchLost) as error:
            log.warning("cannot tell whether the phone %s is registered: %s", phone, error)
            return
        if reachable is not None:
            self._control.tell(lambda: self._tell(self._mapper.device(phone, reachable)))

    def _tell(self, events: Sequence[Event]) -> None:
        for event in events:
            self._on_event(event)

    def _down(self, reason: str) -> None:
        self._on_event(SwitchDown(reason))


def _check(text: str) -> str:
    """A word of a command: nothing that would be another one, nor a variable of FreeSWITCH's."""
    if not _ID.fullmatch(text):
        raise Refused(f"{text[:100]!r} is not an id")
    return text


def _since(row: Row, now: float) -> float:
    created = row.get("created_epoch", "")
    return float(created) if created.isdecimal() else now
