"""FreeSWITCH's events in the words of the port: recorded calls, and what a recording does not have."""

import pytest

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
)
from esl.events import BODY, CUSTOM_EVENTS, EVENTS, ORIGINATE, DeviceInDoubt, EventMapper, endpoint_of
from tests.wire.esl_peers import messages


def story(transcript: str, mapper: EventMapper | None = None) -> list[Event | DeviceInDoubt]:
    """What a recorded connection comes to."""
    mapper = mapper or EventMapper()
    return [
        event for message in messages(transcript) for event in mapper.map({**message.headers, BODY: message.text})
    ]


def kinds(events: list[Event | DeviceInDoubt]) -> list[str]:
    return [type(event).__name__ for event in events]


def created(leg: str, phone: str = "101", **headers: str) -> dict[str, str]:
    return {
        "Event-Name": "CHANNEL_CREATE",
        "Unique-ID": leg,
        "Channel-Name": f"sofia/appliance/{phone}@192.0.2.1:5060",
        "Call-Direction": "outbound",
        "variable_dialed_user": phone,
        **headers,
    }


def about(leg: str, name: str, **headers: str) -> dict[str, str]:
    return created(leg) | {"Event-Name": name, **headers}


THEY_HUNG_UP = {"Hangup-Cause": "NORMAL_CLEARING", "variable_sip_term_status": "200"}


def test_two_phones_ring_and_one_answers() -> None:
    events = story("ring-all.esl")
    assert kinds(events) == [
        "LegStarted",
        "LegStarted",
        "LegRinging",
        "LegStarted",
        "LegRinging",
        "LegEnded",
        "LegsJoined",
        "LegsParted",
        "LegEnded",
        "LegEnded",
    ]
    caller, loser, winner = (event for event in events if isinstance(event, LegStarted))
    assert (caller.endpoint, loser.endpoint, winner.endpoint) == ("provider", "102", "101")
    assert events[2] == LegRinging(loser.leg, "102", caller.leg)
    assert events[5:] == [
        LegEnded(loser.leg, "102", EndCause.ELSEWHERE),
        LegsJoined(caller.leg, winner.leg, "101"),
        LegsParted(caller.leg, winner.leg),
        LegEnded(winner.leg, "101", EndCause.NORMAL),
        LegEnded(caller.leg, "provider", EndCause.NORMAL),
    ]


def test_a_caller_who_leaves_first_is_parted_before_their_end() -> None:
    assert kinds(story("wrap-up.esl"))[3:] == ["LegsJoined", "LegsParted", "LegEnded", "LegEnded"]


def test_what_rang_in_vain() -> None:
    rang_out = [event.cause for event in story("rang-out.esl") if isinstance(event, LegEnded)]
    assert rang_out == [EndCause.NO_ANSWER, EndCause.NORMAL]
    left = [event.cause for event in story("caller-left.esl") if isinstance(event, LegEnded)]
    assert left == [EndCause.CANCELLED, EndCause.CANCELLED, EndCause.NORMAL]


def test_originated_legs_that_fail_say_why_once() -> None:
    """Five originates of one id in a row: answered, busy, refused, rung out, and a phone that is not there."""
    mapper = EventMapper()
    failures = []
    for message in messages("originate.esl"):
        if message.get("Event-Name") in ("CHANNEL_CREATE", "CUSTOM"):
            mapper.originating("minted-1")
        failures += mapper.map({**message.headers, BODY: message.text})
    causes = [event.cause for event in failures if isinstance(event, OriginateFailed)]
    assert causes == [EndCause.BUSY, EndCause.REFUSED, EndCause.NO_ANSWER, EndCause.UNREACHABLE]


def test_an_originated_leg_that_was_answered_has_not_failed_when_it_ends() -> None:
    mapper = EventMapper()
    mapper.originating("1")
    mapper.map(created("1"))
    mapper.map(about("1", "CHANNEL_ANSWER"))
    assert mapper.map(about("1", "CHANNEL_HANGUP", **THEY_HUNG_UP)) == [LegEnded("1", "101", EndCause.NORMAL)]
    job = {"Event-Name": "BACKGROUND_JOB", "Job-UUID": ORIGINATE + "1", BODY: "-ERR NO_ANSWER\n"}
    assert mapper.map(job) == []


def test_an_originate_without_a_leg_says_why() -> None:
    mapper = EventMapper()
    mapper.originating("1")
    job = {"Event-Name": "BACKGROUND_JOB", "Job-UUID": ORIGINATE + "1", BODY: "-ERR USER_NOT_REGISTERED\n"}
    assert mapper.map(job) == [OriginateFailed("1", EndCause.UNREACHABLE)]
    assert mapper.map(job) == []


