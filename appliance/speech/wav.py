"""Whether a file is a WAV sound that the switch can be given."""

import wave
from pathlib import Path


def wrong_with_wav(path: Path) -> str:
    """What is wrong with it, as the end of a sentence; "" for nothing."""
    try:
        if not path.exists():
            return "does not exist"
        if not path.is_file():
            return "is not a file"
        with wave.open(str(path), "rb") as sound:
            length = sound.getnframes()
            if not length:
                return "is empty"
            sound.setpos(length - 1)
            return "" if sound.readframes(1) else "ends too early"
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except (wave.Error, EOFError, ValueError, RuntimeError) as error:
        return f"is not a WAV file of plain samples (PCM): {str(error) or 'it ends too early'}"


def length_of_wav(path: Path) -> float:
    """How long a sound is, in seconds; 0 for what is none."""
    try:
        with wave.open(str(path), "rb") as sound:
            return sound.getnframes() / sound.getframerate()
    except (OSError, wave.Error, EOFError, ValueError, RuntimeError, ZeroDivisionError):
        return 0.0
