"""Numbers and queues with opening hours, and where their callers go while it is closed. Pure."""

from collections.abc import Iterator

from appliance.configuration.checking.finding import Finding
from appliance.configuration.problems import shown
from appliance.configuration.reading import Reading
from appliance.settings import Hours, Number, Queue, Settings
from appliance.speech.prompts import KeyPath

_DAYS = 366  # of a leap year


def hours(reading: Reading) -> Iterator[Finding]:
    """What is wrong with where it goes."""
    settings = reading.settings
    for number in settings.numbers.values():
        yield from _closed(("numbers", number.id), f"The number {shown(number.id)}", number)
        yield from _holiday(number, settings)
    for queue in settings.queues.values():
        yield from _closed(("queues", queue.id), f"The queue {shown(queue.id)}", queue)
        if (circle := _circle(queue, settings)) is not None:
            text = f"While all of them are closed, callers go round in a circle of queues: {circle}."
            remedy = "Let one of them lead to a message, or hang up."
            yield Finding(("queues", queue.id, "closed"), text, remedy)


def schedules(reading: Reading) -> Iterator[Finding]:
    """Opening hours by which it is never open."""
    for schedule in reading.settings.hours.values():
        if is_never_open(schedule):
            text = f"By the hours {shown(schedule.id)} it is never open."
            yield Finding(("hours", schedule.id), text, 'Look at "open:" and "holidays:".', warning=True)


def is_never_open(schedule: Hours) -> bool:
    """Whether there is no time at which it is open."""
    exceptions = [*schedule.exceptions.values(), *schedule.yearly_exceptions.values()]
    return (not schedule.spans or len(schedule.yearly) == _DAYS) and not any(exceptions)


def _closed(path: KeyPath, what: str, each: Number | Queue) -> Iterator[Finding]:
    if each.hours is not None and each.closed is None:
        text = f'{what} has opening hours but does not say where to go when "closed".'
        yield Finding((*path, "hours"), text, "Add it, for example closed: {message: We are closed.}")
    if each.hours is None and each.closed is not None:
        kind = "number" if isinstance(each, Number) else "queue"
        text = f"This is never used: the {kind} has no opening hours and is always open."
        yield Finding((*path, "closed"), text, warning=True)


def _holiday(number: Number, settings: Settings) -> Iterator[Finding]:
    if number.holiday is None:
        return
    schedule = settings.hours.get(number.hours or "")
    if number.hours is None:
        why = "the number has no opening hours and is always open"
    elif schedule is not None and not _has_holidays(schedule):
        why = f"no day of the opening hours {shown(schedule.id)} is a holiday"
    else:
        return
    yield Finding(("numbers", number.id, "holiday"), f"This is never used: {why}.", warning=True)


def _has_holidays(schedule: Hours) -> bool:
    closed = [times for each in (schedule.exceptions, schedule.yearly_exceptions) for times in each.values()]
    return bool(schedule.holidays or schedule.yearly or schedule.closures or () in closed)


def _circle(queue: Queue, settings: Settings) -> str | None:
    """The queues by which a caller comes back to this one while all are closed; it is told of the first only."""
    passed = [queue.id]
    while queue.hours is not None and queue.closed is not None:
        following = settings.queues.get(queue.closed.queue or "")
        if following is None:
            break
        queue = following
        if queue.id in passed:
            is_told_here = queue.id == passed[0] == min(passed)
            return " -> ".join([*passed, queue.id]) if is_told_here else None
        passed.append(queue.id)
    return None
