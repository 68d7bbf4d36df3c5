"""An agent promises a customer a call: whom, when, and that it is noted."""

from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from appliance.call import Desk, Speaker
from appliance.callbacks.allowed import Allowed, allowed
from appliance.callbacks.requests import Wish, promise
from appliance.line.agents import Agent
from appliance.line.ladder import CallingHours
from appliance.line.messages import Declined, Reason
from appliance.line.promises import First, Kind, Promise
from appliance.port import ANY_KEY
from appliance.records.last_talk import Customer, customer_of
from appliance.settings import Queue, Settings

TRIES = 3
LONGEST_NUMBER = 16
PATIENCE = 6.0  # seconds for a key
_YES, _OTHER = "1", "2"
_DAYS = "012"


def serve(speaker: Speaker, agent: Agent, digits: str, desk: Desk) -> None:
    """The whole dialogue; digits after the code are the number. Raises Declined."""
    queue = _queue(desk.engine.settings, agent)
    if queue is None:
        speaker.phrase("agent-callback-none")
        return
    last = desk.engine.consult(partial(customer_of, agent.last_visit)) if agent.last_visit else None
    customer = _customer(speaker, queue, last, digits.removesuffix("#"), desk)
    if customer is None or customer.number is None:
        return
    for _ in range(TRIES):
        at = _when(speaker, queue, customer.number, desk)
        if at is None:
            return
        try:
            _promise(queue, customer, at, agent, desk)
        except Declined as declined:
            if declined.reason is Reason.ALREADY_PROMISED:
                speaker.phrase("agent-callback-already")
                return
            if declined.reason is not Reason.NO_ROOM:
                raise
            speaker.phrase("agent-callback-wrong-time")
            continue
        zone = _zone(desk.engine.settings, queue)
        moments = tuple(datetime.fromtimestamp(each, zone) for each in (at, desk.clock.now())) if at else None
        speaker.say(speaker.sounds.settings.phrases["agent-callback-promised"], values={"when": moments})
        return


def _queue(settings: Settings, agent: Agent) -> Queue | None:
    """That of the last talk, or else the first of the agent's that calls customers back."""
    last = settings.queues.get(agent.last_queue or "")
    own = (each for each in settings.queues.values() if agent.id in each.agents)
    return next((each for each in (last, *own) if each is not None and each.callback is not None), None)


def _customer(speaker: Speaker, queue: Queue, last: Customer | None, keyed: str, desk: Desk) -> Customer | None:
    """The customer of the last talk, or whose number is keyed. None: nobody who may be called, which was said."""
    settings = desk.engine.settings
    if not keyed and last is not None and _may_be_promised(settings, queue, last) and _is_meant(speaker, last):
        return last
    for _ in range(TRIES):
        keyed = keyed or speaker.ask("agent-callback-key-number", LONGEST_NUMBER)
        if not keyed:
            return None
        found = allowed(settings, queue.id, keyed)
        if isinstance(found, Allowed):
            return Customer(found.number, "", "", "")
        speaker.phrase("agent-callback-wrong-number")
        keyed = ""
    return None


def _may_be_promised(settings: Settings, queue: Queue, customer: Customer) -> bool:
    number = customer.number
    return number is not None and isinstance(allowed(settings, queue.id, number), Allowed)


def _is_meant(speaker: Speaker, customer: Customer) -> bool:
    phrase = speaker.sounds.settings.phrases["agent-callback-last"]
    for _ in range(TRIES):
        key = speaker.say(phrase, ANY_KEY, {"number": customer.number}) or speaker.leg.read_key(PATIENCE)
        if key in (_YES, _OTHER):
            return key == _YES
    return False


def _when(speaker: Speaker, queue: Queue, number: str, desk: Desk) -> float | None:
    """Not before then; 0: as soon as it is their turn. None where nothing of use was keyed."""
    for _ in range(TRIES):
        day = speaker.ask("agent-callback-key-day", 1)
        if not day:
            return 0.0
        keyed = speaker.ask("agent-callback-key-time", 4)
        at = _moment(day, keyed, _zone(desk.engine.settings, queue), desk.clock.now())
        if at is not None and _may_be_called(desk.engine.settings, queue, number, at):
            return at
        speaker.phrase("agent-callback-wrong-time")
    return None


def _moment(day: str, keyed: str, zone: ZoneInfo, now: float) -> float | None:
    """None for what is no time to come."""
    if day not in _DAYS or len(keyed) != 4 or not keyed.isdecimal() or int(keyed[:2]) > 23 or int(keyed[2:]) > 59:
        return None
    date = datetime.fromtimestamp(now, zone).date() + timedelta(int(day))
    at = datetime.combine(date, time(int(keyed[:2]), int(keyed[2:])), zone).timestamp()
    return at if at > now else None


def _may_be_called(settings: Settings, queue: Queue, number: str, at: float) -> bool:
    """Whether anybody would call then."""
    then = Promise(number, Kind.AGENT, First.CUSTOMER, at, at + 86400.0)
    return CallingHours(settings).open_from(queue, then, at) == at


def _zone(settings: Settings, queue: Queue) -> ZoneInfo:
    hours = settings.hours.get(queue.hours) if queue.hours else None
    return ZoneInfo(hours.time_zone if hours else settings.time_zone)


def _promise(queue: Queue, customer: Customer, at: float, agent: Agent, desk: Desk) -> None:
    assert customer.number is not None
    known = desk.engine.settings.agents.get(agent.id)
    wish = Wish(
        *(queue.id, customer.number, Kind.AGENT),
        call_at=at or None,
        name=customer.name,
        language=customer.language,
        context=(("promised by", known.name if known else agent.id),),
        origin=customer.call or None,
    )
    promise(desk.engine, wish)
