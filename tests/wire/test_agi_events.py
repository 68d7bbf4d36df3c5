"""Asterisk's events and causes in the port's words, from recordings of real Asterisk 22."""

import pytest

from agi import causes
from agi.events import EVENTS, Digit, EventMapper, endpoint_of
from appliance.port import (
    DeviceChanged,
    EndCause,
    Event,
    LegEnded,
    LegRinging,
    LegsJoined,
    LegsParted,
    LegStarted,
    OriginateFailed,
    Outcome,
    TrunkChanged,
)
from tests.wire.peers import messages

ALICE = "1795294396.20"


def told(transcript: str, mapper: EventMapper | None = None) -> list[Event | Digit]:
    mapper = mapper or EventMapper()
    return [event for message in messages(transcript) for event in mapper.map(message)]


def test_a_call_with_keys_two_talks_and_what_rang_in_vain() -> None:
    events = told("caller.ami")
    caller = next(event.leg for event in events if isinstance(event, LegStarted))
    assert events[0] == LegStarted(caller, "trunk1")
    assert [event.key for event in events if isinstance(event, Digit) and event.leg == caller] == list("12375944")
    rang = [event.leg for event in events if isinstance(event, LegRinging)]
    assert [event for event in events if isinstance(event, LegRinging)] == [
        LegRinging(leg, "201", caller) for leg in rang
    ]
    talk, missed, declined, last = rang
    assert [event for event in events if isinstance(event, LegsJoined | LegsParted | LegEnded)] == [
        LegsJoined(caller, talk, "201"),
        LegsParted(caller, talk),
        LegEnded(talk, "201", EndCause.NORMAL),
        LegEnded(missed, "201", EndCause.NO_ANSWER),
        LegEnded(declined, "201", EndCause.REFUSED),
        LegsJoined(caller, last, "201"),
        LegsParted(caller, last),
        LegEnded(caller, "trunk1", EndCause.NORMAL),
        LegEnded(last, "201", EndCause.NORMAL),
    ]


def test_two_phones_ring_one_answers_then_the_caller_gives_up() -> None:
    mapper = EventMapper()
    first = next(iter(messages("ring-all.ami")))
    caller = first["Linkedid"]
    mapper.seed(caller, "PJSIP/trunk1-00000012", "")
    events = told("ring-all.ami", mapper)
    bob, carol, bob_again, carol_again = [event.leg for event in events if isinstance(event, LegRinging)]
    assert [event for event in events if isinstance(event, LegsJoined | LegsParted)] == [
        LegsJoined(caller, bob, "201"),
        LegsParted(caller, bob),
    ]
    assert {event.leg: event.cause for event in events if isinstance(event, LegEnded)} == {
        bob: EndCause.NORMAL,
        carol: EndCause.ELSEWHERE,
        bob_again: EndCause.CANCELLED,
        carol_again: EndCause.CANCELLED,
        caller: EndCause.NORMAL,
    }


def test_a_phone_that_rang_out_and_two_whose_ringing_we_ended() -> None:
    ended = [event for event in told("rang-out-and-cancelled.ami") if isinstance(event, LegEnded)]
    assert [event.cause for event in ended if event.endpoint == "201"] == [
        EndCause.NO_ANSWER,
        EndCause.CANCELLED,
        EndCause.CANCELLED,
    ]


def test_originated_legs_that_fail_say_why_once() -> None:
    events = told("originate.ami")
    failed = {event.leg: event.cause for event in events if isinstance(event, OriginateFailed)}
    assert failed["o-noanswer"] is EndCause.NO_ANSWER
    assert failed["o-reject603"] is EndCause.REFUSED
    assert failed["o-busy486"] is EndCause.BUSY
    assert failed["o-unreach"] is EndCause.UNREACHABLE
    assert failed["o-nosuch"] is EndCause.UNREACHABLE
    assert len([event for event in events if isinstance(event, OriginateFailed)]) == len(failed)


