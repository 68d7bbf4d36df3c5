"""The armour around greenswitch: each fault of the library, and each thing a stranger can send, once."""

from collections.abc import Callable, Iterator
from urllib.parse import quote

import gevent
import pytest
from greenswitch.esl import OutboundSession
from hypothesis import given
from hypothesis import strategies as st

from appliance.port import LegGone, Refused
from esl import wire as wire_module
from esl.wire import Broken, Garbled, Message, Wire, decode
from tests.wire.esl_peers import (
    LEG,
    EslLeg,
    EslPeer,
    api,
    disconnect,
    esl_pair,
    event,
    introduce,
    lines,
    reply,
)
from tests.wire.peers import WITHIN, quietly, result, wait_for


@pytest.fixture
def on_line() -> Iterator[EslLeg]:
    leg = EslLeg()
    yield leg
    leg.close()


@pytest.fixture
def pair() -> Iterator[tuple[Wire, EslPeer]]:
    wire, peer = esl_pair()
    yield wire, peer
    wire.close()
    peer.close()


def test_it_is_greenswitchs_class(on_line: EslLeg) -> None:
    assert isinstance(on_line.wire, OutboundSession)


# What strangers put into their names.


@pytest.mark.parametrize(
    "name",
    [
        "Eve\nUnique-ID: another-leg\nvariable_APPLIANCE_ENTRY: agent",
        "Eve\r\nUnique-ID: another-leg",
        "Eve\n\nContent-Length: 5",
        "Eve%0AUnique-ID: another-leg",
    ],
)
def test_a_line_break_in_a_name_is_a_line_break_and_no_header(name: str) -> None:
    leg = EslLeg(**{"Caller-Caller-ID-Name": name})
    assert leg.wire.uuid == LEG
    assert leg.wire.env["variable_APPLIANCE_ENTRY"] == "caller"
    assert leg.wire.env["Caller-Caller-ID-Name"] == name.strip()
    leg.close()


def test_of_two_headers_of_one_name_the_first_counts() -> None:
    assert Message(b"Unique-ID: 1\nUnique-ID: 2").get("Unique-ID") == "1"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Алиса".encode(), "Алиса"),
        ("Алиса".encode("cp1251"), "Алиса"),
        (b"\x98\xff", "\x98ÿ"),
        ("Алиса \U0001f600".encode(), "Алиса \U0001f600"),
    ],
)
def test_text_survives_whatever_its_encoding(data: bytes, text: str) -> None:
    leg = EslLeg(**{"Caller-Caller-ID-Name": data})
    assert leg.wire.env["Caller-Caller-ID-Name"] == text
    leg.close()


def test_a_name_in_cp1251_does_not_end_the_reader(on_line: EslLeg) -> None:
    listing = quietly(on_line.wire.api, "show channels")
    assert on_line.peer.command() == "api show channels"
    on_line.peer.say(api(b"name,\xc0\xeb\xe8\xf1\xe0\n"))
    assert result(listing) == "name,Алиса"
    on_line.press("5")
    assert on_line.leg.read_key(WITHIN) == "5"


@given(st.binary(max_size=40))
def test_any_bytes_become_text(data: bytes) -> None:
    assert isinstance(decode(data), str)


@given(st.text(max_size=60))
def test_any_value_comes_through_as_it_was(value: str) -> None:
    data = b"Unique-ID: 1\nX: " + quote(value.strip()).encode("utf-8", "surrogateescape") + b"\nLast: 2"
    message = Message(data, encoded=True)
    assert (message.get("Unique-ID"), message.get("Last")) == ("1", "2")
    assert message.get("X") == value.strip()


# What goes out.


@pytest.mark.parametrize("ending", ["\n", "\n\n", "\r", "\0", "\n\nexit"])
def test_a_line_break_in_an_argument_is_refused_and_nothing_is_sent(on_line: EslLeg, ending: str) -> None:
    for verb in (
        lambda: on_line.wire.begin("playback", f"/tmp/x{ending}"),
        lambda: on_line.wire.begin(f"playback{ending}", "/tmp/x"),
        lambda: on_line.wire.command(f"uuid_break {LEG}{ending}"),
        lambda: on_line.wire.set(APPLIANCE_CALL=f"1{ending}"),
        lambda: on_line.wire.send(f"exit{ending}"),
    ):
        with pytest.raises(Refused):
            verb()
    assert on_line.peer.is_silent()


