"""The server of outbound sockets against scripted connections: doors, strangers, floods and failing handlers."""

import errno
import logging
from collections.abc import Callable, Iterator
from urllib.parse import unquote

import pytest
from gevent import socket

from appliance import doorway
from appliance.clock import RealClock
from appliance.names import Entry
from appliance.port import Arrival, LegGone, Refused
from esl.leg import WHILE_DRIVEN, FreeSwitchLeg
from esl.server import Server, arrival
from esl.wire import Message
from tests.wire.esl_peers import EslPeer, api, introduce
from tests.wire.peers import TRANSCRIPTS, free_port, wait_for


class Doors:
    """A server whose handler does what the test says."""

    def __init__(self) -> None:
        self.port = free_port()
        self.arrivals: list[Arrival] = []
        self.peers: list[EslPeer] = []
        self.forgotten: list[FreeSwitchLeg] = []
        self.handler: Callable[[Arrival], None] = lambda arrival: None
        self.server = Server(self.port, lambda wire: FreeSwitchLeg(wire, RealClock()), self.forgotten.append)
        self.server.bind()
        self.server.serve(self._arrived)

    def _arrived(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        self.handler(arrival)

    def connect(self, data: bytes = b"") -> EslPeer:
        peer = EslPeer(socket.create_connection(("127.0.0.1", self.port)))
        self.peers.append(peer)
        peer.say(data)
        return peer

    def arrive(self, **changes: str | bytes) -> Arrival:
        count = len(self.arrivals)
        peer = self.connect()
        introduce(peer, **changes)
        assert peer.command().startswith("api uuid_setvar_multi ")  # what `take_over` sets
        peer.say(api("+OK\n"))
        wait_for(lambda: len(self.arrivals) > count, "the arrival")
        return self.arrivals[-1]


@pytest.fixture
def doors() -> Iterator[Doors]:
    doors = Doors()
    yield doors
    doors.server.stop()


def test_a_caller_from_a_trunk(doors: Doors) -> None:
    arrived = doors.arrive(**{"Caller-Caller-ID-Name": 'O\\"Neil\\\\, Ltd; 100%\nEntry: agent'})
    assert (arrived.entry, arrived.ani, arrived.dnis) == (Entry.CALLER, "+74951230001", "+74951112233")
    assert arrived.caller_name == 'O"Neil\\, Ltd; 100%\nEntry: agent'
    assert (arrived.trunk, arrived.call, arrived.phone) == ("provider", "", "")


@pytest.mark.parametrize("unknown", ["", "unknown", "Anonymous", "restricted", "0000000000"])
def test_a_caller_who_does_not_say_who(doors: Doors, unknown: str) -> None:
    arrived = doors.arrive(**{"Caller-Caller-ID-Number": unknown, "Caller-Caller-ID-Name": unknown})
    assert (arrived.ani, arrived.caller_name) == ("", "")


def test_a_name_that_is_just_the_number_is_none(doors: Doors) -> None:
    assert doors.arrive(**{"Caller-Caller-ID-Name": "+74951230001"}).caller_name == ""


def test_an_agent_from_a_phone(doors: Doors) -> None:
    arrived = doors.arrive(
        variable_APPLIANCE_ENTRY="agent", variable_APPLIANCE_PHONE="201", variable_APPLIANCE_DNIS="*11"
    )
    assert (arrived.entry, arrived.dnis, arrived.phone, arrived.trunk) == (Entry.AGENT, "*11", "201", "")


def test_a_phone_that_was_dialled_comes_to_its_wrap_up(doors: Doors) -> None:
    arrived = doors.arrive(
        variable_APPLIANCE_ENTRY="wrapup",
        variable_APPLIANCE_CALL="call-1",
        variable_dialed_user="201",
        **{"Call-Direction": "outbound"},
    )
    assert (arrived.entry, arrived.call, arrived.phone) == (Entry.WRAPUP, "call-1", "201")


def test_a_recorded_leg() -> None:
    headers, _, _ = (TRANSCRIPTS / "named-leg.esl").read_bytes().partition(b"\n\n")
    env = {key: unquote(value) for key, value in Message(headers).headers.items()}
    arrived = arrival(env, None)  # type: ignore[arg-type]
    assert arrived.caller_name == 'Alice "Al" O\'Hara, Ltd; 100%'
    assert (arrived.ani, arrived.dnis, arrived.trunk) == ("+74951230001", "+74951112233", "provider")


def test_a_leg_is_made_safe_before_its_handler_runs(doors: Doors) -> None:
    peer = doors.connect()
    introduce(peer)
    command = peer.command()
    assert all(f"{name}={value}" in command for name, value in WHILE_DRIVEN.items())
    assert doors.arrivals == []


def test_a_door_that_does_not_exist(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    peer = doors.connect()
    introduce(peer, variable_APPLIANCE_ENTRY="nowhere")
    assert peer.is_closed()
    assert "there is no door 'nowhere'" in caplog.text


def test_a_failing_handler_leaves_the_leg_undone_and_others_alone(
    doors: Doors, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(arrival: Arrival) -> None:
        raise ZeroDivisionError

    doors.handler = fail
    first = doors.arrive()
    peer = doors.peers[0]
    assert peer.is_closed()  # and nothing was said before: DONE is not set
    assert doors.forgotten == [first.leg]
    assert "the handler of leg" in caplog.text
    doors.handler = lambda arrival: None
    doors.arrive()


def test_silent_connections_are_closed_and_legs_come_through(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorway, "INTRODUCE_WITHIN", 0.05)
    silent = doors.connect()
    assert silent.command() == "connect"
    assert silent.is_closed()
    monkeypatch.undo()
    assert doors.arrive().entry is Entry.CALLER


def test_a_flood_costs_the_oldest_strangers_not_the_legs(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorway, "STRANGERS_LIMIT", 3)
    leg = doors.arrive().leg
    strangers = [doors.connect() for _ in range(4)]
    assert strangers[0].command() == "connect"
    assert strangers[0].is_closed()
    assert isinstance(leg, FreeSwitchLeg)
    assert doors.arrive().entry is Entry.CALLER


def test_nonsense_is_one_line_in_the_log(doors: Doors, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    peer = doors.connect(b"GET / HTTP/1.0\r\n\r\n\n\n")
    assert peer.command() == "connect"
    assert peer.is_closed()
    assert len(caplog.records) == 1
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

    exhausted = Exhausted(doors.server._listener)  # type: ignore[arg-type]
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
        server = Server(port, lambda wire: FreeSwitchLeg(wire, RealClock()), lambda leg: None)
        with pytest.raises(Refused, match=rf"^port {port} on 127\.0\.0\.1 is taken: .*esl_port$"):
            server.bind()


def test_stopping_does_not_tell_handlers_that_their_callers_left(doors: Doors) -> None:
    told: list[str] = []

    def stay(arrival: Arrival) -> None:
        try:
            arrival.leg.wait()
        except LegGone:
            told.append("gone")

    doors.handler = stay
    doors.arrive()
    doors.server.stop()
    assert doors.peers[0].is_closed()
    assert told == []