def test_an_originated_leg_that_ends_before_the_response_says_why_too() -> None:
    mapper = started("leg-1")
    mapper.originating("leg-1")
    mapper.map({"Event": "DialEnd", "DestUniqueid": "leg-1", "DialStatus": "CHANUNAVAIL"})
    ended = mapper.map({"Event": "Hangup", "Uniqueid": "leg-1", "Cause": "21"})
    assert ended == [LegEnded("leg-1", "leg-1", EndCause.REFUSED)]
    response = {"Event": "OriginateResponse", "ActionID": "originate:leg-1", "Response": "Failure", "Reason": "0"}
    assert mapper.map(response) == [OriginateFailed("leg-1", EndCause.REFUSED)]


def test_an_originated_leg_that_was_answered_has_not_failed_when_it_ends() -> None:
    mapper = started("leg-1")
    mapper.originating("leg-1")
    answered = {"Event": "OriginateResponse", "ActionID": "originate:leg-1", "Response": "Success", "Reason": "4"}
    assert mapper.map(answered) == []
    hangup = {"Event": "Hangup", "Uniqueid": "leg-1", "Cause": "16"}
    assert mapper.map(hangup) == [LegEnded("leg-1", "leg-1", EndCause.NORMAL)]


def test_phones_come_and_go_each_change_told_once() -> None:
    mapper = EventMapper()
    states = ["NOT_INUSE", "INUSE", "RINGING", "UNAVAILABLE", "UNAVAILABLE", "INVALID", "NOT_INUSE"]
    events = [
        event
        for state in states
        for event in mapper.map({"Event": "DeviceStateChange", "Device": "PJSIP/201", "State": state})
    ]
    assert events == [DeviceChanged("201", True), DeviceChanged("201", False), DeviceChanged("201", True)]
    assert mapper.map({"Event": "DeviceStateChange", "Device": "Queue:sales", "State": "INUSE"}) == []


def test_trunks_that_answer_no_more_are_told_of_once() -> None:
    mapper = EventMapper()
    events = [
        event
        for state in ("NOT_INUSE", "INUSE", "UNAVAILABLE", "UNAVAILABLE", "NOT_INUSE")
        for event in mapper.map({"Event": "DeviceStateChange", "Device": "PJSIP/trunk-acme", "State": state})
    ]
    assert events == [TrunkChanged("acme", True), TrunkChanged("acme", False), TrunkChanged("acme", True)]


def enter(mapper: EventMapper, leg: str, bridge: str = "b") -> list[Event | Digit]:
    return mapper.map({"Event": "BridgeEnter", "BridgeUniqueid": bridge, "Uniqueid": leg})


def started(*legs: str) -> EventMapper:
    mapper = EventMapper()
    for leg in legs:
        mapper.map({"Event": "Newchannel", "Channel": f"PJSIP/{leg}-01", "Uniqueid": leg})
    return mapper


def test_who_dialled_comes_first_in_whichever_order_they_enter() -> None:
    mapper = started("alice", "bob")
    mapper.map({"Event": "DialBegin", "Uniqueid": "alice", "DestUniqueid": "bob"})
    assert enter(mapper, "bob") == []
    assert enter(mapper, "alice") == [LegsJoined("alice", "bob", "bob")]
    assert enter(mapper, "alice") == []
    leave = {"Event": "BridgeLeave", "BridgeUniqueid": "b", "Uniqueid": "bob"}
    assert mapper.map(leave) == [LegsParted("alice", "bob")]
    assert mapper.map(leave) == []
    assert mapper.map({**leave, "Uniqueid": "alice"}) == []


def test_a_hangup_without_leaving_parts_the_legs_too() -> None:
    mapper = started("alice", "bob")
    enter(mapper, "alice")
    enter(mapper, "bob")
    hangup = {"Event": "Hangup", "Channel": "PJSIP/bob-01", "Uniqueid": "bob", "Cause": "16"}
    assert mapper.map(hangup) == [LegsParted("bob", "alice"), LegEnded("bob", "bob", EndCause.NORMAL)]
    assert mapper.map(hangup) == []


