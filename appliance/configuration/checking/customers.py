"""Customers, and the groups they are in. Pure."""

from collections.abc import Iterator, Sequence

from appliance.configuration.checking.finding import Finding, no_voice, unknown
from appliance.configuration.customers import Row
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading


def customers(reading: Reading, rows: Sequence[Row]) -> Iterator[Finding]:
    """What the rows of customers.csv name and nothing has."""
    voices = reading.settings.speech.voices
    for row in rows:
        group, language = row.customer.group, row.customer.language
        if group:
            yield from unknown(reading, row.place, "group", group, reading.settings.groups)
        if language and language not in voices:
            yield no_voice(row.place, language, voices)
        if row.customer.agent:
            yield from unknown(reading, row.place, "agent", row.customer.agent, reading.settings.agents)


def groups(reading: Reading) -> Iterator[Finding]:
    """What groups say that is never used."""
    for group in reading.settings.groups.values():
        unused = {"priority": group.priority, "greeting": group.greeting, "to": group.to}
        for field in (name for name, value in unused.items() if group.refuse and value):
            text = f"This is never used: callers of the group {shown(group.id)} are refused."
            remedy = 'Remove it, or "refuse" if they are welcome.'
            yield Finding(("groups", group.id, field), text, remedy, warning=True)
