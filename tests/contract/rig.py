"""What a contract case needs of a switch under test: doors with stories behind them, callers, phones, events.

A rig for another switch subclasses `Rig` and fills in what is abstract. Sounds and music are single tones
that differ, and so is what each phone says, so that `hears` can tell them apart on a real line as well.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from appliance.clock import Clock
from appliance.names import Entry
from appliance.port import Arrival, Event, LegEnded, LegGone, LegRinging, LegStarted, Reloader, Switch, Wanted

Story = Callable[[Arrival], Any]


class Person(Protocol):
    """Who is at the far end of a leg."""

    def press(self, keys: str) -> None: ...

    def fall_silent(self) -> None:
        """Say nothing any more in this call."""
        ...

    def hang_up(self) -> None: ...

    def hears(self, tone: str) -> bool:
        """Whether that is heard now: a sound, a class of music, `Rig.ringing` or a phone that talks."""
        ...

    @property
    def is_answered(self) -> bool:
        """Whether the call that this person made was answered."""
        ...

    @property
    def is_gone(self) -> bool:
        """Whether the leg has ended."""
        ...


class Phone(Protocol):
    """A phone with one line, registered unless `unregister` was called. What it will do holds for every call."""

    id: str

    def will_answer(self, after: float = 0.5) -> None: ...

    def will_ignore(self) -> None: ...

    def will_refuse(self) -> None: ...

    def will_be_busy(self) -> None: ...

    def register(self) -> None: ...

    def unregister(self) -> None: ...

    def dial(self, number: str) -> None: ...

    def press(self, keys: str) -> None: ...

    def hang_up(self) -> None: ...

    def hears(self, tone: str) -> bool: ...

    @property
    def is_ringing(self) -> bool: ...

    @property
    def is_in_call(self) -> bool:
        """Whether a call is up on it."""
        ...


class Provider(Protocol):
    """Whoever is called by the trunk. What it will do holds for every call."""

    def will_answer(self, after: float = 0.5) -> None: ...

    def will_ignore(self) -> None: ...

    def will_fail(self, status: int) -> None:
        """Refuse with that status of SIP's."""
        ...

    def press(self, keys: str) -> None: ...

    def hang_up(self) -> None: ...

    def hears(self, tone: str) -> bool: ...

    @property
    def is_ringing(self) -> bool: ...

    @property
    def is_in_call(self) -> bool: ...


@dataclass
class Visit:
    """One leg that came through a door, and what its story came to."""

    arrival: Arrival
    result: Any = None
    error: BaseException | None = None
    is_over: bool = False


class Door:
    """A door of the dialplan with a story behind it, told to each leg that comes in."""

    def __init__(self, rig: "Rig", entry: Entry, story: Story, hang_up: bool) -> None:
        self._rig = rig
        self.entry = entry
        self._story = story
        self._hang_up = hang_up
        self.visits: list[Visit] = []

    def admit(self, arrival: Arrival) -> None:
        visit = Visit(arrival)
        self.visits.append(visit)
        try:
            visit.result = self._story(arrival)
        except Exception as error:
            visit.error = error
        finally:
            visit.is_over = True
        if self._hang_up:
            arrival.leg.hang_up()

    def arrival(self, number: int = 0) -> Arrival:
        """Wait for the leg that comes in first (0), second..."""
        self._rig.wait_for(lambda: len(self.visits) > number, f"a leg at {self.entry}")
        return self.visits[number].arrival

    def result(self, number: int = 0) -> Any:
        """Wait for the end of that leg's story: what it returned, or raised."""
        self.arrival(number)
        visit = self.visits[number]
        self._rig.wait_for(lambda: visit.is_over, f"the end of the story at {self.entry}")
        if visit.error is not None:
            error, visit.error = visit.error, None
            raise error
        return visit.result


