"""Calls by which somebody is told of a task that is late: one rings, and who made it waits for its end."""

from dataclasses import dataclass, field
from uuid import uuid4

from appliance.clock import Clock, Mailbox
from appliance.names import Entry
from appliance.port import EndCause, Event, LegEnded, OriginateFailed, Outside, Switch
from appliance.settings import Prompt

RING_FOR = 30.0
PATIENCE = 10.0  # seconds beyond that which the switch may take to say what became of it
LONGEST = 180.0  # seconds of a call


@dataclass
class TaskCall:
    """One that is under way. The flow of the door Entry.TASK says what has come of it."""

    task: str
    to: str  # phone or number, for a person
    say: Prompt | None
    agent: str | None  # who works at the phone
    news: Mailbox
    answered: bool = False
    taken: bool = False


@dataclass(frozen=True)
class CallEnd:
    """What has become of a call. `cause` is None where the switch has said nothing."""

    answered: bool
    taken: bool = False
    cause: EndCause | None = None
    status: int | None = None


@dataclass
class TaskCalls:
    """The calls under way. Fed with the switch's events, and told of those that were answered."""

    switch: Switch
    clock: Clock
    _calls: dict[str, TaskCall] = field(default_factory=dict)

    @staticmethod
    def new_leg() -> str:
        return f"task-{uuid4()}"

    def call(
        self, leg: str, to: str | Outside, task: str, name: str, say: Prompt | None, agent: str | None
    ) -> CallEnd:
        """Make one and wait for its end. Raises Refused or SwitchLost."""
        call = self._calls[leg] = TaskCall(task, name, say, agent, self.clock.mailbox())
        try:
            self.switch.originate(leg, to, Entry.TASK, leg, RING_FOR)
            news = call.news.get(RING_FOR + PATIENCE)
            if call.answered:
                if news is True:
                    call.news.get(LONGEST)
                return CallEnd(True, call.taken)
        finally:
            del self._calls[leg]
            self.switch.hang_up(leg)
        if isinstance(news, OriginateFailed):
            return CallEnd(False, cause=news.cause, status=news.status)
        return CallEnd(False, cause=news.cause if isinstance(news, LegEnded) else None)

    def event(self, event: Event) -> None:
        """Something has happened."""
        if isinstance(event, OriginateFailed | LegEnded) and event.leg in self._calls:
            self._calls[event.leg].news.put(event)

    def answered(self, leg: str) -> TaskCall | None:
        """The leg has come in at its door; None where nobody waits for it any more."""
        call = self._calls.get(leg)
        if call is not None:
            call.answered = True
            call.news.put(True)
        return call
