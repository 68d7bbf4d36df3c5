"""What phones and music sound like: the voices of the people at the phones, and tunes that no two pieces share."""

import subprocess
import wave
from pathlib import Path

import numpy as np

from appliance.lab.listening import moving_norm, read_wav, whiten

RATE = 8000
TUNE_SECONDS = 24
NOTE = RATE // 8


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
    samples = (np.concatenate(notes) * 3000).astype("<i2")
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(samples.tobytes())
    return file


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
