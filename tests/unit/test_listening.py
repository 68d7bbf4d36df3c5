"""The ear: what was played is recognised through a telephone line, and nothing else is."""

import wave
from pathlib import Path

import numpy as np
import pytest

from appliance.lab.listening import RATE, Samples, duration, read_wav, share, share_heard

LENGTH = 3 * RATE


def speech(seed: int, length: int = LENGTH) -> Samples:
    """Something like speech: syllables with a pitch and formants that change, and pauses between them."""
    random = np.random.default_rng(seed)
    made: list[Samples] = []
    while sum(map(len, made)) < length:
        count = int(random.uniform(0.12, 0.3) * RATE)
        time = np.arange(count) / RATE
        pitch = random.uniform(90, 140) * (1 + random.uniform(-0.15, 0.15) * time / time[-1])
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        formants = random.uniform((300, 900, 2000), (800, 1900, 3000))
        weights = [sum(np.exp(-(((n * 115 - f) / 200) ** 2)) for f in formants) for n in range(1, 28)]
        tone = sum(w * np.sin(n * phase + random.uniform(0, 6)) for n, w in enumerate(weights, 1))
        made.append(np.asarray(tone * np.hanning(count) * 4000))
        made.append(np.zeros(int(random.uniform(0.0, 0.08) * RATE)))
    return np.concatenate(made)[:length]


def music(seed: int, length: int = LENGTH) -> Samples:
    """Chords that change."""
    random = np.random.default_rng(seed)
    chords = []
    for _ in range(0, length, RATE // 2):
        time = np.arange(RATE // 2) / RATE
        notes = 220 * 2 ** (random.choice(24, 3, replace=False) / 12)
        chords.append(sum(np.sin(2 * np.pi * note * time + random.uniform(0, 6)) for note in notes) * 3000)
    return np.concatenate(chords)[:length]


def companded(samples: Samples) -> Samples:
    """Through G.711 (A-law, by its formula) and back."""
    a = 87.6
    x = np.clip(samples / 32768, -1, 1)
    size = np.abs(x)
    small = size < 1 / a
    y = np.where(small, a * size, 1 + np.log(np.maximum(a * size, 1e-9))) / (1 + np.log(a))
    y = np.round(y * 128) / 128
    back = np.where(y < 1 / (1 + np.log(a)), y * (1 + np.log(a)) / a, np.exp(y * (1 + np.log(a)) - 1) / a)
    return np.asarray(np.sign(x) * back * 32768)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE))


def noise(length: int, level: float, seed: int = 99) -> Samples:
    return np.random.default_rng(seed).normal(0, level, length)


SOUNDS = [speech(1), speech(2), music(3)]


@pytest.mark.parametrize("sound", SOUNDS, ids=["speech", "other speech", "music"])
class TestHeard:
    """Everything a line does to a sound leaves it recognised."""

    def test_as_it_is(self, sound: Samples) -> None:
        assert share(sound, sound) == 1.0

    def test_somewhere_in_a_companded_call(self, sound: Samples) -> None:
        call = np.concatenate([silence(1.3), speech(50), sound, music(51)])
        assert share(companded(call), sound) > 0.95

    @pytest.mark.parametrize("gain", [0.1, 0.5, 1.5])
    def test_quieter_or_louder(self, sound: Samples, gain: float) -> None:
        assert share(companded(np.clip(gain * sound, -32000, 32000)), sound) > 0.8

    def test_with_noise_and_a_steady_offset(self, sound: Samples) -> None:
        assert share(sound + noise(len(sound), 150) + 500, sound) > 0.8

    def test_with_gaps_where_packets_were_lost(self, sound: Samples) -> None:
        holed = sound.copy()
        for begin in range(3000, len(sound), 8000):
            holed[begin : begin + 320] = 0
        assert share(holed, sound) > 0.7

    def test_with_pieces_left_out_by_a_jitter_buffer(self, sound: Samples) -> None:
        slipped = np.concatenate([sound[:9000], sound[9160:16000], sound[16160:]])
        assert share(slipped, sound) > 0.7

    def test_only_its_first_half(self, sound: Samples) -> None:
        assert share(np.concatenate([silence(0.5), sound[: LENGTH // 2]]), sound) == pytest.approx(0.5, abs=0.12)

    def test_enough_of_it(self, sound: Samples) -> None:
        assert share(sound[RATE : int(2.2 * RATE)], sound, seconds=0.6) > 0.9


@pytest.mark.parametrize(
    ("heard", "played"),
    [
        (speech(1), speech(2)),
        (speech(3), music(3)),
        (music(4), speech(4)),
        (music(5), music(6)),
        (silence(3), speech(1)),
        (silence(3), music(1)),
        (noise(LENGTH, 2000), speech(1)),
        (speech(1), silence(3)),
        (silence(0), speech(1)),
        (speech(1), silence(0)),
        (speech(7, 10 * RATE), music(8, 12 * RATE)),
    ],
)
def test_something_else_is_not_heard(heard: Samples, played: Samples) -> None:
    assert share(companded(heard), played) < 0.2


def test_a_short_signal() -> None:
    gong = music(9, RATE // 4)
    assert share(companded(np.concatenate([silence(1), gong, silence(1)])), gong) > 0.9
    assert share(companded(np.concatenate([silence(1), speech(1)])), gong) < 0.2


class TestFiles:
    """WAV files as the phones and the renderer write them."""

    def write(self, file: Path, samples: Samples, rate: int = RATE, channels: int = 1) -> Path:
        with wave.open(str(file), "wb") as out:
            out.setnchannels(channels)
            out.setsampwidth(2)
            out.setframerate(rate)
            out.writeframes(np.repeat(samples, channels).astype("<i2").tobytes())
        return file

    def test_another_sampling_rate(self, tmp_path: Path) -> None:
        fine = self.write(
            tmp_path / "fine.wav", np.interp(np.arange(0, LENGTH, 0.5), np.arange(LENGTH), speech(1)), 16000
        )
        plain = self.write(tmp_path / "plain.wav", speech(1))
        assert duration(fine) == duration(plain) == 3.0
        assert share_heard(fine, plain) > 0.8
        assert share_heard(self.write(tmp_path / "two.wav", speech(1), channels=2), plain) > 0.95

    def test_a_file_that_is_still_being_written(self, tmp_path: Path) -> None:
        whole = self.write(tmp_path / "whole.wav", speech(1))
        data = whole.read_bytes()
        growing = tmp_path / "growing.wav"
        growing.write_bytes(data[:4] + bytes(4) + data[8:40] + bytes(4) + data[44:-2001])  # sizes 0, half a sample
        assert share_heard(growing, whole) > 0.7

    def test_from_a_moment_on(self, tmp_path: Path) -> None:
        first, second = speech(1), speech(2)
        call = self.write(tmp_path / "call.wav", np.concatenate([first, second]))
        one, two = self.write(tmp_path / "1.wav", first), self.write(tmp_path / "2.wav", second)
        assert share_heard(call, one) > 0.95
        assert share_heard(call, one, since=3.0) < 0.2
        assert share_heard(call, two, since=3.0) > 0.95

    def test_no_file_yet(self, tmp_path: Path) -> None:
        assert share_heard(tmp_path / "none.wav", self.write(tmp_path / "1.wav", speech(1))) == 0.0

    def test_no_sound_file(self, tmp_path: Path) -> None:
        page = tmp_path / "page.wav"
        page.write_text("<html>" * 20)
        with pytest.raises(ValueError, match=r"page\.wav is not a WAV file"):
            read_wav(page)
