"""Numbers that contradict themselves or each other. Pure."""

from collections.abc import Iterator

from appliance.checking.finding import Finding
from appliance.identify import number_forms
from appliance.problems import shown
from appliance.reading import Reading
from appliance.settings import Number


def numbers(reading: Reading) -> Iterator[Finding]:
    """What is wrong with the numbers."""
    for number in reading.settings.numbers.values():
        yield from _opening_hours(number)
    yield from _same_spelling(reading)


def _opening_hours(number: Number) -> Iterator[Finding]:
    path = ("numbers", number.id)
    if number.hours is not None and number.closed is None:
        text = f'The number {shown(number.id)} has opening hours but does not say where to go when "closed".'
        yield Finding((*path, "hours"), text, "Add it, for example closed: {message: We are closed.}")
    if number.hours is None and number.closed is not None:
        text = "This is never used: the number has no opening hours and is always open."
        yield Finding((*path, "closed"), text, warning=True)


def _same_spelling(reading: Reading) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for number in reading.settings.numbers:
        for form in number_forms(number, reading.settings.country):
            other = first.setdefault(form, number)
            if other != number:
                text = f"A trunk may deliver {shown(form)} for this number and for {shown(other)}."
                yield Finding(("numbers", number), text, "Remove one of them.")
                break
