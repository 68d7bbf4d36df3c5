"""A customer who is to be called back has talked to an agent in another call: nobody calls any more. Pure."""

from collections.abc import Iterator

from appliance.line.acd import Acd
from appliance.line.messages import EndCallback
from appliance.line.promises import CallbackEnd
from appliance.line.visits import Visit
from appliance.live import LiveCall


def served_otherwise(acd: Acd, call: LiveCall, agent: str) -> Iterator[EndCallback]:
    """What ends because that agent talks in that call. Of who has called a queue it is what was promised for that
    queue; where no queue had to do with it, for any that the agent serves."""
    if call.number is None:
        return
    visit = acd.visit(call.visit) if call.visit else None
    queues = [visit.queue] if visit else [queue.id for queue in acd.queues_of(agent)]
    for queue in queues:
        other = acd.homes.open_of(queue, call.number)
        if other is not None and other is not visit and _is_at_home(other):
            why = f"talked to agent {agent} in call {call.id}"
            yield EndCallback(other.id, CallbackEnd.SERVED_OTHERWISE, why)


def _is_at_home(visit: Visit) -> bool:
    """And not on the phone again, because of that very call-back."""
    return visit.home is not None and not visit.home.reached and visit.agent is None
