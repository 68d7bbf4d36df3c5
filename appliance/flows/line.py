"""Standing in line: music until an agent is offered, ringing, talking.

The line is everybody's: whatever a caller's own rules said when the call began, a queue is as the settings in
force have it. Where those have it no more, they say where its callers go. So do the rules by which the line lets
callers go who are not to wait on (appliance.line.leaving), and the keys with which they leave by themselves.
"""

from appliance import facts as f
from appliance import recordings
from appliance.call import Conversation, Way
from appliance.engine import TalkOver
from appliance.flows.announcing import Announcing
from appliance.flows.callback_offer import leave_line
from appliance.flows.returning import look_back, welcome_back
from appliance.line import messages as m
from appliance.line.briefing import briefing_of
from appliance.line.growing import rings_more
from appliance.line.leaving import destination
from appliance.line.skills import NOTHING, combine, needs_text
from appliance.port import Key, Outcome
from appliance.settings import Destination
from appliance.speech.prompts import KeyPath

_ELSEWHERE = Destination()


def join_line(talk: Conversation, queue: str, because: KeyPath) -> Way | None:
    """Join a queue and stay until the talk with an agent is over (None), or the call is to go on elsewhere. The
    wait counts from after the greeting, which is not for who would have to go at once."""
    talk.step("queue", queue, because)
    wanted = talk.desk.engine.settings.queues.get(queue)
    if wanted is None:
        return _where_now(talk, queue)
    greeting = talk.settings.queues[queue].greeting
    if greeting and not talk.desk.engine.acd.leaving.turned_away(queue, talk.now()):
        talk.say(greeting, values={"queue": wanted.name})
    joining = look_back(talk, wanted)
    talk.live.visits += 1
    visit = f"{talk.id}.{talk.live.visits}"
    talk.leg.mark(talk.id, queue)
    talk.leg.music(wanted.music)
    waited = talk.now() - talk.waits_since if talk.waits_since is not None else 0.0
    if (needs := combine((talk.needs, wanted.needs))) != NOTHING:
        talk.step("needs", needs_text(needs), because)
    talk.progress(f.CallOutcome.ABANDONED)  # one batch with what follows: no such outcome without a visit
    head_start = talk.head_start + waited
    talk.desk.engine.tell(joining.message(talk, visit, queue, head_start, talk.needs))
    welcome_back(talk, joining)
    return stand_in_line(talk, queue, visit, wanted.music)


def stand_in_line(talk: Conversation, id: str, visit: str, music: str) -> Way | None:
    """Wait with music, take each offer as it comes, until one is answered and the talk is over (None), or the
    caller leaves the line for elsewhere. `music` is on."""
    engine = talk.desk.engine
    recording = False
    announcing = Announcing(talk, visit)
    while True:
        queue = engine.settings.queues.get(id)
        if queue is None:
            return _leave_line(talk, id, visit)
        if queue.music != music:
            music = queue.music
            talk.leg.music(music)
        offer = announcing.wait(queue)
        if isinstance(offer, f.SentOn) and offer.visit == visit:
            talk.leg.music(None)
            return way_on(talk, offer)
        if isinstance(offer, Key) and queue.keys.get(offer.key, _ELSEWHERE).callback == id:
            if talk.live.direction is f.Direction.IN and leave_line(talk, queue, visit, offer.key):
                return None
        elif isinstance(offer, Key) and offer.key in queue.keys:
            engine.tell(m.CallerPresses(visit, offer.key))  # the line says whether an offer was faster
        if not isinstance(offer, f.Offered) or offer.visit != visit or engine.acd.offered(offer.offer) is None:
            continue  # a key pressed while waiting, an offer that has ended meanwhile, or a queue that has changed
        if queue.record and not recording:
            recording = True
            record(talk, visit)
        dialled = talk.leg.dial(
            tuple(offer.phones.values()),
            offer.ring_for,
            music,
            wrap_up=queue.dispositions is not None,
            more=rings_more(queue),
            briefing=briefing_of(queue),
        )
        if dialled.outcome is Outcome.ANSWERED:
            engine.tell(TalkOver(talk.leg.id, dialled.phone or ""))
            return None
        engine.tell(m.OfferFailed(offer.offer, dialled.outcome))
        talk.leg.music(music)


def way_on(talk: Conversation, sent: f.SentOn) -> Way:
    """Where a caller goes whom the line has let go. What was waited counts there, and the rules in force hold from
    then on; where they lead there no more, it is the line again."""
    talk.outcome = f.CallOutcome(sent.outcome.value)
    talk.head_start, talk.waits_since = sent.head_start, sent.at
    talk.follow_new_rules()
    to = destination(talk.settings, sent.because)
    return Way(to, sent.because) if to else Way(Destination(queue=sent.because[1]), sent.because[:2])


def _leave_line(talk: Conversation, queue: str, visit: str) -> Way:
    """The queue has been removed while the caller waited in it. The time waited counts wherever the caller
    goes."""
    engine = talk.desk.engine
    known = engine.acd.visit(visit)
    if known is not None:
        talk.head_start, talk.waits_since = known.head_start, known.since
    talk.progress(f.CallOutcome.LEFT_EARLY)
    engine.tell(m.CallerGone(visit, f.VisitOutcome.MOVED))
    return _where_now(talk, queue)


def _where_now(talk: Conversation, queue: str) -> Way:
    """Where callers of a queue go that is no more. The rules of which that is part hold from then on."""
    talk.follow_new_rules()
    to = talk.settings.removed.get(queue, Destination(hang_up=True))
    talk.step("removed", f"the queue {queue} is no more", ("removed", queue))
    return Way(to, ("removed", queue))


def record(talk: Conversation, visit: str) -> None:
    """Both sides, whenever the leg talks."""
    now = talk.now()
    file = recordings.file_for(talk.settings.recordings, visit, now)
    talk.leg.record(str(file))
    talk.desk.engine.tell(f.RecordingStarted(talk.id, now, str(file)))
