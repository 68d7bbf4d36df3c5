"""Boxes for messages: their numbers, and those that nobody comes to. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.speech.prompts import destinations


def boxes(reading: Reading) -> Iterator[Finding]:
    """Numbers that could mean two boxes."""
    first: dict[str, str] = {}
    for box in reading.settings.voicemail.values():
        if box.number and first.setdefault(box.number, box.id) != box.id:
            text = f"The number {box.number} is that of the box {shown(first[box.number])} too."
            yield Finding(("voicemail", box.id, "number"), text, "Give each box a number of its own.")


def unused_boxes(reading: Reading) -> Iterator[Finding]:
    """Boxes in which nobody can leave a message."""
    settings = reading.settings
    if not reading.complete:
        return
    used = {to.voicemail for _, to in destinations(settings)}
    used |= {phone.voicemail for phone in settings.phones.values()}
    for id in settings.voicemail.keys() - used:
        text = f"No call ever comes to the voicemail {shown(id)}."
        remedy = f"Let something lead to {{voicemail: {id}}}, or remove it."
        yield Finding(("voicemail", id), text, remedy, warning=True)