class Rig(ABC):
    """One switch, with an appliance of doors and stories on it. `start` before, `finish` after each case."""

    switch: Switch
    clock: Clock
    sound: str  # about 2 s
    other_sound: str  # about 2 s
    long_sound: str  # 10 s at least
    missing_sound: str
    music: str  # a class, not the one that is heard while a leg is held
    ringing: str  # the tone of a phone that rings elsewhere
    number: str  # what `call` dials
    trunk: str  # by which such calls come
    code: str  # a feature code, which leads to Entry.AGENT
    queue: str  # a queue that has a stand-in, which serves callers of `number`
    other_queue: str  # another one
    fallback_after: float  # how long a leg is held before its stand-in queue serves it
    phones: tuple[str, str]

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._doors: dict[Entry, Door] = {}
        self._past_doors: list[Door] = []
        self._unexpected: list[Arrival] = []

    @abstractmethod
    def call(self, ani: str = "+74951230001", name: str = "") -> Person:
        """Somebody calls `number` by the trunk."""

    @abstractmethod
    def phone(self, id: str) -> Phone: ...

    @abstractmethod
    def provider(self) -> Provider:
        """Who is behind `trunk`, and ignores every call at first."""

    @abstractmethod
    def wait_for(self, condition: Callable[[], object], what: str, within: float = 20.0) -> None:
        """Let the time pass until that is true; fail, saying what did not come, after so many seconds."""

    @abstractmethod
    def recording(self, name: str) -> str:
        """A path to record to."""

    @abstractmethod
    def unwritable(self) -> str:
        """A path to which nothing can be recorded."""

    @abstractmethod
    def is_recorded(self, path: str) -> bool:
        """Whether a talk was recorded there."""

    @abstractmethod
    def is_message(self, path: str) -> bool:
        """Whether what one person alone has said was recorded there."""

    @abstractmethod
    def reloader(self) -> Reloader:
        """By which the switch is told to take over its files."""

    @abstractmethod
    def write_files(self, *phones: str) -> Wanted:
        """Write the switch's files, with these phones in them."""

    @abstractmethod
    def unreadable(self, *phones: str) -> AbstractContextManager[Wanted]:
        """Write such as the switch cannot read."""

    @abstractmethod
    def kill_appliance(self) -> None:
        """No handler nor event of the appliance runs any more, without a word to the switch."""

    @abstractmethod
    def break_control(self) -> None:
        """The control connection breaks, and can be made again."""

    def start(self) -> None:
        """Connect the appliance; also again after `kill_appliance`."""
        self.switch.start(self._admit, self.events.append)

    def at(self, entry: Entry, story: Story, hang_up: bool = True) -> Door:
        """Put a story behind a door. `hang_up` the leg after it, or let its handler end like that."""
        door = Door(self, entry, story, hang_up)
        self._doors[entry] = door
        self._past_doors.append(door)
        return door

    def door(self, entry: Entry) -> Door:
        return self._doors[entry]

    def seen(self, kind: type[Event], **fields: object) -> list[Any]:
        """The events of that kind so far with these values."""
        return [
            event
            for event in self.events
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in fields.items())
        ]

    def wait_for_event(self, kind: type[Event], **fields: object) -> Any:
        """Wait until there is such an event; the first of them."""
        self.wait_for(lambda: self.seen(kind, **fields), f"{kind.__name__} {fields}")
        return self.seen(kind, **fields)[0]

    def story_of(self, leg: str) -> list[type[Event]]:
        """The kinds of the events of a leg, in order, as far as they are of that leg alone."""
        return [type(event) for event in self.events if getattr(event, "leg", "") == leg and _is_own(event)]

    def finish(self) -> None:
        """End everything, and check that the case has left nothing behind."""
        for leg in self.switch.legs():
            self.switch.hang_up(leg.leg)
        self.wait_for(lambda: not self.switch.legs(), "the end of all legs")
        visits = [visit for door in self._past_doors for visit in door.visits]
        self.wait_for(lambda: all(visit.is_over for visit in visits), "the end of all stories")
        self.switch.stop()
        errors = [visit.error for visit in visits if visit.error and not isinstance(visit.error, LegGone)]
        assert not errors, f"A story failed: {errors!r}"
        assert not self._unexpected, f"Legs came through doors without a story: {self._unexpected}"

    def _admit(self, arrival: Arrival) -> None:
        door = self._doors.get(arrival.entry)
        if door is None:
            self._unexpected.append(arrival)
            arrival.leg.hang_up()
        else:
            door.admit(arrival)


def _is_own(event: Event) -> bool:
    return isinstance(event, LegStarted | LegRinging | LegEnded)
