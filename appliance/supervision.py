"""What supervisors see of the line and do with agents, as answers to commands of the console."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from appliance.engine import Engine
from appliance.facts import AgentState, Direction, PassedOver
from appliance.line import messages as m
from appliance.line.agents import Agent
from appliance.line.messages import Declined, Reason
from appliance.line.skills import needs_text
from appliance.line.visits import Expected, Visit
from appliance.live import LiveCall
from appliance.trouble import Trouble

Arguments = Mapping[str, Any]

MOST_LISTED = 30  # ids in one sentence
MOST_ESTIMATED = 100  # callers of a queue whose wait is estimated for one answer: the line has other things to do


def answer(engine: Engine, command: str, arguments: Arguments) -> object:
    """The data for a command, or None when something was done. Raises Trouble with a sentence."""
    if command in _VIEWS:
        return _VIEWS[command](engine)
    if command not in _ACTIONS:
        raise Trouble(f"The appliance knows no command {command!r}: is the command line of another version?")
    try:
        message = _ACTIONS[command](arguments)
    except KeyError as missing:
        raise Trouble(f"The command {command} needs {missing.args[0]}.") from None
    try:
        engine.ask(message)
    except Declined as declined:
        raise Trouble(_refusal(engine, declined)) from None
    return None


def _refusal(engine: Engine, declined: Declined) -> str:
    """Why not, as a sentence; with those that are known, where one was named that is not."""
    settings = engine.settings
    known = {
        Reason.UNKNOWN_AGENT: [*settings.agents],
        Reason.UNKNOWN_PHONE: [*settings.phones],
        Reason.UNKNOWN_PAUSE: [f"{pause.id} ({pause.name})" for pause in settings.pauses.values()],
    }.get(declined.reason)
    sentence = str(declined)
    sentence = f"{sentence[0].upper()}{sentence[1:]}"
    if known is None:
        return f"{sentence}."
    listed = known[:MOST_LISTED] + (["..."] if len(known) > MOST_LISTED else [])
    return f"{sentence}: there {'is' if len(known) == 1 else 'are'} {', '.join(listed) or 'none'}."


def status(engine: Engine) -> dict[str, object]:
    visits = engine.acd.visits()
    states = Counter(agent.state.value for agent in engine.acd.roster.everybody())
    return {
        "company": engine.settings.company,
        "switch": engine.settings.switch.value,
        "switch_up": engine.switch_up,
        "switch_reason": engine.switch_reason,
        "unwritten": engine.scribe.unwritten,
        "since": engine.started_at,
        "calls": len(engine.live.calls),
        "waiting": sum(visit.agent is None and not _is_at_home(visit) for visit in visits),
        "at_home": sum(_is_at_home(visit) for visit in visits),
        "talking": sum(visit.agent is not None for visit in visits),
        "agents": dict(states),
        "expected": _expected_waits(engine),
        "by_hand": _by_hand(engine),
    }


def _expected_waits(engine: Engine) -> dict[str, object]:
    """What who joined now would have to expect, for each queue in which somebody waits."""
    now, acd = engine.clock.now(), engine.acd
    waiting = [queue for queue in engine.settings.queues.values() if acd.waiting(queue.id)]
    return {each.id: expected_told(acd.expected_wait_in(each.id, now)) for each in waiting}


def expected_told(wait: Expected | None) -> dict[str, float] | None:
    """Seconds; None where nothing can be said."""
    return {name: round(value, 1) for name, value in vars(wait).items()} if wait else None


def _by_hand(engine: Engine) -> dict[str, object]:
    """What holds beside the configuration."""
    now = engine.clock.now()
    return {
        "hours": [
            {"schedule": each.schedule, "open": each.is_open, "by": each.by, "until": each.until}
            for each in engine.by_hand.overrides(now)
        ],
        "notices": [
            {"target": each.target, "language": each.language, "by": each.by, "until": each.until}
            for each in engine.by_hand.notices(now)
        ],
    }


def health(engine: Engine) -> dict[str, object]:
    """What tells whether the appliance does its work; the rest of it the heartbeat knows."""
    calls = sorted(engine.live.calls.values(), key=lambda call: call.started_at)
    oldest = {"call": calls[0].id, "started_at": calls[0].started_at} if calls else None
    return {**status(engine), "oldest_call": oldest}


def in_short(engine: Engine) -> str:
    """How much is going on, in one line."""
    visits = engine.acd.visits()
    working = sum(agent.state is not AgentState.SIGNED_OFF for agent in engine.acd.roster.everybody())
    talking = sum(visit.agent is not None for visit in visits)
    at_home = sum(_is_at_home(visit) for visit in visits)
    waiting = f"{len(visits) - talking - at_home} waiting" + (f", {at_home} at home" if at_home else "")
    counts = f"{_counted(len(engine.live.calls), 'call')}, {waiting}, {talking} talking"
    switch = "connected" if engine.switch_up else f"not connected: {engine.switch_reason}"
    records = f"; {engine.scribe.unwritten}" if engine.scribe.unwritten else ""
    return f"{counts}; {_counted(working, 'agent')} signed on; {engine.settings.switch.value} {switch}{records}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _agents(engine: Engine) -> list[dict[str, object]]:
    return [_agent(engine, agent) for agent in engine.acd.roster.everybody()]


def _agent(engine: Engine, agent: Agent) -> dict[str, object]:
    known = engine.settings.agents.get(agent.id)
    visit = engine.acd.visit(agent.visit) if agent.visit else None
    return {
        "agent": agent.id,
        "name": known.name if known else "",
        "state": agent.state.value,
        "reason": _reason(engine, agent),
        "since": agent.began_at or None,
        "until": agent.until,
        "phone": agent.phone,
        "reachable": engine.acd.roster.is_reachable(agent.phone),
        "queue": agent.queue,
        "call": visit.call if visit else None,
        "afterwards": agent.afterwards[0].value if agent.afterwards else None,
    }


def _reason(engine: Engine, agent: Agent) -> str:
    pause = engine.settings.pauses.get(agent.reason) if agent.state is AgentState.PAUSED else None
    return pause.name if pause else agent.reason


def _queues(engine: Engine) -> list[dict[str, object]]:
    answer: list[dict[str, object]] = []
    now = engine.clock.now()
    for queue in engine.settings.queues.values():
        agents = [engine.acd.roster[agent] for agent in queue.agents]
        states = Counter(agent.state for agent in agents)
        obstacles = [engine.acd.roster.obstacle(agent) for agent in agents]
        callers = engine.acd.waiting(queue.id)
        bound = engine.acd.bound(queue.id)
        answer.append(
            {
                "queue": queue.id,
                "name": queue.name,
                "strategy": queue.strategy_name,
                "bound": vars(bound) if bound else None,
                "leaving": [
                    *({"by": str(rule), "to": str(rule.to)} for rule in queue.overflow),
                    *([{"by": "nobody there", "to": str(queue.when_empty.to)}] if queue.when_empty else ()),
                    *({"by": f"key {key}", "to": str(to)} for key, to in queue.keys.items()),
                ],
                "nobody_there": queue.id in engine.acd.leaving.empty_since,
                "empty_since": engine.acd.leaving.empty_since.get(queue.id) or None,  # 0: since ever
                "expected": expected_told(engine.acd.expected_wait_in(queue.id, now)),
                "hit_rate": round(engine.acd.hit_rate(queue.id), 3),
                "ready": obstacles.count(None),
                "talking": states[AgentState.TALKING],
                "wrap_up": states[AgentState.WRAP_UP],
                "paused": states[AgentState.PAUSED],
                "agents": [_member(engine, *each) for each in zip(agents, obstacles, strict=True)],
                "waiting": [_caller(engine, place, visit) for place, visit in enumerate(callers, 1)],
            }
        )
    return answer


def _member(engine: Engine, agent: Agent, obstacle: PassedOver | None) -> dict[str, object]:
    """An agent of a queue, and why they could not take a call of it now."""
    known = engine.settings.agents.get(agent.id)
    return {
        "agent": agent.id,
        "name": known.name if known else "",
        "state": agent.state.value,
        "obstacle": obstacle.value if obstacle else None,
    }


def _caller(engine: Engine, place: int, visit: Visit) -> dict[str, object]:
    call = engine.live.calls.get(visit.call)
    return {
        "call": visit.call,
        "number": visit.home.promise.number if visit.home else call.number if call else None,
        "customer": visit.home.promise.name or None if visit.home else call.customer if call else None,
        "joined_at": visit.joined_at,
        "head_start": visit.head_start,
        "needs": needs_text(engine.acd.needs(visit)),
        "place": place,
        "expected": expected_told(engine.acd.expected_wait(visit.id, engine.clock.now()))
        if place <= MOST_ESTIMATED
        else None,
        "state": _where(visit),
    }


def _where(visit: Visit | None) -> str:
    if visit is None:
        return "in menus"
    if visit.agent:
        return "talking"
    if visit.home is not None and not visit.home.reached:
        return "being called" if visit.home.calling else "at home"
    return "offered" if visit.offer else "waiting" if visit.present else "held by the switch"


def _is_at_home(visit: Visit) -> bool:
    """Waits without being on the phone."""
    return visit.agent is None and visit.home is not None and not visit.home.reached


def _calls(engine: Engine) -> list[dict[str, object]]:
    return [_call(engine, call) for call in engine.live.calls.values()]


def _call(engine: Engine, call: LiveCall) -> dict[str, object]:
    visit = engine.acd.visit(call.visit) if call.visit else None
    return {
        "call": call.id,
        "started_at": call.started_at,
        "number": call.number,
        "dnis": call.dnis,
        "customer": call.customer,
        "state": "calling out" if call.direction is Direction.OUT else _where(visit),
        "queue": visit.queue if visit else None,
        "agent": visit.agent if visit else None,
    }


_VIEWS: Mapping[str, Callable[[Engine], object]] = {
    "status": status,
    "agents": _agents,
    "queues": _queues,
    "calls": _calls,
}
_ACTIONS: Mapping[str, Callable[[Arguments], m.Message]] = {
    "agent-sign-on": lambda a: m.SignOn(str(a["agent"]), str(a["phone"])),
    "agent-sign-off": lambda a: m.SignOff(str(a["agent"])),
    "agent-pause": lambda a: m.Pause(str(a["agent"]), str(a["reason"])),
    "agent-resume": lambda a: m.Resume(str(a["agent"])),
    "agent-end-wrap-up": lambda a: m.EndWrapUp(str(a["agent"])),
}
