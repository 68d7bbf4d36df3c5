"""What became of call-backs: counted from the records, of those whose place in line began in an interval.

Calls to those who had hung up in line and have not asked for one are counted apart: what was abandoned stays
abandoned, whatever becomes of them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from peewee import JOIN

from appliance.commands.show import length, share, table
from appliance.line.promises import AttemptEnd, CallbackEnd, Kind
from appliance.records.callback_rows import in_pieces
from appliance.records.interval import Interval
from appliance.records.models import Attempt, Callback, Visit, WaitEstimate

TOLD_WITHIN = 60.0  # seconds after the promise
UNDER_WAY = "under way"
OPEN = "open"
ENDS = (*(end.value for end in CallbackEnd), OPEN)
ATTEMPT_ENDS = (*(end.value for end in AttemptEnd), UNDER_WAY)

CALLBACKS = """\
Call-backs. promised = all that stand behind it together, to `open` or the last of them; wait = of those served,
from joining the line, or the time that was chosen, until the talk; as expected = of those with an expected wait
when it was promised, who talked within that; hold saved = for which those served did not have to hold; redial =
to callers who had hung up, and have not asked for it"""


@dataclass(frozen=True)
class CallbackFigures:
    """The call-backs of one queue: those that customers asked for, or those to callers who had hung up."""

    queue: str
    redial: bool
    promised: int = 0  # = the sum of `ends`
    ends: Mapping[str, int] = field(default_factory=dict)  # CallbackEnd or OPEN -> how many
    attempts: Mapping[str, int] = field(default_factory=dict)  # AttemptEnd or UNDER_WAY -> how many
    waits: Sequence[float] = ()  # seconds, of those served, in order
    predicted: int = 0  # of those served: had an expected wait when it was promised
    as_expected: int = 0
    sooner: int = 0
    later: int = 0
    saved: float = 0.0  # seconds for which those served need not hold, together

    @property
    def served(self) -> int:
        return self.ends.get(CallbackEnd.SERVED.value, 0)

    @property
    def median_wait(self) -> float | None:
        return _percentile(self.waits, 0.5)

    @property
    def wait_90(self) -> float | None:
        """Nine of ten waited for no longer."""
        return _percentile(self.waits, 0.9)

    @property
    def as_expected_rate(self) -> float | None:
        return self.as_expected / self.predicted if self.predicted else None


def _percentile(ordered: Sequence[float], share_of: float) -> float | None:
    """The nearest rank: a value that was there."""
    if not ordered:
        return None
    rank = max(1, -int(-len(ordered) * share_of // 1))
    return ordered[rank - 1]


@dataclass
class _Tally:
    """Being counted."""

    ends: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    judged: Counter[str] = field(default_factory=Counter)
    saved: float = 0.0


def callback_figures(interval: Interval, now: float, queue: str | None = None) -> list[CallbackFigures]:
    """By queue, those asked for before the others. Nothing of queues without any."""
    chosen = (Visit.joined_at >= interval.start) & (Visit.joined_at < interval.end)
    if queue is not None:
        chosen &= Visit.queue == queue
    columns = (Visit.joined_at, Visit.answered_at)
    query = Callback.select(Callback, *columns).join(Visit, JOIN.INNER, on=(Visit.id == Callback.id)).where(chosen)
    rows: list[Any] = list(query.objects())
    tallies: dict[tuple[str, bool], _Tally] = {}
    attempts, expected = _attempts(rows), _expected(rows)
    for row in rows:
        tally = tallies.setdefault((row.queue, row.kind == Kind.ABANDONED.value), _Tally())
        tried = attempts.get(row.id, [])
        tally.ends[row.outcome or OPEN] += 1
        tally.attempts.update(each.outcome or UNDER_WAY for each in tried)
        if row.outcome == CallbackEnd.SERVED.value and row.answered_at is not None:
            _count_served(tally, row, tried, expected.get(row.id))
    return [_figures(*key, tallies[key]) for key in sorted(tallies)]


def _count_served(tally: _Tally, row: Any, attempts: Sequence[Any], expected: Any) -> None:
    begins = row.wanted_at if row.wanted_at > row.promised_at else row.joined_at
    tally.waits.append(max(0.0, row.answered_at - begins))
    on_the_phone = next((each.reached_at for each in reversed(attempts) if each.reached_at is not None), None)
    tally.saved += max(0.0, (on_the_phone or row.answered_at) - max(row.promised_at, row.wanted_at))
    if expected is not None:
        took = row.answered_at - expected.at
        judged = "sooner" if took < expected.low else "later" if took > expected.high else "as_expected"
        tally.judged[judged] += 1


def _figures(queue: str, redial: bool, tally: _Tally) -> CallbackFigures:
    return CallbackFigures(
        *(queue, redial, tally.ends.total()),
        ends={end: tally.ends[end] for end in ENDS if end in tally.ends},
        attempts={end: tally.attempts[end] for end in ATTEMPT_ENDS if end in tally.attempts},
        waits=sorted(tally.waits),
        predicted=tally.judged.total(),
        as_expected=tally.judged["as_expected"],
        sooner=tally.judged["sooner"],
        later=tally.judged["later"],
        saved=tally.saved,
    )


def _attempts(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for some in in_pieces([row.id for row in rows]):
        for attempt in Attempt.select().where(Attempt.callback.in_(some)).order_by(Attempt.n):
            found.setdefault(attempt.callback, []).append(attempt)
    return found


def _expected(rows: Sequence[Any]) -> dict[str, Any]:
    """What was expected of each wait at the promise: what the customer was told then, else the last before."""
    promised = {row.id: row.promised_at for row in rows}
    found: dict[str, Any] = {}
    for some in in_pieces([*promised]):
        for estimate in WaitEstimate.select().where(WaitEstimate.visit.in_(some)).order_by(WaitEstimate.id):
            after = estimate.at - promised[estimate.visit]
            if after <= 0.0 or (estimate.told and after < TOLD_WITHIN):
                found[estimate.visit] = estimate
    return found


def callbacks_text(found: Sequence[CallbackFigures]) -> str:
    """A table of what became of them, one of attempts, and what the figures mean."""
    ends = [end for end in ENDS if any(end in each.ends for each in found)]
    rows = [
        (
            *(_name(each), each.promised, *(each.ends.get(end, 0) for end in ends)),
            *(length(each.median_wait), length(each.wait_90), share(each.as_expected_rate), length(each.saved)),
        )
        for each in found
    ]
    header = ("call-backs", "promised", *ends, "wait: median", "90 %", "as expected", "hold saved")
    return "\n".join((table(header, rows), *_attempts_text(found), CALLBACKS))


def _attempts_text(found: Sequence[CallbackFigures]) -> Iterator[str]:
    ends = [end for end in ATTEMPT_ENDS if any(end in each.attempts for each in found)]
    if ends:
        rows = [
            (_name(each), sum(each.attempts.values()), *(each.attempts.get(end, 0) for end in ends))
            for each in found
        ]
        yield table(("attempts", "all", *ends), rows)


def _name(figures: CallbackFigures) -> str:
    return f"{figures.queue} (redial)" if figures.redial else figures.queue


def callbacks_data(figures: CallbackFigures) -> dict[str, object]:
    """For programs."""
    data = {name: value for name, value in vars(figures).items() if name != "waits"}
    waits = {"median_wait": figures.median_wait, "wait_90": figures.wait_90}
    return {**data, "served": figures.served, **waits, "as_expected_rate": figures.as_expected_rate}
