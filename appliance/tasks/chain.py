"""When tasks are due, and when which step of the chain comes after that. Pure."""

from collections.abc import Callable

from appliance.hours.schedule import Override, next_change, next_opening, opening
from appliance.settings import Hours, Settings
from appliance.settings.tasks import Escalation, Owing

ByHand = Callable[[str, float], Override | None]  # schedule, now -> what holds instead


def due_at(settings: Settings, owing: Owing, by_hand: ByHand, now: float) -> float:
    """By when a task is to be done that is opened now."""
    hours = settings.hours.get(owing.hours or "")
    return now + owing.due if hours is None else after_open(hours, now, owing.due, by_hand(hours.id, now))


def after_open(hours: Hours, at: float, seconds: float, override: Override | None = None) -> float:
    """When so many seconds will have passed of those in which it is open. What never opens counts as open."""
    while True:
        if not opening(hours, at, override).is_open:
            opens = next_opening(hours, at, override)
            if opens is None:
                return at + seconds
            at = opens
        closes = next_change(hours, at, override)
        if closes is None or at + seconds <= closes:
            return at + seconds
        seconds, at = seconds - (closes - at), closes


def chain_of(settings: Settings, queue: str | None) -> tuple[tuple[Escalation, ...], tuple[str, ...]]:
    """The steps for tasks of that queue, in the order of their time, and the keys that lead to them."""
    known = settings.queues.get(queue or "")
    if known is not None and known.escalation:
        return known.escalation, ("queues", known.id, "escalation")
    return settings.escalation, ("escalation",)


def comes_at(settings: Settings, step: Escalation, due: float, by_hand: ByHand, now: float) -> float:
    """When a step comes: never while its hours are closed."""
    at = due + step.after
    hours = settings.hours.get(step.hours or "")
    if hours is None:
        return at
    # What was set by hand is known from now on only.
    override = by_hand(hours.id, now)
    looked_at = max(at, now) if override is not None else at
    if opening(hours, looked_at, override).is_open:
        return at
    opens = next_opening(hours, looked_at, override)
    return at if opens is None else opens
