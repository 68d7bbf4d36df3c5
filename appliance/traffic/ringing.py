"""What comes of ringing agents: who answers, refuses or lets it ring, and when. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from appliance.facts import Offered
from appliance.line.chance import chance
from appliance.port import Outcome
from appliance.traffic.scenario import AgentDay

NOT_RUNG = (Outcome.BUSY, Outcome.UNREACHABLE, Outcome.FAILED)


class Ring(NamedTuple):
    """One phone: after so many seconds its ringing has that end."""

    after: float
    agent: str
    outcome: Outcome


def rings(offer: Offered, habits: Mapping[str, AgentDay], seed: int) -> list[Ring]:
    """The ends of ringing in order, up to the first answer."""
    ends = sorted(_ring(offer, habits[agent], seed) for agent in offer.phones)
    answered = next((n for n, ring in enumerate(ends) if ring.outcome is Outcome.ANSWERED), None)
    return ends if answered is None else ends[: answered + 1]


def _ring(offer: Offered, habits: AgentDay, seed: int) -> Ring:
    after = min(habits.answers_after(chance(seed, "answer", offer.offer, habits.agent)), offer.ring_for)
    outcome = _missed(offer, habits, seed) or Outcome.ANSWERED
    if outcome in NOT_RUNG:
        return Ring(0.0, habits.agent, outcome)
    if outcome is Outcome.NO_ANSWER or after >= offer.ring_for:
        return Ring(offer.ring_for, habits.agent, Outcome.NO_ANSWER)
    return Ring(after, habits.agent, outcome)


def _missed(offer: Offered, habits: AgentDay, seed: int) -> Outcome | None:
    """By what cause the agent misses the call, if at all."""
    if not habits.misses:
        return None
    drawn = chance(seed, "miss", offer.offer, habits.agent)
    for outcome, share in habits.misses.items():
        if drawn < share:
            return outcome
        drawn -= share
    return None
