"""Somebody who was promised a call has answered it: a person is told from a machine, and stands in line again.

Who answers is never put through to an agent unasked: a key says that a person is there, and wants to talk. Where
the agent is called first, see appliance.flows.callback_agent; both come through the same door.
"""

from collections.abc import Mapping
from contextlib import suppress

from appliance.call import Conversation, Desk
from appliance.engine import Welcome
from appliance.facts import VisitOutcome
from appliance.flows import callback_agent
from appliance.flows.callback_offer import moment
from appliance.flows.caller import walk
from appliance.flows.conversations import MOST_FAILURES, conversation_of
from appliance.flows.line import stand_in_line
from appliance.flows.machine import is_person
from appliance.line import messages as m
from appliance.line.messages import Declined
from appliance.line.promises import AttemptEnd, CallbackEnd, Kind, number_of_attempt, visit_of_attempt
from appliance.line.visits import Visit
from appliance.live import LiveCall
from appliance.names import Exit
from appliance.port import Arrival
from appliance.settings import Callback, Queue

TALK, NOT_NOW, SETTLED = "1", "2", "3"
TIMES = 2  # so often it is said what the keys are for
PATIENCE = 4.0  # seconds for a key after that


def serve(arrival: Arrival, desk: Desk) -> None:
    """The customer's leg, or that of the agent who is called first. Raises LegGone."""
    engine = desk.engine
    call = engine.live.calls.get(arrival.call)
    visit = engine.acd.visit(visit_of_attempt(arrival.call) or "")
    queue = engine.settings.queues.get(visit.queue) if visit else None
    if call is None or call.leg != arrival.leg.id or visit is None or queue is None or not _is_called(visit, call):
        _not_needed(arrival, desk)
        return
    engine.tell(Welcome(call, arrival.leg))
    arrival.leg.mark(call.id)
    talk = conversation_of(arrival, desk, call)
    if arrival.phone:
        callback_agent.serve(talk, visit, queue, arrival.phone)
    else:
        _ask(talk, visit, queue)
    arrival.leg.hang_up()


def recover(arrival: Arrival, desk: Desk) -> None:
    """The appliance had lost the leg. Who had agreed is in line as before, who had not is asked again; who is not
    wanted any more, since the talk is over or the attempt, is let go. Raises LegGone."""
    engine = desk.engine
    call = engine.live.calls.get(arrival.call)
    visit = engine.acd.visit(visit_of_attempt(arrival.call) or "")
    if call is None or visit is None or visit.home is None or visit.call != call.id or visit.agent is not None:
        arrival.leg.hang_up()
    elif call.failures >= MOST_FAILURES:
        _give_up(arrival, desk, visit)
    elif visit.home.reached:
        engine.tell(Welcome(call, arrival.leg))
        talk = conversation_of(arrival, desk, call)
        talk.step("returned", f"to the old place in {visit.queue}", ("queues", visit.queue))
        _stand(talk, visit, m.CallerReturns(visit.id, arrival.leg.id))
        arrival.leg.hang_up()
    else:
        serve(arrival, desk)


def _give_up(arrival: Arrival, desk: Desk, visit: Visit) -> None:
    """Whatever fails here fails again and again: better another queue than a circle, and better no call."""
    if visit.home is not None and visit.home.reached:
        desk.engine.tell(m.CallerGone(visit.id, VisitOutcome.FALLBACK))
        arrival.leg.leave(Exit.FALLBACK, visit.queue)
    else:
        attempt = number_of_attempt(arrival.call)
        desk.engine.tell(m.AttemptFails(visit.id, attempt, AttemptEnd.NO_AGENT))
        arrival.leg.hang_up()


def _is_called(visit: Visit, call: LiveCall) -> bool:
    """Whether this call is the attempt that is under way for that customer."""
    home = visit.home
    return home is not None and home.calling and home.attempts == number_of_attempt(call.id)


