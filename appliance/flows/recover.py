"""A leg the appliance had lost is back: the caller returns to the old place in line, or begins again."""

from appliance.call import Desk
from appliance.engine import Welcome
from appliance.facts import CallOutcome, CallProgressed, VisitOutcome
from appliance.flows import callback, caller
from appliance.flows.conversations import MOST_FAILURES, conversation_of
from appliance.flows.line import stand_in_line, way_on
from appliance.identify import find_number
from appliance.line import messages as m
from appliance.line.acd import is_known
from appliance.line.promises import visit_of_attempt
from appliance.names import Exit
from appliance.port import Arrival

_TALKED = (CallOutcome.ANSWERED, CallOutcome.EXTENSION_ANSWERED, CallOutcome.FORWARDED_ANSWERED)


def serve(arrival: Arrival, desk: Desk) -> None:
    """Go on with a call. Raises LegGone when the caller hangs up."""
    engine = desk.engine
    if visit_of_attempt(arrival.call) is not None:
        callback.recover(arrival, desk)
        return
    call = engine.live.calls.get(arrival.call)
    if call is None or call.leg != arrival.leg.id:  # it was lost before it could be written down
        caller.serve(arrival, desk)
        return
    engine.tell(Welcome(call, arrival.leg))
    visit = engine.acd.visit(call.visit) if call.visit else None
    if call.failures >= MOST_FAILURES:
        _give_up(arrival, desk, visit.queue if visit else None)
    elif visit is not None and visit.agent is None and is_known(visit.queue, engine.settings):
        talk = conversation_of(arrival, desk, call)
        talk.head_start, talk.needs = visit.head_start, visit.needs
        talk.step("returned", f"to the old place in {visit.queue}", ("queues", visit.queue))
        talk.leg.answer()
        queue = engine.settings.queues.get(visit.queue)
        music = queue.music if queue else ""
        if queue:
            talk.leg.music(music)
        engine.tell(m.CallerReturns(visit.id, arrival.leg.id))
        caller.walk(talk, stand_in_line(talk, visit.queue, visit.id, music))
        talk.leg.hang_up()
    elif call.outcome in _TALKED:
        arrival.leg.hang_up()  # the talk is over: it ended while the appliance was away
    elif call.sent_on is not None:
        talk = conversation_of(arrival, desk, call)
        talk.needs = call.sent_on.needs
        talk.leg.answer()
        caller.walk(talk, way_on(talk, call.sent_on))
        talk.leg.hang_up()
    else:
        if visit is not None:  # its queue has been removed from the configuration, which does not say what for
            engine.tell(m.CallerGone(visit.id, VisitOutcome.FAILED))
        engine.tell(CallProgressed(call.id, desk.clock.now(), CallOutcome.LEFT_EARLY))
        caller.tell_story(arrival, desk, call)


def _give_up(arrival: Arrival, desk: Desk, queue: str | None) -> None:
    """Whatever fails here fails again and again: better another queue than a circle."""
    settings = desk.engine.settings
    number = find_number(settings, arrival.dnis)
    stand_in = queue or (number.fallback if number else None) or next(iter(settings.queues), None)
    call = desk.engine.live.calls[arrival.call]
    desk.engine.tell(
        m.CallerGone(call.visit or "", VisitOutcome.FALLBACK),
        CallProgressed(call.id, desk.clock.now(), CallOutcome.FALLBACK),
    )
    arrival.leg.leave(Exit.FALLBACK, stand_in)
