"""The port: the only two seams between the call centre and a telephone switch.

A `Leg` is one call leg, driven by the greenlet that owns it: every verb blocks until it is done.
A `Switch` is everything else: it never blocks for longer than one round trip and reports facts as events.
Both adapters (agi/, esl/) and the simulated switch implement exactly this and pass the same contract tests.
Lengths of time are seconds; sounds are absolute paths without a file ending; ids are opaque text.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from appliance.names import Entry, Exit

ANY_KEY = "0123456789*#"
_TRUNK_ID = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_DIALLED = re.compile(r"[+*#0-9A-Za-z.-]{1,60}", re.ASCII)


class LegGone(Exception):
    """The other side of this leg has left. Raised by every verb of a Leg; normal, caught in one place."""


class Refused(Exception):
    """The switch understood and said no: a missing sound, an unknown phone, an unknown leg."""


class SwitchLost(Exception):
    """The switch does not answer; the same may work later."""


class Outcome(Enum):
    """How a dial ended. The same words for Asterisk's DIALSTATUS and FreeSWITCH's hangup causes."""

    ANSWERED = "answered"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    FAILED = "failed"


class EndCause(Enum):
    """Why a leg ended (after ITU-T Q.850)."""

    NORMAL = "normal"
    NO_ANSWER = "no answer"
    BUSY = "busy"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"
    ELSEWHERE = "answered elsewhere"
    FAILED = "failed"


class MessageEnd(Enum):
    """What ended a message that somebody has spoken."""

    KEY = "key"
    SILENCE = "silence"
    LIMIT = "limit"


@dataclass(frozen=True)
class Key:
    """A digit the other side pressed: one of 0-9 * #."""

    key: str


@dataclass(frozen=True)
class Outside:
    """A number in the telephone network by way of a trunk. Numbers are as the provider writes them."""

    trunk: str
    number: str
    shown: str | None  # a number of ours; None: none is shown
    early_media: bool = True  # who calls hears the provider's announcements before the answer

    def check(self) -> None:
        """Raises Refused for what no switch may be told to dial: its dial strings have characters of their own."""
        if not _TRUNK_ID.fullmatch(self.trunk) or not _DIALLED.fullmatch(self.number):
            raise Refused(f"{self.number[:60]!r} by {self.trunk!r} is nothing that can be called")
        if self.shown is not None and not _DIALLED.fullmatch(self.shown):
            raise Refused(f"{self.shown[:60]!r} is not a number that can be shown")


@dataclass(frozen=True)
class Dialled:
    """What became of a dial. `phone` (or trunk) answered; `talked` seconds passed until the legs parted again.
    `status` is that of SIP with which a trunk has refused, None where none came."""

    outcome: Outcome
    phone: str | None = None
    talked: float = 0.0
    status: int | None = None


