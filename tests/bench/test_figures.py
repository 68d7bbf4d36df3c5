"""The bench's own arithmetic, and its SIP, are right: no measuring here."""

from dataclasses import replace

import pytest

from tests.bench.figures import Hangups, Held, Measured, Step, Targets, percentile, spread, verdicts
from tests.bench.sip import parse, response, sdp, sound_address, uri_of, user_of

INVITE = (
    b"INVITE sip:101@127.0.0.1:18070 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:18060;rport;branch=z9hG4bKa\r\n"
    b'f: "A, B" <sip:74950000001@127.0.0.1>;tag=x\r\n'
    b"To: <sip:101@127.0.0.1>\r\n"
    b"i: one\r\nCSeq: 7 INVITE\r\n"
    b"Contact: <sip:asterisk@127.0.0.1:18060>\r\n\r\n"
    b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 18100 RTP/AVP 8\r\n"
)


def measured(seconds: list[float], kilobytes: float | None = None, steps: tuple[Step, ...] = ()) -> Measured:
    hangups = Hangups(spread(seconds), 0, 12, 8, 0.010, None)
    return Measured(hangups, hangups, steps, Held(10, 100.0, 100.0, kilobytes, kilobytes))


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_the_value_that_so_many_do_not_exceed(share: float, value: int) -> None:
    assert percentile(range(1, 101), share) == value


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert spread([0.25]).p99 == spread([0.25]).median == 0.25


def test_targets_hold_exactly_at_the_limit_and_not_below() -> None:
    targets = Targets(median_ratio=40.0, p99_ratio=20.0)
    at = verdicts(measured([0.400]), measured([0.010], 100.0), targets)
    below = verdicts(measured([0.399]), measured([0.020], 100.5), targets)
    assert [v.holds for v in at] == [True, True, True]
    assert [v.holds for v in below] == [False, False, False]


def test_a_crowd_is_compared_with_the_same_without_one_and_its_processor_time_with_the_other_queues() -> None:
    theirs = measured([0.400])
    ours = replace(
        measured([0.010], 1.0), crowded=Hangups(spread([0.020]), 0, 300, 50, switch_cpu=0.007, daemon_cpu=0.006)
    )
    targets = Targets(40.0, None, crowded_ratio=2.0, cpu_ratio=1.3)
    _, crowded, cpu, _ = verdicts(theirs, ours, targets)
    assert (crowded.measured, crowded.holds) == (2.0, True)
    assert (cpu.measured, cpu.holds) == (pytest.approx(1.3), True)
    _, crowded, cpu, _ = verdicts(theirs, ours, replace(targets, crowded_ratio=1.9, cpu_ratio=1.2))
    assert not crowded.holds and not cpu.holds


def test_nothing_is_judged_that_was_not_promised() -> None:
    judged = verdicts(measured([0.400]), measured([0.020], 1.0), Targets(median_ratio=20.0, p99_ratio=None))
    assert [(v.target, v.holds) for v in judged] == [(20.0, True), (100.0, True)]


def test_the_best_rate_is_the_last_one_sustained() -> None:
    steps = tuple(Step(rate, 1, (), 0, None, 0.0, 0.0, None, rate < 30) for rate in (10.0, 20.0, 30.0))
    assert measured([1.0], steps=steps).best == steps[1]
    assert measured([1.0], steps=steps[2:]).best is None


def test_a_message_is_understood_and_answered() -> None:
    invite = parse(INVITE, ("127.0.0.1", 18060), 1.0)
    assert (invite.user, invite.call_id, invite.method, invite.status) == ("101", "one", "INVITE", None)
    assert user_of(uri_of(invite.header("from"))) == "74950000001"
    assert sound_address(invite.body) == ("127.0.0.1", 18100)
    answer = parse(response(invite, "200 OK", "<sip:101@127.0.0.1>", "t", sdp("127.0.0.1", 18090)), ("", 0), 2.0)
    assert (answer.status, answer.method, answer.call_id) == (200, "INVITE", "one")
    assert answer.header("to") == "<sip:101@127.0.0.1>;tag=t"
    assert answer.headers["via"] == invite.headers["via"]
    assert sound_address(answer.body) == ("127.0.0.1", 18090)
