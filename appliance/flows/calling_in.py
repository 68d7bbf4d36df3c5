"""Somebody who waits at home for our call has called: the place on the line, another time, or no call any more.

The number that a trunk shows is proof enough: all there is to gain is a place in a line that is somebody's own.
"""

from appliance import facts as f
from appliance.call import Conversation, Way
from appliance.flows.callback_offer import PATIENCE, moment
from appliance.flows.callback_times import has_times, move_time
from appliance.flows.line import stand_in_line
from appliance.flows.returning import proven_number
from appliance.line import messages as m
from appliance.line.messages import Declined
from appliance.line.promises import CallbackEnd, Home, Kind
from appliance.line.visits import Visit
from appliance.settings import Queue

HOLD, CANCEL, MOVE = "1", "2", "3"
TIMES = 2  # so often it is said what the keys are for


def called_in(talk: Conversation) -> tuple[bool, Way | None]:
    """Ask who is to be called back what that is to become of: whether the call has found its way so, and where it
    goes on. Who presses nothing goes on as everybody does, and will still be called."""
    visit = _open(talk)
    queue = talk.desk.engine.settings.queues.get(visit.queue) if visit else None
    if visit is None or visit.home is None or queue is None:
        return False, None
    because = ("queues", queue.id, "callback")
    talk.step("called in", f"is to be called back for {queue.id}", because)
    key = _key(talk, visit, queue)
    talk.step("called in", f"pressed {key}" if key else "pressed nothing", because)
    if key == HOLD and queue.hours is not None and not talk.opening(queue.hours).is_open:
        return False, None  # hears so by the way that everybody goes; there is nobody to wait for
    if key == HOLD:
        return _come_back(talk, visit, queue)
    if key == CANCEL:
        return _cancel(talk, visit), None
    if key == MOVE:
        return _move(talk, visit), None
    return False, None


def _open(talk: Conversation) -> Visit | None:
    """The call-back of this caller that comes first, of those that the caller may have back."""
    number = proven_number(talk)
    if number is None:
        return None
    engine = talk.desk.engine
    found = (engine.acd.homes.open_of(queue, number) for queue in engine.settings.queues)
    homes = [visit for visit in found if visit is not None and visit.home is not None and _is_asked(visit.home)]
    return min(homes, key=lambda visit: visit.home.not_before if visit.home else 0.0, default=None)


def _is_asked(home: Home) -> bool:
    """Whether there is something to ask: not on the phone already, nor called without ever having asked for it."""
    return not home.reached and home.promise.kind is not Kind.ABANDONED


def _key(talk: Conversation, visit: Visit, queue: Queue) -> str:
    """The key that was pressed; "" where none was that means anything."""
    phrases, home = talk.sounds.settings.phrases, visit.home
    assert home is not None
    waits_for_a_time = home.not_before > talk.now()
    values = {"when": moment(talk, queue, home.not_before if waits_for_a_time else None), "queue": queue.name}
    may_move = has_times(talk, queue.id, home.promise.number)
    keys = HOLD + CANCEL + (MOVE if may_move else "")
    for _ in range(TIMES):
        key = talk.say(phrases["callback-open"], keys, values)
        if may_move:
            key = key or talk.phrase("callback-open-move", keys)
        key = key or talk.phrase("callback-open-stay", keys) or talk.leg.read_key(PATIENCE)
        if key and key in keys:
            return key
    return ""


def _come_back(talk: Conversation, visit: Visit, queue: Queue) -> tuple[bool, Way | None]:
    """The place in line that was kept, on the line."""
    try:
        talk.desk.engine.ask(m.ComesBack(visit.id, talk.id, talk.leg.id))
    except Declined as declined:  # is being served already, or not wanted any more
        talk.step("called in", f"no place is there to have back: {declined}")
        return False, None
    talk.progress(f.CallOutcome.ABANDONED)
    talk.head_start, talk.needs = visit.head_start, visit.needs
    talk.leg.mark(talk.id, queue.id)
    talk.leg.music(queue.music)
    talk.announce("place-kept")
    return True, stand_in_line(talk, queue.id, visit.id, queue.music)


def _cancel(talk: Conversation, visit: Visit) -> bool:
    end = m.EndCallback(visit.id, CallbackEnd.CANCELLED_BY_CUSTOMER, f"called and pressed {CANCEL}")
    try:
        talk.desk.engine.ask(end)
    except Declined as declined:
        talk.step("called in", f"not cancelled: {declined}")
        return False
    talk.progress(f.CallOutcome.INFORMED)
    talk.phrase("callback-cancelled")
    talk.phrase("goodbye")
    return True


def _move(talk: Conversation, visit: Visit) -> bool:
    """Another time; nothing has changed where none was chosen, and the caller goes on as everybody does."""
    try:
        if not move_time(talk, visit):
            return False
    except Declined as declined:
        talk.step("called in", f"not moved: {declined}")
        return False
    talk.progress(f.CallOutcome.INFORMED)
    talk.phrase("goodbye")
    return True
