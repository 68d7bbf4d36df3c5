"""Texts with values: how they are said in both languages, what is left out, and what is wrong with them."""

from collections.abc import Mapping
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.line.visits import Expected
from appliance.speech.templates import constant, fill, parse, unknown, without_values, wrong_with
from appliance.speech.values import VALUES, Where, where

KNOWN: Mapping[str, object] = {
    "company": "Волга",
    "customer": "Вера",
    "place": 3,
    "ahead": 2,
    "wait": Expected(30.0, 61.0, 95.0),
    "number": "+74957654321",
    "date": date(2027, 1, 3),
    "time": time(9, 30),
    "opens": (datetime(2027, 1, 4, 9), datetime(2027, 1, 3, 20)),
    "agent": "Alice",
}


@pytest.mark.parametrize(
    "text, said",
    [
        ("Вы {place:ordinal} в очереди.", "Вы третий в очереди."),
        ("Ваше место: {place}.", "Ваше место: три."),
        ("Перед вами {ahead:один человек|два человека|пять человек}.", "Перед вами два человека."),
        ("Ожидание займёт около {wait}.", "Ожидание займёт около двух минут."),
        ("Подождите примерно {wait}.", "Подождите примерно две минуты."),
        ("Сегодня {date:nominative}.", "Сегодня третье января."),
        ("Закрыто с {date} до {date:01-11}.", "Закрыто с третьего января до одиннадцатого января."),
        ("Сейчас {time}.", "Сейчас девять часов тридцать минут."),
        ("Мы откроемся {opens}.", "Мы откроемся завтра в девять часов."),
        (
            "Вы звоните с номера {number}.",
            "Вы звоните с номера плюс семь, четыреста девяносто пять, "
            "семьсот шестьдесят пять, сорок три, двадцать один.",
        ),
        ("Код {digits:4420}.", "Код четыре четыре два ноль."),
        ("Доставка стоит {money:121.50 RUB}.", "Доставка стоит сто двадцать один рубль пятьдесят копеек."),
        ("Открыто с {time:9:00} до {time:21:00}.", "Открыто с девяти часов до двадцати одного часа."),
    ],
)
def test_russian_texts(text: str, said: str) -> None:
    assert fill(text, "ru", KNOWN.get) == said


@pytest.mark.parametrize(
    "text, said",
    [
        ("You are number {place} in line.", "You are number three in line."),
        ("You are {place:ordinal} in line.", "You are third in line."),
        ("{ ahead : one caller|two callers } before you.", "two callers before you."),
        ("About {wait}.", "About two minutes."),
        ("Today is {date}.", "Today is the third of January."),
        ("It is {time}.", "It is nine thirty a.m."),
        ("We open {opens}.", "We open tomorrow at nine a.m."),
        (
            "Call {telephone:+7 495 765-43-21}.",
            "Call plus seven, four nine five, seven six five, four three, two one.",
        ),
        ("{number:digits}", "seven four nine five seven six five four three two one"),
        ("A delivery is {money:121 RUB}.", "A delivery is one hundred and twenty-one roubles."),
        ("On {date:2027-05-09}.", "On the ninth of May twenty twenty-seven."),
        ("A {{brace}} and {{{place}}}.", "A {brace} and {three}."),
    ],
)
def test_english_texts(text: str, said: str) -> None:
    assert fill(text, "en", KNOWN.get) == said


@pytest.mark.parametrize(
    "text, said",
    [
        ("Hello, {customer}. Press 1 for sales.", "Press 1 for sales."),
        ("Hello. {customer}, you are {place}. Please wait!", "Hello. Please wait!"),
        ("Hello, {customer}.", ""),
        ("You are {place}. About {wait}.", "You are three."),
        ("Prices from {money:1 RUB}. {customer}!", "Prices from one rouble."),
    ],
)
def test_a_sentence_without_its_value_is_left_out(text: str, said: str) -> None:
    known = {"place": 3} if "place" in text and "Hello" not in text else {}
    assert fill(text, "en", known.get) == said
    assert unknown(text, known.get)


