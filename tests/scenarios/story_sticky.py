"""Callers whom the line knows, on real phones: the place they had lost, and the agent who talked to them last."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import CANCELLED, Person
from tests.scenarios.waiting import until

LOANS = "+78432000013"
DAVE, EVE = "+78465550001", "+78465550002"


def test_who_hung_up_has_the_place_back_and_then_the_same_agent(
    centre: Centre, alice: Person, bob: Person, dave: Person, eve: Person
) -> None:
    dave.calls(LOANS)
    centre.waits(DAVE, queue="loans")
    centre.hears_music("dave", seconds=6.0)  # which is longer than it takes to call again
    eve.calls(LOANS)
    centre.waits(DAVE, EVE, queue="loans")
    dave.hangs_up()
    centre.waits(EVE, queue="loans")
    dave.calls(LOANS)
    centre.waits(DAVE, EVE, queue="loans")
    dave.hears(centre.site.phrase("place-kept"))
    centre.hears_music("dave")
    centre.sign_on("bob")
    bob.rings()
    bob.answers()
    bob.talks_with(dave)
    dave.hangs_up()
    bob.is_hung_up_on()
    bob.rings()
    eve.hangs_up()
    assert bob.is_hung_up_on().code == CANCELLED
    centre.sign_on("alice")  # the first in the order
    dave.calls(LOANS)
    bob.rings()
    assert alice.is_not_rung()
    dave.hangs_up()
    bob.is_hung_up_on()
    until("all calls are over", lambda: len(centre.books.rows("call", outcome="abandoned")) == 3)
    first, _, second, third = centre.books.rows("visit")
    assert (second["came_back"], third["came_back"]) == (first["id"], None)
    assert second["waited"] > 0
    offer = centre.books.rows("offer")[-1]["id"]
    assert centre.books.considered(offer) == {"501": "the caller waits for another agent", "502": None}
    centre.closes_its_books()
