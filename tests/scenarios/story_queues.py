"""Queues on real phones: who is rung, in which order, and what the caller hears meanwhile."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import CANCELLED, Person
from tests.scenarios.waiting import until

ORDERS, DELIVERY, CLAIMS, WHOLESALE = (f"+784320000{n:02}" for n in (2, 3, 4, 12))
GIFTS, COURIERS = "+78432000031", "+78432000032"


def serve(centre: Centre, caller: Person, agent: Person) -> None:
    """A short call that this agent, and nobody else, is offered."""
    caller.calls(CLAIMS)
    agent.rings()
    agent.answers()
    centre.is_in_state(agent.name, "talking")
    caller.hangs_up()
    agent.is_hung_up_on()
    centre.is_in_state(agent.name, "wrap-up")


def test_longest_idle_goes_round(centre: Centre, alice: Person, bob: Person, carol: Person, dave: Person) -> None:
    centre.sign_on("carol", "alice", "bob")
    for agent in (carol, alice, bob):
        serve(centre, dave, agent)
    centre.is_in_state("carol", "ready")
    serve(centre, dave, carol)
    assert centre.books.column("visit", "agent") == ["503", "501", "502", "503"]
    assert {outcome for _, outcome in centre.books.offers()} == {"answered"}
    assert alice.is_not_rung() and bob.is_not_rung()


def test_round_robin_goes_on_after_the_last_and_a_later_tier_comes_after_a_miss(
    centre: Centre, alice: Person, bob: Person, carol: Person, dave: Person
) -> None:
    centre.sign_on("bob", "alice", "carol")
    for agent in (carol, alice):
        dave.calls(WHOLESALE)
        agent.rings()
        agent.answers()
        centre.is_in_state(agent.name, "talking")
        dave.hangs_up()
        agent.is_hung_up_on()
        centre.is_in_state(agent.name, "ready")
    dave.calls(WHOLESALE)
    carol.rings()
    carol.is_hung_up_on()
    alice.rings()
    alice.answers()
    centre.is_in_state("alice", "talking")
    second = centre.books.rows("offer")[-1]["id"]
    assert centre.books.considered(second) == {
        "503": "missed this call a moment ago",
        "501": None,
        "502": "later in the order",
    }
    dave.hangs_up()
    alice.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    assert bob.is_not_rung()
    assert centre.books.column("visit", "agent") == ["503", "501", "501"]


def test_ring_all_rings_both_and_the_first_to_answer_has_the_call(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    centre.sign_on("alice", "bob")
    dave.calls(DELIVERY)
    alice.rings()
    bob.rings()
    assert (centre.state("alice"), centre.state("bob")) == ("offered", "offered")
    bob.answers()
    assert alice.is_hung_up_on().code == CANCELLED
    bob.talks_with(dave)
    assert (centre.state("alice"), centre.state("bob")) == ("ready", "talking")
    assert dict(centre.books.offers()) == {"501": "cancelled", "502": "answered"}
    bob.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("bob", "ready")
    assert centre.books.one("visit")["agent"] == "502"


def test_one_phone_after_another_rings_and_all_of_them_go_on(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    centre.sign_on("alice", "bob")
    dave.calls(GIFTS)
    alice.rings()
    assert centre.state("bob") == "ready"
    centre.hears_music("dave", "organ")
    bob.rings()
    assert (centre.state("alice"), centre.state("bob")) == ("offered", "offered")
    bob.answers()
    assert alice.is_hung_up_on().code == CANCELLED
    bob.talks_with(dave)
    dave.hangs_up()
    bob.is_hung_up_on()
    centre.is_in_state("bob", "ready")
    assert centre.books.offers() == [("501", "cancelled"), ("502", "answered")]
    first, second = centre.books.rows("offeragent")
    assert first["offer"] == second["offer"], "one offer that has grown"


def test_an_agent_is_told_of_the_caller_and_has_to_accept(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    centre.sign_on("alice", "bob")
    dave.calls(COURIERS)
    alice.rings()
    alice.answers()  # as a mailbox would
    alice.hears(centre.site.phrase("agent-accept"))
    centre.hears_music("dave", "organ")
    assert centre.state("alice") == "offered"
    alice.is_hung_up_on()
    bob.rings()
    bob.answers()
    bob.hears(centre.site.phrase("agent-accept"))
    bob.presses("1")
    bob.talks_with(dave)
    assert centre.books.offers() == [("501", "no answer"), ("502", "answered")]
    (call,) = centre.books.column("call", "id")
    steps = [step for step in centre.books.steps(call) if step[0] in ("whisper", "accept")]
    assert steps == [
        ("whisper", "501 is told of the caller"),
        ("accept", "501 pressed nothing"),
        ("whisper", "502 is told of the caller"),
        ("accept", "502 pressed 1"),
    ]
    dave.hangs_up()
    bob.hears(centre.site.text("Sold, key one. Not sold, key two two."))
    bob.presses("1")
    bob.is_hung_up_on()
    centre.is_in_state("bob", "ready")


def test_music_before_while_and_after_a_phone_rings_and_the_place_is_kept(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    dave.calls(CLAIMS)
    dave.hears(centre.site.text("This is the claims department."))
    centre.hears_music("dave")
    centre.sign_on("alice")
    alice.rings()
    centre.hears_music("dave")
    alice.is_hung_up_on()
    centre.hears_music("dave")
    until("alice is passed over", lambda: centre.books.offers() == [("501", "no answer")])
    assert centre.state("alice") == "ready"
    centre.sign_on("bob")
    bob.rings()
    bob.answers()
    bob.talks_with(dave)
    bob.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("bob", "ready")
    visit = centre.books.one("visit")
    assert (visit["agent"], visit["outcome"]) == ("502", "answered")
    assert centre.books.offers() == [("501", "no answer"), ("502", "answered")]
    second = centre.books.rows("offer")[1]["id"]
    assert centre.books.considered(second) == {
        "501": "missed this call a moment ago",
        "502": None,
        "503": "signed off",
    }


def test_a_phone_that_is_busy_or_refuses_is_passed_over_at_once(
    centre: Centre, alice: Person, bob: Person, carol: Person, dave: Person
) -> None:
    alice.phone.refuse_calls(486)
    bob.phone.refuse_calls(603)
    centre.sign_on("alice", "bob", "carol")
    dave.calls(ORDERS)
    carol.rings()
    carol.answers()
    centre.is_in_state("carol", "talking")
    dave.hangs_up()
    carol.phone.hang_up()
    centre.closes_its_books()
    assert centre.books.offers() == [("501", "busy"), ("502", "refused"), ("503", "answered")]
    centre.is_in_state("carol", "wrap-up")


def test_a_caller_who_gives_up_stops_the_ringing(centre: Centre, alice: Person, dave: Person) -> None:
    centre.sign_on("alice")
    dave.calls(ORDERS)
    alice.rings()
    dave.hangs_up()
    assert alice.is_hung_up_on().code == CANCELLED
    centre.is_in_state("alice", "ready")
    centre.closes_its_books()
    assert centre.books.one("visit")["outcome"] == centre.books.one("call")["outcome"] == "abandoned"
    assert centre.books.offers() == [("501", "cancelled")]


def test_a_phone_that_is_gone_is_not_rung_until_it_is_back(centre: Centre, alice: Person, dave: Person) -> None:
    centre.sign_on("alice")
    alice.phone.unregister()
    until("the phone is known to be gone", lambda: not centre.ask("agents")[0]["reachable"])
    dave.calls(ORDERS)
    centre.waits("+78465550001", queue="orders")
    assert not centre.books.offers()
    alice.phone.register()
    alice.rings()
    alice.answers()
    centre.is_in_state("alice", "talking")
    alice.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("alice", "wrap-up")


def test_callers_are_served_in_the_order_in_which_they_came(
    centre: Centre, alice: Person, dave: Person, eve: Person, frank: Person
) -> None:
    numbers = ["+78465550003", "+78465550001", "+78465550002"]
    for place, caller in enumerate((frank, dave, eve), 1):
        caller.calls(DELIVERY)
        centre.waits(*numbers[:place], queue="delivery")
    centre.sign_on("alice")
    for caller, number in zip((frank, dave, eve), numbers, strict=True):
        assert alice.rings().number == number
        alice.answers()
        alice.talks_with(caller, 1)
        alice.hangs_up()
        caller.is_hung_up_on()
    centre.closes_its_books()
    visits = centre.books.rows("visit")
    assert [visit["outcome"] for visit in visits] == ["answered"] * 3
