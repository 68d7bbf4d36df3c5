"""What callers would not bear: too many choices, prompts that go on and on, calls that end at once. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Menu, Number, Prompt, Say
from appliance.speech.prompts import KeyPath

MOST_CHOICES = 7  # that one keeps in mind
LONGEST_PROMPT = 40.0  # seconds before a key
_A_SECOND = 15.0  # characters: what engines of speech and announcers alike say in one


def patience(reading: Reading) -> Iterator[Finding]:
    """What would make callers hang up."""
    for menu in reading.settings.menus.values():
        yield from _choices(menu)
        yield from _length(("menus", menu.id, "prompt"), menu.prompt)
    for number in reading.settings.numbers.values():
        yield from _silence(number)


def too_long(seconds: float) -> str:
    """What is to be said of a prompt of that length before keys."""
    return f"This takes about {seconds:.0f} seconds to hear, before a key: many callers will hang up."


def _choices(menu: Menu) -> Iterator[Finding]:
    places = [to for to in menu.choices.values() if not (to.back or to.repeat or to.hang_up)]
    if len(places) > MOST_CHOICES:
        text = f"The menu {shown(menu.id)} has {len(places)} choices: nobody keeps so many in mind."
        remedy = f"Let it have {MOST_CHOICES} or fewer, and put the others into a menu below."
        yield Finding(("menus", menu.id, "choices"), text, remedy, warning=True)


def _length(path: KeyPath, prompt: Prompt) -> Iterator[Finding]:
    for language, piece in prompt.by_language.items():
        seconds = len(piece.text) / _A_SECOND if isinstance(piece, Say) else 0.0
        if seconds > LONGEST_PROMPT:
            yield Finding((*path, "say", language), too_long(seconds), "Say less.", warning=True)


def _silence(number: Number) -> Iterator[Finding]:
    if number.open.hang_up and number.greeting is None:
        text = f"Who calls the number {shown(number.id)} hears nothing: the call ends at once."
        remedy = "Let it lead to a queue, a menu, a phone or a message."
        yield Finding(("numbers", number.id, "open"), text, remedy, warning=True)
