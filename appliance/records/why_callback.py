"""The part of a caller's story that happens while they are at home: the promise, and each time they are called."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from appliance.commands.show import harmless, length
from appliance.line.promises import First, Kind
from appliance.records.models import Attempt, Call, Callback, CallbackMove, Visit
from appliance.records.moments import Moment

BEGINS = "attempt"  # the kind of a moment from which all follows that happens at the same time

_PROMISES = {
    Kind.HELD.value: "goes home, and keeps the place",
    Kind.ASKED.value: "would rather be called back than stand in line",
    Kind.CHOSEN.value: "chooses a time",
    Kind.WEB.value: "asks for it in the web",
    Kind.AGENT.value: "is promised it by one of ours",
    Kind.ABANDONED.value: "had hung up, and is called without having asked for it",
}


def visits_of(call: str) -> list[Any]:
    """The visits that a call has to do with: joined in it, or whose customer is called back by it or has called
    in."""
    attempts = Attempt.select(Attempt.callback).where(Attempt.id == call)
    its_own = (Visit.call == call) | (Visit.later_call == call) | Visit.id.in_(attempts)
    return list(Visit.select().where(its_own).order_by(Visit.joined_at, Visit.id))


def calls_of(visits: Iterable[Any]) -> list[Any]:
    """The calls that belong to visits because somebody was to be called back, the first one among them."""
    ids: set[str] = set()
    for visit in visits:
        if Callback.select().where(Callback.id == visit.id).exists():
            ids |= {visit.call, visit.later_call or visit.call}
            ids |= {attempt.id for attempt in Attempt.select(Attempt.id).where(Attempt.callback == visit.id)}
    return list(Call.select().where(Call.id.in_(ids)).order_by(Call.started_at, Call.id)) if ids else []


def callback_moments(visit: Any) -> Iterator[Moment]:
    """What was promised, and what became of that; nothing where nothing was."""
    row: Any = Callback.get_or_none(Callback.id == visit.id)
    if row is None:
        return
    yield _promised(row)
    for move in CallbackMove.select().where(CallbackMove.callback == row.id).order_by(CallbackMove.id):
        text = f"is not called for {length(move.not_before - move.at)} from now: {move.why}"
        yield Moment(move.at, "moved", text, data={"visit": row.id, "not_before_at": move.not_before})
    for attempt in Attempt.select().where(Attempt.callback == row.id).order_by(Attempt.n):
        yield from _attempt(attempt)
    if row.ended_at is not None:
        text = f"the call-back ends: {row.outcome}" + (f" ({row.why})" if row.why else "")
        yield Moment(row.ended_at, "call-back ended", text, data={"visit": row.id, "outcome": row.outcome})


def _promised(row: Any) -> Moment:
    later = f", in {length(row.wanted_at - row.promised_at)} at the earliest" if is_later(row) else ""
    first = "the agent first" if row.first == First.AGENT.value else "the customer first"
    text = f"is to be called back at {row.number}{later}, {first}: {_PROMISES.get(row.kind, row.kind)}"
    context = json.loads(row.context)
    said = "; ".join(f"{harmless(name, 30)}: {harmless(value, 60)}" for name, value in context.items())
    data = {"visit": row.id, "number": row.number, "promise": row.kind, "context": context}
    return Moment(row.promised_at, "promised", text + (f" ({said})" if said else ""), data=data)


def is_later(row: Any) -> bool:
    """Whether a time was chosen, rather than as soon as it is their turn."""
    return bool(row.wanted_at > row.promised_at)


def _attempt(row: Any) -> Iterator[Moment]:
    data = {"attempt": row.id, "n": row.n}
    whom = f"agent {row.agent} is called first, at phone {row.phone}" if row.agent else f"{row.number} is called"
    yield Moment(row.at, BEGINS, f"attempt {row.n}: {whom}, since {row.why}", data={**data, "why": row.why})
    if row.reached_at is not None:
        text = f"attempt {row.n}: the customer presses the key, and is in line at the old place"
        yield Moment(row.reached_at, "reached", text, data=data)
    if row.ended_at is not None:
        again = f", again in {length(row.next_at - row.ended_at)} at the earliest" if row.next_at else ""
        ended = {**data, "outcome": row.outcome, "next_at": row.next_at}
        yield Moment(row.ended_at, "attempt ended", f"attempt {row.n}: {row.outcome}{again}", data=ended)
