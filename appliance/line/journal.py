"""What the line was told, in the order in which it was told: enough for appliance.whatif.replay.

Nothing but messages changes the line, so its state at one moment (a Mark) and what it was told since are all there
is to know. Pure.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from appliance.facts import Fact
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.aliases import Aliases
from appliance.line.messages import Message
from appliance.line.state import LineState
from appliance.plain import Unknown, from_plain, to_plain
from appliance.settings import Settings

MARK_EVERY = 4 * 3600.0  # seconds: so much is replayed at most before the day that was asked for


@dataclass(frozen=True)
class Mark:
    """From here on it can be replayed. `state` is JSON; `version` is that of the configuration."""

    at: float
    is_start: bool  # of the appliance; else it had been running
    version: int | None
    state: str


@dataclass(frozen=True)
class Told:
    """Messages in order; `messages` is JSON, see `read_told`."""

    at: float  # of the first
    messages: str


Entry = Mark | Told

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Journal:
    """What has not been written yet. It is written along with the facts that follow from it: what nothing follows
    from need not survive a crash, after which the line begins with what is in the records."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._told: list[tuple[Message, float]] = []
        self._aliases = Aliases()
        self._marked_at = 0.0
        self._has_more = False  # than the last mark knows

    def told(self, message: Message, now: float) -> None:
        self._told.append((self._aliases.message(message), now))
        self._has_more = True

    def needs_mark(self, every: float, now: float) -> bool:
        """Whether there would be much to replay from the last one."""
        return self._has_more and now - self._marked_at >= every

    def mark(self, acd: Acd, version: int | None, now: float, *, is_start: bool) -> None:
        """Write down how the line stands."""
        self._close()
        self._entries.append(Mark(now, is_start, version, _encode(to_plain(self._aliases.state(acd.state())))))
        self._marked_at, self._has_more = now, False

    def take(self) -> list[Entry]:
        """All there is to be written, in order; it is the caller's from here on."""
        self._close()
        entries, self._entries = self._entries, []
        return entries

    def _close(self) -> None:
        if self._told:
            self._entries.append(Told(self._told[0][1], _told_text(self._told)))
            self._told = []


class JournalledAcd(Acd):
    """The line, of which a journal is kept."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.journal = Journal()

    def handle(self, message: Message, now: float) -> list[Fact]:
        due = self.next_deadline() if isinstance(message, m.Tick) else now
        if due is not None and due <= now:
            self.journal.told(message, now)
            return super().handle(message, now)
        before = replace(self.homes.turns.prospect)
        facts = super().handle(message, now)
        # Time has passed, and something may follow though nothing was due.
        if facts or self.homes.turns.prospect != before:
            self.journal.told(message, now)
        return facts


def _told_text(told: list[tuple[Message, float]]) -> str:
    """Moments, each with its messages: [[1795338061.25, ["Tick"], ["TalkEnds", {"visit": "..."}]], ...]."""
    moments: list[list[Any]] = []
    for message, now in told:
        if not moments or moments[-1][0] != now:
            moments.append([now])
        moments[-1].append(_message(message))
    return _encode(moments)


def _message(message: Message) -> list[Any]:
    name = type(message).__name__
    if isinstance(message, m.TakeSettings):
        return [name, {"version": message.version}]
    fields = to_plain(message)
    return [name, fields] if fields else [name]


_KINDS: Mapping[str, type] = {kind.__name__: kind for kind in get_args(Message)}


@dataclass(frozen=True)
class TakeVersion:
    """A TakeSettings whose settings are kept elsewhere."""

    version: int | None


def read_told(text: str) -> list[tuple[float, Message | TakeVersion | Unknown]]:
    """When the line was told what. Of what no message is made any more, why."""
    return [(now, _read_message(*written)) for now, *moment in json.loads(text) for written in moment]


def _read_message(name: str, fields: Mapping[str, Any] | None = None) -> Message | TakeVersion | Unknown:
    if name == m.TakeSettings.__name__:
        return TakeVersion((fields or {}).get("version"))
    kind = _KINDS.get(name)
    if kind is None:
        return Unknown(f"there are no messages {name}")
    try:
        message: Message = from_plain(kind, fields or {})
    except Unknown as unknown:
        return unknown
    return message


def read_state(text: str) -> LineState:
    """Raises Unknown."""
    state: LineState = from_plain(LineState, json.loads(text))
    return state
