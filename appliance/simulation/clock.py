"""A virtual clock: greenlets run until all of them wait, then the time jumps to the next thing that is due."""

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import gevent
from gevent import getcurrent
from gevent.hub import Waiter, get_hub

MORNING = datetime(2026, 11, 20, 9, tzinfo=UTC)

# Switches between greenlets at one moment before it counts as going round in circles.
_CIRCLES = 1_000_000

# Greenlets that are never to run again. They are kept because forgetting one would run its `finally` blocks.
_buried: set[Any] = set()


class Stuck(Exception):
    """What `run` was to wait for cannot happen any more, or not in time."""


class Timer:
    """A call that is due at a moment."""

    __slots__ = ("arguments", "at", "function", "number")

    def __init__(
        self, at: float, number: int, function: Callable[..., object], arguments: tuple[object, ...]
    ) -> None:
        self.at = at
        self.number = number
        self.function: Callable[..., object] | None = function
        self.arguments = arguments

    def __lt__(self, other: "Timer") -> bool:
        return (self.at, self.number) < (other.at, other.number)

    def cancel(self) -> None:
        """Do not call; harmless when it has been called."""
        self.function = None
        self.arguments = ()


class Signal:
    """What one greenlet waits for and others set; being set is remembered until somebody has waited."""

    __slots__ = ("_clock", "_is_set", "_waiting")

    def __init__(self, clock: "VirtualClock") -> None:
        self._clock = clock
        self._is_set = False
        self._waiting: tuple[Any, Any] | None = None

    def set(self) -> None:
        self._is_set = True
        self._wake()

    def wait(self, until: float | None = None) -> bool:
        """Wait until it is set (True) or that moment has come (False)."""
        if not self._is_set and (until is None or until > self._clock.now()):
            if not self._clock.is_running and getcurrent().parent is None:
                self._drive(until)
            else:
                self._block(until)
        was_set, self._is_set = self._is_set, False
        return was_set

    def _block(self, until: float | None) -> None:
        if self._clock.is_driven_by(getcurrent()):
            raise RuntimeError("A call made by a timer must not wait; give it a greenlet of its own.")
        waiter = Waiter()
        self._waiting = (waiter, getcurrent())
        timer = None if until is None else self._clock.call_at(until, self._wake)
        try:
            waiter.get()
        finally:
            self._waiting = None
            if timer is not None:
                timer.cancel()

    def _drive(self, until: float | None) -> None:
        """Nobody lets the time pass, so the main greenlet, which nobody else could, has to."""
        if until is None:
            self._clock.run(lambda: self._is_set)
            return
        moment = until
        self._clock.call_at(moment, lambda: None)
        self._clock.run(lambda: self._is_set or self._clock.now() >= moment)

    def _wake(self) -> None:
        if self._waiting is not None:
            get_hub().loop.run_callback(self._resume, self._waiting)

    def _resume(self, waiting: tuple[Any, Any]) -> None:
        # Woken twice in a row, it may have gone on, or even wait again by now.
        if waiting is self._waiting and waiting[1] not in _buried:
            self._waiting = None
            waiting[0].switch(None)


class VirtualMailbox:
    """A mailbox in virtual time."""

    def __init__(self, clock: "VirtualClock") -> None:
        self._clock = clock
        self._items: deque[object] = deque()
        self._readers: deque[Signal] = deque()

    def put(self, item: object) -> None:
        self._items.append(item)
        if self._readers:
            self._readers[0].set()

    def get(self, timeout: float | None = None) -> object | None:
        if self._items or timeout == 0:
            return self._take() if self._items else None
        until = None if timeout is None else self._clock.now() + timeout
        signal = Signal(self._clock)
        self._readers.append(signal)
        try:
            while not self._items:
                if not signal.wait(until):
                    return None
            return self._items.popleft()
        finally:
            self._readers.remove(signal)
            self._wake_next()

    def _take(self) -> object:
        item = self._items.popleft()
        self._wake_next()
        return item

    def _wake_next(self) -> None:
        if self._items and self._readers:
            self._readers[0].set()


