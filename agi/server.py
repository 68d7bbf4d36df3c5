"""The FastAGI server: each leg from a door of the dialplan gets a handler in a greenlet of its own."""

import re
from collections.abc import Callable, Mapping

from gevent import socket

from agi.events import endpoint_of
from agi.leg import AsteriskLeg
from agi.wire import Wire
from appliance.doorway import Doorway, Garbled
from appliance.names import NEXT, Entry
from appliance.port import Arrival, Leg, Refused

NAME_CUT_AT = 79  # bytes
_DISPLAY_NAME = re.compile(r'\s*"((?:[^"\\]|\\.)*)"', re.DOTALL)
_USER = re.compile(r"(?:sips?|tel):([+*#0-9A-Za-z.-]+)", re.ASCII)
MOST_DIVERSIONS = 10
_UNKNOWN_CALLERS = ("unknown", "anonymous", "restricted", "private", "unavailable")


class Server(Doorway[Wire, AsteriskLeg]):
    """Takes legs from Asterisk."""

    setting = "agi_port"

    def __init__(
        self,
        port: int,
        make_leg: Callable[[Wire], AsteriskLeg],
        forget: Callable[[AsteriskLeg], None],
        on_next: Callable[[Wire], None] = lambda wire: None,
    ) -> None:
        """`on_next` is given legs of Asterisk's own that ask which phone they ring next (see agi.offer)."""
        super().__init__(port, make_leg, forget)
        self._on_next = on_next

    def make_wire(self, connection: socket.socket) -> Wire:
        return Wire(connection)

    def serve_connection(self, wire: Wire, on_arrival: Callable[[Arrival], None]) -> None:
        if _path(wire.env) != NEXT:
            super().serve_connection(wire, on_arrival)
            return
        try:
            self._on_next(wire)
        finally:
            wire.close()

    def arrival(self, wire: Wire, leg: AsteriskLeg) -> Arrival:
        wire.env["agi_calleridname"] = whole_name(wire)
        if wire.env.get("agi_rdnis", "unknown") not in ("", "unknown"):
            wire.env["agi_rdnis"] = first_dialled(wire)
        return arrival(wire.env, leg)


def whole_name(wire: Wire) -> str:
    """The caller's name, also where Asterisk has cut it off: then it is read from the call's From header.

    Asterisk keeps 79 bytes of a name and hands out at most 4 kB of a header; of a longer name the 79 bytes stay.
    """
    name = wire.env.get("agi_calleridname", "")
    if len(name.encode("utf-8", "replace")) < NAME_CUT_AT:
        return name
    try:
        header = wire.run("GET FULL VARIABLE", "${PJSIP_HEADER(read,From)}")["result"][1]
    except Refused:
        return name
    written = _DISPLAY_NAME.match(header)
    # Another header may have named the caller: P-Asserted-Identity from a trunk that is trusted.
    return written[1] if written and written[1].startswith(name[: NAME_CUT_AT // 2]) else name


def first_dialled(wire: Wire) -> str:
    """The number that was dialled at first: each time a call is forwarded, a Diversion comes before the others."""
    written = ""
    for number in range(1, MOST_DIVERSIONS + 1):
        try:
            header = wire.run("GET FULL VARIABLE", f"${{PJSIP_HEADER(read,Diversion,{number})}}")["result"][1]
        except Refused:
            break
        if not header:
            break
        written = header
    found = _USER.search(written)
    return found[1] if found else ""


def arrival(env: Mapping[str, str], leg: Leg) -> Arrival:
    """Who came through which door. Raises Garbled if there is no such door."""
    path = _path(env)
    try:
        entry = Entry(path)
    except ValueError:
        raise Garbled(f"there is no door {path[:100]!r}") from None
    endpoint = endpoint_of(env.get("agi_channel", "")) or ""
    # Agents come from phones, whatever the second argument of their door is.
    trunk = env.get("agi_arg_2", "") if entry in (Entry.CALLER, Entry.RECOVER, Entry.CALLBACK) else ""
    return Arrival(
        leg=leg,
        entry=entry,
        ani=_known(env.get("agi_callerid", "")),
        caller_name=_known(_unquoted(env.get("agi_calleridname", ""))),
        dnis=env.get("agi_arg_1", ""),
        trunk=trunk,
        call=env.get("agi_arg_3", ""),
        phone="" if trunk else endpoint,
        diverted=_known(env.get("agi_rdnis", "")) if trunk else "",
    )


def _path(env: Mapping[str, str]) -> str:
    return env.get("agi_network_script", "").partition("?")[0].strip("/")


def _known(caller: str) -> str:
    return "" if caller.lower() in _UNKNOWN_CALLERS else caller


def _unquoted(name: str) -> str:
    """A name as its owner wrote it: Asterisk passes on the backslashes that SIP puts before quotes."""
    return re.sub(r"\\(.)", r"\1", name)
