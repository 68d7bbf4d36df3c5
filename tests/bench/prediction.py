"""How good it is predicted who will be free: imagined traffic through the real line, and what came of it.

Every two seconds of a day of ten hours it is asked how many of the agents at work, who are not free at that
moment, will be within twenty seconds. The first hour, in which the line learns, is left out.

Run it by `python -m tests.bench.prediction`; docs/callback-figures.md has the table.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from time import process_time

from appliance import facts as f
from appliance.facts import AgentState, Fact
from appliance.line.acd import Acd
from appliance.line.prediction import Prediction
from appliance.traffic.arrivals import Demand, arrivals, callers
from appliance.traffic.laws import Law, always, exponential, lognormal
from appliance.traffic.run import simulate
from appliance.traffic.scenario import AgentDay, Scenario
from tests.bench.waits import DAY, START, queue, site, team

AHEAD, EVERY = 20.0, 2.0  # seconds
LEARNS = 3600.0
PATIENCE = exponential(300.0)


@dataclass(frozen=True)
class Scene:
    name: str
    agents: int
    load: float
    talk: Law
    seconds: float = 180.0  # the mean of that
    wrap_up: float = 0.0  # at most
    ends_wrap_up: Law | None = None


@dataclass
class Look:
    """What was predicted at one moment, and what came of it."""

    until: float
    likely: dict[str, float]
    taken: int
    free: set[str] = field(default_factory=set)


class Watch:
    def __init__(self) -> None:
        self._looks_at = START + LEARNS
        self._open: list[Look] = []
        self.looks: list[Look] = []
        self.seconds = 0.0  # of the processor, predicting

    def __call__(self, acd: Acd, facts: Sequence[Fact], now: float) -> None:
        while self._open and self._open[0].until <= now:
            self.looks.append(self._open.pop(0))
        for fact in facts:
            if isinstance(fact, f.AgentChanged) and fact.state is AgentState.READY:
                for look in self._open:
                    if fact.agent in look.likely:
                        look.free.add(fact.agent)
        if self._looks_at <= now < START + DAY - AHEAD:
            self._look(acd, now)
            self._looks_at = now - (now - START) % EVERY + EVERY

    def _look(self, acd: Acd, now: float) -> None:
        prediction = Prediction(acd.roster, acd.state().waits.experience)
        begin = process_time()
        taken = prediction.free_within(AHEAD, now)
        self.seconds += process_time() - begin
        chances = prediction.chances(AHEAD, now)
        busy = {agent.id for agent in acd.roster.known() if agent.id not in acd.roster.free}
        likely = {agent: chances.get(agent, 0.0) for agent in busy}
        self._open.append(Look(now + AHEAD, likely, len(taken.keys() & busy)))


def scenes() -> Iterator[Scene]:
    for agents in (5, 20, 100, 500):
        yield Scene(f"{agents} agents, exponential", agents, 0.95, exponential(180.0))
    yield Scene("lognormal, deviation 90 s", 50, 0.95, lognormal(180.0, 90.0))
    yield Scene("lognormal, deviation 270 s", 50, 0.95, lognormal(180.0, 270.0))
    yield Scene("lognormal, wrap-up 30 s", 50, 0.95, lognormal(180.0, 90.0), wrap_up=30.0)
    ends = exponential(25.0)
    yield Scene("lognormal, wrap-up as agents like", 50, 0.95, lognormal(180.0, 90.0), 180.0, 60.0, ends)
    yield Scene("always three minutes", 50, 0.95, always(180.0))
    yield Scene("half the agents idle", 50, 0.5, lognormal(180.0, 90.0))


def judge(scene: Scene) -> Watch:
    agents = team(1, scene.agents)
    settings = site(queue("q", agents, wrap_up=scene.wrap_up))
    wraps = min(scene.wrap_up, 25.0) if scene.ends_wrap_up else scene.wrap_up
    calls = scene.load * scene.agents * DAY / (scene.seconds + wraps + 4.0)
    times = arrivals([Demand(START, DAY, calls)], 1)
    staff = [
        AgentDay(a, a, ((START, START + DAY),), answers_after=always(4.0), wrap_up=scene.ends_wrap_up)
        for a in agents
    ]
    watch = Watch()
    simulate(Scenario(settings, callers("q", times, scene.talk, PATIENCE, 1), staff, seed=1), watch)
    return watch


def row(scene: Scene, watch: Watch) -> str:
    looks = watch.looks
    likely = sum(sum(look.likely.values()) for look in looks) / len(looks)
    taken = sum(look.taken for look in looks) / len(looks)
    free = sum(len(look.free) for look in looks) / len(looks)
    enough = sum(len(look.free) >= look.taken for look in looks) / len(looks)
    missing = sum(max(0, look.taken - len(look.free)) for look in looks) / max(
        1, sum(look.taken for look in looks)
    )
    millis = watch.seconds / len(looks) * 1000
    return (
        f"| {scene.name} | {len(looks):,} | {likely:.2f} | {free:.2f} | {likely / free - 1:+.1%} | {taken:.2f} "
        f"| {enough:.0%} | {missing:.0%} | {millis:.2f} |"
    )


def main() -> None:
    print(
        "| scene | looks | predicted | real | off by | taken | as many were free | of those taken not free | ms |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for scene in scenes():
        print(row(scene, judge(scene)), flush=True)


if __name__ == "__main__":
    main()