def test_a_talk_that_was_on_before_the_connection_is_parted() -> None:
    mapper = EventMapper()
    mapper.seed("alice", "PJSIP/trunk1-01", "b")
    mapper.seed("bob", "PJSIP/201-02", "b")
    assert enter(mapper, "bob") == []
    leave = {"Event": "BridgeLeave", "BridgeUniqueid": "b", "Uniqueid": "alice"}
    assert mapper.map(leave) == [LegsParted("alice", "bob")]


def test_nothing_is_kept_of_a_call_that_is_over() -> None:
    mapper = EventMapper()
    told("caller.ami", mapper)
    for name in ("_endpoints", "_dialled_by", "_dial_ends", "_bridges", "_failed", "_originating"):
        assert not getattr(mapper, name), name


@pytest.mark.parametrize("channel", ["Local/1@probe-00000000;2", "Snoop/1-2", "", "PJSIP/"])
def test_other_channels_are_passed_by(channel: str) -> None:
    mapper = EventMapper()
    for name in EVENTS:
        headers = {"Event": name, "Channel": channel, "Uniqueid": "1", "BridgeUniqueid": "b", "Digit": "1"}
        assert mapper.map(headers | {"Direction": "Received", "DestUniqueid": "2"}) == []


@pytest.mark.parametrize("name", [*EVENTS, "FullyBooted", ""])
def test_an_event_without_its_headers_is_harmless(name: str) -> None:
    assert EventMapper().map({"Event": name}) == []


def test_only_keys_from_outside_count() -> None:
    mapper = started("alice")
    digit = {"Event": "DTMFEnd", "Uniqueid": "alice", "Digit": "#"}
    assert mapper.map({**digit, "Direction": "Received"}) == [Digit("alice", "#")]
    assert mapper.map({**digit, "Direction": "Sent"}) == []


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [
        ("PJSIP/201-0000002a", "201"),
        ("PJSIP/a-b-c-01", "a-b-c"),
        ("PJSIP/trunk-acme-0000002b", "acme"),
        ("PJSIP/201", None),
        ("SIP/201-1", None),
    ],
)
def test_endpoint_of(channel: str, endpoint: str | None) -> None:
    assert endpoint_of(channel) == endpoint


@pytest.mark.parametrize(
    ("cause", "dialstatus", "expected"),
    [
        ("16", None, EndCause.NORMAL),
        ("0", None, EndCause.NORMAL),
        ("16", "ANSWER", EndCause.NORMAL),
        ("0", "NOANSWER", EndCause.NO_ANSWER),
        ("16", "NOANSWER", EndCause.CANCELLED),
        ("16", "CANCEL", EndCause.CANCELLED),
        ("17", "CANCEL", EndCause.CANCELLED),  # of the phone that was dialled for this caller before
        ("21", "CANCEL", EndCause.CANCELLED),
        ("26", "CANCEL", EndCause.ELSEWHERE),
        ("21", "NOANSWER", EndCause.REFUSED),
        ("17", "BUSY", EndCause.BUSY),
        ("19", "NOANSWER", EndCause.NO_ANSWER),
        ("34", "CONGESTION", EndCause.FAILED),
        ("58", "NOANSWER", EndCause.FAILED),
        ("999", None, EndCause.FAILED),
        ("", None, EndCause.FAILED),
        ("nonsense", "BUSY", EndCause.FAILED),
    ],
)
def test_causes(cause: str, dialstatus: str | None, expected: EndCause) -> None:
    assert causes.end_cause(cause, dialstatus) is expected


def test_the_tables_are_total() -> None:
    for status in [*causes.OUTCOMES, "", "NEW"]:
        for number in [*map(str, range(-1, 130)), ""]:
            assert isinstance(causes.outcome(status, number), Outcome)
            assert isinstance(causes.end_cause(number, status), EndCause)
    assert causes.outcome("NEW") is Outcome.FAILED
    assert causes.reason("77") is EndCause.FAILED
