"""What is defined and never used: it is mostly a slip elsewhere. Pure."""

from collections.abc import Iterator, Mapping

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Queue


def unused(reading: Reading) -> Iterator[Finding]:
    """Sections' entries that nothing refers to."""
    s = reading.settings
    if not reading.complete:
        return  # what uses them may stand in a file that could not be read
    queues = s.queues.values()
    hours = {number.hours for number in s.numbers.values()} | {queue.hours for queue in queues}
    used: dict[str, tuple[str, Mapping[str, object], set[str | None]]] = {
        "hours": ("hours", s.hours, hours),
        # The switch itself plays the music called default, to a party on hold.
        "music": ("music", s.music, {Queue.music, *(queue.music for queue in queues)}),
        "dispositions": ("list of dispositions", s.dispositions, {queue.dispositions for queue in queues}),
    }
    for section, (kind, ids, names) in used.items():
        for id in ids.keys() - names:
            verb, it = ("are", "them") if kind == "hours" else ("is", "it")
            yield Finding(
                (section, id), f"The {kind} {shown(id)} {verb} never used.", f"Use or remove {it}.", warning=True
            )
    groups = {customer.group for customer in s.customers.values()}
    for id in s.groups.keys() - groups:
        text = f"No customer is in the group {shown(id)}."
        remedy = "Name it in the column group of customers.csv, or remove it."
        yield Finding(("groups", id), text, remedy, warning=True)


def own_agents(reading: Reading) -> Iterator[Finding]:
    """Agents of customers for whom no queue waits, and queues that wait for agents of nobody."""
    s = reading.settings
    if not reading.complete:
        return
    with_agents = [customer.number for customer in s.customers.values() if customer.agent]
    waiting = [queue.id for queue in s.queues.values() if queue.sticky.own_agent is not None]
    if with_agents and not waiting:
        text = "No queue waits for the customers' own agents."
        remedy = 'Write "sticky: {own_agent: 30s}" at a queue, or leave the column agent empty.'
        yield Finding(("customers", with_agents[0]), text, remedy, warning=True)
    for id in waiting if not with_agents else ():
        text = "No customer has an agent of their own."
        remedy = "Name agents in the column agent of customers.csv, or remove this."
        yield Finding(("queues", id, "sticky", "own_agent"), text, remedy, warning=True)


def idle(reading: Reading) -> Iterator[Finding]:
    """Agents who get no calls."""
    s = reading.settings
    if not s.queues or not reading.complete:
        return
    if s.agents and not s.phones:
        text = "There are agents and no phones: they have nowhere to sign on."
        yield Finding(("agents",), text, 'Define some below "phones:".', warning=True)
    busy = {agent for queue in s.queues.values() for agent in queue.agents}
    for id in s.agents.keys() - busy:
        text = f"The agent {shown(id)} is in no queue, and gets no calls."
        yield Finding(("agents", id), text, 'Add the number to the "agents:" of a queue.', warning=True)
