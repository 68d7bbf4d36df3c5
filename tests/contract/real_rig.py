"""What the contract needs on any real switch: tones for everything, SIP phones at the far ends, and a tidy end."""

import gc
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import gevent
import numpy as np
import pytest

from appliance.clock import RealClock
from appliance.lab.listening import read_wav
from appliance.lab.phone import Phone as Softphone
from appliance.lab.phone import stop_all
from appliance.port import Reloader, SwitchLost, Wanted
from appliance.settings import (
    Destination,
    Network,
    Number,
    Phone,
    Queue,
    Settings,
    Strategy,
    SwitchKind,
    Trunk,
)
from tests.contract.real_phone import RealPhone, make_tone, share_of_tone
from tests.contract.rig import Rig

NUMBER, TRUNK, PHONES = "+74951112233", "provider", ("101", "102")
QUEUE, OTHER_QUEUE = "sales", "support"
FALLBACK_AFTER = 5.0
HOLD_MUSIC, OTHER_MUSIC = "hold", "jazz"
RINGING = "ringing"
CODE = "*11"

# Everything that can be heard is one tone (Hz). Ringing is what the switch makes of it for Russia.
SOUNDS = {"short": (600, 2.0), "other": (800, 2.0), "long": (1000, 15.0)}
MUSIC = {OTHER_MUSIC: 1200, HOLD_MUSIC: 1400}
PROVIDER = "provider"  # who is called by the trunk
VOICES = {"101": 1600, "102": 1800, "caller-1": 2000, "caller-2": 2200, PROVIDER: 2400}
RING_TONE = 425

LOOK_EVERY = 0.02


class RealSite(ABC):
    """The switch and the phones. They serve case after case, since starting them takes the longest."""

    provider_port: int

    def __init__(
        self, directory: Path, servers: Mapping[str, str], addresses: Mapping[str, str] | None = None
    ) -> None:
        """`servers` is where each of VOICES finds the switch, `addresses` those of their own, if not the usual."""
        self.directory = directory
        self.recordings = directory / "recordings"
        self.recordings.mkdir(parents=True)
        self.sounds = {name: directory / "sounds" / name for name in SOUNDS}
        self.tones: dict[str, float] = {RINGING: RING_TONE, **MUSIC, **VOICES}
        self.tones |= {str(self.sounds[name]): tone for name, (tone, _) in SOUNDS.items()}
        self.secret = "of-the-contract"
        self.passwords = {phone: f"pass-{phone}" for phone in PHONES}
        self._make_sounds()
        self._softphones = {
            name: Softphone(
                name,
                servers[name],
                name,
                self.passwords.get(name),
                local_address=(addresses or {}).get(name, "127.0.0.1"),
                local_port=self.provider_port if name == PROVIDER else 0,
                speech=directory / f"voices/{name}.wav",
            )
            for name in VOICES
        }
        self.phones = {name: RealPhone(phone, name, self.tones) for name, phone in self._softphones.items()}
        self.numbers = count(1)

    @property
    def callers(self) -> Iterable[RealPhone]:
        return (phone for name, phone in self.phones.items() if name not in (*PHONES, PROVIDER))

    def start(self) -> None:
        self.start_switch()
        for phone in self._softphones.values():
            phone.start()
        for id in PHONES:
            self.phones[id].register()

    def stop(self) -> None:
        stop_all(*self._softphones.values())
        self.stop_switch()

    @abstractmethod
    def start_switch(self) -> None: ...

    @abstractmethod
    def stop_switch(self) -> None: ...

    @abstractmethod
    def write_files(self, phones: Sequence[str], is_readable: bool = True) -> Wanted:
        """The files of the switch, with these phones in them."""

    @abstractmethod
    def channels(self) -> int:
        """How many channels of any kind the switch has."""

    @abstractmethod
    def hang_up_all(self) -> None:
        """End whatever a case has left."""

    @abstractmethod
    def errors(self) -> list[str]:
        """What the switch has logged as an error and is one."""

    def _make_sounds(self) -> None:
        for name, (tone, seconds) in SOUNDS.items():
            make_tone(self.sounds[name].with_suffix(".wav"), tone, seconds)
        for name, tone in MUSIC.items():
            make_tone(self.directory / "music" / name / "tone.wav", tone, 60.0)
        for name, tone in VOICES.items():
            make_tone(self.directory / "voices" / f"{name}.wav", tone, 10.0)


