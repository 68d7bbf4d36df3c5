"""Prepares everything that is heard: synthesises texts and converts recordings and music for the switch."""

import json
import math
import os
import re
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gevent import subprocess
from gevent.pool import Pool

from appliance.settings import Say, Settings, Speech
from appliance.speech.prompts import every_sound

MANIFEST = ".prepared.json"  # file -> fingerprint of what it was made from
_FORMAT = ("-t", "wav", "-r", "8000", "-c", "1", "-b", "16", "-e", "signed-integer")
_AT_ONCE = 2
KEEP_UNUSED = 7 * 86400.0  # seconds a sound stays that nothing uses any more
_TIMEOUT = 120.0  # seconds for one text or file


class SpeechError(Exception):
    """A sound cannot be made; one sentence for a person, with the remedy."""


@dataclass(frozen=True)
class Prepared:
    """How many sound files were made, were there already, and were removed because nothing uses them."""

    made: int
    kept: int
    removed: int


@dataclass(frozen=True)
class _Sound:
    """One file to be there, below its root, and what it is made of."""

    name: str
    source: Say | Path
    fingerprint: str
    language: str = ""


def prepare(
    settings: Settings, directory: Path, music: Path, on_progress: Callable[[int, int], None] | None = None
) -> Prepared:
    """Make `directory` hold every prompt's sound and `music` a sub-directory for each class of music, all as
    the switch plays them without work (8 kHz, 16 bits, mono WAV). What has not changed is not made again.
    Raises SpeechError."""
    made = make(settings, directory, music, on_progress)
    removed = remove(settings, directory, music)
    total = sum(len(sounds) for sounds in _wanted(settings, directory, music).values())
    return Prepared(made=made, kept=total - made, removed=removed.prompts + removed.music)


def make(
    settings: Settings, directory: Path, music: Path, on_progress: Callable[[int, int], None] | None = None
) -> int:
    """Add what is missing to what is there, and say how much that was. Raises SpeechError."""
    wanted = _wanted(settings, directory, music)
    before = {root: _read_manifest(root) for root in wanted}
    missing = [
        (root, sound)
        for root, sounds in wanted.items()
        for sound in sounds
        if before[root].get(sound.name) != sound.fingerprint or not (root / sound.name).is_file()
    ]
    for root in wanted:
        root.mkdir(parents=True, exist_ok=True)
    try:
        _make_all(settings, missing, before, on_progress or (lambda done, total: None))
    finally:
        for root in wanted:  # what was made before a failure need not be made again
            _write_manifest(root, before[root])
    return len(missing)


@dataclass(frozen=True)
class Removed:
    """How many files nothing uses any more."""

    prompts: int
    music: int


def remove(settings: Settings, directory: Path, music: Path, also: Sequence[Settings] = ()) -> Removed:
    """Remove what neither these settings nor `also` those need. Calls that live play the sounds of the settings
    they began with, so these stay for a while; music is played by directory, so there nothing may stay."""
    counts = {}
    for root, sounds in _wanted(settings, directory, music).items():
        root.mkdir(parents=True, exist_ok=True)
        names = {sound.name: sound.fingerprint for sound in sounds}
        before = _read_manifest(root)
        if root == directory:
            others = {sound.name: sound.fingerprint for each in also for sound in _prompts(each)}
            kept = {name: made for name, made in before.items() if name in others}
            recent = set(before) - set(names)
            counts[root] = _remove_unused(root, {*names, *kept}, recent, KEEP_UNUSED)
            names = {**kept, **names}
        else:
            counts[root] = _remove_unused(root, set(names), set(), 0.0)
        _write_manifest(root, names)
    return Removed(counts[directory], counts[music])


def _wanted(settings: Settings, directory: Path, music: Path) -> dict[Path, list[_Sound]]:
    return {directory: list(_prompts(settings)), music: list(_music(settings))}


def _prompts(settings: Settings) -> Iterator[_Sound]:
    for name, (language, piece) in every_sound(settings).items():
        if isinstance(piece, Say):
            yield _Sound(f"{name}.wav", piece, "text", language)  # the name tells texts, voices and engines apart
        else:
            yield _Sound(f"{name}.wav", piece.path, _content(piece.path))


def _music(settings: Settings) -> Iterator[_Sound]:
    for music, files in settings.music.items():
        for number, path in enumerate(files, 1):
            plain = re.sub(r"[^A-Za-z0-9_-]+", "-", path.stem).strip("-")
            yield _Sound(f"{music}/{number:02d}-{plain}.wav", path, _content(path))


