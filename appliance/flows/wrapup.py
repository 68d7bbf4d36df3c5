"""The agent's own leg after the caller has hung up: the disposition is asked for."""

from appliance.call import Desk, Speaker, agent_speaker
from appliance.line import messages as m
from appliance.line.messages import Declined
from appliance.port import ANY_KEY, Arrival
from appliance.settings import DispositionList

TRIES = 3


def serve(arrival: Arrival, desk: Desk) -> None:
    """Ask, and hang up; without an answer the wrap-up goes on until its time is over. Raises LegGone."""
    agent = desk.engine.acd.roster.at_phone(arrival.phone)
    # Of two who answer at once, one does not get the call.
    if agent is not None and agent.last_visit and agent.last_visit == desk.engine.live.visit_of(arrival.call):
        ask_disposition(agent_speaker(arrival.leg, agent, desk), agent.id, desk)
    arrival.leg.hang_up()


def ask_disposition(speaker: Speaker, agent: str, desk: Desk) -> bool:
    """Whether a disposition has been keyed; False also where the agent's last queue asks for none."""
    choices = _choices(agent, desk)
    if choices is None:
        return False
    longest = max(map(len, choices.choices), default=1)
    for _ in range(TRIES):
        first = speaker.say(choices.prompt, ANY_KEY) if choices.prompt else speaker.phrase("disposition", ANY_KEY)
        code = speaker.collect(first, longest)
        if not code:
            continue
        try:
            desk.engine.ask(m.KeyDisposition(agent, code))
        except Declined:
            speaker.phrase("agent-wrong-code")
            continue
        speaker.phrase("disposition-saved")
        return True
    return False


def _choices(agent: str, desk: Desk) -> DispositionList | None:
    settings = desk.engine.settings
    queue = settings.queues.get(desk.engine.acd.roster[agent].last_queue or "")
    return settings.dispositions.get(queue.dispositions) if queue and queue.dispositions else None