def test_what_is_always_the_same_can_be_prepared() -> None:
    assert constant("Open till {time:18:00}. {{x}}")
    assert not constant("Open at {opens}.")
    assert without_values("Closed. We open {opens}.", "en") == "Closed."
    assert parse("{place} {wait} {place} {money:1 RUB}").values == ("place", "wait")


@pytest.mark.parametrize(
    "text",
    [
        "Hello {place",
        "Hello place}",
        "{}",
        "{Place}",
        "{place} and {",
        "{a{b}}",
        "{1}",
        "${EXTEN}",
        "{place.__class__}",
    ],
)
def test_broken_braces_are_faults(text: str) -> None:
    (fault, *_) = parse(text).faults or ("",)
    if text in ("${EXTEN}",):
        assert "{EXTEN} names no value" in fault
    assert fault.endswith("for a brace that is meant.")


@pytest.mark.parametrize(
    "text, language, complaint",
    [
        ("{money:12,50 RUB}", "en", "{money:12,50 RUB} is not understood: write it like {money:121.50 RUB}."),
        ("{date:2027-02-30}", "en", "is not understood: write it like {date:2027-01-03} or {date:01-03}."),
        ("{digits:no}", "en", "write it like {digits:4420}."),
        ("{money}", "en", "is not understood"),
        ("{customer:loud}", "en", "{customer} is a name and cannot be said as 'loud'."),
        ("{place:nth}", "en", "Write {place:ordinal}, {place:nominative}, {place:genitive}"),
        ("{ahead:one caller|two callers}", "ru", "needs 3 forms in this language"),
        ("{ahead:caller|callers}", "en", "each with a number before it"),
        ("{time:25:00}", "en", "cannot be said as '25:00'"),
        ("{number:ordinal}", "en", "cannot be said as 'ordinal'. Write {number:digits} or {number}."),
    ],
)
def test_how_a_value_cannot_be_said(text: str, language: str, complaint: str) -> None:
    (slot,) = parse(text).slots
    assert complaint in wrong_with(slot, language)


@pytest.mark.parametrize(
    "text",
    [
        "{place:ordinal}",
        "{place:genitive}",
        "{wait:accusative}",
        "{number:digits}",
        "{date:2000-02-29}",
        "{time:9:30}",
        "{opens}",
        "{ahead:один звонок|два звонка|пять звонков}",
    ],
)
def test_how_values_can_be_said(text: str) -> None:
    (slot,) = parse(text).slots
    assert wrong_with(slot, "ru") == ""


def test_where_prompts_are_heard() -> None:
    assert where(("numbers", "+7495", "greeting")) is Where.GREETING
    assert where(("numbers", "+7495", "closed", "message")) is Where.MESSAGE
    assert where(("menus", "main", "prompt")) is Where.MENU
    assert where(("menus", "main", "choices", "1", "message")) is Where.MESSAGE
    assert where(("queues", "sales", "greeting")) is Where.QUEUE_GREETING
    assert where(("queues", "sales", "announce")) is Where.LINE
    assert where(("groups", "vip", "refuse")) is Where.MESSAGE
    assert where(("phrases", "agent-pin")) is Where.AGENT
    assert where(("phrases", "no-key")) is Where.PHRASE
    assert where(("phrases", "callback-offer")) is Where.CALLBACK
    assert where(("phrases", "agent-callback-busy")) is Where.AGENT_CALLBACK
    assert where(("queues", "sales", "callback", "greeting")) is Where.CALLBACK
    assert where(("queues", "callback", "greeting")) is Where.QUEUE_GREETING  # a queue of that name


@given(st.text(alphabet="ab {}:|.place1RUB$`\"';\n\\"), st.sampled_from(["ru", "en", "de"]))
def test_no_text_breaks_anything(text: str, language: str) -> None:
    template = parse(text)
    if template.faults or any(s.name not in VALUES or wrong_with(s, language) for s in template.slots):
        return
    for known in (KNOWN, {}):
        fill(text, language, known.get)
    if not template.slots and "{{" not in text and "}}" not in text:
        assert fill(text, language, KNOWN.get) == " ".join(text.split())


@given(st.text())
def test_what_a_value_holds_is_never_read_as_a_text(name: str) -> None:
    assert fill("{customer}", "en", {"customer": name}.get) == " ".join(name.split())
