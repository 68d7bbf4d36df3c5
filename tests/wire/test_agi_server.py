"""The FastAGI server against scripted connections: doors, strangers, floods and failing handlers."""

import errno
import logging
from collections.abc import Callable, Iterator

import gevent
import pytest
from gevent import socket

from agi.leg import AsteriskLeg
from agi.server import Server
from appliance import doorway
from appliance.clock import RealClock
from appliance.names import Entry
from appliance.port import Arrival, LegGone, Refused
from tests.wire.peers import Peer, environment, free_port, wait_for


class Doors:
    """A server whose handler does what the test says."""

    def __init__(self) -> None:
        self.port = free_port()
        self.arrivals: list[Arrival] = []
        self.peers: list[Peer] = []
        self.forgotten: list[AsteriskLeg] = []
        self.handler: Callable[[Arrival], None] = lambda arrival: None
        self.server = Server(
            self.port, lambda wire: AsteriskLeg(wire, RealClock(), lambda: True), self.forgotten.append
        )
        self.server.bind()
        self.server.serve(self._arrived)

    def _arrived(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        self.handler(arrival)

    def connect(self, data: bytes = b"") -> Peer:
        peer = Peer(socket.create_connection(("127.0.0.1", self.port)))
        self.peers.append(peer)
        peer.say(data)
        return peer

    def arrive(self, **changes: str | bytes) -> Arrival:
        count = len(self.arrivals)
        self.connect(environment(**changes))
        wait_for(lambda: len(self.arrivals) > count, "the arrival")
        return self.arrivals[-1]


@pytest.fixture
def doors() -> Iterator[Doors]:
    doors = Doors()
    yield doors
    doors.server.stop()


def test_a_caller_from_a_trunk(doors: Doors) -> None:
    arrival = doors.arrive(agi_calleridname='O\\"Neil\\\\, Ltd; 100%\nagi_arg_2: evil', agi_arg_3="call-1")
    assert (arrival.entry, arrival.leg.id) == (Entry.CALLER, "1795294639.401")
    assert (arrival.ani, arrival.dnis, arrival.trunk, arrival.phone) == ("74951112233", "84950001", "trunk1", "")
    assert arrival.caller_name == 'O"Neil\\, Ltd; 100%\nagi_arg_2: evil'
    assert arrival.call == "call-1"


@pytest.mark.parametrize("unknown", ["unknown", "anonymous", "Anonymous", ""])
def test_a_caller_who_does_not_say_who(doors: Doors, unknown: str) -> None:
    arrival = doors.arrive(agi_callerid=unknown, agi_calleridname=unknown)
    assert (arrival.ani, arrival.caller_name) == ("", "")


def test_an_agent_from_a_phone(doors: Doors) -> None:
    arrival = doors.arrive(
        agi_network_script="agent", agi_channel="PJSIP/desk-201-0000002a", agi_arg_1="*21", agi_arg_2="desk-201"
    )
    assert (arrival.entry, arrival.dnis) == (Entry.AGENT, "*21")
    assert (arrival.phone, arrival.trunk) == ("desk-201", "")


@pytest.mark.parametrize("entry", Entry)
def test_every_door_has_its_address(doors: Doors, entry: Entry) -> None:
    assert doors.arrive(agi_network_script=f"/{entry.value}?x=1").entry is entry


def test_a_door_that_does_not_exist(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    assert doors.connect(environment(agi_network_script="../etc/passwd")).is_closed()
    assert "no door" in caplog.text
    assert not doors.arrivals


def test_a_failing_handler_leaves_the_leg_undone_and_others_alone(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    def fail_or_stay(arrival: Arrival) -> None:
        if arrival.ani == "1":
            raise ZeroDivisionError("oh")
        arrival.leg.wait()

    doors.handler = fail_or_stay
    steady = doors.connect(environment(agi_uniqueid="steady"))
    failing = doors.connect(environment(agi_callerid="1"))
    assert failing.line() == b""  # nothing was set on it, and it is given back
    assert "oh" in caplog.text
    steady.say(b"HANGUP\n")
    assert steady.is_closed()
    assert "steady" not in caplog.text
    wait_for(lambda: len(doors.forgotten) == 2, "both legs to be forgotten")


def test_silent_connections_are_closed_and_legs_come_through(
    doors: Doors, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(doorway, "INTRODUCE_WITHIN", 0.05)
    silent = [doors.connect(b"agi_network: yes\n"[:n]) for n in range(10)]
    doors.arrive()
    assert all(peer.is_closed() for peer in silent)
    assert "Traceback" not in caplog.text


def test_a_flood_costs_the_oldest_strangers_not_the_legs(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "STRANGERS_LIMIT", 5)
    doors.handler = lambda arrival: arrival.leg.wait()
    doors.arrive(agi_uniqueid="leg")
    flood = [doors.connect() for _ in range(20)]
    assert all(peer.is_closed() for peer in flood[:14])
    assert doors.arrive().entry is Entry.CALLER
    assert not doors.forgotten
    for peer in flood:
        peer.close()


def test_nonsense_is_one_line_in_the_log(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    assert doors.connect(b"GET / HTTP/1.1\r\n\r\n").is_closed()
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert doors.arrive().entry is Entry.CALLER


def test_running_out_of_descriptors_is_survived(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    class Exhausted:
        """The listener of a process that has no descriptor left, twice."""

        def __init__(self, listener: socket.socket) -> None:
            self.listener, self.left = listener, 2

        def accept(self) -> object:
            if self.left:
                self.left -= 1
                raise OSError(errno.EMFILE, "Too many open files")
            return self.listener.accept()

        def close(self) -> None:
            self.listener.close()

    exhausted = Exhausted(doors.server._listener)
    doors.server._listener = exhausted  # type: ignore[assignment]
    doors.arrive()  # by the accept that was under way
    doors.arrive()
    assert exhausted.left == 0
    assert caplog.text.count("Too many open files") == 1


def test_a_taken_port_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        port = taken.getsockname()[1]
        server = Server(port, lambda wire: AsteriskLeg(wire, RealClock(), lambda: True), lambda leg: None)
        with pytest.raises(Refused, match=rf"^port {port} on 127\.0\.0\.1 is taken: .*agi_port$"):
            server.bind()


def test_stopping_does_not_tell_handlers_that_their_callers_left(doors: Doors) -> None:
    told: list[str] = []

    def stay(arrival: Arrival) -> None:
        try:
            arrival.leg.wait()
        except LegGone:
            told.append("gone")

    doors.handler = stay
    peer = doors.connect(environment())
    wait_for(lambda: doors.arrivals, "the arrival")
    gevent.sleep(0)
    doors.server.stop()
    assert peer.is_closed()
    assert told == []
    with pytest.raises(ConnectionRefusedError):
        doors.connect()


LONG = "Ünal, " + 'the \\"very\\" long; ' * 60


def test_a_name_that_asterisk_cut_off_is_read_whole(doors: Doors) -> None:
    cut = LONG.encode()[:79]
    peer = doors.connect(environment(agi_calleridname=cut))
    assert peer.line() == b'GET FULL VARIABLE "${PJSIP_HEADER(read,From)}"'
    peer.say(f'200 result=1 ("{LONG}" <sip:1@x>;tag=1)\n'.encode())
    wait_for(lambda: doors.arrivals, "the arrival")
    assert doors.arrivals[0].caller_name == LONG.replace("\\", "")


@pytest.mark.parametrize(
    "reply",
    [b"200 result=1 ()\n", b'200 result=1 ("Somebody else" <sip:1@x>)\n', b"510 Invalid or unknown command\n"],
)
def test_a_name_that_cannot_be_read_whole_stays_cut_off(doors: Doors, reply: bytes) -> None:
    peer = doors.connect(environment(agi_calleridname="x" * 79))
    peer.line()
    peer.say(reply)
    wait_for(lambda: doors.arrivals, "the arrival")
    assert doors.arrivals[0].caller_name == "x" * 79
