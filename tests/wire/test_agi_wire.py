"""One FastAGI connection against a scripted Asterisk: every fault of pyst2's that agi/wire.py is armour for."""

import shlex
import signal
import sys

import gevent
import pytest
from asterisk.agi import AGI
from hypothesis import given, settings
from hypothesis import strategies as st

from agi import wire as wire_module
from agi.wire import Garbled, Wire, application_argument, decode, quote
from appliance.port import LegGone, Refused
from tests.wire.peers import WITHIN, Peer, agi_pair, environment, quietly, wait_for

Pair = tuple[Wire, Peer]
NASTY = "O\"Neil\\, Ltd; 100% (1)'s"


def introduced(pair: Pair, **changes: str | bytes) -> Pair:
    wire, peer = pair
    peer.say(environment(**changes))
    wire.introduce(WITHIN)
    return pair


def test_it_is_pyst2s_class(pair: Pair) -> None:
    assert isinstance(pair[0], AGI)


def test_no_signal_handler_and_no_printing(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    before = signal.getsignal(signal.SIGHUP)
    wire, peer = introduced(pair)
    command = gevent.spawn(wire.run, "ANSWER")
    peer.line()
    peer.say(b"200 result=0\n")
    command.get(timeout=WITHIN)
    sys.stderr.flush()
    assert signal.getsignal(signal.SIGHUP) is before
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "argument", [NASTY, "", " ", "a b", "\\", '"', '\\"', "two\nlines", "two\r\nHANGUP", "nul\0byte", "Кафе"]
)
def test_an_argument_stays_one_argument_of_one_command(pair: Pair, argument: str) -> None:
    wire, peer = introduced(pair)
    quietly(wire.run, "SET VARIABLE", "NAME", argument)
    line = peer.line().decode()
    plain = argument.replace("\r\n", " ").replace("\n", " ").replace("\0", " ")
    assert shlex.split(line) == ["SET", "VARIABLE", "NAME", plain]
    with pytest.raises(AssertionError, match="no line came"), gevent.Timeout(0.05, AssertionError("no line came")):
        peer.line()


@given(st.text())
def test_quoting_any_text_gives_one_argument_on_one_line(text: str) -> None:
    quoted = quote(text)
    assert not set(quoted) & set("\r\n\0")
    inside = quoted[1:-1].replace("\\\\", "").replace('\\"', "")
    assert '"' not in inside
    assert not inside.endswith("\\")


def test_an_application_argument_keeps_its_commas_and_brackets() -> None:
    assert application_argument("/calls, 1 (a).wav") == "/calls\\, 1 \\(a\\).wav"


def test_a_command_too_long_for_asterisk_is_refused_before_it_becomes_two(pair: Pair) -> None:
    wire, _ = introduced(pair)
    with pytest.raises(Refused, match="too long"):
        wire.run("SET VARIABLE", "NAME", "x" * 3000)


def test_replies_keep_the_data_in_brackets(pair: Pair) -> None:
    wire, peer = introduced(pair)
    for reply, expected in [
        ("200 result=12 (timeout)", ("12", "timeout")),
        ("200 result= (timeout)", ("", "timeout")),
        ("200 result=1 (a (b) = c)", ("1", "a (b) = c")),
        ("200 result=1 ()", ("1", "")),
        ("200 result=1 (two\nlines)", ("1", "two\nlines")),
    ]:
        command = gevent.spawn(wire.run, "GET DATA", "sound")
        peer.line()
        peer.say(reply.encode() + b"\n")
        assert command.get(timeout=WITHIN)["result"] == expected


def test_endpos_is_in_the_reply(pair: Pair) -> None:
    wire, peer = introduced(pair)
    command = gevent.spawn(wire.run, "STREAM FILE", "sound", "")
    peer.line()
    peer.say(b"200 result=0 endpos=4000\n")
    assert command.get(timeout=WITHIN)["endpos"] == ("4000", "")


@pytest.mark.parametrize("ending", [b"HANGUP\n", b"", b"200 result=-1\nHANGUP\n", b"511 Command Not Permitted\n"])
def test_every_way_to_leave_is_leg_gone(pair: Pair, ending: bytes) -> None:
    wire, peer = introduced(pair)
    command = quietly(wire.run, "STREAM FILE", "sound", "")
    peer.line()
    peer.say(ending) if ending else peer.close()
    with pytest.raises(LegGone):
        command.get(timeout=WITHIN)
    with pytest.raises(LegGone):
        wire.run("ANSWER")


@pytest.mark.parametrize("ending", [b"HANGUP\n", b""])
def test_an_idle_connection_notices_the_hangup_at_once(pair: Pair, ending: bytes) -> None:
    wire, peer = introduced(pair)
    noticed: list[bool] = []
    wire.on_gone = lambda: noticed.append(True)
    peer.say(ending) if ending else peer.close()
    wait_for(lambda: noticed, "the hangup")
    assert wire.is_gone


def test_minus_one_is_refused_while_the_leg_lives(pair: Pair) -> None:
    wire, peer = introduced(pair)
    command = quietly(wire.run, "STREAM FILE", "nothing", "")
    assert peer.line() == b'STREAM FILE "nothing" ""'
    peer.say(b"200 result=-1 endpos=0\n")
    assert peer.line() == b'WAIT FOR DIGIT "0"'
    peer.say(b"200 result=0\n")
    with pytest.raises(Refused, match="nothing"):
        command.get(timeout=WITHIN)
    assert not wire.is_gone


