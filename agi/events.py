"""Asterisk's events in the words of the port: pure, with just the state that takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from agi import causes
from appliance.names import trunk_context
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

EVENTS = (
    "Newchannel",
    "DialBegin",
    "DialEnd",
    "Hangup",
    "BridgeEnter",
    "BridgeLeave",
    "DTMFEnd",
    "OriginateResponse",
    "DeviceStateChange",
)
"""The events this file reads. The user in manager.conf needs

    read = system,call,dtmf,agent,reporting
    write = system,call,originate,agent,reporting
    eventfilter(action(include),name(Newchannel)) =      (one such line for each of EVENTS)
    eventfilter(action(exclude),method(regex)) = [[:cntrl:]]{4}.*(Event|Response):

The last line is a lock: Asterisk writes a caller's number raw, and sip:1%0D%0A%0D%0AEvent%3A%20Hangup@...
would be an event of the stranger's own making. No honest event has an empty line inside. `channelvars=` must
not be set: pyst2 cannot read what it adds.
"""

ENDED_KEPT = 1000
ORIGINATE = "originate:"  # how the ActionID of an Originate begins; the leg's id follows

_TRUNK = trunk_context("")  # how the endpoints of trunks begin, and those of phones do not
_UNREACHABLE_STATES = ("UNAVAILABLE", "INVALID", "UNKNOWN")


@dataclass(frozen=True)
class Digit:
    """A key was pressed on a leg."""

    leg: str
    key: str


def endpoint_of(channel: str) -> str | None:
    """The phone or trunk of a channel name: 201 of PJSIP/201-0000002a, acme of PJSIP/trunk-acme-0000002b; None for
    any other kind of channel."""
    if not channel.startswith("PJSIP/"):
        return None
    return endpoint_of_name(channel.removeprefix("PJSIP/").rpartition("-")[0]) or None


def _own_leg(channel: str) -> str:
    """The name that both halves of a leg of Asterisk's own share, "" of any other channel."""
    return channel.rpartition(";")[0] if channel.startswith("Local/") else ""


def endpoint_of_name(name: str) -> str:
    """The phone or trunk that PJSIP calls so."""
    return name.removeprefix(_TRUNK)


def is_phone(endpoint: str) -> bool:
    """Whether an endpoint of PJSIP, by Asterisk's name for it, is a phone and not a trunk."""
    return not endpoint.startswith(_TRUNK)


