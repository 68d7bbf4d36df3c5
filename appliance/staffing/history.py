"""What the records say of past days: calls by time of day, how long they took, how patient callers were."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from peewee import JOIN

from appliance.facts import AgentState, VisitOutcome
from appliance.line.skills import Needs
from appliance.port import Outcome
from appliance.records.interval import Interval
from appliance.records.models import AgentStretch, Callback, Offer, OfferAgent, Visit
from appliance.records.open_rows import needs_of
from appliance.staffing.demand import DAY, Habits, Length
from appliance.traffic.laws import AT_ONCE, like

_MISSES = (Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.BUSY, Outcome.UNREACHABLE)


@dataclass
class Past:
    """What callers of one queue did, on some days."""

    calls: list[float]  # by interval, all days together
    talks: list[float] = field(default_factory=list)
    wrap_ups: list[float] = field(default_factory=list)  # one for each talk
    waited: float = 0.0  # by everybody, answered or not
    abandoned: int = 0
    kinds: Counter[tuple[float, Needs]] = field(default_factory=Counter)
    days: set[float] = field(default_factory=set)  # with calls

    @property
    def talk(self) -> Length | None:
        return Length(sum(self.talks) / len(self.talks), like(self.talks)) if self.talks else None

    @property
    def wrap_up(self) -> Length | None:
        if not self.talks:
            return None
        each = [*self.wrap_ups, *[0.0] * (len(self.talks) - len(self.wrap_ups))]
        return Length(sum(each) / len(each), like(each))

    @property
    def patience(self) -> float | None:
        """The mean, if patience is exponential: those who were answered had more of it than they needed."""
        return self.waited / self.abandoned if self.abandoned and self.waited else None


def past(days: Sequence[Interval], queues: Iterable[str], interval: float) -> Mapping[str, Past]:
    """By queue; a queue without a call is there, too."""
    found = {queue: Past([0.0] * int(DAY / interval)) for queue in queues}
    for day in days:
        known: set[str] = set()
        for row in _visits(day, found):
            if row["call"] not in known:  # else sent on from another of these queues, where it was counted
                known.add(row["call"])
                _count(found[row["queue"]], row, day, interval)
            _learn(found[row["queue"]], row)
        for queue, seconds in _wrap_ups(day, found):
            found[queue].wrap_ups.append(seconds)
    return found


def habits(days: Sequence[Interval], queues: Iterable[str]) -> Habits:
    """How agents took the calls of these queues."""
    rings: list[float] = []
    ends: Counter[str] = Counter()
    for day in days:
        query = (
            OfferAgent.select(OfferAgent.at, OfferAgent.ended_at, OfferAgent.outcome)
            .join(Offer, JOIN.INNER, on=(Offer.id == OfferAgent.offer))
            .join(Visit, JOIN.INNER, on=(Visit.id == Offer.visit))
            .where(_joined(day, queues), OfferAgent.outcome.is_null(False))
        )
        for began_at, ended_at, outcome in query.tuples().iterator():
            ends[outcome] += 1
            if outcome == Outcome.ANSWERED.value:
                rings.append(ended_at - began_at)
    # Where another was faster nobody knows what the agent would have done.
    counted = ends[Outcome.ANSWERED.value] + sum(ends[cause.value] for cause in _MISSES)
    if not counted:
        return Habits()
    answers = Length(sum(rings) / len(rings), like(rings)) if rings else Length(0.0, AT_ONCE)
    return Habits(answers, {cause: ends[cause.value] / counted for cause in _MISSES if ends[cause.value]})


def _joined(day: Interval, queues: Iterable[str]) -> Any:
    return (Visit.joined_at >= day.start) & (Visit.joined_at < day.end) & Visit.queue.in_(list(queues))


def _visits(day: Interval, queues: Iterable[str]) -> Iterable[dict[str, Any]]:
    at_home = Callback.promised_at.alias("went_home_at")
    query = Visit.select(Visit, at_home).join(Callback, JOIN.LEFT_OUTER, on=(Callback.id == Visit.id))
    query = query.where(_joined(day, queues)).order_by(Visit.joined_at)
    rows: Iterable[dict[str, Any]] = query.dicts().iterator()
    return rows


def _wrap_ups(day: Interval, queues: Iterable[str]) -> Iterable[tuple[str, float]]:
    query = (
        AgentStretch.select(Visit.queue, AgentStretch.ended_at - AgentStretch.began_at)
        .join(Visit, JOIN.INNER, on=(Visit.id == AgentStretch.visit))
        .where(
            _joined(day, queues),
            AgentStretch.state == AgentState.WRAP_UP.value,
            AgentStretch.began_at >= day.start,  # follows from the rest, and keeps to the index
            AgentStretch.ended_at.is_null(False),
            Visit.talk_ended_at.is_null(False),
        )
    )
    rows: Iterable[tuple[str, float]] = query.tuples().iterator()
    return rows


def _count(to: Past, row: Mapping[str, Any], day: Interval, interval: float) -> None:
    at = datetime.fromtimestamp(row["joined_at"], day.zone)
    to.calls[int((at.hour * 3600 + at.minute * 60 + at.second) / interval)] += 1
    to.days.add(day.start)
    to.kinds[row["head_start"], needs_of(row["needs"])] += 1


def _learn(to: Past, row: Mapping[str, Any]) -> None:
    if row["went_home_at"] is not None:  # and had held so long; at home nobody's patience ends
        to.waited += max(0.0, row["went_home_at"] - row["joined_at"])
    elif row["outcome"] in (VisitOutcome.ANSWERED.value, VisitOutcome.ABANDONED.value):
        to.waited += (row["answered_at"] or row["ended_at"]) - row["joined_at"]
        to.abandoned += row["outcome"] == VisitOutcome.ABANDONED.value
    if row["answered_at"] is not None and row["talk_ended_at"] is not None:
        to.talks.append(row["talk_ended_at"] - row["answered_at"])