class VirtualClock:
    """`appliance.clock.Clock` in which nothing takes time but what is waited for.

    Whoever calls `run` lets the time pass; the main greenlet does so too by just waiting. Timers due at the
    same moment are called in the order in which they were set, each after everything that the one before it
    woke has come to rest.
    """

    def __init__(self, start: datetime | float = MORNING) -> None:
        self._now = start.timestamp() if isinstance(start, datetime) else start
        self._timers: list[Timer] = []
        self._numbers = itertools.count()
        self._driver: Any = None
        self._errors: list[BaseException] = []

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        Signal(self).wait(self._now + seconds)

    def mailbox(self) -> VirtualMailbox:
        return VirtualMailbox(self)

    def signal(self) -> Signal:
        return Signal(self)

    def call_at(self, moment: float, function: Callable[..., object], *arguments: object) -> Timer:
        """Call a function, which must not wait, at that moment."""
        timer = Timer(max(moment, self._now), next(self._numbers), function, arguments)
        heapq.heappush(self._timers, timer)
        return timer

    def call_later(self, seconds: float, function: Callable[..., object], *arguments: object) -> Timer:
        return self.call_at(self._now + seconds, function, *arguments)

    @property
    def is_running(self) -> bool:
        return self._driver is not None

    def is_driven_by(self, greenlet: object) -> bool:
        return greenlet is self._driver

    def run(self, until: float | Callable[[], object] | None = None, within: float | None = None) -> None:
        """Let the time pass until that moment, until that is true, or (None) until nothing is due any more.

        Raises Stuck when it cannot become true, or not within so many seconds, and whatever a greenlet that
        ran meanwhile has raised.
        """
        if self._driver is not None:
            raise RuntimeError("The clock is running already.")
        is_reached = until if callable(until) else None
        end = until if isinstance(until, float | int) else None
        limit = None if within is None else self._now + within
        self._driver = getcurrent()
        try:
            with self._noting_errors():
                self._pass_time(is_reached, end, limit)
        finally:
            self._driver = None
        if end is not None:
            self._now = max(self._now, end)

    def run_for(self, seconds: float) -> None:
        self.run(self._now + seconds)

    def _pass_time(self, is_reached: Callable[[], object] | None, end: float | None, limit: float | None) -> None:
        while True:
            self._settle()
            if is_reached is not None and is_reached():
                return
            timer = self._next()
            if limit is not None and (timer is None or timer.at > limit):
                raise Stuck(f"It has not happened until {_clock_face(limit)}.")
            if timer is None:
                if is_reached is not None:
                    raise Stuck(f"Everybody waits for something that is not to come, at {_clock_face(self._now)}.")
                return
            if end is not None and timer.at > end:
                return
            heapq.heappop(self._timers)
            self._now = timer.at
            function, arguments = timer.function, timer.arguments
            timer.cancel()
            if function is not None:
                function(*arguments)

    def _settle(self) -> None:
        """Let every greenlet run until it waits."""
        # Each greenlet that is ready is in this list of the event loop's; there is no public name for it.
        # Ours is not, so that it is empty means that everybody else waits.
        ready = get_hub().loop._callbacks
        for _ in range(_CIRCLES):
            if not ready:
                break
            gevent.sleep(0)
        else:
            raise Stuck(f"Greenlets wake each other without end at {_clock_face(self._now)}.")
        if self._errors:
            raise self._errors.pop(0)

    def _next(self) -> Timer | None:
        while self._timers and self._timers[0].function is None:
            heapq.heappop(self._timers)
        return self._timers[0] if self._timers else None

    @contextmanager
    def _noting_errors(self) -> Iterator[None]:
        hub = get_hub()

        def note(
            context: object, kind: type[BaseException], error: BaseException, traceback: TracebackType | None
        ) -> None:
            if isinstance(error, hub.NOT_ERROR):
                return
            self._errors.append(error.with_traceback(traceback))

        usual = hub.handle_error
        hub.handle_error = note
        try:
            yield
        finally:
            hub.handle_error = usual

    def bury(self, greenlets: Iterable[Any]) -> None:
        """Make greenlets never run again, not even their `finally` blocks, as kill -9 does.

        They must wait on this clock. The one that calls this may be among them; then it does not return.
        """
        current = getcurrent()
        is_among_them = False
        for greenlet in greenlets:
            if greenlet is current:
                is_among_them = True
            elif not greenlet.dead:
                if greenlet.gr_frame is None:  # spawned, and nothing of it has run yet
                    greenlet.kill(block=False)
                _buried.add(greenlet)
        if is_among_them:
            _buried.add(current)
            get_hub().switch()


def _clock_face(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
