"""FreeSWITCH's events in the words of the port: pure, with just the state that takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from appliance.names import DIALLER, PHONE, TRUNK, trunk_context
from appliance.port import (
    DeviceChanged,
    EndCause,
    Event,
    LegEnded,
    LegRinging,
    LegsJoined,
    LegsParted,
    LegStarted,
    OriginateFailed,
    TrunkChanged,
)
from esl import causes
from esl.trunks import REGISTERED, trunk_of_gateway

EVENTS = (
    "CHANNEL_CREATE",
    "CHANNEL_ANSWER",
    "CHANNEL_BRIDGE",
    "CHANNEL_UNBRIDGE",
    "CHANNEL_HANGUP",
    "CHANNEL_DESTROY",
    "BACKGROUND_JOB",
)
CUSTOM_EVENTS = ("sofia::register", "sofia::unregister", "sofia::expire", "sofia::gateway_state")
"""The events this file reads. Each value comes encoded, so text of a caller's can pretend nothing."""

BODY = "_body"  # where the body of an event is among its headers: FreeSWITCH has no such header
ORIGINATE = "originate-"  # how the Job-UUID of an originate begins; the leg's id follows

_TRUNK = trunk_context("")
_OF_PHONES = "sofia/"  # how the names of channels begin that have a phone or trunk at the other end
# There once the other side has ended a leg that was answered. Where it is not, FreeSWITCH ends it, and tells so
# before it sends BYE: a phone rung at once would be busy. It has sent it when the channel is destroyed.
_THEY_SAID = "variable_sip_term_status"
NOT_REGISTERED = "error/"  # how the contact of a phone begins that has none


@dataclass(frozen=True)
class DeviceInDoubt:
    """A registration of this phone has ended; it may have another one."""

    phone: str


def trunk_of(channel: Mapping[str, str]) -> str:
    """The trunk by which a channel came, as its variables or its first context tell; "" if from or to a phone."""
    if channel.get("Call-Direction") == "outbound":
        return ""
    if trunk := channel.get(f"variable_{TRUNK}"):
        return trunk
    context = channel.get("Caller-Context", "")
    return context.removeprefix(_TRUNK) if context.startswith(_TRUNK) else ""


def phone_of(channel: Mapping[str, str]) -> str:
    """The phone at the other end: that was called, or that calls and has proved who it is."""
    if channel.get("Call-Direction") == "outbound":
        return channel.get("variable_dialed_user", "")
    return channel.get(f"variable_{PHONE}") or channel.get("variable_user_name", "")


def called_by(channel: Mapping[str, str]) -> str:
    """The trunk by which somebody outside was called with this channel."""
    return trunk_of_gateway(channel.get("variable_sip_gateway_name", ""))


def endpoint_of(channel: Mapping[str, str]) -> str | None:
    """The phone or trunk of a channel as far as it is known by now; None for any other kind of channel."""
    if not channel.get("Channel-Name", "").startswith(_OF_PHONES):
        return None
    return trunk_of(channel) or phone_of(channel) or called_by(channel) or None


