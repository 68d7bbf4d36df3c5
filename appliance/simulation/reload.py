"""The simulated switch takes over files: those that were written for it, as what it is to have."""

from appliance.port import Refused, Wanted
from appliance.simulation.switch import SimulatedSwitch


class SimulatedReloader:
    """See appliance.port.Reloader. `can_read` says whether the files are in order."""

    def __init__(self, switch: SimulatedSwitch) -> None:
        self._switch = switch
        self.can_read = True

    def connect(self) -> None:
        """There is nothing to connect."""

    def close(self) -> None:
        """Nor to close."""

    def take_over(self, wanted: Wanted, before: Wanted | None) -> None:
        if not self.can_read:
            raise Refused("the simulated switch cannot read its files")
        for phone in wanted.phones - self._switch.phones.keys():
            self._switch.phone(phone)
        for phone in self._switch.phones.keys() - wanted.phones:
            self._switch.phones.remove(phone)
