"""The control connection and the switch on top of it, against a scripted AMI."""

from collections.abc import Iterator

import gevent
import pytest
from gevent import socket
from hypothesis import given
from hypothesis import strategies as st

from agi import control as control_module
from agi.control import parse
from agi.switch import Asterisk
from appliance.names import Entry
from appliance.port import (
    Arrival,
    DeviceChanged,
    EndCause,
    Event,
    FallbackMember,
    Key,
    LegEnded,
    LegsParted,
    LegStarted,
    OriginateFailed,
    Outside,
    Refused,
    SwitchDown,
    SwitchLost,
    SwitchUp,
)
from tests.wire.peers import FakeManager, Peer, environment, failure, free_port, listing, success, wait_for

CHANNELS = listing(
    {"Event": "CoreShowChannel", "Channel": "PJSIP/trunk1-01", "Uniqueid": "1.1", "BridgeId": "b"}
    | {"Duration": "00:01:15"},
    {
        "Event": "CoreShowChannel",
        "Channel": "PJSIP/201-02",
        "Uniqueid": "1.2",
        "BridgeId": "b",
        "Duration": "00:00:10",
    },
    {
        "Event": "CoreShowChannel",
        "Channel": "Local/1@x-01;1",
        "Uniqueid": "1.3",
        "BridgeId": "",
        "Duration": "1:00:00",
    },
)


class Centre:
    """A switch under test, and what it told."""

    def __init__(self, manager: FakeManager, secret: str = "secret") -> None:
        self.manager = manager
        self.agi_port = free_port()
        self.switch = Asterisk(self.agi_port, manager.port, secret)
        self.events: list[Event] = []
        self.arrivals: list[Arrival] = []
        self.waited: list[object] = []

    def start(self) -> None:
        self.switch.start(self._arrived, self.events.append)

    def _arrived(self, arrival: Arrival) -> None:
        self.arrivals.append(arrival)
        while True:
            self.waited.append(arrival.leg.wait())

    def told(self, event: Event, count: int = 1) -> None:
        wait_for(lambda: self.events.count(event) >= count, f"{event} in {self.events}")


@pytest.fixture
def centre(manager: FakeManager) -> Iterator[Centre]:
    centre = Centre(manager)
    centre.start()
    centre.told(SwitchUp())
    yield centre
    centre.switch.stop()


def newchannel(manager: FakeManager, leg: str, **more: str) -> None:
    manager.event(Event="Newchannel", Channel="PJSIP/201-01", Uniqueid=leg, **more)


def test_events_arrive_in_order(centre: Centre) -> None:
    for leg in ("1", "2"):
        newchannel(centre.manager, leg)
    centre.manager.event(Event="Hangup", Channel="PJSIP/201-01", Uniqueid="1", Cause="16")
    ended = LegEnded("1", "201", EndCause.NORMAL)
    centre.told(ended)
    assert centre.events == [SwitchUp(), LegStarted("1", "201"), LegStarted("2", "201"), ended]


def test_a_message_in_pieces_and_several_at_once(centre: Centre) -> None:
    data = b"".join(
        b"Event: Newchannel\r\nChannel: PJSIP/201-01\r\nUniqueid: %d\r\n\r\n" % leg for leg in range(3)
    )
    for byte in range(len(data)):
        centre.manager.raw(data[byte : byte + 1])
        gevent.sleep(0)
    centre.manager.raw(data.replace(b"id: ", b"id: 1"))
    centre.told(LegStarted("12", "201"))
    assert len(centre.events) == 7


