"""What a caller needs, from the number and the keys pressed to the agent who has it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.line.skills import make_needs
from appliance.records import models as t
from appliance.settings import Agent, Destination, Menu, Settings, Strategy
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from tests.simulated.centre import AGENTS, MAIN, SALES_LINE, Centre, running, say, settings

SKILLS = {"alice": {"english": 2}, "bob": {"english": 5}, "carol": {"sales": 3}}
ENGLISH = make_needs({"english": 4}, {}, {60.0: {"english": 2}})


def skilled() -> Settings:
    old = settings()
    support = replace(old.queues["support"], agents=tuple(AGENTS.values()), strategy=Strategy.IN_ORDER)
    languages = {
        "1": Destination(menu="english", needs=ENGLISH),
        "2": Destination(queue="support"),
    }
    back = {"1": Destination(queue="support"), "*": Destination(back=True)}
    main = Menu("main", say("main menu"), languages, tries=2, otherwise=Destination(queue="support"))
    number = replace(
        old.numbers[SALES_LINE], open=Destination(queue="support"), needs=make_needs({"sales": 1}, {}, {})
    )
    return settings(
        queues={**old.queues, "support": support},
        agents={a: Agent(a, name, skills=SKILLS[name]) for name, a in AGENTS.items()},
        menus={"main": main, "english": Menu("english", say("english menu"), back)},
        numbers={**old.numbers, SALES_LINE: number},
    )


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, skilled()) as centre:
        yield centre


def press(centre: Centre, caller: Caller, prompt: str, key: str) -> None:
    centre.until(lambda: caller.hearing is not None and caller.hearing.what == centre.sound(prompt))
    caller.press(key)


def agents_of(visit: str = "") -> list[str]:
    return [row.agent for row in t.OfferAgent.select().order_by(t.OfferAgent.at)]


def test_a_key_says_what_the_caller_needs(centre: Centre) -> None:
    centre.phone("bob").answers(after=1)
    centre.sign_on("alice", "bob", "carol")
    caller = centre.call(MAIN)
    press(centre, caller, "main menu", "1")
    press(centre, caller, "english menu", "1")
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert agents_of() == [AGENTS["bob"]]
    assert "english>=4; after 60 s english>=2" in [step.detail for step in t.Step.select()]


def test_who_goes_back_needs_it_no_more(centre: Centre) -> None:
    centre.phone("alice").answers(after=1)
    centre.sign_on("alice", "bob")
    caller = centre.call(MAIN)
    press(centre, caller, "main menu", "1")
    press(centre, caller, "english menu", "*")
    press(centre, caller, "main menu", "2")
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert agents_of() == [AGENTS["alice"]]


def test_the_number_needs_it_too(centre: Centre) -> None:
    centre.phone("carol").answers(after=1)
    centre.sign_on("alice", "bob", "carol")
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert agents_of() == [AGENTS["carol"]]


def test_needs_relax_and_outlive_the_appliance(centre: Centre) -> None:
    centre.phone("alice").answers(after=1)
    centre.sign_on("alice")
    caller = centre.call(MAIN)
    press(centre, caller, "main menu", "1")
    press(centre, caller, "english menu", "1")
    centre.until(lambda: caller.hears(Sound.MUSIC))
    joined = centre.clock.now()
    centre.run_for(20)
    centre.kill()
    centre.run_for(5)
    centre.start()
    centre.until(lambda: centre.engine.acd.waiting("support")[0].present)
    assert centre.engine.acd.waiting("support")[0].needs == ENGLISH
    assert caller.stage is not Stage.TALKING
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert 60 <= centre.clock.now() - joined <= 63
