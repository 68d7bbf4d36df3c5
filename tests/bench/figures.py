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

    hangup_to_invite: Spread
    discarded: int  # hang-ups after which nobody waited
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


@dataclass(frozen=True)
class Verdict:
    """One promise."""

    what: str
    measured: float
    target: float
    holds: bool


def verdicts(own_queue: Measured, appliance: Measured, targets: Targets) -> tuple[Verdict, ...]:
    theirs, ours = own_queue.hangup_to_invite, appliance.hangup_to_invite
    ratios = [("median, times faster, at least", theirs.median / ours.median, targets.median_ratio)]
    if targets.p99_ratio is not None:
        ratios.append(("99th percentile, times faster, at least", theirs.p99 / ours.p99, targets.p99_ratio))
    per_caller = max(appliance.held.daemon_pss or 0.0, appliance.held.daemon_rss or 0.0)
    return (
        *(Verdict(what, ratio, target, ratio >= target) for what, ratio, target in ratios),
        Verdict(
            "kB in the daemon per waiting caller, at most",
            per_caller,
            KILOBYTES_PER_CALLER,
            per_caller <= KILOBYTES_PER_CALLER,
        ),
    )