def test_a_list_is_returned_after_the_events_that_came_before_its_end(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(event: Event) -> None:
        gevent.sleep(0.001)  # others run meanwhile, as under load
        centre.events.append(event)

    monkeypatch.setattr(centre.switch, "_on_event", slowly)

    def answer(asked: object) -> str:
        for number in range(50):
            newchannel(centre.manager, f"1.{number}")
        return listing()

    centre.manager.replies["CoreShowChannels"] = answer
    assert centre.switch.legs() == []
    assert LegStarted("1.49", "201") in centre.events


def connect_agi(centre: Centre, leg: str) -> Peer:
    peer = Peer(socket.create_connection(("127.0.0.1", centre.agi_port)))
    peer.say(environment(agi_channel="PJSIP/201-01", agi_uniqueid=leg, agi_arg_2=""))
    wait_for(lambda: any(arrival.leg.id == leg for arrival in centre.arrivals), "the arrival")
    return peer


def test_a_leg_is_told_of_once_whichever_connection_is_faster(centre: Centre) -> None:
    connect_agi(centre, "1.1")
    centre.told(LegStarted("1.1", "201"))
    newchannel(centre.manager, "1.1")
    newchannel(centre.manager, "1.2")
    centre.told(LegStarted("1.2", "201"))
    connect_agi(centre, "1.2")
    centre.manager.event(Event="Hangup", Channel="PJSIP/201-01", Uniqueid="1.1", Cause="16")
    centre.told(LegEnded("1.1", "201", EndCause.NORMAL))
    assert [e for e in centre.events if isinstance(e, LegStarted)] == [
        LegStarted("1.1", "201"),
        LegStarted("1.2", "201"),
    ]


def test_a_leg_that_has_ended_does_not_begin_again(centre: Centre) -> None:
    newchannel(centre.manager, "1.1")
    centre.manager.event(Event="Hangup", Channel="PJSIP/201-01", Uniqueid="1.1", Cause="16")
    centre.told(LegEnded("1.1", "201", EndCause.NORMAL))
    connect_agi(centre, "1.1")
    newchannel(centre.manager, "1.2")
    centre.told(LegStarted("1.2", "201"))
    assert centre.events.count(LegStarted("1.1", "201")) == 1


def test_a_callback_that_raises_does_not_end_the_dispatch(
    manager: FakeManager, caplog: pytest.LogCaptureFixture
) -> None:
    centre = Centre(manager)
    seen: list[Event] = []

    def fragile(event: Event) -> None:
        seen.append(event)
        raise ZeroDivisionError("oh")

    centre.switch.start(lambda arrival: None, fragile)
    newchannel(manager, "1")
    newchannel(manager, "2")
    wait_for(lambda: len(seen) == 3, "all three events")
    assert caplog.text.count("ZeroDivisionError: oh") == 3
    centre.switch.stop()


def test_chan_variables_do_not_end_the_reader(centre: Centre) -> None:
    centre.manager.raw(
        b"Event: Newchannel\r\nChannel: PJSIP/201-01\r\nChanVariable: A=b\r\n"
        b"DestChanVariable: x\r\nUniqueid: 1\r\n\r\n"
    )
    centre.told(LegStarted("1", "201"))


@pytest.mark.parametrize(
    "data", [b"nonsense\r\n\r\n", b":\r\n\r\n", b"\xff\xfe: \x98\r\n\r\n", b"\r\n\r\n\r\n", b"a\nb: c\r\n\r\n"]
)
def test_what_is_no_message_is_passed_by(centre: Centre, data: bytes) -> None:
    centre.manager.raw(data)
    newchannel(centre.manager, "1")
    centre.told(LegStarted("1", "201"))


@given(st.lists(st.binary()))
def test_any_lines_can_be_parsed(lines: list[bytes]) -> None:
    parse([line.replace(b"\r\n", b"") for line in lines])


def test_a_callers_number_with_headers_in_it_changes_nothing(centre: Centre) -> None:
    # So real Asterisk 22 writes the number of sip:12%0Aagi_arg_1%3A%20evil%0D%0AUniqueid%3A%207...@
    centre.manager.raw(
        b"Event: Newchannel\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk1-00000000\r\nChannelState: 4\r\n"
        b"CallerIDNum: 12\nagi_arg_1: evil\r\nUniqueid: 7\r\nChannel: PJSIP/201-01\r\nEvent: Hangup\r\n"
        b"CallerIDName: Neil\r\nUniqueid: 1795293746.2\r\nLinkedid: 1795293746.2\r\n\r\n"
    )
    centre.told(LegStarted("1795293746.2", "trunk1"))
    assert len(centre.events) == 2


def test_replies_are_matched_by_their_id_in_whatever_order(centre: Centre) -> None:
    asked = []
    centre.manager.replies["Redirect"] = lambda action: asked.append(action)  # type: ignore[func-returns-value]
    first = gevent.spawn(centre.switch.send_to, "1", Entry.RECOVER)
    second = gevent.Greenlet(centre.switch.send_to, "2", Entry.RECOVER)
    second.report_error = lambda *_: None
    second.start()
    wait_for(lambda: len(asked) == 2, "both actions")
    ids = {action["Channel"]: action["ActionID"] for action in asked}
    centre.manager.event(Response="Error", ActionID=ids["2"], Message="Channel does not exist: 2")
    with pytest.raises(Refused, match="does not exist"):
        second.get(timeout=1)
    assert not first.ready()
    centre.manager.event(Response="Success", ActionID=ids["1"])
    first.get(timeout=1)


def test_headers_of_one_action_do_not_leak_into_the_next(centre: Centre) -> None:
    centre.switch.send_to("1", Entry.RECOVER)
    centre.switch.hang_up("2")
    redirect, hangup = centre.manager.asked[-2:]
    assert {**redirect, "ActionID": ""} == {
        "Action": "Redirect",
        "ActionID": "",
        "Channel": "1",
        "Context": "appliance-recover",
        "Exten": "s",
        "Priority": "1",
    }
    assert {**hangup, "ActionID": ""} == {"Action": "Hangup", "ActionID": "", "Channel": "2", "Cause": "16"}


@pytest.mark.parametrize("value", ["1\r\nAction: Originate", "1\n", "\r"])
def test_a_value_with_a_line_break_is_refused(centre: Centre, value: str) -> None:
    before = len(centre.manager.asked)
    with pytest.raises(Refused, match="line break"):
        centre.switch.send_to(value, Entry.RECOVER)
    assert len(centre.manager.asked) == before


def test_a_reply_that_does_not_come_is_not_waited_for_without_end(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_module, "REPLY_WITHIN", 0.02)
    centre.manager.is_mute = True
    with pytest.raises(SwitchLost, match="did not reply to CoreShowChannels"):
        centre.switch.legs()


def test_originate(centre: Centre) -> None:
    centre.switch.originate("leg-1", "201", Entry.AGENT, "call-1", 12.5)
    asked = centre.manager.asked_for("Originate")[0]
    assert (asked["Channel"], asked["ChannelId"], asked["Timeout"]) == ("PJSIP/201", "leg-1", "12500")
    assert (asked["Context"], asked["Exten"], asked["Priority"]) == ("appliance-agent", "s", "1")
    assert (asked["Variable"], asked["Async"]) == ("__APPLIANCE_CALL=call-1", "true")
    centre.manager.event(Event="OriginateResponse", Response="Failure", ActionID=asked["ActionID"], Reason="0")
    centre.told(OriginateFailed("leg-1", EndCause.UNREACHABLE))


def test_originate_outside(centre: Centre) -> None:
    centre.switch.originate("leg-1", Outside("acme", "+79161234567", "+74951112233"), Entry.CALLBACK, "call-1", 25)
    asked = centre.manager.asked_for("Originate")[0]
    assert (asked["Channel"], asked["Context"]) == ("PJSIP/+79161234567@trunk-acme", "appliance-callback")
    assert asked["CallerID"] == '"" <+74951112233>'
    assert asked["Variable"] == "__APPLIANCE_CALL=call-1,APPLIANCE_TRUNK=acme,APPLIANCE_CALLED=+79161234567"


def test_hanging_up_a_leg_that_is_gone_is_harmless(centre: Centre) -> None:
    centre.manager.replies["Hangup"] = lambda asked: failure("No such channel")
    centre.switch.hang_up("1")
    centre.manager.replies["Hangup"] = lambda asked: failure("Permission denied")
    with pytest.raises(Refused, match="Permission denied"):
        centre.switch.hang_up("1")


def test_legs_and_devices(centre: Centre) -> None:
    centre.manager.replies["CoreShowChannels"] = lambda asked: CHANNELS
    trunk, phone = centre.switch.legs()
    assert (trunk.leg, trunk.endpoint, trunk.joined) == ("1.1", "trunk1", "b")
    assert 64 < phone.since - trunk.since < 66
    centre.manager.replies["PJSIPShowEndpoints"] = lambda asked: listing(
        {"Event": "EndpointList", "ObjectName": "201", "DeviceState": "Unavailable"},
        {"Event": "EndpointList", "ObjectName": "202", "DeviceState": "In use"},
        {"Event": "EndpointList", "ObjectName": "trunk-acme", "DeviceState": "Not in use"},
    )
    assert centre.switch.devices() == [DeviceChanged("201", False), DeviceChanged("202", True)]


def test_a_callers_number_with_an_event_in_it_neither_ends_a_list_nor_becomes_an_event(centre: Centre) -> None:
    number = "12\r\nUniqueid: 7\r\n\r\nEvent: Hangup\r\nUniqueid: 1\r\n\r\nEvent: X\r\nEventList: Complete"
    centre.manager.replies["CoreShowChannels"] = lambda asked: listing(
        {
            "Event": "CoreShowChannel",
            "ActionID": asked["ActionID"],
            "Channel": "PJSIP/trunk1-01",
            "CallerIDNum": number,
        }
        | {"Uniqueid": "1.1", "BridgeId": "", "Duration": "00:00:10"},
        {
            "Event": "CoreShowChannel",
            "Channel": "PJSIP/201-02",
            "Uniqueid": "1.2",
            "BridgeId": "",
            "Duration": "1",
        },
    )
    newchannel(centre.manager, "1")
    assert [(leg.leg, leg.endpoint) for leg in centre.switch.legs()] == [("1.1", "trunk1"), ("1.2", "201")]
    newchannel(centre.manager, "2")
    centre.told(LegStarted("2", "201"))
    assert centre.events == [SwitchUp(), LegStarted("1", "201"), LegStarted("2", "201")]


def test_keys_go_to_their_leg_and_to_no_other(centre: Centre) -> None:
    peer = Peer(socket.create_connection(("127.0.0.1", centre.agi_port)))
    peer.say(environment(agi_uniqueid="1"))
    wait_for(lambda: centre.arrivals, "the arrival")
    for leg in ("1", "2"):
        newchannel(centre.manager, leg)
    for leg, key in (("2", "9"), ("1", "5")):
        centre.manager.event(Event="DTMFEnd", Uniqueid=leg, Digit=key, Direction="Received")
    wait_for(lambda: centre.waited == [Key("5")], "the key")
    peer.close()


# Connecting, losing, coming back.


def test_wrong_password_is_one_sentence_and_frees_the_port(manager: FakeManager) -> None:
    centre = Centre(manager, "wrong")
    with pytest.raises(
        Refused, match=r"^Asterisk on port \d+ refuses the AMI user appliance: wrong AMI password; "
    ):
        centre.start()
    assert Centre(manager).agi_port
    centre.switch = Asterisk(centre.agi_port, manager.port, "secret")
    centre.start()
    centre.switch.stop()


def test_a_switch_that_is_shutting_down_is_not_a_wrong_password(manager: FakeManager) -> None:
    manager.replies["Login"] = lambda asked: failure("Asterisk is shutting down")
    with pytest.raises(SwitchLost, match="shutting down"):
        Centre(manager).start()


def test_no_switch_is_one_sentence() -> None:
    port = free_port()
    with pytest.raises(
        SwitchLost, match=rf"^Asterisk does not answer on 127\.0\.0\.1 port {port} \(Connection ref"
    ):
        Asterisk(free_port(), port, "secret").start(lambda arrival: None, lambda event: None)


def test_a_lost_connection_is_told_and_comes_back(centre: Centre) -> None:
    centre.manager.replies["CoreShowChannels"] = lambda asked: CHANNELS
    centre.manager.drop()
    centre.told(SwitchUp(), 2)
    assert isinstance(centre.events[1], SwitchDown)
    # The talk that was found there is known.
    centre.manager.event(Event="BridgeLeave", BridgeUniqueid="b", Uniqueid="1.2", Channel="PJSIP/201-02")
    centre.told(LegsParted("1.2", "1.1"))


def test_actions_meanwhile_say_that_the_switch_is_lost(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "RETRY_AFTER", (60.0,))
    centre.manager.replies["CoreShowChannels"] = lambda asked: None
    pending = gevent.Greenlet(centre.switch.legs)
    pending.report_error = lambda *_: None
    pending.start()
    wait_for(lambda: len(centre.manager.asked_for("CoreShowChannels")) == 2, "the action")
    centre.manager.drop()
    with pytest.raises(SwitchLost):
        pending.get(timeout=1)
    wait_for(lambda: any(isinstance(event, SwitchDown) for event in centre.events), "SwitchDown")
    with pytest.raises(SwitchLost, match="no control connection"):
        centre.switch.legs()


def test_a_peer_that_died_without_a_word_is_noticed(manager: FakeManager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "PING_EVERY", 0.02)
    monkeypatch.setattr(control_module, "REPLY_WITHIN", 0.05)
    centre = Centre(manager)
    centre.start()
    manager.is_mute = True
    wait_for(lambda: any(isinstance(event, SwitchDown) for event in centre.events), "SwitchDown")
    manager.is_mute = False
    centre.told(SwitchUp(), 2)
    centre.switch.stop()


def test_an_endless_message_does_not_eat_memory(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "MESSAGE_LIMIT", 10_000)
    talker = gevent.spawn(centre.manager.raw, b"x" * 1_000_000)
    wait_for(lambda: any(isinstance(event, SwitchDown) for event in centre.events), "SwitchDown")
    assert "no end" in str(centre.events)
    centre.told(SwitchUp(), 2)
    talker.kill()


# The stand-in queues.


def member(queue: str, phone: str, agent: str, paused: str = "0") -> dict[str, str]:
    return {"Event": "QueueMember", "Queue": queue, "Name": agent, "Location": f"PJSIP/{phone}", "Paused": paused}


def test_only_the_changes_to_the_stand_in_queues_are_sent(centre: Centre) -> None:
    centre.manager.replies["QueueStatus"] = lambda asked: listing(
        {"Event": "QueueParams", "Queue": "fallback-sales"},
        member("fallback-sales", "201", "ann"),
        member("fallback-sales", "202", "ben", "1"),
        member("fallback-sales", "203", "cy"),
        member("fallback-help", "201", "ann"),
        member("own", "201", "somebody"),
    )
    centre.switch.keep_fallback(
        [
            FallbackMember("sales", "ann", "201", False),  # as it is
            FallbackMember("sales", "ben", "202", False),  # resumes
            FallbackMember("sales", "dan", "203", True),  # another person at that phone
            FallbackMember("sales", "eve", "204", False),  # new
        ]
    )
    asked = [
        (action["Action"], action["Queue"], action["Interface"], action.get("MemberName"), action.get("Paused"))
        for action in centre.manager.asked
        if action["Action"].startswith("Queue") and action["Action"] != "QueueStatus"
    ]
    assert asked == [
        ("QueueRemove", "fallback-help", "PJSIP/201", None, None),
        ("QueueRemove", "fallback-sales", "PJSIP/203", None, None),
        ("QueuePause", "fallback-sales", "PJSIP/202", None, "false"),
        ("QueueAdd", "fallback-sales", "PJSIP/203", "dan", "true"),
        ("QueueAdd", "fallback-sales", "PJSIP/204", "eve", "false"),
    ]


def test_a_stand_in_queue_that_is_missing_does_not_keep_the_others_from_their_members(centre: Centre) -> None:
    centre.manager.replies["QueueAdd"] = lambda asked: (
        failure("No such queue") if asked["Queue"] == "fallback-a" else success()
    )
    with pytest.raises(Refused, match=r"queue fallback-a: .*No such queue"):
        centre.switch.keep_fallback(
            [FallbackMember("a", "ann", "201", False), FallbackMember("b", "ann", "201", False)]
        )
    assert len(centre.manager.asked_for("QueueAdd")) == 2
