"""The files of an import: sources that are read, sounds that are found, and the draft that is written."""

import gzip
import os
import tarfile
import tempfile
import wave
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from appliance.importing.draft import Found
from appliance.speech.wav import wrong_with_wav
from appliance.trouble import Trouble

_MOST = 1 << 30  # bytes of one source: what is larger is no configuration
_GZIP = b"\x1f\x8b"
_OTHER_SOUNDS = (
    ".wav49",
    ".WAV",
    ".gsm",
    ".ulaw",
    ".alaw",
    ".ul",
    ".al",
    ".sln",
    ".sln16",
    ".g722",
    ".mp3",
    ".ogg",
)
_RATE = 8000
_OF_FREEPBX = b"INSERT INTO `incoming`"


def read_bytes(path: Path) -> bytes:
    """A file, unpacked where it is compressed. Raises Trouble with what is wrong with it."""
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST + 1)
        if raw.startswith(_GZIP):
            with gzip.open(path, "rb") as packed:
                raw = packed.read(_MOST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise Trouble(f"{path} is compressed, and cannot be unpacked: it is damaged, or cut off.") from None
    except IsADirectoryError:
        raise Trouble(f"{path} is a directory; a file is expected.") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(raw) > _MOST:
        raise Trouble(f"{path} is larger than {_MOST >> 20} MiB: that is not a configuration.")
    if not raw.strip():
        raise Trouble(f"{path} is empty.")
    return raw


def read_dump_bytes(path: Path) -> bytes:
    """A dump, which may lie in an archive (.tar, .tar.gz) as backups are. Raises Trouble."""
    try:
        if not path.is_file() or not tarfile.is_tarfile(path):
            return read_bytes(path)
        with tarfile.open(path) as archive:
            dumps = [each for each in archive if each.isfile() and each.name.endswith((".sql", ".sql.gz"))]
            found = [raw for each in dumps if _OF_FREEPBX in (raw := _unpacked(archive.extractfile(each)))]
    except (OSError, EOFError, zlib.error, tarfile.TarError):
        raise Trouble(f"{path} is an archive, and cannot be unpacked: it is damaged, or cut off.") from None
    if not found:
        remedy = "Make one with mysqldump on the old machine"
        raise Trouble(f"There is no dump of the database of FreePBX in the archive {path}. {remedy}.")
    return found[0]


def _unpacked(file: IO[bytes] | None) -> bytes:
    raw = file.read(_MOST) if file else b""
    return gzip.decompress(raw) if raw.startswith(_GZIP) else raw


class SoundFolders:
    """The folders in which the sounds of the other system may be."""

    def __init__(self, sounds: Sequence[Path], music: Sequence[Path], language: str) -> None:
        self._sounds, self._music, self._language = sounds, music, language

    def find(self, name: str) -> Found:
        """The WAV file of a recording."""
        if not self._sounds:
            return Found(None, "is not in the source: name the folder of its sounds with --sounds")
        bare = name.removesuffix(".wav").lstrip("/")
        for path in (each for folder in self._sounds for each in self._candidates(folder, bare)):
            if path.with_name(path.name + ".wav").is_file():
                file = path.with_name(path.name + ".wav")
                wrong = wrong_with_wav(file)
                return Found(None, f"was found, but {file} {wrong}") if wrong else Found(file.absolute())
            other = next((path.with_name(path.name + end) for end in _OTHER_SOUNDS if _is_there(path, end)), None)
            if other is not None:
                return Found(None, f"is there as {other}: make a WAV file of it, with sox, and import again")
        return Found(None, f"was not found in {', '.join(map(str, self._sounds))}")

    def _candidates(self, folder: Path, bare: str) -> tuple[Path, ...]:
        return (folder / bare, folder / self._language / bare, folder / "en" / bare, folder / Path(bare).name)

    def find_music(self, name: str) -> Sequence[Path]:
        """The WAV files of a class of music; its folder has its name, and that of "default" is the topmost."""
        for folder in (each for top in self._music for each in (top / name, top)):
            if folder.name != name and name != "default":
                continue
            with suppress(OSError):
                files = [file for file in sorted(folder.glob("*.wav")) if not wrong_with_wav(file)]
                if files:
                    return [file.absolute() for file in files]
        return ()


def _is_there(path: Path, ending: str) -> bool:
    return path.with_name(path.name + ending).is_file()


def refuse_existing(directory: Path, names: Sequence[str]) -> None:
    """Raise Trouble where a file of the draft is there already."""
    there = [name for name in names if os.path.lexists(directory / name)]
    if there:
        listed = ", ".join(there[:4]) + ("..." if len(there) > 4 else "")
        raise Trouble(f"{directory} has {listed} already: name another directory by --into, or say --force.")


def write(directory: Path, texts: Mapping[str, str], private: Sequence[str]) -> None:
    """Write files whole or not at all; those that are private for their owner alone."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        descriptor, temporary = tempfile.mkstemp(prefix=f".{name}.", dir=directory)  # mode 0600
        try:
            with open(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
            if name not in private:
                os.chmod(temporary, 0o666 & ~_umask())
            os.replace(temporary, directory / name)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_sound(target: Path, pieces: Sequence[Path]) -> str:
    """Copy a sound, or several one after the other. Returns what is wrong, as a sentence, or ""."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if not pieces:
        _write_tone(target)
        return ""
    if len(pieces) == 1:
        target.write_bytes(pieces[0].read_bytes())
        return ""
    with wave.open(str(target), "wb") as joined:
        for n, piece in enumerate(pieces):
            with wave.open(str(piece), "rb") as part:
                if n == 0:
                    joined.setparams(part.getparams())
                    form = part.getparams()[:3]
                elif part.getparams()[:3] != form:
                    return f"{piece} has another form than {pieces[0]}, so it could not be put behind it."
                joined.writeframes(part.readframes(part.getnframes()))
    return ""


def _write_tone(target: Path) -> None:
    """A quiet tone of a third of a second every ten seconds: the line is not dead."""
    half = [2000 if (n // 10) % 2 else -2000 for n in range(_RATE // 3)]
    samples = half + [0] * (_RATE * 10 - len(half))
    with wave.open(str(target), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(_RATE)
        sound.writeframes(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
