"""The control connection against a scripted FreeSWITCH: supervision, hostile names, and what is asked."""

import logging
from collections.abc import Iterator

import gevent
import pytest
from gevent import socket

from appliance.names import Entry
from appliance.port import (
    Arrival,
    DeviceChanged,
    Event,
    FallbackMember,
    LegEnded,
    LegsJoined,
    LegStarted,
    Refused,
    SwitchDown,
    SwitchLost,
    SwitchUp,
)
from esl import control as control_module
from esl import wire as wire_module
from esl.switch import FreeSwitch
from tests.wire.esl_peers import EslPeer, FakeEventSocket, api, event, introduce
from tests.wire.peers import WITHIN, free_port, quietly, result, wait_for

CHANNELS = r"""{"row_count":2,"rows":[
{"uuid":"leg-1","direction":"inbound","created_epoch":"1795298173","cid_name":"Eve\u0007	 \\\"x\\\""},
{"uuid":"leg-2","direction":"outbound","created_epoch":"1795298175"}]}"""
VARIABLES = {
    "uuid_getvar leg-1 APPLIANCE_TRUNK": "provider",
    "uuid_getvar leg-1 direction": "inbound",
    "uuid_getvar leg-1 channel_name": "sofia/appliance/x@y",
    "uuid_getvar leg-2 dialed_user": "101",
    "uuid_getvar leg-2 direction": "outbound",
    "uuid_getvar leg-2 channel_name": "sofia/appliance/101@y",
    "uuid_getvar": "_undef_",
    "uuid_exists leg-1": "true",
    "uuid_exists leg-2": "true",
    "uuid_exists": "false",
}
USERS = (
    "userid|context|domain|group|contact|callgroup|effective_caller_id_name|effective_caller_id_number\n"
    "101|phones|appliance|default|sofia/appliance/sip:101@192.0.2.7:5060|||101\n"
    "102|phones|appliance|default|error/user_not_registered|||102\n"
    "103|phones|appliance|default|error/user_not_registered|||103\n\n+OK\n"
)
SETTINGS = {
    "user_data 102@appliance param dial-string": "[x='y']${sofia_contact(appliance/102@appliance)}",
    "user_data 103@appliance param dial-string": "[x='y']sofia/appliance/sip:desk@192.0.2.9",
}


class Centre:
    """A FreeSwitch that is connected to a scripted one."""

    def __init__(self, fake: FakeEventSocket) -> None:
        self.fake = fake
        self.events: list[Event] = []
        self.arrivals: list[Arrival] = []
        self.port = free_port()
        self.switch = FreeSwitch(self.port, fake.port, "secret")
        self.switch.start(self.arrivals.append, self.events.append)
        wait_for(lambda: self.events, "the first event")

    def seen(self, kind: type[Event]) -> list[Event]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def fake() -> Iterator[FakeEventSocket]:
    fake = FakeEventSocket()
    yield fake
    fake.close()


@pytest.fixture
def centre(fake: FakeEventSocket) -> Iterator[Centre]:
    centre = Centre(fake)
    yield centre
    centre.switch.stop()


def created(leg: str, phone: str = "101") -> bytes:
    return event(
        "CHANNEL_CREATE",
        Unique_ID=leg,
        Channel_Name=f"sofia/appliance/{phone}@192.0.2.1",
        Call_Direction="outbound",
        variable_dialed_user=phone,
    )


# Connecting.


def test_it_logs_in_and_asks_for_just_the_events_it_reads(centre: Centre) -> None:
    assert centre.fake.asked[0] == "auth secret"
    assert centre.fake.asked[1].startswith("events plain CHANNEL_CREATE ")
    assert "ALL" not in centre.fake.asked[1].split()
    assert centre.events == [SwitchUp()]


def test_the_switch_is_asked_again_and_again_whether_anything_has_happened(centre: Centre) -> None:
    before = centre.fake.empty_lines
    wait_for(lambda: centre.fake.empty_lines > before + 10, "empty lines")


def test_wrong_password_is_one_sentence_and_frees_the_port(fake: FakeEventSocket) -> None:
    port = free_port()
    with pytest.raises(
        Refused, match=rf"^FreeSWITCH on port {fake.port} refuses the password of the event socket"
    ):
        FreeSwitch(port, fake.port, "wrong").start(print, print)
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


