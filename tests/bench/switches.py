"""The switch that is measured: what the bench needs of it, and the two there are."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from appliance.lab.process import SwitchProcess
from appliance.settings import SwitchKind
from dialplan.render import Paths
from tests.bench.asterisk import BenchAsterisk
from tests.bench.figures import Targets
from tests.bench.freeswitch import BenchFreeSwitch


class BenchSwitch(Protocol):
    """One switch with its own queue beside the appliance's."""

    title: str
    own_queue: str  # what its queue is called
    own_settings: Mapping[str, str]  # ... and how it is set
    targets: Targets
    version: str

    @property
    def process(self) -> SwitchProcess:
        """What runs."""

    def paths(self, sounds: Path, music: Path) -> Paths:
        """Where it has its files."""

    def with_own_queue(self, files: Mapping[str, str]) -> dict[str, str]:
        """What the renderer wrote, and its own queue's queues with the same phones, reached by the same trunk."""

    def start(self, configuration: Path) -> None:
        """Start afresh; return when every phone can be called."""

    def channels(self) -> str:
        """The channels that exist, in its own words; "" when there is none."""


def find_switch(kind: SwitchKind, root: Path, work: Path, say: Callable[[str], None]) -> BenchSwitch:
    """That switch, to run below `work`; LabError says what is missing. `root`: see find_asterisk."""
    return BenchFreeSwitch(work) if kind is SwitchKind.FREESWITCH else BenchAsterisk(root, work, say)
