"""Which agents will be free soon, by what they do now and by how long that takes as a rule. Pure.

Nobody knows it of a single agent. Of many it is known how many: so of those who are as likely as not to be free in
time every second one is taken. The number taken is the number that is to be expected, rounded down.
"""

from collections import Counter
from collections.abc import Mapping

from appliance.facts import AgentState
from appliance.line.agents import Agent, Roster
from appliance.line.durations import Durations
from appliance.line.experience import Experience

_ROUNDING = 1e-9


class Prediction:
    """What is expected of the agents at work."""

    def __init__(self, roster: Roster, experience: Experience) -> None:
        self._roster, self.experience = roster, experience

    def free_within(self, seconds: float, now: float) -> dict[str, Agent]:
        """Agents who are free now or will be within so many seconds, as many as are to be expected."""
        chances = self.chances(seconds, now)
        found: dict[str, Agent] = {}
        expected = 0.0
        for id in sorted(chances, key=lambda id: (-chances[id], id)):
            expected += chances[id]
            if expected + _ROUNDING >= len(found) + 1:
                found[id] = self._roster[id]
        return found

    def lead(self, queue: str, default: float) -> float:
        """Seconds from the decision to call a customer of that queue until they are on the line."""
        return self.experience.lead(queue, default)

    def free_now(self) -> Mapping[str, Agent]:
        """Agents who are free."""
        return self._roster.free

    def chances(self, seconds: float, now: float) -> dict[str, float]:
        """How likely each agent is to be free within so many seconds; who is not going to be is left out."""
        free = self._roster.free
        found = dict.fromkeys(free, 1.0)
        wrap_ups: dict[str, Counter[float]] = {}  # by queue
        for agent in self._roster.known():
            id, queue = agent.id, agent.queue
            if id in free or queue is None or not self._roster.can_be_waited_for(id):
                continue
            if queue not in wrap_ups:
                wrap_ups[queue] = Counter(self.experience.wrap_ups.get(queue, ()))
            chance = self._chance(agent, queue, wrap_ups[queue], seconds, now)
            if chance > 0:
                found[id] = chance
        return found

    def _chance(self, agent: Agent, queue: str, wrap_ups: Counter[float], seconds: float, now: float) -> float:
        lasted = now - agent.began_at
        match agent.state:
            case AgentState.WRAP_UP:
                if agent.until is not None and agent.until <= now + seconds:
                    return 1.0
                longer = sum(number for length, number in wrap_ups.items() if length > lasted)
                soon = sum(number for length, number in wrap_ups.items() if lasted < length <= lasted + seconds)
                return soon / longer if longer else 0.0
            case AgentState.TALKING:
                pass
            case AgentState.OFFERED:  # another call, and will talk from about now on
                lasted = 0.0
            case _:
                return 0.0
        talks = self.experience.talks.get(queue)
        return _is_done(talks, wrap_ups, seconds, lasted) if talks is not None else 0.0


def _is_done(talks: Durations, wrap_ups: Counter[float], seconds: float, lasted: float) -> float:
    """How likely a talk, and the wrap-up after it, are over in time."""
    chances = (number * talks.ends_within(seconds - length, lasted) for length, number in wrap_ups.items())
    return sum(chances) / wrap_ups.total() if wrap_ups else 0.0
