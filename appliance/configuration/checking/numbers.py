"""Numbers that contradict each other. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.identify import number_forms


def numbers(reading: Reading) -> Iterator[Finding]:
    """What a trunk could mean two of ours by."""
    first: dict[str, str] = {}
    for number in reading.settings.numbers:
        for form in number_forms(number, reading.settings.country):
            other = first.setdefault(form, number)
            if other != number:
                text = f"A trunk may deliver {shown(form)} for this number and for {shown(other)}."
                yield Finding(("numbers", number), text, "Remove one of them.")
                break
