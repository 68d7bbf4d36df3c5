"""What the operator wants of callers who are not to wait on: overflow, nobody there to serve them. Pure."""

from dataclasses import dataclass
from enum import Enum

from appliance.settings.destinations import Destination


class Presence(Enum):
    """What agents may be doing who are there for a queue."""

    READY = "ready"  # also while the phone rings
    TALKING = "talking"
    WRAP_UP = "wrap-up"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"  # signed on at a phone of which the switch says that it cannot be reached


@dataclass(frozen=True)
class Overflow:
    """Callers of whom all of this is true go elsewhere. `length` and `per_agent` are asked of who joins alone,
    `after` of who waits, `expected_wait` of both. Limits are what is still borne, but for `after`."""

    to: Destination
    after: float | None = None  # seconds waited in this queue
    expected_wait: float | None = None  # more seconds to wait than that
    length: int | None = None  # callers in line already
    per_agent: float | None = None  # callers in line already for each agent who is signed on and not paused

    @property
    def is_for_joining(self) -> bool:
        """Whether it is asked of who joins alone."""
        return self.length is not None or self.per_agent is not None

    def __str__(self) -> str:
        """The conditions, as reports name the rule."""
        parts = (
            None if self.after is None else f"after {written(self.after)}",
            None if self.expected_wait is None else f"expected wait {written(self.expected_wait)}",
            None if self.length is None else f"length {self.length}",
            None if self.per_agent is None else f"per agent {self.per_agent:g}",
        )
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class WhenEmpty:
    """What becomes of callers while no agent of the queue is there: of who would join once that has been so for
    `after` seconds, of who waits once they have waited so long for nobody."""

    to: Destination
    refuses: bool = True  # who would join
    empties: bool = True  # the line
    there: frozenset[Presence] = frozenset({Presence.READY, Presence.TALKING, Presence.WRAP_UP})
    after: float = 60.0

    def __str__(self) -> str:
        """When it holds, as `diff` names it."""
        return f"nobody there for {written(self.after)}"


def written(seconds: float) -> str:
    """A length of time as it is written in the YAML."""
    hours, rest = divmod(int(seconds), 3600)
    minutes, left = divmod(rest, 60)
    parts = [f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if count]
    return "".join(parts) or "0s"
