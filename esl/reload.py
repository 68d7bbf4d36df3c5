"""FreeSWITCH takes over its files: the tree of XML first, all or nothing, then what is kept elsewhere.

Gateways, queues and music are copies that were made when they were loaded. Each is taken anew only where it has
changed, so that no registration is lost and no stand-in queue forgets its agents without need.
"""

import time
from collections.abc import Callable

import gevent

from appliance.names import PROFILE
from appliance.port import Refused, Wanted
from esl.control import Control
from esl.trunks import gateways

WITHIN = 10.0  # seconds that it may take until it shows
LOOK_EVERY = 0.05
_TREE = "mark.conf.xml"
_FINE = "+OK [Success]"


class FreeSwitchReloader:
    """See appliance.port.Reloader."""

    def __init__(self, event_socket_port: int, secret: str) -> None:
        self._control = Control(event_socket_port, secret, _pass_by, _pass_by, _pass_by)

    def connect(self) -> None:
        self._control.start()

    def close(self) -> None:
        self._control.stop()

    def take_over(self, wanted: Wanted, before: Wanted | None) -> None:
        self._read_tree(wanted)
        self._control.ask("reloadacl")
        self._take_trunks(wanted, before)
        self._take_queues(wanted, before)
        self._take_music(wanted, before)

    def _read_tree(self, wanted: Wanted) -> None:
        said = self._control.ask("reloadxml").strip()
        if said != _FINE:
            why = said.removeprefix("+OK").strip(" []")
            raise Refused(f"FreeSWITCH cannot read its files: {why or 'it does not say why'}")
        mark = wanted.marks.get(_TREE)
        if mark and mark not in self._control.ask("xml_locate configuration configuration name appliance.conf"):
            raise Refused("FreeSWITCH has read other files than those that were written: which directory has it?")
        phones = {
            line.split("|")[0] for line in self._control.ask("list_users").splitlines()[1:] if line.count("|") > 1
        }
        if absent := sorted(wanted.phones - phones):
            raise Refused(f"FreeSWITCH knows no phone {', '.join(absent[:10])}")
        if left := sorted(phones - wanted.phones):
            raise Refused(f"FreeSWITCH still knows the phone {', '.join(left[:10])}")

    def _take_trunks(self, wanted: Wanted, before: Wanted | None) -> None:
        present = set(gateways(self._control.ask))
        known = before.trunks if before else wanted.trunks
        stale = {name for name in present if known.get(name) != wanted.trunks.get(name)}
        for name in sorted(stale):
            self._control.ask(f"sofia profile {PROFILE} killgw {name}")
        self._wait(lambda: not stale & set(gateways(self._control.ask)), "FreeSWITCH still has old trunks")
        if before and before.sip == wanted.sip and not stale:
            return
        # Also which access lists admit to which trunk is read then; the addresses in them are read before.
        said = self._control.ask(f"sofia profile {PROFILE} rescan")
        if "+OK" not in said:
            raise Refused(f"FreeSWITCH does not take over its trunks: {' '.join(said.split())}")
        missing = sorted(wanted.trunks.keys() - set(gateways(self._control.ask)))
        if missing:
            raise Refused(f"FreeSWITCH has no trunk {', '.join(missing[:10])}")

    def _take_queues(self, wanted: Wanted, before: Wanted | None) -> None:
        present = {
            line.split("|")[0]
            for line in self._control.ask("callcenter_config queue list").splitlines()[1:]
            if line.count("|") > 1
        }
        known = before.queues if before else wanted.queues
        for name in sorted(present - wanted.queues.keys()):
            self._control.ask(f"callcenter_config queue unload {name}")
        for name in sorted(wanted.queues.keys()):
            if name in present and known.get(name) == wanted.queues[name]:
                continue
            said = self._control.ask(f"callcenter_config queue {'reload' if name in present else 'load'} {name}")
            if "+OK" not in said:
                raise Refused(f"FreeSWITCH does not take over the stand-in queue {name}: {' '.join(said.split())}")

    def _take_music(self, wanted: Wanted, before: Wanted | None) -> None:
        known = before.music if before else {}
        for name in sorted(wanted.music):
            if known.get(name) != wanted.music[name]:
                self._control.ask(f"local_stream start {name}")

    def _wait(self, condition: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + WITHIN
        while not condition():
            if time.monotonic() > deadline:
                raise Refused(complaint)
            gevent.sleep(LOOK_EVERY)


def _pass_by(happened: object) -> None:
    """Nothing that happens matters here."""
