"""The appliance is killed with -9: talks go on, callers hear music and keep their places, the books stay right."""

import pytest

from tests.scenarios.centre import Centre
from tests.scenarios.people import CANCELLED, Person
from tests.scenarios.waiting import until

SWITCHBOARD, ORDERS, DELIVERY, CLAIMS = "+78432000001", "+78432000002", "+78432000003", "+78432000004"
DAVE, EVE, FRANK = "+78465550001", "+78465550002", "+78465550003"
HELD = 30.0  # seconds until the switch serves a caller itself, and then some


def test_killed_while_one_talks_and_two_wait(
    centre: Centre, alice: Person, dave: Person, eve: Person, frank: Person
) -> None:
    centre.sign_on("alice")
    dave.calls(ORDERS)
    alice.rings()
    alice.answers()
    centre.is_in_state("alice", "talking")
    eve.calls(ORDERS)
    centre.waits(EVE, queue="orders")
    frank.calls(ORDERS)
    centre.waits(EVE, FRANK, queue="orders")
    rows = {table: centre.books.rows(table) for table in ("call", "visit", "offer", "agentstretch")}

    centre.kill()
    for person in (alice, dave, eve, frank):
        person.listens_from_now()
    alice.hears(dave.voice, 1)
    dave.hears(alice.voice, 1)
    eve.hears(centre.site.music("harp"), 1)
    frank.hears(centre.site.music("harp"), 1)
    centre.start()

    centre.waits(EVE, FRANK, queue="orders")
    assert centre.state("alice") == "talking"
    assert {table: centre.books.rows(table) for table in rows} == rows
    alice.talks_with(dave)
    centre.hears_music("eve")

    dave.hangs_up()
    alice.hears(centre.site.text("Sold, key one. Not sold, key two two."))
    alice.presses("1")
    alice.is_hung_up_on()
    assert alice.rings().number == EVE
    alice.answers()
    alice.talks_with(eve)
    frank.hangs_up()
    alice.hangs_up()
    eve.is_hung_up_on()
    centre.closes_its_books()
    outcomes = {call["number"]: call["outcome"] for call in centre.books.rows("call")}
    assert outcomes == {DAVE: "answered", EVE: "answered", FRANK: "abandoned"}
    assert len(centre.books.rows("call")) == len(centre.books.rows("visit")) == 3
    assert centre.books.offers() == [("501", "answered"), ("501", "answered")]
    assert centre.books.one("disposition")["name"] == "Sold"


@pytest.mark.parametrize("when", ["as soon as it rings", "while it rings"])
def test_killed_while_a_phone_rings_and_answered_meanwhile(
    centre: Centre, alice: Person, dave: Person, when: str
) -> None:
    centre.sign_on("alice")
    dave.calls(ORDERS)
    alice.rings()
    if when == "while it rings":
        centre.hears_music("dave")
    centre.kill()
    alice.answers()
    alice.talks_with(dave)
    centre.start()
    centre.is_in_state("alice", "talking")
    alice.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("alice", "wrap-up")
    visit = centre.books.one("visit")
    assert (visit["agent"], visit["outcome"]) == ("501", "answered")
    assert centre.books.offers() == [("501", "answered")]


@pytest.mark.parametrize("when", ["as soon as it rings", "while it rings"])
def test_killed_while_a_phone_rings_for_a_caller_who_then_gives_up(
    centre: Centre, alice: Person, dave: Person, when: str
) -> None:
    centre.sign_on("alice")
    dave.calls(ORDERS)
    alice.rings()
    if when == "while it rings":
        centre.hears_music("dave")
    centre.kill()
    dave.hangs_up()
    assert alice.is_hung_up_on().code == CANCELLED
    centre.start()
    centre.closes_its_books()
    assert centre.books.one("call")["outcome"] == centre.books.one("visit")["outcome"] == "unseen"
    centre.is_in_state("alice", "ready")


