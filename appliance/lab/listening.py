"""Compares what a phone heard with what was played: how much of a sound can be found in a recording.

A sound is recognised piece by piece. Every half second of one side is looked for in the whole of the other by
normalised cross-correlation, which asks for the same waveform and is indifferent to gain and offset. Pieces
that agree about where the sound lies support each other; a lone piece is taken for an accident. Within a piece
that was found, only those frames count that are alike themselves. So gaps, slips of a jitter buffer,
companding and noise cost a little, while another sentence of the same voice, other music or silence find next
to nothing. (Words that two sentences of a synthetic voice share are the same sound and are found as such.)
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]

RATE = 8000  # of the telephone network
PIECE = RATE // 2
HOP = RATE // 8
ALIKE = 0.7  # correlation from which a piece counts as found: it is much louder than whatever else is there
ALIKE_ALONE = 0.8  # the same for a sound so short that its only piece has no neighbours
SLIP = RATE // 20  # how far two neighbouring pieces may disagree about the place
FRAME = RATE // 20
NEIGHBOURS = 3  # pieces on either side that may support one
QUIET = 0.1  # pieces weaker than this share of the loudest piece are silence (20 dB)
WHITENING = 0.9  # takes the weight off the low tones, which all voices share
HUSHED = 30.0  # below this a 16-bit recording is silent, however it is scaled


def share_heard(recording: Path, reference: Path, *, seconds: float | None = None, since: float = 0.0) -> float:
    """How much of `reference` is heard in `recording`: 0.0 nothing to 1.0 all of it; its pauses do not count.

    With `seconds`, that much of a longer reference is enough for 1.0 (music, a talk that goes on).
    `since` skips the beginning of the recording (seconds).
    """
    heard = read_wav(recording)[int(since * RATE) :]
    return share(heard, read_wav(reference), seconds=seconds)


def share(heard: Samples, played: Samples, *, seconds: float | None = None) -> float:
    """`share_heard` on samples of 8 kHz."""
    sounding = active(played)
    length = int(sounding.sum())
    if seconds is not None:
        length = min(length, int(seconds * RATE))
    if length == 0 or len(heard) < FRAME:
        return 0.0
    covered = np.zeros(len(played), dtype=bool)
    short, long = whiten(played), whiten(heard)
    played_is_short = len(short) <= len(long)
    if not played_is_short:
        short, long = long, short
    for found in search(short, long):
        alike = alike_frames(short[found.start :][:PIECE], long[found.place :][:PIECE])
        first = found.start if played_is_short else found.place
        covered[first : first + len(alike)] |= alike
    return min(1.0, int((covered & sounding).sum()) / length)


@dataclass(frozen=True)
class Found:
    """A piece of one sound that begins at `start` and was found in the other at `place`."""

    start: int
    place: int


def search(short: Samples, long: Samples) -> list[Found]:
    """The pieces of `short` that are found in `long`, where their neighbours are found too."""
    width = min(PIECE, len(short))
    starts = range(0, len(short) - width + 1, HOP)
    pieces = {start: short[start : start + width] for start in starts}
    energy = {start: float(np.sqrt(np.mean(piece**2))) for start, piece in pieces.items()}
    loudest = max(energy.values(), default=0.0)
    size = 1 << (len(long) + width - 1).bit_length()
    spectrum = np.fft.rfft(long, size)
    norms = moving_norm(long, width)
    floor = max(float(norms.max()) * QUIET, 1e-9)
    alone = len(pieces) == 1
    found = []
    for start, piece in pieces.items():
        if energy[start] < max(QUIET * loudest, 1e-9):
            continue
        correlation = np.fft.irfft(spectrum * np.conj(np.fft.rfft(piece, size)), size)[: len(norms)]
        likeness = correlation / (np.maximum(norms, floor) * np.linalg.norm(piece))
        place = int(likeness.argmax())
        if likeness[place] >= (ALIKE_ALONE if alone else ALIKE):
            found.append(Found(start, place))
    return found if alone else [one for one in found if any(supports(other, one) for other in found)]


def supports(other: Found, one: Found) -> bool:
    """Whether a piece near another one says the same about where the whole lies."""
    near = 0 < abs(one.start - other.start) <= NEIGHBOURS * HOP
    return near and abs((one.place - one.start) - (other.place - other.start)) <= SLIP


def alike_frames(one: Samples, other: Samples) -> npt.NDArray[np.bool_]:
    """In which frames two pieces that lie side by side have the same waveform."""
    count = min(len(one), len(other)) // FRAME
    a, b = (side[: count * FRAME].reshape(count, FRAME) for side in (one, other))
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    likeness = np.sum(a * b, axis=1) / np.maximum(norms, 1e-9)
    result: npt.NDArray[np.bool_] = np.repeat(likeness >= ALIKE, FRAME)
    return result


def active(samples: Samples) -> npt.NDArray[np.bool_]:
    """Where there is sound: everything near enough to the loudest part, in steps of 20 ms."""
    step = RATE // 50
    count = len(samples) // step
    result = np.zeros(len(samples), dtype=bool)
    if count == 0:
        return result
    levels = np.sqrt(np.mean(samples[: count * step].reshape(count, step) ** 2, axis=1))
    if levels.max() < HUSHED:
        return result
    result[: count * step] = np.repeat(levels >= QUIET * levels.max(), step)
    return result


def whiten(samples: Samples) -> Samples:
    """Without its steady offset and with the high tones raised."""
    if len(samples) == 0:
        return samples
    centred = samples - samples.mean()
    result: Samples = np.append(centred[:1], centred[1:] - WHITENING * centred[:-1])
    return result


def moving_norm(samples: Samples, width: int) -> Samples:
    """The length of the vector of every `width` consecutive samples."""
    sums = np.concatenate(([0.0], np.cumsum(samples**2)))
    result: Samples = np.sqrt(np.maximum(sums[width:] - sums[:-width], 0.0))
    return result


def read_wav(file: Path) -> Samples:
    """The samples of a 16-bit WAV file, first channel, as 8 kHz.

    The sizes in the header are not believed beyond the file's end, nor when they are 0: the file may still
    be being written.
    """
    data = file.read_bytes() if file.exists() else b""
    if len(data) < 44:
        return np.zeros(0)
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"{file} is not a WAV file.")
    channels, rate, bits, at = 1, RATE, 16, 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        at += 8
        if name == b"fmt ":
            channels = int.from_bytes(data[at + 2 : at + 4], "little")
            rate = int.from_bytes(data[at + 4 : at + 8], "little")
            bits = int.from_bytes(data[at + 14 : at + 16], "little")
        elif name == b"data":
            if bits != 16:
                raise ValueError(f"{file} has {bits} bits a sample instead of 16.")
            end = at + size if 0 < size <= len(data) - at else len(data)
            frame = 2 * channels
            end -= (end - at) % frame
            samples = np.frombuffer(data[at:end], dtype="<i2")[::channels].astype(np.float64)
            return resample(samples, rate)
        at += size + size % 2
    return np.zeros(0)


def duration(file: Path) -> float:
    """The length of a WAV file in seconds, up to what has been written of it."""
    return len(read_wav(file)) / RATE


def resample(samples: Samples, rate: int) -> Samples:
    """Samples of that rate as 8 kHz: cut off or filled up in the spectrum."""
    if rate == RATE or len(samples) == 0:
        return samples
    wanted = round(len(samples) * RATE / rate)
    spectrum = np.fft.rfft(samples)
    result: Samples = np.fft.irfft(spectrum[: wanted // 2 + 1], wanted) * (wanted / len(samples))
    return result


def main() -> None:
    """Print the share: listening.py RECORDING REFERENCE SINCE SECONDS (seconds 0: all of it).

    In a process of its own the arithmetic holds up nobody else's calls.
    """
    recording, reference, since, seconds = sys.argv[1:5]
    print(share_heard(Path(recording), Path(reference), since=float(since), seconds=float(seconds) or None))


if __name__ == "__main__":
    main()
