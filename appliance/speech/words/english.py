"""English, as in Britain: one hundred and twenty-one."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from appliance.speech.words.common import MOST, Case, telephone_groups, thousands, units_and_cents

_UP_TO_19 = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("", "thousand", "million", "billion")
_ORDINALS = {
    **{"one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth"},
    "twelve": "twelfth",
}
_CURRENCIES = {
    "RUB": (("rouble", "roubles"), ("kopeck", "kopecks")),
    "USD": (("dollar", "dollars"), ("cent", "cents")),
    "EUR": (("euro", "euros"), ("cent", "cents")),
    "GBP": (("pound", "pounds"), ("penny", "pence")),
    "BYN": (("rouble", "roubles"), ("kopeck", "kopecks")),
    "KZT": (("tenge", "tenge"), ("tiyn", "tiyn")),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class English:
    """See appliance.speech.words.common.Words. Cases make no difference."""

    forms = 2
    cases: frozenset[Case] = frozenset()

    def case_after(self, text: str) -> Case:
        return Case.NOMINATIVE

    def number(self, number: int, case: Case = Case.NOMINATIVE) -> str:
        if abs(number) >= MOST:
            return self.digits(str(number))
        if number < 0:
            return f"minus {self.number(-number)}"
        if number == 0:
            return _UP_TO_19[0]
        words: list[str] = []
        for part, power in thousands(number):
            if not power and part < 100 and words:
                words.append("and")
            words.append(_below_thousand(part))
            if power:
                words.append(_SCALES[power])
        return " ".join(words)

    def ordinal(self, number: int, case: Case = Case.NOMINATIVE) -> str:
        words = self.number(number)
        cut = max(words.rfind(" "), words.rfind("-")) + 1
        last = words[cut:]
        if last in _ORDINALS:
            return words[:cut] + _ORDINALS[last]
        return words.removesuffix("y") + "ieth" if last.endswith("y") else words + "th"

    def count(self, number: int, forms: Sequence[str], case: Case = Case.NOMINATIVE) -> str:
        form = forms[0] if abs(number) == 1 else forms[1]
        return f"{self.number(number)} {form.partition(' ')[2]}"

    def length(self, minutes: int, case: Case = Case.NOMINATIVE) -> str:
        hours, rest = divmod(minutes, 60)
        parts = [self.count(hours, ("one hour", "two hours"))] if hours else []
        if rest or not hours:
            parts.append(self.count(rest, ("one minute", "two minutes")))
        return " and ".join(parts)

    def length_between(self, least: int, most: int) -> str:
        if least >= most:
            return self.length(most)
        if least == 0:
            return f"up to {self.length(most)}"
        first = self.number(least) if most < 60 else self.length(least)
        return f"from {first} to {self.length(most)}"

    def day(self, day: date, case: Case = Case.NOMINATIVE, *, with_year: bool = False) -> str:
        said = f"the {self.ordinal(day.day)} of {_MONTHS[day.month - 1]}"
        return f"{said} {self._year(day.year)}" if with_year else said

    def time_of_day(self, moment: time, case: Case = Case.NOMINATIVE) -> str:
        if moment.minute == 0 and moment.hour in (0, 12):
            return "noon" if moment.hour else "midnight"
        words = [self.number(moment.hour % 12 or 12)]
        if moment.minute:
            words.append(("oh " if moment.minute < 10 else "") + self.number(moment.minute))
        return " ".join([*words, "a.m." if moment.hour < 12 else "p.m."])

    def money(self, amount: Decimal, currency: str, case: Case = Case.NOMINATIVE) -> str:
        if abs(amount) >= MOST or currency not in _CURRENCIES:
            return f"{amount} {currency}"
        parts = ["minus"] if amount < 0 else []
        for number, (one, many) in zip(units_and_cents(amount), _CURRENCIES[currency], strict=True):
            if number:
                parts.append(self.count(number, (f"one {one}", f"two {many}")))
        if not amount:
            parts.append(f"zero {_CURRENCIES[currency][0][1]}")
        return " ".join(parts)

    def telephone(self, number: str) -> str:
        plus, groups = telephone_groups(number)
        return ("plus " if plus else "") + ", ".join(map(self.digits, groups))

    def digits(self, number: str) -> str:
        return " ".join(_UP_TO_19[int(digit)] for digit in number if digit in "0123456789")

    def key(self, key: str) -> str:
        return {"*": "star", "#": "hash"}.get(key) or self.digits(key)

    def moment(self, moment: datetime, now: datetime) -> str:
        at = f"at {self.time_of_day(moment.time())}"
        days = (moment.date() - now.date()) // timedelta(days=1)
        if days < 2:
            return f"{'tomorrow' if days else 'today'} {at}"
        if days < 7:
            return f"on {_WEEKDAYS[moment.weekday()]} {at}"
        return f"on {self.day(moment.date())} {at}"

    def _year(self, year: int) -> str:
        """In two halves, as from 1066 to nineteen oh five and twenty twenty-six."""
        century, rest = divmod(year, 100)
        if rest == 0 and century % 10:
            return f"{self.number(century)} hundred"
        if century % 10 == 0 and rest < 10:
            return self.number(year)
        return f"{self.number(century)} {'oh ' if rest < 10 else ''}{self.number(rest)}"


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_UP_TO_19[hundreds]} hundred"] if hundreds else []
    if rest:
        tens, units = divmod(rest, 10)
        if rest < 20:
            words.append(_UP_TO_19[rest])
        else:
            words.append(f"{_TENS[tens]}-{_UP_TO_19[units]}" if units else _TENS[tens])
    return " and ".join(words)
