"""Tallies: the figures of queues and agents, counted and summed by the database, SQLite or Postgres alike."""

from collections.abc import Iterable, Mapping
from typing import Any

from peewee import JOIN, SQL, Case, fn

from appliance.facts import AgentState, VisitOutcome
from appliance.line.promises import Kind
from appliance.port import Outcome
from appliance.records.figures import AgentFigures, QueueFigures
from appliance.records.interval import Interval
from appliance.records.models import AgentStretch, Callback, Offer, OfferAgent, Visit
from appliance.settings import Settings

DEFAULT_THRESHOLD = 20.0  # seconds, for queues that are configured no more
LONGEST_STRETCH = 31 * 86400.0  # how far before an interval a stretch may have begun: keeps to the index
KEY = "grouped_by"  # an alias that is no column, so that every database takes it for the alias

MISSED = (Outcome.NO_ANSWER.value, Outcome.BUSY.value, Outcome.REFUSED.value)  # the agent's doing
UNREACHED = (Outcome.UNREACHABLE.value, Outcome.FAILED.value)  # the phone's, or ours


def queue_figures(
    interval: Interval, now: float, settings: Settings | None = None, queue: str | None = None
) -> list[QueueFigures]:
    """The figures of every queue that is configured or had callers, by id; or of one."""
    queues = settings.queues if settings else {}
    thresholds = {id: q.service_level for id, q in queues.items()}
    in_time = _wait(now) <= _threshold(thresholds)
    at_home = Callback.id.is_null(False)  # or has been
    taken = Visit.outcome == VisitOutcome.ANSWERED.value
    answered = taken & ~at_home
    abandoned = Visit.outcome == VisitOutcome.ABANDONED.value
    talked = taken & Visit.talk_ended_at.is_null(False)
    to_be_called = Visit.outcome.is_null() & at_home & Callback.ended_at.is_null()
    again = Visit.alias()
    came_back = again.came_back.is_null(False) & (again.joined_at >= interval.start)
    counts = {
        "offered": fn.COUNT(Visit.id),
        **{o.name.lower(): _count(Visit.outcome == o.value) for o in VisitOutcome},
        "answered": _count(answered),
        "called_back": _count(taken & at_home),
        "at_home": _count(to_be_called),
        "waiting": _count(Visit.outcome.is_null() & ~to_be_called),
        "answered_in_time": _count(answered & in_time),
        "abandoned_in_time": _count(abandoned & in_time),
        "came_back": _count(abandoned & Visit.id.in_(again.select(again.came_back).where(came_back))),
        "talks": _count(talked),
    }
    sums = {
        "answered_wait": _sum(answered, _wait(now)),
        "abandoned_wait": _sum(abandoned, _wait(now)),
        "longest_wait": fn.MAX(Case(None, [(~at_home, _wait(now))])),
        "talk": _sum(talked, Visit.talk_ended_at - Visit.answered_at),
    }
    columns = [column.alias(name) for name, column in {**counts, **sums}.items()]
    chosen = _arrived(interval, queue)
    called_in = Callback.kind.is_null() | (Callback.kind != Kind.ABANDONED.value)
    query = (
        Visit.select(Visit.queue, *columns)
        .join(Callback, JOIN.LEFT_OUTER, on=(Callback.id == Visit.id))
        .where(chosen, called_in)
        .group_by(Visit.queue)
    )
    rows = {row.pop("queue"): row for row in _rows(query)}
    wrap_ups = _wrap_ups(Visit.queue, chosen & ~_redialled(), interval, now)
    listed = {*queues, *rows} if queue is None else {queue}
    return [
        QueueFigures(
            queue=id,
            name=queues[id].name if id in queues else id,
            threshold=thresholds.get(id, DEFAULT_THRESHOLD),
            wrap_up=wrap_ups.get(id, 0.0),
            **rows.get(id, {}),
        )
        for id in sorted(listed)
    ]


def agent_figures(
    interval: Interval,
    now: float,
    settings: Settings | None = None,
    queue: str | None = None,
    agent: str | None = None,
) -> list[AgentFigures]:
    """The figures of every agent who did anything, by id; `queue` narrows the calls, not the time sheet."""
    agents = settings.agents if settings else {}
    chosen = _arrived(interval, queue)
    offers = _agent_offers(chosen)
    calls = _agent_calls(chosen)
    wrap_ups = _wrap_ups(AgentStretch.agent, chosen, interval, now)
    sheets, pauses = _time_sheets(interval, now)
    working = {id for id, sheet in sheets.items() if any(state != AgentState.SIGNED_OFF.value for state in sheet)}
    listed = {*offers, *calls, *(working if queue is None else ())}
    if agent is not None:
        listed = {agent}
    return [
        AgentFigures(
            agent=id,
            name=agents[id].name if id in agents else id,
            wrap_up=wrap_ups.get(id, 0.0),
            time_sheet=sheets.get(id, {}),
            paused=pauses.get(id, {}),
            **offers.get(id, {}),
            **calls.get(id, {}),
        )
        for id in sorted(listed)
    ]