class RealRig(Rig):
    """One case on the site: a fresh appliance in this process, and phones that know nothing of earlier cases."""

    ringing = RINGING
    music = OTHER_MUSIC
    number = NUMBER
    trunk = TRUNK
    code = CODE
    queue = QUEUE
    other_queue = OTHER_QUEUE
    fallback_after = FALLBACK_AFTER
    phones = PHONES

    def __init__(self, site: RealSite) -> None:
        super().__init__()
        self.clock = RealClock()
        self.sound, self.other_sound, self.long_sound = (str(site.sounds[name]) for name in SOUNDS)
        self.missing_sound = str(site.directory / "sounds" / "missing")
        self._site = site
        self._callers = iter(site.callers)
        self._wait_for_idle_phones()  # an earlier case may have failed
        for id in PHONES:
            site.phones[id].register()
            site.phones[id].will_ignore()
        site.phones[PROVIDER].will_ignore()
        self._greenlets = living_greenlets()
        self._errors = len(site.errors())

    def start(self) -> None:
        super().start()
        self.wait_for(lambda: all(device.reachable for device in self.switch.devices()), "the phones")

    def call(self, ani: str = "+74951230001", name: str = "") -> RealPhone:
        caller = next(self._callers)
        caller.dial(self.number, ani, name)
        return caller

    def provider(self) -> RealPhone:
        return self._site.phones[PROVIDER]

    def phone(self, id: str) -> RealPhone:
        return self._site.phones[id]

    def wait_for(self, condition: Callable[[], object], what: str, within: float = 20.0) -> None:
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline:
                pytest.fail(f"Waited {within:g} s for {what}.")
            gevent.sleep(LOOK_EVERY)

    def recording(self, name: str) -> str:
        return str(self._site.recordings / f"{name}-{next(self._site.numbers)}.wav")

    def is_recorded(self, path: str) -> bool:
        """Both sides of it."""
        samples = read_wav(Path(path))
        return sum(share_of_tone(samples, tone) > 0.05 for tone in VOICES.values()) == 2

    def is_message(self, path: str) -> bool:
        samples = read_wav(Path(path)) if Path(path).exists() else np.zeros(0)
        return sum(share_of_tone(samples, tone) > 0.05 for tone in self._site.tones.values()) == 1

    def unwritable(self) -> str:
        return "/dev/null/message.wav"

    @abstractmethod
    def reloader(self) -> Reloader: ...

    def write_files(self, *phones: str) -> Wanted:
        return self._site.write_files(phones)

    @contextmanager
    def unreadable(self, *phones: str) -> Iterator[Wanted]:
        try:
            yield self._site.write_files(phones, is_readable=False)
        finally:
            self._errors = len(self._site.errors())  # it is right to complain

    def kill_appliance(self) -> None:
        # To the switch it is the same as the kernel's closing the sockets of a process that was killed.
        self.switch.stop()

    def finish(self) -> None:
        try:
            self.switch.keep_fallback([])
            super().finish()
            self._wait_for_idle_phones()
        except SwitchLost as error:
            pytest.fail(f"The case has left the appliance disconnected: {error}")
        finally:
            self.switch.stop()
            if self._site.channels():
                self._site.hang_up_all()
            for phone in self._site.phones.values():
                phone.hang_up()
        self.wait_for(lambda: not self._site.channels(), "the switch to be without channels")
        self.wait_for(lambda: not living_greenlets() - self._greenlets, "the greenlets to end", within=5.0)
        assert not (errors := self._site.errors()[self._errors :]), f"The switch has logged errors: {errors}"

    def _wait_for_idle_phones(self) -> None:
        self.wait_for(lambda: all(phone.is_idle for phone in self._site.phones.values()), "all phones to be idle")


def living_greenlets() -> set[gevent.Greenlet]:
    return {thing for thing in gc.get_objects() if isinstance(thing, gevent.Greenlet) and not thing.dead}


def settings(
    directory: Path,
    recordings: Path,
    network: Network,
    switch: SwitchKind,
    provider_port: int,
    phones: Sequence[str] = PHONES,
) -> Settings:
    """The call centre of the contract."""
    return Settings(
        directory=directory,
        company="Contract Ltd",
        country="RU",
        time_zone="Europe/Moscow",
        language="en",
        recordings=recordings,
        fallback_after=FALLBACK_AFTER,
        network=network,
        switch=switch,
        trunks={TRUNK: Trunk(TRUNK, "127.0.0.1", provider_port, addresses=("127.0.0.1",), qualify=0.0)},
        numbers={NUMBER: Number(NUMBER, "Front desk", Destination(queue=QUEUE))},
        queues={id: Queue(id, id, Strategy.LONGEST_IDLE, (), music=HOLD_MUSIC) for id in (QUEUE, OTHER_QUEUE)},
        phones={id: Phone(id, f"Phone {id}") for id in phones},
        music={name: (directory / "music" / name / "tone.wav",) for name in MUSIC},
    )
