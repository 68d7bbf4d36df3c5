"""The phones of the crowd's site and its callers, with nobody at them yet."""

import socket as plain_socket
from collections.abc import Callable

from tests.bench.callers import Call, Callers
from tests.scenarios.crowd import site as s
from tests.scenarios.crowd.phones import CrowdPhones
from tests.scenarios.crowd.plan import Reaction

HUNG_UP = "hung up"  # why a call of the caller's own making ends


class Desk:
    """Use as a context. `react` says what becomes of the nth ring of a phone."""

    def __init__(self, site: s.CrowdSite, react: Callable[[str, int], Reaction]) -> None:
        self._sinks = [_sink(address) for address in (s.PHONES_AT[0], s.CALLERS_AT[0])]
        network = site.settings.network
        self.phones = CrowdPhones(s.PHONES_AT, s.SOUND_PORT, react)
        self.callers = Callers(s.CALLERS_AT, self._sinks[1], (network.sip_address, network.sip_port))

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_: object) -> None:
        self.callers.hang_up_all()
        self.phones.close()
        self.callers.close()
        for sink in self._sinks:
            sink.close()

    def hang_up(self, call: Call) -> None:
        """The caller has had enough; harmless when the call is over."""
        self.callers.give_up(call, HUNG_UP)


def _sink(address: str) -> plain_socket.socket:
    """Sound goes there, and nobody reads it."""
    sink = plain_socket.socket(plain_socket.AF_INET, plain_socket.SOCK_DGRAM)
    sink.setsockopt(plain_socket.SOL_SOCKET, plain_socket.SO_RCVBUF, 1)
    sink.bind((address, s.SOUND_PORT))
    return sink