def _not_needed(arrival: Arrival, desk: Desk) -> None:
    """The call-back has ended while the telephone rang."""
    if arrival.phone:
        callback_agent.say_over(arrival.leg, arrival.phone, desk)
    arrival.leg.hang_up()


def _ask(talk: Conversation, visit: Visit, queue: Queue) -> None:
    """Who we are, and what the keys are for."""
    wanted = queue.callback or Callback()
    key = _key(talk, visit, wanted)
    if not key and wanted.machine is not None and is_person(talk, TALK):
        key = TALK
    if key == TALK:
        talk.step("call-back", "the customer pressed 1")
        _agree(talk, visit)
    elif key == NOT_NOW:
        talk.step("call-back", "the customer pressed 2: not now")
        _fail(talk, visit, AttemptEnd.NOT_NOW)
        _say(talk, "callback-later", {"when": moment(talk, queue, _next(talk, visit))})
    elif key == SETTLED:
        talk.step("call-back", "the customer pressed 3: it is settled")
        try:
            _say(talk, "callback-cancelled")
        finally:
            _end(talk, visit)
    else:
        talk.step("call-back", "nobody pressed a key")
        _fail(talk, visit, AttemptEnd.MACHINE)
        if wanted.machine is not None:
            talk.say(wanted.machine, values={"when": moment(talk, queue, _next(talk, visit))})


def _agree(talk: Conversation, visit: Visit) -> None:
    """Into the line, at the place that was kept."""
    attempt = number_of_attempt(talk.id)
    _stand(talk, visit, m.CustomerAgrees(visit.id, attempt, talk.id, talk.leg.id))


def _stand(talk: Conversation, visit: Visit, message: m.CustomerAgrees | m.CallerReturns) -> None:
    """In line until the talk with an agent is over."""
    engine = talk.desk.engine
    queue = engine.settings.queues.get(visit.queue)
    talk.head_start, talk.needs = visit.head_start, visit.needs
    talk.leg.mark(talk.id, visit.queue)
    music = queue.music if queue else ""
    if queue is not None:
        talk.leg.music(music)
    engine.ask(message)
    if isinstance(message, m.CustomerAgrees):
        if visit.home is None or not visit.home.reached:
            return  # nobody is to be called any more
        talk.announce("callback-connecting")
    walk(talk, stand_in_line(talk, visit.queue, visit.id, music))


def _fail(talk: Conversation, visit: Visit, end: AttemptEnd) -> None:
    talk.desk.engine.ask(m.AttemptFails(visit.id, number_of_attempt(talk.id), end))


def _end(talk: Conversation, visit: Visit) -> None:
    with suppress(Declined):  # it has ended meanwhile
        talk.desk.engine.ask(m.EndCallback(visit.id, CallbackEnd.CANCELLED_BY_CUSTOMER, "pressed 3 when called"))


def _next(talk: Conversation, visit: Visit) -> float | None:
    """When the customer is called again; None: not at all."""
    known = talk.desk.engine.acd.visit(visit.id)
    return known.home.not_before if known is not None and known.home is not None else None


def _say(talk: Conversation, phrase: str, values: Mapping[str, object | None] | None = None) -> None:
    talk.say(talk.sounds.settings.phrases[phrase], values=values or {})
    talk.phrase("goodbye")


def _key(talk: Conversation, visit: Visit, wanted: Callback) -> str:
    """The key that was pressed; "" where nobody is there who presses one."""
    keys = TALK + NOT_NOW + SETTLED
    phrases = talk.sounds.settings.phrases
    missed = visit.home is not None and visit.home.promise.kind is Kind.ABANDONED
    greeting = wanted.greeting or phrases["callback-greeting-missed" if missed else "callback-greeting"]
    if key := talk.say(greeting, keys):
        return key
    for _ in range(TIMES):
        if key := talk.phrase("callback-choices", keys):
            return key
        while (key := talk.leg.read_key(PATIENCE)) and key not in keys:
            pass
        if key:
            return key
    return ""
