"""Any other language: digits, which the engine reads, with the words around them from Unicode's collection."""

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_time
from babel.numbers import format_currency
from babel.units import format_unit

from appliance.speech.words.common import Case, telephone_groups

_PLURALS = ("zero", "one", "two", "few", "many", "other")
_NEUTRAL = Locale("en")  # for a language that Unicode knows nothing of


class Other:
    """See appliance.speech.words.common.Words. Cases are not told apart."""

    cases: frozenset[Case] = frozenset()

    def __init__(self, language: str) -> None:
        try:
            self._locale = Locale.parse(language, sep="-")
        except (UnknownLocaleError, ValueError):
            self._locale = _NEUTRAL
        self._tags = [tag for tag in _PLURALS if tag in self._locale.plural_form.tags | {"other"}]
        self.forms = len(self._tags)

    def case_after(self, text: str) -> Case:
        return Case.NOMINATIVE

    def number(self, number: int, case: Case = Case.NOMINATIVE) -> str:
        return str(number)

    def ordinal(self, number: int, case: Case = Case.NOMINATIVE) -> str:
        return str(number)

    def count(self, number: int, forms: Sequence[str], case: Case = Case.NOMINATIVE) -> str:
        form = forms[self._tags.index(self._locale.plural_form(number))]
        return f"{number} {form.partition(' ')[2]}"

    def length(self, minutes: int, case: Case = Case.NOMINATIVE) -> str:
        hours, rest = divmod(minutes, 60)
        parts = [self._unit(hours, "duration-hour")] if hours else []
        if rest or not hours:
            parts.append(self._unit(rest, "duration-minute"))
        return " ".join(parts)

    def length_between(self, least: int, most: int) -> str:
        if least >= most:
            return self.length(most)
        first = str(least) if most < 60 else self.length(least)
        return f"{first}\N{EN DASH}{self.length(most)}"

    def day(self, day: date, case: Case = Case.NOMINATIVE, *, with_year: bool = False) -> str:
        return format_date(day, "long", self._locale) if with_year else self._day(day)

    def time_of_day(self, moment: time, case: Case = Case.NOMINATIVE) -> str:
        return format_time(moment, "short", locale=self._locale)

    def money(self, amount: Decimal, currency: str, case: Case = Case.NOMINATIVE) -> str:
        return format_currency(amount, currency, locale=self._locale, format_type="name")

    def telephone(self, number: str) -> str:
        plus, groups = telephone_groups(number)
        return ("+" if plus else "") + ", ".join(map(self.digits, groups))

    def digits(self, number: str) -> str:
        return " ".join(digit for digit in number if digit in "0123456789")

    def key(self, key: str) -> str:
        return key

    def moment(self, moment: datetime, now: datetime) -> str:
        at = self.time_of_day(moment.time())
        if moment.date() == now.date():
            return at
        if (moment.date() - now.date()).days < 7:
            return f"{format_datetime(moment, 'EEEE', locale=self._locale)} {at}"
        return f"{self._day(moment.date())} {at}"

    def _unit(self, number: int, unit: str) -> str:
        return format_unit(number, unit, "long", locale=self._locale)

    def _day(self, day: date) -> str:
        """Day and month, in this language's order."""
        return format_skeleton("MMMMd", day, locale=self._locale)
