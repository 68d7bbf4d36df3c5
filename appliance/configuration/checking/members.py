"""The agents of a queue with the keys that lead to each. Pure."""

from collections.abc import Iterator

from appliance.settings import Queue
from appliance.speech.prompts import KeyPath


def members(queue: Queue) -> Iterator[tuple[KeyPath, str]]:
    """Those of the first tier, then those of the others."""
    path = ("queues", queue.id)
    first = len(queue.agents) - sum(len(tier.agents) for tier in queue.tiers)
    for position, agent in enumerate(queue.agents[:first]):
        yield (*path, "agents", str(position)), agent
    for number, tier in enumerate(queue.tiers):
        for position, agent in enumerate(tier.agents):
            yield (*path, "tiers", str(number), "agents", str(position)), agent