class Leg(Protocol):
    """One call leg, owned by one greenlet. Every verb raises LegGone when the other side has left."""

    @property
    def id(self) -> str:
        """The switch's id of this leg (Asterisk: Uniqueid), as in the events."""
        ...

    def answer(self) -> None:
        """Take the call. Harmless when it has been answered."""
        ...

    def play(self, sounds: Sequence[str], keys: str = "") -> str:
        """Play sounds one after another; return the key among `keys` that interrupted, else "".

        A key of `keys` that was pressed before and has not been read yet interrupts at once.
        Music that was on goes on afterwards. Raises Refused when a sound does not exist.
        """
        ...

    def announce(self, sounds: Sequence[str]) -> None:
        """Play sounds to a leg that waits: they end at once when there is something that `wait` would return,
        and are not begun when there is already. Music that was on goes on afterwards. Raises Refused as `play`."""
        ...

    def read_key(self, timeout: float) -> str:
        """Return the next key pressed (also one pressed ahead), or "" after `timeout` seconds."""
        ...

    def music(self, music: str | None) -> None:
        """Start music of that class, or stop it (None)."""
        ...

    def wait(self, timeout: float | None = None) -> object | None:
        """Idle, with music if it is on, until something comes: a `Key`, whatever was given to `post`, or
        None after `timeout` seconds."""
        ...

    def post(self, item: object) -> None:
        """Hand an item to whoever is or will be in `wait`. May be called from any greenlet; never blocks."""
        ...

    def record(self, file: str) -> None:
        """Record both sides into that file (absolute path ending in .wav) whenever this leg talks."""
        ...

    def take_message(self, file: str, longest: float, silence: float, keys: str = "#") -> MessageEnd:
        """Record what the other side alone says into that file (absolute path ending in .wav), until one of
        `keys`, whole seconds of `silence`, or so many seconds at most. Music must be off. Keys pressed before
        and meanwhile are forgotten. A file that cannot be written is Refused, or the switch ends the leg."""
        ...

    def dial(
        self,
        phones: Sequence[str],
        ring_for: float,
        music: str | None = None,
        wrap_up: bool = False,
        more: int = 0,
        briefing: float = 0.0,
    ) -> Dialled:
        """Ring phones at once; the first to answer talks with this leg until one hangs up.

        Blocks until then. The caller hears `music` while they ring, or a ringing tone (None). With
        `wrap_up`, the phone's leg goes to Entry.WRAPUP when this leg hangs up first. The talk goes on
        when the appliance dies meanwhile. Afterwards music is off, and keys pressed until then are forgotten.

        `more`: so many others may be rung by `ring` meanwhile. With `briefing`, a phone that answers comes through
        Entry.BRIEFING, while the others keep ringing and the caller hears what was heard before; the first that is
        left with Exit.CONNECT, within so many seconds more than they ring, has the call; another exit hangs it up.
        """
        ...

    def ring(self, phone: str) -> bool:
        """Ring one more phone, as if `dial`, which is under way, had rung it now; it stops with the others. False
        where it will not ring, because nothing is dialled. May be called from any greenlet; never blocks."""
        ...

    def dial_outside(self, to: Outside, ring_for: float) -> Dialled:
        """Call a number by a trunk; talk until one side hangs up. Blocks until then. As `dial` but for that:
        the leg need not be answered before, and hears what the provider says, or a ringing tone."""
        ...

    def mark(self, call: str, queue: str | None = None) -> None:
        """Write the call's id on this leg; legs dialled from here inherit it. `queue` stands in for the
        appliance if it is gone for good (None: as before)."""
        ...

    def leave(self, exit: Exit, queue: str | None = None) -> None:
        """Hand the leg back to the dialplan, saying how; `queue` for Exit.FALLBACK. Last verb on a leg."""
        ...

    def hang_up(self, is_full: bool = False) -> None:
        """End the leg. Last verb on a leg; harmless when it is gone. Who has not been answered is told that the
        call is over, or with `is_full` that there is no line for it now."""
        ...


@dataclass(frozen=True)
class Arrival:
    """A leg that came in through a door of the dialplan."""

    leg: Leg
    entry: Entry
    ani: str = ""  # the caller's number as the switch gave it, "" when withheld
    caller_name: str = ""
    dnis: str = ""  # CALLER: the number dialled; AGENT: the code dialled
    trunk: str = ""  # the trunk it came in by, "" from a phone
    call: str = ""  # the call this leg belongs to already (WRAPUP, RECOVER), else ""
    phone: str = ""  # the phone at the other end, "" for a trunk
    diverted: str = ""  # the number dialled at first, of a call that was forwarded to us


@dataclass(frozen=True)
class LegInfo:
    """A leg that exists in the switch now."""

    leg: str
    endpoint: str  # phone or trunk
    joined: str | None  # id of what joins it to other legs (a bridge); legs with the same talk
    since: float  # UTC epoch seconds at which it began, as well as the switch tells


@dataclass(frozen=True)
class Registration:
    """A registration of a phone that exists in the switch now."""

    phone: str
    address: str  # from where, as host:port
    agent: str  # what the phone says it is (User-Agent), "" if it does not
    round_trip: float | None  # seconds it took to answer the switch's last OPTIONS; None: not asked, or no answer
    reachable: bool  # as far as the switch knows


@dataclass(frozen=True)
class SwitchUp:
    """The control connection works; everything may have changed: ask `legs` and `devices`."""


@dataclass(frozen=True)
class SwitchDown:
    """The control connection is lost; no event comes until SwitchUp."""

    reason: str


@dataclass(frozen=True)
class LegStarted:
    leg: str
    endpoint: str


@dataclass(frozen=True)
class LegRinging:
    """A phone's leg that `by` dials has begun to exist."""

    leg: str
    endpoint: str
    by: str


@dataclass(frozen=True)
class LegEnded:
    leg: str
    endpoint: str
    cause: EndCause


@dataclass(frozen=True)
class LegsJoined:
    """Two legs hear each other. `leg` is the one that dialled where that is known."""

    leg: str
    other: str
    other_endpoint: str