@pytest.mark.parametrize(
    "reply",
    [
        b"510 Invalid or unknown command\n",
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: this\n and that\n520 End of proper usage.\n",
    ],
)
def test_a_command_asterisk_does_not_understand_is_refused_and_the_next_one_works(
    pair: Pair, reply: bytes
) -> None:
    wire, peer = introduced(pair)
    for answer, error in ((reply, Refused), (b"200 result=1\n", None)):
        command = quietly(wire.run, "NOOP")
        peer.line()
        peer.say(answer)
        if error:
            with pytest.raises(error):
                command.get(timeout=WITHIN)
        else:
            assert command.get(timeout=WITHIN)["result"] == ("1", "")


@pytest.mark.parametrize("reply", [b"\n", b"hello\n", b"200\n", b"200 fine\n", b"999 result=1\n", b"\xff\xfe\n"])
def test_a_garbled_reply_ends_the_connection(pair: Pair, reply: bytes) -> None:
    wire, peer = introduced(pair)
    command = quietly(wire.run, "NOOP")
    peer.line()
    peer.say(reply)
    with pytest.raises(Garbled):
        command.get(timeout=WITHIN)
    assert peer.is_closed()


def test_a_reply_nobody_asked_for_never_answers_the_next_command(pair: Pair) -> None:
    wire, peer = introduced(pair)
    peer.say(b"200 result=49\n")
    wait_for(lambda: wire._lines, "the line")
    with pytest.raises(Garbled):
        wire.run("STREAM FILE", "sound", "1")
    assert peer.is_closed()


# The environment.


def test_a_name_of_10_000_characters_arrives_whole(pair: Pair) -> None:
    wire, _ = introduced(pair, agi_calleridname="ж" * 10_000)
    assert wire.env["agi_calleridname"] == "ж" * 10_000


def test_a_name_with_everything_in_it_arrives_whole(pair: Pair) -> None:
    wire, _ = introduced(pair, agi_calleridname=NASTY)
    assert wire.env["agi_calleridname"] == NASTY


def test_a_number_with_lines_in_it_cannot_set_anything_else(pair: Pair) -> None:
    # As real Asterisk 22 passed on sip:12%0Aagi_arg_1%3A%20evil%0D%0A%0D%0A...@
    number = b"12\nagi_arg_1: evil\nagi_extension: evil\n\nagi_dnid: evil\r\n200 result=1"
    wire, _ = introduced(pair, agi_callerid=number, agi_calleridname="a\nagi_uniqueid: evil")
    assert wire.env["agi_callerid"].startswith("12\nagi_arg_1: evil")
    assert "evil" in wire.env["agi_calleridname"]
    assert wire.env["agi_uniqueid"] == "1795294639.401"
    assert wire.env["agi_dnid"] == "84950001"
    assert wire.env["agi_extension"] == "s"
    assert (wire.env["agi_arg_1"], wire.env["agi_arg_2"], wire.env["agi_arg_3"]) == ("84950001", "trunk1", "")


def test_a_dialled_number_with_lines_in_it_cannot_choose_the_trunk(pair: Pair) -> None:
    wire, _ = introduced(pair, agi_arg_1=b"93\r\nagi_arg_2: trunk9")
    assert wire.env["agi_arg_1"] == "93"
    assert wire.env["agi_arg_2"] == "trunk1"


def test_the_first_of_two_values_counts(pair: Pair) -> None:
    wire, _ = introduced(pair, agi_language="en\nagi_uniqueid: 1795294639.401\nagi_channel: PJSIP/evil-1")
    assert wire.env["agi_channel"] == "PJSIP/trunk1-0000018f"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Привет".encode(), "Привет"),
        ("Привет".encode("cp1251"), "Привет"),
        (b"\x98", "\x98"),
        (b"", ""),
    ],
)
def test_text_survives_whatever_its_encoding(pair: Pair, data: bytes, text: str) -> None:
    assert decode(data) == text
    wire, _ = introduced(pair, agi_calleridname=data)
    assert wire.env["agi_calleridname"] == text.strip()


@given(st.binary())
def test_any_bytes_become_text(data: bytes) -> None:
    decode(data).encode("utf-8")  # what the database will do


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "not a line"),
        (b"\n", "empty"),
        (b"\x16\x03\x01\x02\x00\x01\x00\n", "not a line"),
        (b"agi_network: yes\n\n", "empty"),
        (b"x" * 200_000, "a line of it has no end"),
        ((b"agi_x: " + b"y" * 60_000 + b"\n") * 6, "its environment has no end"),
    ],
    ids=["http", "empty", "tls", "nothing useful", "endless line", "endless environment"],
)
def test_what_is_no_environment_is_a_clean_error(pair: Pair, data: bytes, why: str) -> None:
    wire, peer = pair
    talker = gevent.spawn(peer.say, data)
    with pytest.raises(Garbled, match=why):
        wire.introduce(WITHIN)
    talker.kill()


def test_silence_is_not_waited_for_without_end(pair: Pair) -> None:
    wire, peer = pair
    peer.say(b"agi_network: yes\n")
    with pytest.raises(Garbled, match="within"):
        wire.introduce(0.02)


def test_the_end_in_the_middle_of_the_environment_is_leg_gone(pair: Pair) -> None:
    wire, peer = pair
    peer.say(environment()[:100])
    peer.close()
    with pytest.raises(LegGone):
        wire.introduce(WITHIN)


def test_an_endless_line_does_not_eat_memory(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    wire, peer = introduced(pair)
    talker = gevent.spawn(peer.say, b"x" * 10_000_000)
    wait_for(lambda: wire.is_gone, "the connection to be closed")
    assert len(wire._rest) <= wire_module.LINE_LIMIT + 4096
    assert "no end" in caplog.text
    talker.kill()


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_instead_of_an_environment_end_cleanly(data: bytes) -> None:
    wire, peer = agi_pair()
    peer.say(data)
    peer.close()
    with pytest.raises(LegGone):
        wire.introduce(WITHIN)
    wire.close()
