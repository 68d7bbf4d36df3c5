"""A supervisor records a notice by phone, which all callers hear from then on; or ends the one they hear."""

import logging
from pathlib import Path

from appliance import recordings
from appliance.call import Desk, Speaker
from appliance.flows.pins import supervisor
from appliance.hours import duty
from appliance.hours.notices import ALL
from appliance.line.agents import Agent
from appliance.port import ANY_KEY, Refused
from appliance.settings import Agent as Known
from appliance.trouble import Trouble

log = logging.getLogger(__name__)

LONGEST = 180.0  # seconds of a notice
SILENCE = 5.0  # seconds after which it has ended
MOST_TAKES = 5
TRIES = 3
LONGEST_STAY = 168  # hours: a week
HOURS = 2  # where none are keyed
_KEEP, _AGAIN, _DISCARD = "1", "2", "3"
_REPLACE, _END = "1", "3"


def serve(speaker: Speaker, here: Agent | None, desk: Desk) -> None:
    """The whole dialogue, in front of which the supervisor says who it is."""
    who = supervisor(speaker, here, desk)
    if who is None:
        return
    if any(notice.target == ALL for notice in desk.engine.by_hand.notices(desk.clock.now())):
        key = speaker.phrase("notice-in-force", ANY_KEY) or speaker.leg.read_key(6.0)
        if key == _END:
            duty.end_notices(desk, ALL, who.name)
            speaker.phrase("notice-ended")
        if key != _REPLACE:
            return
    _record(speaker, who, desk)


def _record(speaker: Speaker, who: Known, desk: Desk) -> None:
    settings = desk.engine.settings
    id = duty.new_notice_id(ALL, desk.clock.now())
    is_kept = False
    try:
        if not _take(speaker, id, desk):
            return
        until = desk.clock.now() + _hours(speaker) * 3600.0
        duty.put_notice(desk, id, ALL, who.language or settings.language, until, who.name)
        is_kept = True
        speaker.phrase("notice-kept")
    finally:
        if not is_kept:
            desk.notices.forget(id)


def _take(speaker: Speaker, id: str, desk: Desk) -> bool:
    """Record until it is good; whether it is to be kept."""
    for _ in range(MOST_TAKES):
        file: Path | None = None
        try:
            file = recordings.file_of_message(desk.engine.settings.recordings, id)
            speaker.phrase("notice-speak", ANY_KEY)
            speaker.phrase("tone")
            speaker.leg.take_message(str(file), LONGEST, SILENCE)
            desk.notices.convert(file, id)
        except (Refused, Trouble, OSError) as error:
            log.error("a notice could not be recorded: %s", error)
            speaker.phrase("notice-failed")
            return False
        finally:
            if file is not None:
                file.unlink(missing_ok=True)
        key = _verdict(speaker, desk.notices.sound(id))
        if key == _KEEP:
            return True
        if key != _AGAIN:
            break
    speaker.phrase("notice-discarded")
    return False


def _verdict(speaker: Speaker, sound: str) -> str:
    """Let it be heard, and ask what is to become of it."""
    key = speaker.leg.play([sound], _KEEP + _AGAIN + _DISCARD)
    for _ in range(TRIES):
        key = key or speaker.phrase("notice-keep", ANY_KEY) or speaker.leg.read_key(6.0)
        if key and key in _KEEP + _AGAIN + _DISCARD:
            return key
        key = ""
    return _DISCARD


def _hours(speaker: Speaker) -> int:
    """How long it is to be heard."""
    for _ in range(TRIES):
        keyed = speaker.ask("notice-how-long", 4)
        if not keyed:
            break
        if keyed.isdecimal() and 1 <= int(keyed) <= LONGEST_STAY:
            return int(keyed)
        speaker.phrase("agent-wrong-code")
    return HOURS
