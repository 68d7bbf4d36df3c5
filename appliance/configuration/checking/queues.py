"""Queues that nobody serves, and what their agents key after a talk. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.clashes import beginnings
from appliance.configuration.checking.finding import Finding
from appliance.configuration.checking.members import members
from appliance.configuration.problems import shown
from appliance.configuration.queue_sections import APP_QUEUE
from appliance.configuration.reading import Reading
from appliance.line.app_queue import penalty_of
from appliance.line.growing import rings_more
from appliance.settings import Queue, Strategy


def queues(reading: Reading) -> Iterator[Finding]:
    """What is wrong with the agents of queues."""
    for queue in reading.settings.queues.values():
        path = ("queues", queue.id)
        if not queue.agents:
            text = f"The queue {shown(queue.id)} has no agents: nobody will answer."
            yield Finding((*path, "agents"), text, warning=True)
        if queue.shares and queue.strategy is not Strategy.WEIGHTED_RANDOM:
            text = f"The strategy {queue.strategy.value} knows no shares."
            yield Finding(
                (*path, "shares"), text, 'Write "strategy: weighted-random", or remove them.', warning=True
            )
        yield from _ringing(queue)
        yield from _compatible(reading, queue)
        seen: set[str] = set()
        for where, agent in members(queue):
            if agent in seen:
                text = f"The agent {shown(agent)} is in this queue twice."
                yield Finding(where, text, "Remove one of them.")
            seen.add(agent)
        if queue.tiers and len(queue.tiers[0].agents) == len(queue.agents):
            text = f"The first tier of the queue {shown(queue.id)} has no agents, so the next one is the first."
            yield Finding((*path, "tiers"), text, 'Name some below "agents:".', warning=True)


def _ringing(queue: Queue) -> Iterator[Finding]:
    """What is hardly meant of phones that ring one after another."""
    path = ("queues", queue.id, "ring_next_after")
    if queue.strategy is not Strategy.RING_PROGRESSIVELY:
        if queue.ring_next_after != Queue.ring_next_after:
            text = f"The strategy {queue.strategy.value} rings no more phones after a while."
            yield Finding(path, text, 'Write "strategy: ring-progressively", or remove this.', warning=True)
    elif len(queue.agents) > 1 and not rings_more(queue):
        text = f"No second phone ever rings: within {queue.ring_for:g} s there is no time for it."
        yield Finding(path, text, "Let ring_for be at least twice as long as ring_next_after.", warning=True)


def _compatible(reading: Reading, queue: Queue) -> Iterator[Finding]:
    """What a queue says that only those of app_queue's kind know, or those of ours."""
    path = ("queues", queue.id)
    if queue.app_queue is None:
        for key in ("retry", "autofill"):
            if reading.written(*path, key):
                text = f'Only queues with "compatible: {APP_QUEUE}" know {key}.'
                yield Finding((*path, key), text, "Remove this line.", warning=True)
        if any(tier.penalty is not None for tier in queue.tiers):
            text = f'Penalties are for queues with "compatible: {APP_QUEUE}"; here the order of the tiers counts.'
            yield Finding((*path, "tiers"), text, "Remove them.", warning=True)
        return
    penalties = [0, *(penalty_of(number, queue.tiers) for number in range(1, len(queue.tiers) + 1))]
    if penalties != sorted(penalties):
        text = "The penalties of later tiers are lower than those of earlier ones."
        yield Finding((*path, "tiers"), text, "Sort the tiers by penalty.", warning=True)


def removed(reading: Reading) -> Iterator[Finding]:
    """Queues that are said to be no more, and are there."""
    for id in reading.settings.removed:
        if id in reading.settings.queues:
            text = f"The queue {shown(id)} is there, so its callers go nowhere else."
            yield Finding(("removed", id), text, 'Remove this line, or the queue below "queues:".')


def dispositions(reading: Reading) -> Iterator[Finding]:
    """What is wrong with lists of dispositions."""
    for each in reading.settings.dispositions.values():
        if not each.choices:
            yield Finding(("dispositions", each.id), f"The list {shown(each.id)} has no choices.")
        for shorter, longer in beginnings(each.choices):
            text = f"The disposition {longer} begins with the disposition {shorter}, so that one has to wait."
            remedy = "Let all of them have the same number of digits."
            yield Finding(("dispositions", each.id, "choices", longer), text, remedy, warning=True)
