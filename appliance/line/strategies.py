"""In which order the agents of a queue are offered a call. Pure; docs/strategies.md compares with other queues.

Always first: the agents of an earlier tier, then those who have more of the skills that the caller would rather
meet. Among these:

longest-idle     the one whose idle time began first. Idle begins with the end of the last talk of any queue;
                 signing on and coming back from a pause begin it anew, so that neither jumps the line. Letting a
                 call ring does not change it.
in-order         the first of the list in the settings who is free, for every call.
round-robin      whoever comes next in the list after the agent to whom this queue has offered a call last,
                 answered or not. Other queues do not disturb it, and it survives a restart.
fewest-calls     who has had the fewest calls of any queue in this shift. A shift begins with signing on, and with
                 the mean of those already signed on with whom the agent shares a queue: nobody is flooded.
least-talk-time  the same with the time talked.
skill-first      who has most of the skills that the caller needs or would rather meet: the sum of the levels.
random           anyone, all equally often.
weighted-random  anyone, as often as `shares` says.
ring-progressively  as longest-idle, and one more of those who are free each `ring_next_after` seconds, in the same
                 order, while the others keep ringing; the first to answer has the call.
ring-all         every free agent of the first tier that has any, at once; the first to answer has the call. Of
                 more than RING_AT_ONCE those who have been idle longest.

Ties are broken by idle time (the longest first), then by the agent's id. Chance is none of its own: it follows
from the id of the offer, so that the same messages give the same decisions.
"""

from collections.abc import Callable, Iterable
from math import log
from typing import Any, NamedTuple, Protocol

from appliance.line.chance import chance
from appliance.settings import Strategy

RING_AT_ONCE = 80  # phones with the longest numbers; more would not fit into one command of Asterisk's

# Those that depend on nothing but the agents, and so give the same order for every caller of the same needs.
STEADY = frozenset(Strategy) - {Strategy.RANDOM, Strategy.WEIGHTED_RANDOM}


class Worker(Protocol):
    """An agent as far as the order goes. Times are UTC epoch seconds."""

    id: str
    idle_since: float
    calls: float
    talked: float


class Seat(NamedTuple):
    """What a queue's settings say of an agent, for callers with certain needs."""

    tier: int = 0
    unmet: int = 0  # of the skills that are preferred
    fit: int = 0  # the levels of all that are named
    position: int = 0  # in the queue's list
    share: float = 1.0


Key = Callable[[Worker, Seat, "Turn"], Any]


class Turn(NamedTuple):
    """What else the order depends on."""

    offer: str  # from whose id chance follows
    after: int = -1  # the position of the agent to whom the queue has offered a call last
    seats: int = 1  # in the queue's list


_KEYS: dict[Strategy, Key] = {
    Strategy.LONGEST_IDLE: lambda worker, seat, turn: 0,
    Strategy.RING_ALL: lambda worker, seat, turn: 0,
    Strategy.RING_PROGRESSIVELY: lambda worker, seat, turn: 0,
    Strategy.IN_ORDER: lambda worker, seat, turn: seat.position,
    Strategy.ROUND_ROBIN: lambda worker, seat, turn: (seat.position - turn.after - 1) % turn.seats,
    Strategy.FEWEST_CALLS: lambda worker, seat, turn: worker.calls,
    Strategy.LEAST_TALK_TIME: lambda worker, seat, turn: worker.talked,
    Strategy.SKILL_FIRST: lambda worker, seat, turn: -seat.fit,
    Strategy.RANDOM: lambda worker, seat, turn: chance(turn.offer, worker.id),
    # The first of several random moments, each of whom comes as often as its share says.
    Strategy.WEIGHTED_RANDOM: lambda worker, seat, turn: -log(chance(turn.offer, worker.id)) / seat.share,
}


def order(strategy: Strategy, free: Iterable[tuple[Worker, Seat]], turn: Turn) -> list[str]:
    """Agents who could take the call now, the one to be offered it first."""
    key = _KEYS[strategy]
    ranked = [(s.tier, s.unmet, key(w, s, turn), w.idle_since, w.id) for w, s in free]
    return [each[-1] for each in sorted(ranked)]


def ring_all(free: Iterable[tuple[Worker, Seat]]) -> list[str]:
    """Agents who are rung at once."""
    ranked = sorted((seat.tier, worker.idle_since, worker.id) for worker, seat in free)
    return sorted(id for tier, _, id in ranked[:RING_AT_ONCE] if tier == ranked[0][0])