class EventMapper:
    """Turns one event after another into facts of the port, passing by channels of other kinds than phones."""

    def __init__(self) -> None:
        self._endpoints: dict[str, str] = {}  # of every leg
        self._ended_lately: dict[str, None] = {}  # oldest first: a leg's AGI connection may come after its end
        self._dialled_by: dict[str, str] = {}
        self._dial_ends: dict[str, str] = {}  # leg -> DIALSTATUS
        # Without a response yet: why it has ended already, and SIP's word for it.
        self._originating: dict[str, tuple[EndCause, int | None] | None] = {}
        self._failed: set[str] = set()  # originated, not answered, not ended yet
        self._bridges: dict[str, list[str]] = {}  # legs in the order they entered
        self._dials_by: dict[str, str] = {}  # a leg of Asterisk's own, without its half -> the leg that dials it
        self._reachable: dict[str, bool] = {}

    def reset(self) -> None:
        """Forget everything: the connection was lost, events are missing."""
        self.__init__()  # type: ignore[misc]

    def seed(self, leg: str, channel: str, bridge: str) -> None:
        """A leg that exists already when events begin to come."""
        if endpoint := endpoint_of(channel):
            self._endpoints[leg] = endpoint
            if bridge:
                self._bridges.setdefault(bridge, []).append(leg)

    def originating(self, leg: str) -> None:
        """That leg is about to be originated. Its Hangup, which knows why it failed, may precede the response."""
        self._originating[leg] = None

    def not_originating(self, leg: str) -> None:
        """It has been refused, or lost: no response is to come."""
        self._originating.pop(leg, None)

    def map(self, headers: Mapping[str, str]) -> list[Event | Digit]:
        """What one event means: nothing, one thing, or several in order."""
        name = headers.get("Event", "")
        leg = headers.get("Uniqueid", "")
        if name == "Newchannel":
            return self._started(leg, endpoint_of(headers.get("Channel", "")))
        if name == "Hangup":
            return self._ended(leg, headers)
        if name == "DTMFEnd":
            received = headers.get("Direction") == "Received" and leg in self._endpoints
            return [Digit(leg, headers.get("Digit", ""))] if received else []
        if name == "DialBegin":
            leg = self._dialler(leg, headers.get("Channel", ""), headers.get("DestChannel", ""))
            return self._dialling(leg, headers.get("DestUniqueid", ""))
        if name == "DialEnd":
            self._dial_ended(headers.get("DestUniqueid", ""), headers.get("DialStatus", ""))
            return []
        if name == "BridgeEnter":
            return self._entered(leg, headers.get("BridgeUniqueid", ""))
        if name == "BridgeLeave":
            return self._left(leg, headers.get("BridgeUniqueid", ""))
        if name == "DeviceStateChange":
            return self._device(headers.get("Device", ""), headers.get("State", ""))
        if name == "OriginateResponse":
            return self._originate_answered(headers)
        return []

    def _started(self, leg: str, endpoint: str | None) -> list[Event | Digit]:
        if not endpoint or leg in self._endpoints or leg in self._ended_lately:
            return []
        self._endpoints[leg] = endpoint
        return [LegStarted(leg, endpoint)]

    def _ended(self, leg: str, headers: Mapping[str, str]) -> list[Event | Digit]:
        self._dials_by.pop(_own_leg(headers.get("Channel", "")), None)
        endpoint = self._endpoints.pop(leg, None)
        self._ended_lately[leg] = None
        if len(self._ended_lately) > ENDED_KEPT:
            del self._ended_lately[next(iter(self._ended_lately))]
        dial_end = self._dial_ends.pop(leg, None)
        self._dialled_by.pop(leg, None)
        if endpoint is None:
            return []
        parted: list[Event | Digit] = []
        for bridge in [bridge for bridge, legs in self._bridges.items() if leg in legs]:
            parted += self._left(leg, bridge)
        cause = causes.end_cause(headers.get("Cause", ""), dial_end)
        status = causes.sip_status(headers.get("TechCause", ""))
        ended: list[Event | Digit] = [*parted, LegEnded(leg, endpoint, cause)]
        if leg in self._originating:
            self._originating[leg] = (cause, status)
        if leg in self._failed:
            self._failed.remove(leg)
            ended.append(OriginateFailed(leg, cause, status))
        return ended

    def _originate_answered(self, headers: Mapping[str, str]) -> list[Event | Digit]:
        action = headers.get("ActionID", "")
        if not action.startswith(ORIGINATE):
            return []
        leg = action.removeprefix(ORIGINATE)
        ended = self._originating.pop(leg, None)
        if headers.get("Response") != "Failure":
            return []
        if leg in self._endpoints:  # its Hangup follows, and knows why
            self._failed.add(leg)
            return []
        return [OriginateFailed(leg, *(ended or (causes.reason(headers.get("Reason", "")),)))]

    def dialled_by(self, leg: str) -> str | None:
        """The leg that has dialled that one."""
        return self._dialled_by.get(leg)

    def _dialler(self, leg: str, channel: str, dialled: str) -> str:
        """The leg that dials: not the one of Asterisk's own between it and a phone."""
        if own := _own_leg(dialled):
            self._dials_by[own] = leg
        return self._dials_by.get(_own_leg(channel), leg)

    def _dialling(self, by: str, leg: str) -> list[Event | Digit]:
        endpoint = self._endpoints.get(leg)
        if not by or endpoint is None:  # an originated leg is dialled by nobody
            return []
        self._dialled_by[leg] = by
        return [LegRinging(leg, endpoint, by)]

    def _dial_ended(self, leg: str, dialstatus: str) -> None:
        if leg in self._endpoints:
            self._dial_ends[leg] = dialstatus

    def _entered(self, leg: str, bridge: str) -> list[Event | Digit]:
        if leg not in self._endpoints:
            return []
        present = self._bridges.setdefault(bridge, [])
        if leg in present:
            return []
        joined = [self._joined(other, leg) for other in present]
        present.append(leg)
        return list(joined)

    def _joined(self, first: str, second: str) -> LegsJoined:
        if self._dialled_by.get(first) == second:
            first, second = second, first
        return LegsJoined(first, second, self._endpoints[second])

    def _left(self, leg: str, bridge: str) -> list[Event | Digit]:
        present = self._bridges.get(bridge, [])
        if leg not in present:
            return []
        present.remove(leg)
        if not present:
            del self._bridges[bridge]
        parted: list[Event | Digit] = []
        for other in present:
            dialled = self._dialled_by.get(leg) == other
            parted.append(LegsParted(other, leg) if dialled else LegsParted(leg, other))
        return parted

    def _device(self, device: str, state: str) -> list[Event | Digit]:
        if not device.startswith("PJSIP/"):
            return []
        phone, reachable = device.removeprefix("PJSIP/"), state not in _UNREACHABLE_STATES
        if not is_phone(phone):
            reachable = state != "UNAVAILABLE"
        if self._reachable.get(phone) is reachable:
            return []
        self._reachable[phone] = reachable
        if not is_phone(phone):
            return [TrunkChanged(endpoint_of_name(phone), reachable)]
        return [DeviceChanged(phone, reachable)]
