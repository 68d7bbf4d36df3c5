"""What is owed to customers because of what has happened: calls to those who hung up, and tasks. Pure.

The engine asks with every batch of facts, and writes the answer with them: never is one in the records without the
other.
"""

from collections.abc import Callable, Iterable, Sequence

from appliance import facts as f
from appliance.callbacks.redial import Redials
from appliance.line.messages import Declined, Message
from appliance.line.promises import Kind
from appliance.line.visits import Visit
from appliance.settings import Settings
from appliance.tasks.book import Book, NumberOf
from appliance.tasks.chain import ByHand
from appliance.tasks.words import Task

Handle = Callable[[Message, float], list[f.Fact]]


class Owed:
    """Follows the line. `handle` tells it something; `new_call_id` is for visits that never were a call."""

    def __init__(
        self,
        settings: Settings,
        handle: Handle,
        new_call_id: Callable[[], str],
        by_hand: ByHand,
        number_of: NumberOf,
    ) -> None:
        self._handle = handle
        self._redials = Redials(settings, lambda: f"{new_call_id()}.1")
        self.tasks = Book(settings, by_hand, number_of)

    def restore(self, visits: Sequence[Visit], tasks: Iterable[Task], now: float) -> None:
        """Take over what was going on when the appliance last wrote; the calls have been told of before."""
        promised: list[tuple[str, str, str]] = []
        for visit in visits:
            if visit.agent is not None:
                continue
            if visit.home is not None:
                self._redials.restore_callback(visit.id, visit.queue, visit.home.promise)
                if visit.home.promise.kind is not Kind.ABANDONED:
                    promised.append((visit.id, visit.queue, visit.home.promise.number))
            else:
                self._redials.restore_visit(visit.id, visit.call, visit.queue, visit.since, visit.needs)
        self.tasks.restore(tasks, promised, now)

    def restore_call(self, call: str, number: str | None, name: str | None, language: str | None) -> None:
        """A call that has not ended."""
        self._redials.restore_call(call, number, name, language)

    def take_settings(self, settings: Settings, now: float) -> None:
        self._redials.settings = settings
        self.tasks.take_settings(settings, now)

    def next_deadline(self) -> float | None:
        """When to call `follow` at the latest, if nothing happens; None: never."""
        return self.tasks.next_deadline()

    def follow(self, facts: Sequence[f.Fact], now: float) -> list[f.Fact]:
        """What follows from these facts, and from the time that has passed."""
        messages, more = self._redials.follow(facts, now)
        for message in messages:
            try:
                found = self._handle(message, now)
            except Declined:  # is called back already, or has ended by itself
                continue
            self._redials.follow(found, now)
            more += found
        return [*more, *self.tasks.follow([*facts, *more], now), *self.tasks.overdue(now)]
