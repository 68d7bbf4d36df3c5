"""A line to try things on: agents a1, a2... at phones p1, p2..., and short words for what happens."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from appliance import facts as f
from appliance.facts import Fact, PassedOver
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.skills import NOTHING, Needs
from appliance.port import Outcome
from appliance.settings import Agent, Group, Pause, Phone, Queue, Settings, Strategy


def queue(id: str, strategy: Strategy, agents: str, **more: Any) -> Queue:
    return Queue(id, id, strategy, tuple(agents.split()), **{"ring_for": 10.0, **more})


def settings(*queues: Queue, skills: Mapping[str, Mapping[str, int]] | None = None, **more: Any) -> Settings:
    agents = sorted({agent for each in queues for agent in each.agents})
    values: dict[str, Any] = {
        "queues": {each.id: each for each in queues},
        "agents": {a: Agent(a, a, skills=(skills or {}).get(a, {})) for a in agents},
        "phones": {phone_of(a): Phone(phone_of(a), a) for a in agents},
        "pauses": {"1": Pause("1", "lunch")},
        "groups": {"vip": Group("vip", "VIP", priority=60.0)},
    }
    return Settings(Path("/"), "", "RU", "UTC", "en", **{**values, **more})


def phone_of(agent: str) -> str:
    return agent.replace("a", "p")


class Line:
    """An Acd with a clock that the test sets."""

    def __init__(self, *queues: Queue, now: float = 1000.0, **more: Any) -> None:
        self.settings = settings(*queues, **more)
        self.acd = Acd(self.settings)
        self.now = now
        self.facts: list[Fact] = []
        for phone in self.settings.phones:
            self.tell(m.PhoneReachable(phone, True))

    def tell(self, message: m.Message) -> list[Fact]:
        facts = self.acd.handle(message, self.now)
        self.facts += facts
        return facts

    def later(self, seconds: float) -> list[Fact]:
        """Time passes, with a tick at each deadline on the way."""
        end, facts = self.now + seconds, list[Fact]()
        while (at := self.acd.next_deadline()) is not None and at <= end:
            assert at > self.now
            self.now = at
            facts += self.tell(m.Tick())
        self.now = end
        return facts + self.tell(m.Tick())

    def sign_on(self, *agents: str, apart: float = 1.0) -> None:
        for agent in agents:
            self.tell(m.SignOn(agent, phone_of(agent)))
            self.later(apart)

    def join(
        self, visit: str, queue: str, head_start: float = 0.0, needs: Needs = NOTHING, **more: Any
    ) -> list[Fact]:
        return self.tell(m.CallerJoins(visit, f"call-{visit}", queue, head_start, f"leg-{visit}", needs, **more))

    def offered(self, visit: str) -> list[str]:
        """The agents whose phones ring for a caller."""
        found = self.acd.visit(visit)
        return [*found.offer.phones] if found and found.offer else []

    def misses(self, visit: str, outcome: Outcome = Outcome.NO_ANSWER) -> list[Fact]:
        """Whoever is offered the caller does not answer."""
        found = self.acd.visit(visit)
        assert found and found.offer
        return self.tell(m.OfferFailed(found.offer.id, outcome))

    def talks(self, visit: str, length: float = 0.0) -> str:
        """The first who is offered the caller answers, and talks for so long; return who."""
        agent = self.offered(visit)[0]
        self.tell(m.TalkBegins(visit, agent))
        if length:
            self.later(length)
            self.tell(m.TalkEnds(visit))
        return agent

    def serve(self, queue: str, count: int, length: float = 1.0, every: float = 1.0) -> list[str]:
        """So many calls one after another; who had each."""
        served = []
        for _ in range(count):
            visit = f"v{len(self.facts)}"
            self.join(visit, queue)
            served.append(self.talks(visit, length))
            self.later(every)
        return served


def considered(facts: Sequence[Fact]) -> dict[str, tuple[PassedOver | None, str]]:
    """The last moment of decision among these facts: why not, and the detail."""
    last = [fact for fact in facts if isinstance(fact, f.Considered)][-1]
    return {c.agent: (c.passed_over, c.detail) for c in last.candidates}
