"""What was measured, and whether it is as good as promised. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

KILOBYTES_PER_CALLER = 100.0  # in the daemon, at most


def percentile(ordered: Sequence[float], share: float) -> float:
    """The value below which that share of them lies: the nearest rank, never one that was not measured."""
    rank = -(-len(ordered) * share // 1)  # rounded up
    return ordered[max(0, int(rank) - 1)]


@dataclass(frozen=True)
class Spread:
    """Seconds, many times."""

    samples: int
    median: float
    p95: float
    p99: float
    longest: float


def spread(seconds: Sequence[float]) -> Spread:
    ordered = sorted(seconds)
    median, p95, p99 = (percentile(ordered, share) for share in (0.5, 0.95, 0.99))
    return Spread(len(ordered), median, p95, p99, ordered[-1])


@dataclass(frozen=True)
class Hangups:
    """Agents hang up while callers wait. Processor time is seconds for each call."""

    to_invite: Spread
    discarded: int  # hang-ups after which nobody waited
    waiting: int
    agents: int
    switch_cpu: float
    daemon_cpu: float | None

    @property
    def cpu(self) -> float:
        """Of switch and daemon."""
        return self.switch_cpu + (self.daemon_cpu or 0.0)


@dataclass(frozen=True)
class Step:
    """Calls at one rate for a while."""

    rate: float  # calls per second asked for
    calls: int
    failures: tuple[str, ...]
    backlog: int  # callers without an agent at the end
    wait: Spread | None  # from the caller's INVITE to the agent's
    growth: float  # seconds by which the last third of them waited longer than the first
    switch_cpu: float  # seconds per call
    daemon_cpu: float | None
    sustained: bool


@dataclass(frozen=True)
class Held:
    """Callers held with music; kilobytes for each of them."""

    callers: int
    switch_pss: float
    switch_rss: float
    daemon_pss: float | None
    daemon_rss: float | None


@dataclass(frozen=True)
class Measured:
    """One of the two, throughout."""

    hangups: Hangups
    crowded: Hangups
    steps: tuple[Step, ...]
    held: Held

    @property
    def best(self) -> Step | None:
        """The fastest rate sustained."""
        return next((step for step in reversed(self.steps) if step.sustained), None)


@dataclass(frozen=True)
class Targets:
    """How many times longer the switch's own queue takes, at least; None where nothing is promised."""

    median_ratio: float
    p99_ratio: float | None
    crowded_ratio: float | None = None  # how many times longer an INVITE takes at most when many wait
    cpu_ratio: float | None = None  # how many times its own queue's processor time the appliance takes at most


@dataclass(frozen=True)
class Verdict:
    """One promise."""

    what: str
    measured: float
    target: float
    holds: bool


def verdicts(own_queue: Measured, appliance: Measured, targets: Targets) -> tuple[Verdict, ...]:
    theirs, ours = own_queue.hangups.to_invite, appliance.hangups.to_invite
    ratios = [("median, times faster, at least", theirs.median / ours.median, targets.median_ratio)]
    if targets.p99_ratio is not None:
        ratios.append(("99th percentile, times faster, at least", theirs.p99 / ours.p99, targets.p99_ratio))
    most = []
    if targets.crowded_ratio is not None:
        slower = appliance.crowded.to_invite.median / ours.median
        what = f"median at {appliance.crowded.waiting} waiting and {appliance.crowded.agents} agents, times that"
        most.append((f"{what} of an idle system, at most", slower, targets.crowded_ratio))
    if targets.cpu_ratio is not None:
        more = appliance.crowded.cpu / own_queue.crowded.cpu
        most.append(("CPU per call there, times that of its own queue, at most", more, targets.cpu_ratio))
    per_caller = max(appliance.held.daemon_pss or 0.0, appliance.held.daemon_rss or 0.0)
    return (
        *(Verdict(what, ratio, target, ratio >= target) for what, ratio, target in ratios),
        *(Verdict(what, ratio, target, ratio <= target) for what, ratio, target in most),
        Verdict(
            "kB in the daemon per waiting caller, at most",
            per_caller,
            KILOBYTES_PER_CALLER,
            per_caller <= KILOBYTES_PER_CALLER,
        ),
    )
