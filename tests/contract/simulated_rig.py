"""The contract on the simulated switch, in virtual time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

import pytest

from appliance.port import Wanted
from appliance.simulation.channel import Sound
from appliance.simulation.clock import Stuck, VirtualClock
from appliance.simulation.people import Party, SimulatedPhone, Stage
from appliance.simulation.provider import SimulatedTrunk
from appliance.simulation.reload import SimulatedReloader
from appliance.simulation.switch import SimulatedSwitch
from tests.contract.rig import Rig

LENGTHS = {"/sounds/short": 2.0, "/sounds/other": 2.0, "/sounds/long": 15.0}
RINGING = "ringing"


def hears(party: Party, tone: str) -> bool:
    hearing = party.hearing
    return hearing is not None and (hearing.what == tone or (hearing.kind is Sound.RINGING and tone == RINGING))


class SimulatedPerson:
    """`rig.Person` of a caller."""

    def __init__(self, party: Party) -> None:
        self._party = party

    def press(self, keys: str) -> None:
        self._party.press(keys)

    def fall_silent(self) -> None:
        self._party.fall_silent()

    def hang_up(self) -> None:
        self._party.hang_up()

    def hears(self, tone: str) -> bool:
        return hears(self._party, tone)

    @property
    def is_answered(self) -> bool:
        return self._party.is_answered

    @property
    def is_gone(self) -> bool:
        return self._party.stage is Stage.GONE


class SimulatedRigPhone:
    """`rig.Phone`."""

    def __init__(self, phone: SimulatedPhone) -> None:
        self.id = phone.id
        self._phone = phone

    def will_answer(self, after: float = 0.5) -> None:
        self._phone.answers(after)

    def will_ignore(self) -> None:
        self._phone.ignores()

    def will_refuse(self) -> None:
        self._phone.rejects()

    def will_be_busy(self) -> None:
        self._phone.is_engaged()

    def register(self) -> None:
        self._phone.register()

    def unregister(self) -> None:
        self._phone.unregister()

    def dial(self, number: str) -> None:
        self._phone.dial(number)

    def press(self, keys: str) -> None:
        self._phone.press(keys)

    def hang_up(self) -> None:
        self._phone.hang_up()

    def hears(self, tone: str) -> bool:
        return bool(self._phone.calls) and hears(self._phone.call, tone)

    @property
    def is_ringing(self) -> bool:
        return self._phone.stage is Stage.RINGING

    @property
    def is_in_call(self) -> bool:
        return self._phone.stage in (Stage.LISTENING, Stage.TALKING)


class SimulatedProvider:
    """`rig.Provider`."""

    def __init__(self, trunk: SimulatedTrunk) -> None:
        self._trunk = trunk

    def will_answer(self, after: float = 0.5) -> None:
        self._trunk.answers(after)

    def will_ignore(self) -> None:
        self._trunk.ignores()

    def will_fail(self, status: int) -> None:
        self._trunk.refuses(status)

    def press(self, keys: str) -> None:
        self._trunk.call.press(keys)

    def hang_up(self) -> None:
        self._trunk.call.hang_up()

    def hears(self, tone: str) -> bool:
        return bool(self._trunk.past) and hears(self._trunk.call, tone)

    @property
    def is_ringing(self) -> bool:
        return bool(self._trunk.past) and self._trunk.call.stage is Stage.RINGING

    @property
    def is_in_call(self) -> bool:
        return bool(self._trunk.past) and self._trunk.call.stage in (Stage.LISTENING, Stage.TALKING)


class SimulatedRig(Rig):
    """`late`: events take up to a tenth of a second, so that a handler may know of things before they come."""

    sound = "/sounds/short"
    other_sound = "/sounds/other"
    long_sound = "/sounds/long"
    missing_sound = "/sounds/missing"
    music = "jazz"
    ringing = RINGING
    number = "+74951112233"
    trunk = "provider"
    code = "*11"
    queue = "sales"
    other_queue = "support"
    fallback_after = 60.0
    phones = ("101", "102")

    def __init__(self, late: bool = False) -> None:
        super().__init__()
        random = Random(7)
        self.clock: VirtualClock = VirtualClock()
        self.switch: SimulatedSwitch = SimulatedSwitch(
            self.clock,
            phones=self.phones,
            sounds=LENGTHS,
            lengths=LENGTHS.__getitem__,
            fallback_after=self.fallback_after,
            fallbacks={self.number: self.queue},
            latency=(lambda: random.uniform(0.0, 0.1)) if late else lambda: 0.0,
        )

    def reloader(self) -> SimulatedReloader:
        self._reloader = SimulatedReloader(self.switch)
        return self._reloader

    def write_files(self, *phones: str) -> Wanted:
        return Wanted({}, frozenset(phones), {}, {}, {})

    @contextmanager
    def unreadable(self, *phones: str) -> Iterator[Wanted]:
        self._reloader.can_read = False
        try:
            yield self.write_files(*phones)
        finally:
            self._reloader.can_read = True

    def call(self, ani: str = "+74951230001", name: str = "") -> SimulatedPerson:
        return SimulatedPerson(self.switch.call(ani, self.number, name, self.trunk))

    def phone(self, id: str) -> SimulatedRigPhone:
        return SimulatedRigPhone(self.switch.phone(id))

    def provider(self) -> SimulatedProvider:
        return SimulatedProvider(self.switch.provider(self.trunk))

    def wait_for(self, condition: Callable[[], object], what: str, within: float = 20.0) -> None:
        try:
            self.clock.run(condition, within)
        except Stuck as stuck:
            pytest.fail(f"Waited for {what}. {stuck}")

    def recording(self, name: str) -> str:
        return f"/recordings/{name}.wav"

    def is_recorded(self, path: str) -> bool:
        return any(r.file == path and r.end and len(r.legs) == 2 for r in self.switch.recordings)

    def is_message(self, path: str) -> bool:
        return any(r.file == path and r.end and len(r.legs) == 1 for r in self.switch.recordings)

    def unwritable(self) -> str:
        self.switch.unwritable.add("/dev/null/message.wav")
        return "/dev/null/message.wav"

    def kill_appliance(self) -> None:
        self.switch.kill_appliance()

    def break_control(self) -> None:
        self.switch.lose_connection()
        self.clock.call_later(1.0, self.switch.regain_connection)
