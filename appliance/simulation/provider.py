"""A provider on the simulated switch: it takes calls to numbers outside, or refuses them as it was told."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from appliance.port import EndCause, Outside, TrunkChanged, TrunkState
from appliance.simulation.channel import Channel
from appliance.simulation.people import Party, Seconds

if TYPE_CHECKING:
    from appliance.simulation.switch import SimulatedSwitch

# What a switch makes of a status of SIP's; what is not here is a failure.
_CAUSES: Mapping[int, EndCause] = {
    403: EndCause.REFUSED,
    404: EndCause.UNREACHABLE,
    408: EndCause.UNREACHABLE,
    480: EndCause.NO_ANSWER,
    486: EndCause.BUSY,
    603: EndCause.REFUSED,
}


class Callee(Party):
    """Whoever was called by a trunk."""

    def __init__(self, switch: "SimulatedSwitch", channel: Channel, to: Outside, talks: Seconds | None) -> None:
        super().__init__(switch, channel)
        self.to = to
        self._talks = talks

    def pick_up(self, after: Seconds = 0.0) -> None:
        self._after(after, self._switch.phone_answers, self._channel)

    def refuse(self, status: int, after: Seconds = 0.0) -> None:
        self._after(after, self._refuse, status)

    def joined(self, other: Channel) -> None:
        super().joined(other)
        if self._talks is not None:
            self._plan(self._talks, self.hang_up)

    def _refuse(self, status: int) -> None:
        self._channel.status = status
        self._switch.end(self._channel, _CAUSES.get(status, EndCause.FAILED))


class SimulatedTrunk:
    """One provider. What it will do holds for every call; at first nobody answers."""

    def __init__(self, switch: "SimulatedSwitch", id: str) -> None:
        self.id = id
        self.is_up = True
        self.past: list[Callee] = []  # every call so far
        self._switch = switch
        self._answers: Seconds | None = None
        self._refuses: int | None = None
        self._talks: Seconds | None = None
        self._presses: Sequence[str] = ()

    def answers(self, after: Seconds = 1.0, talks: Seconds | None = None) -> None:
        """From now on whoever is called answers, and hangs up after `talks` seconds (None: never)."""
        self._answers, self._refuses, self._talks = after, None, talks

    def presses(self, *answers: str) -> None:
        """From now on whoever is called presses these keys, one after another, when asked; "" is silence."""
        self._presses = answers

    def refuses(self, status: int) -> None:
        """From now on every call is refused with that status."""
        self._answers, self._refuses = None, status

    def ignores(self) -> None:
        """From now on it rings and nobody answers."""
        self._answers = self._refuses = None

    def goes_down(self) -> None:
        """It answers nothing any more."""
        self.is_up = False
        self._switch.emit(TrunkChanged(self.id, False))

    def comes_up(self) -> None:
        self.is_up = True
        self._switch.emit(TrunkChanged(self.id, True))

    @property
    def state(self) -> TrunkState:
        return TrunkState(self.id, reachable=self.is_up, latency=0.02 if self.is_up else None)

    @property
    def call(self) -> Callee:
        """The newest call."""
        return self.past[-1]

    def take(self, channel: Channel, to: Outside) -> None:
        """The switch has a call for somebody outside."""
        callee = Callee(self._switch, channel, to, self._talks)
        callee.press_when_asked(self._presses)
        self.past.append(callee)
        if self._refuses is not None:
            callee.refuse(self._refuses, 0.05)
        elif self._answers is not None:
            callee.pick_up(self._answers)
