"""A caller would rather be called back than hold the line: to which number, when, and the promise.

Nobody is promised anything before a number has been confirmed, and everybody from that moment on: who hangs up
then is called.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

from appliance.call import Conversation, Speaker
from appliance.callbacks.allowed import Allowed, allowed
from appliance.flows.callback_times import has_times, promise_time
from appliance.line import messages as m
from appliance.line.messages import Declined, Reason
from appliance.line.promises import Kind, Promise
from appliance.port import ANY_KEY, LegGone
from appliance.settings import Callback, Destination, Queue
from appliance.speech.prompts import KeyPath

TRIES = 3  # to key something that makes sense
LONGEST_NUMBER = 16  # digits, with what is dialled before numbers abroad
PATIENCE = 5.0  # seconds for the first key after a question
YES, OTHER = "1", "2"
SOON, CHOSEN = "1", "2"

_REFUSALS = {Reason.ALREADY_PROMISED: "callback-already"}


def leave_line(talk: Conversation, queue: Queue, visit: str, key: str) -> bool:
    """A caller in line has pressed the key for it: whether the call is over now, since the promise is made. The
    place is kept meanwhile, and no agent waits for somebody who listens to us."""
    engine = talk.desk.engine
    known = engine.acd.visit(visit)
    if known is None or known.offer is not None or queue.callback is None:
        return False  # an agent was faster, or nobody is called back any more
    because = ("queues", queue.id, "keys", key)
    talk.step("call-back", "asked for in line", because)
    engine.ask(m.CallerAway(visit))
    talk.leg.music(None)
    talk.head_start, talk.waits_since, talk.needs = known.head_start, known.since, known.needs
    if _is_promised(talk, queue, queue.keys[key], because, visit):
        talk.phrase("goodbye")
        return True
    talk.leg.music(queue.music)
    engine.tell(m.CallerReturns(visit, talk.leg.id))
    return False


def call_back(talk: Conversation, to: Destination, because: KeyPath) -> None:
    """A caller who does not stand in line is to be called back; then the call is over."""
    queue = talk.desk.engine.settings.queues.get(to.callback or "")
    if queue is None or queue.callback is None:
        talk.step("call-back", f"{to.callback} calls nobody back any more", because)
        talk.phrase("callback-impossible")
    else:
        talk.step("call-back", f"for {queue.id}", because)
        _is_promised(talk, queue, to, because)
    talk.phrase("goodbye")


def _is_promised(talk: Conversation, queue: Queue, to: Destination, because: KeyPath, visit: str = "") -> bool:
    """When to call, at which number, and whether that was promised; `visit` is that of who stands in line."""
    at_a_time = to.at_a_time or _wants_a_time(talk, queue)
    number = confirmed_number(talk, queue)
    if number is None:
        talk.step("call-back", f"no number after {TRIES} tries", because)
        return False
    promise = _promise(talk, queue, number, Kind.HELD if visit else Kind.ASKED)
    try:
        if not at_a_time:
            return _go_home(talk, queue, promise, visit)
        return _choose(talk, queue, promise, visit)
    except Declined as declined:
        talk.step("call-back", f"not promised: {declined}", because)
        talk.phrase(_REFUSALS.get(declined.reason, "callback-impossible"))
        return False


def _promise(talk: Conversation, queue: Queue, number: str, kind: Kind) -> Promise:
    now, wanted = talk.now(), queue.callback or Callback()
    customer = talk.known.get("customer")
    return Promise(
        number=number,
        kind=kind,
        first=wanted.first,
        not_before=now,
        expires=now + wanted.expires,
        language=talk.language,
        name=customer if isinstance(customer, str) else "",
    )


def _go_home(talk: Conversation, queue: Queue, promise: Promise, visit: str) -> bool:
    """The place in line is kept, or one is taken. Raises Declined."""
    engine = talk.desk.engine
    if visit:
        engine.ask(m.GoHome(visit, promise))
    else:
        visit = _join(talk, queue, promise)
    talk.step("call-back", "promised")
    wait = engine.acd.wait_to_be_told(visit, talk.now())
    if wait is not None:
        engine.tell(m.WaitTold(visit, wait))
    talk.say(talk.sounds.settings.phrases["callback-promised"], values={"wait": wait})
    return True


def _join(talk: Conversation, queue: Queue, promise: Promise) -> str:
    """A place in line for somebody at home; what was waited elsewhere counts. Raises Declined."""
    visit = f"{talk.id}.{talk.live.visits + 1}"
    waited = talk.now() - talk.waits_since if talk.waits_since is not None else 0.0
    head_start = talk.head_start + waited
    talk.desk.engine.ask(
        m.CallerJoins(visit, talk.id, queue.id, head_start, talk.leg.id, talk.needs, promise=promise)
    )
    talk.live.visits += 1
    return visit


def _choose(talk: Conversation, queue: Queue, promise: Promise, visit: str) -> bool:
    """A time that suits the caller. Who hangs up meanwhile wanted a call, and has it as soon as it is their turn.
    Raises Declined."""
    try:
        made = promise_time(talk, queue, promise, leaves=visit)
    except LegGone:
        with suppress(Declined):
            _join(talk, queue, promise)
        raise
    if made is None:
        return False
    talk.step("call-back", "promised for a time")
    when = moment(talk, queue, made.not_before)
    talk.say(talk.sounds.settings.phrases["callback-promised-at"], values={"when": when})
    return True


def _wants_a_time(talk: Conversation, queue: Queue) -> bool:
    """Of who may choose one."""
    number = talk.known.get("number")
    if queue.callback is None or queue.callback.slots is None:
        return False
    if not has_times(talk, queue.id, number if isinstance(number, str) else ""):
        return False
    return choose(talk, "callback-when", SOON + CHOSEN) == CHOSEN


def moment(talk: Speaker, queue: Queue, at: float | None) -> tuple[datetime, datetime] | None:
    """A time that is said, and the time now, by the clock of the queue; None: there is none."""
    if at is None:
        return None
    hours = talk.sounds.settings.hours.get(queue.hours or "")
    zone = ZoneInfo(hours.time_zone if hours else talk.time_zone)
    return datetime.fromtimestamp(at, zone), datetime.fromtimestamp(talk.desk.clock.now(), zone)


def confirmed_number(talk: Conversation, queue: Queue) -> str | None:
    """The number to call, spoken to the caller and confirmed; None after so many tries."""
    number = talk.known.get("number")
    asked = _allowed(talk, queue, number) if isinstance(number, str) else None
    for _ in range(TRIES):
        asked = asked or _key_number(talk, queue)
        if asked is None:
            continue
        key = choose(talk, "callback-confirm", YES + OTHER, {"number": asked})
        if key == YES:
            return asked
        if key == OTHER:
            asked = _key_number(talk, queue)
    return None


def _key_number(talk: Conversation, queue: Queue) -> str | None:
    """Another number than the caller's; None where nobody can be called by it."""
    keyed = talk.collect(talk.phrase("callback-key-number", ANY_KEY), LONGEST_NUMBER, wait=PATIENCE)
    number = _allowed(talk, queue, keyed) if keyed else None
    if number is None:
        talk.phrase("callback-wrong-number")
    return number


def _allowed(talk: Conversation, queue: Queue, number: str) -> str | None:
    """The number as it is called, if it may be."""
    found = allowed(talk.desk.engine.settings, queue.id, number)
    if isinstance(found, Allowed):
        return found.number
    talk.step("call-back", f"cannot be called: {found.why.value}", found.because)
    return None


def choose(talk: Conversation, phrase: str, keys: str, values: Mapping[str, object | None] | None = None) -> str:
    """The key among these that was pressed at that phrase; "" where another was, or none."""
    prompt = talk.sounds.settings.phrases[phrase]
    key = talk.say(prompt, ANY_KEY, values or {}) or talk.leg.read_key(PATIENCE)
    return key if key in keys else ""
