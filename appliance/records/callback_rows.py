"""Call-backs in the tables: how facts about them are written, and how those that are open are read back."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from peewee import fn

from appliance import facts as f
from appliance.line.promises import AttemptEnd, CallbackEnd, Context, First, Home, Kind, Promise, attempt_id
from appliance.records.models import Attempt, Callback, CallbackMove, Visit
from appliance.records.statements import insert, update

AT_ONCE = 500  # rows looked up in one query: databases limit the parameters of one

# Attempts that do not count among those that are allowed: never reached the network, or need not be repeated.
NO_TRY = {
    each.value for each in (AttemptEnd.FAILED, AttemptEnd.AGENT_MISSED, AttemptEnd.CANCELLED, AttemptEnd.SERVED)
}


def context_text(context: Context) -> str:
    """What the customer said beside, as it is kept."""
    return json.dumps(dict(context), ensure_ascii=False)


def promise_of(row: Any) -> Promise:
    """What a row says was promised."""
    return Promise(
        number=row.number,
        kind=Kind(row.kind),
        first=First(row.first),
        not_before=row.wanted_at,
        expires=row.expires,
        language=row.language,
        name=row.name,
        context=tuple(json.loads(row.context).items()),
        origin=row.origin,
    )


def open_homes(visits: Iterable[str]) -> dict[str, Home]:
    """Of these visits those whose customers are to be called back, or talk since they were, as the line has them
    in mind."""
    homes: dict[str, Home] = {}
    known = Callback.ended_at.is_null() | (Callback.outcome == CallbackEnd.SERVED.value)
    for some in in_pieces(list(visits)):
        attempts = _attempts(some)
        for row in Callback.select().where(Callback.id.in_(some), known):
            homes[row.id] = _home(row, attempts.get(row.id, []))
    return homes


def attempts_of(visits: Iterable[str]) -> dict[str, int]:
    """How often the customers of these visits have been called, in whatever call-back; those who have."""
    found: dict[str, int] = {}
    for some in in_pieces(list(visits)):
        query: Any = Attempt.select(Attempt.callback, fn.MAX(Attempt.n)).where(Attempt.callback.in_(some))
        found.update(query.group_by(Attempt.callback).tuples())
    return found


def in_pieces(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """So many at a time as one query takes."""
    return (ids[n : n + AT_ONCE] for n in range(0, len(ids), AT_ONCE))


def _attempts(visits: Sequence[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in Attempt.select().where(Attempt.callback.in_(visits)).order_by(Attempt.n):
        found.setdefault(row.callback, []).append(row)
    return found


def _home(row: Any, attempts: Sequence[Any]) -> Home:
    under_way = next((each for each in attempts if each.ended_at is None), None)
    return Home(
        promise=promise_of(row),
        not_before=row.not_before,
        attempts=max((each.n for each in attempts), default=0),
        tries=sum(each.at >= row.promised_at and is_try(each.outcome) for each in attempts),
        calling=under_way is not None and under_way.reached_at is None,
        reached=under_way is not None and under_way.reached_at is not None,
    )


def is_try(outcome: str | None) -> bool:
    """Whether an attempt that ended so counts among those that are allowed."""
    return outcome is not None and outcome not in NO_TRY


# How each fact changes the tables.


def _promised(x: f.CallbackPromised) -> None:
    """Who has come back to the line and goes home again has a new promise, of the same id."""
    promise = x.promise
    values: dict[str, object] = {
        "queue": x.queue,
        "number": promise.number,
        "kind": promise.kind.value,
        "first": promise.first.value,
        "promised_at": x.at,
        "wanted_at": promise.not_before,
        "not_before": promise.not_before if x.not_before is None else x.not_before,
        "expires": promise.expires,
        "language": promise.language,
        "name": promise.name,
        "context": context_text(promise.context),
        "origin": promise.origin,
    }
    insert(Callback, or_ignore=True, id=x.visit, **values)
    update(Callback, {"id": x.visit}, ended_at=None, outcome=None, why=None, **values)


def _moved(x: f.CallbackMoved) -> None:
    lasts = {} if x.expires is None else {"expires": x.expires}
    update(Callback, {"id": x.visit}, not_before=x.not_before, **lasts)
    if x.waited is not None:
        update(Visit, {"id": x.visit}, waited=x.waited or None)
    insert(CallbackMove, callback=x.visit, at=x.at, not_before=x.not_before, why=x.why)


def _began(x: f.AttemptBegan) -> None:
    id = attempt_id(x.visit, x.n)
    insert(
        Attempt,
        or_ignore=True,
        id=id,
        callback=x.visit,
        n=x.n,
        at=x.at,
        first=x.first.value,
        number=x.number,
        agent=x.agent,
        phone=x.phone,
        offer=x.offer,
        why=x.why,
    )
    update(Visit, {"id": x.visit}, leg=id, later_call=id)


def _reached(x: f.CustomerReached) -> None:
    update(Attempt, {"id": attempt_id(x.visit, x.n)}, reached_at=x.at)
    update(Visit, {"id": x.visit}, leg=x.leg, later_call=x.call)


def _ended(x: f.AttemptEnded) -> None:
    update(Attempt, {"id": attempt_id(x.visit, x.n)}, ended_at=x.at, outcome=x.end.value, next_at=x.next_at)
    if x.next_at is not None:
        update(Callback, {"id": x.visit}, not_before=x.next_at)


def _over(x: f.CallbackEnded) -> None:
    update(Callback, {"id": x.visit, "ended_at": None}, ended_at=x.at, outcome=x.end.value, why=x.why)


WRITERS: Mapping[type, Callable[[Any], None]] = {
    f.CallbackPromised: _promised,
    f.CallbackMoved: _moved,
    f.AttemptBegan: _began,
    f.CustomerReached: _reached,
    f.AttemptEnded: _ended,
    f.CallbackEnded: _over,
}
