"""Who has hung up in line, how long they had waited, and what has become of them since: from the records."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from peewee import JOIN

from appliance.facts import CallOutcome, VisitOutcome
from appliance.records.callback_rows import in_pieces
from appliance.records.interval import Interval
from appliance.records.models import Call, Callback, Visit

# Calls of ours in which somebody has talked to the customer.
_REACHED = (CallOutcome.OUTBOUND_ANSWERED.value, CallOutcome.CALLED_BACK.value)


@dataclass(frozen=True)
class Redialled:
    """A call-back because somebody has hung up. `outcome` is None while it is open."""

    callback: str
    outcome: str | None


@dataclass(frozen=True)
class Abandoned:
    """A caller who has hung up in line. Times are UTC epoch seconds."""

    visit: str
    call: str
    queue: str
    number: str | None  # E.164; None: withheld
    name: str  # of the customer, or as the caller's network has it
    joined_at: float
    left_at: float
    waited: float  # with what counts from before
    cause: str | None  # EndCause of the caller's leg
    called_again_at: float | None = None  # the first time since: came into a queue, whatever became of that
    served_at: float | None = None  # the first time since: talked to somebody of ours
    redialled: Redialled | None = None

    @property
    def is_owed(self) -> bool:
        """Whether nobody has talked to this caller since, and nobody is going to call."""
        return self.served_at is None and self.redialled is None


def abandoned(interval: Interval, queue: str | None = None) -> list[Abandoned]:
    """Those who joined a queue in an interval and hung up in it, in that order. Customers who were called back and
    hung up on the way to an agent are none of them: their call-back says what became of it."""
    chosen = (Visit.joined_at >= interval.start) & (Visit.joined_at < interval.end)
    chosen &= Visit.outcome == VisitOutcome.ABANDONED.value
    if queue is not None:
        chosen &= Visit.queue == queue
    columns = (Call.number, Call.customer, Call.caller_name, Call.cause)
    visits = Visit.select(Visit, *columns).join(Call, JOIN.LEFT_OUTER, on=(Call.id == Visit.call))
    rows: list[Any] = list(visits.where(chosen).order_by(Visit.joined_at, Visit.id).objects())
    redials = _redials([row.id for row in rows])
    after = _Afterwards({row.number for row in rows if row.number is not None}, interval.start)
    return [
        Abandoned(
            visit=row.id,
            call=row.call,
            queue=row.queue,
            number=row.number,
            name=row.customer or row.caller_name or "",
            joined_at=row.joined_at,
            left_at=row.ended_at,
            waited=row.ended_at - row.joined_at + (row.waited or 0.0),
            cause=row.cause,
            called_again_at=after.first(after.calls, row.number, row.ended_at),
            served_at=after.first(after.talks, row.number, row.ended_at),
            redialled=redials.get(row.id),
        )
        for row in rows
    ]


def _redials(visits: Sequence[str]) -> dict[str, Redialled]:
    found: dict[str, Redialled] = {}
    row: Any
    for some in in_pieces(visits):
        for row in Callback.select().where(Callback.origin.in_(some)).order_by(Callback.promised_at):
            found[row.origin] = Redialled(row.id, row.outcome)
    return found


class _Afterwards:
    """When these numbers have called, and when somebody has talked to them."""

    def __init__(self, numbers: Iterable[str], since: float) -> None:
        self.calls: dict[str, list[float]] = {}
        self.talks: dict[str, list[float]] = {}
        for some in in_pieces(sorted(numbers)):
            self._look_up(some, since)

    def first(self, of: dict[str, list[float]], number: str | None, after: float) -> float | None:
        return min((at for at in of.get(number or "", ()) if at > after), default=None)

    def _look_up(self, numbers: Sequence[str], since: float) -> None:
        visits: Any = (
            Visit.select(Call.number, Visit.joined_at, Visit.answered_at)
            .join(Call, on=(Call.id == Visit.call))
            .where(Call.number.in_(numbers), Visit.joined_at >= since)
        )
        for number, joined_at, answered_at in visits.tuples():
            self.calls.setdefault(number, []).append(joined_at)
            if answered_at is not None:
                self.talks.setdefault(number, []).append(answered_at)
        outgoing: Any = Call.select(Call.number, Call.started_at).where(
            Call.number.in_(numbers), Call.started_at >= since, Call.outcome.in_(_REACHED)
        )
        for number, at in outgoing.tuples():
            self.talks.setdefault(number, []).append(at)
