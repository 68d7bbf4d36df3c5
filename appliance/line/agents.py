"""The agents at work: who is signed on where, in which state, and who could take a call now. Pure.

Every change of state is an AgentChanged fact: one row of the time sheet.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from appliance.facts import AgentChanged, AgentState, PassedOver, ShiftBegan
from appliance.line.deadlines import Deadlines
from appliance.line.explaining import Standing
from appliance.line.messages import Declined, Reason
from appliance.line.misses import too_many
from appliance.line.reach import Reach
from appliance.port import Outcome
from appliance.settings import PauseAfter, Settings

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
    calls: float = 0.0  # of this shift, with what the agent began it with
    talked: float = 0.0
    last_talk: float | None = None  # when it ended, in whatever shift
    misses: dict[Outcome, list[float]] = field(default_factory=dict)  # since the last call: when, by cause
    afterwards: tuple[AgentState, str] | None = None  # asked for during a call: PAUSED or SIGNED_OFF, reason
    last_visit: str | None = None
    last_queue: str | None = None

    @property
    def serves(self) -> bool:
        """Whether this agent takes calls, if not at this moment."""
        return self.state not in (AgentState.SIGNED_OFF, AgentState.PAUSED)


class Roster:
    """All agents, and what is known of their phones."""

    def __init__(self, settings: Settings, deadlines: Deadlines) -> None:
        self._settings = settings
        self._deadlines = deadlines
        self._agents: dict[str, Agent] = {}
        self._at_phone: dict[str, Agent] = {}
        self.reach = Reach(deadlines)
        self._peers: dict[str, set[str]] = {}  # with whom each agent shares a queue
        self.free: dict[str, Agent] = {}  # who could take a call now
        self.standings: dict[str, Standing] = {}  # as of now, of everybody
        self._awaitable: set[str] = set()  # agents who can be waited for
        self._turned: set[str] = set()  # those of whom that has changed
        self._changed: dict[str, None] = {}  # whose standing may have changed since somebody asked
        self.staffing = 0  # another number whenever somebody can be waited for or no longer, or signs off
        self._meet()

    def __getitem__(self, agent: str) -> Agent:
        if agent not in self._agents:
            self._agents[agent] = Agent(agent)
            self._note(self._agents[agent])
        return self._agents[agent]

    def restore(self, agent: Agent) -> None:
        """Take over what the time sheet says of an agent."""
        self._agents[agent.id] = agent
        if agent.phone and agent.state is not AgentState.SIGNED_OFF:
            self._at_phone[agent.phone] = agent
        self._deadlines.set("agent", agent.id, agent.until)
        self._note(agent)

    def known(self) -> list[Agent]:
        """Everybody of whom anything is known, as `restore` takes it."""
        return list(self._agents.values())

    def take_settings(self, settings: Settings, now: float) -> list[AgentChanged]:
        """Whoever is configured no more, or whose phone is not, leaves: after the talk and the wrap-up."""
        self._settings = settings
        self._meet()
        facts = []
        for agent in self.everybody():
            if agent.state is AgentState.SIGNED_OFF:
                continue
            if agent.id in settings.agents and agent.phone in settings.phones:
                continue
            if agent.state in WITH_CALL or agent.state is AgentState.WRAP_UP:
                self._afterwards(agent, (AgentState.SIGNED_OFF, ""))
            else:
                facts.append(self._leave(agent, now))
        return facts

    def _meet(self) -> None:
        """Whoever is configured has a standing."""
        self._peers = {}
        for queue in self._settings.queues.values():
            for agent in queue.agents:
                self._peers.setdefault(agent, set()).update(queue.agents)
                self[agent]
        for agent in self._settings.agents:
            self[agent]

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

    # Who can be waited for

    def can_be_waited_for(self, agent: str) -> bool:
        """Whether an agent takes calls, if not at this moment: at work, not about to leave, and with a phone that
        can be reached."""
        return agent in self._awaitable

    def take_turned(self) -> Collection[str]:
        """Of whom that has changed since this was last asked."""
        turned, self._turned = self._turned, set()
        return turned

    # What is known of phones

    def set_reachable(self, phone: str, reachable: bool) -> None:
        self.reach.set_reachable(phone, reachable)
        self._note_phone(phone)

    def set_in_use(self, phone: str, in_use: bool) -> None:
        self.reach.set_in_use(phone, in_use)
        self._note_phone(phone)

    def rest(self, phone: str, until: float) -> None:
        """A phone could not be reached, though the switch has not said so."""
        self.reach.rest(phone, until)
        self._note_phone(phone)

    def wake(self, phone: str) -> None:
        """A phone has rested for long enough."""
        self.reach.wake(phone)
        self._note_phone(phone)

    def is_reachable(self, phone: str | None) -> bool:
        """Whether the switch says so."""
        return self.reach.is_reachable(phone)

    def told(self, phone: str) -> bool | None:
        """Whether the switch reaches a phone; None: it has said nothing yet."""
        return self.reach.told(phone)

    def is_lost(self, phone: str | None) -> bool:
        """Whether the switch says that it does not reach a phone."""
        return self.reach.told(phone) is False

    def at_work(self, agent: str) -> bool:
        """Whether an agent is signed on."""
        known = self._agents.get(agent)
        return known is not None and known.state is not AgentState.SIGNED_OFF

    def obstacle(self, agent: Agent) -> PassedOver | None:
        """Why this agent can take no call at all now; None: could."""
        if agent.state is not AgentState.READY:
            return _OBSTACLES[agent.state]
        return self.reach.obstacle(agent.phone)

    def _note_phone(self, phone: str) -> None:
        agent = self._at_phone.get(phone)
        if agent is not None:
            self._note(agent)

    def take_changed(self) -> list[str]:
        """The agents who may have come or gone since this was asked last."""
        changed = [*self._changed]
        self._changed.clear()
        return changed

    def _note(self, agent: Agent) -> None:
        """Keep at hand how the agent stands."""
        self._changed[agent.id] = None
        obstacle = self.obstacle(agent)
        is_awaitable = agent.serves and agent.afterwards is None and not self.reach.is_gone(agent.phone)
        if is_awaitable is not (agent.id in self._awaitable):
            (self._awaitable.add if is_awaitable else self._awaitable.discard)(agent.id)
            self._turned.add(agent.id)
            self.staffing += 1
        elif agent.state is AgentState.SIGNED_OFF:
            self.staffing += 1
        if obstacle is None:
            self.free[agent.id] = agent
        else:
            self.free.pop(agent.id, None)
        until = self.reach.rests_until(agent.phone) if obstacle is PassedOver.UNREACHABLE else agent.until
        note = agent.visit or (agent.reason if obstacle is PassedOver.PAUSED else "")
        self.standings[agent.id] = Standing(obstacle, note, until, agent.idle_since, agent.calls, agent.talked)

    # What agents ask for

    def sign_on(self, id: str, phone: str, now: float) -> list[AgentChanged | ShiftBegan]:
        """Sign on, or move to another phone. A shift begins with the mean of those who share a queue."""
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
        begins = agent.state is AgentState.SIGNED_OFF
        if agent.phone:
            self._at_phone.pop(agent.phone, None)
        agent.phone, agent.afterwards = phone, None
        self._at_phone[phone] = agent
        agent.idle_since = now
        agent.misses.clear()
        facts: list[AgentChanged | ShiftBegan] = []
        if begins:
            agent.calls, agent.talked = self._mean(agent)
            facts = [ShiftBegan(id, now, agent.calls, agent.talked)]
        return [*facts, self._change(agent, AgentState.READY, now, reason="signed on")]

    def _mean(self, joiner: Agent) -> tuple[float, float]:
        """What those have done in their shifts who are signed on and share a queue with an agent."""
        peers = [self._agents[id] for id in sorted(self._peers.get(joiner.id, ())) if id in self._agents]
        at_work = [peer for peer in peers if peer is not joiner and peer.state is not AgentState.SIGNED_OFF]
        if not at_work:
            return 0.0, 0.0
        return sum(p.calls for p in at_work) / len(at_work), sum(p.talked for p in at_work) / len(at_work)

    def sign_off(self, id: str, now: float) -> list[AgentChanged]:
        agent = self._signed_on(id)
        if agent.state in WITH_CALL:
            self._afterwards(agent, (AgentState.SIGNED_OFF, ""))
            return []
        return [self._leave(agent, now)]

    def pause(self, id: str, reason: str, now: float) -> list[AgentChanged]:
        if reason not in self._settings.pauses:
            raise Declined(Reason.UNKNOWN_PAUSE)
        agent = self._signed_on(id)
        if agent.state in WITH_CALL or agent.state is AgentState.WRAP_UP:
            self._afterwards(agent, (AgentState.PAUSED, reason))
            return []
        return [self._change(agent, AgentState.PAUSED, now, reason=reason)]

    def resume(self, id: str, now: float) -> list[AgentChanged]:
        agent = self._signed_on(id)
        if agent.afterwards and agent.afterwards[0] is AgentState.PAUSED:
            self._afterwards(agent, None)
            return []
        if agent.state is not AgentState.PAUSED:
            raise Declined(Reason.NOT_PAUSED)
        agent.idle_since = now
        agent.misses.clear()
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
        agent.calls += 1
        agent.misses.clear()
        return self._change(agent, AgentState.TALKING, now, queue=queue, visit=visit)

    def finish(self, agent: Agent, wrap_up: float, now: float) -> AgentChanged:
        """The talk is over; `wrap_up` seconds follow."""
        agent.idle_since = agent.last_talk = now
        agent.talked += now - agent.began_at
        if wrap_up <= 0:
            return self._go_on(agent, now, "talk ended")
        queue, visit = agent.queue, agent.visit
        return self._change(agent, AgentState.WRAP_UP, now, queue=queue, visit=visit, until=now + wrap_up)

    def wrap_up_is_over(self, id: str, now: float) -> AgentChanged:
        """Its time has come."""
        return self._go_on(self._agents[id], now, "wrap-up time over")

    def miss(self, agent: Agent, cause: Outcome, limits: PauseAfter, now: float) -> str | None:
        """A call was offered and not taken. Who does that too often is paused next: return the reason then."""
        reason = too_many(agent.misses, cause, limits, now)
        if reason is None or agent.afterwards is not None:
            return None
        agent.afterwards = (AgentState.PAUSED, reason)
        agent.misses.clear()
        return reason

    def _afterwards(self, agent: Agent, wanted: tuple[AgentState, str] | None) -> None:
        """Asked for during a call, or taken back."""
        agent.afterwards = wanted
        self._note(agent)

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
        self._deadlines.set("agent", agent.id, until)
        self._note(agent)
        return AgentChanged(agent.id, now, state, reason, agent.phone, queue, visit, until)


_OBSTACLES = {
    AgentState.SIGNED_OFF: PassedOver.SIGNED_OFF,
    AgentState.PAUSED: PassedOver.PAUSED,
    AgentState.OFFERED: PassedOver.OFFERED,
    AgentState.TALKING: PassedOver.TALKING,
    AgentState.WRAP_UP: PassedOver.WRAP_UP,
}
