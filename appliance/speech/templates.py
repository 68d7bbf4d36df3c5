"""Texts with values in braces: read once, filled for each call, and what is wrong with them. Pure.

`{place}` is a value of the call, `{place:ordinal}` the same said in another way, `{money:12.50 RUB}` is said as
words but is always the same, and `{{` is a brace. A sentence whose value is not known in a call is left out.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

from appliance.line.visits import Expected
from appliance.speech.values import VALUES, Kind, Lookup
from appliance.speech.words import Case, Words, words_of

_BRACE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_SLOT = re.compile(r"\s*([a-z]+)\s*(?::\s*(.*?))?\s*", re.DOTALL)
_LITERALS = {
    "money": re.compile(r"(-?[0-9]{1,11}(?:\.[0-9]{1,2})?) ([A-Z]{3})", re.ASCII),
    "date": re.compile(r"(?:([0-9]{4})-)?([0-9]{2})-([0-9]{2})", re.ASCII),
    "time": re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", re.ASCII),
    "telephone": re.compile(r"\+?[0-9][0-9 ()-]{0,30}", re.ASCII),
    "digits": re.compile(r"[0-9][0-9 -]{0,60}", re.ASCII),
}
LITERALS = {
    "money": "{money:121.50 RUB}",
    "date": "{date:2027-01-03} or {date:01-03}",
    "time": "{time:9:30}",
    "telephone": "{telephone:+74951234567}",
    "digits": "{digits:4420}",
}
_LEAP_YEAR = 2000  # in which every day of the calendar exists


@dataclass(frozen=True)
class Slot:
    """What stands in braces, and the text before it in its sentence."""

    name: str
    option: str
    before: str

    @property
    def is_literal(self) -> bool:
        """Whether it says its value itself."""
        form = _LITERALS.get(self.name)
        return (
            bool(self.option) and form is not None and (self.name not in VALUES or bool(form.match(self.option)))
        )


@dataclass(frozen=True)
class Template:
    """A text, sentence by sentence. `faults` are in words; with one the text cannot be filled."""

    sentences: tuple[tuple[str | Slot, ...], ...]
    faults: tuple[str, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        return tuple(part for sentence in self.sentences for part in sentence if isinstance(part, Slot))

    @property
    def values(self) -> tuple[str, ...]:
        """The names of the values of the call, each once."""
        return tuple(dict.fromkeys(slot.name for slot in self.slots if not slot.is_literal))


@lru_cache(maxsize=4096)
def parse(text: str) -> Template:
    """Understand a text. Nothing is raised."""
    faults: list[str] = []
    sentences: list[list[str | Slot]] = [[]]

    def add(piece: str) -> None:
        first, *others = _END_OF_SENTENCE.split(piece)
        sentences[-1].append(first)
        sentences.extend([other] for other in others)

    end = 0
    for found in _BRACE.finditer(text):
        add(text[end : found.start()])
        end = found.end()
        brace = found[0]
        if brace in ("{{", "}}"):
            sentences[-1].append(brace[0])
        elif brace in "{}":
            rest = text[found.start() :][:20]
            lacks = "is never closed" if brace == "{" else "closes nothing"
            faults.append(f"The brace in {rest!r} {lacks}. Write {brace}{brace} for a brace that is meant.")
        elif (inner := _SLOT.fullmatch(brace[1:-1])) is None:
            faults.append(f"{brace} names no value. Write {{{{ for a brace that is meant.")
        else:
            before = "".join(part if isinstance(part, str) else "…" for part in sentences[-1])
            sentences[-1].append(Slot(inner[1], inner[2] or "", before))
    add(text[end:])
    whole = (tuple(part for part in sentence if part) for sentence in sentences)
    return Template(tuple(sentence for sentence in whole if sentence), tuple(faults))


def wrong_with(slot: Slot, language: str) -> str:
    """What is wrong with how a value is to be said in this language, "" if nothing. Its name is known."""
    words = words_of(language)
    if slot.is_literal or slot.name not in VALUES:
        try:
            _literal(slot, words)
        except ValueError:
            return f"{{{slot.name}:{slot.option}}} is not understood: write it like {LITERALS[slot.name]}."
        return ""
    option, kind = slot.option, VALUES[slot.name].kind
    if not option or (option in _CASES and kind in _DECLINED):
        return ""
    if kind is Kind.NUMBER and "|" in option:
        forms = option.split("|")
        if len(forms) == words.forms and all(" " in form.strip() for form in forms):
            return ""
        return (
            f"{{{slot.name}:{option}}} needs {words.forms} forms in this language, each with a number before it: "
            f"write it like {{{slot.name}:{_FORMS.get(words.forms, '...')}}}."
        )
    if option == _OPTIONS.get(kind):
        if kind is Kind.WAIT and words.case_after(slot.before) is Case.GENITIVE:
            return f"{{{slot.name}:range}} says from and to itself: leave out the word before it."
        return ""
    return f"{{{slot.name}}} is {kind.value} and cannot be said as {option!r}.{_what_else(kind, slot.name)}"


def fill(text: str, language: str, lookup: Lookup) -> str:
    """The text as it is said; sentences with a value that is not known are left out, perhaps all of them."""
    words = words_of(language)
    said = (_fill(sentence, words, lookup) for sentence in parse(text).sentences)
    return " ".join(" ".join(sentence.split()) for sentence in said if sentence)


def constant(text: str) -> bool:
    """Whether a text is the same in every call."""
    return not parse(text).values


def without_values(text: str, language: str) -> str:
    """What is left of a text when no value is known: it can be prepared."""
    return fill(text, language, lambda name: None)


def unknown(text: str, lookup: Lookup) -> bool:
    """Whether a value of the text is not known in this call."""
    return any(lookup(name) is None for name in parse(text).values)


def spoken_values(text: str, lookup: Lookup) -> frozenset[str]:
    """The values that are said of a text in this call."""
    said: set[str] = set()
    for sentence in parse(text).sentences:
        names = {part.name for part in sentence if isinstance(part, Slot) and not part.is_literal}
        if all(lookup(name) is not None for name in names):
            said |= names
    return frozenset(said)


_CASES = {case.value: case for case in Case}
_DECLINED = (Kind.NUMBER, Kind.LENGTH, Kind.WAIT, Kind.DAY, Kind.TIME)
_OPTIONS = {Kind.NUMBER: "ordinal", Kind.TELEPHONE: "digits", Kind.WAIT: "range"}
_FORMS = {1: "one caller", 2: "one caller|two callers", 3: "один звонок|два звонка|пять звонков"}


def _what_else(kind: Kind, name: str) -> str:
    ways = [_OPTIONS[kind]] if kind in _OPTIONS else []
    ways += list(_CASES) if kind in _DECLINED else []
    return f" Write {', '.join(f'{{{name}:{way}}}' for way in ways)} or {{{name}}}." if ways else ""


def _fill(sentence: Sequence[str | Slot], words: Words, lookup: Lookup) -> str:
    said: list[str] = []
    for part in sentence:
        if isinstance(part, str):
            ends = bool(said) and said[-1].endswith(".")  # as a.m. does
            said.append(part.removeprefix(".") if ends else part)
            continue
        if part.is_literal:
            said.append(_literal(part, words))
            continue
        value = lookup(part.name)
        if value is None:
            return ""
        said.append(_say(value, part, words))
    return "".join(said)


def _say(value: object, slot: Slot, words: Words) -> str:
    match VALUES[slot.name].kind, value:
        case Kind.NUMBER, int(number):
            if "|" in slot.option:
                forms = [form.strip() for form in slot.option.split("|")]
                return words.count(number, forms, words.case_after(slot.before))
            if slot.option == "ordinal":
                return words.ordinal(number, Case.NOMINATIVE)
            return words.number(number, _case(slot, words))
        case Kind.LENGTH, float(seconds) | int(seconds):
            return words.length(_minutes(seconds), _case(slot, words))
        case Kind.WAIT, Expected() as wait:
            if slot.option == "range":
                return words.length_between(math.floor(wait.low / 60), _minutes(wait.high))
            return words.length(_minutes(wait.middle), _case(slot, words))
        case Kind.DAY, date() as day:
            return words.day(day, _case_of_day(slot, words), with_year=False)
        case Kind.TIME, time() as moment:
            return words.time_of_day(moment, _case(slot, words))
        case Kind.MOMENT, (datetime() as moment, datetime() as now):
            return words.moment(moment, now)
        case Kind.TELEPHONE, str(number):
            return words.digits(number) if slot.option == "digits" else words.telephone(number)
        case Kind.NAME, str(name):
            return name
        case Kind.KEY, str(key):
            return words.key(key)
    raise TypeError(f"{value!r} is no {VALUES[slot.name].kind.value}")


def _minutes(seconds: float) -> int:
    """Rounded up: who hears less than it comes to feels deceived."""
    return max(1, math.ceil(seconds / 60))


def _literal(slot: Slot, words: Words) -> str:
    """Raises ValueError for what is none."""
    found = _LITERALS[slot.name].fullmatch(slot.option)
    if found is None:
        raise ValueError(slot.option)
    match slot.name:
        case "money":
            return words.money(Decimal(found[1]), found[2], words.case_after(slot.before))
        case "date":
            day = date(int(found[1] or _LEAP_YEAR), int(found[2]), int(found[3]))
            return words.day(day, _case_of_day(slot, words), with_year=bool(found[1]))
        case "time":
            return words.time_of_day(time(int(found[1]), int(found[2])), words.case_after(slot.before))
        case "telephone":
            return words.telephone(re.sub(r"[ ()-]", "", slot.option))
    return words.digits(slot.option)


def _case(slot: Slot, words: Words) -> Case:
    return _CASES.get(slot.option) or words.case_after(slot.before)


def _case_of_day(slot: Slot, words: Words) -> Case:
    """Without a word that says otherwise the day on which something happens."""
    case = _case(slot, words)
    return Case.GENITIVE if case is Case.NOMINATIVE and slot.option != Case.NOMINATIVE.value else case