def test_killed_while_a_phone_rings_and_nobody_answers(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    centre.sign_on("alice", "bob")
    dave.calls(CLAIMS)
    alice.rings()
    centre.kill()
    alice.is_hung_up_on()
    centre.start()
    bob.rings()
    bob.answers()
    bob.talks_with(dave)
    bob.hangs_up()
    dave.is_hung_up_on()
    visit = centre.books.one("visit")
    assert (visit["agent"], visit["outcome"]) == ("502", "answered")
    assert centre.books.offers() == [("501", "no answer"), ("502", "answered")]


def test_killed_in_a_menu_the_caller_hears_it_again(centre: Centre, dave: Person) -> None:
    dave.calls(SWITCHBOARD)
    dave.hears(centre.site.menu("front"), 1)
    centre.kill()
    dave.listens_from_now()
    dave.hears(centre.site.music("harp"), 1)
    centre.start()
    dave.hears(centre.site.menu("front"), 1)
    dave.presses("2")
    centre.waits(DAVE, queue="delivery")
    assert len(centre.books.rows("call")) == 1


def test_whoever_hangs_up_or_calls_while_the_appliance_is_dead(centre: Centre, dave: Person, eve: Person) -> None:
    dave.calls(ORDERS)
    centre.waits(DAVE, queue="orders")
    centre.kill()
    dave.hangs_up()
    eve.calls(DELIVERY)
    eve.hears(centre.site.music("organ"), 1)
    centre.start()
    centre.waits(EVE, queue="delivery")
    assert centre.books.one("call", number=DAVE)["outcome"] == "unseen"
    assert centre.books.column("visit", "outcome") == ["unseen", None]


def test_a_wrap_up_and_a_pause_outlive_a_crash(centre: Centre, alice: Person, bob: Person, dave: Person) -> None:
    centre.sign_on("alice", "bob")
    centre.ask("agent-pause", agent="502", reason="2")
    dave.calls(ORDERS)
    alice.rings()
    alice.answers()
    centre.is_in_state("alice", "talking")
    dave.hangs_up()
    centre.is_in_state("alice", "wrap-up")
    centre.kill()
    alice.is_hung_up_on()
    centre.start()
    assert (centre.state("alice"), centre.state("bob")) == ("wrap-up", "paused")
    alice.calls("*651")
    alice.hears(centre.site.phrase("disposition-saved"))
    alice.is_hung_up_on()
    centre.is_in_state("alice", "ready")


def test_gone_for_good_the_switch_s_own_queue_serves_the_caller(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    """The agent is busy with a phone call of another kind when the caller comes, and free later."""
    centre.sign_on("alice")
    alice.phone.refuse_calls()
    dave.calls(DELIVERY)
    alice.rings()
    alice.is_hung_up_on()
    until("alice is passed over", lambda: centre.books.offers() == [("501", "busy")])
    centre.waits(DAVE, queue="delivery")
    centre.kill()
    alice.phone.ring_only()
    centre.hears_music("dave", "organ")
    alice.rings(HELD)
    alice.answers()
    alice.talks_with(dave)
    alice.hangs_up()
    dave.is_hung_up_on()
    centre.start()
    centre.closes_its_books()
    assert centre.books.one("call")["outcome"] == centre.books.one("visit")["outcome"] == "unseen"
    assert centre.state("alice") == "ready"


def test_still_in_the_switch_s_own_queue_when_the_appliance_is_back(centre: Centre, dave: Person) -> None:
    dave.calls(ORDERS)
    centre.waits(DAVE, queue="orders")
    centre.kill()
    until("the switch serves the caller", lambda: centre.site.machine.serves_itself("orders") == 1, HELD)
    centre.start()
    until("the visit is given up", lambda: centre.books.column("visit", "outcome") == ["fallback"], 2 * HELD)
    centre.hears_music("dave")
    dave.hangs_up()
    centre.closes_its_books()
    assert centre.books.one("call")["outcome"] == "fallback"
