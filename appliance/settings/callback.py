"""What the operator wants of call-backs: who is called first, how often, when, and what happens last. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from appliance.line.promises import AttemptEnd, First
from appliance.settings.destinations import Prompt
from appliance.settings.tasks import Owing

# Seconds until the next attempt, after one that ended so. Where nothing is said.
DELAYS: Mapping[AttemptEnd, float] = {
    AttemptEnd.BUSY: 120.0,
    AttemptEnd.NO_ANSWER: 900.0,
    AttemptEnd.REFUSED: 1800.0,
    AttemptEnd.UNREACHABLE: 1800.0,
    AttemptEnd.MACHINE: 1800.0,
    AttemptEnd.NO_AGENT: 60.0,
    AttemptEnd.NOT_NOW: 900.0,
    AttemptEnd.AGENT_MISSED: 0.0,
    AttemptEnd.FAILED: 30.0,
}


@dataclass(frozen=True)
class Slots:
    """Times that customers may choose: each slot has room for so many."""

    length: float = 1800.0  # seconds
    capacity: int = 3
    days: int = 5  # ahead, in which the queue is open
    ahead: float = 900.0  # seconds from now to the first slot at least
    head_start: float = 600.0  # seconds: who has chosen a time counts as having waited so long then


@dataclass(frozen=True)
class Redial:
    """Who has hung up in line is called without having asked for it."""

    after: float = 300.0  # seconds after hanging up
    waited: float = 20.0  # who has waited for less is let alone
    within: float = 4 * 3600.0  # seconds after hanging up, then it is given up
    tries: int = 1


@dataclass(frozen=True)
class Callback:
    """How customers of a queue are called back."""

    first: First = First.CUSTOMER
    offer_after: float | None = None  # seconds in line, after which callers hear that they may; None: not by that
    offer_wait: float | None = None  # seconds; who is thought to wait longer hears so on joining
    key: str = "1"  # that is pressed in line to be called back
    ring_for: float = 25.0
    tries: int = 3
    delays: Mapping[AttemptEnd, float] = field(default_factory=lambda: DELAYS)
    expires: float = 24 * 3600.0  # seconds after the promise, or the time that was chosen
    from_time: time | None = None  # customers are called from then, where they live; None: while the queue is open
    to_time: time | None = None
    rules: tuple[str, ...] = ()  # of outbound.yml, whose numbers may be called; (): those that are for all phones
    greeting: Prompt | None = None  # of who answers, before they are to press 1; the appliance's own without
    machine: Prompt | None = None  # said where nobody presses a key; nothing without
    slots: Slots | None = None
    redial: Redial | None = None
    task: Owing | None = None  # where a customer was not reached; as Owing has it without
    lasts: float = 20.0  # seconds it takes to have a customer on the line, until it has been learnt
