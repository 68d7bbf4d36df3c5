"""Any number of agents who are like those of the configuration: the same queues, tiers, shares and skills. Pure.

Whoever comes first stands for all: any number of agents, counted from the first, is as mixed as the whole. Where
more are needed than there are, each has doubles, who stand beside them in the lists of queues.
"""

from collections.abc import Iterable
from dataclasses import replace

from appliance.settings import Agent, Phone, Queue, Settings

_PHONE = "phone of "


def mixed(settings: Settings, queues: Iterable[str]) -> list[str]:
    """The agents of these queues, so that any number of the first are spread evenly over all of them."""
    members = list(dict.fromkeys(agent for queue in sorted(queues) for agent in settings.queues[queue].agents))
    return [members[n] for n in sorted(range(len(members)), key=_reversed_digits)]


def _reversed_digits(number: int) -> float:
    """Van der Corput's sequence: its first numbers always lie evenly between 0 and 1."""
    found, weight = 0.0, 0.5
    while number:
        found += weight * (number % 2)
        number, weight = number // 2, weight / 2
    return found


def enlarged(settings: Settings, agents: list[str], count: int) -> tuple[Settings, list[str]]:
    """The settings with doubles, and `count` agents, each with a phone of their own (`phone_of`)."""
    doubles = {agent: [agent] for agent in agents}
    staff = []
    for n in range(count):
        round_, place = divmod(n, len(agents))
        name = agents[place] if not round_ else f"{agents[place]}+{round_}"
        staff.append(name)
        if round_:
            doubles[agents[place]].append(name)
    names = {double: agent for agent, each in doubles.items() for double in each}
    return (
        replace(
            settings,
            agents={double: replace(_agent(settings, names[double]), id=double) for double in names},
            phones={phone_of(double): Phone(phone_of(double), double) for double in names},
            queues={queue.id: _queue(queue, doubles) for queue in settings.queues.values()},
        ),
        staff,
    )


def phone_of(agent: str) -> str:
    return f"{_PHONE}{agent}"


def _agent(settings: Settings, id: str) -> Agent:
    return settings.agents.get(id) or Agent(id, id)


def _queue(queue: Queue, doubles: dict[str, list[str]]) -> Queue:
    def all_of(agents: Iterable[str]) -> tuple[str, ...]:
        return tuple(double for agent in agents for double in doubles.get(agent, ()))

    shares = {double: share for agent, share in queue.shares.items() for double in doubles.get(agent, ())}
    tiers = tuple(replace(tier, agents=all_of(tier.agents)) for tier in queue.tiers)
    return replace(queue, agents=all_of(queue.agents), tiers=tiers, shares=shares)
