"""Imagined calls through the example configuration: told with reasons, always ended, none touching another."""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import gevent
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from appliance.configuration.checks import load
from appliance.facts import CallEnded, CallOutcome, CallStarted, Stepped
from appliance.rehearsal.imagined import Answer, ImaginedCall
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.run import rehearse
from appliance.rehearsal.stage import play
from appliance.rehearsal.telling import trace_data, trace_text
from appliance.rehearsal.trace import Trace, trace

CONFIG = Path(__file__).parents[2] / "config"
FRIDAY = datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
PREMISES = Premises(load(CONFIG).reading)
CALL = ImaginedCall("+79123456780", "+74951234567", FRIDAY, "north", signed_on=("1001", "1002", "1003", "1004"))


def call(**changes: Any) -> Trace:
    return trace(PREMISES, replace(CALL, **changes))


def story(told: Trace) -> list[tuple[str, str]]:
    """What happened, each with what stands in the line that caused it."""
    return [(source(told, n), m.text) for n, m in enumerate(told.moments)]


def source(told: Trace, number: int) -> str:
    place = told.moments[number].place
    return Path(place.file).read_text().splitlines()[place.line - 1].partition("#")[0].strip() if place else ""


def test_values_are_told_as_they_are_said_beside_the_line_where_they_stand() -> None:
    evening = datetime(2026, 11, 20, 22, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    told = call(to="+74951234568", at=evening)
    assert (
        "ru: Сейчас офис закрыт. Мы откроемся {opens}.",
        "hears “Сейчас офис закрыт. Мы откроемся завтра в десять часов.”",
    ) in story(told)


def test_who_is_to_be_called_back_hears_so_and_is_called_when_it_is_their_turn() -> None:
    told = call(keys=("4", "1", "1"))
    assert told.outcome is CallOutcome.CALLBACK_PROMISED
    assert told.stands == ["menu main", "callback support"] and not told.unasked
    assert [said.because[1] for said in told.heard if said.because[0] == "phrases"] == [
        *("callback-when", "callback-confirm", "callback-promised", "goodbye")
    ]
    steps = story(told)
    assert ("4: {callback: support}", "key: 4") in steps
    ((line, text),) = [step for step in steps if "it is time to call" in step[1]]
    assert line == "callback:" and "+79123456780" in text
    assert all(moment.at <= later.at for moment, later in zip(told.moments, told.moments[1:], strict=False))


def test_a_caller_in_line_presses_the_key_when_it_is_offered() -> None:
    told = call(keys=("3", "1", "1", "1"), signed_on=())
    assert told.outcome is CallOutcome.CALLBACK_PROMISED and not told.unasked
    heard = [said.because[1] for said in told.heard if said.because[0] == "phrases"]
    assert heard[:3] == ["callback-offer", "callback-when", "callback-confirm"]
    assert told.stands[-1] == "callback support"
    assert not [moment for moment in told.moments if "it is time to call" in moment.text]  # by whom?


def test_a_key_for_which_nobody_asks_in_line_is_not_pressed() -> None:
    told = call(keys=("1", "1"), signed_on=())  # sales calls nobody back
    assert told.outcome is CallOutcome.ABANDONED and told.unasked == ["1"]


def test_each_step_stands_beside_the_line_that_caused_it() -> None:
    told = call(caller="+79161234567", keys=("3",))
    menu = "Чтобы сделать заказ, нажмите один. Если нужна помощь с заказом, нажмите три. "  # noqa: RUF001
    assert story(told) == [
        (
            "+7 916 123-45-67,Irina Morozova,vip,",
            "identified: +79161234567, Irina Morozova, group vip",
        ),
        ('"+74951234567":', "number: +74951234567, Main number"),
        ("ru: Здравствуйте! Рады снова слышать вас.", "hears “Здравствуйте! Рады снова слышать вас.”"),
        ("open: {menu: main}", "menu: main"),
        (
            "ru: >-",
            f"hears “{menu}Чтобы мы перезвонили сами - четыре. Адрес и часы работы - девять. "
            "Или наберите внутренний номер сотрудника.”",
        ),
        ("3: {queue: support}", "key: 3"),
        ("3: {queue: support}", "queue: support"),
        (
            "ru: Сейчас вам ответит специалист. Разговор записывается.",
            "hears “Сейчас вам ответит специалист. Разговор записывается.”",
        ),
        ("support:", "stands in the queue support at place 1, counted from 5:00 earlier"),
        ("strategy: longest-idle", "is offered to 1002 Boris Volkov"),
        ("record: yes", "the talk is recorded"),
        ("default: music/waiting.wav", "hears the music default"),
        ("", "1002 Boris Volkov: answered after 0:03"),
        ("", "talks to 1002 Boris Volkov after a wait of 0:03"),
        ("", "the caller hangs up"),
    ]
    offered = next(m for m in told.moments if m.kind == "offered")
    assert [(c.agent, c.passed_over and c.passed_over.value) for c in offered.considered] == [
        ("1002", None),
        ("1003", "later in the order"),
        ("1004", "later in the order"),
    ]
    assert (told.outcome, told.answered_by, told.wait) == (CallOutcome.ANSWERED, "1002", 3.0)


def test_the_text_has_time_place_and_what_happened_and_ends_with_the_outcome() -> None:
    lines = trace_text(call(keys=("7", "9", "2", "1")), PREMISES).splitlines()
    assert lines[0] == "+79123456780 calls +74951234567 on Friday 2026-11-20 12:00:00 (Europe/Moscow)"
    assert lines[2].split() == ["00:00.0", "identified:", "+79123456780"]
    assert lines[3].split(maxsplit=2)[2] == "number: +74951234567, Main number"
    assert lines[-2:] == [
        "Outcome: informed, 0:48 after its beginning.",
        "Not pressed, since nobody asked for it: 1.",
    ]
    keys = [line.split(maxsplit=2)[2] for line in lines if "key:" in line or "wrong key" in line]
    assert keys == ["wrong key: 7", "key: 9", "key: 2"]


def test_a_program_is_told_the_same() -> None:
    told = call(keys=("9", "1"))
    data = trace_data(told, PREMISES)
    assert data["outcome"] == "informed" and data["stands"] == ["menu main", "menu about", "message"]
    key = next(m for m in data["moments"] if m["text"] == "key: 9")
    assert key["because"] == ["menus", "main", "choices", "9"]
    assert key["file"] == str(CONFIG / "menus.yml") and key["at"].startswith("2026-11-20T12:00:1")


def test_hours_say_why_and_the_closed_message_is_heard() -> None:
    holiday = datetime(2027, 1, 5, 12, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    told = call(to="+74951234568", at=holiday)
    hours = next(m for m in told.moments if m.text.startswith("hours"))
    assert "closed, holiday 2027-01-05" in hours.text
    assert hours.place is not None and hours.place.file == str(CONFIG / "hours.yml")
    assert told.outcome is CallOutcome.CLOSED and told.stands == ["message"]


def test_hours_that_somebody_has_set_by_hand_hold_until_they_change() -> None:
    told = call(to="+74951234568", closed=("office",))
    hours = next(m for m in told.moments if m.text.startswith("hours"))
    assert hours.text == "hours: office: closed by a supervisor until 18:00"
    assert told.outcome is CallOutcome.CLOSED
    night = datetime(2026, 11, 20, 23, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    assert call(to="+74951234568", at=night, opened=("office",)).stands[0] == "menu main"


def test_a_language_that_is_missing_is_said_to_be() -> None:
    told = call(caller="+442079460123", to="+74951234568", keys=("1",))
    said = [m.text for m in told.moments if m.kind == "hears"]
    assert told.identified is not None and told.identified.language == "en"
    assert any(text.startswith("hears “For orders") for text in said)


def test_what_is_said_with_values_of_the_call_has_its_line_too() -> None:
    evening = datetime(2026, 11, 20, 20, tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    said = story(call(to="+74951234568", at=evening))[-2]
    assert said[1] == "hears “Сейчас офис закрыт. Мы откроемся завтра в десять часов.”"
    assert said[0].startswith("ru: Сейчас офис закрыт.") and "{opens" in said[0]


def test_nobody_answers_and_the_story_stays_short() -> None:
    told = call(to="4420", answers=Answer(None))
    assert told.outcome is CallOutcome.ABANDONED and told.ended_at - FRIDAY == 600
    text = trace_text(told, PREMISES)
    assert "more offers until 09:" in text and text.count("is offered to") == 6


def test_paused_and_busy_agents_are_passed_over_and_said_why() -> None:
    told = call(to="4420", paused=("1002",), busy=("1003",))
    offered = next(m for m in told.moments if m.kind == "offered")
    assert [(c.agent, c.passed_over and c.passed_over.value) for c in offered.considered] == [
        ("1002", "paused"),
        ("1003", "phone in use"),
        ("1004", None),
    ]
    assert told.answered_by == "1004"


def test_nobody_works() -> None:
    told = call(to="4420", signed_on=(), hangs_up=60.0)
    waits = next(m for m in told.moments if m.kind == "waits")
    assert {c.passed_over and c.passed_over.value for c in waits.considered} == {"signed off"}
    assert told.outcome is CallOutcome.ABANDONED and told.ended_at - FRIDAY == 60
    assert told.moments[-1].text == "the caller hangs up"


def test_a_phone_calls_outside_by_the_rules() -> None:
    told = call(caller="201", to="+79161234567", down=("north",))
    assert [text for _, text in story(told)] == [
        "outbound: rule russia",
        "outbound: trunk north comes last: it is down",
        "shows +74951234567",
        "trunk: prostor: +79161234567 is called",
        "talks to prostor",
        "the caller hangs up",
    ]
    assert story(told)[2][0].startswith('show: "+74951234567"')
    assert told.outcome is CallOutcome.OUTBOUND_ANSWERED
    refused = call(caller="202", to="+375171234567")
    assert tuple(m.text for m in refused.moments[:2]) == (
        "outbound: rule neighbours: not for phone 202",
        "outbound: no rule allows it",
    )
    assert refused.outcome is CallOutcome.OUTBOUND_REFUSED and refused.rule is None
    busy = call(caller="201", to="+79161234567", answers=Answer(busy=True))
    assert any("busy (486" in m.text for m in busy.moments)


def test_agents_dial_codes_and_phones_each_other() -> None:
    told = call(caller="201", to="*11", keys=("1001#", "0000#"))
    said = [m.text for m in told.moments if m.kind == "hears"]
    assert [text.rpartition("(")[2] for text in said] == [
        "phrase agent-number)",
        "phrase agent-pin)",
        "phrase agent-signed-on)",
    ]
    assert "by itself" in trace_text(call(caller="201", to="202"), PREMISES)


def test_every_reason_leads_to_a_line() -> None:
    """Whatever path a flow gives for a step is one that the configuration has."""
    calls = (call(keys=("201",)), call(keys=("7", "8", "5")), call(keys=("9", "*")), call(caller="201", to="112"))
    for told in calls:
        for moment in told.moments:
            assert not moment.because or moment.place is not None or moment.because[0] == "phrases", moment


@contextmanager
def errors() -> Iterator[list[str]]:
    """What is logged as an error meanwhile."""
    found: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    keeper = Keeper(logging.ERROR)
    logging.getLogger().addHandler(keeper)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(keeper)


KEYS = st.lists(st.text("0123456789*#", max_size=4), max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    keys=KEYS,
    caller=st.sampled_from(["", "+79123456780", "+79161234567", "+442079460123", "+79261234569"]),
    to=st.sampled_from([*PREMISES.settings.numbers]),
    hours=st.integers(0, 24 * 60),
    answers=st.sampled_from([Answer(), Answer(None), Answer(busy=True), Answer(40.0)]),
    hangs_up=st.none() | st.floats(0.1, 300.0),
)
def test_every_call_ends_with_exactly_one_outcome(
    keys: list[str], caller: str, to: str, hours: int, answers: Answer, hangs_up: float | None
) -> None:
    imagined = replace(
        CALL,
        caller=caller,
        to=to,
        at=FRIDAY + 3600.0 * hours,
        keys=tuple(keys),
        answers=answers,
        hangs_up=hangs_up,
    )
    with errors() as found:
        played = play(PREMISES, imagined)
    assert len([fact for fact in played.facts if isinstance(fact, CallEnded)]) == 1
    assert any(isinstance(fact, Stepped) for fact in played.facts)
    assert found == []
    assert trace(PREMISES, imagined).outcome is not None


@settings(max_examples=60, deadline=None)
@given(
    to=st.text("0123456789*#+", min_size=1, max_size=14),
    keys=KEYS,
    answers=st.sampled_from([Answer(), Answer(None)]),
)
@example(to="*11", keys=["1001#", "0000#"], answers=Answer())
@example(to="+79161234567", keys=[], answers=Answer(busy=True))
def test_whatever_a_phone_dials_comes_to_an_end(to: str, keys: list[str], answers: Answer) -> None:
    with errors() as found:
        played = play(PREMISES, replace(CALL, caller="201", to=to, keys=tuple(keys), answers=answers))
    begun = [fact.call for fact in played.facts if isinstance(fact, CallStarted)]
    assert [fact.call for fact in played.facts if isinstance(fact, CallEnded)] == begun and len(begun) <= 1
    assert found == []


def test_no_case_touches_another() -> None:
    """The same cases in either order, and each alone, are told in the same words."""
    cases = [result.case for result in rehearse(CONFIG, PREMISES).results]
    forwards = {case.name: trace_text(trace(PREMISES, case.call), PREMISES) for case in cases}
    backwards = {case.name: trace_text(trace(PREMISES, case.call), PREMISES) for case in reversed(cases)}
    alone = {
        case.name: trace_text(trace(Premises(load(CONFIG).reading), case.call), PREMISES) for case in cases[:4]
    }
    assert forwards == backwards
    assert alone.items() <= forwards.items()


def test_a_fault_in_a_flow_is_not_taken_for_an_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr("appliance.flows.caller.join_line", fail)
        with pytest.raises(ZeroDivisionError):
            call(keys=("1",))
    assert call(keys=("1",)).outcome is CallOutcome.ANSWERED


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """No greenlet goes on, and no folder is made for a talk that is not had."""
    spool = tmp_path / "recordings"
    spool.mkdir()
    premises = Premises(replace(PREMISES._reading, settings=replace(PREMISES.settings, recordings=spool)))
    before = greenlets()
    for _ in range(5):
        assert trace(premises, replace(CALL, to="4420")).outcome is CallOutcome.ANSWERED
    gevent.sleep(0)
    assert greenlets() <= before and not [*spool.iterdir()]


def greenlets() -> int:
    return len([each for each in gc.get_objects() if isinstance(each, gevent.Greenlet) and not each.dead])


def test_the_calls_of_the_example_go_as_expected() -> None:
    rehearsal = rehearse(CONFIG, PREMISES)
    assert len(rehearsal.results) >= 15
    assert [str(failure) for result in rehearsal.failed for failure in result.failures] == []


def test_a_time_that_a_caller_chooses() -> None:
    told = call(keys=("4", "2", "1", "1", "1"))
    (joined,) = (m.text for m in told.moments if m.kind == "joined")
    assert joined.startswith("has a place in the queue support from 2026-11-20 12:30 on")
    assert told.outcome is CallOutcome.CALLBACK_PROMISED
