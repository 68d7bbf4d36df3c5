"""The trials, each the same for the switch's own queue and the appliance: only the number differs."""

import math
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import gevent
from gevent.event import Event

from tests.bench import centre
from tests.bench.agents import Offered
from tests.bench.callers import Call
from tests.bench.figures import Hangups, Held, Step, spread
from tests.bench.process import cpu_seconds, memory
from tests.bench.rig import LOOK_EVERY, Rig

SEED = 20261121  # the same talks in every run
SETTLE = 5.0  # seconds before anything is counted

TRY_AGAIN_AFTER = 2.0  # when a caller was not taken in

SHORT_TALK = 1.0
ANSWERED_WITHIN = 10.0  # by the switch
DRAIN_WITHIN = 20.0
GROWTH = 0.3  # seconds by which callers at the end of a step may wait longer than those at its beginning

HOLD_RATE = 20.0  # callers per second, when many are to be held
HOLD_SETTLE = 5.0


class TrialFailed(Exception):
    """A trial could not be carried out; one sentence."""


@dataclass(frozen=True)
class Line:
    """So many callers wait, besides those who talk, for the agents of a queue. Talks last so long, evenly spread,
    so that no poll of once a second keeps step with them."""

    queue: str
    waiting: int
    talks: tuple[float, float]

    @property
    def agents(self) -> int:
        return len(centre.PHONES[self.queue])


SHORT_LINE = Line(centre.DESK, 12, (0.5, 2.0))
LONG_LINE = Line(centre.CROWD, 300, (2.0, 6.0))


def measure_hangups(rig: Rig, number: str, line: Line, samples: int, daemon: int | None) -> Hangups:
    """The time from an agent's BYE to the next INVITE at the same phone, while callers wait, and what each of
    these calls costs, music for all who wait included."""
    chance = random.Random(SEED)
    seconds: list[float] = []
    discarded = 0
    failures: Counter[str] = Counter()
    enough, over = Event(), Event()
    begin = math.inf
    before = (0.0, 0.0)

    def offered(offer: Offered) -> None:
        nonlocal discarded
        # Whoever waits now did so at the hang-up too, but for those who came since: they would make it too easy.
        waiting = [call.answered_at for call in rig.callers.going_on if call.waits]
        rig.callers.offered(offer.caller, offer.at)
        if offer.hung_up_at is None or offer.hung_up_at < begin:
            return
        if not any(since is not None and since < offer.hung_up_at for since in waiting):
            discarded += 1
            return
        seconds.append(offer.at - offer.hung_up_at)
        if len(seconds) == samples:
            enough.set()

    def keep_waiting() -> None:
        if not over.is_set():
            rig.callers.dial(number)

    rig.agents.forget()
    rig.agents.talk_for = lambda: chance.uniform(*line.talks)
    rig.agents.on_offered = offered

    def another(call: Call) -> None:
        if call.failure is None:
            keep_waiting()
        else:  # a switch that is at its limit is not to be beaten further
            failures[call.failure] += 1
            gevent.spawn_later(TRY_AGAIN_AFTER, keep_waiting)

    rig.callers.on_ended = another
    try:
        for _ in range(line.agents + line.waiting):
            keep_waiting()
            gevent.sleep(1 / HOLD_RATE)
        gevent.sleep(SETTLE)
        begin, before = time.time(), _cpu(rig, daemon)
        if not enough.wait(samples / line.agents * (line.talks[1] + 5.0) + 60.0):
            why = "; ".join(f"{count} x {failure}" for failure, count in failures.most_common(3))
            raise TrialFailed(f"only {len(seconds)} of {samples} hang-ups were followed by an INVITE; {why}")
        after = _cpu(rig, daemon)
        served = len(seconds) + discarded
    finally:
        over.set()
        clear(rig)
    switch, ours = ((b - a) / served for a, b in zip(before, after, strict=True))
    return Hangups(
        spread(seconds[:samples]), discarded, line.waiting, line.agents, switch, None if daemon is None else ours
    )


