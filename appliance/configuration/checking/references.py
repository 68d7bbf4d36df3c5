"""Ids by which one part of the configuration names another. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding, unknown
from appliance.configuration.checking.members import members
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Queue
from appliance.speech.prompts import destinations


def references(reading: Reading) -> Iterator[Finding]:
    """Every id that nothing has."""
    s = reading.settings
    for path, to in destinations(s):
        yield from unknown(reading, (*path, "queue"), "queue", to.queue, s.queues)
        yield from unknown(reading, (*path, "menu"), "menu", to.menu, s.menus)
        yield from unknown(reading, (*path, "extension"), "phone", to.extension, s.phones)
        yield from unknown(reading, (*path, "agent"), "agent", to.agent, s.agents)
        yield from unknown(reading, (*path, "voicemail"), "voicemail", to.voicemail, s.voicemail)
        yield from unknown(reading, (*path, "callback"), "queue", to.callback, s.queues)
    for phone in s.phones.values():
        yield from unknown(reading, ("phones", phone.id, "voicemail"), "voicemail", phone.voicemail, s.voicemail)
    for number in s.numbers.values():
        yield from unknown(reading, ("numbers", number.id, "hours"), "set of opening hours", number.hours, s.hours)
        yield from unknown(reading, ("numbers", number.id, "fallback"), "queue", number.fallback, s.queues)
    for queue in s.queues.values():
        yield from _of_queue(queue, reading)
    for rule in s.outbound.values():
        for position, id in enumerate(rule.trunks):
            yield from unknown(reading, ("outbound", rule.id, "trunks", str(position)), "trunk", id, s.trunks)
        for position, id in enumerate(rule.phones):
            yield from unknown(reading, ("outbound", rule.id, "phones", str(position)), "phone", id, s.phones)


def _of_queue(queue: Queue, reading: Reading) -> Iterator[Finding]:
    s = reading.settings
    yield from unknown(reading, ("queues", queue.id, "hours"), "set of opening hours", queue.hours, s.hours)
    for where, agent in members(queue):
        yield from unknown(reading, where, "agent", agent, s.agents)
    for agent in queue.shares:
        yield from unknown(
            reading, ("queues", queue.id, "shares", agent), "agent of this queue", agent, queue.agents
        )
    music = ("queues", queue.id, "music")
    if queue.music in s.music or reading.written(*music):
        yield from unknown(reading, music, "music", queue.music, s.music)
    elif reading.complete:
        text = f'The queue {shown(queue.id)} names no music, and there is none called "{queue.music}".'
        yield Finding(music, text, f'Name one, or define "{queue.music}" below "music:".')
    lists = ("queues", queue.id, "dispositions")
    yield from unknown(reading, lists, "list of dispositions", queue.dispositions, s.dispositions)
