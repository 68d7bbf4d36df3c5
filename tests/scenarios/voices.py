"""What phones and music sound like: the voices of the people at the phones, and tunes that no two pieces share."""

import subprocess
import wave
from pathlib import Path

import numpy as np

from appliance.lab.listening import Samples, moving_norm, read_wav, whiten

RATE = 8000
TUNE_SECONDS = 24
NOTE = RATE // 8
_COLUMNS = (1209, 1336, 1477)  # Hz
_KEYPAD = {697: "123", 770: "456", 852: "789", 941: "*0#"}


def speak(text: str, file: Path, voice: str = "en-us") -> Path:
    """A person's words as a phone plays them: 8 kHz, mono."""
    file.parent.mkdir(parents=True, exist_ok=True)
    raw = file.with_suffix(".raw.wav")
    speech = ["espeak-ng", "-v", voice, "-s", "150", "-w", str(raw), "--stdin"]
    subprocess.run(speech, input=text.encode(), check=True)
    subprocess.run(["sox", "-V1", "-G", str(raw), "-r", str(RATE), "-c", "1", "-b", "16", str(file)], check=True)
    raw.unlink()
    return file


def compose(file: Path, seed: int) -> Path:
    """A tune of random notes, each with overtones of its own, so that no moment is like another."""
    random = np.random.default_rng(seed)
    time = np.arange(NOTE) / RATE
    fade = np.minimum(1.0, np.minimum(time, time[::-1]) * 100)
    notes = []
    for _ in range(TUNE_SECONDS * RATE // NOTE):
        tones = random.uniform(200, 3000, 4)
        notes.append(fade * sum(np.sin(2 * np.pi * tone * time + tone) for tone in tones))
    return write(file, np.concatenate(notes) * 3000)


def write(file: Path, samples: Samples) -> Path:
    """A sound file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(samples.astype("<i2").tobytes())
    return file


KEYS = {key: (row, column) for row, keys in _KEYPAD.items() for column, key in zip(_COLUMNS, keys, strict=True)}


def key_aloud(file: Path, key: str, silence: float = 3.0) -> Path:
    """A key as the two tones of ITU-T Q.23, and silence after it."""
    time = np.arange(RATE // 4) / RATE
    tone = sum(8000 * np.sin(2 * np.pi * frequency * time) for frequency in KEYS[key])
    return write(file, np.concatenate([np.zeros(RATE // 2), tone, np.zeros(int(silence * RATE))]))


def hears_key(recording: Path, key: str) -> bool:
    """Whether both tones of a key stand out at once somewhere, also while somebody speaks."""
    heard = read_wav(recording)
    width = RATE // 20
    for start in range(0, len(heard) - width, width // 2):
        moment = heard[start : start + width]
        power = np.abs(np.fft.rfft(moment * np.hanning(width))) ** 2
        near = [power[round(frequency * width / RATE) + np.arange(-1, 2)].sum() for frequency in KEYS[key]]
        both = min(near) > 0.2 * power.sum() and sum(near) > 0.7 * power.sum()
        if both and np.abs(moment).max() > 300:
            return True
    return False


def likeness(recording: Path, voice: Path, seconds: float = 1.5) -> float:
    """How alike the recording and some piece of a voice are where they are most alike: 1.0 is the voice alone.

    Unlike `share_heard` this finds a voice below another that speaks at the same time.
    """
    heard, spoken = whiten(read_wav(recording)), whiten(read_wav(voice))
    width = int(seconds * RATE)
    best = 0.0
    for start in range(0, len(spoken) - width + 1, width // 3):
        piece = spoken[start : start + width]
        if len(heard) < width:
            break
        size = 1 << (len(heard) + width).bit_length()
        correlation = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(piece, size)), size)
        norms = np.maximum(moving_norm(heard, width), 1.0) * np.linalg.norm(piece)
        best = max(best, float((correlation[: len(norms)] / norms).max()))
    return best
