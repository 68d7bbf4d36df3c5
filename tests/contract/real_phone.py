"""A real SIP phone in a contract case, which hears and says single tones, told apart by their frequency."""

import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from appliance.lab.listening import RATE, Samples
from appliance.lab.phone import Happening
from appliance.lab.phone import Phone as Softphone

LOUDNESS = 8000.0  # of 32767
FAINT = 300.0  # below this it is silence
SHARE = 0.6  # of the energy of what is heard that is in one tone
WIDTH = 20.0  # Hz to either side that count as the tone
MOMENT = 0.2  # seconds of sound that are "now"
HEADER = 44  # bytes of a WAV file before its samples


def make_tone(file: Path, frequency: float, seconds: float) -> Path:
    """A WAV file of one tone."""
    samples = LOUDNESS * np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(samples.astype("<i2").tobytes())
    return file


def share_of_tone(samples: Samples, frequency: float) -> float:
    """How much of the energy of a sound is in that tone; nothing of silence."""
    if len(samples) == 0 or np.sqrt(np.mean(samples**2)) < FAINT:
        return 0.0
    energy = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    near = np.abs(np.fft.rfftfreq(len(samples), 1 / RATE) - frequency) <= WIDTH
    return float(energy[near].sum() / energy.sum())


def last_moment(file: Path) -> Samples:
    """The end of a sound that is still being written; no samples while there are too few."""
    wanted = 2 * round(MOMENT * RATE)
    size = file.stat().st_size if file.exists() else 0
    if size - HEADER < wanted:
        return np.zeros(0)
    with file.open("rb") as sound:
        sound.seek(size - size % 2 - wanted)
        return np.frombuffer(sound.read(wanted), dtype="<i2").astype(np.float64)


class RealPhone:
    """A softphone of the lab as `rig.Phone` and `rig.Person`: what it does, and what became of its newest call."""

    def __init__(self, softphone: Softphone, id: str, tones: Mapping[str, float]) -> None:
        self.id = id
        self._softphone = softphone
        self._tones = tones
        self._call = 0
        self._past: set[Happening] = set()  # of the newest call
        self._is_calling = False  # without any news of that call yet
        self._is_registered = False

    # What a person does.

    def will_answer(self, after: float = 0.5) -> None:
        self._softphone.auto_answer(after)

    def will_ignore(self) -> None:
        self._softphone.ring_only()

    def will_refuse(self) -> None:
        self._softphone.refuse_calls(603)

    def will_be_busy(self) -> None:
        self._softphone.refuse_calls(486)

    def will_fail(self, status: int) -> None:
        self._softphone.refuse_calls(status)

    def register(self) -> None:
        if not self._is_registered:
            self._softphone.register()
            self._is_registered = True

    def unregister(self) -> None:
        self._softphone.unregister()
        self._is_registered = False

    def dial(self, number: str, ani: str | None = None, name: str | None = None) -> None:
        self._look()
        self._past = set()
        self._is_calling = True
        self._softphone.call(number, from_user=ani, caller_name=name)

    def press(self, keys: str) -> None:
        self._softphone.send(keys)

    def fall_silent(self) -> None:
        self._softphone.hush()

    def hang_up(self) -> None:
        self._softphone.hang_up()

    # What is to be seen and heard.

    def hears(self, tone: str) -> bool:
        past = self._look()
        if not past or Happening.ENDED in past:
            return False
        return share_of_tone(last_moment(self._softphone.heard()), self._tones[tone]) > SHARE

    @property
    def is_answered(self) -> bool:
        return Happening.ANSWERED in self._look()

    @property
    def is_gone(self) -> bool:
        return Happening.ENDED in self._look()

    @property
    def is_ringing(self) -> bool:
        return self._look() == {Happening.INCOMING}

    @property
    def is_in_call(self) -> bool:
        return self.is_answered and not self.is_gone

    @property
    def is_idle(self) -> bool:
        past = self._look()
        return Happening.ENDED in past if past else not self._is_calling

    def _look(self) -> set[Happening]:
        """What has happened to the newest call."""
        for kind in (Happening.INCOMING, Happening.RINGING, Happening.ANSWERED, Happening.ENDED):
            while self._softphone.happened(kind):
                event = self._softphone.wait_for(kind)
                if event.call > self._call:
                    self._call, self._past, self._is_calling = event.call, set(), False
                if event.call == self._call:
                    self._past.add(kind)
        return self._past
