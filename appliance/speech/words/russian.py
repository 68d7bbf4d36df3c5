"""Russian: numbers agree with their nouns in gender and case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum

from appliance.speech.words.common import MOST, Case, telephone_groups, thousands, units_and_cents


class Gender(Enum):
    MASCULINE = 0
    FEMININE = 1
    NEUTER = 2


@dataclass(frozen=True)
class Noun:
    """A noun as it stands after numbers: один час, два часа, пять часов; одну минуту."""

    one: str
    few: str
    many: str
    gender: Gender = Gender.MASCULINE
    accusative: str = ""  # singular, where it differs

    def after(self, number: int, case: Case) -> str:
        """The form after this number. In the accusative as in the nominative but for the singular."""
        form = plural_form(number)
        if case is Case.GENITIVE:
            return self.few if form == 0 else self.many
        if form == 0 and case is Case.ACCUSATIVE:
            return self.accusative or self.one
        return (self.one, self.few, self.many)[form]


_ONE = {
    Case.NOMINATIVE: ("один", "одна", "одно"),
    Case.GENITIVE: ("одного", "одной", "одного"),
    Case.ACCUSATIVE: ("один", "одну", "одно"),
}
_TWO = {
    Case.NOMINATIVE: ("два", "две", "два"),
    Case.GENITIVE: ("двух",) * 3,
    Case.ACCUSATIVE: ("два", "две", "два"),
}
# nominative (and accusative, of what is not alive), genitive
_UP_TO_19 = {
    **{0: ("ноль", "ноля"), 3: ("три", "трёх"), 4: ("четыре", "четырёх"), 5: ("пять", "пяти")},
    **{6: ("шесть", "шести"), 7: ("семь", "семи"), 8: ("восемь", "восьми"), 9: ("девять", "девяти")},
    **{10: ("десять", "десяти"), 11: ("одиннадцать", "одиннадцати"), 12: ("двенадцать", "двенадцати")},
    **{13: ("тринадцать", "тринадцати"), 14: ("четырнадцать", "четырнадцати")},
    **{15: ("пятнадцать", "пятнадцати"), 16: ("шестнадцать", "шестнадцати")},
    **{17: ("семнадцать", "семнадцати"), 18: ("восемнадцать", "восемнадцати")},
    **{19: ("девятнадцать", "девятнадцати")},
}
_TENS = {
    **{2: ("двадцать", "двадцати"), 3: ("тридцать", "тридцати"), 4: ("сорок", "сорока")},
    **{5: ("пятьдесят", "пятидесяти"), 6: ("шестьдесят", "шестидесяти")},
    **{7: ("семьдесят", "семидесяти"), 8: ("восемьдесят", "восьмидесяти"), 9: ("девяносто", "девяноста")},
}
_HUNDREDS = {
    **{1: ("сто", "ста"), 2: ("двести", "двухсот"), 3: ("триста", "трёхсот"), 4: ("четыреста", "четырёхсот")},
    **{5: ("пятьсот", "пятисот"), 6: ("шестьсот", "шестисот"), 7: ("семьсот", "семисот")},
    **{8: ("восемьсот", "восьмисот"), 9: ("девятьсот", "девятисот")},
}
_SCALES = {
    1: Noun("тысяча", "тысячи", "тысяч", Gender.FEMININE, "тысячу"),
    2: Noun("миллион", "миллиона", "миллионов"),
    3: Noun("миллиард", "миллиарда", "миллиардов"),
}

# Ordinals: nominative and genitive, masculine (the genitive is that of the neuter too).
_ORDINAL_UP_TO_19 = {
    **{0: "нулевой", 1: "первый", 2: "второй", 3: "третий", 4: "четвёртый", 5: "пятый", 6: "шестой"},
    **{7: "седьмой", 8: "восьмой", 9: "девятый", 10: "десятый", 11: "одиннадцатый", 12: "двенадцатый"},
    **{13: "тринадцатый", 14: "четырнадцатый", 15: "пятнадцатый", 16: "шестнадцатый", 17: "семнадцатый"},
    **{18: "восемнадцатый", 19: "девятнадцатый"},
}
_ORDINAL_TENS = {
    **{2: "двадцатый", 3: "тридцатый", 4: "сороковой", 5: "пятидесятый", 6: "шестидесятый"},
    **{7: "семидесятый", 8: "восьмидесятый", 9: "девяностый"},
}
_ORDINAL_SCALES = {1: "тысячный", 2: "миллионный", 3: "миллиардный"}

_HOUR = Noun("час", "часа", "часов")
_MINUTE = Noun("минута", "минуты", "минут", Gender.FEMININE, "минуту")
_CURRENCIES = {
    "RUB": (Noun("рубль", "рубля", "рублей"), Noun("копейка", "копейки", "копеек", Gender.FEMININE, "копейку")),
    "USD": (Noun("доллар", "доллара", "долларов"), Noun("цент", "цента", "центов")),
    "EUR": (Noun("евро", "евро", "евро"), Noun("цент", "цента", "центов")),
    "GBP": (Noun("фунт", "фунта", "фунтов"), Noun("пенс", "пенса", "пенсов")),
    "BYN": (Noun("рубль", "рубля", "рублей"), Noun("копейка", "копейки", "копеек", Gender.FEMININE, "копейку")),
    "KZT": (Noun("тенге", "тенге", "тенге"), Noun("тиын", "тиына", "тиынов")),
}
_MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня", "июля"),
    *("августа", "сентября", "октября", "ноября", "декабря"),
)
_ON_WEEKDAYS = (
    *("в понедельник", "во вторник", "в среду", "в четверг", "в пятницу"),
    *("в субботу", "в воскресенье"),
)

# Words that decide the case of what follows them. Others before it, such as "примерно", change nothing.
_GENITIVE_AFTER = {
    *("около", "до", "от", "после", "с", "со", "без", "более", "менее"),
    *("больше", "меньше", "свыше", "течение"),
}
_ACCUSATIVE_AFTER = {
    *("через", "за", "на", "по", "в", "во", "про", "подождите", "ждать"),
    *("ждите", "ждёт", "ждет", "ждёте", "ждете", "подождать", "займёт", "займет"),
}
_CHANGES_NOTHING = {
    *("примерно", "приблизительно", "ещё", "еще", "почти", "где-то", "вам", "придётся", "придется"),
}


class Russian:
    """See appliance.speech.words.common.Words."""

    forms = 3
    cases = frozenset(Case)

    def case_after(self, text: str) -> Case:
        before = re.findall(r"[\w-]+|[.!?;:,—]", text.lower())
        while before and before[-1] in _CHANGES_NOTHING:
            before.pop()
        word = before[-1] if before else ""
        if word in _GENITIVE_AFTER:
            return Case.GENITIVE
        return Case.ACCUSATIVE if word in _ACCUSATIVE_AFTER else Case.NOMINATIVE

    def number(self, number: int, case: Case = Case.NOMINATIVE, gender: Gender = Gender.MASCULINE) -> str:
        if abs(number) >= MOST:
            return self.digits(str(number))
        if number < 0:
            return f"минус {self.number(-number, case, gender)}"
        words: list[str] = []
        for part, power in thousands(number):
            if not power:
                words += _below_thousand(part, case, gender)
                continue
            words += _below_thousand(part, case, _SCALES[power].gender)
            words.append(_SCALES[power].after(part, case))
        return " ".join(words or [_UP_TO_19[0][case is Case.GENITIVE]])

    def ordinal(self, number: int, case: Case = Case.NOMINATIVE) -> str:
        if not 0 <= number < MOST:
            return self.number(number, case)
        rest, last = _last_word(number)
        ordinal = _genitive_ordinal(last) if case is Case.GENITIVE else last
        # Тысяча первый: the one thousand is not counted here.
        return f"{self.number(rest).removeprefix('одна ')} {ordinal}" if rest else ordinal

    def count(self, number: int, forms: Sequence[str], case: Case = Case.NOMINATIVE) -> str:
        """The gender is that of the number in the first form: одна заявка."""
        example, _, one = forms[0].partition(" ")
        genders = {"одна": Gender.FEMININE, "одну": Gender.FEMININE, "одно": Gender.NEUTER}
        gender = genders.get(example.lower(), Gender.MASCULINE)
        few, many = (form.partition(" ")[2] for form in forms[1:])
        noun = (one, few, many)[plural_form(number)]
        if case is Case.GENITIVE:
            noun = few if plural_form(number) == 0 else many
        return f"{self.number(number, case, gender)} {noun}"

    def length(self, minutes: int, case: Case = Case.NOMINATIVE) -> str:
        hours, rest = divmod(minutes, 60)
        parts = [self._counted(hours, _HOUR, case)] if hours else []
        if rest or not hours:
            parts.append(self._counted(rest, _MINUTE, case))
        return " ".join(parts)

    def length_between(self, least: int, most: int) -> str:
        to = f"до {self.length(most, Case.GENITIVE)}"
        if least >= most:
            return self.length(most, Case.ACCUSATIVE)
        if least == 0:
            return to
        if most < 60:
            return f"от {self.number(least, Case.GENITIVE, Gender.FEMININE)} {to}"
        return f"от {self.length(least, Case.GENITIVE)} {to}"

    def day(self, day: date, case: Case = Case.GENITIVE, *, with_year: bool = False) -> str:
        """Третьего января when something happens; третье января is the day itself."""
        if case is not Case.GENITIVE:
            said = f"{_neuter(self.ordinal(day.day))} {_MONTHS[day.month - 1]}"
        else:
            said = f"{self.ordinal(day.day, Case.GENITIVE)} {_MONTHS[day.month - 1]}"
        return f"{said} {self.ordinal(day.year, Case.GENITIVE)} года" if with_year else said

    def time_of_day(self, moment: time, case: Case = Case.NOMINATIVE) -> str:
        hours = self._counted(moment.hour, _HOUR, case)
        return f"{hours} {self._counted(moment.minute, _MINUTE, case)}" if moment.minute else hours

    def money(self, amount: Decimal, currency: str, case: Case = Case.NOMINATIVE) -> str:
        if abs(amount) >= MOST or currency not in _CURRENCIES:
            return f"{amount} {currency}"
        unit, cent = _CURRENCIES[currency]
        units, cents = units_and_cents(amount)
        parts = ["минус"] if amount < 0 else []
        if units or not cents:
            parts.append(self._counted(units, unit, case))
        if cents:
            parts.append(self._counted(cents, cent, case))
        return " ".join(parts)

    def telephone(self, number: str) -> str:
        plus, groups = telephone_groups(number)
        return ("плюс " if plus else "") + ", ".join(map(self._group, groups))

    def digits(self, number: str) -> str:
        return " ".join(self.number(int(digit)) for digit in number if digit in "0123456789")

    def key(self, key: str) -> str:
        return {"*": "звёздочку", "#": "решётку"}.get(key) or self.digits(key)

    def moment(self, moment: datetime, now: datetime) -> str:
        at = f"в {self.time_of_day(moment.time(), Case.ACCUSATIVE)}"
        days = (moment.date() - now.date()) // timedelta(days=1)
        if days < 2:
            return f"{'завтра' if days else 'сегодня'} {at}"
        if days < 7:
            return f"{_ON_WEEKDAYS[moment.weekday()]} {at}"
        return f"{self.day(moment.date())} {at}"

    def _counted(self, number: int, noun: Noun, case: Case) -> str:
        return f"{self.number(number, case, noun.gender)} {noun.after(number, case)}"

    def _group(self, digits: str) -> str:
        """A group of a telephone number: ноль пять, сто двадцать три."""
        zeros = len(digits) - len(digits.lstrip("0"))
        if len(digits) > 3:
            return self.digits(digits)
        rest = [self.number(int(digits))] if zeros < len(digits) else []
        return " ".join(["ноль"] * zeros + rest)


def plural_form(number: int) -> int:
    """Which form a noun has after this number: 0 as after one, 1 as after two, 2 as after five."""
    last, teens = abs(number) % 10, 10 < abs(number) % 100 < 20
    if last == 1 and not teens:
        return 0
    return 1 if 2 <= last <= 4 and not teens else 2


def _below_thousand(number: int, case: Case, gender: Gender) -> list[str]:
    column = int(case is Case.GENITIVE)
    words: list[str] = []
    if number >= 100:
        words.append(_HUNDREDS[number // 100][column])
    rest = number % 100
    if rest >= 20:
        words.append(_TENS[rest // 10][column])
        rest %= 10
    if rest == 1:
        words.append(_ONE[case][gender.value])
    elif rest == 2:
        words.append(_TWO[case][gender.value])
    elif rest:
        words.append(_UP_TO_19[rest][column])
    return words


def _last_word(number: int) -> tuple[int, str]:
    """What precedes the last word of an ordinal, and that word: двадцать первый, двухтысячный."""
    for power in (3, 2, 1):
        if number and number % 1000**power == 0:
            part = number // 1000**power % 1000
            return number - part * 1000**power, _joined(part) + _ORDINAL_SCALES[power]
    rest = number % 100
    if number and rest == 0:
        hundreds = number % 1000 // 100
        last = "сотый" if hundreds == 1 else _HUNDREDS[hundreds][1] + "ый"
        return number - hundreds * 100, last
    if rest >= 20 and rest % 10 == 0:
        return number - rest, _ORDINAL_TENS[rest // 10]
    last_digit = rest if rest < 20 else rest % 10
    return number - last_digit, _ORDINAL_UP_TO_19[last_digit]


def _joined(part: int) -> str:
    """The beginning of двухтысячный, стотысячный, двадцатиоднотысячный."""
    if part == 1:
        return ""
    words = _below_thousand(part, Case.GENITIVE, Gender.MASCULINE)
    same = {"ста": "сто", "девяноста": "девяносто", "одного": "одно"}
    return "".join(same.get(word, word) for word in words)


def _genitive_ordinal(ordinal: str) -> str:
    if ordinal.endswith("третий"):
        return ordinal.removesuffix("ий") + "ьего"
    return ordinal[:-2] + "ого"


def _neuter(ordinal: str) -> str:
    if ordinal.endswith("третий"):
        return ordinal.removesuffix("ий") + "ье"
    return ordinal[:-2] + "ое"
