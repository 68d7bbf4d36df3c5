"""Test calls: a trunk is asked to call a number while somebody waits for what becomes of it."""

from dataclasses import dataclass
from uuid import uuid4

from appliance.clock import Clock, Mailbox
from appliance.names import Entry
from appliance.port import EndCause, Event, OriginateFailed, Outside, Switch

RING_FOR = 30.0
PATIENCE = 10.0  # seconds beyond that which the switch may take to say what became of it


@dataclass(frozen=True)
class Tried:
    """What became of a test call: answered, or why not. `cause` is None too where the switch has said nothing."""

    answered: bool
    seconds: float
    cause: EndCause | None = None
    status: int | None = None


class TrunkTests:
    """The test calls under way. Fed with the switch's events, and told of those that were answered."""

    def __init__(self, switch: Switch, clock: Clock) -> None:
        self._switch = switch
        self._clock = clock
        self._waiting: dict[str, Mailbox] = {}

    def call(self, to: Outside) -> Tried:
        """Make one and wait for its end. Raises Refused or SwitchLost."""
        leg = f"test-{uuid4()}"
        began_at = self._clock.now()
        news = self._waiting[leg] = self._clock.mailbox()
        try:
            self._switch.originate(leg, to, Entry.TEST, leg, RING_FOR)
            failed = news.get(RING_FOR + PATIENCE)
        finally:
            del self._waiting[leg]
        seconds = self._clock.now() - began_at
        if isinstance(failed, OriginateFailed):
            return Tried(False, seconds, failed.cause, failed.status)
        return Tried(failed is True, seconds)

    def event(self, event: Event) -> None:
        """Something has happened."""
        if isinstance(event, OriginateFailed) and event.leg in self._waiting:
            self._waiting[event.leg].put(event)

    def answered(self, leg: str) -> None:
        """The leg has come in at its door."""
        if leg in self._waiting:
            self._waiting[leg].put(True)
