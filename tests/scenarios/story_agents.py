"""Agents at their phones: feature codes, wrap-up and dispositions, by keys and with spoken answers."""

import pytest

from tests.scenarios.centre import AGENTS, Centre
from tests.scenarios.people import Person
from tests.scenarios.waiting import until

ORDERS, DELIVERY, CLAIMS = "+78432000002", "+78432000003", "+78432000004"


def dials_and_hears(centre: Centre, agent: Person, code: str, phrase: str, language: str = "en") -> None:
    """A code that does at once what it is for, says so and ends the call."""
    agent.calls(code)
    agent.hears(centre.site.phrase(phrase, language))
    agent.is_hung_up_on()


def talk(centre: Centre, caller: Person, agent: Person, number: str = ORDERS) -> None:
    """A call from ringing to talking."""
    caller.calls(number)
    agent.rings()
    agent.answers()
    centre.is_in_state(agent.name, "talking")


def test_a_day_of_codes(centre: Centre, alice: Person) -> None:
    pin = centre.site.secrets["agent-501"]
    alice.calls("*61")
    alice.hears(centre.site.phrase("agent-number"))
    alice.presses("501#")
    alice.hears(centre.site.phrase("agent-pin"))
    alice.presses("0000#")
    alice.hears(centre.site.phrase("agent-wrong-pin"))
    assert centre.state("alice") == "signed off"
    alice.presses(f"501#{pin}#")
    alice.hears(centre.site.phrase("agent-signed-on"))
    alice.is_hung_up_on()
    assert centre.state("alice") == "ready"

    alice.calls("*63")
    alice.hears(centre.site.phrase("agent-pause-reason"))
    alice.presses("2")
    alice.hears(centre.site.phrase("agent-paused"))
    alice.is_hung_up_on()
    assert centre.state("alice") == "paused"
    dials_and_hears(centre, alice, "*64", "agent-resumed")
    dials_and_hears(centre, alice, "*639", "agent-wrong-code")
    assert centre.state("alice") == "ready"
    dials_and_hears(centre, alice, "*62", "agent-signed-off")
    assert centre.books.states("501") == [
        ("ready", "signed on"),
        ("paused", "2"),
        ("ready", "resumed"),
        ("signed off", ""),
    ]


def test_the_same_agent_at_another_phone(centre: Centre, alice: Person, bob: Person, dave: Person) -> None:
    centre.sign_on("alice")
    bob.calls("*61501")
    bob.presses(centre.site.secrets["agent-501"] + "#")
    bob.hears(centre.site.phrase("agent-signed-on"))
    bob.is_hung_up_on()
    assert centre.books.column("agentstretch", "phone", agent="501") == ["31", "32"]
    dave.calls(DELIVERY)
    bob.rings()
    bob.answers()
    centre.is_in_state("alice", "talking")
    assert alice.is_not_rung()
    bob.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    dials_and_hears(centre, alice, "*62", "agent-not-signed-on")


def test_a_taken_phone_and_an_agent_of_another_language(centre: Centre, carol: Person, alice: Person) -> None:
    centre.sign_on("carol")
    carol.calls("*61501")
    carol.presses(centre.site.secrets["agent-501"] + "#")
    carol.hears(centre.site.phrase("agent-phone-taken", "ru"))
    carol.is_hung_up_on()
    dials_and_hears(centre, carol, "*631", "agent-paused", "ru")
    assert centre.state("carol") == "paused" and centre.state("alice") == "signed off"


def test_the_caller_hangs_up_and_the_agent_is_asked_for_the_disposition(
    centre: Centre, alice: Person, dave: Person
) -> None:
    centre.sign_on("alice")
    talk(centre, dave, alice)
    alice.listens_from_now()
    dave.hangs_up()
    alice.hears(centre.site.text("Sold, key one. Not sold, key two two."))
    assert centre.state("alice") == "wrap-up"
    alice.presses("9")
    alice.presses("9")
    alice.hears(centre.site.phrase("agent-wrong-code"))
    alice.presses("22")
    alice.hears(centre.site.phrase("disposition-saved"))
    alice.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    disposition = centre.books.one("disposition")
    assert (disposition["agent"], disposition["code"], disposition["name"]) == ("501", "22", "Not sold")
    assert disposition["visit"] == centre.books.one("visit")["id"]
    assert centre.books.states("501")[-1] == ("ready", "wrap-up ended")


def test_the_agent_hangs_up_and_the_wrap_up_ends_by_time(centre: Centre, alice: Person, dave: Person) -> None:
    centre.sign_on("alice")
    talk(centre, dave, alice, CLAIMS)
    alice.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("alice", "wrap-up")
    centre.is_in_state("alice", "ready")
    stretch = centre.books.one("agentstretch", state="wrap-up")
    assert stretch["ended_at"] - stretch["began_at"] == pytest.approx(3.0, abs=0.5)
    assert centre.books.states("501")[-1] == ("ready", "wrap-up time over")


def test_the_wrap_up_ends_by_a_code_and_the_disposition_is_keyed_with_it(
    centre: Centre, alice: Person, dave: Person
) -> None:
    centre.sign_on("alice")
    talk(centre, dave, alice)
    alice.hangs_up()
    centre.is_in_state("alice", "wrap-up")
    dials_and_hears(centre, alice, "*651", "disposition-saved")
    centre.is_in_state("alice", "ready")
    assert centre.books.one("disposition")["name"] == "Sold"
    dials_and_hears(centre, alice, "*6522", "disposition-saved")  # on second thoughts
    assert centre.books.column("disposition", "name") == ["Sold", "Not sold"]

    talk(centre, dave, alice, CLAIMS)
    alice.hangs_up()
    centre.is_in_state("alice", "wrap-up")
    dials_and_hears(centre, alice, "*65", "agent-wrap-up-ended")
    assert centre.books.states("501")[-1] == ("ready", "wrap-up ended")


def test_a_pause_asked_for_during_the_talk_begins_after_it(centre: Centre, alice: Person, dave: Person) -> None:
    centre.sign_on("alice")
    talk(centre, dave, alice, DELIVERY)
    centre.ask("agent-pause", agent=AGENTS["alice"], reason="1")
    assert centre.state("alice") == "talking"
    dave.hangs_up()
    alice.is_hung_up_on()
    centre.is_in_state("alice", "paused")
    dave.calls(DELIVERY)
    centre.waits("+78465550001", queue="delivery")
    assert alice.is_not_rung()
    alice.calls("*64")
    alice.is_hung_up_on()
    alice.rings()
    dave.hangs_up()
    until("the books are closed", lambda: centre.books.rows("call", outcome="abandoned"))
