"""An agent's phone has answered: what the agent alone hears of the caller, and whether the call is taken.

Only then are the two connected: a mobile's mailbox takes no calls. The caller hears what was heard before, and
other phones that ring for this caller go on.
"""

import logging

from appliance.call import Desk, Speaker, agent_speaker
from appliance.facts import Stepped
from appliance.line.briefing import ACCEPT, AT_MOST, values
from appliance.line.visits import Visit
from appliance.live import LiveCall
from appliance.names import Exit
from appliance.port import Arrival, Refused
from appliance.settings import Queue

log = logging.getLogger(__name__)

ACCEPT_WITHIN = 8.0  # seconds after the last word


def serve(arrival: Arrival, desk: Desk) -> None:
    """Say what there is to say, and have the agent connected, or hang up. Raises LegGone."""
    call = desk.engine.live.calls.get(arrival.call)
    visit = desk.engine.acd.visit(call.visit) if call and call.visit else None
    offer = visit.offer if visit else None
    agent = next((a for a, phone in offer.phones.items() if phone == arrival.phone), None) if offer else None
    if call is None or visit is None or agent is None:
        arrival.leg.leave(Exit.DONE)  # the offer has ended meanwhile
        return
    queue = desk.engine.settings.queues.get(visit.queue)
    if queue is None or _takes(arrival, desk, call, visit, queue, agent):
        arrival.leg.leave(Exit.CONNECT)
    else:
        arrival.leg.leave(Exit.DONE)


def _takes(arrival: Arrival, desk: Desk, call: LiveCall, visit: Visit, queue: Queue, agent: str) -> bool:
    """Tell the agent; whether the call is taken."""
    now = desk.clock.now()
    speaker = agent_speaker(arrival.leg, desk.engine.acd.roster[agent], desk)
    if queue.whisper:
        _note(desk, call, "whisper", f"{agent} is told of the caller", ("queues", queue.id, "whisper"))
        said = speaker.utterance(queue.whisper, values(queue, visit, call.number, call.customer, now))
        made = desk.voice.speak(said.text, said.language, desk.sounds.speech) if said.text else None
        _say(speaker, made or said.sound)
    if not queue.accept:
        return True
    _say(speaker, desk.sounds.phrase("agent-accept", speaker.language))
    key = speaker.leg.read_key(min(now + AT_MOST - desk.clock.now(), ACCEPT_WITHIN))
    what = f"pressed {key}" if key else "pressed nothing"
    _note(desk, call, "accept", f"{agent} {what}", ("queues", queue.id, "accept"))
    return key == ACCEPT


def _say(speaker: Speaker, sound: str | None) -> None:
    """A key ends it, and stays to be read."""
    if sound is None:
        return
    try:
        speaker.leg.announce([sound])
    except Refused as error:
        log.error("leg %s hears silence instead of a prompt: %s", speaker.leg.id, error)


def _note(desk: Desk, call: LiveCall, step: str, detail: str, because: tuple[str, ...]) -> None:
    desk.engine.tell(Stepped(call.id, desk.clock.now(), step, detail, because))
