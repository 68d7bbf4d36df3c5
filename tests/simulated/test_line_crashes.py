"""What the line remembers of its agents and callers outlives the appliance: it is read back from the records."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from appliance.facts import AgentState
from appliance.records import models as t
from appliance.settings import Queue, Strategy
from appliance.simulation.people import Stage
from tests.simulated.centre import AGENTS, SUPPORT_LINE, Centre, running, settings

NAMES = {id: name for name, id in AGENTS.items()}


@contextmanager
def centre_with(tmp_path: Path, strategy: Strategy, **more: Any) -> Iterator[Centre]:
    queue = Queue("support", "Support", strategy, tuple(AGENTS.values()), ring_for=15, **more)
    queues = {**settings().queues, "support": queue}
    with running(tmp_path, settings(queues=queues)) as centre:
        yield centre


def restart(centre: Centre) -> None:
    centre.kill()
    centre.run_for(3)
    centre.start()
    centre.run_for(1)


def serve(centre: Centre, talks: float = 5) -> str:
    """One call; who had it."""
    caller = centre.call(SUPPORT_LINE)
    centre.until(lambda: caller.stage is Stage.TALKING)
    centre.run_for(talks)
    caller.hang_up()
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(1)
    return NAMES[t.Visit.select().order_by(t.Visit.joined_at.desc()).first().agent]


def all_answer(centre: Centre) -> None:
    for name in AGENTS:
        centre.phone(name).answers(after=1)


def stats(centre: Centre, name: str) -> tuple[float, float]:
    agent = centre.engine.acd.roster[AGENTS[name]]
    return agent.calls, round(agent.talked, 3)


def test_round_robin_goes_on_where_it_was(tmp_path: Path) -> None:
    with centre_with(tmp_path, Strategy.ROUND_ROBIN) as centre:
        all_answer(centre)
        centre.sign_on("carol", "bob", "alice")
        served = []
        for _ in range(4):
            served.append(serve(centre))
            restart(centre)
        assert served == ["alice", "bob", "carol", "alice"]


@pytest.mark.parametrize("strategy", [Strategy.FEWEST_CALLS, Strategy.LEAST_TALK_TIME])
def test_the_counters_of_a_shift_are_read_back(tmp_path: Path, strategy: Strategy) -> None:
    with centre_with(tmp_path, strategy) as centre:
        all_answer(centre)
        centre.sign_on("alice", "bob")
        for talks in (5, 9, 7):
            serve(centre, talks)
        centre.sign_on("carol")
        serve(centre)
        before = {name: stats(centre, name) for name in AGENTS}
        restart(centre)
        assert {name: stats(centre, name) for name in AGENTS} == before
        assert before["carol"][0] in (1.5, 2.5) and before["carol"][1] > 0, "she began at the mean"


def test_killed_in_a_talk_it_counts_once(tmp_path: Path) -> None:
    with centre_with(tmp_path, Strategy.FEWEST_CALLS) as centre:
        all_answer(centre)
        centre.sign_on("alice")
        caller = centre.call(SUPPORT_LINE)
        centre.until(lambda: caller.stage is Stage.TALKING)
        restart(centre)
        assert stats(centre, "alice") == (1.0, 0.0)
        caller.hang_up()
        centre.until(lambda: centre.state("alice") is AgentState.READY)
        calls, talked = stats(centre, "alice")
        restart(centre)
        assert stats(centre, "alice") == (calls, talked) and calls == 1.0 and talked > 3


def test_a_shift_that_ended_before_counts_no_more(tmp_path: Path) -> None:
    with centre_with(tmp_path, Strategy.FEWEST_CALLS) as centre:
        all_answer(centre)
        centre.sign_on("alice")
        serve(centre)
        centre.phone("alice").dial("*12")
        centre.until(lambda: centre.state("alice") is AgentState.SIGNED_OFF)
        centre.sign_on("alice")
        restart(centre)
        assert stats(centre, "alice") == (0.0, 0.0)


def test_who_let_a_caller_ring_is_not_offered_the_same_caller_after_the_crash(tmp_path: Path) -> None:
    with centre_with(tmp_path, Strategy.IN_ORDER) as centre:
        centre.sign_on("alice", "bob")
        centre.call(SUPPORT_LINE)
        centre.until(lambda: centre.phone("bob").stage is Stage.RINGING)
        assert [row.agent for row in t.OfferAgent.select()] == [AGENTS["alice"], AGENTS["bob"]]
        centre.kill()
        centre.run_for(1)
        centre.start()
        centre.until(lambda: centre.engine.acd.waiting("support")[0].present)
        (visit,) = centre.engine.acd.waiting("support")
        assert AGENTS["alice"] in visit.missed and visit.came_to_nothing >= 1
