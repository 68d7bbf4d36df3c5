"""A configuration is put in force while people call: nobody is lost, and what the switch refuses is taken back."""

from collections.abc import Iterator

import pytest

from tests.scenarios.centre import Centre
from tests.scenarios.draft import Draft
from tests.scenarios.people import Person
from tests.scenarios.waiting import until

FRONT, ORDERS, DELIVERY, CLAIMS = (f"+7843200000{n}" for n in range(1, 5))
NEW = "+78432000099"  # nobody else has it
DAVE, EVE = "+78465550001", "+78465550002"
OF_CLAIMS = "agents: [501, 502, 503]\n    ring_for: "


@pytest.fixture
def draft(centre: Centre) -> Iterator[Draft]:
    """A copy of the configuration that may be changed; in the end the switch has what it had before."""
    draft = Draft(centre)
    yield draft
    draft.put_everything_back()


def test_who_waits_keeps_the_place_and_hears_the_new_music_and_who_is_in_a_menu_the_old_words(
    centre: Centre, draft: Draft, alice: Person, bob: Person, dave: Person, eve: Person, frank: Person
) -> None:
    assert draft.apply().status == 0
    dave.calls(CLAIMS)
    centre.waits(DAVE, queue="claims")
    centre.hears_music("dave", "harp")
    frank.calls(FRONT)
    frank.hears(centre.site.text("This is Volga Books."))
    draft.change("queues.yml", f"{OF_CLAIMS}4s", "agents: [502]\n    ring_for: 9s")
    draft.change(
        "queues.yml", "the claims department.\n    music: harp", "the claims department.\n    music: organ"
    )
    draft.change(
        "numbers.yml",
        "greeting: This is Volga Books.\n    open: {menu",
        "greeting: Good day to you, this is the publisher.\n    open: {menu",
    )
    done = draft.apply("-m", "claims is Bob's from now on")
    assert done.status == 0, done.err
    assert "Version 2 is in force" in done.out
    dave.listens_from_now()
    dave.hears(draft.music("organ"), 1.0)
    eve.calls(FRONT)
    eve.hears(draft.text("Good day to you, this is the publisher."))
    frank.hears(centre.site.menu("front"))
    frank.hangs_up()
    eve.hangs_up()
    centre.sign_on("alice", "bob")
    bob.rings()
    assert alice.is_not_rung()
    bob.answers()
    bob.talks_with(dave)
    bob.hangs_up()
    dave.is_hung_up_on()
    centre.closes_its_books()
    versions = {call["number"]: call["version"] for call in centre.books.rows("call")}
    assert versions == {DAVE: 1, "+78465550003": 1, EVE: 2}
    served = centre.books.facts("VersionServed")
    assert [(fact["version"], fact["comment"]) for fact in served] == [(1, ""), (2, "claims is Bob's from now on")]
    assert "version" in centre.run("why", "last").out


def test_who_waits_in_a_queue_that_is_removed_is_moved_as_told(
    centre: Centre, draft: Draft, bob: Person, dave: Person
) -> None:
    assert draft.apply().status == 0
    dave.calls(DELIVERY)
    centre.waits(DAVE, queue="delivery")
    draft.remove_queue("delivery", instead="claims")
    refused = draft.apply()
    assert refused.status == 2 and "1 caller waits in delivery" in refused.err
    assert centre.run("versions", "--json").data[-1]["number"] == 1
    centre.waits(DAVE, queue="delivery")
    draft.add("removed.yml", "removed: {delivery: {queue: claims}}\n")
    done = draft.apply()
    assert done.status == 0, done.err
    centre.waits(DAVE, queue="claims")
    centre.sign_on("bob")
    bob.rings()
    bob.answers()
    bob.talks_with(dave)
    bob.hangs_up()
    dave.is_hung_up_on()
    centre.closes_its_books()
    assert centre.books.column("visit", "outcome") == ["moved", "answered"]


def test_a_reload_that_the_switch_refuses_leaves_the_version_before_in_force(
    centre: Centre, draft: Draft, alice: Person, dave: Person
) -> None:
    assert draft.apply().status == 0
    dave.calls(CLAIMS)
    centre.waits(DAVE, queue="claims")
    draft.change("queues.yml", f"{OF_CLAIMS}4s", f"{OF_CLAIMS}9s")
    said = draft.apply_what_the_switch_cannot_read()
    assert "Everything has been taken back. Version 1 goes on serving." in said, said
    assert [each["number"] for each in centre.run("versions", "--json").data] == [1]
    assert centre.run("diff", "--into", str(draft.into)).status == 1
    centre.sign_on("alice")
    assert alice.rings()
    alice.answers()
    alice.talks_with(dave)
    alice.hangs_up()
    dave.is_hung_up_on()
    assert draft.apply().status == 0


def test_a_number_and_a_phone_that_are_added_work_at_once(centre: Centre, draft: Draft, dave: Person) -> None:
    assert draft.apply().status == 0
    draft.add("new_number.yml", f'numbers: {{"{NEW}": {{open: {{message: This number is new.}}}}}}\n')
    draft.add("new_phone.yml", "phones: {39: {name: New}}\n")
    done = draft.apply("--make-secrets")
    assert done.status == 0, done.err
    dave.calls(NEW)
    dave.hears(draft.text("This number is new."))
    dave.is_hung_up_on()
    again = draft.apply()
    assert again.status == 0 and "nothing is different" in again.out
    back = draft.rollback()
    assert back.status == 0 and "Version 3 is in force" in back.out
    assert centre.run("versions", "--json").data[-1]["comment"] == "back to version 1"


def test_many_applies_in_a_row_lose_no_call(
    centre: Centre, draft: Draft, alice: Person, bob: Person, dave: Person, eve: Person, frank: Person
) -> None:
    assert draft.apply().status == 0
    centre.sign_on("alice")
    dave.calls(ORDERS)
    alice.rings()
    alice.answers()
    alice.talks_with(dave)
    eve.calls(DELIVERY)
    centre.waits(EVE, queue="delivery")
    frank.calls(FRONT)
    frank.hears(centre.site.text("This is Volga Books."))
    for seconds in range(4, 10):
        draft.change("queues.yml", f"{OF_CLAIMS}{seconds}s", f"{OF_CLAIMS}{seconds + 1}s")
        done = draft.apply()
        assert done.status == 0, done.err
    assert [each["number"] for each in centre.run("versions", "--json").data] == [*range(1, 8)]
    alice.talks_with(dave)
    centre.waits(EVE, queue="delivery")
    assert centre.ask("status")["calls"] == 3
    frank.hangs_up()
    alice.hangs_up()
    dave.is_hung_up_on()
    eve.hangs_up()
    centre.closes_its_books()
    until("every call has an outcome", lambda: all(centre.books.column("call", "outcome")))
