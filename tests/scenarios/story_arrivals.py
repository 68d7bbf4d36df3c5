"""Who calls whom: trunks, the number that was called, the caller's number, customers, opening hours."""

import pytest

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.sip import Peer
from tests.scenarios.waiting import until

READER = "+79172345601"
NUISANCE = "+79172345602"


def test_a_number_of_ours_and_the_caller_s_in_every_spelling(centre: Centre, dave: Person) -> None:
    spellings = {
        ("+78432000005", "84955550001"): "+74955550001",
        ("78432000005", "+74955550002"): "+74955550002",
        ("88432000005", "74955550003"): "+74955550003",
        ("8432000005", "4955550004"): "+74955550004",
        ("+7-843-200-00-05", "00442079460005"): "+442079460005",
    }
    for dialled, shown in spellings:
        dave.calls(dialled, from_=shown)
        dave.hangs_up()  # in the middle of the message
    until("all calls are over", lambda: len(centre.books.rows("call", outcome="left early")) == len(spellings))
    assert centre.books.column("call", "ani") == [shown for _, shown in spellings]
    assert centre.books.column("call", "number") == list(spellings.values())
    assert {*centre.books.column("call", "number_id")} == {"+78432000005"}
    assert {*centre.books.column("call", "trunk")} == {"metro"}


def test_an_anonymous_caller_is_served_like_any_other(centre: Centre, dave: Person, alice: Person) -> None:
    centre.sign_on("alice")
    dave.calls("+78432000003", from_="anonymous", name="Anonymous")
    alice.rings()
    alice.answers()
    alice.talks_with(dave)
    dave.hangs_up()
    alice.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    centre.closes_its_books()
    call = centre.books.one("call")
    assert (call["ani"], call["number"], call["outcome"]) == ("", None, "answered")


def test_a_number_that_is_not_ours(centre: Centre, dave: Person) -> None:
    dave.calls("+78432009999")
    dave.hears(centre.site.phrase("number-unknown"))
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="unknown number"))


def test_a_good_customer_is_greeted_otherwise_and_goes_ahead(
    centre: Centre, dave: Person, eve: Person, alice: Person
) -> None:
    dave.calls("+78432000002")
    centre.waits("+78465550001", queue="orders")
    eve.calls("+78432000002", from_="89172345601")
    eve.hears(centre.site.text("Dear reader, it is good to hear from you."))
    centre.waits(READER, "+78465550001", queue="orders")
    centre.sign_on("alice")
    assert alice.rings().number == "89172345601"
    alice.answers()
    alice.talks_with(eve)
    eve.hangs_up()
    call = centre.books.one("call", number=READER)
    assert (call["customer"], call["group"]) == ("Varvara Belova", "readers")
    assert centre.books.one("visit", call=call["id"])["head_start"] == 120
    centre.waits("+78465550001", queue="orders")


def test_a_blocked_customer_is_refused_politely(centre: Centre, dave: Person) -> None:
    dave.calls("+78432000001", from_=NUISANCE)
    dave.hears(centre.site.text("We are sorry, we do not take calls from your number."))
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="refused", number=NUISANCE))
    assert not centre.books.rows("visit")


@pytest.mark.parametrize(
    ("number", "message"),
    [
        ("+78432000006", "We are on holiday today. We wish you a happy new year."),
        ("+78432000007", "On this day of the week our office has a rest."),
    ],
)
def test_closed_on_holidays_and_out_of_hours(centre: Centre, dave: Person, number: str, message: str) -> None:
    dave.calls(number)
    dave.hears(centre.site.text(message))
    dave.is_hung_up_on()
    call = until("the call is over", lambda: centre.books.rows("call", outcome="closed"))[0]
    hours = dict(centre.books.steps(call["id"]))["hours"]
    assert "closed" in hours


def test_open_within_hours(centre: Centre, dave: Person) -> None:
    dave.calls("+78432000008")
    dave.hears(centre.site.text("Yes, we are open today, come and see us."))
    dave.is_hung_up_on()
    until("the call is over", lambda: centre.books.rows("call", outcome="informed"))


def test_a_registering_trunk_shows_the_right_password_and_its_calls_arrive(centre: Centre, provider: Peer) -> None:
    registration = until("the switch registers", lambda: provider.registrations and provider.registrations[-1])
    assert registration.user == "78432000005" and registration.right
    contact = registration.contact.strip("<>").partition(">")[0]
    provider.invite(contact, b"<sip:84955550077@127.0.0.13>")
    call = until("the call is over", lambda: centre.books.rows("call", outcome="informed"))[0]
    assert (call["trunk"], call["number"], call["number_id"]) == ("volna", "+74955550077", "+78432000005")


def test_a_stranger_s_call_is_not_taken(centre: Centre) -> None:
    site = centre.site
    with Peer("127.0.0.14", 0, (site.settings.network.sip_address, site.settings.network.sip_port)) as nobody:
        call = nobody.invite("sip:+78432000002@127.0.0.1", b"<sip:84955550078@127.0.0.14>")
    assert call.status in (401, 403, 407) and not centre.books.rows("call")
