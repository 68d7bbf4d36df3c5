"""The contract on a real Asterisk: one throw-away switch for all cases, and real SIP phones at the far ends."""

import gc
import time
from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path

import gevent
import pytest
from gevent.socket import SHUT_RDWR

from agi.switch import Asterisk
from appliance.clock import RealClock
from appliance.lab.listening import read_wav
from appliance.lab.phone import Phone as Softphone
from appliance.lab.phone import stop_all
from appliance.lab.switch import Asterisk as Installation
from appliance.lab.switch import LabSwitch
from appliance.port import SwitchLost
from appliance.settings import Destination, Network, Number, Phone, Queue, Settings, Strategy, Trunk
from dialplan.install import install
from dialplan.render import Paths, render
from tests.contract.real_phone import RealPhone, make_tone, share_of_tone
from tests.contract.rig import Rig

NETWORK = Network(
    sip_address="127.0.0.1", sip_port=19560, rtp_first=19600, rtp_last=19900, agi_port=19573, ami_port=19538
)
NUMBER, TRUNK, PHONES = "+74951112233", "provider", ("101", "102")
QUEUE, OTHER_QUEUE = "sales", "support"
FALLBACK_AFTER = 5.0
HOLD_MUSIC, OTHER_MUSIC = "hold", "jazz"
RINGING = "ringing"

# Everything that can be heard is one tone (Hz). Ringing is what the switch makes of it for Russia.
SOUNDS = {"short": (600, 2.0), "other": (800, 2.0), "long": (1000, 15.0)}
MUSIC = {OTHER_MUSIC: 1200, HOLD_MUSIC: 1400}
VOICES = {"101": 1600, "102": 1800, "caller-1": 2000, "caller-2": 2200}
RING_TONE = 425

LOOK_EVERY = 0.02
# What Asterisk calls an error and is none: a phone that has not registered was called.
HARMLESS = ("Could not create dialog to invalid URI", "Failed to create outgoing session to endpoint")


class Site:
    """The switch and the phones. They serve case after case, since starting them takes the longest."""

    def __init__(self, installation: Installation, directory: Path) -> None:
        self.directory = directory
        self.recordings = directory / "recordings"
        self.recordings.mkdir(parents=True)
        self.sounds = {name: directory / "sounds" / name for name in SOUNDS}
        self.tones: dict[str, float] = {RINGING: RING_TONE, **MUSIC, **VOICES}
        self.tones |= {str(self.sounds[name]): tone for name, (tone, _) in SOUNDS.items()}
        self.secrets = {"ami": "of-the-contract", **{f"phone-{phone}": f"pass-{phone}" for phone in PHONES}}
        self.switch = LabSwitch(installation)
        self._make_sounds()
        files = render(self._settings(), self.secrets, self._paths(installation))
        install(files, directory / "asterisk")
        server = f"{NETWORK.sip_address}:{NETWORK.sip_port}"
        self._softphones = {
            name: Softphone(
                name, server, name, self.secrets.get(f"phone-{name}"), speech=directory / f"voices/{name}.wav"
            )
            for name in VOICES
        }
        self.phones = {name: RealPhone(phone, name, self.tones) for name, phone in self._softphones.items()}
        self.numbers = count(1)

    @property
    def callers(self) -> Iterable[RealPhone]:
        return (phone for name, phone in self.phones.items() if name not in PHONES)

    def start(self) -> None:
        self.switch.start(self.directory / "asterisk")
        for phone in self._softphones.values():
            phone.start()
        for id in PHONES:
            self.phones[id].register()

    def stop(self) -> None:
        stop_all(*self._softphones.values())
        self.switch.stop()

    def channels(self) -> int:
        """How many channels of any kind the switch has."""
        return int(self.switch.cli("core show channels count").split()[0])

    def errors(self) -> list[str]:
        """What the switch has logged as an error and is one."""
        errors = [line for line in self.switch.errors() if "ERROR[" in line]
        return [line for line in errors if not any(words in line for words in HARMLESS)]

    def _make_sounds(self) -> None:
        for name, (tone, seconds) in SOUNDS.items():
            make_tone(self.sounds[name].with_suffix(".wav"), tone, seconds)
        for name, tone in MUSIC.items():
            make_tone(self.directory / "music" / name / "tone.wav", tone, 60.0)
        for name, tone in VOICES.items():
            make_tone(self.directory / "voices" / f"{name}.wav", tone, 10.0)

    def _settings(self) -> Settings:
        return Settings(
            directory=self.directory,
            company="Contract Ltd",
            country="RU",
            time_zone="Europe/Moscow",
            language="en",
            recordings=self.recordings,
            fallback_after=FALLBACK_AFTER,
            network=NETWORK,
            trunks={TRUNK: Trunk(TRUNK, "127.0.0.1", 19599, addresses=("127.0.0.1",))},
            numbers={NUMBER: Number(NUMBER, "Front desk", Destination(queue=QUEUE))},
            queues={id: Queue(id, id, Strategy.LONGEST_IDLE, (), music=HOLD_MUSIC) for id in (QUEUE, OTHER_QUEUE)},
            phones={id: Phone(id, f"Phone {id}") for id in PHONES},
            music={name: (self.directory / "music" / name / "tone.wav",) for name in MUSIC},
        )

    def _paths(self, installation: Installation) -> Paths:
        return Paths(
            configuration=self.directory / "asterisk",
            sounds=self.directory / "sounds",
            music=self.directory / "music",
            recordings=self.recordings,
            modules=installation.modules,
            data=installation.data,
            var=self.directory / "var",
            run=self.directory / "run",
            log=self.directory / "log",
            spool=self.directory / "spool",
        )


class AsteriskRig(Rig):
    """One case on the site: a fresh appliance in this process, and phones that know nothing of earlier cases."""

    ringing = RINGING
    music = OTHER_MUSIC
    number = NUMBER
    trunk = TRUNK
    code = "*11"
    queue = QUEUE
    other_queue = OTHER_QUEUE
    fallback_after = FALLBACK_AFTER
    phones = PHONES

    def __init__(self, site: Site) -> None:
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
        self._greenlets = living_greenlets()
        self._errors = len(site.errors())
        self.switch: Asterisk = Asterisk(NETWORK.agi_port, NETWORK.ami_port, site.secrets["ami"])

    def start(self) -> None:
        super().start()
        self.wait_for(lambda: all(device.reachable for device in self.switch.devices()), "the phones")

    def call(self, ani: str = "+74951230001", name: str = "") -> RealPhone:
        caller = next(self._callers)
        caller.dial(self.number, ani, name)
        return caller

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

    def kill_appliance(self) -> None:
        # To the switch it is the same as the kernel's closing the sockets of a process that was killed.
        self.switch.stop()

    def break_control(self) -> None:
        # Inside the adapter, since the switch has no means to end the connection of one account.
        self.switch._control._socket.shutdown(SHUT_RDWR)

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
                self._site.switch.cli("channel request hangup all")
            for phone in self._site.phones.values():
                phone.hang_up()
        self.wait_for(lambda: not self._site.channels(), "the switch to be without channels")
        self.wait_for(lambda: not living_greenlets() - self._greenlets, "the greenlets to end", within=5.0)
        assert not (errors := self._site.errors()[self._errors :]), f"Asterisk has logged errors: {errors}"

    def _wait_for_idle_phones(self) -> None:
        self.wait_for(lambda: all(phone.is_idle for phone in self._site.phones.values()), "all phones to be idle")


def living_greenlets() -> set[gevent.Greenlet]:
    return {thing for thing in gc.get_objects() if isinstance(thing, gevent.Greenlet) and not thing.dead}
