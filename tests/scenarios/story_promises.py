"""Nobody is forgotten: who hung up in line is called, and what is left to be done is told of in time."""

import time

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.providers import called
from tests.scenarios.waiting import until

AUCTIONS = "+78432000045"
CUSTOMER, AS_DIALLED = "+79161112233", "89161112233"
TURN = 40.0  # seconds until somebody is called whose turn it is


def test_who_hung_up_is_called_and_what_is_left_undone_is_told(
    centre: Centre, alice: Person, bob: Person, dave: Person, sever: Person
) -> None:
    dave.calls(AUCTIONS, from_=CUSTOMER)
    centre.waits(CUSTOMER, queue="auctions")
    until("he has waited", lambda: waited(centre) > 3.0)
    dave.hangs_up()
    until("a call is promised", lambda: centre.books.rows("callback", number=CUSTOMER))
    centre.kill()
    centre.start()

    centre.sign_on("alice")
    alice.rings(TURN)
    alice.answers()
    alice.hears(centre.site.phrase("agent-accept"))
    assert sever.is_not_rung()
    alice.presses("1")
    assert called(sever.rings().message) == AS_DIALLED
    sever.answers()
    alice.talks_with(sever)
    sever.hangs_up()
    alice.hears(centre.site.text("Sold, key one. To be asked, key two."))
    alice.presses("2")
    alice.is_hung_up_on()
    (missed,) = centre.run("abandoned", "--json").data
    assert (missed["number"], missed["reason"], missed["served_by"]) == (CUSTOMER, "hung up", "501")
    assert missed["redialled"]["outcome"] == "served"

    # Nobody asks for the price in time.
    bob.rings(TURN)
    bob.answers()
    bob.hears(centre.site.phrase("task-take"))
    bob.presses("1")
    bob.hears(centre.site.phrase("task-taken"))
    bob.is_hung_up_on()
    until("that is written down", lambda: centre.books.one("task_notice")["ended_at"])
    (task,) = centre.run("tasks", "--json").data
    assert (task["text"], task["number"], task["owner"]) == ("To be asked for the price", CUSTOMER, "501")
    assert task["taken_at"] and task["late"]
    assert "32 has taken it over" in centre.run("tasks", "show", "last").out
    centre.run("tasks", "done", "last", "--outcome", "asked")
    assert centre.run("tasks", "--json").data == []
    centre.closes_its_books()


def waited(centre: Centre) -> float:
    """Seconds, of whoever waits."""
    (queue,) = [each for each in centre.ask("queues") if each["queue"] == "auctions"]
    return max((time.time() - caller["joined_at"] for caller in queue["waiting"]), default=0.0)
