"""What the manual says of who may serve whom and who comes first, said a second time and as simply as can be."""

from typing import Any

from appliance.facts import AgentState
from appliance.line.acd import Acd
from appliance.line.agents import Agent
from appliance.line.visits import Visit
from appliance.settings import Order, Queue, Settings, Strategy


def effective(settings: Settings, visit: Visit, now: float) -> tuple[float, ...]:
    """The greater is served first."""
    aged = settings.queues[visit.queue].weight * (now - visit.joined_at + visit.waited)
    if settings.order is Order.STRICT:
        return (visit.head_start, aged)
    return (visit.head_start + aged,)


def may_serve(acd: Acd, settings: Settings, agent: str, visit: Visit, now: float) -> bool:
    """Whether the caller may be offered to that agent, as far as the two go."""
    queue = settings.queues[visit.queue]
    kept = waits_for(acd, settings, visit, now)
    if kept is not None:
        return agent == kept
    if agent not in queue.agents or visit.missed.get(agent, now) > now:
        return False
    skills = settings.agents[agent].skills
    waited = now - visit.joined_at + visit.waited
    if any(skills.get(skill, 0) < least for skill, least in visit.needs.required(waited)):
        return False
    tier = tier_of(queue, agent)
    return tier == 0 or tier <= reached(acd, queue, visit, waited)


def waits_for(acd: Acd, settings: Settings, visit: Visit, now: float) -> str | None:
    """The only agent whom the caller may be offered to now, if there is one."""
    wanted = visit.prefers
    if wanted is None or now >= visit.joined_at + wanted.seconds or visit.came_to_nothing:
        return None
    if visit.missed.get(wanted.agent, now) > now:
        return None
    agent, skills = acd.roster[wanted.agent], settings.agents[wanted.agent].skills
    required = visit.needs.required(now - visit.joined_at + visit.waited)
    if any(skills.get(skill, 0) < least for skill, least in required):
        return None
    if agent.state in (AgentState.SIGNED_OFF, AgentState.PAUSED) or agent.afterwards is not None:
        return None
    reach = acd.roster.reach
    return wanted.agent if reach.is_reachable(agent.phone) and reach.rests_until(agent.phone) is None else None


def tier_of(queue: Queue, agent: str) -> int:
    return next((n for n, tier in enumerate(queue.tiers, 1) if agent in tier.agents), 0)


def reached(acd: Acd, queue: Queue, visit: Visit, waited: float) -> int:
    found = 0
    for number, tier in enumerate(queue.tiers, 1):
        is_open = tier.after is None and tier.misses is None
        is_open |= tier.after is not None and waited >= tier.after
        is_open |= tier.misses is not None and visit.came_to_nothing >= tier.misses
        earlier = [agent for agent in queue.agents if tier_of(queue, agent) < number]
        own = [agent for agent in queue.agents if tier_of(queue, agent) == number]
        at_work = {a.id for a in acd.roster.everybody() if a.state is not AgentState.SIGNED_OFF}
        is_open |= not at_work & set(earlier) and bool(at_work & set(own))
        if is_open:
            found = number
    return found


def rank(settings: Settings, visit: Visit, agent: Agent, now: float) -> tuple[Any, ...] | None:
    """The least is offered the call first; None where chance or memory decides."""
    queue = settings.queues[visit.queue]
    skills = settings.agents[agent.id].skills
    required = visit.needs.required(now - visit.joined_at + visit.waited)
    if agent.id not in queue.agents:
        return None
    by: dict[Strategy, Any] = {
        Strategy.LONGEST_IDLE: 0,
        Strategy.RING_PROGRESSIVELY: 0,
        Strategy.IN_ORDER: queue.agents.index(agent.id),
        Strategy.FEWEST_CALLS: agent.calls,
        Strategy.LEAST_TALK_TIME: agent.talked,
        Strategy.SKILL_FIRST: -sum(skills.get(s, 0) for s in {s for s, _ in (*required, *visit.needs.preferred)}),
    }
    if queue.strategy not in by:
        return None
    lacks = sum(skills.get(skill, 0) < least for skill, least in visit.needs.preferred)
    return (tier_of(queue, agent.id), lacks, by[queue.strategy], agent.idle_since, agent.id)
