"""The phones of the simulated switch, however many there are."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from appliance.simulation.people import SimulatedPhone

if TYPE_CHECKING:
    from appliance.simulation.switch import SimulatedSwitch


class Phones(Mapping[str, SimulatedPhone]):
    """The phones of a switch. Each is made when somebody first asks for it: of a thousand most just lie there."""

    def __init__(self, switch: "SimulatedSwitch", ids: Iterable[str]) -> None:
        self.on_new: Callable[[SimulatedPhone], object] = lambda phone: None
        self._switch = switch
        self._ids = dict.fromkeys(ids)
        self._made: dict[str, SimulatedPhone] = {}

    def add(self, id: str) -> None:
        """It exists from now on."""
        self._ids[id] = None

    def remove(self, id: str) -> None:
        """It exists no more."""
        self._ids.pop(id, None)
        self._made.pop(id, None)

    def __getitem__(self, id: str) -> SimulatedPhone:
        if id not in self._ids:
            raise KeyError(id)
        if id not in self._made:
            self._made[id] = SimulatedPhone(self._switch, id)
            self.on_new(self._made[id])
        return self._made[id]

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)
