"""What the command line asks about the times at which customers of a queue may be called."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any

from appliance.callbacks.slots import Diary, Slot
from appliance.engine import Engine
from appliance.trouble import Trouble

MOST_SLOTS = 300  # for one answer: the line has other things to do


def slots_view(engine: Engine, arguments: Mapping[str, Any]) -> dict[str, object]:
    """The free slots of a queue, the next first; of a day all that customers may choose. Raises Trouble."""
    queue, day = str(arguments.get("queue")), arguments.get("day")
    diary = engine.diary(queue, "")
    if diary is None:
        known = ", ".join(each.id for each in engine.settings.queues.values() if _has_slots(engine, each.id))
        raise Trouble(f"Customers choose no times for the queue {queue[:40]!r}: they do for {known or 'none'}.")
    found: Iterable[Slot] = (
        islice(diary.free(), MOST_SLOTS) if day is None else diary.on(_date(diary, day, engine.clock.now()))
    )
    slots = [{"begins_at": each.begin, "ends_at": each.end, "room": each.room} for each in found]
    return {"queue": queue, "time_zone": diary.zone.key, "slots": slots}


def _has_slots(engine: Engine, queue: str) -> bool:
    callback = engine.settings.queues[queue].callback
    return callback is not None and callback.slots is not None


def _date(diary: Diary, day: object, now: float) -> date:
    """By the clock of the queue."""
    today = diary.local(now).date()
    if day in ("today", "tomorrow"):
        return today if day == "today" else today + timedelta(1)
    try:
        return date.fromisoformat(str(day))
    except ValueError:
        raise Trouble(f"{str(day)[:40]!r} is not a day: write it like {today}, today or tomorrow.") from None
