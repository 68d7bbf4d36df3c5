"""The times that a customer may choose as the line stands, and who has the last one of a slot. Pure.

What is read out to two customers at once may be the last place. Which of them has it is decided where nothing else
happens meanwhile: the engine asks here with the line in its hands.
"""

from dataclasses import dataclass

from appliance.callbacks.slots import Diary
from appliance.hours.by_hand import ByHand
from appliance.line.acd import Acd
from appliance.line.messages import CallerJoins, Declined, MoveCallback, Reason
from appliance.settings import Settings


@dataclass(frozen=True)
class TakeTime:
    """To the engine: a customer has chosen a time, and gives up the place in line for it where there is one.
    Declined where that time is to be had no more."""

    asked: CallerJoins | MoveCallback
    leaves: str = ""  # the visit in line


def diary_of(
    settings: Settings, by_hand: ByHand, acd: Acd, queue: str, number: str, now: float, without: str = ""
) -> Diary | None:
    """What that customer may choose from; None where nobody may. `without`: a call-back that is to be moved, and
    takes no room."""
    known = settings.queues.get(queue)
    if known is None or known.callback is None or known.callback.slots is None:
        return None
    taken = (
        visit.home.not_before
        for visit in acd.visits()
        if visit.home is not None and visit.queue == queue and visit.id != without
    )
    override = by_hand.override(known.hours, now) if known.hours else None
    return Diary(settings, known, number, taken, now, override)


def refuse_taken(wanted: TakeTime, settings: Settings, by_hand: ByHand, acd: Acd, now: float) -> None:
    """Raises Declined."""
    match wanted.asked:
        case CallerJoins(queue=queue, promise=promise) if promise is not None:
            diary = diary_of(settings, by_hand, acd, queue, promise.number, now)
            at = promise.not_before
        case MoveCallback(visit=id, not_before=at):
            visit = acd.visit(id)
            if visit is None or visit.home is None:
                raise Declined(Reason.NO_CALLBACK)
            diary = diary_of(settings, by_hand, acd, visit.queue, visit.home.promise.number, now, id)
        case _:
            raise Declined(Reason.NO_ROOM)
    if diary is None or not diary.has_room(at):
        raise Declined(Reason.NO_ROOM)