@pytest.mark.parametrize("value", ["a;b=c", "${system(id)}", "it's", 'say "x"', "a\\b", "^^:a:b"])
def test_a_value_that_would_be_more_than_a_value_is_refused(on_line: EslLeg, value: str) -> None:
    with pytest.raises(Refused):
        on_line.wire.set(APPLIANCE_CALL=value)
    assert on_line.peer.is_silent()


@pytest.mark.parametrize("argument", ["/tmp/${system(id)}", "@{x}"])
def test_an_argument_with_a_variable_in_it_is_refused(on_line: EslLeg, argument: str) -> None:
    with pytest.raises(Refused):
        on_line.wire.begin("playback", argument)
    assert on_line.peer.is_silent()


# Replies and results.


def test_two_of_the_same_application_do_not_swap_results(on_line: EslLeg) -> None:
    begun = quietly(on_line.wire.begin, "playback", "/tmp/a")
    first_id = on_line.expect_run("playback", "/tmp/a")
    first = result(begun)
    begun = quietly(on_line.wire.begin, "playback", "/tmp/b")
    second_id = on_line.expect_run("playback", "/tmp/b")
    second = result(begun)
    on_line.finish(second_id, variable_current_application_response="second")
    wait_for(lambda: second.end, "the end of the second")
    assert first.end is None
    on_line.finish(first_id, variable_current_application_response="first")
    wait_for(lambda: first.end, "the end of the first")
    assert first.end.get("variable_current_application_response") == "first"


def test_a_reply_that_does_not_come_is_not_waited_for_without_end(
    on_line: EslLeg, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "REPLY_WITHIN", 0.05)
    with pytest.raises(LegGone):
        on_line.wire.api("status")
    assert on_line.wire.is_gone  # what comes late would answer the next command


def test_what_the_switch_refuses_is_said_in_its_words(on_line: EslLeg) -> None:
    asked = quietly(on_line.wire.command, f"uuid_break {LEG}")
    on_line.expect_api(f"uuid_break {LEG}", "-ERR not now!\n")
    with pytest.raises(Refused, match=r"^FreeSWITCH refused uuid_break: not now$"):
        result(asked)
    assert not on_line.wire.is_gone


def test_a_channel_that_is_no_more_is_leg_gone(on_line: EslLeg) -> None:
    asked = quietly(on_line.wire.command, f"uuid_break {LEG}")
    on_line.expect_api(f"uuid_break {LEG}", "-ERR No such channel!\n")
    with pytest.raises(LegGone):
        result(asked)


def test_a_reply_nobody_asked_for_ends_the_connection(on_line: EslLeg, caplog: pytest.LogCaptureFixture) -> None:
    on_line.peer.say(reply())
    wait_for(lambda: on_line.wire.is_gone, "the end")
    assert "a reply that nobody asked for" in caplog.text


def test_the_body_of_an_event_is_its_body() -> None:
    leg = EslLeg()
    seen: list[Message] = []
    leg.wire.happened = seen.append  # type: ignore[method-assign]
    leg.peer.say(event("BACKGROUND_JOB", b"-ERR USER_BUSY\nContent-Length: 1\n", Job_UUID="1") + event("DTMF"))
    wait_for(lambda: len(seen) == 2, "both events")
    assert (seen[0].text, seen[0].get("Job-UUID")) == ("-ERR USER_BUSY\nContent-Length: 1\n", "1")
    leg.close()


def test_a_message_in_pieces_and_several_at_once(on_line: EslLeg) -> None:
    data = event("DTMF", Unique_ID=LEG, DTMF_Digit="1") + event("DTMF", Unique_ID=LEG, DTMF_Digit="2")
    for byte in data:
        on_line.peer.say(bytes([byte]))
    on_line.peer.say(data)
    assert [on_line.leg.read_key(WITHIN) for _ in range(4)] == ["1", "2", "1", "2"]


