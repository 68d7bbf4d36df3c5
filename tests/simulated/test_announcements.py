"""What callers in line are told, in words, and that it never costs them an offer; values in every other prompt."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from appliance.engine import TakeVersion
from appliance.facts import AgentState
from appliance.flows.announcing import AT_LEAST_MUSIC
from appliance.line import messages as m
from appliance.records.models import Visit, WaitEstimate
from appliance.settings import (
    Announcement,
    Comfort,
    Customer,
    Destination,
    Number,
    Prompt,
    Queue,
    Say,
    Settings,
    Strategy,
)
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
        practise(centre)
        centre.engine.tell(m.SignOff(AGENTS["alice"]))
        caller = centre.call()
        centre.run_for(5)
        assert heard(centre, caller) == ["You are number one in line."]


def practise(centre: Centre) -> None:
    """Alice has talked to callers, for a minute and a half each, and is free."""
    centre.sign_on("alice")
    centre.phone("alice").answers(0)
    for n in range(4):
        centre.call(from_=f"+7495000001{n}", talks=90.0)
        centre.run_for(100)


def test_the_wait_is_told_from_to_and_what_was_told_is_written_down(tmp_path: Path) -> None:
    prompt = Prompt({"en": Say("Number {place}. It takes {wait:range}.")})
    with running(tmp_path, announcing(prompt)) as centre:
        practise(centre)
        centre.call(talks=90.0)
        centre.run_for(2)
        caller = centre.call(from_="+74950000099")
        centre.run_for(5)
        assert heard(centre, caller) == ["Number one. It takes up to three minutes."]
        joined, told = WaitEstimate.select().order_by(WaitEstimate.id)
        assert (joined.told, told.told, joined.ends) == (False, True, None)
        assert told.at == joined.at + 1.0
        centre.until(lambda: WaitEstimate.get_by_id(told.id).ends is not None)
        ends = {row.ends for row in WaitEstimate.select()}
        assert ends == {visit.answered_at for visit in Visit.select() if visit.id == told.visit}


def test_a_crash_does_not_make_it_silent(tmp_path: Path) -> None:
    with running(tmp_path, announcing()) as centre:
        practise(centre)
        centre.call(talks=300.0)
        centre.run_for(1)
        caller = centre.call(from_="+74950000099")
        centre.run_for(2)
        (first,) = heard(centre, caller)
        assert first == "You are number one in line. About two minutes."
        before = centre.engine.acd.expected_wait_in("support", centre.clock.now())
        centre.kill()
        centre.start()
        centre.until(lambda: all(v.present for v in centre.engine.acd.visits() if v.agent is None))
        now = centre.clock.now()
        again = centre.engine.acd.expected_wait_in("support", now)
        assert [round(value, 3) for value in vars(again).values()] == [round(v, 3) for v in vars(before).values()]
        centre.until(lambda: len(heard(centre, caller)) > 1)
        assert heard(centre, caller)[1:] == [first]
        waits = centre.ask("queues")[0]["waiting"][0]["expected"]  # type: ignore[index]
        assert waits["low"] < waits["middle"] < waits["high"]


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


THANKS = Prompt({"en": Say("Thank you for waiting.")})
SITE = Prompt({"en": Say("We are also at example dot com.")})
OF_QUEUE = Prompt({"en": Say("{queue} will be with you. {customer}!")})


def comforting(*messages: Prompt, every: float = 60.0, announce: Announcement | None = None) -> Settings:
    site = announcing()
    queue = replace(site.queues["support"], announce=announce, comfort=Comfort(messages, every))
    return replace(site, queues={"support": queue})


def at_times(centre: Centre, caller: Any, seconds: float) -> list[tuple[int, str]]:
    """What a caller begins to hear from now on, and after how many seconds."""
    told: list[tuple[int, str]] = []
    for second in range(int(seconds)):
        before = len(heard(centre, caller))
        centre.run_for(1)
        told += [(second, text) for text in heard(centre, caller)[before:]]
    return told


def text_of(prompt: Prompt) -> str:
    (piece,) = prompt.by_language.values()
    assert isinstance(piece, Say)
    return piece.text


def test_comfort_messages_take_turns(tmp_path: Path) -> None:
    with running(tmp_path, comforting(THANKS, SITE, OF_QUEUE)) as centre:
        caller = centre.call()
        told = at_times(centre, caller, 245)
        thanks, site = centre.sound(text_of(THANKS)), centre.sound(text_of(SITE))
        assert [text for _, text in told] == [thanks, site, "Support will be with you.", thanks]
        assert [second for second, _ in told] == [59, 119, 179, 239]  # the seconds after which it begins
        assert caller.hears(Sound.MUSIC, "default")


def test_music_is_heard_between_the_place_and_a_comfort_message(tmp_path: Path) -> None:
    announce = Announcement(Prompt({"en": Say("Number {place}.")}), every=30.0)
    with running(tmp_path, comforting(THANKS, every=30.0, announce=announce)) as centre:
        centre.switch.length_of = lambda sound: 4.0
        caller = centre.call()
        told = at_times(centre, caller, 75)
        thanks = centre.sound(text_of(THANKS))
        assert [text for _, text in told] == ["Number one.", thanks, "Number one.", thanks, "Number one."]
        begun = [second for second, _ in told]
        assert all(later - first >= 4 + AT_LEAST_MUSIC for first, later in pairwise(begun))


def test_an_offer_interrupts_a_comfort_message(tmp_path: Path) -> None:
    with running(tmp_path, comforting(THANKS)) as centre:
        centre.phone("alice").answers(0)
        centre.switch.length_of = lambda sound: 30.0
        caller = centre.call()
        centre.until(lambda: centre.sound(text_of(THANKS)) in caller.prompts)
        begun = centre.clock.now()
        centre.engine.tell(m.SignOn(AGENTS["alice"], PHONES["alice"]))
        centre.until(lambda: centre.state("alice") is AgentState.TALKING)
        assert centre.clock.now() - begun < 2


def test_a_key_ends_a_comfort_message_and_music_goes_on(tmp_path: Path) -> None:
    with running(tmp_path, comforting(THANKS)) as centre:
        centre.switch.length_of = lambda sound: 30.0
        caller = centre.call()
        centre.until(lambda: centre.sound(text_of(THANKS)) in caller.prompts)
        caller.press("5")
        assert at_times(centre, caller, 30) == []
        assert caller.hears(Sound.MUSIC, "default")


def test_comfort_messages_begin_and_end_with_the_settings(tmp_path: Path) -> None:
    with running(tmp_path, announcing(every=None)) as centre:
        caller = centre.call()
        assert len(at_times(centre, caller, 100)) == 1
        centre.engine.ask(TakeVersion(comforting(THANKS)))
        assert len(at_times(centre, caller, 65)) == 1  # and one at once: a minute has passed
        centre.engine.ask(TakeVersion(centre.settings))
        assert len(at_times(centre, caller, 200)) == 0


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
