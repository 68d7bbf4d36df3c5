"""The agents at work: who is signed on where, in which state, and who could take a call now. Pure.

Every change of state is an AgentChanged fact: one row of the time sheet.
"""

from dataclasses import dataclass

from appliance.facts import AgentChanged, AgentState, PassedOver
from appliance.messages import Declined, Reason
from appliance.settings import Settings

WITH_CALL = (AgentState.OFFERED, AgentState.TALKING)


@dataclass
class Agent:
    """One agent's state now; rebuilt from the time sheet after a restart."""

    id: str
    state: AgentState = AgentState.SIGNED_OFF
    began_at: float = 0.0  # of this state
    reason: str = ""
    phone: str | None = None
    queue: str | None = None  # OFFERED, TALKING, WRAP_UP: whose call
    visit: str | None = None
    until: float | None = None  # WRAP_UP: when it ends at the latest
    idle_since: float = 0.0
    afterwards: tuple[AgentState, str] | None = None  # asked for during a call: PAUSED or SIGNED_OFF, reason
    last_visit: str | None = None
    last_queue: str | None = None

    @property
    def serves(self) -> bool:
        """Whether this agent takes calls, if not at this moment."""
        return self.state not in (AgentState.SIGNED_OFF, AgentState.PAUSED)


class Roster:
    """All agents, and what is known of their phones."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._agents: dict[str, Agent] = {}
        self._at_phone: dict[str, Agent] = {}
        self._reachable: set[str] = set()
        self._in_use: set[str] = set()

    def __getitem__(self, agent: str) -> Agent:
        if agent not in self._agents:
            self._agents[agent] = Agent(agent)
        return self._agents[agent]

    def restore(self, agent: Agent) -> None:
        """Take over what the time sheet says of an agent."""
        self._agents[agent.id] = agent
        if agent.phone and agent.state is not AgentState.SIGNED_OFF:
            self._at_phone[agent.phone] = agent

    def take_settings(self, settings: Settings, now: float) -> list[AgentChanged]:
        """Whoever is configured no more, or whose phone is not, leaves: after the talk and the wrap-up."""
        self._settings = settings
        facts = []
        for agent in self.everybody():
            if agent.state is AgentState.SIGNED_OFF:
                continue
            if agent.id in settings.agents and agent.phone in settings.phones:
                continue
            if agent.state in WITH_CALL or agent.state is AgentState.WRAP_UP:
                agent.afterwards = (AgentState.SIGNED_OFF, "")
            else:
                facts.append(self._leave(agent, now))
        return facts

    def everybody(self) -> list[Agent]:
        """The configured agents and those still signed on, by id."""
        return [self[agent] for agent in sorted({*self._settings.agents, *self._agents})]

    def strangers(self) -> list[Agent]:
        """Those still signed on who are configured no longer."""
        known = self._settings.agents
        return [a for a in self.everybody() if a.id not in known and a.state is not AgentState.SIGNED_OFF]

    def at_phone(self, phone: str) -> Agent | None:
        """Who is signed on at a phone."""
        return self._at_phone.get(phone)

    # What is known of phones

    def set_reachable(self, phone: str, reachable: bool) -> None:
        (self._reachable.add if reachable else self._reachable.discard)(phone)

    def set_in_use(self, phone: str, in_use: bool) -> None:
        (self._in_use.add if in_use else self._in_use.discard)(phone)

    def is_reachable(self, phone: str | None) -> bool:
        return phone in self._reachable

    def obstacle(self, agent: Agent) -> PassedOver | None:
        """Why this agent can take no call at all now; None: could."""
        if agent.state is not AgentState.READY:
            return PassedOver(_OBSTACLES[agent.state])
        if agent.phone not in self._reachable:
            return PassedOver.UNREACHABLE
        if agent.phone in self._in_use:
            return PassedOver.PHONE_IN_USE
        return None

    # What agents ask for

    def sign_on(self, id: str, phone: str, now: float) -> list[AgentChanged]:
        """Sign on, or move to another phone."""
        if id not in self._settings.agents:
            raise Declined(Reason.UNKNOWN_AGENT)
        if phone not in self._settings.phones:
            raise Declined(Reason.UNKNOWN_PHONE)
        there = self.at_phone(phone)
        if there is not None and there.id != id:
            raise Declined(Reason.PHONE_TAKEN)
        agent = self[id]
        if agent.state in WITH_CALL:
            raise Declined(Reason.BUSY)
        if agent.phone:
            self._at_phone.pop(agent.phone, None)
        agent.phone, agent.afterwards = phone, None
        self._at_phone[phone] = agent
        agent.idle_since = now
        return [self._change(agent, AgentState.READY, now, reason="signed on")]

    def sign_off(self, id: str, now: float) -> list[AgentChanged]:
        agent = self._signed_on(id)
        if agent.state in WITH_CALL:
            agent.afterwards = (AgentState.SIGNED_OFF, "")
            return []
        return [self._leave(agent, now)]

    def pause(self, id: str, reason: str, now: float) -> list[AgentChanged]:
        if reason not in self._settings.pauses:
            raise Declined(Reason.UNKNOWN_PAUSE)
        agent = self._signed_on(id)
        if agent.state in WITH_CALL or agent.state is AgentState.WRAP_UP:
            agent.afterwards = (AgentState.PAUSED, reason)
            return []
        return [self._change(agent, AgentState.PAUSED, now, reason=reason)]

    def resume(self, id: str, now: float) -> list[AgentChanged]:
        agent = self._signed_on(id)
        if agent.afterwards and agent.afterwards[0] is AgentState.PAUSED:
            agent.afterwards = None
            return []
        if agent.state is not AgentState.PAUSED:
            raise Declined(Reason.NOT_PAUSED)
        agent.idle_since = now
        return [self._change(agent, AgentState.READY, now, reason="resumed")]

    def end_wrap_up(self, id: str, now: float) -> list[AgentChanged]:
        agent = self._signed_on(id)
        if agent.state is not AgentState.WRAP_UP:
            raise Declined(Reason.NOT_IN_WRAP_UP)
        return [self._go_on(agent, now, "wrap-up ended")]

    # What the line does with them

    def reserve(self, agent: Agent, queue: str, visit: str, now: float) -> AgentChanged:
        return self._change(agent, AgentState.OFFERED, now, queue=queue, visit=visit)

    def release(self, agent: Agent, now: float, why: str) -> AgentChanged:
        """The offer came to nothing for this agent."""
        return self._go_on(agent, now, why)

    def talk(self, agent: Agent, queue: str, visit: str, now: float) -> AgentChanged:
        agent.last_visit, agent.last_queue = visit, queue
        return self._change(agent, AgentState.TALKING, now, queue=queue, visit=visit)

    def finish(self, agent: Agent, wrap_up: float, now: float) -> AgentChanged:
        """The talk is over; `wrap_up` seconds follow."""
        agent.idle_since = now
        if wrap_up <= 0:
            return self._go_on(agent, now, "talk ended")
        queue, visit = agent.queue, agent.visit
        return self._change(agent, AgentState.WRAP_UP, now, queue=queue, visit=visit, until=now + wrap_up)

    def due(self, now: float) -> list[AgentChanged]:
        """End the wrap-ups whose time is over."""
        late = [a for a in self._agents.values() if a.until is not None and a.until <= now]
        return [self._go_on(a, now, "wrap-up time over") for a in sorted(late, key=lambda a: (a.until, a.id))]

    def next_deadline(self) -> float | None:
        return min((a.until for a in self._agents.values() if a.until is not None), default=None)

    def _signed_on(self, id: str) -> Agent:
        agent = self._agents.get(id)
        if agent is None or agent.state is AgentState.SIGNED_OFF:
            raise Declined(Reason.UNKNOWN_AGENT if id not in self._settings.agents else Reason.NOT_SIGNED_ON)
        return agent

    def _go_on(self, agent: Agent, now: float, why: str) -> AgentChanged:
        """To what was asked for during the call, or back to ready."""
        afterwards, agent.afterwards = agent.afterwards, None
        if afterwards is None:
            return self._change(agent, AgentState.READY, now, reason=why)
        if afterwards[0] is AgentState.SIGNED_OFF:
            return self._leave(agent, now)
        return self._change(agent, AgentState.PAUSED, now, reason=afterwards[1])

    def _leave(self, agent: Agent, now: float) -> AgentChanged:
        if agent.phone:
            self._at_phone.pop(agent.phone, None)
        agent.phone = None
        agent.afterwards = None
        return self._change(agent, AgentState.SIGNED_OFF, now)

    def _change(
        self,
        agent: Agent,
        state: AgentState,
        now: float,
        reason: str = "",
        queue: str | None = None,
        visit: str | None = None,
        until: float | None = None,
    ) -> AgentChanged:
        agent.state, agent.began_at, agent.reason = state, now, reason
        agent.queue, agent.visit, agent.until = queue, visit, until
        return AgentChanged(agent.id, now, state, reason, agent.phone, queue, visit, until)


_OBSTACLES = {
    AgentState.SIGNED_OFF: PassedOver.SIGNED_OFF,
    AgentState.PAUSED: PassedOver.PAUSED,
    AgentState.OFFERED: PassedOver.OFFERED,
    AgentState.TALKING: PassedOver.TALKING,
    AgentState.WRAP_UP: PassedOver.WRAP_UP,
}
