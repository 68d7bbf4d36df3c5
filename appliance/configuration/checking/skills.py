"""Skills that callers need and nobody has. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import did_you_mean, shown
from appliance.configuration.reading import Reading
from appliance.line.skills import NOTHING, Needs, level_text, meets
from appliance.settings import Queue
from appliance.speech.prompts import KeyPath, destinations


def skills(reading: Reading) -> Iterator[Finding]:
    """Needs that no agent meets."""
    if not reading.complete:
        return
    known = {skill for agent in reading.settings.agents.values() for skill in agent.skills}
    for path, needs in _needs(reading):
        named = {skill for _, level in needs.steps for skill, _ in level} | {skill for skill, _ in needs.preferred}
        for skill in sorted(named - known):
            text = f"No agent has the skill {shown(skill)}."
            yield Finding(path, text, did_you_mean(skill, known), warning=True)
    for queue in reading.settings.queues.values():
        yield from _of_queue(queue, reading)


def _needs(reading: Reading) -> Iterator[tuple[KeyPath, Needs]]:
    """Everything that is needed, and the keys that lead to it."""
    for number in reading.settings.numbers.values():
        yield ("numbers", number.id, "needs"), number.needs
    for path, to in destinations(reading.settings):
        yield (*path, "needs"), to.needs
    for queue in reading.settings.queues.values():
        yield ("queues", queue.id, "needs"), queue.needs


def _of_queue(queue: Queue, reading: Reading) -> Iterator[Finding]:
    """Callers of that queue whom none of its agents may serve."""
    if queue.needs == NOTHING or not queue.agents:
        return
    agents = [reading.settings.agents[agent] for agent in queue.agents if agent in reading.settings.agents]
    served = [any(meets(agent.skills, level) for agent in agents) for _, level in queue.needs.steps]
    level = queue.needs.steps[0][1]
    if not served[0]:
        text = f"No agent of the queue {shown(queue.id)} has {level_text(level)}"
        first = next((queue.needs.steps[n][0] for n, is_served in enumerate(served) if is_served), None)
        then = "nobody will answer." if first is None else f"nobody will answer within the first {first:g} s."
        yield Finding(("queues", queue.id, "needs"), f"{text}: {then}", warning=True)
