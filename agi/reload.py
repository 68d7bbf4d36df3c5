"""Asterisk takes over its files: reload, and see for oneself.

Asterisk answers "Module Reloaded" whatever became of it. A file that it cannot parse, or read, is passed by: the
marks tell. So do the endpoints and queues that it has afterwards; of one that is wrong it keeps the old one.
"""

import time
from collections.abc import Iterator

import gevent

from agi.control import Control
from appliance.names import MARK, fallback_queue
from appliance.port import Refused, Wanted

WITHIN = 3.0  # seconds that a reload may take until it shows
LOOK_EVERY = 0.05
_IN_PROGRESS = "in progress"


class AsteriskReloader:
    """See appliance.port.Reloader."""

    def __init__(self, ami_port: int, ami_secret: str, ami_user: str = "appliance") -> None:
        self._control = Control(ami_port, ami_user, ami_secret, _pass_by, _pass_by, _pass_by)

    def connect(self) -> None:
        self._control.start()

    def close(self) -> None:
        self._control.stop()

    def take_over(self, wanted: Wanted, before: Wanted | None) -> None:
        deadline = time.monotonic() + WITHIN
        self._reload(deadline)
        while missing := self._first_missing(wanted):
            if time.monotonic() > deadline:
                raise Refused(missing)
            gevent.sleep(LOOK_EVERY)

    def _reload(self, deadline: float) -> None:
        while True:
            try:
                self._control.ask("Reload")
                return
            except Refused as error:
                if _IN_PROGRESS not in str(error) or time.monotonic() > deadline:
                    raise
            gevent.sleep(LOOK_EVERY)

    def _first_missing(self, wanted: Wanted) -> str:
        """What is not as wanted, as a sentence; "" when all is."""
        return next(self._missing(wanted), "")

    def _missing(self, wanted: Wanted) -> Iterator[str]:
        dialplan = self._control.ask("Getvar", Variable=MARK).get("Value", "")
        if "extensions.conf" in wanted.marks and dialplan != wanted.marks["extensions.conf"]:
            yield "Asterisk has not read extensions.conf: its log says why"
        addresses = {each.get("ObjectName", "") for each in self._control.ask_for_list("PJSIPShowAors")}
        if "pjsip.conf" in wanted.marks and wanted.marks["pjsip.conf"] not in addresses:
            yield "Asterisk has not read pjsip.conf: its log says why"
        endpoints = {
            each.get("ObjectName", "")
            for each in self._control.ask_for_list("PJSIPShowEndpoints")
            if each.get("Event") == "EndpointList"
        }
        expected = wanted.phones | wanted.trunks.keys()
        if absent := sorted(expected - endpoints):
            yield f"Asterisk has no endpoint {', '.join(absent[:10])}: its log says what is wrong with pjsip.conf"
        if left := sorted(endpoints - expected):
            yield f"Asterisk still has the endpoint {', '.join(left[:10])}"
        queues = {each.get("Queue", "") for each in self._control.ask_for_list("QueueStatus")}
        if absent := sorted(wanted.queues.keys() - queues):
            listed = ", ".join(name.removeprefix(fallback_queue("")) for name in absent[:10])
            yield f"Asterisk has no stand-in queue for {listed}: its log says what is wrong with queues.conf"


def _pass_by(happened: object) -> None:
    """Nothing that happens matters here."""
