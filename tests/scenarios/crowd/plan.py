"""What everybody in the crowd does, drawn from a seed. Pure: the same seed is the same crowd."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random

RING_FOR = 2.0  # seconds until the appliance gives up on a phone
PHONES: Sequence[str] = tuple(str(number) for number in range(301, 351))


def agent_at(phone: str) -> str:
    return f"1{phone}"


class Does(Enum):
    """What an agent does when the phone rings."""

    ANSWERS = "answers"
    LETS_IT_RING = "lets it ring"
    IS_BUSY = "486"
    DECLINES = "603"


@dataclass(frozen=True)
class Reaction:
    """`after` seconds of ringing; a talk lasts `talks_for`, until the agent hangs up, or the caller."""

    does: Does
    after: float
    talks_for: float
    caller_ends: bool


@dataclass(frozen=True)
class Arrival:
    """A caller dials `number`, and hangs up in line after `patience` seconds; None: waits for ever."""

    at: float
    number: str
    patience: float | None


@dataclass(frozen=True)
class Break:
    """An agent pauses at that moment, for so long."""

    agent: str
    at: float
    lasts: float


@dataclass(frozen=True)
class Line:
    """A queue of the crowd's site."""

    number: str
    strategy: str
    phones: Sequence[str]
    callers: float  # share of them
    wrap_up: float = 0.0


# Two that share agents, one whose phones all ring at once, and one with more callers than it can serve.
LINES: Mapping[str, Line] = {
    "sales": Line("8801", "longest-idle", PHONES[0:22], 0.32),
    "support": Line("8802", "round-robin", PHONES[16:40], 0.3, wrap_up=1.0),
    "team": Line("8803", "ring-all", PHONES[40:46], 0.2),
    "office": Line("8804", "in-order", PHONES[46:50], 0.18),
}


class Plan:
    """The crowd of one seed."""

    def __init__(self, seed: int, callers: int, within: float) -> None:
        self._seed = seed
        chance = Random(f"{seed}")
        names = list(LINES)
        shares = [LINES[name].callers for name in names]
        self.arrivals = sorted(
            (
                Arrival(
                    chance.uniform(0, within),
                    LINES[chance.choices(names, shares)[0]].number,
                    chance.uniform(0.1, 3.0) if chance.random() < 0.35 else None,
                )
                for _ in range(callers)
            ),
            key=lambda arrival: arrival.at,
        )
        paused = chance.sample(PHONES[:40], 6)
        self.breaks = [
            Break(agent_at(phone), chance.uniform(1, within / 2), chance.uniform(1, 3)) for phone in paused
        ]

    def reaction(self, phone: str, ring: int) -> Reaction:
        """What happens when that phone rings for the nth time."""
        chance = Random(f"{self._seed}/{phone}/{ring}")
        does = chance.choices(list(Does), (0.64, 0.12, 0.12, 0.12))[0]
        return Reaction(does, chance.uniform(0.05, 1.2), chance.uniform(0.5, 3.0), chance.random() < 0.5)


def people() -> str:
    """Numbers, queues and agents, as an operator would write them."""
    lines = ["numbers:"]
    lines += [f'  "{line.number}": {{open: {{queue: {queue}}}}}' for queue, line in LINES.items()]
    lines += ["", "queues:"]
    for queue, line in LINES.items():
        lines += [
            f"  {queue}:",
            f"    strategy: {line.strategy}",
            f"    ring_for: {RING_FOR:g}s",
            f"    wrap_up: {line.wrap_up:g}s",
            f"    agents: [{', '.join(map(agent_at, line.phones))}]",
        ]
    lines += ["", "agents:", *(f"  {agent_at(phone)}: {{name: Agent {phone}}}" for phone in PHONES), ""]
    return "\n".join(lines)
