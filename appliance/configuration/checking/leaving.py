"""Rules by which callers leave a queue: those that are never true, and those that lead nowhere. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Destination, Overflow, Queue, Settings
from appliance.speech.prompts import KeyPath, destinations
from appliance.trunks.outbound import Quiet, Refusal, plan


def leaving(reading: Reading) -> Iterator[Finding]:
    """What is wrong with where callers go from a queue, and when."""
    settings = reading.settings
    for queue in settings.queues.values():
        yield from _never(queue)
        yield from _when_empty(queue, settings)
        for path, to in _ways_out(queue):
            yield from _nowhere(queue, path, to)
    yield from _circles(settings)
    if reading.complete:
        yield from _outside(settings)


def _ways_out(queue: Queue) -> Iterator[tuple[KeyPath, Destination]]:
    path = ("queues", queue.id)
    for number, rule in enumerate(queue.overflow):
        yield (*path, "overflow", str(number), "to"), rule.to
    if queue.when_empty is not None:
        yield (*path, "when_empty", "to"), queue.when_empty.to
    for key, to in queue.keys.items():
        yield (*path, "keys", key), to


def _never(queue: Queue) -> Iterator[Finding]:
    """Rules that are never true, or never come first."""
    for number, rule in enumerate(queue.overflow):
        where = ("queues", queue.id, "overflow", str(number))
        if rule.after is not None and rule.is_for_joining:
            asked = "length" if rule.length is not None else "per_agent"
            text = f"This rule is never true: {asked} is asked of who joins, and has not waited yet."
            yield Finding((*where, "after"), text, "Make two rules of it.", warning=True)
        earlier = next((n for n, other in enumerate(queue.overflow[:number], 1) if _implies(rule, other)), None)
        if earlier is not None:
            text = f"This rule is never used: whenever it is true, rule {earlier} before it is true as well."
            yield Finding(where, text, f"Put it before rule {earlier}, or remove it.", warning=True)


def _implies(rule: Overflow, other: Overflow) -> bool:
    """Whether the other is true whenever this one is."""
    names = ("after", "expected_wait", "length", "per_agent")
    limits = [(getattr(rule, name), getattr(other, name)) for name in names]
    return all(theirs is None or (mine is not None and mine >= theirs) for mine, theirs in limits)


def _when_empty(queue: Queue, settings: Settings) -> Iterator[Finding]:
    rule, path = queue.when_empty, ("queues", queue.id, "when_empty")
    if rule is None:
        return
    if not rule.refuses and not rule.empties:
        text = "This is never used: who would join may wait, and who waits may stay."
        yield Finding(path, text, "Say join: refuse, or waiting: leave.", warning=True)
    other = settings.queues.get(rule.to.queue or "")
    if other is not None and other.id != queue.id and {*other.agents} <= {*queue.agents}:
        text = f"Where nobody is there for {shown(queue.id)}, nobody is there for {shown(other.id)} either."
        yield Finding((*path, "to"), text, "Let callers go where somebody else is.", warning=True)


def _nowhere(queue: Queue, path: KeyPath, to: Destination) -> Iterator[Finding]:
    if to.queue == queue.id:
        text = f"This leads callers of the queue {shown(queue.id)} back to it."
        yield Finding(path, text, "Let it lead elsewhere.")
    if to.hang_up and "keys" not in path:
        text = "Who leaves the queue here hears nothing: the call ends."
        yield Finding(path, text, "Let it lead to a message, or anywhere else.", warning=True)


# Circles


@dataclass(frozen=True)
class _Edge:
    """Callers of a queue may come to another: `at_once` who have only just joined."""

    end: str
    at_once: bool
    where: KeyPath


def _edges(settings: Settings) -> Mapping[str, list[_Edge]]:
    found: dict[str, list[_Edge]] = {}
    for queue in settings.queues.values():
        edges = found.setdefault(queue.id, [])
        for number, rule in enumerate(queue.overflow):
            where = ("queues", queue.id, "overflow", str(number), "to")
            at_once = rule.is_for_joining or (rule.expected_wait is not None and rule.after is None)
            edges += [_Edge(rule.to.queue, at_once, where)] if rule.to.queue else []
        empty = queue.when_empty
        if empty is not None and empty.to.queue:
            edges.append(_Edge(empty.to.queue, empty.refuses, ("queues", queue.id, "when_empty", "to")))
    return found


def _circles(settings: Settings) -> Iterator[Finding]:
    """Queues that send callers on to each other; each circle is told of once."""
    edges = _edges(settings)
    at_once = {id: [edge for edge in some if edge.at_once] for id, some in edges.items()}
    told: set[frozenset[str]] = set()
    for some, when, warning in ((at_once, "while all of them are full or empty", False), (edges, "", True)):
        for id in some:
            path = _way_back(id, some)
            if path is None or frozenset(edge.end for edge in path) in told:
                continue
            told.add(frozenset(edge.end for edge in path))
            ring = " -> ".join([id, *(edge.end for edge in path)])
            text = f"Callers go round in a circle of queues{', ' if when else ''}{when}: {ring}."
            remedy = "Let one of them lead to a message, a number outside, or another place where it ends."
            yield Finding(path[0].where, text, remedy, warning=warning)


def _way_back(id: str, edges: Mapping[str, list[_Edge]]) -> list[_Edge] | None:
    """The shortest way from a queue to itself, by others."""
    ways: list[list[_Edge]] = [[edge] for edge in edges.get(id, ()) if edge.end != id]
    seen: set[str] = set()
    while ways:
        way = ways.pop(0)
        if way[-1].end == id:
            return way
        if way[-1].end not in seen:
            seen.add(way[-1].end)
            ways += [[*way, edge] for edge in edges.get(way[-1].end, ())]
    return None


# Numbers outside


def _outside(settings: Settings) -> Iterator[Finding]:
    """Numbers that no rule for outgoing calls lets callers be put through to."""
    for path, to in destinations(settings):
        if to.number is None:
            continue
        chosen = plan(settings, to.number, "", Quiet(), 0.0)
        if chosen.refusal in (Refusal.NOT_ALLOWED, Refusal.NO_NUMBER):
            why = chosen.reasons[-1].text if chosen.reasons else "no rule allows it"
            text = f"Callers cannot be put through to {to.number}: {why}."
            yield Finding((*path, "number"), text, 'Let a rule below "outbound:" allow it, for all phones.')
