"""The program behind `make bench`: the switch's own queue and the appliance measured side by side."""

import resource
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from appliance.lab.process import LabError
from appliance.port import Refused, SwitchLost
from appliance.settings import SwitchKind
from appliance.trouble import Trouble
from dialplan.speech import SpeechError
from tests.bench import centre, report
from tests.bench.applying import one_line as measure_apply
from tests.bench.configuration import EXTENSIONS, MENUS, QUEUES, NotInOrder
from tests.bench.configuration import measure as measure_configuration
from tests.bench.figures import Hangups, Held, Measured, Step, Verdict, verdicts
from tests.bench.homes import ALONE, AT_HOME, HOLD
from tests.bench.homes import measure as measure_homes
from tests.bench.imagined import CALLS, NotAsExpected
from tests.bench.imagined import measure as measure_imagined
from tests.bench.rig import LAB, Rig
from tests.bench.traffic import AGENTS as TRAFFIC_AGENTS
from tests.bench.traffic import CALLS as TRAFFIC_CALLS
from tests.bench.traffic import measure as measure_traffic
from tests.bench.traffic import told as told_traffic
from tests.bench.trials import (
    LONG_LINE,
    SHORT_LINE,
    Line,
    TrialFailed,
    measure_hangups,
    measure_held,
    measure_step,
)

FULL = {"samples": 300, "crowded": 600, "seconds": 12.0, "held": 300}
QUICK = {"samples": 60, "crowded": 150, "seconds": 5.0, "held": 100}
RATES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0)
QUICK_RATES = (10.0, 20.0, 40.0, 60.0, 80.0)
DESCRIPTORS = 16_384  # a call has about ten in the switch


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--switch",
    type=click.Choice([kind.value for kind in SwitchKind]),
    default=SwitchKind.ASTERISK.value,
    show_default=True,
    help="The switch to measure on.",
)
@click.option("--quick", is_flag=True, help="Fewer samples: two minutes instead of ten, and less certain.")
@click.option(
    "--only",
    type=click.Choice(["hangup", "crowd", "load", "held", "calls", "traffic", "callbacks", "configuration"]),
    help="One of the trials, for a closer look.",
)
@click.option("--json", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where to keep the figures.")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    default=LAB / "asterisk-root",
    help="The extracted root with Asterisk, used (or made) where the machine has none of its own.",
)
def bench(switch: str, quick: bool, only: str | None, file: Path | None, root: Path) -> None:
    """Measure the appliance beside the switch's own queue, on the same switch with the same callers and agents.

    Exit status: 0 every target holds, 1 one is missed, 2 it could not be measured.
    """
    descriptors = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    limit = DESCRIPTORS if descriptors == resource.RLIM_INFINITY else min(DESCRIPTORS, descriptors)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, descriptors))
    try:
        imagined = _imagined_calls() if only in (None, "calls") else None
        configured = [*_configuration(), _applied()] if only in (None, "configuration") else []
        traffic = _traffic() if only in (None, "traffic") else None
        homes = _homes() if only in (None, "callbacks") else None
        if only in ("calls", "traffic", "callbacks", "configuration"):
            return
        with Rig(SwitchKind(switch), root.absolute(), click.echo) as rig:
            where = report.machine(rig.switch)
            run = Run(rig, quick)
            trials: dict[str, Callable[[], object]] = {
                "hangup": run.hangup,
                "crowd": run.crowd,
                "load": run.load,
                "held": run.held,
            }
            if only is not None:
                trials[only]()
                return
            hangup, crowd, load, held = run.hangup(), run.crowd(), run.load(), run.held()
    except (LabError, SpeechError, Trouble, Refused, SwitchLost, TrialFailed, NotAsExpected, NotInOrder) as error:
        click.echo(f"bench: {error}", err=True)
        sys.exit(2)
    theirs, ours = (Measured(hangup[i], crowd[i], load[i], held[i]) for i in (0, 1))
    judged = (*verdicts(theirs, ours, rig.switch.targets), *filter(None, (imagined, traffic, homes)), *configured)
    click.echo(report.table(where, theirs, ours, judged))
    notes = {
        "quick": quick,
        "sent_again": rig.agents.sent_again + rig.callers.sent_again,
        "offered_to_a_talking_phone": rig.agents.collisions,
        "complaints": rig.complaints[:50],
    }
    if rig.agents.collisions:
        click.echo(f"  {rig.agents.collisions} calls were offered to a phone that was talking.")
    for line in rig.complaints[:10]:
        click.echo(f"  complaint: {line}")
    file = file or LAB / "bench" / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(report.as_json(where, rig.switch, theirs, ours, judged, notes))
    click.echo(f"\nKept in {file}.")
    sys.exit(0 if all(verdict.holds for verdict in judged) else 1)


