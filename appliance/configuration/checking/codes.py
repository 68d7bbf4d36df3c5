"""The codes that agents dial, which have to be told apart from each other and from extensions. Pure."""

from collections.abc import Iterator
from itertools import combinations

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import FeatureCodes


def codes(reading: Reading) -> Iterator[Finding]:
    """Codes that could mean two things."""
    dialled = {name: str(code) for name, code in vars(reading.settings.codes).items()}
    for (name, code), (other, longer) in combinations(dialled.items(), 2):
        if code.startswith(longer) or longer.startswith(code):
            same = "the same as" if code == longer else "not to be told apart from"
            text = f"The code {shown(longer)} of {other} is {same} {shown(code)} of {name}."
            yield Finding(("codes", other), text, "Let no code be the beginning of another.")
    for name, code in dialled.items():
        standard = getattr(FeatureCodes(), name)
        for phone in reading.settings.phones:
            if phone.startswith(code) or code.startswith(phone):
                text = f"The code {shown(code)} of {name} is not to be told apart from the extension {phone}."
                yield Finding(("codes", name), text, f'Begin it with a star, such as "{standard}".')
