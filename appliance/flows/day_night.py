"""A supervisor opens or closes by phone: which hours, what is now, what is to be, and for how long."""

from appliance.call import Desk, Speaker
from appliance.flows.pins import supervisor
from appliance.hours import duty
from appliance.hours.schedule import opening
from appliance.line.agents import Agent
from appliance.port import ANY_KEY
from appliance.settings import Hours

MOST_SCHEDULES = 9  # that can be told apart by one key; the others are set by command
TRIES = 3
LONGEST_STAY = 168  # hours: a week
_ALL, _OPEN, _CLOSE, _FOLLOW = "0", "1", "2", "3"


def serve(speaker: Speaker, here: Agent | None, desk: Desk) -> None:
    """The whole dialogue, in front of which the supervisor says who it is."""
    schedules = [*desk.engine.settings.hours.values()][:MOST_SCHEDULES]
    who = supervisor(speaker, here, desk)
    if who is None:
        return
    if not schedules:
        speaker.phrase("hours-none")
        return
    chosen = schedules if len(schedules) == 1 else _which(speaker, schedules)
    if not chosen:
        return
    if len(chosen) == 1:
        _say_what_is(speaker, chosen[0], desk)
    key = _key(speaker, "hours-choose", _OPEN + _CLOSE + _FOLLOW)
    by = who.name
    if key == _FOLLOW:
        duty.follow_hours(desk, chosen, by)
        speaker.phrase("hours-followed")
    elif key:
        hours = _how_long(speaker)
        if hours is None:
            return
        now = desk.clock.now()
        duty.set_hours(
            desk,
            chosen,
            key == _OPEN,
            lambda each: now + hours * 3600.0 if hours else duty.until_it_changes(each, now),
            by,
        )
        speaker.phrase("hours-opened" if key == _OPEN else "hours-closed")


def _which(speaker: Speaker, schedules: list[Hours]) -> list[Hours]:
    """One of them, or all; none when nothing was chosen."""
    for _ in range(TRIES):
        key = _offer(speaker, schedules) or speaker.leg.read_key(6.0)
        if key == _ALL:
            return schedules
        if key.isdecimal() and 1 <= int(key) <= len(schedules):
            return [schedules[int(key) - 1]]
        speaker.phrase("agent-wrong-code")
    return []


def _offer(speaker: Speaker, schedules: list[Hours]) -> str:
    """Say which key stands for which; the key that interrupts."""
    for number, schedule in enumerate(schedules, 1):
        key = speaker.phrase(f"press-{number}", ANY_KEY)
        if not key and schedule.name is not None:
            key = speaker.say(schedule.name, ANY_KEY)
        elif not key:
            key = speaker.speak(schedule.id, ANY_KEY)
        if key:
            return key
    return speaker.phrase("hours-all", ANY_KEY)


def _say_what_is(speaker: Speaker, schedule: Hours, desk: Desk) -> None:
    now = desk.clock.now()
    override = desk.engine.by_hand.override(schedule.id, now)
    is_open = opening(schedule, now, override).is_open
    speaker.phrase("hours-are-open" if is_open else "hours-are-closed")
    if override is not None:
        speaker.phrase("hours-by-hand")


def _key(speaker: Speaker, phrase: str, keys: str) -> str:
    """One of these keys; "" when there was none after all."""
    for _ in range(TRIES):
        key = speaker.phrase(phrase, ANY_KEY) or speaker.leg.read_key(6.0)
        if key and key in keys:
            return key
        speaker.phrase("agent-wrong-code")
    return ""


def _how_long(speaker: Speaker) -> int | None:
    """Hours; 0: until the schedule itself changes. None when nothing of use was keyed."""
    for _ in range(TRIES):
        keyed = speaker.ask("hours-how-long", 4)
        if not keyed or (keyed.isdecimal() and 1 <= int(keyed) <= LONGEST_STAY):
            return int(keyed or 0)
        speaker.phrase("agent-wrong-code")
    return None
