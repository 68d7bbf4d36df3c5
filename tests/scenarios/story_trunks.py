"""Trunks in both directions, with real SIP phones as providers: what goes over the wire, what is heard, which
trunk is tried, and what the books and the command line say of it."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from shutil import which

import gevent
import pytest
from gevent import socket, subprocess

from appliance.lab.phone import Happening, Phone, stop_all
from appliance.lab.process import die_with_parent
from tests.needs import lack
from tests.scenarios.centre import Centre
from tests.scenarios.fixtures import sip_server
from tests.scenarios.people import Person
from tests.scenarios.sip import Peer, Rude, TlsProvider
from tests.scenarios.site import Site
from tests.scenarios.voices import hears_key, key_aloud
from tests.scenarios.waiting import PATIENCE, until

PROVIDERS = {"sever": "127.0.0.15", "yug": "127.0.0.16"}
PORT = 5080
SOMEBODY = "89161112233"
SWITCHBOARD, DELIVERY = "+78432000001", "+78432000003"


@pytest.fixture(scope="package")
def provider_phones(running_site: Site) -> Iterator[Mapping[str, Person]]:
    """Somebody behind each of the providers."""
    site = running_site
    voices = {"sever": site.voices["eve"], "yug": site.voices["frank"]}
    phones = {
        name: Phone(name, site.server, "7000", local_address=address, local_port=PORT, speech=voices[name])
        for name, address in PROVIDERS.items()
    }
    with ExitStack() as stack:
        stack.callback(stop_all, *phones.values())
        gevent.joinall([gevent.spawn(phone.start) for phone in phones.values()], raise_error=True)
        yield {name: Person(name, phone, voices[name]) for name, phone in phones.items()}


@pytest.fixture
def sever(centre: Centre, provider_phones: Mapping[str, Person]) -> Iterator[Person]:
    trunk_is(centre, "sever", up=True)  # it may have been found down before its phone was there
    yield from at_rest(provider_phones["sever"])


@pytest.fixture
def yug(centre: Centre, provider_phones: Mapping[str, Person]) -> Iterator[Person]:
    trunk_is(centre, "yug", up=True)  # it may have been found down before its phone was there
    yield from at_rest(provider_phones["yug"])


@pytest.fixture
def zapad(running_site: Site, tmp_path: Path) -> Iterator[Person]:
    """A provider whose voice is a key."""
    voice = key_aloud(tmp_path / "key.wav", "2")
    with Phone(
        "zapad", running_site.server, "7002", local_address="127.0.0.18", local_port=PORT, speech=voice
    ) as phone:
        yield Person("zapad", phone, voice)


@pytest.fixture
def vostok(tmp_path: Path) -> Iterator[None]:
    """A provider that speaks TCP."""
    program = which("sipp")
    if program is None:
        lack("sipp", "it is not installed")
    command = [program, "-sn", "uas", "-t", "t1", "-i", "127.0.0.19", "-p", str(PORT), "-nostdin"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    try:
        until("sipp listens", lambda: listens("127.0.0.19", PORT))
        yield
    finally:
        process.terminate()
        process.wait()


def listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def at_rest(person: Person) -> Iterator[Person]:
    person.forgets()
    yield person
    person.puts_everything_back()


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\s*$", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def called(message: str) -> str:
    """The number in the request line of an INVITE."""
    found = re.match(r"INVITE sip:([^@;]*)@", message)
    return found[1] if found else message[:80]


def outgoing(centre: Centre) -> dict[str, object]:
    """The newest call, when it is over."""
    centre.closes_its_books()
    return centre.books.rows("call", direction="out")[-1]


def trunk_is(centre: Centre, name: str, up: bool) -> None:
    def state() -> bool:
        return bool(next(each["up"] for each in centre.ask("trunks") if each["trunk"] == name))

    until(f"the trunk {name} is {'up' if up else 'down'}", lambda: state() is up, 5 * PATIENCE)


# Calls that go out


def test_a_number_of_the_country_in_the_provider_s_form_with_our_number(
    centre: Centre, alice: Person, sever: Person
) -> None:
    centre.sign_on("alice")
    alice.dials("+7 916 111-22-33".replace(" ", ""))
    message = sever.rings().message
    assert called(message) == SOMEBODY
    assert "<sip:volga@sever.example" in header(message, "From")
    assert "<sip:88432000001@" in header(message, "P-Asserted-Identity")
    assert "id" not in header(message, "Privacy")
    sever.answers()
    alice.is_answered()
    alice.talks_with(sever)
    assert next(each["calls"] for each in centre.ask("trunks") if each["trunk"] == "sever") == 1
    sever.hangs_up()
    alice.is_hung_up_on()
    call = outgoing(centre)
    assert (call["direction"], call["phone"], call["agent"]) == ("out", "31", "501")
    assert (call["number"], call["number_id"], call["trunk"]) == ("+79161112233", SWITCHBOARD, "sever")
    assert (call["rule"], call["outcome"]) == ("russia", "outbound answered")
    assert [leg["endpoint"] for leg in centre.books.rows("leg", call=call["id"])] == ["sever"]


def test_an_agent_who_calls_out_is_offered_nobody(
    centre: Centre, alice: Person, dave: Person, sever: Person
) -> None:
    centre.sign_on("alice")
    sever.phone.auto_answer()
    alice.calls(SOMEBODY)
    dave.calls(DELIVERY)
    centre.waits("+78465550001", queue="delivery")
    assert alice.is_not_rung()
    considered = centre.ask("queues")
    assert "phone in use" in str(considered)
    alice.hangs_up()
    alice.rings()
    dave.hangs_up()


def test_the_next_trunk_takes_what_the_first_cannot(
    centre: Centre, alice: Person, sever: Person, yug: Person
) -> None:
    sever.phone.refuse_calls(503)
    alice.dials(SOMEBODY)
    message = yug.rings().message
    assert called(message) == "79161112233" and "<sip:78432000001@" in header(message, "From")
    yug.answers()
    alice.is_answered()
    alice.talks_with(yug)
    alice.hangs_up()
    call = outgoing(centre)
    assert (call["trunk"], call["outcome"]) == ("yug", "outbound answered")
    tries = [detail for step, detail in centre.books.steps(str(call["id"])) if step == "trunk"]
    assert tries[0] == f"sever: {SOMEBODY} is called" and "503 Service Unavailable" in tries[1]
    assert tries[2:] == ["yug: 79161112233 is called"]


def test_a_provider_that_is_not_there_is_known_and_comes_last(
    centre: Centre, alice: Person, sever: Person
) -> None:
    trunk_is(centre, "okean", up=False)
    alice.dials("88463334455")
    assert called(sever.rings().message) == "88463334455"
    sever.answers()
    alice.is_answered()
    alice.hangs_up()
    call = outgoing(centre)
    assert ("outbound", "trunk okean comes last: it is down") in centre.books.steps(str(call["id"]))


@pytest.mark.parametrize(
    "status, phrase, outcome",
    [
        (486, "outbound-busy", "outbound not answered"),
        (404, "outbound-no-number", "outbound not answered"),
        (480, "outbound-no-answer", "outbound not answered"),
    ],
)
def test_a_callee_who_cannot_be_had_is_said_and_no_other_trunk_is_tried(
    centre: Centre, alice: Person, sever: Person, yug: Person, status: int, phrase: str, outcome: str
) -> None:
    sever.phone.refuse_calls(status)
    alice.calls(SOMEBODY)
    alice.hears(centre.site.phrase(phrase))
    alice.is_hung_up_on()
    call = outgoing(centre)
    assert (call["trunk"], call["outcome"]) == ("sever", outcome)
    assert f"({status} " in centre.books.steps(str(call["id"]))[-1][1]
    assert yug.is_not_rung()


def test_nobody_answers(centre: Centre, alice: Person, sever: Person) -> None:
    alice.dials(SOMEBODY)
    sever.rings()
    alice.is_answered()
    alice.hears(centre.site.phrase("outbound-no-answer"))
    sever.is_hung_up_on()
    assert outgoing(centre)["outcome"] == "outbound not answered"


def test_who_gives_up_while_it_rings(centre: Centre, alice: Person, sever: Person) -> None:
    alice.dials(SOMEBODY)
    sever.rings()
    alice.hangs_up()
    sever.is_hung_up_on()
    assert outgoing(centre)["outcome"] == "outbound not answered"


def test_announcements_before_the_answer_are_heard_where_they_are_to_be(
    centre: Centre, alice: Person, sever: Person, yug: Person
) -> None:
    alice.dials(SOMEBODY)
    sever.rings()
    sever.phone.progress()
    alice.hears(sever.voice, 1)
    assert not alice.phone.happened(Happening.ANSWERED)
    alice.hangs_up()
    sever.is_hung_up_on()
    outgoing(centre)
    alice.dials("+442079460000")
    yug.rings()
    yug.phone.progress()
    assert alice.share_heard(yug.voice, 1) < 0.3
    yug.answers()
    alice.is_answered()
    alice.hears(yug.voice, 1)
    alice.hangs_up()


def test_our_number_is_withheld(centre: Centre, alice: Person, yug: Person) -> None:
    alice.dials("81044" + "2079460000")
    message = yug.rings().message
    assert called(message) == "442079460000"
    assert "7843" not in message and "anonymous" in header(message, "From").lower()
    alice.hangs_up()
    yug.is_hung_up_on()
    call = outgoing(centre)
    assert (call["rule"], call["number"], call["number_id"]) == ("abroad", "+442079460000", None)


@pytest.mark.parametrize(
    "phone, number, phrase",
    [
        ("alice", "+78091234567", "outbound-not-allowed"),  # a premium number
        ("bob", "+442079460000", "outbound-not-allowed"),  # for alice's phone alone
        ("bob", "000", "outbound-not-allowed"),
        ("bob", "8916%2C1112233&x=${1}", "outbound-no-number"),
        ("bob", "8916-111-22-33x", "outbound-no-number"),
    ],
)
def test_what_no_rule_allows_is_refused_and_said(
    centre: Centre, sever: Person, yug: Person, phone: str, number: str, phrase: str
) -> None:
    person = centre.person(phone)
    person.calls(number)
    person.hears(centre.site.phrase(phrase))
    person.is_hung_up_on()
    assert outgoing(centre)["outcome"] == "outbound refused"
    assert sever.is_not_rung() and yug.is_not_rung()


@pytest.mark.parametrize("number", ["8916;1112233", "Robert'); DROP TABLE call;--", "Robert') DROP TABLE call"])
def test_what_sip_itself_takes_for_something_else_is_survived(
    centre: Centre, alice: Person, bob: Person, sever: Person, number: str
) -> None:
    """FreeSWITCH lets some of them fall without a word, and takes the password of others for a wrong one."""
    bob.dials(number)
    alice.dials(SOMEBODY)
    assert called(sever.rings().message) == SOMEBODY
    alice.hangs_up()
    sever.is_hung_up_on()
    bob.phone.hang_up()
    bob.is_hung_up_on(45.0)
    assert sever.is_not_rung()
    assert {row["outcome"] for row in centre.books.rows("call", phone="32")} <= {"outbound refused"}


def test_too_many_in_an_hour_are_refused_but_never_an_emergency(
    centre: Centre, alice: Person, sever: Person, yug: Person
) -> None:
    yug.phone.refuse_calls(486)
    for _ in range(2):
        alice.calls("+442079460000")
        alice.is_hung_up_on()
        outgoing(centre)
    alice.calls("+442079460000")
    alice.hears(centre.site.phrase("outbound-too-many"))
    alice.is_hung_up_on()
    assert outgoing(centre)["outcome"] == "outbound refused"
    alarms = centre.books.rows("event", kind="Incident")
    assert len(alarms) == 1 and "abroad has had 2 calls" in alarms[0]["body"]
    alice.dials("112")
    assert called(sever.rings().message) == "112"
    alice.hangs_up()
    sever.is_hung_up_on()


def test_an_emergency_call_gets_out_without_the_appliance(
    centre: Centre, alice: Person, sever: Person, yug: Person
) -> None:
    sever.phone.refuse_calls(503)
    centre.kill()
    alice.dials("112")
    assert called(yug.rings().message) == "112"
    yug.answers()
    alice.is_answered()
    alice.talks_with(yug)
    alice.hangs_up()
    centre.start()


def test_killed_while_a_call_is_out_the_talk_goes_on(centre: Centre, alice: Person, sever: Person) -> None:
    sever.phone.auto_answer()
    alice.calls(SOMEBODY)
    alice.talks_with(sever)
    centre.kill()
    alice.talks_with(sever)
    centre.start()
    until("the trunk's call is known again", lambda: calls_of(centre, "sever") == 1)
    sever.hangs_up()
    alice.is_hung_up_on()
    assert outgoing(centre)["outcome"] == "outbound answered"


def calls_of(centre: Centre, trunk: str) -> int:
    return int(next(each["calls"] for each in centre.ask("trunks") if each["trunk"] == trunk))


# Calls that come in


def test_one_line_is_one_call_in_either_direction(
    centre: Centre, alice: Person, sever: Person, yug: Person
) -> None:
    sever.calls(DELIVERY, from_="89165550001")
    centre.waits("+79165550001", queue="delivery")
    alice.dials(SOMEBODY)
    yug.rings()
    alice.hangs_up()
    yug.is_hung_up_on()
    sever.hangs_up()
    centre.closes_its_books()
    yug.phone.auto_answer()
    sever.phone.auto_answer()
    alice.calls(SOMEBODY)
    until("the line is taken", lambda: calls_of(centre, "sever") == 1)
    site = centre.site
    other = Phone("late", site.server, "7001", local_address=PROVIDERS["sever"])
    with other:
        other.call(DELIVERY)
        assert other.wait_for(Happening.ENDED, PATIENCE).code == 503
    alice.hangs_up()
    centre.closes_its_books()
    assert centre.books.one("call", outcome="no line")["trunk"] == "sever"


def test_who_calls_is_read_where_the_trunk_says(centre: Centre, sever: Person, yug: Person) -> None:
    headers = {"P-Asserted-Identity": '"Real" <sip:+79165550011@x.example>'}
    for person in (sever, yug):
        person.phone.call(DELIVERY, from_user="89165550022", headers=headers)
        person.is_answered()
        centre.waits("+79165550011", queue="delivery")
        person.hangs_up()
        centre.closes_its_books()
    yug.calls(DELIVERY, from_="89165550022")
    centre.waits(None, queue="delivery")
    yug.hangs_up()
    centre.closes_its_books()
    rpid = {"Remote-Party-ID": "<sip:89165550033@x.example>;party=calling;screen=yes;privacy=off"}
    sever.phone.call(DELIVERY, from_user="89165550022", headers=rpid)
    sever.is_answered()
    centre.waits("+79165550033", queue="delivery")
    sever.hangs_up()


def test_a_forwarded_call_is_one_to_the_number_dialled_at_first(
    centre: Centre, sever: Person, yug: Person
) -> None:
    diversion = {"Diversion": "<sip:88432000003@sever.example>;reason=unconditional;counter=1"}
    sever.phone.call("+78432000001", from_user="89165550001", headers=diversion)
    sever.is_answered()
    centre.waits("+79165550001", queue="delivery")
    sever.hangs_up()
    centre.closes_its_books()
    call = centre.books.one("call")
    assert (call["number_id"], call["diverted"], call["dnis"]) == (DELIVERY, "88432000003", "+78432000001")


@pytest.mark.parametrize(
    "diversion",
    [
        "<sip:88432000001@x>;reason=unconditional;counter=99999999999999",  # in a circle
        "garbage;;;<<>>%00",
        "<sip:" + "9" * 3000 + "@x>",
        "<tel:+7843'); DROP TABLE call;-->",
    ],
)
def test_forwarding_that_makes_no_sense_is_survived(centre: Centre, sever: Person, diversion: str) -> None:
    sever.phone.call("+78432000001", from_user="89165550001", headers={"Diversion": diversion})
    sever.is_answered()
    sever.hears(centre.site.text("This is Volga Books."))
    sever.hangs_up()
    centre.closes_its_books()
    assert centre.books.one("call")["number_id"] == SWITCHBOARD


# Keys


def test_keys_go_to_the_provider_as_it_wants_them(
    centre: Centre, alice: Person, sever: Person, yug: Person
) -> None:
    for number, provider in ((SOMEBODY, sever), ("+442079460000", yug)):
        provider.phone.auto_answer()
        alice.calls(number)
        alice.talks_with(provider)
        alice.presses("1")
        assert provider.phone.wait_for(Happening.DIGIT, PATIENCE).reason == "1"
        alice.hangs_up()
        provider.is_hung_up_on()
        outgoing(centre)


def test_keys_come_from_the_provider_as_it_sends_them(centre: Centre, sever: Person, yug: Person) -> None:
    for provider, info in ((sever, False), (yug, True)):
        provider.calls(SWITCHBOARD, from_="89165550001")
        provider.hears(centre.site.menu("front"), 1)
        provider.phone.send("2", info=info)
        until("the caller stands in line", lambda: centre.waiting("delivery"))
        provider.hangs_up()
        centre.closes_its_books()


def test_keys_are_heard_where_the_provider_can_send_them_only_as_sounds(centre: Centre, tmp_path: Path) -> None:
    key = key_aloud(tmp_path / "key.wav", "2", silence=0.5)
    with Peer(PROVIDERS["sever"], 0, sip_server(centre.site)) as peer:
        peer.invite("sip:+78432000001@127.0.0.1", b"<sip:89165550001@127.0.0.15>", offers_keys=False)

        def stands_in_line() -> object:
            peer.speak(key)
            return centre.waiting("delivery")

        until("the caller stands in line", stands_in_line)
        peer.hang_up()
        centre.closes_its_books()


def test_keys_are_sounds_where_the_provider_wants_them_so(centre: Centre, alice: Person, zapad: Person) -> None:
    zapad.phone.auto_answer()
    alice.dials("+375291234567")
    message = zapad.rings().message
    assert message.startswith("INVITE sip:+375291234567@sip.zapad.example")  # by way of the proxy
    assert "<sip:+78432000001@" in header(message, "Remote-Party-ID")
    alice.is_answered()
    until("the provider's voice is heard", lambda: hears_key(alice.phone.heard(), "2"))
    alice.presses("5")
    until("the key is heard", lambda: hears_key(zapad.phone.heard(), "5"))
    assert not zapad.phone.happened(Happening.DIGIT)
    alice.hangs_up()
    zapad.is_hung_up_on()
    outgoing(centre)
    zapad.calls(SWITCHBOARD, from_="89165550001")  # its voice is the key 2
    until("the caller stands in line", lambda: centre.waiting("delivery"))
    zapad.hangs_up()


def test_a_provider_over_tcp(centre: Centre, vostok: None) -> None:
    data = centre.run("trunk", "test", "vostok", "+78435550000", "--json")
    assert data.status == 0, (data.out, data.err)
    assert json.loads(data.out)["transport"] == "tcp"


def test_a_provider_over_tls(centre: Centre) -> None:
    site = centre.site
    with TlsProvider("127.0.0.20", 5081, site.certificate, site.key) as taiga:
        done = centre.run("trunk", "test", "taiga", "+78435550000")
    assert done.status == 1 and "486 Busy Here" in done.out, (done.out, done.err)
    assert len(taiga.invites) == 1 and b"SIP/2.0/TLS" in taiga.invites[0]


def test_a_registration_that_is_refused_is_explained(centre: Centre, provider: Peer) -> None:
    trunk_is(centre, "volna", up=True)
    right, provider.password = provider.password, "another"
    try:
        centre.site.machine.registers_again("volna")
        trunk_is(centre, "volna", up=False)
        done = centre.run("trunk", "test", "volna")
        assert done.status == 1 and "password" in done.out and "registered  no" in done.out, done.out
    finally:
        provider.password = right
        centre.site.machine.registers_again("volna")
        trunk_is(centre, "volna", up=True)


# Test calls and providers that misbehave


def test_a_test_call_says_what_came_of_it(centre: Centre, sever: Person) -> None:
    sever.phone.auto_answer()
    done = centre.run("trunk", "test", "sever")
    assert done.status == 0 and "88432999999 was answered" in done.out, (done.out, done.err)
    assert called(sever.rings().message) == "88432999999"
    sever.hears(centre.site.phrase("trunk-test"))
    sever.is_hung_up_on()
    meaning = {
        403: "forbids",
        404: "no such number",
        408: "in time",
        480: "cannot be reached",
        486: "busy",
        488: "codecs",
        503: "no way for the call",
    }
    for status, words in meaning.items():
        sever.phone.refuse_calls(status)
        data = centre.run("trunk", "test", "sever", "+74950001122", "--json")
        assert data.status == 1
        answer = centre.ask("trunk-test", trunk="sever", number="+74950001122")
        assert words in answer["what"] and answer["sip"].startswith(str(status)), answer
        assert answer["remedy"] and answer["cause"]


def test_a_trunk_that_is_not_there_and_one_that_does_not_exist(centre: Centre, sever: Person) -> None:
    trunk_is(centre, "okean", up=False)
    trunk_is(centre, "sever", up=True)
    done = centre.run("trunk", "test", "okean")
    assert done.status == 1 and "host does not answer" in done.out
    assert centre.run("trunk", "test", "sever", "drop;table").status == 2
    missing = centre.run("trunk", "test", "nobody")
    assert missing.status == 2 and "sever" in missing.err
    listed = centre.run("trunks")
    assert listed.status == 1 and "volna" in listed.out
    rows = {row["trunk"]: row for row in centre.ask("trunks")}
    assert rows["volna"]["registered"] is True and rows["metro"]["registered"] is None
    assert rows["sever"]["reachable"] is True and rows["sever"]["milliseconds"] < 1000
    assert (rows["sever"]["calls"], rows["sever"]["most_calls"]) == (0, 1)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n\r\n<html>",
        b"\x00\xff\xfe" * 400,
        b"SIP/2.0 999 What\r\nVia: x\r\n\r\n",
        b"",
    ],
)
def test_a_provider_that_answers_rubbish_is_survived(
    centre: Centre, alice: Person, sever: Person, answer: bytes
) -> None:
    with Rude("127.0.0.17", PORT, answer) as rude:
        sever.phone.auto_answer()
        alice.dials("88463334455")
        alice.phone.wait_for(Happening.ANSWERED, 60)
        alice.hangs_up()
        assert outgoing(centre)["number"] == "+78463334455"
        assert rude.asked >= 0
