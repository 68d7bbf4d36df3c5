"""The command line says what the phones saw."""

import gevent
import pytest

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.waiting import until

ORDERS, DELIVERY = "+78432000002", "+78432000003"
EXACT = 0.5  # seconds between what a phone saw and what was written


def test_figures_while_and_after(centre: Centre, alice: Person, dave: Person, eve: Person) -> None:
    centre.sign_on("alice")
    dave.calls(ORDERS, from_="+79172345601")
    alice.rings()
    answered = alice.answers()
    centre.is_in_state("alice", "talking")
    eve.calls(DELIVERY)
    centre.waits("+78465550002", queue="delivery")

    commands = (["status"], ["agents"], ["queues"], ["calls", "--live"])
    asked = [gevent.spawn(centre.run, *command, "--json") for command in commands]
    status, agents, queues, live = (greenlet.get().data for greenlet in asked)
    assert (status["calls"], status["waiting"], status["talking"]) == (2, 1, 1)
    assert status["agents"] == {"talking": 1, "signed off": 2}
    agent_of = {agent["agent"]: agent for agent in agents}
    assert (agent_of["501"]["state"], agent_of["501"]["phone"], agent_of["501"]["queue"]) == (
        "talking",
        "31",
        "orders",
    )
    assert agent_of["503"]["state"] == "signed off"
    queue_of = {queue["queue"]: queue for queue in queues}
    assert [caller["number"] for caller in queue_of["delivery"]["waiting"]] == ["+78465550002"]
    assert queue_of["orders"]["talking"] == 1 and queue_of["orders"]["waiting"] == []
    call_of = {call["number"]: call for call in live}
    assert (call_of["+79172345601"]["state"], call_of["+79172345601"]["agent"]) == ("talking", "501")
    assert call_of["+78465550002"]["state"] == "waiting"

    eve.hangs_up()
    ended = dave.hangs_up()
    alice.presses("1")
    alice.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    talked = ended.at - answered.at

    report = centre.run("report", "--json").data
    orders, claims, delivery = (
        next(q for q in report["queues"] if q["queue"] == id) for id in ("orders", "claims", "delivery")
    )
    assert (orders["offered"], orders["answered"], orders["abandoned"]) == (1, 1, 0)
    assert orders["service_levels"]["SL-C"] == 1.0
    assert orders["average_talk"] == pytest.approx(talked, abs=EXACT)
    assert (delivery["offered"], delivery["answered"], delivery["abandoned"]) == (1, 0, 1)
    assert claims["offered"] == 0
    figures = next(agent for agent in report["agents"] if agent["agent"] == "501")
    assert (figures["offers"], figures["answered"], figures["missed"]) == (1, 1, 0)
    assert report["ledger"]["unexplained_count"] == 0
    text = centre.run("report")
    assert text.status == 0 and "answered within T / (answered + abandoned)" in text.out

    first, second = centre.run("calls", "--json").data
    assert (first["outcome"], first["customer"]) == ("answered", "Varvara Belova")
    assert (second["outcome"], second["number"]) == ("abandoned", "+78465550002")
    why = centre.run("why", first["id"]).out
    assert "Varvara Belova" in why and "Sold" in why and "502" in why and "signed off" in why
    last = centre.run("why", "last", "--json").data
    assert last["call"]["id"] == second["id"]


def test_agents_are_led_from_the_command_line(centre: Centre, alice: Person, dave: Person) -> None:
    assert centre.run("agents", "sign-on", "501", "--phone", "31").status == 0
    assert centre.run("agents", "pause", "501", "--reason", "2").status == 0
    dave.calls(DELIVERY)
    centre.waits("+78465550001", queue="delivery")
    assert alice.is_not_rung()
    unknown = centre.run("agents", "pause", "501", "--reason", "9")
    assert unknown.status == 2 and "no such reason" in unknown.err
    assert centre.run("agents", "resume", "501").status == 0
    alice.rings()
    dave.hangs_up()
    until("the caller is gone", lambda: centre.books.rows("call", outcome="abandoned"))
    assert centre.run("agents", "sign-off", "501").status == 0
    assert centre.state("alice") == "signed off"
