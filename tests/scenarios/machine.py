"""What the stories need of a switch that differs from one to another: starting it, counting, its complaints."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from appliance.lab.process import SwitchProcess
from appliance.settings import SwitchKind
from dialplan.render import Paths
from tests.scenarios.crowd.seen import SwitchBooks


class Machine(ABC):
    """One switch on the configuration that the product itself has rendered."""

    kind: SwitchKind
    network: Mapping[str, str | int]  # the section of the configuration: ports that nothing else uses
    provider_port: int  # of the provider with which the switch registers
    allowed: Sequence[str] = ()  # what it may complain about (patterns)
    allowed_while_dead: Sequence[str] = ()  # and after the appliance was killed

    def __init__(self, process: SwitchProcess, paths: Paths) -> None:
        self.paths = paths
        self.process = process

    @abstractmethod
    def start(self) -> None:
        """Return when it takes calls."""

    @abstractmethod
    def channels(self) -> list[str]:
        """The channels that exist now."""

    @abstractmethod
    def serves_itself(self, queue: str) -> int:
        """How many callers stand in the switch's own queue that stands in for one of ours."""

    @abstractmethod
    def stand_ins(self, queue: str) -> int:
        """How many agents it would serve that queue with if the appliance were gone."""

    @abstractmethod
    def registers_again(self, trunk: str) -> None:
        """Have it register with that trunk now."""

    def looks_for(self, phones: Sequence[str]) -> None:
        """Ask phones of fixed addresses now whether they are there, if it does so from time to time."""
        return None

    @abstractmethod
    def keep_records(self, files: Mapping[str, str], directory: Path) -> dict[str, str]:
        """What the renderer wrote, so changed that the switch writes down its calls itself, below `directory`."""

    @abstractmethod
    def records(self, directory: Path) -> SwitchBooks:
        """What it has written down there."""

    def passes_on(self, name: str) -> str:
        """A caller's name as the switch hands it to the appliance."""
        return name

    def running(self) -> bool:
        return self.process.running()

    def stop(self) -> None:
        self.process.stop()

    def complaints(self) -> list[str]:
        """What it has complained about since it was started, with good reason or without."""
        return self.process.errors()

    def is_right_to_say(self, complaint: str, was_dead: bool) -> bool:
        """Whether that is a complaint it may make."""
        patterns = (*self.allowed, *(self.allowed_while_dead if was_dead else ()))
        return any(re.search(pattern, complaint) for pattern in patterns)
