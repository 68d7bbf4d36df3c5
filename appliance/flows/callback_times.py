"""A customer chooses when to be called: free times are read out, and one is chosen by a key.

What has been read out may be taken meanwhile by somebody else; then the customer hears so, and what is left.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice

from appliance.call import Conversation, Speaker
from appliance.callbacks.diaries import TakeTime
from appliance.callbacks.slots import Diary, Slot
from appliance.line import messages as m
from appliance.line.messages import Declined, Reason
from appliance.line.promises import Kind, Promise
from appliance.line.visits import Visit
from appliance.port import ANY_KEY
from appliance.settings import Queue

AT_ONCE = 3  # times that are read out before anything is waited for
MOST_DAYS = 9  # that can be told apart by one key
TRIES = 3  # without a key that means anything
MOST_TURNS = 30  # who is still choosing then is a machine, or a key that is stuck
PATIENCE = 5.0  # seconds for a key after all has been read out
LATER, ANOTHER_DAY, BACK = "9", "0", "*"
YES, NO = "1", "2"

Take = Callable[[float], None]  # raises Declined


def has_times(talk: Speaker, queue: str, number: str) -> bool:
    """Whether there is any time to be chosen."""
    diary = talk.desk.engine.diary(queue, number)
    return diary is not None and next(diary.free(), None) is not None


def promise_time(talk: Conversation, queue: Queue, promise: Promise, leaves: str = "") -> Promise | None:
    """A time is chosen and promised instead of what was about to be. By then the caller counts as having waited
    for a while. `leaves`: the visit in line that is given up. None: nothing is promised. Raises Declined."""
    wanted = queue.callback
    assert wanted is not None
    kept = replace(promise, kind=Kind.CHOSEN)

    def take(at: float) -> None:
        nonlocal kept
        kept = replace(kept, not_before=at, expires=at + wanted.expires)
        visit = f"{talk.id}.{talk.live.visits + 1}"
        head_start = talk.head_start + (wanted.slots.head_start if wanted.slots else 0.0)
        joins = m.CallerJoins(visit, talk.id, queue.id, head_start, talk.leg.id, talk.needs, promise=kept)
        talk.desk.engine.ask(TakeTime(joins, leaves))
        talk.live.visits += 1

    return kept if choose_time(talk, queue.id, promise.number, take) is not None else None


def move_time(talk: Conversation, visit: Visit) -> bool:
    """Who is to be called back chooses another time; whether one was. Raises Declined."""
    assert visit.home is not None
    engine, number = talk.desk.engine, visit.home.promise.number

    def take(at: float) -> None:
        engine.ask(TakeTime(m.MoveCallback(visit.id, at, "the customer has called and chosen it")))

    at = choose_time(talk, visit.queue, number, take, without=visit.id)
    if at is None:
        return False
    diary = engine.diary(visit.queue, number)
    talk.say(talk.sounds.settings.phrases["callback-promised-at"], values=_when(diary, at, talk) if diary else {})
    return True


def choose_time(talk: Speaker, queue: str, number: str, take: Take, without: str = "") -> float | None:
    """The time that was chosen and could be had; None where none was. `take` asks the line for it. Raises Declined
    where no time at all is to be had by that customer."""
    beginnings = [0.0]  # of what has been read out, the present last
    silent = 0
    talk.phrase("callback-slots")
    for _ in range(MOST_TURNS):
        diary = talk.desk.engine.diary(queue, number, without)
        found = [*islice(diary.free(beginnings[-1]), AT_ONCE + 1)] if diary is not None else []
        if diary is None or (not found and len(beginnings) == 1):
            talk.phrase("callback-slots-none")
            return None
        if not found:  # all of these have been taken meanwhile
            beginnings = [0.0]
            continue
        slots, more = found[:AT_ONCE], found[AT_ONCE:]
        key = _offer(talk, diary, slots, bool(more))
        silent = 0 if key else silent + 1
        if key.isdecimal() and 1 <= int(key) <= len(slots):
            at = slots[int(key) - 1].begin
            if _is_meant(talk, diary, at) and _is_had(talk, at, take):
                return at
        elif key == LATER and more:
            beginnings.append(more[0].begin)
        elif key == ANOTHER_DAY and (day := _choose_day(talk, diary)) is not None:
            beginnings.append(day)
        elif key == BACK and len(beginnings) > 1:
            beginnings.pop()
        elif key == BACK or silent >= TRIES:
            return None
        elif key and key != ANOTHER_DAY:
            talk.phrase("wrong-key")
    return None


def _is_had(talk: Speaker, at: float, take: Take) -> bool:
    try:
        take(at)
    except Declined as declined:
        if declined.reason is not Reason.NO_ROOM:
            raise
        talk.phrase("callback-slot-taken")
        return False
    return True


def _offer(talk: Speaker, diary: Diary, slots: list[Slot], more: bool) -> str:
    """Read out what there is; the key that was pressed."""
    phrases = talk.sounds.settings.phrases
    for number, slot in enumerate(slots, 1):
        if key := talk.say(phrases["callback-slot"], ANY_KEY, _when(diary, slot.begin, talk, str(number))):
            return key
    others = {"callback-slots-more": LATER} if more else {}
    for phrase, stands_for in {**others, "callback-slots-day": ANOTHER_DAY, "callback-slots-back": BACK}.items():
        if key := talk.say(phrases[phrase], ANY_KEY, {"key": stands_for}):
            return key
    return talk.leg.read_key(PATIENCE)


def _choose_day(talk: Speaker, diary: Diary) -> float | None:
    """Where the free times of a day begin; None where none was chosen."""
    days = [*islice(diary.days(), MOST_DAYS)]
    phrase = talk.sounds.settings.phrases["callback-day"]
    for _ in range(TRIES):
        key = ""
        for number, slot in enumerate(days, 1):
            key = key or talk.say(phrase, ANY_KEY, _when(diary, slot.begin, talk, str(number)))
        key = key or talk.leg.read_key(PATIENCE)
        if key.isdecimal() and 1 <= int(key) <= len(days):
            return days[int(key) - 1].begin
        if key == BACK:
            break
    return None


def _is_meant(talk: Speaker, diary: Diary, at: float) -> bool:
    """Whether the customer says so, who has heard it once more."""
    phrase = talk.sounds.settings.phrases["callback-slot-confirm"]
    for _ in range(TRIES):
        key = talk.say(phrase, ANY_KEY, _when(diary, at, talk)) or talk.leg.read_key(PATIENCE)
        if key in (YES, NO, BACK):
            return key == YES
    return False


def _when(diary: Diary, at: float, talk: Speaker, key: str = "") -> Mapping[str, object | None]:
    """What is said of a time, by the clock of the queue."""
    said: tuple[datetime, datetime] = diary.local(at), diary.local(talk.desk.clock.now())
    return {"when": said, "key": key or None}
