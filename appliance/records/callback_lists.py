"""Call-backs as the records have them, for lists and for the story of one."""

from collections.abc import Iterable
from typing import Any

from appliance.line.promises import visit_of_attempt
from appliance.records.callback_rows import attempts_of, in_pieces
from appliance.records.interval import Interval
from appliance.records.models import Attempt, Call, Callback, Visit
from appliance.trouble import Trouble

MOST_LISTED = 20  # ids in one sentence
MOST_RELATED = 50  # calls of the same number


def callbacks(
    when: Interval | None, is_open: bool = False, queue: str | None = None, number: str | None = None
) -> list[dict[str, Any]]:
    """Those that were promised in an interval, or ever, in that order."""
    query = Callback.select().order_by(Callback.promised_at, Callback.id)
    if when is not None:
        query = query.where(Callback.promised_at >= when.start, Callback.promised_at < when.end)
    if is_open:
        query = query.where(Callback.ended_at.is_null())
    if queue is not None:
        query = query.where(Callback.queue == queue)
    if number is not None:
        query = query.where(Callback.number == number)
    rows = list(query)
    attempts = attempts_of(row.id for row in rows)
    last = _last_outcomes(row.id for row in rows)
    return [
        {
            "callback": row.id,
            "queue": row.queue,
            "number": row.number,
            "name": row.name,
            "kind": row.kind,
            "first": row.first,
            "promised_at": row.promised_at,
            "wanted_at": row.wanted_at,
            "not_before_at": row.not_before,
            "expires_at": row.expires,
            "attempts": attempts.get(row.id, 0),
            "last": last.get(row.id),
            "ended_at": row.ended_at,
            "outcome": row.outcome,
            "why": row.why or "",
        }
        for row in rows
    ]


def _last_outcomes(ids: Iterable[str]) -> dict[str, str]:
    """How the last attempts of call-backs have ended, of those that have."""
    found: dict[str, str] = {}
    for some in in_pieces(list(ids)):
        for row in Attempt.select().where(Attempt.callback.in_(some)).order_by(Attempt.n):
            if row.outcome is not None:
                found[row.callback] = row.outcome
    return found


def find_callback(reference: str) -> Any:
    """The call-back with that id, of that attempt or of that call, or the only one whose id begins so; `last` is
    the one that was promised last. Raises Trouble."""
    rows = Callback.select().order_by(Callback.promised_at.desc(), Callback.id.desc())
    if reference == "last":
        row = rows.first()
        if row is None:
            raise Trouble("There is no call-back in the records yet.")
        return row
    exact = visit_of_attempt(reference) or reference
    of_calls = Visit.select(Visit.id).where((Visit.call == reference) | (Visit.later_call == reference))
    for found in (rows.where(Callback.id == exact), rows.where(Callback.id.in_(of_calls))):
        if row := found.first():
            return row
    begins = list(rows.where(Callback.id.startswith(reference)).limit(MOST_LISTED + 1)) if reference else []
    if not begins:
        raise Trouble(f"There is no call-back {reference[:60]!r}: `appliance callbacks --all` lists them.")
    if len(begins) > 1:
        listed = sorted(row.id for row in begins[:MOST_LISTED]) + (["..."] if len(begins) > MOST_LISTED else [])
        raise Trouble(f"Several call-backs begin with {reference[:60]!r}: {', '.join(listed)}.")
    return begins[0]


def related_calls(number: str, but: Iterable[str]) -> list[Any]:
    """The last calls from a number or to it, the newest first, without these."""
    calls = Call.select().where(Call.number == number, Call.id.not_in([*but] or [""]))
    return list(calls.order_by(Call.started_at.desc(), Call.id.desc()).limit(MOST_RELATED))
