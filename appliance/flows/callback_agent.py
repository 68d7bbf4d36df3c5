"""An agent is called first: who is to be called back, why, and once the agent takes it, the customer."""

from collections.abc import Mapping

from appliance import facts as f
from appliance.call import Conversation, Desk, Speaker, agent_speaker
from appliance.callbacks.routes import callback_plan
from appliance.flows.briefing import ACCEPT_WITHIN
from appliance.flows.line import record
from appliance.flows.outbound import dial_out, tell_reasons
from appliance.flows.wrapup import ask_disposition
from appliance.line import messages as m
from appliance.line.briefing import ACCEPT, AT_MOST, values
from appliance.line.promises import AttemptEnd, Home, Kind, number_of_attempt
from appliance.line.visits import Visit
from appliance.port import Dialled, Leg, LegGone, Outcome
from appliance.records.past import promised_at
from appliance.settings import Queue
from appliance.trunks.outbound import next_trunk_helps

MOST_FIELDS = 3  # of what the customer has said beside that are read out
LONGEST_FIELD = 120  # characters

_ENDS = {
    Outcome.BUSY: AttemptEnd.BUSY,
    Outcome.NO_ANSWER: AttemptEnd.NO_ANSWER,
    Outcome.CANCELLED: AttemptEnd.NO_ANSWER,
    Outcome.REFUSED: AttemptEnd.REFUSED,
    Outcome.UNREACHABLE: AttemptEnd.UNREACHABLE,
}
_PHRASES = {
    AttemptEnd.BUSY: "agent-callback-busy",
    AttemptEnd.NO_ANSWER: "agent-callback-no-answer",
    AttemptEnd.REFUSED: "agent-callback-refused",
}


def serve(talk: Conversation, visit: Visit, queue: Queue, phone: str) -> None:
    """Tell the agent; who takes the call talks to the customer. Raises LegGone."""
    engine, offer, home = talk.desk.engine, visit.offer, visit.home
    agent = next((a for a, rings in offer.phones.items() if rings == phone), None) if offer else None
    if offer is None or home is None or agent is None:
        say_over(talk.leg, phone, talk.desk)
        return
    speaker = agent_speaker(talk.leg, engine.acd.roster[agent], talk.desk)
    try:
        takes = _takes(talk, speaker, visit, home, queue, agent)
    except LegGone:
        engine.tell(m.OfferFailed(offer.id, Outcome.NO_ANSWER))
        raise
    if not takes:
        engine.tell(m.OfferFailed(offer.id, Outcome.NO_ANSWER))
        return
    speaker.phrase("agent-callback-calling")
    dialled = _call(talk, visit, home, queue)
    if dialled.outcome is Outcome.ANSWERED:
        ask_disposition(speaker, agent, talk.desk)
        return
    end = _end(dialled)
    engine.tell(m.AttemptFails(visit.id, number_of_attempt(talk.id), end))
    speaker.phrase(_PHRASES.get(end, "agent-callback-unreachable"))


def say_over(leg: Leg, phone: str, desk: Desk) -> None:
    """The call-back has ended while the agent's phone rang. Raises LegGone."""
    agent_speaker(leg, desk.engine.acd.roster.at_phone(phone), desk).phrase("agent-callback-over")


def _takes(talk: Conversation, speaker: Speaker, visit: Visit, home: Home, queue: Queue, agent: str) -> bool:
    """Who it is, how long they have waited, what they said, and whether the agent calls them."""
    until = talk.now() + AT_MOST
    talk.step("whisper", f"{agent} is told whom to call back", ("queues", queue.id, "callback", "first"))
    said = {
        **values(queue, visit, talk.live.number, talk.live.customer, talk.now()),
        "ago": _ago(talk, visit, home),
    }
    key = _tell(speaker, home, said)
    key = key or speaker.phrase("agent-accept", ACCEPT)
    key = key or speaker.leg.read_key(max(0.0, min(until - talk.now(), ACCEPT_WITHIN)))
    talk.step("accept", f"{agent} pressed {key or 'nothing'}", ("queues", queue.id, "callback", "first"))
    return key == ACCEPT


def _ago(talk: Conversation, visit: Visit, home: Home) -> float | None:
    """Seconds since somebody hung up in line, in whole minutes; None for who has asked to be called."""
    if home.promise.kind is not Kind.ABANDONED:
        return None
    at = talk.desk.engine.consult(lambda: promised_at(visit.id))
    return max(60.0, (talk.now() - at) // 60 * 60) if at is not None else None


def _tell(speaker: Speaker, home: Home, said: Mapping[str, object | None]) -> str:
    """Whom to call and why; the key that takes the call, if it comes before the end."""
    missed = "-missed" if home.promise.kind is Kind.ABANDONED else ""
    named = "" if said["customer"] else "-number"
    prompt = speaker.sounds.settings.phrases[f"agent-callback{missed}{named}"]
    if key := speaker.say(prompt, ACCEPT, said):
        return key
    for name, text in home.promise.context[:MOST_FIELDS]:
        if key := speaker.speak(f"{name}: {text[:LONGEST_FIELD]}.", ACCEPT):
            return key
    return ""


def _call(talk: Conversation, visit: Visit, home: Home, queue: Queue) -> Dialled:
    """The customer, by the rules for call-backs; talk until one of the two hangs up."""
    desk = talk.desk
    chosen = callback_plan(desk.engine.settings, queue.id, home.promise.number, desk.lines, talk.now())
    tell_reasons(talk, chosen, f"a customer of {queue.id} who is called back at {home.promise.number}")
    if chosen.refusal is not None:
        return Dialled(Outcome.FAILED)
    if queue.record:
        record(talk, visit.id)
    return dial_out(talk, chosen, f.CallOutcome.CALL_BACK_FAILED, f.CallOutcome.CALL_BACK_FAILED)


def _end(dialled: Dialled) -> AttemptEnd:
    """What that says of the attempt."""
    if next_trunk_helps(dialled):
        return AttemptEnd.FAILED
    return _ENDS.get(dialled.outcome, AttemptEnd.FAILED)
