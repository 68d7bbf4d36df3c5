"""Telephone numbers in all their spellings, our numbers, and customers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.identify import Caller, find_number, identify, number_forms, to_e164
from appliance.settings import Customer, Destination, Group, Number, Settings

HANG_UP = Destination(hang_up=True)
MAIN = Number("+74951234567", "Main", HANG_UP)
SHORT = Number("4420", "Partners", HANG_UP)
VIP = Group("vip", "Important")
ANNA = Customer("+79161234567", "Anna", "vip", None)
BORIS = Customer("+79161234568", "Boris", None, None)
SETTINGS = Settings(
    directory=Path("/"),
    company="Company",
    country="RU",
    time_zone="Europe/Moscow",
    language="ru",
    numbers={number.id: number for number in (MAIN, SHORT)},
    groups={"vip": VIP},
    customers={customer.number: customer for customer in (ANNA, BORIS)},
)


@pytest.mark.parametrize(
    ("raw", "country", "number"),
    [
        ("+74951234567", "RU", "+74951234567"),
        ("84951234567", "RU", "+74951234567"),
        ("74951234567", "RU", "+74951234567"),
        ("4951234567", "RU", "+74951234567"),
        (" 8 (495) 123-45-67 ", "RU", "+74951234567"),
        ("810442079460123", "RU", "+442079460123"),
        ("00442079460123", "RU", "+442079460123"),
        ("442079460123", "RU", "+442079460123"),
        ("02079460123", "GB", "+442079460123"),
        ("2125550123", "US", "+12125550123"),
        ("0914177", "GB", None),  # too short; its zero is no digit of the number
        ("026942080", "GB", None),
        ("+440914177", "GB", None),
        ("0143972981", "RU", None),
        ("0236560010", "IT", "+390236560010"),  # there it is one
        ("anonymous", "RU", None),
        ("Unknown", "RU", None),
        ("", "RU", None),
        ("+", "RU", None),
        ("201", "RU", None),
        ("112", "RU", None),
        ("5550123", "US", None),  # the area is missing
        ("1-800-FLOWERS", "US", None),
        ("+7495123456", "RU", None),
        ("4" * 41, "RU", None),
        ("٨٤٩٥١٢٣٤٥٦٧", "RU", None),
        ("84951234567;ext=1", "RU", None),
    ],
)
def test_to_e164(raw: str, country: str, number: str | None) -> None:
    assert to_e164(raw, country) == number


@given(st.text(max_size=60), st.sampled_from(["RU", "US", "GB", "IT", "XX", ""]))
def test_any_text_is_e164_or_none(raw: str, country: str) -> None:
    number = to_e164(raw, country)
    assert number is None or (number.startswith("+") and number[1:].isdecimal() and len(number) <= 16)


@given(st.from_regex(r"\+?[0-9]{3,14}", fullmatch=True), st.sampled_from(["RU", "US", "GB", "DE"]))
def test_no_prefix_is_taken_for_a_part_of_the_number(raw: str, country: str) -> None:
    number = to_e164(raw, country) or ""
    assert not number.startswith(("+70", "+10", "+440", "+490"))


@given(st.integers(0, 9999999))
def test_every_spelling_of_a_number_is_understood(last: int) -> None:
    number = f"+7495{last:07}"
    for form in number_forms(number, "RU"):
        assert to_e164(form, "RU") == number


def test_number_forms() -> None:
    assert number_forms("+74951234567", "RU") == ("+74951234567", "74951234567", "84951234567", "4951234567")
    assert number_forms("+442079460123", "RU") == ("+442079460123", "442079460123")
    assert number_forms("+442079460123", "GB") == ("+442079460123", "442079460123", "02079460123", "2079460123")
    assert number_forms("+12125550123", "US") == ("+12125550123", "12125550123", "2125550123")
    assert number_forms("4420", "RU") == ("4420",)
    assert number_forms("office", "RU") == ("office",)


@pytest.mark.parametrize("dnis", ["+74951234567", "74951234567", "84951234567", "4951234567"])
def test_our_number_is_found_in_every_spelling(dnis: str) -> None:
    assert find_number(SETTINGS, dnis) is MAIN


def test_short_and_unknown_numbers() -> None:
    assert find_number(SETTINGS, "4420") is SHORT
    assert find_number(SETTINGS, "442") is None
    assert find_number(SETTINGS, "+74951234568") is None
    assert find_number(SETTINGS, "") is None


def test_who_calls() -> None:
    assert identify(SETTINGS, "89161234567") == Caller("+79161234567", ANNA, VIP)
    assert identify(SETTINGS, "89161234568") == Caller("+79161234568", BORIS, None)
    assert identify(SETTINGS, "89161234569") == Caller("+79161234569", None, None)
    assert identify(SETTINGS, "anonymous") == Caller(None, None, None)
