"""What is to be different: options of the command line, and what they make of settings and agents. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from appliance.configuration import fields
from appliance.configuration.documents import Node, Text
from appliance.configuration.problems import Place, did_you_mean
from appliance.configuration.tables import Wrong
from appliance.settings import Agent, Queue, Settings, Strategy
from appliance.traffic.scenario import AgentDay
from appliance.trouble import Trouble
from appliance.whatif.habits import Habits

ADDED = "added"  # how the ids of agents begin whom nobody has employed yet


class Kind(Enum):
    """A field of a queue that can be changed; the value is the option's name."""

    STRATEGY = "strategy"
    WRAP_UP = "wrap-up"
    RING_FOR = "ring-for"
    WEIGHT = "weight"


@dataclass(frozen=True)
class Changes:
    """`agents`: by queue, how many more or fewer. `settings`: instead of those of the day."""

    queues: Mapping[str, Mapping[Kind, object]] = field(default_factory=dict)
    agents: Mapping[str, int] = field(default_factory=dict)
    settings: Settings | None = None
    words: Sequence[str] = ()  # what is changed, for people to read

    def __bool__(self) -> bool:
        return bool(self.words)


def read_changes(
    by_kind: Mapping[Kind, Sequence[str]], agents: Sequence[str], settings: Settings | None, where: str
) -> Changes:
    """The options as they were written: support=longest-idle, support+2. `where` the settings are from. Raises
    Trouble."""
    queues: dict[str, dict[Kind, object]] = {}
    words = [f"the configuration in {where}"] if settings is not None else []
    for kind, options in by_kind.items():
        for option in options:
            queue, equals, value = option.partition("=")
            if not queue or not equals:
                raise Trouble(
                    f"--{kind.value} {option!r} is not understood: write QUEUE=VALUE, as in {_EXAMPLES[kind]}."
                )
            queues.setdefault(queue, {})[kind] = _value(kind, value)
            words.append(f"{kind.value} of {queue}: {value}")
    counts: dict[str, int] = {}
    for option in agents:
        queue, number = _count(option)
        counts[queue] = counts.get(queue, 0) + number
    words += [f"agents of {queue}: {number:+}" for queue, number in counts.items()]
    return Changes(queues, counts, settings, words)


_EXAMPLES = {
    Kind.STRATEGY: "support=fewest-calls",
    Kind.WRAP_UP: "support=10s",
    Kind.RING_FOR: "support=15s",
    Kind.WEIGHT: "support=2",
}


def _value(kind: Kind, value: str) -> object:
    if kind is Kind.STRATEGY:
        names = [strategy.value for strategy in Strategy]
        if value not in names:
            raise Trouble(f"There is no strategy {value!r}: there are {', '.join(names)}.")
        return Strategy(value)
    node = Text(Place(f"--{kind.value}"), value)
    try:
        return _READ[kind](node)
    except Wrong as wrong:
        raise Trouble(f"--{kind.value}: {wrong} {wrong.remedy}".rstrip()) from None


_READ: Mapping[Kind, Callable[[Node], object]] = {
    Kind.WRAP_UP: fields.duration,
    Kind.RING_FOR: fields.some_time,
    Kind.WEIGHT: fields.factor,
}


def _count(option: str) -> tuple[str, int]:
    """support+2, support-1."""
    for sign in "+-":
        queue, found, number = option.rpartition(sign)
        if found and queue and number.isdecimal() and 0 < int(number) <= 1000:
            return queue, int(f"{sign}{number}")
    raise Trouble(f"--agents {option!r} is not understood: write QUEUE+N or QUEUE-N, as in support+2.")


def changed(settings: Settings, changes: Changes) -> Settings:
    """Settings with the fields of queues that were asked for. Raises Trouble for queues that are not there."""
    settings = changes.settings or settings
    for queue in (*changes.queues, *changes.agents):
        known_queue(queue, settings)
    queues = dict(settings.queues)
    for id, values in changes.queues.items():
        queues[id] = _with(queues[id], values)
    return replace(settings, queues=queues)


def known_queue(queue: str, settings: Settings) -> None:
    """Raises Trouble for one that is not there."""
    if queue not in settings.queues:
        hint = did_you_mean(queue, settings.queues)
        raise Trouble(f"There is no queue {queue!r}: {hint or 'there are ' + ', '.join(settings.queues) + '.'}")


def _with(queue: Queue, values: Mapping[Kind, object]) -> Queue:
    names = {kind: kind.value.replace("-", "_") for kind in values}
    return replace(queue, **{names[kind]: value for kind, value in values.items()})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Staffing:
    """Agents taken on or taken off, by queue."""

    added: Mapping[str, Sequence[tuple[str, str]]]  # queue -> id, and as whom that agent works
    removed: Mapping[str, Sequence[str]]  # queue -> agents, from this queue only

    def applied_to(self, settings: Settings) -> Settings:
        queues, agents = dict(settings.queues), dict(settings.agents)
        for queue, ids in self.removed.items():
            if queue in queues:
                queues[queue] = _without(queues[queue], ids)
        for queue, ones in self.added.items():
            for id, model in ones:
                known = agents.get(model)
                agents[id] = Agent(id, id, skills=known.skills if known else {})
            if queue in queues:
                queues[queue] = replace(queues[queue], agents=(*queues[queue].agents, *(id for id, _ in ones)))
        return replace(settings, queues=queues, agents=agents)

    def days(self, habits: Habits) -> list[AgentDay]:
        """Of those who are added."""
        return [habits.agent_day(id, model) for ones in self.added.values() for id, model in ones]

    def words(self) -> list[str]:
        """Who that is, for people to read."""
        return [
            *(f"{id} works in {queue} as {model} has" for queue, ones in self.added.items() for id, model in ones),
            *(f"{', '.join(ids)} does not work in {queue}" for queue, ids in self.removed.items()),
        ]


def _without(queue: Queue, agents: Sequence[str]) -> Queue:
    tiers = tuple(replace(t, agents=tuple(a for a in t.agents if a not in agents)) for t in queue.tiers)
    return replace(queue, agents=tuple(a for a in queue.agents if a not in agents), tiers=tiers)


def staffing(changes: Changes, settings: Settings, habits: Habits) -> Staffing:
    """Those who are added work as those of the queue did who worked longest that day, one after the other; those
    who are taken off are the ones who worked longest as well. Raises Trouble where there are not so many."""
    added, removed = {}, {}
    for queue, number in changes.agents.items():
        known_queue(queue, settings)
        worked = [agent for agent in settings.queues[queue].agents if agent in habits.agents]
        worked.sort(key=lambda agent: -habits.hours(agent))
        if not worked:
            raise Trouble(f"Nobody of {queue} worked that day: there is no example to follow for --agents.")
        if number < 0 and -number > len(worked):
            raise Trouble(f"Only {len(worked)} of {queue} worked that day, so {-number} cannot be taken off.")
        if number > 0:
            added[queue] = [(f"{ADDED}-{queue}-{n + 1}", worked[n % len(worked)]) for n in range(number)]
        else:
            removed[queue] = worked[:-number]
    return Staffing(added, removed)
