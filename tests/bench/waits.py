"""How good expected waits are: imagined traffic through the real line, and what was said beside what came of it.

In each scene callers come on five working days of ten hours. Estimates are given on joining, and told to everybody
in line each 45 seconds, as an announcement does. The first day, in which the line learns, is left out.

Run it by `python -m tests.bench.waits`; docs/waits.md has the table.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import chain
from pathlib import Path

from appliance import facts as f
from appliance.commands.show import length, share
from appliance.facts import Fact
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.skills import NOTHING, make_needs
from appliance.port import Outcome
from appliance.settings import Agent, Order, Pause, Phone, Queue, Settings, Strategy, Tier
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import Law, always, exponential, lognormal
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, Break, Caller, Scenario

START = 1_000_000.0
DAY = 10 * 3600.0
DAYS = 5
LEARNS = 1  # of these days
TELLS_EVERY = 45.0
RINGS = 4.5  # seconds, on average


TALK = exponential(180.0)


@dataclass(frozen=True)
class Flow:
    """Callers of one kind: `load` is the share of the time of so many agents that they take."""

    queue: str
    load: float
    agents: int
    talk: Law = TALK
    seconds: float = 180.0  # the mean of that
    patience: Law | None = None
    head_start: float = 0.0
    english: bool = False


@dataclass(frozen=True)
class Scene:
    name: str
    settings: Settings
    flows: tuple[Flow, ...]
    misses: float = 0.0
    staff: Callable[[str, int], AgentDay] | None = None


@dataclass
class Judged:
    """Estimates and when their callers were answered."""

    given: int = 0
    waits: list[tuple[float, f.WaitExpected]] = field(default_factory=list)

    def share(self, right: Callable[[float, f.WaitExpected], bool]) -> str:
        return share(sum(right(wait, said) for wait, said in self.waits) / len(self.waits))

    def mean(self, value: Callable[[float, f.WaitExpected], float]) -> float:
        return sum(value(wait, said) for wait, said in self.waits) / len(self.waits)


class Watch:
    """Looks on, tells callers what they have to expect, and notes what came of it."""

    def __init__(self) -> None:
        self.by_queue: dict[tuple[str, bool], Judged] = {}
        self._open: dict[str, list[f.WaitExpected]] = {}
        self._tells_next: dict[str, float] = {}

    def __call__(self, acd: Acd, facts: Sequence[Fact], now: float) -> None:
        for fact in facts:
            self._note(fact)
        for id, at in list(self._tells_next.items()):
            if now < at:
                continue
            visit = acd.visit(id)
            if visit is None or visit.agent is not None:
                del self._tells_next[id]
                continue
            self._tells_next[id] = now + TELLS_EVERY
            expected = acd.wait_to_be_told(id, now) if visit.waits else None
            if expected is not None:
                for fact in acd.handle(m.WaitTold(id, expected), now):
                    self._note(fact)

    def _note(self, fact: Fact) -> None:
        match fact:
            case f.VisitJoined():
                self._tells_next[fact.visit] = fact.at + 1.0
            case f.WaitExpected() if fact.at >= START + LEARNS * DAY:
                self._open.setdefault(fact.visit, []).append(fact)
                self.by_queue.setdefault((fact.queue, fact.told), Judged()).given += 1
            case f.WaitKnown():
                for said in self._open.pop(fact.visit, ()):
                    self.by_queue[said.queue, said.told].waits.append((fact.ends - said.at, said))


def site(
    *queues: Queue, skills: Callable[[int], dict[str, int]] = lambda n: {}, order: Order = Order.AGEING
) -> Settings:
    ids = sorted({agent for queue in queues for agent in queue.agents})
    return Settings(
        *(Path("/"), "", "RU", "UTC", "en"),
        queues={queue.id: queue for queue in queues},
        agents={id: Agent(id, id, skills=skills(int(id))) for id in ids},
        phones={id: Phone(id, id) for id in ids},
        pauses={"1": Pause("1", "break")},
        order=order,
    )


def team(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"{n:03}" for n in range(first, last + 1))


def queue(id: str, agents: tuple[str, ...], strategy: Strategy = Strategy.LONGEST_IDLE, **more: object) -> Queue:
    return Queue(id, id, strategy, agents, **more)  # type: ignore[arg-type]


def scenes() -> Iterator[Scene]:
    for count in (1, 3, 10, 50):
        for load in (0.8, 0.95):
            name = f"{count} agent{'s' if count > 1 else ''}, {load:.0%} busy"
            yield Scene(name, site(queue("q", team(1, count))), (Flow("q", load, count),))
    ten = team(1, 10)
    even, uneven = lognormal(180.0, 90.0), lognormal(180.0, 270.0)
    yield Scene("calls of even length, wrap-up", site(queue("q", ten, wrap_up=30.0)), (Flow("q", 0.8, 10, even),))
    yield Scene("calls of very different length", site(queue("q", ten)), (Flow("q", 0.9, 10, uneven),))
    yield Scene(
        "overload, impatient", site(queue("q", ten)), (Flow("q", 1.3, 10, even, patience=exponential(240.0)),)
    )
    yield Scene("ring-all", site(queue("q", ten, Strategy.RING_ALL)), (Flow("q", 0.85, 10),))
    yield Scene("one call in five is missed", site(queue("q", ten)), (Flow("q", 0.85, 10),), misses=0.2)
    shared = site(queue("a", team(1, 8)), queue("b", team(5, 12), weight=2.0), queue("c", team(7, 10)))
    flows = (
        Flow("a", 0.45, 8, exponential(200.0), 200.0),
        Flow("b", 0.45, 8, exponential(150.0), 150.0),
        Flow("c", 0.6, 4, exponential(400.0), 400.0, head_start=30.0),
    )
    yield Scene("shared agents, weights", shared, flows)
    vip = (Flow("q", 0.6, 10), Flow("q", 0.34, 10, head_start=120.0))
    yield Scene("priorities", site(queue("q", ten)), vip)
    yield Scene("priorities, strict", site(queue("q", ten), order=Order.STRICT), vip)
    english = site(
        queue("q", ten), skills=lambda n: {"english": 3} if n <= 3 else {"english": 1} if n <= 6 else {}
    )
    yield Scene("skills that relax", english, (Flow("q", 0.65, 10), Flow("q", 0.27, 10, english=True)))
    specialists = site(queue("q", ten), queue("s", team(1, 3)))
    yield Scene("specialists", specialists, (Flow("q", 0.62, 10), Flow("s", 0.9, 3)))
    tiers = site(queue("q", ten, tiers=(Tier(team(7, 10), after=60.0),)))
    yield Scene("a tier after a minute", tiers, (Flow("q", 0.85, 10),))
    patient = Flow("q", 0.95, 14, even, patience=exponential(400.0))
    yield Scene("shifts and breaks", site(queue("q", team(1, 20))), (patient,), staff=_shifts)


def _shifts(agent: str, day: int) -> AgentDay:
    number, begin = int(agent), START + day * DAY
    comes, goes = (0.0, 25_000.0) if number <= 9 else (7200.0, 36_000.0) if number <= 14 else (14_400.0, 32_000.0)
    rests = begin + comes + 5000.0 + number * 400.0
    shift = (begin + comes + number * 30.0, begin + goes + number * 20.0)
    return AgentDay(agent, agent, (shift,), (Break(rests, rests + 900.0, "1"),), answers_after=always(RINGS))


def _staff(scene: Scene, days: int) -> list[AgentDay]:
    if scene.staff is not None:
        shifts = {agent: [scene.staff(agent, day) for day in range(days)] for agent in scene.settings.agents}
        return [
            AgentDay(
                *(agent, agent, tuple(chain.from_iterable(day.shifts for day in each))),
                breaks=tuple(chain.from_iterable(day.breaks for day in each)),
                answers_after=always(RINGS),
            )
            for agent, each in shifts.items()
        ]
    whole = ((START, START + days * DAY),)
    misses = {Outcome.NO_ANSWER: scene.misses}
    return [AgentDay(a, a, whole, answers_after=always(RINGS), misses=misses) for a in scene.settings.agents]


def _callers(scene: Scene, days: int) -> Iterable[Caller]:
    streams = []
    for n, flow in enumerate(scene.flows):
        wrap_up = scene.settings.queues[flow.queue].wrap_up
        calls = days * DAY * flow.load * flow.agents / (flow.seconds + wrap_up + RINGS)
        times = arrivals([Demand(START, days * DAY, calls)], n, scene.name)
        needs = make_needs({"english": 3}, {}, {120.0: {"english": 1}}) if flow.english else NOTHING
        streams.append(callers(flow.queue, times, flow.talk, flow.patience, n, flow.head_start, needs))
    together = merge(*streams, key=lambda caller: caller.at)
    return (replace(caller, id=f"c{number:07}") for number, caller in enumerate(together))


def judge(scene: Scene, days: int = DAYS) -> dict[tuple[str, bool], Judged]:
    """What came of the estimates of a scene, by queue, and whether they were told."""
    watch = Watch()
    simulate(Scenario(scene.settings, _callers(scene, days), _staff(scene, days), seed=1), watch)
    return watch.by_queue


def row(name: str, judged: Judged, told: Judged | None) -> str:
    return " | ".join(
        (
            f"| {name}",
            f"{len(judged.waits):,}",
            length(judged.mean(lambda wait, said: wait)),
            judged.share(lambda wait, said: said.low <= wait <= said.high),
            judged.share(lambda wait, said: wait < said.low),
            judged.share(lambda wait, said: wait > said.high),
            f"{judged.mean(lambda wait, said: said.middle - wait):+.0f} s",
            length(judged.mean(lambda wait, said: said.high - said.low)),
            f"{told.share(lambda wait, said: said.low <= wait <= said.high) if told and told.waits else '-'} |",
        )
    )


def main() -> None:
    print("| scene | estimates | mean wait | within | shorter | longer | bias | width | told: within |")
    print("|---|---|---|---|---|---|---|---|---|")
    for scene in scenes():
        found = judge(scene)
        for id in scene.settings.queues:
            name = scene.name + (f": {id}" if len(scene.settings.queues) > 1 else "")
            print(row(name, found[id, False], found.get((id, True))), flush=True)


if __name__ == "__main__":
    main()