def _content(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise SpeechError(f"The sound {path} cannot be read: {error.strerror}.") from error


def _make_all(
    settings: Settings,
    missing: list[tuple[Path, _Sound]],
    manifests: Mapping[Path, dict[str, str]],
    on_progress: Callable[[int, int], None],
) -> None:
    failure: SpeechError | None = None

    def do(job: tuple[Path, _Sound]) -> tuple[Path, _Sound] | None:
        nonlocal failure
        if failure is not None:
            return None
        try:
            _make(settings, *job)
        except SpeechError as error:
            failure = error
            return None
        return job

    pool = Pool(_AT_ONCE)
    try:
        finished = filter(None, pool.imap_unordered(do, missing))
        for done, (root, sound) in enumerate(finished, 1):
            manifests[root][sound.name] = sound.fingerprint
            on_progress(done, len(missing))
    finally:
        pool.kill()
    if failure is not None:
        raise failure


def _make(settings: Settings, root: Path, sound: _Sound) -> None:
    target = root / sound.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SpeechError(f"The sound {target} cannot be written: {error.strerror}.") from error
    if isinstance(sound.source, Say):
        speak(settings.speech, sound.source.text, sound.language, target, _TIMEOUT)
    else:
        with _whole(target) as converted:
            _convert(sound.source, converted, _TIMEOUT)


def speak(speech: Speech, text: str, language: str, target: Path, timeout: float) -> None:
    """Make one text the WAV file `target`, which is there as a whole or not at all. Raises SpeechError."""
    spoken = target.with_name(f".{target.name}.spoken.wav")
    try:
        with _whole(target) as converted:
            _synthesise(speech, text, language, spoken, timeout)
            _convert(spoken, converted, timeout)
    finally:
        spoken.unlink(missing_ok=True)


def convert(source: Path, target: Path, timeout: float) -> None:
    """Make any recording the WAV file `target`, as `speak` does."""
    with _whole(target) as converted:
        _convert(source, converted, timeout)


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A name to write to: what has been written becomes `target` when all went well."""
    staged = target.with_name(f".{target.name}.new")
    try:
        yield staged
        staged.chmod(0o644)  # the switch may run as another user
        staged.replace(target)
    except OSError as error:
        raise SpeechError(f"The sound {target} cannot be written: {error.strerror}.") from error
    finally:
        staged.unlink(missing_ok=True)


def _synthesise(speech: Speech, text: str, language: str, file: Path, timeout: float) -> None:
    voice = speech.voices.get(language, language)
    try:
        words = shlex.split(speech.command)
    except ValueError as error:
        raise SpeechError(f"speech.command {speech.command!r} cannot be read: {error}.") from error
    if not words:
        raise SpeechError("speech.command is empty; it names the program that turns text into speech.")
    command = [word.replace("{voice}", voice).replace("{file}", str(file)) for word in words]
    what = f"the text {text[:40]!r} in the language {language}"
    _run(
        command,
        what,
        f"The speech engine {command[0]!r} is not installed: run 'apt install {command[0]}', or name another "
        "one in speech.command.",
        timeout,
        text,
    )
    if not file.is_file() or file.stat().st_size == 0:
        raise SpeechError(
            f"The speech engine {command[0]!r} wrote no file for {what}; does speech.command have {{file}}?"
        )


def _convert(source: Path, target: Path, timeout: float) -> None:
    _run(
        ["sox", "-V1", "-G", str(source), *_FORMAT, str(target)],
        f"the sound {source}",
        "The sound converter 'sox' is not installed: run 'apt install sox'.",
        timeout,
    )


def _run(command: list[str], what: str, missing: str, timeout: float, text: str = "") -> None:
    try:
        ended = subprocess.run(command, input=text.encode(), capture_output=True, timeout=timeout)
    except FileNotFoundError as error:
        raise SpeechError(missing) from error
    except OSError as error:
        raise SpeechError(f"{command[0]!r} cannot be run: {error.strerror}.") from error
    except subprocess.TimeoutExpired as error:
        raise SpeechError(f"{command[0]!r} did not finish with {what} within {timeout:.0f} s.") from error
    if ended.returncode != 0:
        said = " ".join(ended.stderr.decode(errors="replace").split())[:300]
        raise SpeechError(f"{command[0]!r} failed on {what}: {said or f'exit status {ended.returncode}'}")


def _remove_unused(root: Path, names: set[str], recent: set[str], keep: float) -> int:
    """Remove what is not in use and has not been for `keep` seconds; `recent` was in use until now."""
    removed = 0
    for file in root.rglob("*"):
        name = str(file.relative_to(root))
        if name in recent and file.is_file():
            os.utime(file)  # unused from now on
        elif file.suffix in (".wav", ".new") and name not in names and _unused_for(file) >= keep:
            file.unlink()
            removed += 1
    for directory in root.iterdir():
        if directory.is_dir() and not any(directory.iterdir()):
            directory.rmdir()
    return removed


def _unused_for(file: Path) -> float:
    return math.inf if file.suffix == ".new" else time.time() - file.stat().st_mtime


def _read_manifest(root: Path) -> dict[str, str]:
    try:
        manifest = json.loads((root / MANIFEST).read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): str(made) for name, made in manifest.items()} if isinstance(manifest, dict) else {}


def _write_manifest(root: Path, manifest: Mapping[str, str]) -> None:
    staged = root / (MANIFEST + ".new")
    staged.write_text(json.dumps(dict(sorted(manifest.items())), indent=1))
    staged.replace(root / MANIFEST)
