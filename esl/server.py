"""The server of outbound sockets: each leg from a door of the dialplan gets a handler in a greenlet of its own."""

import re
from collections.abc import Mapping

from gevent import socket

from appliance.doorway import Doorway, Garbled
from appliance.names import CALL, DNIS, ENTRY, Entry
from appliance.port import Arrival, Leg
from esl.events import called_by, phone_of, trunk_of
from esl.leg import FreeSwitchLeg
from esl.wire import Wire

_USER = re.compile(r"(?:sips?|tel):([+*#0-9A-Za-z.-]+)", re.ASCII)
_UNKNOWN_CALLERS = ("unknown", "anonymous", "restricted", "private", "unavailable", "0000000000")


class Server(Doorway[Wire, FreeSwitchLeg]):
    """Takes legs from FreeSWITCH."""

    setting = "esl_port"

    def make_wire(self, connection: socket.socket) -> Wire:
        return Wire(connection)

    def arrival(self, wire: Wire, leg: FreeSwitchLeg) -> Arrival:
        return arrival(wire.env, leg)

    def take_over(self, leg: FreeSwitchLeg) -> None:
        leg.take_over()


def arrival(env: Mapping[str, str], leg: Leg) -> Arrival:
    """Who came through which door. Raises Garbled if there is no such door."""
    door = env.get(f"variable_{ENTRY}", "")
    try:
        entry = Entry(door)
    except ValueError:
        raise Garbled(f"there is no door {door[:100]!r}") from None
    # Agents come from phones, whatever else the dialplan has said of the leg.
    trunk = (trunk_of(env) or called_by(env)) if entry in (Entry.CALLER, Entry.RECOVER, Entry.CALLBACK) else ""
    ani = _known(env.get("Caller-Caller-ID-Number", ""))
    name = _known(_unquoted(env.get("Caller-Caller-ID-Name", "")))
    return Arrival(
        leg=leg,
        entry=entry,
        ani=ani,
        caller_name="" if name == ani else name,  # FreeSWITCH calls who gives no name by the number
        dnis=env.get(f"variable_{DNIS}", ""),
        trunk=trunk,
        call=env.get(f"variable_{CALL}", ""),
        phone="" if trunk else phone_of(env),
        diverted=diverted(env) if trunk else "",
    )


def diverted(env: Mapping[str, str]) -> str:
    """The number that was dialled at first, of a call that was forwarded. Of several, FreeSWITCH keeps the last
    header, which is the first forwarding."""
    written = next((value for name, value in env.items() if name.lower() == "variable_sip_h_diversion"), "")
    found = _USER.search(written)
    return found[1] if found else ""


def _known(caller: str) -> str:
    return "" if caller.lower() in _UNKNOWN_CALLERS else caller


def _unquoted(name: str) -> str:
    """A name as its owner wrote it: FreeSWITCH passes on the backslashes that SIP puts before quotes."""
    return re.sub(r"\\(.)", r"\1", name)
