"""The journal knows of customers at home when they may be called, and not who they are."""

import pytest

from appliance.line import messages as m
from appliance.line.aliases import Aliases
from appliance.line.ladder import time_zones_of
from appliance.line.promises import First, Kind, Promise

MOSCOW, VLADIVOSTOK, MOBILE, KAZAKH = "+74951234567", "+74232123456", "+79161234567", "+77011234567"


@pytest.mark.parametrize("number", [MOSCOW, VLADIVOSTOK, MOBILE, KAZAKH, "+442071234567", "+12", "+999123"])
def test_an_alias_has_the_clocks_of_the_number_and_not_its_end(number: str) -> None:
    alias = Aliases().of(number)
    assert alias != number and len(alias) == len(number)
    assert time_zones_of(alias) == time_zones_of(number)


def test_each_number_has_one_of_its_own() -> None:
    aliases = Aliases()
    numbers = [f"+7916{n:07}" for n in range(2000, 4000)]
    assert len({aliases.of(number) for number in numbers}) == len(numbers)
    assert [aliases.of(number) for number in numbers] == [aliases.of(number) for number in numbers]


def test_a_promise_without_a_word_on_who_it_was_made_to() -> None:
    made = Promise(MOBILE, Kind.WEB, First.AGENT, 1.0, 2.0, "ru", "Vera", (("topic", "an invoice"),), "v.1")
    told = Aliases().message(m.GoHome("v.1", made))
    assert isinstance(told, m.GoHome)
    assert told.promise == Promise(told.promise.number, Kind.WEB, First.AGENT, 1.0, 2.0, "ru", origin="v.1")
    assert told.promise.number != MOBILE
