"""What an agent hears of a caller before the talk, and that nobody talks who has not taken the call."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance.facts import AgentState
from appliance.records import models as t
from appliance.records.why import find_call, story
from appliance.settings import Agent, Prompt, Say, Strategy
from appliance.simulation.channel import Sound
from appliance.simulation.people import Stage
from tests.simulated.centre import AGENTS, VIP, Centre, running, settings

WHISPER = Prompt({"en": Say("{queue}. {customer}. {number}. Waited {waited}."), "ru": Say("Очередь {queue}.")})
ALL = tuple(AGENTS.values())


@contextmanager
def whispering(tmp_path: Path, agents: dict[str, Agent] | None = None, **queue: Any) -> Iterator[Centre]:
    old = settings()
    changes = {"agents": ALL, "strategy": Strategy.IN_ORDER, "whisper": WHISPER, "record": False, **queue}
    changed = {**old.queues, "support": replace(old.queues["support"], **changes)}
    with running(tmp_path, settings(queues=changed, agents={**old.agents, **(agents or {})})) as centre:
        yield centre


def heard(centre: Centre, name: str) -> list[str]:
    """What somebody at a phone has heard in the last call, in words."""
    spoken = centre.voice.spoken
    return [spoken[sound].text if sound in spoken else sound for sound in centre.phone(name).past[-1].prompts]


def outcomes() -> list[tuple[str, str]]:
    return [(row.agent, row.outcome) for row in t.OfferAgent.select().order_by(t.OfferAgent.at)]


def test_the_agent_is_told_and_then_they_talk(tmp_path: Path) -> None:
    with whispering(tmp_path) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1, talks=10)
        caller = centre.call(from_=VIP)
        centre.until(lambda: centre.phone("alice").stage is Stage.LISTENING)
        assert caller.hears(Sound.MUSIC)
        assert centre.state("alice") is AgentState.OFFERED
        centre.until(lambda: caller.stage is Stage.TALKING)
        number = "plus seven, four nine five, seven six five, four three, two one"
        assert heard(centre, "alice") == [f"Support. Vera. {number}."]
        answered = t.Visit.get().answered_at
        caller.hang_up()
        centre.run_for(40)
        assert outcomes() == [("1001", "answered")]
        rung = t.OfferAgent.get()
        assert answered == rung.ended_at and answered - rung.at > 2.5, "the whisper is no talk"
        steps = [moment.text for moment in story(find_call("last")).moments]
        assert "whisper: 1001 is told of the caller" in steps


def test_how_long_the_caller_has_waited(tmp_path: Path) -> None:
    with whispering(tmp_path) as centre:
        centre.call(from_="")
        centre.run_for(100)
        centre.phone("alice").answers(after=1)
        centre.sign_on("alice")
        centre.until(lambda: centre.state("alice") is AgentState.TALKING)
        assert heard(centre, "alice") == ["Support. Waited two minutes."]


def test_in_the_language_of_the_agent(tmp_path: Path) -> None:
    russian = Agent("1001", "alice", language="ru")
    with whispering(tmp_path, {"1001": russian}) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        centre.call()
        centre.until(lambda: centre.state("alice") is AgentState.TALKING)
        assert heard(centre, "alice") == ["Очередь Support."]


def test_who_hangs_up_has_missed_the_call(tmp_path: Path) -> None:
    with whispering(tmp_path) as centre:
        centre.sign_on("alice", "bob")
        centre.phone("alice").answers(after=1)
        centre.phone("bob").answers(after=1)
        caller = centre.call()
        centre.until(lambda: centre.phone("alice").stage is Stage.LISTENING)
        centre.phone("alice").hang_up()
        centre.until(lambda: caller.stage is Stage.TALKING)
        assert outcomes() == [("1001", "no answer"), ("1002", "answered")]


def test_a_caller_who_leaves_during_the_whisper_is_missed_by_nobody(tmp_path: Path) -> None:
    with whispering(tmp_path) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        caller = centre.call()
        centre.until(lambda: centre.phone("alice").stage is Stage.LISTENING)
        caller.hang_up()
        centre.until(lambda: centre.state("alice") is AgentState.READY)
        centre.run_for(1)
        assert centre.phone("alice").stage is Stage.GONE
        assert outcomes() == [("1001", "cancelled")]
        assert t.Visit.get().outcome == "abandoned"
        assert AgentState.TALKING.value not in centre.states("alice")


def test_who_presses_one_takes_the_call(tmp_path: Path) -> None:
    with whispering(tmp_path, accept=True) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        caller = centre.call()
        centre.until(lambda: centre.phone("alice").past[-1].prompts[-1:] == [centre.sound("agent-accept")])
        assert caller.stage is not Stage.TALKING
        centre.phone("alice").press("1")
        centre.until(lambda: caller.stage is Stage.TALKING, within=0.1)
        assert "accept: 1001 pressed 1" in [moment.text for moment in story(find_call("last")).moments]


def test_the_key_may_be_pressed_before_it_is_asked_for(tmp_path: Path) -> None:
    with whispering(tmp_path, accept=True) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        caller = centre.call()
        centre.until(lambda: heard(centre, "alice") != [])
        centre.phone("alice").press("1")
        centre.until(lambda: caller.stage is Stage.TALKING, within=0.1)
        assert centre.sound("agent-accept") not in centre.phone("alice").past[-1].prompts


def test_a_mailbox_presses_nothing_and_takes_no_call(tmp_path: Path) -> None:
    with whispering(tmp_path, accept=True, whisper=None) as centre:
        centre.sign_on("alice", "bob")
        centre.phone("alice").answers(after=1)
        centre.phone("bob").answers(after=1)
        caller = centre.call()
        centre.until(lambda: centre.phone("bob").stage is Stage.LISTENING)
        assert outcomes()[0] == ("1001", "no answer")
        assert "accept: 1001 pressed nothing" in [moment.text for moment in story(find_call("last")).moments]
        centre.phone("bob").press("1")
        centre.until(lambda: caller.stage is Stage.TALKING)


def test_imagined_agents_take_the_call_when_they_are_asked(tmp_path: Path) -> None:
    with whispering(tmp_path, accept=True) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        centre.phone("alice").accepts = True
        caller = centre.call()
        centre.until(lambda: caller.stage is Stage.TALKING)
        assert centre.sound("agent-accept") in centre.phone("alice").past[-1].prompts


def test_another_key_refuses(tmp_path: Path) -> None:
    with whispering(tmp_path, accept=True) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        centre.call()
        centre.until(lambda: centre.phone("alice").stage is Stage.LISTENING)
        centre.phone("alice").press("2")
        centre.until(lambda: outcomes() == [("1001", "no answer")], within=1)


def test_of_all_that_ring_the_first_to_accept_has_the_call(tmp_path: Path) -> None:
    with whispering(tmp_path, accept=True, strategy=Strategy.RING_ALL) as centre:
        centre.sign_on("alice", "bob", "carol")
        centre.phone("alice").answers(after=1)
        centre.phone("bob").answers(after=2)
        caller = centre.call()
        centre.until(lambda: centre.phone("bob").stage is Stage.LISTENING)
        assert centre.phone("carol").stage is Stage.RINGING
        centre.phone("bob").press("1")
        centre.until(lambda: caller.stage is Stage.TALKING)
        centre.run_for(1)
        assert [centre.state(name) for name in AGENTS] == [AgentState.READY, AgentState.TALKING, AgentState.READY]
        assert dict(outcomes()) == {"1001": "cancelled", "1002": "answered", "1003": "cancelled"}
        assert centre.phone("alice").stage is centre.phone("carol").stage is Stage.GONE


def test_killed_during_the_whisper_the_caller_keeps_the_place(tmp_path: Path) -> None:
    with whispering(tmp_path) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(after=1)
        caller = centre.call()
        centre.until(lambda: centre.phone("alice").stage is Stage.LISTENING)
        centre.kill()
        centre.run_for(1)
        assert centre.phone("alice").stage is Stage.GONE
        centre.start()
        centre.until(lambda: caller.stage is Stage.TALKING)
        assert t.Visit.select().count() == 1
