"""What other programs are still to be told, read from the event table, and how far each has been told."""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from peewee import fn

from appliance import facts as f
from appliance.records.models import Callback, CallbackMove, EventRow, Reminder, WebhookRow
from appliance.records.statements import insert, update

AT_ONCE = 1000  # rows of the event table that one look goes over: the line waits meanwhile


@dataclass(frozen=True)
class Event:
    """A fact by its number, with what is known of the call-back that it is about. Receivers know by the number
    what they have been told before."""

    n: int
    at: float
    kind: str
    body: Mapping[str, Any]
    about: Mapping[str, Any] | None  # the row of the call-back


@dataclass(frozen=True)
class Batch:
    """Events of certain kinds up to a number; there are more events behind it where `more`."""

    events: tuple[Event, ...]
    up_to: int
    more: bool


def begin(hook: str) -> int | None:
    """Up to where a receiver has been told everything; None: it has never been told anything."""
    row = WebhookRow.get_or_none(WebhookRow.hook == hook)
    return None if row is None else int(row.n)


def newest() -> int:
    """The number of the last event."""
    return int(EventRow.select(fn.MAX(EventRow.n)).scalar() or 0)


def after(n: int, kinds: Collection[str]) -> Batch:
    """What has happened of these kinds since that number, as far as one look goes."""
    last = newest()
    up_to = min(last, n + AT_ONCE)
    rows = EventRow.select().where(EventRow.n > n, EventRow.n <= up_to, EventRow.kind.in_(list(kinds)))
    events = tuple(_event(row) for row in rows.order_by(EventRow.n))
    return Batch(events, max(n, up_to), up_to < last)


def _event(row: Any) -> Event:
    body = json.loads(row.body)
    visit = body.get("visit")
    known = Callback.get_or_none(Callback.id == visit) if visit is not None else None
    about = None if known is None else {**known.__data__, "context": json.loads(known.context)}
    return Event(row.n, row.at, row.kind, body, about)


def wants_reminder(hook: str, callback: str, not_before: float, remind: float) -> bool:
    """Whether this customer is to be reminded: of a time that was agreed upon earlier than the reminder would be,
    and only once."""
    row = Callback.get_or_none(Callback.id == callback)
    if row is None or row.ended_at is not None:
        return False
    moved_at = CallbackMove.select(fn.MAX(CallbackMove.at)).where(CallbackMove.callback == callback).scalar()
    if not_before - max(row.promised_at, moved_at or 0.0) < remind:
        return False
    known = Reminder.select().where(
        Reminder.hook == hook, Reminder.callback == callback, Reminder.not_before == not_before
    )
    return not known.exists()


# How each fact changes the tables.


def _reminder_due(x: f.ReminderDue) -> None:
    insert(Reminder, or_ignore=True, hook=x.hook, callback=x.visit, not_before=x.not_before, at=x.at)


def _webhook_reached(x: f.WebhookReached) -> None:
    insert(WebhookRow, or_ignore=True, hook=x.hook, n=x.n, at=x.at)
    update(WebhookRow, {"hook": x.hook}, n=x.n, at=x.at)


WRITERS: Mapping[type, Callable[[Any], None]] = {
    f.ReminderDue: _reminder_due,
    f.WebhookReached: _webhook_reached,
}
