"""Calls that come in by trunks: who calls and whom, and the keys that both sides press."""

from pathlib import Path

import pytest

from appliance.lab.phone import Happening, Phone
from tests.scenarios.centre import Centre
from tests.scenarios.fixtures import sip_server
from tests.scenarios.people import Person
from tests.scenarios.providers import DELIVERY, PROVIDERS, SOMEBODY, SWITCHBOARD, calls_of, header, outgoing
from tests.scenarios.sip import Peer
from tests.scenarios.voices import hears_key, key_aloud
from tests.scenarios.waiting import PATIENCE, until


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