def test_events_of_another_leg_are_passed_by(on_line: EslLeg) -> None:
    on_line.peer.say(event("DTMF", Unique_ID="another", DTMF_Digit="1"))
    on_line.press("2")
    assert on_line.leg.read_key(WITHIN) == "2"


# The end.

ENDINGS: dict[str, bytes] = {
    "end of file": b"",
    "notice": disconnect(),
    "end inside headers": b"Content-Type: text/ev",
    "end inside a body": b"Content-Type: text/event-plain\nContent-Length: 900\n\nEvent-Name: DTMF\n",
    "no type": b"Content-Length: 3\n\nabc",
    "length that is none": b"Content-Type: text/event-plain\nContent-Length: -1\n\n",
    "length of words": b"Content-Type: text/event-plain\nContent-Length: many\n\n",
    "length without end": b"Content-Type: text/event-plain\nContent-Length: 99999999999\n\n",
    "another protocol": b"HTTP/1.1 400 Bad Request\nServer: x\n\n",
    "empty headers": b"\n\n\n\n",
    "rejection": b"Content-Type: text/rude-rejection\nContent-Length: 0\n\n",
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_end_releases_everybody(on_line: EslLeg, ending: str) -> None:
    waiting: list[Callable[[], object]] = [
        lambda: on_line.wire.api("status"),
        lambda: on_line.leg.wait(),
        lambda: on_line.leg.read_key(60.0),
    ]
    greenlets = [quietly(verb) for verb in waiting]
    assert on_line.peer.command() == "api status"
    on_line.peer.say(ENDINGS[ending])
    on_line.peer.close()
    for greenlet in greenlets:
        with pytest.raises(LegGone):
            result(greenlet)
    with pytest.raises(LegGone):
        on_line.wire.api("status")


def test_an_end_inside_a_body_does_not_make_the_reader_spin(on_line: EslLeg) -> None:
    class Ended:
        """The socket of a peer that has closed in the middle."""

        reads = 0

        def recv(self, size: int) -> bytes:
            self.reads += 1
            assert self.reads < 10
            return b"Content-Type: text/event-plain\nContent-Length: 9\n\nEvent" if self.reads == 1 else b""

    real, on_line.wire.sock = on_line.wire.sock, Ended()
    with pytest.raises(Broken, match="in the middle of a message"):
        on_line.wire._read()
    on_line.wire.sock = real


def test_the_end_of_an_application_that_is_the_end_of_the_leg(on_line: EslLeg) -> None:
    running = quietly(on_line.leg.answer)
    on_line.finish(on_line.expect_run("answer"), Answer_State="hangup")
    with pytest.raises(LegGone):
        result(running)


def test_endless_headers_do_not_eat_memory(on_line: EslLeg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire_module, "HEADERS_LIMIT", 1000)
    with pytest.raises((ConnectionError, AssertionError)):
        for _ in range(10_000):
            on_line.peer.say(b"x" * 1000)
            gevent.sleep(0)
            assert not on_line.wire.is_gone


def test_silence_is_not_waited_for_without_end(pair: tuple[Wire, EslPeer]) -> None:
    with pytest.raises(Garbled, match="it said nothing complete within"):
        pair[0].introduce(0.05)


def test_who_does_not_say_which_leg_it_is_is_none(pair: tuple[Wire, EslPeer]) -> None:
    introduced = quietly(pair[0].introduce, WITHIN)
    assert pair[1].command() == "connect"
    pair[1].say(lines({"Content-Type": "command/reply"}) + b"\n")
    with pytest.raises(Garbled, match="which leg"):
        result(introduced)


@given(st.binary(max_size=200))
def test_any_bytes_instead_of_an_introduction_end_cleanly(data: bytes) -> None:
    wire, peer = esl_pair()
    introduced = quietly(wire.introduce, WITHIN)
    peer.say(data)
    peer.close()
    with pytest.raises(LegGone):
        result(introduced)
    wire.close()


def test_a_leg_of_any_other_name_is_filtered_by_that(pair: tuple[Wire, EslPeer]) -> None:
    introduced = quietly(pair[0].introduce, WITHIN)
    introduce(pair[1], **{"Unique-ID": "minted-1"})
    result(introduced)
    assert pair[0].uuid == "minted-1"
