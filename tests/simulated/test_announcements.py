"""What callers in line are told, in words, and that it never costs them an offer; values in every other prompt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance import messages as m
from appliance.facts import AgentState
from appliance.settings import Announcement, Customer, Destination, Number, Prompt, Queue, Say, Settings, Strategy
from appliance.simulation.channel import Sound
from tests.simulated.centre import AGENTS, MAIN, PHONES, SUPPORT_LINE, VIP, Centre, running, settings

PLACE = Prompt(
    {
        "en": Say("You are number {place} in line. About {wait}."),
        "ru": Say("Вы {place:ordinal} в очереди. Ждать около {wait}."),
    }
)


def announcing(prompt: Prompt = PLACE, every: float | None = 45.0, **changes: Any) -> Settings:
    queue = Queue(
        "support", "Support", Strategy.LONGEST_IDLE, ("1001", "1002"), announce=Announcement(prompt, every=every)
    )
    return settings(queues={"support": queue}, menus={}, **({"numbers": NUMBERS} | changes))


NUMBERS = {SUPPORT_LINE: Number(SUPPORT_LINE, "Support", Destination(queue="support"))}


def heard(centre: Centre, caller: Any) -> list[str]:
    """What a caller has heard but for music and ringing, in words."""
    spoken = centre.voice.spoken
    return [spoken[sound].text if sound in spoken else sound for sound in caller.prompts]


def hears(centre: Centre, caller: Any, text: str) -> Callable[[], bool]:
    return lambda: text in heard(centre, caller)


def test_callers_are_told_their_place_again_and_again(tmp_path: Path) -> None:
    with running(tmp_path, announcing()) as centre:
        first, second = centre.call(), centre.call(from_="+74950000002")
        centre.run_for(100)
        assert heard(centre, first) == ["You are number one in line."] * 3
        assert heard(centre, second) == ["You are number two in line."] * 3
        first.hang_up()
        centre.run_for(45)
        assert heard(centre, second)[3:] == ["You are number one in line."]
        assert second.hears(Sound.MUSIC, "default")


def test_once_where_nothing_is_said_of_again(tmp_path: Path) -> None:
    with running(tmp_path, announcing(every=None)) as centre:
        caller = centre.call()
        centre.run_for(600)
        assert heard(centre, caller) == ["You are number one in line."]


def test_in_the_callers_language(tmp_path: Path) -> None:
    customers = {VIP: Customer(VIP, "Вера", None, "ru")}
    with running(tmp_path, announcing(customers=customers)) as centre:
        centre.call()
        vera = centre.call(from_=VIP)
        centre.run_for(5)
        assert heard(centre, vera) == ["Вы второй в очереди."]


def test_the_wait_is_told_once_it_is_known(tmp_path: Path) -> None:
    with running(tmp_path, announcing(every=None)) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(0)
        callers = []
        for n in range(6):
            callers.append(centre.call(from_=f"+7495000001{n}", talks=90.0))
            centre.run_for(2)
        assert all("About" not in text for caller in callers for text in heard(centre, caller))
        centre.until(lambda: len(centre.engine.acd.waiting("support")) == 1, within=600)
        late = [centre.call(from_=f"+7495000002{n}", talks=90.0) for n in range(2)]
        centre.run_for(2)
        assert heard(centre, late[1]) == ["You are number three in line. About five minutes."]


def test_nothing_is_promised_when_nobody_serves(tmp_path: Path) -> None:
    with running(tmp_path, announcing(every=None)) as centre:
        acd = centre.engine.acd
        for at in (0, 60, 120, 180):
            acd._pace("support").served(centre.clock.now() - 200 + at, others_wait=True)
        caller = centre.call()
        centre.run_for(5)
        assert heard(centre, caller) == ["You are number one in line."]


def test_otherwise_is_said_while_a_value_is_not_known(tmp_path: Path) -> None:
    prompt = replace(PLACE, otherwise={"en": Say("Please wait, number {place}.")})
    with running(tmp_path, announcing(prompt)) as centre:
        caller = centre.call()
        centre.run_for(5)
        assert heard(centre, caller) == ["Please wait, number one."]


def test_an_offer_interrupts_an_announcement(tmp_path: Path) -> None:
    with running(tmp_path, announcing()) as centre:
        centre.phone("alice").answers(0)
        centre.switch.length_of = lambda sound: 30.0
        caller = centre.call()
        centre.until(hears(centre, caller, "You are number one in line."), within=60)
        begun = centre.clock.now()
        centre.engine.tell(m.SignOn(AGENTS["alice"], PHONES["alice"]))
        centre.until(lambda: centre.state("alice") is AgentState.TALKING)
        assert centre.clock.now() - begun < 2


def test_who_is_served_at_once_hears_no_announcement(tmp_path: Path) -> None:
    with running(tmp_path, announcing()) as centre:
        centre.sign_on("alice")
        centre.phone("alice").answers(5)
        caller = centre.call()
        centre.until(lambda: centre.state("alice") is AgentState.TALKING)
        assert heard(centre, caller) == []


def test_a_key_ends_an_announcement_and_the_caller_stays(tmp_path: Path) -> None:
    with running(tmp_path, announcing()) as centre:
        centre.switch.length_of = lambda sound: 30.0
        caller = centre.call()
        centre.until(hears(centre, caller, "You are number one in line."))
        caller.press("5")
        centre.run_for(1)
        assert caller.hears(Sound.MUSIC, "default")
        assert len(centre.engine.acd.waiting("support")) == 1


def test_a_slow_voice_costs_nobody_an_offer(tmp_path: Path) -> None:
    with running(tmp_path, announcing()) as centre:
        centre.voice.takes = 8.0
        caller = centre.call()
        centre.run_for(2)  # it is being made
        centre.phone("alice").answers(0)
        centre.sign_on("alice")
        centre.until(lambda: centre.state("alice") is AgentState.TALKING)
        assert heard(centre, caller) == []


def test_a_broken_voice_leaves_what_is_always_said(tmp_path: Path) -> None:
    prompt = Prompt({"en": Say("You are number {place}. Thank you for waiting.")})
    with running(tmp_path, announcing(prompt)) as centre:
        centre.voice.works = False
        caller = centre.call()
        centre.run_for(5)
        assert caller.prompts[-1] == centre.sound("Thank you for waiting.")
        assert caller.hears(Sound.MUSIC, "default")


def test_the_place_is_told_after_a_crash_too(tmp_path: Path) -> None:
    customers = {VIP: Customer(VIP, "Вера", None, "ru")}
    prompt = Prompt({"ru": Say("{customer}, вы {place:ordinal}.")})
    with running(tmp_path, announcing(prompt, customers=customers)) as centre:
        caller = centre.call(from_=VIP)
        centre.run_for(5)
        centre.kill()
        centre.start()
        centre.run_for(60)
        assert set(heard(centre, caller)) == {"Вера, вы первый."}


def test_values_in_other_prompts(tmp_path: Path) -> None:
    site = settings()
    main = replace(
        site.numbers[MAIN],
        greeting=Prompt({"en": Say("Hello, {customer}! You have called {company}.")}),
        closed=Destination(message=Prompt({"en": Say("We are closed. We open {opens}.")})),
    )
    site = settings(numbers={MAIN: main}, groups={}, customers={VIP: Customer(VIP, "Vera", None, None)})
    with running(tmp_path, site) as centre:
        centre.clock.run(datetime(2026, 11, 20, 19, tzinfo=UTC).timestamp())  # a Friday
        vera, stranger = centre.call(MAIN, from_=VIP), centre.call(MAIN)
        centre.run_for(10)
        closed = "We are closed. We open on Monday at nine a.m."
        assert heard(centre, vera) == ["Hello, Vera! You have called Test.", closed]
        assert heard(centre, stranger) == ["You have called Test.", closed]


def test_no_value_of_a_caller_is_a_command(tmp_path: Path) -> None:
    name = "$(rm -rf /) `id` ${EXTEN} {place} \"';"
    prompt = Prompt({"en": Say("Hello {customer}.")})
    site = settings(
        numbers={MAIN: replace(settings().numbers[MAIN], hours=None, closed=None, greeting=prompt)},
        customers={VIP: Customer(VIP, name, None, None)},
    )
    with running(tmp_path, site) as centre:
        caller = centre.call(MAIN, from_=VIP)
        centre.run_for(1)
        assert heard(centre, caller) == [f"Hello {name}."]
