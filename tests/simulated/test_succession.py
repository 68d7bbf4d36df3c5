"""A new version of the configuration while callers wait, choose and talk: nobody is lost, nobody loses a place."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.facts import AgentState
from appliance.port import LegRinging
from appliance.records import models as t
from appliance.settings import Destination, Phone, Queue, Settings
from appliance.simulation.channel import Sound
from appliance.simulation.people import Stage
from appliance.trouble import Trouble
from appliance.versions.history import Version
from appliance.versions.succession import Succession
from tests.simulated.centre import (
    AGENTS,
    MAIN,
    PHONES,
    SALES_LINE,
    SUPPORT_LINE,
    VIP,
    Centre,
    running,
    say,
    settings,
)

DAVE, EVE = "+74959999991", "+74959999992"


class Archive:
    """Versions in memory."""

    def __init__(self, *versions: Settings) -> None:
        self.versions = dict(enumerate(versions, 1))

    def about(self, number: int) -> Version:
        return Version(number, 0.0, "olga", f"version {number}", "/nowhere", "")

    def settings(self, number: int) -> Settings:
        if number not in self.versions:
            raise Trouble(f"There is no version {number}.")
        return self.versions[number]

    def unapplied(self) -> Settings:
        return self.versions[1]

    def secrets(self, settings: Settings) -> Mapping[str, str]:
        return {f"agent-{agent}": f"77{agent}" for agent in settings.agents}


def apply(centre: Centre, changed: Settings) -> Any:
    """What `apply` tells the running appliance."""
    archive = centre.succession._archive
    assert isinstance(archive, Archive) and centre.daemon is not None
    number = max(archive.versions) + 1
    archive.versions[number] = changed
    result = centre.ask("take-version", version=number)
    centre.run_for(0.1)
    return result


def with_queue(old: Settings, id: str, **changes: Any) -> Settings:
    return replace(old, queues={**old.queues, id: replace(old.queues[id], **changes)})


def without_queue(old: Settings, id: str, to: Destination | None) -> Settings:
    """As if nothing had ever led there, but for what the settings say of the callers who are left."""
    queues = {each: queue for each, queue in old.queues.items() if each != id}
    other = Destination(queue=next(iter(queues)))
    numbers = {n: replace(each, open=other) if each.open.queue == id else each for n, each in old.numbers.items()}
    menus = {
        m: replace(
            each,
            choices={k: other if c.queue == id else c for k, c in each.choices.items()},
            otherwise=other if each.otherwise and each.otherwise.queue == id else each.otherwise,
        )
        for m, each in old.menus.items()
    }
    removed = {id: to} if to else {}
    return replace(old, queues=queues, numbers=numbers, menus=menus, removed=removed)


def started(tmp_path: Path, first: Settings | None = None) -> Any:
    first = first or settings()
    return running(tmp_path, first, Succession(Archive(first), 1))


def visits(*columns: str) -> list[tuple[Any, ...]]:
    rows = t.Visit.select().order_by(t.Visit.joined_at, t.Visit.id)
    return [tuple(getattr(row, column) for column in columns) for row in rows]


def test_callers_in_line_keep_their_places_and_are_served_by_the_new_rules(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(SUPPORT_LINE, DAVE)
        centre.run_for(5)
        eve = centre.call(SUPPORT_LINE, EVE)
        centre.run_for(5)
        apply(centre, with_queue(settings(), "support", agents=("1003",), ring_for=7, music="harp", wrap_up=0))
        assert dave.hears(Sound.MUSIC, "harp") and eve.hears(Sound.MUSIC, "harp")
        centre.sign_on("alice")
        centre.run_for(30)
        assert centre.state("alice") is AgentState.READY, "she serves that queue no more"
        carol = centre.phone("carol")
        carol.answers(after=1.0)
        centre.sign_on("carol")
        centre.until(lambda: dave.stage is Stage.TALKING)
        assert eve.stage is not Stage.TALKING
        dave.hang_up()
        centre.until(lambda: eve.stage is Stage.TALKING)
        eve.hang_up()
        centre.run_for(5)
        assert centre.state("carol") is AgentState.READY, "there is no wrap-up any more"
        assert [row.until - row.at for row in t.Offer.select()] == [7 + 5.0] * 2


def test_a_call_keeps_the_rules_it_began_with_and_the_next_one_has_the_new_ones(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        menus = dict(settings().menus)
        menus["main"] = replace(
            menus["main"], prompt=say("another menu"), choices={"1": Destination(queue="support")}
        )
        dave = centre.call(MAIN, DAVE)
        centre.until(lambda: centre.sound("welcome") in dave.prompts)
        apply(centre, replace(settings(), menus=menus))
        centre.until(lambda: centre.sound("main menu") in dave.prompts)
        eve = centre.call(MAIN, EVE)
        centre.until(lambda: centre.sound("another menu") in eve.prompts)
        dave.press("1")
        eve.press("1")
        centre.until(lambda: len(visits("id")) == 2)
        assert visits("queue") == [("sales",), ("support",)]
        calls = {call.number: call.version for call in t.Call.select()}
        assert calls == {DAVE: 1, EVE: 2}
        dave.hang_up()
        eve.hang_up()


@pytest.mark.parametrize("when", ["waits", "chooses"])
def test_callers_of_a_removed_queue_go_where_the_new_settings_say(tmp_path: Path, when: str) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(SUPPORT_LINE if when == "waits" else MAIN, DAVE)
        centre.until(
            lambda: len(visits("id")) == 1 if when == "waits" else centre.sound("main menu") in dave.prompts
        )
        centre.run_for(3)
        apply(centre, without_queue(settings(), "support", Destination(queue="sales")))
        if when == "chooses":
            dave.press("2")
            centre.run_for(5)
        centre.run_for(10)
        eve = centre.call(SALES_LINE, EVE)
        centre.run_for(3)
        waiting = [
            (visit.queue, centre.engine.live.calls[visit.call].number)
            for visit in centre.engine.acd.waiting("sales")
        ]
        assert waiting == [("sales", DAVE), ("sales", EVE)]
        outcomes = [("support", "moved"), ("sales", None), ("sales", None)]
        assert visits("queue", "outcome") == (outcomes if when == "waits" else outcomes[1:])
        dave.hang_up()
        eve.hang_up()


def test_the_time_waited_in_a_removed_queue_counts(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(SUPPORT_LINE, DAVE)
        centre.run_for(30)
        eve = centre.call(SALES_LINE, EVE)
        centre.run_for(30)
        apply(centre, without_queue(settings(), "support", Destination(queue="sales")))
        centre.run_for(1)
        first, second = centre.engine.acd.waiting("sales")
        assert centre.engine.live.calls[first.call].number == DAVE, "he came first, to another queue"
        assert second.joined_at < first.joined_at
        dave.hang_up()
        eve.hang_up()


def test_a_removed_queue_may_lead_to_words_of_the_new_settings(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(SUPPORT_LINE, DAVE)
        centre.run_for(5)
        apply(centre, without_queue(settings(), "support", Destination(message=say("we have moved"))))
        centre.until(lambda: dave.stage is Stage.GONE)
        assert centre.sound("we have moved") in dave.prompts
        assert [call.outcome for call in t.Call.select()] == ["informed"]


@pytest.mark.parametrize(
    "number, sentence", [(SUPPORT_LINE, "1 caller waits in support"), (MAIN, "may still reach support")]
)
def test_nobody_is_stranded(tmp_path: Path, number: str, sentence: str) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(number, DAVE)
        centre.run_for(5)
        with pytest.raises(Trouble, match=sentence):
            apply(centre, without_queue(settings(), "support", None))
        assert centre.engine.version == 1 and "support" in centre.engine.settings.queues
        dave.hang_up()
        centre.run_for(1)
        apply(centre, without_queue(settings(), "support", None))
        assert centre.engine.version == 3


def test_a_caller_rung_for_when_the_queue_goes_may_still_be_answered(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        alice = centre.phone("alice")
        alice.answers(after=5.0)
        centre.sign_on("alice")
        dave = centre.call(SUPPORT_LINE, DAVE)
        centre.until(lambda: any(isinstance(event, LegRinging) for _, event in centre.switch.history))
        apply(centre, without_queue(settings(), "support", Destination(queue="sales")))
        centre.until(lambda: dave.stage is Stage.TALKING)
        dave.hang_up()
        centre.run_for(1)
        assert visits("queue", "outcome", "agent") == [("support", "answered", AGENTS["alice"])]


def test_an_agent_who_is_removed_finishes_the_talk_and_the_wrap_up(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        alice = centre.phone("alice")
        alice.answers(after=1.0)
        centre.sign_on("alice", "bob")
        dave = centre.call(SUPPORT_LINE, DAVE)
        centre.until(lambda: dave.stage is Stage.TALKING)
        old = settings()
        agents = {id: agent for id, agent in old.agents.items() if id == AGENTS["carol"]}
        apply(
            centre, replace(with_queue(with_queue(old, "support", agents=()), "sales", agents=()), agents=agents)
        )
        assert centre.state("bob") is AgentState.SIGNED_OFF, "who had nothing to do leaves at once"
        assert centre.state("alice") is AgentState.TALKING and dave.stage is Stage.TALKING
        dave.hang_up()
        centre.run_for(2)
        assert centre.state("alice") is AgentState.WRAP_UP
        centre.run_for(60)
        assert centre.states("alice")[-1] == "signed off"
        assert "talking" in centre.states("alice")


def test_an_agent_whose_phone_is_removed_leaves(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        centre.sign_on("alice")
        phones = {id: phone for id, phone in settings().phones.items() if id != PHONES["alice"]}
        apply(centre, replace(settings(), phones=phones))
        assert centre.state("alice") is AgentState.SIGNED_OFF


def test_an_agent_who_is_added_may_sign_on_and_is_offered_calls(tmp_path: Path) -> None:
    first = with_queue(settings(), "support", agents=("1001",))
    with started(
        tmp_path, replace(first, phones={"201": Phone("201", "alice"), "203": Phone("203", "carol")})
    ) as centre:
        dave = centre.call(SUPPORT_LINE, DAVE)
        centre.run_for(3)
        apply(centre, with_queue(settings(), "support", agents=("1001", "1002")))
        centre.phone("bob").answers(after=1.0)
        centre.sign_on("bob")
        centre.until(lambda: dave.stage is Stage.TALKING)
        dave.hang_up()


def test_after_a_crash_a_call_goes_on_under_its_own_version(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(MAIN, DAVE)
        centre.until(lambda: centre.sound("main menu") in dave.prompts)
        menus = {**settings().menus, "main": replace(settings().menus["main"], prompt=say("another menu"))}
        apply(centre, replace(settings(), menus=menus))
        old_menu, new_menu = centre.sound("main menu"), centre.sound("another menu")
        heard = dave.prompts.count(old_menu)
        centre.kill()
        centre.succession.version = 2
        centre.start()
        centre.until(lambda: dave.prompts.count(old_menu) > heard)
        assert new_menu not in dave.prompts
        dave.hang_up()


def test_after_a_crash_a_visit_in_a_removed_queue_goes_where_the_settings_say(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        dave = centre.call(SUPPORT_LINE, VIP)
        centre.run_for(5)
        centre.kill()
        changed = without_queue(settings(), "support", Destination(queue="sales"))
        archive = centre.succession._archive
        assert isinstance(archive, Archive)
        archive.versions[2] = changed
        centre.settings, centre.succession.version = changed, 2
        centre.start()
        centre.until(lambda: [visit.queue for visit in centre.engine.acd.visits()] == ["sales"])
        assert visits("queue", "outcome") == [("support", "moved"), ("sales", None)]
        dave.hang_up()


def test_the_version_and_who_applied_it_are_written_down(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        apply(centre, with_queue(settings(), "support", ring_for=9))
        facts = [row.body for row in t.EventRow.select().where(t.EventRow.kind == "VersionServed")]
        assert len(facts) == 1 and '"version": 2' in facts[0] and '"who": "olga"' in facts[0]


def test_a_queue_that_is_added_is_served_at_once(tmp_path: Path) -> None:
    with started(tmp_path) as centre:
        first = settings()
        added = Queue("claims", "Claims", first.queues["sales"].strategy, ("1001",), ring_for=15)
        numbers = {
            **first.numbers,
            SALES_LINE: replace(first.numbers[SALES_LINE], open=Destination(queue="claims")),
        }
        apply(centre, replace(first, queues={**first.queues, "claims": added}, numbers=numbers))
        centre.phone("alice").answers(after=1.0)
        centre.sign_on("alice")
        dave = centre.call(SALES_LINE, DAVE)
        centre.until(lambda: dave.stage is Stage.TALKING)
        dave.hang_up()
        centre.run_for(1)
        assert [member.queue for member in centre.switch.fallback_members] == ["support", "claims"]