def test_no_switch_is_one_sentence() -> None:
    port = free_port()
    with pytest.raises(
        SwitchLost, match=rf"^FreeSWITCH does not answer on 127\.0\.0\.1 port {port} .*event_socket_port$"
    ):
        FreeSwitch(free_port(), port, "secret").start(print, print)


@pytest.mark.parametrize(
    "greeting",
    [b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n", b"SSH-2.0-x\r\n\n\n"],
)
def test_who_is_no_event_socket_for_us_is_one_sentence(greeting: bytes, fake: FakeEventSocket) -> None:
    fake.greeting = greeting
    with pytest.raises(SwitchLost, match=r"^FreeSWITCH on 127\.0\.0\.1 port \d+ hangs up on us: "):
        FreeSwitch(free_port(), fake.port, "secret").start(print, print)


def test_who_does_not_ask_for_a_password_is_not_waited_for_without_end(
    fake: FakeEventSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.greeting = b""
    monkeypatch.setattr(control_module, "REPLY_WITHIN", 0.05)
    with pytest.raises(SwitchLost, match="has not asked for a password"):
        FreeSwitch(free_port(), fake.port, "secret").start(print, print)


def test_a_lost_connection_is_told_and_comes_back(centre: Centre) -> None:
    centre.fake.drop()
    wait_for(lambda: len(centre.seen(SwitchUp)) == 2, "the new connection")
    assert [type(event) for event in centre.events] == [SwitchUp, SwitchDown, SwitchUp]
    assert centre.switch.legs() == []


def test_stopping_closes_the_connection_and_says_nothing(centre: Centre) -> None:
    centre.switch.stop()
    wait_for(lambda: centre.fake.ended == 1, "the end of the connection")
    assert centre.events == [SwitchUp()]


def test_commands_meanwhile_say_that_the_switch_is_lost(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "RETRY_AFTER", (10.0,))
    centre.fake.drop()
    wait_for(lambda: centre.seen(SwitchDown), "the loss")
    with pytest.raises(SwitchLost):
        centre.switch.legs()


def test_a_peer_that_died_without_a_word_is_noticed(
    fake: FakeEventSocket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_module, "PING_EVERY", 0.05)
    monkeypatch.setattr(wire_module, "REPLY_WITHIN", 0.05)
    centre = Centre(fake)
    fake.is_mute = True
    wait_for(lambda: centre.seen(SwitchDown), "the loss")
    fake.is_mute = False
    wait_for(lambda: len(centre.seen(SwitchUp)) == 2, "the new connection")
    centre.switch.stop()


def test_a_reply_that_does_not_come_is_not_waited_for_without_end(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire_module, "REPLY_WITHIN", 0.05)
    centre.fake.is_mute = True
    with pytest.raises(SwitchLost, match="no reply"):
        centre.switch.hang_up("leg-1")


# Events.


def test_an_event_that_cannot_be_read_does_not_end_the_reader(centre: Centre) -> None:
    centre.fake.say(event("CHANNEL_CREATE", Unique_ID=b"\xff\xfe", Channel_Name=b"sofia/\xc0\xeb"))
    centre.fake.say(created("leg-1"))
    wait_for(lambda: centre.seen(LegStarted), "the next event")
    assert LegStarted("leg-1", "101") in centre.events


def test_a_name_with_headers_in_it_changes_nothing(centre: Centre) -> None:
    data = created("leg-1").replace(
        b"\n\n", b"\n\nCaller-Caller-ID-Name: Eve%0AUnique-ID%3A%20leg-2%0A%0AEvent-Name%3A%20X\n", 1
    )
    length = len(data.partition(b"\n\n")[2])
    centre.fake.say(
        f"Content-Length: {length}\nContent-Type: text/event-plain\n\n".encode() + data.partition(b"\n\n")[2]
    )
    wait_for(lambda: centre.seen(LegStarted), "the event")
    assert centre.seen(LegStarted) == [LegStarted("leg-1", "101")]


def test_a_handler_that_raises_does_not_end_the_dispatch(
    fake: FakeEventSocket, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Event] = []

    def fail_once(event: Event) -> None:
        seen.append(event)
        if isinstance(event, LegStarted) and event.leg == "leg-1":
            raise ZeroDivisionError

    switch = FreeSwitch(free_port(), fake.port, "secret")
    switch.start(lambda arrival: None, fail_once)
    fake.say(created("leg-1") + created("leg-2"))
    wait_for(lambda: LegStarted("leg-2", "101") in seen, "the next event")
    assert "what followed from an event" in caplog.text
    switch.stop()


def test_a_slow_handler_holds_up_no_reply(fake: FakeEventSocket) -> None:
    go_on = gevent.event.Event()

    def slow(event: Event) -> None:
        if isinstance(event, LegStarted):
            go_on.wait()

    switch = FreeSwitch(free_port(), fake.port, "secret")
    switch.start(lambda arrival: None, slow)
    fake.say(created("leg-1"))
    assert result(quietly(switch.hang_up, "leg-2")) is None
    go_on.set()
    switch.stop()


def test_legs_are_told_after_the_events_before_them(fake: FakeEventSocket) -> None:
    fake.answers = {"uuid_exists leg-1": "true", **VARIABLES}
    seen: list[Event] = []

    def slow(event: Event) -> None:
        gevent.sleep(0.02)
        seen.append(event)

    switch = FreeSwitch(free_port(), fake.port, "secret")
    switch.start(lambda arrival: None, slow)
    fake.say(created("leg-1"))
    assert [info.leg for info in switch.legs()] == ["leg-1"]
    assert LegStarted("leg-1", "101") in seen
    switch.stop()


def test_what_exists_at_the_start_is_known(fake: FakeEventSocket) -> None:
    fake.answers = {
        "show channels": CHANNELS,
        "show bridged_calls": '{"row_count":1,"rows":[{"uuid":"leg-1","b_uuid":"leg-2"}]}',
        **VARIABLES,
    }
    centre = Centre(fake)
    first, second = centre.switch.legs()
    assert (first.leg, first.endpoint, first.since) == ("leg-1", "provider", 1795298173.0)
    assert (second.leg, second.endpoint, second.since) == ("leg-2", "101", 1795298175.0)
    assert first.joined == second.joined is not None
    hangup = event(
        "CHANNEL_HANGUP", Unique_ID="leg-2", Hangup_Cause="NORMAL_CLEARING", variable_sip_term_status="200"
    )
    fake.say(hangup)
    wait_for(lambda: centre.seen(LegEnded), "the end")
    assert not centre.seen(LegsJoined)
    centre.switch.stop()


def test_a_list_with_a_name_in_cp1251_is_read(fake: FakeEventSocket) -> None:
    fake.answers = {"show channels": CHANNELS.replace("Eve", "Алиса").encode("cp1251"), **VARIABLES}
    centre = Centre(fake)
    assert [info.leg for info in centre.switch.legs()] == ["leg-1", "leg-2"]
    centre.switch.stop()


def test_a_leg_that_is_gone_is_not_listed_though_its_event_has_not_come(centre: Centre) -> None:
    centre.fake.answers = VARIABLES
    centre.fake.say(created("leg-9"))
    wait_for(lambda: centre.seen(LegStarted), "the leg")
    assert centre.switch.legs() == []


# What is asked.


def test_originate(centre: Centre) -> None:
    centre.switch.originate("minted-1", "201", Entry.WRAPUP, "call-1", 9.5)
    assert centre.fake.asked_for("bgapi") == [
        "bgapi originate {origination_uuid=minted-1,originate_timeout=10,ignore_early_media=true,"
        "APPLIANCE_CALL=call-1,export_vars=APPLIANCE_CALL}user/201@appliance s XML appliance-wrapup\n"
        "Job-UUID: originate-minted-1"
    ]


@pytest.mark.parametrize("text", ["", "a b", "a\nexit", "a,b=c", "${x}", "a}b"])
def test_an_id_that_would_be_more_is_refused_and_nothing_is_asked(centre: Centre, text: str) -> None:
    before = list(centre.fake.asked)
    for ask in (
        lambda: centre.switch.originate(text, "201", Entry.WRAPUP, "call-1", 1.0),
        lambda: centre.switch.originate("leg-1", text, Entry.WRAPUP, "call-1", 1.0),
        lambda: centre.switch.originate("leg-1", "201", Entry.WRAPUP, text, 1.0),
        lambda: centre.switch.hang_up(text),
        lambda: centre.switch.send_to(text, Entry.RECOVER),
        lambda: centre.switch.keep_fallback([FallbackMember("sales", text, "201", False)]),
    ):
        with pytest.raises(Refused):
            ask()
    assert centre.fake.asked == before


def test_hanging_up_a_leg_that_is_gone_is_harmless(centre: Centre) -> None:
    centre.fake.answers = {"uuid_kill": "-ERR No such channel!\n"}
    centre.switch.hang_up("leg-1")
    centre.fake.answers = {"uuid_kill": "-ERR not now\n"}
    with pytest.raises(Refused, match="not now"):
        centre.switch.hang_up("leg-1")


def test_a_leg_of_ours_is_let_go_before_it_is_sent(fake: FakeEventSocket) -> None:
    fake.answers = {"uuid_exists": "true"}
    ended: list[bool] = []

    def stay(arrival: Arrival) -> None:
        try:
            arrival.leg.wait()
        finally:
            ended.append(True)

    port = free_port()
    switch = FreeSwitch(port, fake.port, "secret")
    switch.start(stay, lambda event: None)
    peer = EslPeer(socket.create_connection(("127.0.0.1", port)))
    introduce(peer, **{"Unique-ID": "leg-1"})
    assert "uuid_setvar_multi" in peer.command()  # what `take_over` sets
    peer.say(api("+OK\n"))
    sending = quietly(switch.send_to, "leg-1", Entry.RECOVER)
    assert peer.command() == "api uuid_setvar_multi leg-1 socket_resume=false"
    assert not fake.asked_for("api uuid_transfer")
    peer.say(api("+OK\n"))
    assert peer.command() == "exit"
    peer.close()
    result(sending)
    assert fake.asked_for("api uuid_transfer") == ["api uuid_transfer leg-1 s XML appliance-recover"]
    assert ended == [True]
    switch.stop()


def test_devices(centre: Centre) -> None:
    centre.fake.answers = {"list_users": USERS, **SETTINGS}
    assert list(centre.switch.devices()) == [
        DeviceChanged("101", True),
        DeviceChanged("102", False),
        DeviceChanged("103", True),  # it has a fixed address
    ]


def test_a_registration_that_has_ended_is_looked_up(centre: Centre) -> None:
    centre.fake.answers = {"list_users user 102": USERS.replace("101|", "1|"), **SETTINGS}
    centre.fake.say(event("CUSTOM", Event_Subclass="sofia::unregister", **{"from-user": "102"}))
    wait_for(lambda: centre.seen(DeviceChanged), "the news")
    assert centre.seen(DeviceChanged) == [DeviceChanged("102", False)]


AGENTS = (
    "name|instance_id|type|contact|status|state|max_no_answer|wrap_up_time|reject_delay_time|busy_delay_time|"
    "no_answer_delay_time\n"
    "appliance-bob-201|single_box|callback|[leg_timeout=20]user/201@appliance|Available|Waiting|0|0|5|5|5\n"
    "appliance-old-209|single_box|callback|[leg_timeout=20]user/209@appliance|Available|Waiting|0|0|5|5|5\n"
    "strangers-own|single_box|callback|user/999|Available|Waiting|0|0|5|5|5\n+OK\n"
)
TIERS = (
    "queue|agent|state|level|position\n"
    "fallback-sales|appliance-bob-201|Ready|1|1\n"
    "fallback-sales|appliance-old-209|Ready|1|1\n"
    "other|strangers-own|Ready|1|1\n+OK\n"
)


def test_only_the_changes_to_the_stand_in_queues_are_sent(centre: Centre) -> None:
    centre.fake.answers = {"callcenter_config agent list": AGENTS, "callcenter_config tier list": TIERS}
    centre.switch.keep_fallback(
        [
            FallbackMember("sales", "bob", "201", False),
            FallbackMember("support", "bob", "201", False),
            FallbackMember("sales", "carol", "202", True),
        ]
    )
    changes = [asked.removeprefix("api callcenter_config ") for asked in centre.fake.asked_for("api callcenter")]
    assert [change for change in changes if " list" not in change] == [
        "tier del fallback-sales appliance-old-209",
        "agent del appliance-old-209",
        "tier add fallback-support appliance-bob-201 1 1",
    ]


def test_a_stand_in_queue_that_is_missing_does_not_keep_the_others_from_their_members(centre: Centre) -> None:
    centre.fake.answers = {"callcenter_config tier add fallback-missing": "-ERR Queue not found!\n"}
    with pytest.raises(Refused, match=r"fallback-missing .*Queue not found"):
        centre.switch.keep_fallback(
            [FallbackMember("missing", "bob", "201", False), FallbackMember("sales", "bob", "201", False)]
        )
    assert centre.fake.asked_for("api callcenter_config tier add fallback-sales")


def test_the_log_is_quiet_when_all_is_well(centre: Centre, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with gevent.Timeout(WITHIN):
        centre.switch.legs()
    assert caplog.text == ""
