"""The table a person reads and the file a program reads."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench.figures import Hangups, Held, Measured, Spread, Step, Verdict
from tests.bench.switches import BenchSwitch

_NOTHING = "-"
_COLUMNS = "  {:<44}{:>14}{:>14}{:>10}"


def machine(switch: BenchSwitch) -> dict[str, object]:
    """Where and with what it was measured."""
    model = next(
        (line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor() or platform.machine(),
    )
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": platform.release(),
        "switch": switch.title,
        "version": switch.version,
        "own_queue": switch.own_queue,
        "python": platform.python_version(),
        "gevent": version("gevent"),
        "load_before": os.getloadavg()[0],
    }


def _lines(file: str) -> list[str]:
    try:
        return Path(file).read_text().splitlines()
    except OSError:
        return []


def as_json(
    where: Mapping[str, object],
    switch: BenchSwitch,
    own_queue: Measured,
    appliance: Measured,
    verdicts: tuple[Verdict, ...],
    notes: Mapping[str, object],
) -> str:
    return json.dumps(
        {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": where,
            f"{switch.own_queue}_settings": dict(switch.own_settings),
            switch.own_queue: asdict(own_queue),
            "appliance": asdict(appliance),
            "targets": [asdict(verdict) for verdict in verdicts],
            **notes,
        },
        indent=2,
    )


def table(
    where: Mapping[str, object], own_queue: Measured, appliance: Measured, verdicts: tuple[Verdict, ...]
) -> str:
    lines = [
        "",
        f"{where['cpu']}, {where['cores']} cores, load {where['load_before']:.1f} before; "
        f"{where['switch']} {where['version']}, Python {where['python']}",
        "",
        _COLUMNS.format("", where["own_queue"], "appliance", "ratio").rstrip(),
        "Agent's hang-up to the next INVITE",
        *_spreads(own_queue.hangups.to_invite, appliance.hangups.to_invite),
        f"The same with {own_queue.crowded.waiting} waiting for {own_queue.crowded.agents} agents",
        *_spreads(own_queue.crowded.to_invite, appliance.crowded.to_invite),
        "  CPU per call",
        *_cpus(own_queue.crowded, appliance.crowded),
        "Short calls",
        *_loads(own_queue, appliance),
        f"Callers held with music ({own_queue.held.callers} at once)",
        *_memory(own_queue, appliance),
        "",
        "Targets",
        *(f"  {'holds ' if v.holds else 'MISSED'}  {v.what} {v.target:g}: {v.measured:.1f}" for v in verdicts),
    ]
    return "\n".join(lines)


def step_line(step: Step) -> str:
    """One step of the load while it is being measured."""
    wait = f"wait {ms(step.wait.median)} / {ms(step.wait.p99)}" if step.wait else "nobody served"
    cpu = f"switch {step.switch_cpu * 1000:.1f} ms"
    if step.daemon_cpu is not None:
        cpu += f", daemon {step.daemon_cpu * 1000:.1f} ms"
    verdict = (
        "sustained"
        if step.sustained
        else f"NOT sustained: {'; '.join(step.failures) or f'the wait grows by {ms(step.growth)}'}"
    )
    return f"{step.rate:g}/s: {step.calls} calls, {wait}, backlog {step.backlog}, CPU per call {cpu}: {verdict}"


def hangups_line(hangups: Hangups) -> str:
    """The hang-ups of one of the two."""
    spread = hangups.to_invite
    times = " / ".join(map(ms, (spread.median, spread.p95, spread.p99, spread.longest)))
    daemon = "" if hangups.daemon_cpu is None else f", daemon {ms(hangups.daemon_cpu)}"
    return f"{times} (median, 95th, 99th, longest), CPU per call switch {ms(hangups.switch_cpu)}{daemon}"


def held_line(held: Held) -> str:
    """What waiting callers cost, as soon as it is known."""
    line = f"switch {held.switch_pss:.1f} kB per caller"
    return line if held.daemon_pss is None else f"{line}, daemon {held.daemon_pss:.1f} kB"


def ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


def _spreads(theirs: Spread, ours: Spread) -> Iterator[str]:
    yield _row("samples", str(theirs.samples), str(ours.samples))
    for name, attribute in (
        ("median", "median"),
        ("95th percentile", "p95"),
        ("99th percentile", "p99"),
        ("longest", "longest"),
    ):
        a, b = getattr(theirs, attribute), getattr(ours, attribute)
        yield _row(name, ms(a), ms(b), f"{a / b:.1f}")


def _loads(theirs: Measured, ours: Measured) -> Iterator[str]:
    best = [measured.best for measured in (theirs, ours)]
    yield _row("calls per second without a failed one", *(f"{b.rate:g}" if b else "none" for b in best))
    yield _row("  wait there, median", *(ms(b.wait.median) if b and b.wait else _NOTHING for b in best))
    yield _row("  wait there, 99th percentile", *(ms(b.wait.p99) if b and b.wait else _NOTHING for b in best))
    both = _same_rate(theirs, ours)
    if both is not None:
        yield f"  CPU per call at {both[0].rate:g} calls per second"
        yield from _cpus(*both)


def _cpus(theirs: Hangups | Step, ours: Hangups | Step) -> Iterator[str]:
    yield _row("  switch", ms(theirs.switch_cpu), ms(ours.switch_cpu))
    yield _row("  daemon", _NOTHING, ms(ours.daemon_cpu or 0.0))
    both = ours.switch_cpu + (ours.daemon_cpu or 0.0)
    yield _row("  together", ms(theirs.switch_cpu), ms(both), f"{theirs.switch_cpu / both:.1f}")


def _same_rate(theirs: Measured, ours: Measured) -> tuple[Step, Step] | None:
    """The fastest rate that both sustained."""
    sustained = {step.rate: step for step in theirs.steps if step.sustained}
    pairs = [(sustained[step.rate], step) for step in ours.steps if step.sustained and step.rate in sustained]
    return pairs[-1] if pairs else None


def _memory(theirs: Measured, ours: Measured) -> Iterator[str]:
    for name, attribute in (("PSS", "pss"), ("RSS", "rss")):
        for who in ("switch", "daemon"):
            figures = [getattr(measured.held, f"{who}_{attribute}") for measured in (theirs, ours)]
            shown = (_NOTHING if kb is None else f"{kb:.1f} kB" for kb in figures)
            yield _row(f"{name} per caller, {who}", *shown)


def _row(name: str, theirs: str, ours: str, ratio: str = "") -> str:
    return _COLUMNS.format(name, theirs, ours, ratio).rstrip()
