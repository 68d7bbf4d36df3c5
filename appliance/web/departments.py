"""The departments that call back: whether they are open, how long it takes now, and their days and hours."""

from collections.abc import Iterator
from dataclasses import dataclass

from appliance.engine import Engine
from appliance.hours.schedule import next_change, opening
from appliance.line.visits import Expected
from appliance.settings import Queue, Settings
from appliance.settings.web import Texts

DAYS = 7 * 86400.0  # seconds ahead, of which the hours are told
_MOST_SPANS = 40


@dataclass(frozen=True)
class Department:
    """A queue as customers see it. `changes_at`: when it opens or closes next; None: not that anybody knows."""

    id: str
    name: Texts
    is_open: bool
    changes_at: float | None
    expected: Expected | None
    spans: tuple[tuple[float, float], ...]  # when it is open


def queue_of(settings: Settings, id: str) -> Queue | None:
    """The queue of a department, if it may be asked for over the web."""
    queue = settings.queues.get(id)
    if settings.web is None or queue is None or queue.callback is None:
        return None
    chosen = settings.web.form.departments
    return queue if id in chosen or not chosen else None


def names(settings: Settings) -> dict[str, Texts]:
    """The departments with their names, in the order of the configuration."""
    chosen = settings.web.form.departments if settings.web else {}
    return {
        id: chosen.get(id) or {settings.language: settings.queues[id].name}
        for id in chosen or settings.queues
        if queue_of(settings, id)
    }


def departments(engine: Engine, now: float) -> Iterator[Department]:
    for id, name in names(engine.settings).items():
        yield _department(engine, engine.settings.queues[id], name, now)


def _department(engine: Engine, queue: Queue, name: Texts, now: float) -> Department:
    is_open, changes_at = True, None
    spans: tuple[tuple[float, float], ...] = ((now, now + DAYS),)
    if queue.hours is not None:
        hours, by_hand = engine.settings.hours[queue.hours], engine.by_hand.override(queue.hours, now)
        is_open = opening(hours, now, by_hand).is_open
        changes_at = next_change(hours, now, by_hand)
        spans = tuple(_spans(engine, queue.hours, now))
    expected = engine.acd.expected_wait_in(queue.id, now) if is_open else None
    return Department(queue.id, name, is_open, changes_at, expected, spans)


def _spans(engine: Engine, schedule: str, now: float) -> Iterator[tuple[float, float]]:
    hours, by_hand = engine.settings.hours[schedule], engine.by_hand.override(schedule, now)
    at, ends = now, now + DAYS
    for _ in range(_MOST_SPANS):
        change = next_change(hours, at, by_hand)
        until = ends if change is None else min(change, ends)
        if until > at and opening(hours, at, by_hand).is_open:
            yield at, until
        if until >= ends:
            return
        at = until
