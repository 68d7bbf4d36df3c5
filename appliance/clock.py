"""Time and waiting, in one place, so that a simulated day takes seconds: nothing else may ask for either."""

import time
from typing import Protocol, TypeVar

import gevent
from gevent.queue import Empty, Queue

T = TypeVar("T")


class Mailbox(Protocol):
    """A queue between greenlets. `put` never blocks."""

    def put(self, item: object) -> None: ...

    def get(self, timeout: float | None = None) -> object | None:
        """The oldest item, or None after `timeout` seconds (None: wait for ever)."""
        ...


class Clock(Protocol):
    """Where the time comes from. Times are UTC epoch seconds."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...

    def mailbox(self) -> Mailbox: ...


class _RealMailbox:
    def __init__(self) -> None:
        self._queue: Queue = Queue()

    def put(self, item: object) -> None:
        self._queue.put(item)

    def get(self, timeout: float | None = None) -> object | None:
        try:
            item: object = self._queue.get(timeout=timeout) if timeout != 0 else self._queue.get_nowait()
        except Empty:
            return None
        return item


class RealClock:
    """The machine's clock and gevent's queues.

    Where the machine's clock is set back, this one goes on at half its speed until the other has caught up: the
    order of what happens stays, and a deadline is at most twice as far away as it was.
    """

    def __init__(self) -> None:
        self._last = time.time()
        self._read_at = time.monotonic()

    def now(self) -> float:
        read_at = time.monotonic()
        self._last = max(time.time(), self._last + (read_at - self._read_at) / 2)
        self._read_at = read_at
        return self._last

    def sleep(self, seconds: float) -> None:
        gevent.sleep(seconds)

    def mailbox(self) -> Mailbox:
        return _RealMailbox()