def measure_step(rig: Rig, number: str, rate: float, seconds: float, daemon: int | None) -> Step:
    """Calls at a steady rate: each is answered, put in line, talks for a second and is hung up by the agent."""
    waits: dict[float, float] = {}  # when the call began -> seconds until its agent's phone rang
    failures: Counter[str] = Counter()
    rig.agents.forget()
    rig.agents.talk_for = lambda: SHORT_TALK

    def offered(offer: Offered) -> None:
        rig.callers.offered(offer.caller, offer.at)

    def ended(call: Call) -> None:
        if call.failure is not None:
            failures[call.failure] += 1
        elif call.offered_at is None:
            failures["ended before an agent's phone rang"] += 1
        else:
            waits[call.began_at] = call.offered_at - call.began_at

    rig.agents.on_offered = offered
    rig.callers.on_ended = ended
    before = _cpu(rig, daemon)
    began = time.monotonic()
    calls = round(rate * seconds)
    for turn in range(calls):
        gevent.sleep(max(0.0, began + turn / rate - time.monotonic()))
        rig.callers.dial(number)
        _give_up_unanswered(rig)
    backlog = sum(call.offered_at is None for call in rig.callers.going_on)
    _wait_until(lambda: not rig.callers.going_on, DRAIN_WITHIN, lambda: _give_up_unanswered(rig))
    for call in rig.callers.going_on:
        rig.callers.give_up(call, "no end within the time" if call.offered_at else "no agent within the time")
    after = _cpu(rig, daemon)
    clear(rig)
    switch, ours = ((b - a) / calls for a, b in zip(before, after, strict=True))
    growth = _growth([waits[began_at] for began_at in sorted(waits)])
    return Step(
        rate=rate,
        calls=calls,
        failures=tuple(f"{count} x {why}" for why, count in failures.most_common()),
        backlog=backlog,
        wait=spread([*waits.values()]) if waits else None,
        growth=growth,
        switch_cpu=switch,
        daemon_cpu=ours if daemon is not None else None,
        sustained=not failures and growth <= GROWTH,
    )


def _growth(waits: list[float]) -> float:
    """How much longer the last third of the callers waited than the first."""
    third = len(waits) // 3
    return median(waits[-third:]) - median(waits[:third]) if third else 0.0


def _give_up_unanswered(rig: Rig) -> None:
    late = time.time() - ANSWERED_WITHIN
    for call in rig.callers.going_on:
        if call.began_at > late:
            return  # they are in the order in which they began
        if call.answered_at is None:
            rig.callers.give_up(call, "not answered by the switch within the time")


def measure_held(rig: Rig, number: str, callers: int, daemon: int | None) -> Held:
    """What a caller who waits with music costs in memory. A few come and go first, so that what is loaded or set
    up once is not counted as theirs."""
    rig.callers.on_ended = lambda call: None
    _hold(rig, number, 10)
    clear(rig)
    before = [memory(pid) for pid in (rig.switch.process.pid, daemon) if pid is not None]
    _hold(rig, number, callers)
    after = [memory(pid) for pid in (rig.switch.process.pid, daemon) if pid is not None]
    clear(rig)
    pss = [(b.pss - a.pss) / callers for a, b in zip(before, after, strict=True)]
    rss = [(b.rss - a.rss) / callers for a, b in zip(before, after, strict=True)]
    ours = daemon is not None
    return Held(callers, pss[0], rss[0], pss[1] if ours else None, rss[1] if ours else None)


def _hold(rig: Rig, number: str, callers: int) -> None:
    for _ in range(callers):
        rig.callers.dial(number)
        gevent.sleep(1 / HOLD_RATE)
    gevent.sleep(HOLD_SETTLE)
    held = sum(call.waits for call in rig.callers.going_on)
    if held < callers:
        raise TrialFailed(f"only {held} of {callers} callers are held")


def clear(rig: Rig) -> None:
    """Everybody leaves; returns when no phone and no channel is in use."""
    rig.callers.on_ended = lambda call: None
    rig.agents.on_offered = lambda offer: None
    rig.callers.hang_up_all()
    quiet = _wait_until(
        lambda: not rig.agents.talking and not rig.switch.channels(),
        DRAIN_WITHIN,
    )
    if not quiet:
        raise TrialFailed(f"calls are left over: {rig.switch.channels()[:500]}")


def _cpu(rig: Rig, daemon: int | None) -> tuple[float, float]:
    return cpu_seconds(rig.switch.process.pid), 0.0 if daemon is None else cpu_seconds(daemon)


def _wait_until(
    condition: Callable[[], bool], within: float, meanwhile: Callable[[], None] = lambda: None
) -> bool:
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            return False
        meanwhile()
        gevent.sleep(LOOK_EVERY)
    return True
