"""How long an apply takes on a large site, and whether many of them during a load of real calls lose any.

`python -m tests.bench.applying` measures the first; with `--load SWITCH` it does the second, on that switch.
"""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import gevent

from appliance.console import ask
from appliance.places import DATABASE, Places
from appliance.secrets import add_missing
from appliance.settings import Settings, SwitchKind
from appliance.versions.applying import Applied, Applier, Wish
from appliance.versions.history import Version, Versions
from appliance.versions.snapshot import take
from appliance.versions.workshop import RealWorkshop
from dialplan.install import MANIFEST
from tests.bench import centre
from tests.bench.callers import Call
from tests.bench.large_site import write_large_site
from tests.bench.rig import LAB, Rig

EXTENSIONS, QUEUES, MENUS = 1000, 100, 200
CALLS_A_SECOND = 5.0


class _Silent(RealWorkshop):
    """Nobody speaks: that takes as long as it takes, once for each text. And no switch runs."""

    def make_sounds(self, settings: Settings) -> int:
        return 0

    def remove_sounds(self, settings: Settings) -> None:
        pass

    def connect(self, settings: Settings) -> bool:
        return False


def apply(places: Places, workshop: RealWorkshop) -> Applied:
    """What the command does."""
    settings = places.settings()
    snapshot = take(settings, places.secrets_file)
    about = Version(0, time.time(), "bench", "", str(places.config), snapshot.digest)
    return Applier(Versions(places.versions), workshop, "bench").apply(
        Wish(settings, snapshot, about, restart=True, unverified=True)
    )


@dataclass(frozen=True)
class OneLine:
    """Seconds from reading the directory to the end, and the files of the switch that were written; `only_those`:
    nothing else there but the list of what is ours."""

    seconds: float
    changed: tuple[str, ...]
    only_those: bool


def one_line() -> OneLine:
    """A large site is in force; one line of it is changed and applied."""
    with tempfile.TemporaryDirectory() as folder:
        places = Places(Path(folder, "config"), Path(folder, "secrets.yml"), Path(folder, "data"))
        places.config.mkdir()
        write_large_site(places.config, "asterisk", EXTENSIONS, QUEUES, MENUS)
        add_missing(places.secrets_file, places.settings())
        workshop = _Silent(places, Path(folder, "etc"), lambda done, total: None)
        apply(places, workshop)
        file = places.config / "queues.yml"
        file.write_text(file.read_text().replace("ring_for: 15s", "ring_for: 16s", 1))
        before = {path: path.stat().st_mtime_ns for path in workshop.into.iterdir()}
        begin = time.perf_counter()
        done = apply(places, workshop)
        seconds = time.perf_counter() - begin
        touched = sorted(
            path.name for path in workshop.into.iterdir() if before.get(path) != path.stat().st_mtime_ns
        )
        return OneLine(seconds, done.changed, {*touched} <= {*done.changed, MANIFEST})


def during_a_load(kind: SwitchKind, root: Path, applies: int) -> Mapping[str, object]:
    """So many applies, one after the other, while calls come, wait, talk and end."""
    with Rig(kind, root, click.echo) as rig, rig.daemon_running([centre.FLOOR, centre.DESK]):
        places: Places = rig._places
        rig.agents.talk_for = lambda: 2.0
        calls: list[Call] = []

        def load() -> None:
            while True:
                calls.append(rig.callers.dial(centre.OURS[centre.FLOOR if len(calls) % 2 else centre.DESK]))
                gevent.sleep(1 / CALLS_A_SECOND)

        loading = gevent.spawn(load)
        times: list[float] = []
        kinds: list[tuple[bool, bool, bool]] = []
        people = places.config / "people.yml"
        text = people.read_text()
        for n in range(applies):
            changed = text.replace("wrap_up: 0s", f"ring_for: {10 + n % 20}s\n    wrap_up: 0s")
            if n % 3 == 1:
                changed += (
                    f'  {300 + n}: {{codecs: [alaw], contact: "sip:{300 + n}@127.0.0.9:9"}}\n'  # a new phone
                )
            people.write_text(changed)
            add_missing(places.secrets_file, places.settings())
            workshop = RealWorkshop(places, rig._configuration, lambda done, total: None)
            begin = time.perf_counter()
            done = apply(places, workshop)
            times.append(time.perf_counter() - begin)
            kinds.append((done.is_new, done.verified, done.told))
        loading.kill()
        deadline = time.monotonic() + 60
        while rig.callers.going_on and time.monotonic() < deadline:
            gevent.sleep(0.2)
        report = ask(places.socket, "status")
        return {
            "applies": len(times),
            "of them new, asked of the switch, told to the appliance": [
                sum(each) for each in zip(*kinds, strict=True)
            ],
            "seconds each, median and longest": (round(statistics.median(times), 2), round(max(times), 2)),
            "calls": len(calls),
            "outcomes in the records": _outcomes(places.data / DATABASE),
            "failed": [call.failure for call in calls if call.failure],
            "still going on": len(rig.callers.going_on),
            "version": ask(places.socket, "versions-in-use"),
            "status": report,
            "complaints": rig.complaints[:5],
        }


def _outcomes(file: Path) -> Mapping[str, int]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as records:
        return dict(records.execute("SELECT outcome, COUNT(*) FROM call GROUP BY outcome"))


@click.command()
@click.option("--load", type=click.Choice([kind.value for kind in SwitchKind]))
@click.option("--applies", default=100, show_default=True)
@click.option("--root", type=click.Path(path_type=Path), default=LAB / "asterisk-root")
def main(load: str | None, applies: int, root: Path) -> None:
    found = during_a_load(SwitchKind(load), root.absolute(), applies) if load else asdict(one_line())
    for name, value in found.items():
        click.echo(f"{name}: {value}")


if __name__ == "__main__":
    main()
