"""What is due when: one time for each thing that waits for one. Pure."""

from heapq import heappop, heappush

Key = tuple[str, str]  # the kind of thing, its id


class Deadlines:
    """The earliest is found at once, however many there are; equal times are due in the order of the keys."""

    def __init__(self) -> None:
        self._at: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []  # with entries that hold no more

    def set(self, kind: str, id: str, at: float | None) -> None:
        """Its time from now on; None: it waits no more."""
        key = (kind, id)
        if at is None:
            self._at.pop(key, None)
        elif self._at.get(key) != at:
            self._at[key] = at
            heappush(self._heap, (at, key))

    def next(self) -> float | None:
        """The earliest time."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take_due(self, now: float) -> list[Key]:
        """Those whose time has come, the earliest first; they wait no more."""
        due: list[Key] = []
        while (at := self.next()) is not None and at <= now:
            _, key = heappop(self._heap)
            del self._at[key]
            due.append(key)
        return due
