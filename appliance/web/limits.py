"""How often something may be asked for: sliding windows that survive a restart, in bounded memory."""

import json
import logging
import os
from collections import OrderedDict, deque
from hashlib import blake2b
from pathlib import Path

from appliance.settings.web import Limit

log = logging.getLogger(__name__)

MOST_REMEMBERED = 10_000  # of each kind; then whoever asked the longest time ago is forgotten


class Windows:
    """When who has asked, by kind of limit. Who that was is kept as a keyed hash alone. `now` never goes back."""

    def __init__(self, file: Path | None, key: bytes) -> None:
        self._file = file
        self._key = key[:64]
        self._asked: dict[str, OrderedDict[str, deque[float]]] = {}

    def wait(self, kind: str, who: str, limit: Limit, now: float) -> float:
        """Seconds until that may be asked for again; 0: it may be now."""
        known = self._asked.get(kind)
        times = known.get(self._name(who), ()) if known else ()
        recent = [at for at in times if at > now - limit.within]
        return recent[-limit.most] + limit.within - now if len(recent) >= limit.most else 0.0

    def count(self, kind: str, who: str, limit: Limit, now: float) -> None:
        """It has been asked for."""
        known = self._asked.setdefault(kind, OrderedDict())
        name = self._name(who)
        before = known.pop(name, ())
        known[name] = deque((at for at in before if at > now - limit.within), maxlen=limit.most)
        known[name].append(now)
        while len(known) > MOST_REMEMBERED:
            known.popitem(last=False)

    def load(self, now: float) -> None:
        """Go on where the last run ended. What cannot be read is forgotten, and so is what lies in the future."""
        if self._file is None:
            return
        try:
            kept = json.loads(self._file.read_bytes())
            self._asked = {
                str(kind): OrderedDict(
                    (str(name), deque((min(float(at), now) for at in times), maxlen=len(times)))
                    for name, times in [*names.items()][-MOST_REMEMBERED:]
                    if times
                )
                for kind, names in kept.items()
            }
        except FileNotFoundError:
            pass
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            log.warning("%s: what was asked for over the web before cannot be read: %s", self._file, error)

    def save(self) -> None:
        """For the next run; as a whole or not at all."""
        if self._file is None:
            return
        kept = {kind: {name: [*times] for name, times in names.items()} for kind, names in self._asked.items()}
        new = self._file.with_suffix(".new")
        try:
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                json.dump(kept, file)
            new.replace(self._file)
        except OSError as error:
            log.warning("%s: what was asked for over the web cannot be kept: %s", self._file, error)

    def _name(self, who: str) -> str:
        return blake2b(who.encode("utf-8", "replace"), key=self._key, digest_size=12).hexdigest()