def _applied() -> Verdict:
    """One line of a large site is changed and applied: what is touched by it. Neither speech nor a switch has a
    part."""
    found = measure_apply()
    click.echo(f"  apply of one changed line: {found.seconds:.2f} s; {', '.join(found.changed)} written")
    files = len(found.changed)
    return Verdict(
        "files of the switch that a changed line writes, at most", files, 1, found.only_those and files <= 1
    )


def _imagined_calls() -> Verdict:
    """The calls of calls.yml: neither a switch nor a phone has a part in them."""
    click.echo(f"{CALLS} calls of calls.yml, from reading the configuration to the verdict")
    verdict = measure_imagined()
    click.echo(f"  {verdict.measured:.2f} s, {CALLS / verdict.measured:.0f} a second")
    return verdict


def _traffic() -> Verdict:
    """A simulated day: the line alone, with imagined callers and agents."""
    click.echo(f"A simulated day of {TRAFFIC_CALLS:,} calls and {TRAFFIC_AGENTS} agents")
    verdict, result = measure_traffic()
    click.echo(f"  {told_traffic(verdict, result)}")
    return verdict


def _homes() -> Verdict:
    """Call-backs that are open, beside callers who hold: the line alone."""
    click.echo(f"{AT_HOME:,} call-backs and {HOLD:,} who hold, beside {ALONE:,} who hold")
    verdict, told = measure_homes()
    click.echo(f"  {told}")
    return verdict


def _configuration() -> list[Verdict]:
    """Checking and rendering: no switch has a part in it."""
    click.echo(f"A configuration of {EXTENSIONS} extensions and agents, {QUEUES} queues, {MENUS} menus")
    found = []
    for verdict in measure_configuration():
        click.echo(f"  {verdict.measured:.2f} {verdict.what} {verdict.target:g}")
        found.append(verdict)
    return found


class Run:
    """The trials in turn; each pair is the figures of the switch's own queue and the appliance's."""

    def __init__(self, rig: Rig, quick: bool) -> None:
        self._rig = rig
        self._own = rig.switch.own_queue
        self._size = QUICK if quick else FULL
        self._rates = QUICK_RATES if quick else RATES

    def hangup(self) -> tuple[Hangups, Hangups]:
        return self._hangups(SHORT_LINE, int(self._size["samples"]))

    def crowd(self) -> tuple[Hangups, Hangups]:
        return self._hangups(LONG_LINE, int(self._size["crowded"]))

    def _hangups(self, line: Line, samples: int) -> tuple[Hangups, Hangups]:
        rig, queue = self._rig, line.queue
        click.echo(
            f"Hang-up to next INVITE, {line.waiting} waiting for {line.agents} agents, {samples} samples each"
        )
        theirs = measure_hangups(rig, centre.THEIRS[queue], line, samples, None)
        click.echo(f"  {self._own}: {report.hangups_line(theirs)}")
        with rig.daemon_running([queue]) as daemon:
            ours = measure_hangups(rig, centre.OURS[queue], line, samples, daemon)
        click.echo(f"  appliance: {report.hangups_line(ours)}")
        return theirs, ours

    def load(self) -> tuple[tuple[Step, ...], tuple[Step, ...]]:
        click.echo(f"Short calls at rising rates, {len(centre.PHONES[centre.FLOOR])} agents")
        theirs = self._steps(self._own, centre.THEIRS[centre.FLOOR], None)
        with self._rig.daemon_running([centre.FLOOR]) as daemon:
            ours = self._steps("appliance", centre.OURS[centre.FLOOR], daemon)
        return theirs, ours

    def _steps(self, name: str, number: str, daemon: int | None) -> tuple[Step, ...]:
        steps: list[Step] = []
        for rate in self._rates:
            steps.append(measure_step(self._rig, number, rate, self._size["seconds"], daemon))
            click.echo(f"  {name} {report.step_line(steps[-1])}")
            if not steps[-1].sustained:
                break
        return tuple(steps)

    def held(self) -> tuple[Held, Held]:
        rig, callers = self._rig, int(self._size["held"])
        click.echo(f"Memory of {callers} callers held with music, each time on a fresh switch")
        rig.restart_switch()
        theirs = measure_held(rig, centre.THEIRS[centre.HELD], callers, None)
        click.echo(f"  {self._own}: {report.held_line(theirs)}")
        rig.restart_switch()
        with rig.daemon_running([]) as daemon:
            ours = measure_held(rig, centre.OURS[centre.HELD], callers, daemon)
        click.echo(f"  appliance: {report.held_line(ours)}")
        return theirs, ours


if __name__ == "__main__":
    bench()
