"""Makes speech while calls wait for it: the engine of the settings, and a cache of what it has said."""

import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import gevent
from gevent.event import AsyncResult
from gevent.lock import BoundedSemaphore

from appliance.settings import Say, Speech
from appliance.speech.prompts import sound_name
from dialplan.speech import SpeechError, speak

log = logging.getLogger(__name__)

MOST_BYTES = 256 * 2**20  # some 4,000 sentences
PATIENCE = 3.0  # seconds a call waits for a sentence before it goes on without
TIMEOUT = 20.0  # seconds for the engine; what comes late is there for the next call
AT_ONCE = 2
IN_USE = 120.0  # seconds for which a sound stays that has been asked for, whatever its size: it is being heard
LONGEST = 2_000  # characters of one text


@dataclass
class _Kept:
    size: int
    used_at: float


class EngineVoice:
    """See appliance.speech.voice.Voice. The least recently used sounds make room for new ones."""

    def __init__(self, directory: Path, most_bytes: int = MOST_BYTES, patience: float = PATIENCE) -> None:
        self._directory = directory.absolute()
        self._most_bytes = most_bytes
        self._patience = patience
        self._kept: OrderedDict[str, _Kept] | None = None  # the least recently used first; None: not looked yet
        self._being_made: dict[str, AsyncResult] = {}
        self._slots = BoundedSemaphore(AT_ONCE)
        self._trouble = ""

    def speak(self, text: str, language: str, speech: Speech) -> str | None:
        name = sound_name(Say(text), language, speech)
        if self._has(name):
            return self._path(name)
        made = self._begin(name, text, language, speech)
        try:
            path: str | None = made.get(timeout=self._patience)
        except gevent.Timeout:
            self._complain(f"a sentence took longer than {self._patience:g} s: the call goes on without it")
            return None
        return path

    def speak_later(self, text: str, language: str, speech: Speech, then: Callable[[str | None], None]) -> None:
        gevent.spawn(lambda: then(self.speak(text, language, speech)))

    def _begin(self, name: str, text: str, language: str, speech: Speech) -> AsyncResult:
        """The sound in the making: a text that several calls want at once is made once."""
        made = self._being_made.get(name)
        if made is None:
            made = self._being_made[name] = AsyncResult()
            gevent.spawn(self._make, name, text, language, speech, made)
        return made

    def _make(self, name: str, text: str, language: str, speech: Speech, made: AsyncResult) -> None:
        path: str | None = None
        try:
            if len(text) > LONGEST:
                raise SpeechError(f"A text of {len(text)} characters is too long to be made while a call waits.")
            file = Path(self._path(name) + ".wav")
            self._make_directory()
            with self._slots:
                speak(speech, text, language, file, TIMEOUT)
            self._keep(name, file.stat().st_size)
            path = self._path(name)
            if self._trouble:
                log.warning("speech is made again")
            self._trouble = ""
        except (SpeechError, OSError) as error:
            self._complain(str(error))
        except Exception:
            log.exception("a sentence could not be made")
        finally:
            del self._being_made[name]
            made.set(path)

    def _path(self, name: str) -> str:
        return str(self._directory / name)

    # What is kept

    def _has(self, name: str) -> bool:
        kept = self._look().get(name)
        if kept is None:
            return False
        file = Path(self._path(name) + ".wav")
        try:
            os.utime(file)  # the order survives a restart
        except OSError:  # somebody has tidied up
            del self._look()[name]
            return False
        kept.used_at = time.time()
        self._look().move_to_end(name)
        return True

    def _keep(self, name: str, size: int) -> None:
        kept = self._look()
        kept[name] = _Kept(size, time.time())
        too_much = sum(each.size for each in kept.values()) - self._most_bytes
        for oldest in list(kept):
            if too_much <= 0 or kept[oldest].used_at > time.time() - IN_USE:
                break
            too_much -= kept.pop(oldest).size
            Path(self._path(oldest) + ".wav").unlink(missing_ok=True)

    def _look(self) -> OrderedDict[str, _Kept]:
        """What is there from before; the rest of a crash goes."""
        if self._kept is None:
            found = []
            try:
                self._make_directory()
                for file in self._directory.iterdir():
                    if file.name.startswith("."):
                        file.unlink(missing_ok=True)
                    elif file.suffix == ".wav":
                        about = file.stat()
                        found.append((about.st_mtime, file.stem, about.st_size))
            except OSError as error:
                self._complain(f"The directory {self._directory} cannot be used: {error.strerror}.")
                return OrderedDict()
            self._kept = OrderedDict((name, _Kept(size, at)) for at, name, size in sorted(found))
        return self._kept

    def _make_directory(self) -> None:
        if not self._directory.is_dir():
            self._directory.mkdir(parents=True, exist_ok=True)
            self._directory.chmod(0o755)  # the switch may run as another user

    def _complain(self, what: str) -> None:
        """Once, until it works again."""
        if not self._trouble:
            log.error("no speech: %s", what)
        self._trouble = what
