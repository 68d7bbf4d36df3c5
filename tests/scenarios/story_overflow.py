"""Callers who leave the line on real phones: by a full line, by time, by a key to a number outside."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.providers import SOMEBODY, called, calls_of, header
from tests.scenarios.waiting import until

BARGAINS = "+78432000014"
DAVE, EVE = "+78465550001", "+78465550002"
SENT_ON_AFTER = 9.0


def test_a_full_line_says_so_and_who_has_waited_goes_to_another_queue(
    centre: Centre, bob: Person, dave: Person, eve: Person
) -> None:
    dave.calls(BARGAINS)
    centre.waits(DAVE, queue="bargains")
    eve.calls(BARGAINS)
    eve.hears(centre.site.text("The shop is crowded. Please call again in the evening."))
    eve.is_hung_up_on()
    until("dave is sent on", lambda: len(centre.books.rows("visit")) == 3, within=30)
    centre.waits(DAVE, queue="delivery")
    centre.hears_music("dave", "organ")
    assert centre.waiting("delivery")[0]["head_start"] >= SENT_ON_AFTER
    centre.sign_on("bob")
    bob.rings()
    bob.answers()
    bob.talks_with(dave)
    dave.hangs_up()
    bob.is_hung_up_on()
    centre.closes_its_books()
    outcomes = {call["number"]: call["outcome"] for call in centre.books.rows("call")}
    assert outcomes == {DAVE: "answered", EVE: "overflowed"}
    assert sorted(centre.books.column("departure", "rule")) == ["after 9s", "length 1"]
    assert "0 unexplained" in centre.run("report").out


def test_a_key_in_an_announcement_leads_outside_and_the_talk_outlives_the_appliance(
    centre: Centre, dave: Person, sever: Person
) -> None:
    dave.calls(BARGAINS)
    centre.waits(DAVE, queue="bargains")
    dave.hears(centre.site.text(ANNOUNCED), 1.0)
    dave.presses("1")
    message = sever.rings().message
    assert called(message) == SOMEBODY
    assert "<sip:88432000001@" in header(message, "P-Asserted-Identity")
    sever.answers()
    dave.talks_with(sever)
    assert calls_of(centre, "sever") == 1
    centre.kill()
    sever.talks_with(dave)
    centre.start()
    dave.talks_with(sever)
    sever.hangs_up()
    dave.is_hung_up_on()
    centre.closes_its_books()
    call = centre.books.one("call")
    assert (call["direction"], call["trunk"], call["sent_on_by"]) == ("in", "metro", "sever")
    assert (call["rule"], call["outcome"]) == ("russia", "forwarded answered")
    assert centre.books.column("visit", "outcome") == ["opted out"]
    assert calls_of(centre, "sever") == 0


ANNOUNCED = "Please hold the line for a little while longer, somebody is going to be with you as soon as possible."
