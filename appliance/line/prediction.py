"""Which agents will be free within some seconds, as far as can be said. Pure."""

from math import exp

from appliance.facts import AgentState
from appliance.line.agents import Agent, Roster
from appliance.line.experience import Experience


class Prediction:
    """Asks the roster what agents do, and experience how long that takes."""

    def __init__(self, roster: Roster, experience: Experience) -> None:
        self._roster = roster
        self.experience = experience

    def free_within(self, seconds: float, now: float) -> dict[str, Agent]:
        """Agents who are free, or will be by then: of those whose call may end, as many as is likely."""
        found = dict(self._roster.free)
        chances: list[tuple[float, str, Agent]] = []
        for agent in self._roster.known():
            if agent.state is AgentState.WRAP_UP and (agent.until or now) <= now + seconds:
                found[agent.id] = agent
            elif agent.state is AgentState.TALKING and agent.queue in self.experience.handling:
                mean = self.experience.handling[agent.queue].mean
                chances.append((-(1 - exp(-seconds / mean)) if mean > 0 else -1.0, agent.id, agent))
        total = 0.0
        for chance, id, agent in sorted(chances, key=lambda each: each[:2]):
            before, total = int(total), total - chance
            if int(total) > before:
                found[id] = agent
        return found

    def lead(self, queue: str, default: float) -> float:
        """Seconds from the decision to call a customer of that queue until they are on the line."""
        return default