class EventMapper:
    """Turns one event after another into facts of the port, passing by channels of other kinds than phones."""

    def __init__(self) -> None:
        self._endpoints: dict[str, str] = {}  # of every leg
        self._dialled_by: dict[str, str] = {}
        self._answered: set[str] = set()
        self._ended: set[str] = set()  # legs whose channels are not destroyed yet
        self._let_go: dict[str, Mapping[str, str]] = {}  # those that FreeSWITCH ends: the event that said so
        self._originating: set[str] = set()  # neither answered nor ended
        self._pairs: list[tuple[str, str]] = []  # legs that are joined, the one that dialled first
        self._reachable: dict[str, bool] = {}
        self._up: dict[str, bool] = {}  # trunks
        self.refusals: dict[str, int] = {}  # trunk -> SIP's status, by which its last registration was refused

    def reset(self) -> None:
        """Forget everything: the connection was lost, events are missing."""
        self.__init__()  # type: ignore[misc]

    def seed(self, leg: str, endpoint: str, was_called: bool) -> None:
        """A leg that exists already when events begin to come. Whether it was answered is not known."""
        if endpoint:
            self._endpoints.setdefault(leg, endpoint)
            self._answered.add(leg)
            if was_called:
                self._dialled_by.setdefault(leg, "")

    def seed_pair(self, leg: str, other: str) -> None:
        """Two legs that are joined already then."""
        if leg in self._endpoints and other in self._endpoints:
            self._pairs.append((leg, other))

    def originating(self, leg: str) -> None:
        """That leg is about to be originated."""
        self._originating.add(leg)

    def not_originating(self, leg: str) -> None:
        """It has been refused, or lost."""
        self._originating.discard(leg)

    def legs(self) -> dict[str, str]:
        """The legs that exist by the events so far, and their endpoints."""
        return dict(self._endpoints)

    def joined(self, leg: str) -> str | None:
        """What joins that leg to another one: legs with the same talk."""
        return next((f"{pair[0]}+{pair[1]}" for pair in self._pairs if leg in pair), None)

    def identify(self, leg: str, endpoint: str) -> list[Event]:
        """A leg of which has become known, by another way than an event, that it exists and who it is."""
        if not endpoint or leg in self._endpoints or leg in self._ended:
            return []
        self._endpoints[leg] = endpoint
        return [LegStarted(leg, endpoint)]

    def device(self, phone: str, reachable: bool) -> list[Event]:
        """What has become known of a phone."""
        if self._reachable.get(phone) is reachable:
            return []
        self._reachable[phone] = reachable
        return [DeviceChanged(phone, reachable)]

    def map(self, headers: Mapping[str, str]) -> list[Event | DeviceInDoubt]:
        """What one event means: nothing, one thing, or several in order."""
        name = headers.get("Event-Name", "")
        if name == "CUSTOM":
            return self._registration(headers)
        if name == "BACKGROUND_JOB":
            return self._job_ended(headers.get("Job-UUID", ""), headers.get(BODY, ""))
        leg = headers.get("Unique-ID", "")
        known: list[Event | DeviceInDoubt] = [*self._known(leg, headers)]
        if name == "CHANNEL_ANSWER":
            self._answered.add(leg)
            self._originating.discard(leg)
        elif name == "CHANNEL_BRIDGE":
            known += self._joined(headers.get("Bridge-A-Unique-ID", leg), headers.get("Bridge-B-Unique-ID", ""))
        elif name == "CHANNEL_UNBRIDGE":
            known += self._parted(headers.get("Bridge-A-Unique-ID", leg), headers.get("Bridge-B-Unique-ID", ""))
        elif name == "CHANNEL_HANGUP":
            self._ended.add(leg)
            if leg in self._answered and not headers.get(_THEY_SAID):
                self._let_go[leg] = headers
            else:
                known += self._hung_up(leg, headers)
        elif name == "CHANNEL_DESTROY":
            known += self._hung_up(leg, self._let_go.pop(leg, headers))
            self._ended.discard(leg)
        return known

    def _known(self, leg: str, headers: Mapping[str, str]) -> list[Event]:
        """That a leg has begun, as soon as an event tells whose it is: of a trunk's, not always the first one."""
        if headers.get("Event-Name") == "CHANNEL_DESTROY":
            return []
        started = self.identify(leg, endpoint_of(headers) or "")
        if started and headers.get("Call-Direction") == "outbound":
            by = headers.get(f"variable_{DIALLER}", "")
            if headers.get("Other-Type") == "originator":
                by = headers.get("Other-Leg-Unique-ID", "")
            self._dialled_by[leg] = by
            if by in self._endpoints:
                started.append(LegRinging(leg, self._endpoints[leg], by))
        return started

    def _hung_up(self, leg: str, headers: Mapping[str, str]) -> list[Event]:
        endpoint = self._endpoints.pop(leg, None)
        by = self._dialled_by.pop(leg, None)
        was_answered = leg in self._answered
        self._answered.discard(leg)
        if endpoint is None:
            return []
        ended: list[Event] = []
        for pair in [pair for pair in self._pairs if leg in pair]:
            ended += self._parted(*pair)
        cause = causes.end_cause(headers.get("Hangup-Cause", ""), by is not None, was_answered)
        ended.append(LegEnded(leg, endpoint, cause))
        if leg in self._originating:
            self._originating.remove(leg)
            ended.append(OriginateFailed(leg, cause, causes.sip_status(headers)))
        return ended

    def _job_ended(self, job: str, result: str) -> list[Event | DeviceInDoubt]:
        leg = job.removeprefix(ORIGINATE)
        if not job.startswith(ORIGINATE) or not result.startswith("-ERR") or leg not in self._originating:
            return []
        if leg in self._endpoints:  # its CHANNEL_HANGUP follows, and knows why
            return []
        self._originating.remove(leg)
        cause = causes.end_cause(result.removeprefix("-ERR").strip(), was_called=True, was_answered=False)
        return [OriginateFailed(leg, EndCause.FAILED if cause is EndCause.NORMAL else cause)]

    def _joined(self, leg: str, other: str) -> list[Event]:
        if leg not in self._endpoints or other not in self._endpoints:
            return []
        if self._dialled_by.get(leg) == other:
            leg, other = other, leg
        if (leg, other) in self._pairs:
            return []
        self._pairs.append((leg, other))
        return [LegsJoined(leg, other, self._endpoints[other])]

    def _parted(self, leg: str, other: str) -> list[Event]:
        for pair in ((leg, other), (other, leg)):
            if pair in self._pairs:
                self._pairs.remove(pair)
                return [LegsParted(*pair)]
        return []

    def _registration(self, headers: Mapping[str, str]) -> list[Event | DeviceInDoubt]:
        subclass = headers.get("Event-Subclass", "")
        if subclass == "sofia::gateway_state":
            return self._gateway(headers)
        phone = headers.get("from-user") or headers.get("user") or headers.get("username", "")
        if not phone or subclass not in CUSTOM_EVENTS:
            return []
        if subclass == "sofia::register":
            return [*self.device(phone, True)]
        return [DeviceInDoubt(phone)]

    def _gateway(self, headers: Mapping[str, str]) -> list[Event | DeviceInDoubt]:
        trunk, status = trunk_of_gateway(headers.get("Gateway", "")), headers.get("Status", "")
        registered = REGISTERED.get(headers.get("State", ""))
        if registered is False and status.isdecimal():
            self.refusals[trunk] = int(status)
        up = headers.get("Ping-Status") == "UP" and registered is not False
        if not trunk or self._up.get(trunk) is up:
            return []
        self._up[trunk] = up
        return [TrunkChanged(trunk, up)]
