"""ring-progressively on a switch: one more phone rings after another for the same caller."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.facts import AgentState
from appliance.records import models as t
from appliance.records.why import find_call, story
from appliance.settings import Settings, Strategy
from appliance.simulation.people import Stage
from tests.simulated.centre import AGENTS, Centre, running, settings


def progressive() -> Settings:
    old = settings()
    support = replace(
        old.queues["support"],
        agents=tuple(AGENTS.values()),
        strategy=Strategy.RING_PROGRESSIVELY,
        ring_for=20.0,
        ring_next_after=5.0,
        wrap_up=0.0,
        dispositions=None,
    )
    return settings(queues={**old.queues, "support": support})


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, progressive()) as centre:
        centre.sign_on("alice", "bob", "carol")
        yield centre


def rings(centre: Centre, name: str) -> bool:
    return centre.phone(name).stage is Stage.RINGING


def outcomes() -> dict[str, str]:
    return {row.agent: row.outcome for row in t.OfferAgent.select()}


def test_one_after_the_other_rings_and_the_first_to_answer_has_the_call(centre: Centre) -> None:
    centre.phone("carol").answers(after=2, talks=10)
    caller = centre.call()
    centre.until(lambda: rings(centre, "alice"))
    assert not rings(centre, "bob")
    centre.until(lambda: rings(centre, "bob"))
    assert rings(centre, "alice") and not rings(centre, "carol")
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert centre.state("carol") is AgentState.TALKING
    assert [centre.state(name) for name in ("alice", "bob")] == [AgentState.READY] * 2
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(1)
    assert outcomes() == {"1001": "cancelled", "1002": "cancelled", "1003": "answered"}
    assert t.Offer.select().count() == 1
    told = [moment.text for moment in story(find_call("last")).moments if moment.kind == "offered"]
    assert told == [
        "is offered to 1001 (phone 201)",
        "is offered to 1002 (phone 202) as well",
        "is offered to 1003 (phone 203) as well",
    ]
    considered = [{a: why for a, why, _ in m.considered} for m in story(find_call("last")).moments]
    assert {"1001": "being offered this call already", "1002": None, "1003": "later in the order"} in considered


def test_the_first_of_them_can_still_answer(centre: Centre) -> None:
    centre.phone("alice").answers(after=12, talks=5)
    caller = centre.call()
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert centre.state("alice") is AgentState.TALKING
    assert not rings(centre, "bob") and not rings(centre, "carol")


def test_when_all_that_ring_have_refused_the_next_is_rung_at_once(centre: Centre) -> None:
    centre.phone("alice").rejects(after=1)
    caller = centre.call()
    centre.until(lambda: rings(centre, "bob"), within=3)
    caller.hang_up()
    centre.run_for(1)
    assert outcomes() == {"1001": "refused", "1002": "cancelled"}


def test_after_the_time_all_of_them_stop_and_have_missed_it(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: t.Offer.select().where(t.Offer.ended_at.is_null(False)).count() == 1)
    assert outcomes() == dict.fromkeys(AGENTS.values(), "no answer")
    centre.until(lambda: rings(centre, "alice"))
    caller.hang_up()


def test_a_caller_who_leaves_is_missed_by_nobody(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: rings(centre, "bob"))
    caller.hang_up()
    centre.run_for(10)
    assert outcomes() == {"1001": "cancelled", "1002": "cancelled"}
    assert not rings(centre, "alice") and not rings(centre, "bob")


def test_who_does_not_ring_yet_takes_another_call(centre: Centre) -> None:
    first, second = centre.call(from_="+74959999991"), centre.call(from_="+74959999992")
    centre.until(lambda: rings(centre, "alice") and rings(centre, "bob"), within=2)
    third = centre.call(from_="+74959999993")
    centre.until(lambda: rings(centre, "carol"), within=2)
    centre.run_for(10)
    assert t.OfferAgent.select().count() == 3
    for caller in (first, second, third):
        caller.hang_up()


def test_killed_while_two_ring_the_caller_keeps_the_place(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: rings(centre, "bob"))
    centre.kill()
    centre.run_for(1)
    centre.start()
    centre.phone("alice").answers(after=1)
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert t.Visit.select().count() == 1


def test_killed_and_answered_by_the_second_the_talk_goes_on(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: rings(centre, "bob"))
    centre.kill()
    centre.phone("bob").pick_up()
    centre.run_for(1)
    assert caller.stage is Stage.TALKING
    centre.start()
    centre.until(lambda: centre.state("bob") is AgentState.TALKING)
    caller.hang_up()
    centre.until(lambda: centre.state("bob") is AgentState.READY)
