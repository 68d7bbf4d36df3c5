"""What every language has to say, and what all of them have in common."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Protocol

import phonenumbers

MOST = 10**12  # numbers from here on are read digit by digit


class Case(Enum):
    """The grammatical cases that values are needed in; most languages need one alone."""

    NOMINATIVE = "nominative"
    GENITIVE = "genitive"
    ACCUSATIVE = "accusative"


class Words(Protocol):
    """Says values in one language. `forms` are those of a noun, each after an example of its number:
    ("one call", "two calls")."""

    forms: int  # how many a noun has after numbers
    cases: frozenset[Case]  # that make a difference

    def case_after(self, text: str) -> Case:
        """The case of what follows this text."""
        ...

    def number(self, number: int, case: Case) -> str: ...

    def ordinal(self, number: int, case: Case) -> str: ...

    def count(self, number: int, forms: Sequence[str], case: Case) -> str: ...

    def length(self, minutes: int, case: Case) -> str: ...

    def length_between(self, least: int, most: int) -> str:
        """From so many to so many minutes."""
        ...

    def day(self, day: date, case: Case, *, with_year: bool) -> str: ...

    def time_of_day(self, moment: time, case: Case) -> str: ...

    def money(self, amount: Decimal, currency: str, case: Case) -> str: ...

    def telephone(self, number: str) -> str: ...

    def digits(self, number: str) -> str: ...

    def key(self, key: str) -> str:
        """A key of the telephone, after words such as press."""
        ...

    def moment(self, moment: datetime, now: datetime) -> str:
        """A moment to come, as one says it now: tomorrow at nine."""
        ...


def telephone_groups(number: str) -> tuple[bool, tuple[str, ...]]:
    """A telephone number as it is written in its country: whether with a plus, and its groups of digits."""
    if number.startswith("+"):
        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            parsed = None
        if parsed is not None:
            written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
            return True, tuple(re.findall(r"[0-9]+", written))
    digits = "".join(re.findall(r"[0-9]", number))
    return number.startswith("+"), tuple(_threes(digits))


def _threes(digits: str) -> Iterator[str]:
    """Groups of three; the rest in twos, so that no digit stands alone."""
    while len(digits) > 4:
        yield digits[:3]
        digits = digits[3:]
    if len(digits) == 4:
        yield digits[:2]
        digits = digits[2:]
    if digits:
        yield digits


def thousands(number: int) -> Iterator[tuple[int, int]]:
    """The parts of a number from the greatest down: how many of which power of a thousand."""
    for power in (3, 2, 1, 0):
        part = number // 1000**power % 1000
        if part:
            yield part, power


def units_and_cents(amount: Decimal) -> tuple[int, int]:
    """Whole units and hundredths of an amount, of which the sign has been said."""
    hundredths = int((abs(amount) * 100).to_integral_value())
    return divmod(hundredths, 100)
