"""Standing in line: music until an agent is offered, ringing, talking."""

from appliance import facts as f
from appliance import messages as m
from appliance import recordings
from appliance.call import Conversation
from appliance.engine import TalkOver
from appliance.port import Outcome
from appliance.prompts import KeyPath
from appliance.settings import Queue


def join_line(talk: Conversation, queue: Queue, because: KeyPath) -> None:
    """Join a queue and stay until the talk with an agent is over. The wait counts from after the greeting."""
    talk.step("queue", queue.id, because)
    if queue.greeting:
        talk.say(queue.greeting)
    talk.live.visits += 1
    visit = f"{talk.id}.{talk.live.visits}"
    talk.leg.mark(talk.id, queue.id)
    talk.leg.music(queue.music)
    talk.progress(f.CallOutcome.ABANDONED)  # one batch with what follows: no such outcome without a visit
    talk.desk.engine.tell(m.CallerJoins(visit, talk.id, queue.id, talk.head_start, talk.leg.id))
    stand_in_line(talk, queue, visit)


def stand_in_line(talk: Conversation, queue: Queue, visit: str) -> None:
    """Wait with music, take each offer as it comes, until one is answered and the talk is over."""
    engine = talk.desk.engine
    recording = False
    while True:
        offer = talk.leg.wait()
        if not isinstance(offer, f.Offered) or offer.visit != visit or engine.acd.offered(offer.offer) is None:
            continue  # a key pressed while waiting, or an offer that has ended meanwhile
        if queue.record and not recording:
            recording = True
            _record(talk, visit)
        phones = tuple(offer.phones.values())
        dialled = talk.leg.dial(phones, offer.ring_for, queue.music, wrap_up=queue.dispositions is not None)
        if dialled.outcome is Outcome.ANSWERED:
            engine.tell(TalkOver(talk.leg.id, dialled.phone or ""))
            return
        engine.tell(m.OfferFailed(offer.offer, dialled.outcome))
        talk.leg.music(queue.music)


def _record(talk: Conversation, visit: str) -> None:
    now = talk.now()
    file = recordings.file_for(talk.settings.recordings, visit, now)
    talk.leg.record(str(file))
    talk.desk.engine.tell(f.RecordingStarted(talk.id, now, str(file)))
