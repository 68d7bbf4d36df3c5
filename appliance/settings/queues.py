"""What the operator wants of queues beside their names: strategies, tiers, when agents are paused. Pure."""

from dataclasses import dataclass
from enum import Enum


class Strategy(Enum):
    """In which order the agents of a queue are offered a call; semantics in appliance.line.strategies."""

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


class AppQueueStrategy(Enum):
    """The strategies of Asterisk's app_queue, for queues that say so; semantics in appliance.line.app_queue."""

    RINGALL = "ringall"
    LEASTRECENT = "leastrecent"
    FEWESTCALLS = "fewestcalls"
    RANDOM = "random"
    RRMEMORY = "rrmemory"
    RRORDERED = "rrordered"
    LINEAR = "linear"
    WRANDOM = "wrandom"


NEAREST = {
    AppQueueStrategy.RINGALL: Strategy.RING_ALL,
    AppQueueStrategy.LEASTRECENT: Strategy.LONGEST_IDLE,
    AppQueueStrategy.FEWESTCALLS: Strategy.FEWEST_CALLS,
    AppQueueStrategy.RANDOM: Strategy.RANDOM,
    AppQueueStrategy.RRMEMORY: Strategy.ROUND_ROBIN,
    AppQueueStrategy.RRORDERED: Strategy.ROUND_ROBIN,
    AppQueueStrategy.LINEAR: Strategy.IN_ORDER,
    AppQueueStrategy.WRANDOM: Strategy.RANDOM,
}


@dataclass(frozen=True)
class AppQueue:
    """A queue that rings its agents as app_queue would."""

    strategy: AppQueueStrategy
    retry: float = 5.0  # seconds between a round that came to nothing and the caller's next
    autofill: bool = True  # several callers may be offered at once, not only the first


class Order(Enum):
    """Who of the callers is served first."""

    AGEING = "ageing"  # whose wait, with the head start, is the longest
    STRICT = "strict"  # who has the greatest head start, however long others wait


@dataclass(frozen=True)
class Tier:
    """Agents whose turn comes after those of the tiers before.

    A caller's calls are offered to them as well `after` so many seconds of waiting, or once so many offers of the
    caller (`misses`) have come to nothing, or while nobody of the tiers before is signed on. With neither they
    differ from the others only in being asked last. `penalty` is for queues of app_queue's kind: the number of the
    tier where nothing is said.
    """

    agents: tuple[str, ...]
    after: float | None = None
    misses: int | None = None
    penalty: int | None = None


@dataclass(frozen=True)
class PauseAfter:
    """An agent who has missed so many calls by one cause is paused. None: never."""

    no_answer: int | None = None
    refused: int | None = None
    busy: int | None = None
    unreachable: int | None = None
    within: float = 600.0  # a miss is forgotten after so many seconds, and all of them with an answered call