def _agent_offers(chosen: Any) -> dict[str, dict[str, int]]:
    columns = {
        "offers": fn.COUNT(OfferAgent.offer),
        "taken": _count(OfferAgent.outcome == Outcome.ANSWERED.value),
        "missed": _count(OfferAgent.outcome.in_(MISSED)),
        "unreached": _count(OfferAgent.outcome.in_(UNREACHED)),
        "withdrawn": _count(OfferAgent.outcome == Outcome.CANCELLED.value),
        "ringing": _count(OfferAgent.outcome.is_null()),
    }
    query = (
        OfferAgent.select(
            _not_by_index(OfferAgent.agent), *(column.alias(name) for name, column in columns.items())
        )
        .join(Offer, JOIN.INNER, on=(Offer.id == OfferAgent.offer))
        .join(Visit, JOIN.INNER, on=(Visit.id == Offer.visit))
        .where(chosen)
        .group_by(SQL(KEY))
    )
    return {row.pop(KEY): row for row in _rows(query)}


def _agent_calls(chosen: Any) -> dict[str, dict[str, Any]]:
    talked = Visit.talk_ended_at.is_null(False)
    query = (
        Visit.select(
            Visit.agent,
            fn.COUNT(Visit.id).alias("answered"),
            _count(talked).alias("talks"),
            _sum(talked, Visit.talk_ended_at - Visit.answered_at).alias("talk"),
        )
        .where(chosen & (Visit.outcome == VisitOutcome.ANSWERED.value) & Visit.agent.is_null(False))
        .group_by(Visit.agent)
    )
    return {row.pop("agent"): row for row in _rows(query)}


def _wrap_ups(by: Any, chosen: Any, interval: Interval, now: float) -> dict[str, float]:
    """Seconds of wrap-up after the chosen visits, by queue or by agent."""
    seconds = fn.SUM(fn.COALESCE(AgentStretch.ended_at, now) - AgentStretch.began_at)
    query = (
        AgentStretch.select(_not_by_index(by), seconds.alias("seconds"))
        .join(Visit, JOIN.INNER, on=(Visit.id == AgentStretch.visit))
        .where(
            chosen,
            AgentStretch.state == AgentState.WRAP_UP.value,
            AgentStretch.began_at >= interval.start,  # follows from the rest, and keeps to the index
        )
        .group_by(SQL(KEY))
    )
    return {row[KEY]: float(row["seconds"]) for row in _rows(query)}


def _time_sheets(
    interval: Interval, now: float
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    """For each agent the seconds in each state, and those of the pauses by reason, within the interval."""
    end = min(interval.end, max(now, interval.start))
    began, ended = AgentStretch.began_at, fn.COALESCE(AgentStretch.ended_at, now)
    seconds = fn.SUM(
        Case(None, [(ended < end, ended)], end) - Case(None, [(began > interval.start, began)], interval.start)
    )
    reason = Case(None, [(AgentStretch.state == AgentState.PAUSED.value, AgentStretch.reason)], "")
    query = (
        AgentStretch.select(AgentStretch.agent, AgentStretch.state, reason.alias("why"), seconds.alias("seconds"))
        .where(began < end, began >= interval.start - LONGEST_STRETCH, ended > interval.start)
        .group_by(AgentStretch.agent, AgentStretch.state, SQL("why"))
    )
    sheets: dict[str, dict[str, float]] = {}
    pauses: dict[str, dict[str, float]] = {}
    for row in _rows(query):
        sheet = sheets.setdefault(row["agent"], {})
        sheet[row["state"]] = sheet.get(row["state"], 0.0) + float(row["seconds"])
        if row["state"] == AgentState.PAUSED.value:
            pauses.setdefault(row["agent"], {})[row["why"]] = float(row["seconds"])
    return sheets, pauses


def _rows(query: Any) -> Iterable[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = query.dicts()
    return rows


def _arrived(interval: Interval, queue: str | None) -> Any:
    chosen = (Visit.joined_at >= interval.start) & (Visit.joined_at < interval.end)
    return chosen if queue is None else chosen & (Visit.queue == queue)


def _redialled() -> Any:
    """Whether a visit is a call to somebody who had hung up, and has not asked for it."""
    return fn.EXISTS(
        Callback.select(Callback.id).where(Callback.id == Visit.id, Callback.kind == Kind.ABANDONED.value)
    )


def _wait(now: float) -> Any:
    return fn.COALESCE(Visit.answered_at, Visit.ended_at, now) - Visit.joined_at


def _threshold(thresholds: Mapping[str, float]) -> Any:
    if not thresholds:
        return DEFAULT_THRESHOLD
    return Case(Visit.queue, list(thresholds.items()), DEFAULT_THRESHOLD)


def _not_by_index(column: Any) -> Any:
    """The column, to group by its alias: the column's index would tempt SQLite to walk through all of history."""
    return fn.COALESCE(column, "").alias(KEY)


def _count(condition: Any) -> Any:
    return fn.COALESCE(fn.SUM(Case(None, [(condition, 1)], 0)), 0)


def _sum(condition: Any, value: Any) -> Any:
    return fn.SUM(Case(None, [(condition, value)], 0.0))
