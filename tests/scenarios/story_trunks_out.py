"""Calls that go out by trunks: what goes over the wire, what is heard, which trunk is tried, what is kept."""

import pytest

from appliance.lab.phone import Happening
from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.providers import DELIVERY, SOMEBODY, SWITCHBOARD, called, calls_of, header, outgoing, trunk_is
from tests.scenarios.waiting import until


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
