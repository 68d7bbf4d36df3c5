"""What the operator wants of queues beside their names: strategies, tiers, when agents are paused. Pure."""

from dataclasses import dataclass
from enum import Enum


class Strategy(Enum):
    """In which order the agents of a queue are offered a call; semantics in appliance.strategies."""

    LONGEST_IDLE = "longest-idle"
    RING_ALL = "ring-all"
    RING_PROGRESSIVELY = "ring-progressively"
    IN_ORDER = "in-order"
    ROUND_ROBIN = "round-robin"
    FEWEST_CALLS = "fewest-calls"
    LEAST_TALK_TIME = "least-talk-time"
    SKILL_FIRST = "skill-first"
    RANDOM = "random"
    WEIGHTED_RANDOM = "weighted-random"


class Order(Enum):
    """Who of the callers is served first."""

    AGEING = "ageing"  # whose wait, with the head start, is the longest
    STRICT = "strict"  # who has the greatest head start, however long others wait


@dataclass(frozen=True)
class Tier:
    """Agents whose turn comes after those of the tiers before.

    A caller's calls are offered to them as well `after` so many seconds of waiting, or once so many offers of the
    caller (`misses`) have come to nothing, or while nobody of the tiers before is signed on. With neither they
    differ from the others only in being asked last.
    """

    agents: tuple[str, ...]
    after: float | None = None
    misses: int | None = None


@dataclass(frozen=True)
class PauseAfter:
    """An agent who has missed so many calls by one cause is paused. None: never."""

    no_answer: int | None = None
    refused: int | None = None
    busy: int | None = None
    unreachable: int | None = None
    within: float = 600.0  # a miss is forgotten after so many seconds, and all of them with an answered call
