"""A switch on paper: it has read the files that lie in one folder when it was last told to. And one apply on it.

Run as a program it applies, and dies by SIGKILL at the step that is named.
"""

import json
import os
import signal
import sys
import wave
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from appliance.configuration.checks import load
from appliance.port import Refused
from appliance.settings import Settings
from appliance.versions.applying import Applied, Applier, Wish
from appliance.versions.history import Version, Versions
from appliance.versions.snapshot import take
from dialplan import install as installation

SITE = """
company: Paper Ltd
country: RU
time_zone: Europe/Moscow
language: en
agents: {1001: {name: Olga}}
queues: {support: {strategy: ring-all, agents: [1001], ring_for: %ss, music: waltz}}
music: {waltz: waltz.wav}
numbers: {"+74951234567": {open: {queue: support}}}
"""
UNREADABLE = 99  # a time to ring at which the switch finds its files wrong
HALF_WAY = "half of the files are there"
STEPS = ("render", "keep", "ask", "sounds", "install", HALF_WAY, "reload", "tell", "flip", "finish")


class PaperWorkshop:
    """See appliance.versions.applying.Workshop."""

    def __init__(self, root: Path) -> None:
        self.into = root / "etc"
        self._switch = root / "switch.json"
        self._told = root / "told.json"
        self.is_up = True
        self.reasons: Sequence[str] = ()
        self.asked: list[tuple[str, int | None]] = []
        self.stranded: Mapping[str, int] = {}
        self.closed = 0

    def render(self, settings: Settings) -> Mapping[str, str]:
        ring_for = settings.queues["support"].ring_for
        return {
            "a.conf": f"ring for {ring_for:g}\n",
            "b.conf": f"{settings.company} {ring_for:g}\n",
            "c.conf": "same\n",
        }

    def restart_for(self, settings: Settings, files: Mapping[str, str]) -> Sequence[str]:
        return self.reasons

    def changes(self, files: Mapping[str, str]) -> Sequence[str]:
        before = installation.read_files(self.into, files)
        return [name for name in files if before.get(name) != files[name]]

    def make_sounds(self, settings: Settings) -> int:
        return 0

    def remove_sounds(self, settings: Settings) -> None:
        pass

    def connect(self, settings: Settings) -> bool:
        return self.is_up

    def install(self, files: Mapping[str, str]) -> Sequence[str]:
        return installation.install(files, self.into, undoable=True).changed

    def undo(self) -> bool:
        return installation.undo(self.into)

    def settle(self) -> None:
        installation.settle(self.into)

    def reload(self) -> None:
        files = installation.installed(self.into)
        if f"ring for {UNREADABLE}\n" in files.values():
            raise Refused("the switch cannot read a.conf")
        self._switch.write_text(json.dumps(files))

    def close(self) -> None:
        self.closed += 1

    def ask(self, command: str, version: int | None) -> object:
        self.asked.append((command, version))
        if command == "stranded":
            return self.stranded
        if command == "take-version":
            self._told.write_text(json.dumps(version))
            return {"restart_for": []}
        return None

    # What a test looks at

    @property
    def read(self) -> dict[str, str]:
        """What the switch has read."""
        found: dict[str, str] = json.loads(self._switch.read_text())
        return found

    @property
    def told(self) -> int | None:
        """The version that the appliance was told of last."""
        number: int | None = json.loads(self._told.read_text())
        return number


def write(root: Path, ring_for: int, sample: int = 1) -> None:
    """The operator's configuration."""
    (root / "config").mkdir(exist_ok=True)
    (root / "config" / "site.yml").write_text(SITE % ring_for)
    with wave.open(str(root / "config" / "waltz.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes((sample, 0)) * 800)


def apply(
    root: Path,
    workshop: PaperWorkshop,
    on_step: Callable[[str], None] = lambda step: None,
    restart: bool = False,
    unverified: bool = False,
) -> Applied:
    checked = load(root / "config")
    settings = checked.settings
    assert settings is not None, checked.problems
    snapshot = take(settings)
    about = Version(0, 1795165200.0, "olga", "because", str(root / "config"), snapshot.digest)
    applier = Applier(Versions(root / "versions"), workshop, "olga", on_step)
    return applier.apply(Wish(settings, snapshot, about, restart, unverified))


def die(step: str, wanted: str) -> None:
    if step == wanted:
        os.kill(os.getpid(), signal.SIGKILL)


def main(root: Path, step: str) -> None:
    if step == HALF_WAY:
        put = installation._put

        def put_one(target: Path, staged: Path | None) -> None:
            put(target, staged)
            die(step, HALF_WAY)

        installation._put = put_one
    apply(root, PaperWorkshop(root), lambda at: die(at, step))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