def test_phones_come_and_go_each_change_told_once() -> None:
    assert story("devices.esl") == [DeviceInDoubt("101"), DeviceChanged("101", True)]
    mapper = EventMapper()
    assert mapper.device("101", False) == [DeviceChanged("101", False)]
    assert mapper.device("101", False) == []
    registered = {"Event-Name": "CUSTOM", "Event-Subclass": "sofia::register", "from-user": "101"}
    assert mapper.map(registered) == [DeviceChanged("101", True)]
    assert mapper.map(registered) == []
    expired = {"Event-Name": "CUSTOM", "Event-Subclass": "sofia::expire", "user": "101"}
    assert mapper.map(expired) == [DeviceInDoubt("101")]


def test_a_phone_that_the_switch_hangs_up_on_is_free_when_that_has_been_said_to_it() -> None:
    mapper = EventMapper()
    mapper.map(created("1"))
    mapper.map(about("1", "CHANNEL_ANSWER"))
    assert mapper.map(about("1", "CHANNEL_HANGUP", **{"Hangup-Cause": "NORMAL_CLEARING"})) == []
    assert mapper.legs() == {"1": "101"}
    assert mapper.map(about("1", "CHANNEL_DESTROY")) == [LegEnded("1", "101", EndCause.NORMAL)]
    assert mapper._let_go == {}


def test_a_leg_that_ends_before_its_beginning_is_told_has_both() -> None:
    mapper = EventMapper()
    ended = mapper.map(about("1", "CHANNEL_HANGUP", **{"Hangup-Cause": "DESTINATION_OUT_OF_ORDER"}))
    assert ended == [LegStarted("1", "101"), LegEnded("1", "101", EndCause.UNREACHABLE)]
    assert mapper.map(created("1")) == []
    assert mapper.map(about("1", "CHANNEL_DESTROY")) == []
    assert mapper._ended == set()


def test_a_trunks_leg_begins_when_it_is_known_whose_it_is() -> None:
    mapper = EventMapper()
    nameless = {
        "Event-Name": "CHANNEL_CREATE",
        "Unique-ID": "1",
        "Channel-Name": "sofia/appliance/x@y",
        "Call-Direction": "inbound",
        "Caller-Context": "public",
    }
    assert mapper.map(nameless) == []
    answered = nameless | {"Event-Name": "CHANNEL_ANSWER", "variable_APPLIANCE_TRUNK": "provider"}
    assert mapper.map(answered) == [LegStarted("1", "provider")]
    assert mapper.identify("1", "provider") == []


def test_a_talk_that_was_on_before_the_connection_is_parted() -> None:
    mapper = EventMapper()
    mapper.seed("1", "provider", was_called=False)
    mapper.seed("2", "101", was_called=True)
    mapper.seed_pair("1", "2")
    assert mapper.joined("1") == mapper.joined("2") is not None
    assert mapper.map(about("2", "CHANNEL_HANGUP", **THEY_HUNG_UP)) == [
        LegsParted("1", "2"),
        LegEnded("2", "101", EndCause.NORMAL),
    ]
    assert mapper.joined("1") is None


def test_nothing_is_kept_of_calls_that_are_over() -> None:
    mapper = EventMapper()
    for transcript in ("ring-all.esl", "wrap-up.esl", "rang-out.esl", "caller-left.esl"):
        story(transcript, mapper)
    kept = {name: value for name, value in vars(mapper).items() if value}
    assert kept == {}


@pytest.mark.parametrize("name", ["loopback/201-a", "error/user_not_registered", "null/null", ""])
def test_other_channels_are_passed_by(name: str) -> None:
    assert EventMapper().map(created("1") | {"Channel-Name": name}) == []


@pytest.mark.parametrize("name", [*EVENTS, "CUSTOM", "", "HEARTBEAT"])
@pytest.mark.parametrize("subclass", CUSTOM_EVENTS)
def test_an_event_without_its_headers_is_harmless(name: str, subclass: str) -> None:
    assert EventMapper().map({"Event-Name": name, "Event-Subclass": subclass}) == []


@pytest.mark.parametrize(
    ("channel", "endpoint"),
    [
        ({"Call-Direction": "inbound", "variable_APPLIANCE_TRUNK": "acme"}, "acme"),
        ({"Call-Direction": "inbound", "Caller-Context": "trunk-acme"}, "acme"),
        ({"Call-Direction": "inbound", "Caller-Context": "phones", "variable_user_name": "101"}, "101"),
        ({"Call-Direction": "inbound", "variable_APPLIANCE_PHONE": "101"}, "101"),
        ({"Call-Direction": "outbound", "variable_dialed_user": "101"}, "101"),
        ({"Call-Direction": "outbound", "variable_dialed_user": "101", "Caller-Context": "trunk-acme"}, "101"),
        ({"Call-Direction": "outbound", "variable_sip_gateway_name": "acme"}, "acme"),
        ({"Call-Direction": "inbound", "Caller-Context": "public"}, None),
    ],
)
def test_endpoint_of(channel: dict[str, str], endpoint: str | None) -> None:
    assert endpoint_of({"Channel-Name": "sofia/appliance/x@y", **channel}) == endpoint
