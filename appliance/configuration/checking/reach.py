"""Where calls can get to: what nobody can reach, and what lies too deep. Pure.

Every destination of the configuration is a way; whoever adds one to
`appliance.speech.prompts.destinations` has joined.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Destination, Settings
from appliance.speech.prompts import KeyPath, destinations

DEEPEST = 3  # menus that a caller bears, one after the other

Stop = tuple[str, str]  # a section and an id: ("menus", "main")


@dataclass(frozen=True)
class Way:
    """A call at `begin` may come to `end`, because of what stands at `where`."""

    begin: Stop
    end: Stop
    where: KeyPath


def ways(settings: Settings) -> Iterator[Way]:
    """All ways a call can go."""
    for path, to in destinations(settings):
        end = _stop(to)
        if end is not None:
            yield Way((path[0], path[1]), end, path)
    for number in settings.numbers.values():
        if number.fallback is not None:
            yield Way(("numbers", number.id), ("queues", number.fallback), ("numbers", number.id, "fallback"))


def reached(settings: Settings) -> dict[Stop, int]:
    """Every stop a call can come to, and through how many menus it has to go at least, that stop included."""
    onward: dict[Stop, list[Stop]] = {}
    for way in ways(settings):
        onward.setdefault(way.begin, []).append(way.end)
    found = dict.fromkeys(_beginnings(settings), 0)
    to_do = deque(found)
    while to_do:
        stop = to_do.popleft()
        for end in onward.get(stop, ()):
            menus = found[stop] + (end[0] == "menus")
            if menus < found.get(end, menus + 1):
                found[end] = menus
                to_do.append(end)
    return found


def reach(reading: Reading) -> Iterator[Finding]:
    """Queues and menus that no call comes to, and menus that lie too deep."""
    settings = reading.settings
    if not settings.numbers or not reading.complete:
        return  # no calls come in, or perhaps in a file that could not be read
    found = reached(settings)
    for section, kind, ids in (("queues", "queue", settings.queues), ("menus", "menu", settings.menus)):
        for id in (id for id in ids if (section, id) not in found):
            text = f"No call ever comes to the {kind} {shown(id)}."
            remedy = "Let a number, a menu or a group lead to it, or remove it."
            yield Finding((section, id), text, remedy, warning=True)
    for id in settings.menus:
        menus = found.get(("menus", id), 0)
        if menus > DEEPEST:
            text = f"A caller comes to the menu {shown(id)} only through {menus - 1} others, which few bear."
            yield Finding(("menus", id), text, "Let one of the first menus lead to it.", warning=True)


def _beginnings(settings: Settings) -> Iterator[Stop]:
    """Where calls come in: numbers, and instead of them the groups that somebody is in; and over the web."""
    yield from (("numbers", id) for id in settings.numbers)
    yield from (("groups", customer.group) for customer in settings.customers.values() if customer.group)
    if settings.web is not None:
        callbacks = [id for id, queue in settings.queues.items() if queue.callback]
        yield from (("queues", id) for id in settings.web.form.departments or callbacks)
    yield from (("removed", id) for id in settings.removed)


def _stop(to: Destination) -> Stop | None:
    stops = {"queues": to.queue or to.callback, "menus": to.menu, "phones": to.extension}
    return next(((section, id) for section, id in stops.items() if id is not None), None)