@dataclass(frozen=True)
class LegsParted:
    leg: str
    other: str


@dataclass(frozen=True)
class OriginateFailed:
    """`status` as in Dialled."""

    leg: str
    cause: EndCause
    status: int | None = None


@dataclass(frozen=True)
class DeviceChanged:
    """A phone became reachable (registered and answering) or unreachable."""

    phone: str
    reachable: bool


@dataclass(frozen=True)
class TrunkChanged:
    """A trunk answers and, where it is to, has taken our registration; or it does not."""

    trunk: str
    up: bool


Event = (
    SwitchUp
    | SwitchDown
    | LegStarted
    | LegRinging
    | LegEnded
    | LegsJoined
    | LegsParted
    | OriginateFailed
    | DeviceChanged
    | TrunkChanged
)


@dataclass(frozen=True)
class TrunkState:
    """What the switch knows of a trunk now. None: it does not say, or is not to look."""

    trunk: str
    reachable: bool | None = None  # whether it answers OPTIONS
    latency: float | None = None  # seconds until it does
    registered: bool | None = None  # None: it is not to register
    since: float | None = None  # UTC epoch seconds of the last change
    status: int | None = None  # of SIP, with which it has refused the registration

    @property
    def up(self) -> bool:
        """Whether calls are likely to go through."""
        return self.reachable is not False and self.registered is not False


@dataclass(frozen=True)
class Wanted:
    """What a switch is to have once it has read its files. Marks stand in the files; what is said of trunks,
    queues and music changes whenever the switch has to take one of them anew."""

    marks: Mapping[str, str]  # file -> its mark
    phones: frozenset[str]
    trunks: Mapping[str, str]
    queues: Mapping[str, str]
    music: Mapping[str, str]
    sip: str = ""  # the same of whatever else there is about SIP


class Reloader(Protocol):
    """A short connection for having a switch take over its files; it needs no running appliance."""

    def connect(self) -> None:
        """Raises SwitchLost where the switch does not answer, Refused where it does not let us in."""
        ...

    def take_over(self, wanted: Wanted, before: Wanted | None) -> None:
        """Have the switch read its files, and return when it has what is wanted. `before`: what it had, where that
        is known. Calls go on meanwhile. Raises Refused, saying what it has not taken, or SwitchLost."""
        ...

    def close(self) -> None:
        """Harmless when not connected."""
        ...


@dataclass(frozen=True)
class FallbackMember:
    """An agent who is to be served callers by the switch's own queue while the appliance is gone."""

    queue: str
    agent: str
    phone: str
    paused: bool


class Switch(Protocol):
    """The control plane of one switch. Raises SwitchLost while it does not answer, Refused when it says no."""

    def start(self, on_arrival: Callable[[Arrival], None], on_event: Callable[[Event], None]) -> None:
        """Listen for legs and connect; returns when both work. `on_arrival` runs in a greenlet of its own
        for each leg, `on_event` in order, in one greenlet, and must not block. Reconnects by itself.
        Raises Refused (wrong password, port taken) or SwitchLost, in one sentence for a person."""
        ...

    def stop(self) -> None:
        """Stop listening and disconnect. Legs in the switch live on."""
        ...

    def originate(self, leg: str, to: str | Outside, entry: Entry, call: str, ring_for: float) -> None:
        """Ring a phone, or a number outside, as a leg with the given new id, marked with the call; answered, it
        enters `entry`.
        Returns at once; LegStarted and OriginateFailed tell the rest."""
        ...

    def hang_up(self, leg: str) -> None:
        """End a leg; harmless when it is gone."""
        ...

    def send_to(self, leg: str, entry: Entry) -> None:
        """Take a leg out of whatever it does and through a door. Raises Refused when it is gone."""
        ...

    def legs(self) -> Sequence[LegInfo]:
        """All legs that exist now."""
        ...

    def devices(self) -> Sequence[DeviceChanged]:
        """The reachability of every phone now."""
        ...

    def registrations(self) -> Sequence[Registration]:
        """Every registration of a phone now."""
        ...

    def prove(self) -> None:
        """Return when all that has happened by now has been told to `on_event`. Raises SwitchLost also when legs
        are not taken in any more, or when what happens is not told within seconds: then it is us who hang."""
        ...

    def trunks(self) -> Sequence[TrunkState]:
        """The state of every trunk now."""
        ...

    def keep_fallback(self, members: Sequence[FallbackMember]) -> None:
        """Make the members of the switch's own stand-in queues exactly these."""
        ...
