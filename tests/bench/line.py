"""What one decision of the line costs: the pure core alone, with so many waiting callers, and agents with skills.

Everybody talks and callers wait in ten queues. Then, again and again: a talk ends, the agent is matched with the
caller whose turn it is and answers, and another caller joins. An agent serves four of the queues; every third
caller needs a skill that some of the agents have, and that relaxes while the caller waits. Time is that of the
processor, so that what else goes on in the machine hardly counts.

Run it by `python -m tests.bench.line`.
"""

import gc
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import thread_time

import click

from appliance.facts import Fact, Offered
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.skills import NOTHING, make_needs
from appliance.settings import Agent, Phone, Queue, Settings, Strategy

WAITING = (10, 1_000, 10_000)
AGENTS = (10, 100, 500, 2_000)
QUEUES = 10
IN_A_QUEUE = 0.4  # of the agents: each serves about four queues
TARGET = 10_000.0  # decisions a second
AT = (1_000, 500)
NEEDS = (NOTHING, NOTHING, make_needs({"english": 3}, {}, {600.0: {"english": 1}}))
STRATEGIES = (Strategy.LONGEST_IDLE, Strategy.FEWEST_CALLS, Strategy.ROUND_ROBIN, Strategy.SKILL_FIRST)


@dataclass(frozen=True)
class Cost:
    """Microseconds. `decision` is the message that frees an agent, with the offer that follows; `cycle` is all
    from there to the next: answered, and another caller joins."""

    waiting: int
    agents: int
    decision: float
    slowest: float  # the 99th percentile of decisions
    cycle: float
    a_second: float  # decisions


def settings_of(agents: int) -> Settings:
    ids = [f"{n:04}" for n in range(agents)]
    size = max(1, int(agents * IN_A_QUEUE))
    queues = {}
    for n in range(QUEUES):
        first = n * agents // QUEUES
        members = tuple((ids + ids)[first : first + size])
        queues[f"q{n}"] = Queue(f"q{n}", f"q{n}", STRATEGIES[n % len(STRATEGIES)], members, weight=1.0 + n % 3)
    return Settings(
        *(Path("/"), "", "RU", "UTC", "en"),
        queues=queues,
        agents={a: Agent(a, a, skills={"english": n % 6} if n % 2 else {}) for n, a in enumerate(ids)},
        phones={a: Phone(a, a) for a in ids},
    )


class Bench:
    """A line in a steady state, and the times its decisions take."""

    def __init__(self, waiting: int, agents: int, settings: Settings | None = None) -> None:
        self.acd = Acd(settings or settings_of(agents))
        self.now, self.joined = 1_000_000.0, 0
        self.waiting = waiting
        self.talking: list[str] = []
        for agent in self.acd.roster.everybody():
            self.acd.handle(m.PhoneReachable(agent.id, True), self.now)
            self.acd.handle(m.SignOn(agent.id, agent.id), self.now)
        while len(self.talking) < agents or self.joined - len(self.talking) < waiting:
            self._join()

    def _join(self) -> None:
        self.now += 0.01
        n = self.joined = self.joined + 1
        ahead, needs = float(n % 4 * 20), NEEDS[n % 3]
        joins = m.CallerJoins(f"v{n}", f"c{n}", f"q{n % QUEUES}", ahead, f"l{n}", needs)
        self._answer(self.acd.handle(joins, self.now))

    def _answer(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, Offered):
                self.acd.handle(m.TalkBegins(fact.visit, next(iter(fact.phones))), self.now)
                self.talking.append(fact.visit)

    def run(self, decisions: int) -> tuple[list[float], float]:
        """The seconds of each decision, and of everything."""
        times: list[float] = []
        began = thread_time()
        while len(times) < decisions:
            self.acd.handle(m.Tick(), self.now)
            visit = self.talking.pop(len(times) * 7919 % len(self.talking))
            begin = thread_time()
            facts = self.acd.handle(m.TalkEnds(visit), self.now)
            times.append(thread_time() - begin)
            self._answer(facts)
            self._join()
        return times, thread_time() - began


def measure(waiting: int, agents: int, decisions: int) -> Cost:
    bench = Bench(waiting, agents)
    bench.run(decisions // 10)
    gc.collect()
    times, whole = bench.run(decisions)
    mean = sum(times) / len(times)
    return Cost(
        waiting,
        agents,
        round(median(times) * 1e6, 1),
        round(sorted(times)[len(times) * 99 // 100] * 1e6, 1),
        round(whole / decisions * 1e6, 1),
        round(1 / mean, 0),
    )


@click.command()
@click.option("--decisions", default=5_000, show_default=True, help="So many at each size.")
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where to keep the figures.")
def bench(decisions: int, file: Path | None) -> None:
    """Measure the core. Exit status: 0 the target holds, 1 it is missed."""
    click.echo("waiting  agents  decision (median, 99th)      whole cycle  decisions/s")
    costs = []
    for agents in AGENTS:
        for waiting in WAITING:
            cost = measure(waiting, agents, decisions)
            costs.append(cost)
            spread = f"{cost.decision:.0f} / {cost.slowest:.0f} us"
            click.echo(f"{waiting:7,}  {agents:6,}  {spread:>23}  {cost.cycle:12.0f} us  {cost.a_second:11,.0f}")
    if file is not None:
        file.write_text(json.dumps([asdict(cost) for cost in costs], indent=2))
    (judged,) = (cost for cost in costs if (cost.waiting, cost.agents) == AT)
    holds = judged.a_second >= TARGET
    click.echo(
        f"{'holds' if holds else 'missed'}: {TARGET:,.0f} decisions/s at {AT[0]:,} waiting and {AT[1]} agents"
    )
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    bench()
