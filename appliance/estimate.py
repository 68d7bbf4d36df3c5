"""How long a caller in line will wait: from how fast the queue has been served lately. Pure.

What counts is the time from one start of service to the next while somebody waited all along: it has in it how
many agents there are, how long they talk, and that they serve other queues too. When nobody waited it says
nothing, so that quiet hours do not make a queue seem slow. Of a queue of which too little is known there is no
estimate at all: better none than a wrong one.
"""

from dataclasses import dataclass

LEAST = 3  # times between starts, before there is an estimate
WEIGHT = 0.25  # of the newest of them
FORGET = 3600.0  # seconds after the last of them, when it says nothing about now any more


@dataclass
class Pace:
    """How fast one queue is served."""

    between: float = 0.0  # seconds from one start of service to the next, the newer the more it counts
    known: int = 0  # times that are in it
    learnt_at: float = 0.0
    _served_at: float | None = None  # the last start of service, if somebody has waited ever since

    def served(self, now: float, others_wait: bool) -> None:
        """Somebody is served from now on; whether others still wait."""
        if self._served_at is not None:
            if now - self.learnt_at > FORGET:
                self.known = 0
            time = now - self._served_at
            self.between += (time - self.between) * max(WEIGHT, 1 / (self.known + 1))
            self.known += 1
            self.learnt_at = now
        self._served_at = now if others_wait else None

    def emptied(self) -> None:
        """Nobody waits any more, although nobody was served."""
        self._served_at = None

    def wait(self, place: int, now: float) -> float | None:
        """Seconds until the caller at this place, 1 for the next, is served; None when that is not known."""
        if self.known < LEAST or now - self.learnt_at > FORGET:
            return None
        # When nobody has been served for longer than usual, then it is not as fast as usual now.
        since = now - self._served_at if self._served_at is not None else 0.0
        return place * max(self.between, since)
