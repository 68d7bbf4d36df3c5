"""Reports: the figures and the ledger of an interval, for people and for programs; and the report of one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from appliance.commands.show import NOTHING, harmless, iso, length, moment, share, table
from appliance.facts import AgentState
from appliance.records.callback_figures import CallbackFigures, callback_figures, callbacks_data, callbacks_text
from appliance.records.departures import DepartureFigures, departure_figures, departures_text
from appliance.records.figures import (
    ATTRIBUTION,
    DEFINITIONS,
    AgentFigures,
    QueueFigures,
    ServiceLevel,
    total,
)
from appliance.records.interval import Interval
from appliance.records.ledger import Ledger, ledger
from appliance.records.models import Callback, Departure, DispositionRow, Recording, Visit
from appliance.records.notice_figures import NoticeFigures, notice_data, notice_figures, notices_text
from appliance.records.owed_figures import (
    AbandonedFigures,
    TaskFigures,
    abandoned_data,
    abandoned_figures,
    abandoned_text,
    task_figures,
    tasks_text,
)
from appliance.records.tally import agent_figures, queue_figures
from appliance.records.wait_figures import WaitFigures, wait_figures, waits_data, waits_text
from appliance.records.why import dialled, find_call, wrap_ups
from appliance.settings import Settings

# The columns of one table only, as the definitions name them.
OF_QUEUES = frozenset({"ASA", "longest wait", "abandon rate"})
OF_AGENTS = frozenset({"missed", "occupancy"})
OF_THOSE_AT_HOME = frozenset({"called back", "not reached", "at home"})

STATES = (AgentState.READY, AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP, AgentState.PAUSED)


@dataclass(frozen=True)
class Report:
    """All figures of an interval. `ledger` is None where only some of the calls were asked for."""

    interval: Interval
    service_level: ServiceLevel
    queues: tuple[QueueFigures, ...]
    agents: tuple[AgentFigures, ...]
    ledger: Ledger | None
    notices: tuple[NoticeFigures, ...] = ()  # that callers have heard
    departures: tuple[DepartureFigures, ...] = ()  # from queues for elsewhere
    waits: tuple[WaitFigures, ...] = ()  # what callers were expected to wait
    callbacks: tuple[CallbackFigures, ...] = ()  # what was promised to customers at home
    not_served: tuple[AbandonedFigures, ...] = ()
    tasks: tuple[TaskFigures, ...] = ()


def report(
    interval: Interval,
    now: float,
    settings: Settings | None = None,
    service_level: ServiceLevel = ServiceLevel.C,
    queue: str | None = None,
    agent: str | None = None,
) -> Report:
    """The report of an interval; `queue` and `agent` narrow it to the calls of one."""
    return Report(
        interval,
        service_level,
        queues=tuple(queue_figures(interval, now, settings, queue)) if agent is None else (),
        agents=tuple(agent_figures(interval, now, settings, queue, agent)),
        ledger=ledger(interval) if queue is None and agent is None else None,
        notices=tuple(notice_figures(interval)) if queue is None and agent is None else (),
        departures=tuple(departure_figures(interval, queue)) if agent is None else (),
        waits=tuple(wait_figures(interval, queue)) if agent is None else (),
        callbacks=tuple(callback_figures(interval, now, queue)) if agent is None else (),
        not_served=tuple(abandoned_figures(interval, queue)) if agent is None else (),
        tasks=tuple(task_figures(interval, now, queue, agent)),
    )


def report_text(r: Report, settings: Settings | None = None) -> str:
    """The report as a person reads it."""
    parts = [f"Report of {r.interval}", ATTRIBUTION]
    if r.queues:
        rows = list(r.queues)
        if len(rows) > 1:
            rows.append(replace(total(rows), queue="all", name=""))
        parts.append(_queue_table(rows, r.service_level))
    if r.departures:
        parts.append(departures_text(r.departures))
    if r.callbacks:
        parts.append(callbacks_text(r.callbacks))
    if r.not_served:
        parts.append(abandoned_text(r.not_served))
    if r.tasks:
        parts.append(tasks_text(r.tasks))
    if r.agents:
        parts += [_call_table(r.agents), _time_table(r.agents, settings)]
    if not r.queues and not r.agents:
        parts.append("Nobody worked and nobody called.")
    if r.waits:
        parts.append(waits_text(r.waits))
    if r.notices:
        parts.append(notices_text(r.notices, r.interval.zone))
    if r.ledger is not None:
        parts.append(_ledger_text(r.ledger))
    if r.queues or r.agents:
        parts.append(_legend(r))
    return "\n\n".join(parts)


def _queue_table(rows: Sequence[QueueFigures], level: ServiceLevel) -> str:
    at_home = any(q.called_back or q.unreached or q.at_home for q in rows)
    return table(
        (
            *("queue", "offered", "answered", "abandoned", "came back", "overflowed", "unstaffed", "opted out"),
            *("fallback", "moved", "unseen", "failed", "waiting"),
            *(("called back", "not reached", "at home") if at_home else ()),
            *("T", f"SL-{level.name}", "abandon rate", "ASA", "longest wait", "talk", "wrap-up"),
        ),
        [
            (
                *(q.queue, q.offered, q.answered, q.abandoned, q.came_back),
                *(q.overflowed, q.unstaffed, q.opted_out, q.fallback, q.moved, q.unseen, q.failed, q.waiting),
                *((q.called_back, q.unreached, q.at_home) if at_home else ()),
                NOTHING if q.threshold is None else f"{q.threshold:g} s",
                *(share(q.service_level(level)), share(q.abandon_rate), length(q.asa), length(q.longest_wait)),
                *(length(q.average_talk), length(q.average_wrap_up)),
            )
            for q in rows
        ],
    )


def _call_table(agents: Sequence[AgentFigures]) -> str:
    return table(
        ("agent", "name", "offers", "answered", "missed", "unreached", "withdrawn", "talk", "wrap-up"),
        [
            (
                *(a.agent, a.name, a.offers, a.answered, a.missed, a.unreached, a.withdrawn),
                *(length(a.average_talk), length(a.average_wrap_up)),
            )
            for a in agents
        ],
    )


def _time_table(agents: Sequence[AgentFigures], settings: Settings | None) -> str:
    names = {id: pause.name for id, pause in settings.pauses.items()} if settings else {}
    return table(
        ("agent", "signed on", *(state.value for state in STATES), "occupancy", "pauses"),
        [
            (
                *(a.agent, length(a.signed_on)),
                *(length(a.time_sheet.get(state.value, 0.0)) for state in STATES),
                share(a.occupancy),
                ", ".join(f"{names.get(why, why)} {length(s)}" for why, s in sorted(a.paused.items())),
            )
            for a in agents
        ],
    )


def _ledger_text(book: Ledger) -> str:
    lines = [f"Ledger: {book}."]
    for what, ids in book.unexplained.items():
        lines.append(f"  {len(ids)} {what}: {', '.join(ids[:5])}" + (", ..." if len(ids) > 5 else ""))
    return "\n".join(lines)


def _legend(r: Report) -> str:
    of_queues = {f"SL-{r.service_level.name}": r.service_level.value, "T": "the queue's service_level"}
    absent = (frozenset() if r.agents else OF_AGENTS) | (frozenset() if r.queues else OF_QUEUES)
    at_home = any(q.called_back or q.unreached or q.at_home for q in r.queues)
    absent |= frozenset() if at_home else OF_THOSE_AT_HOME
    words = {**(of_queues if r.queues else {}), **{w: m for w, m in DEFINITIONS.items() if w not in absent}}
    return "\n".join(f"{word} = {meaning}" for word, meaning in words.items())


def report_data(r: Report) -> dict[str, Any]:
    """The report for programs: seconds and shares of one, unrounded."""
    zone = r.interval.zone
    return {
        "from": iso(r.interval.start, zone),
        "to": iso(r.interval.end, zone),
        "attribution": ATTRIBUTION,
        "definitions": {**{f"SL-{level.name}": level.value for level in ServiceLevel}, **DEFINITIONS},
        "queues": [_queue_data(q) for q in r.queues],
        "total": _queue_data(total(r.queues)) if r.queues else None,
        "departures": [vars(each) for each in r.departures],
        "callbacks": [callbacks_data(each) for each in r.callbacks],
        "agents": [_agent_data(a) for a in r.agents],
        "not_served": [abandoned_data(each) for each in r.not_served],
        "tasks": [vars(each) for each in r.tasks],
        "expected_waits": [waits_data(each) for each in r.waits],
        "notices": [notice_data(each, zone) for each in r.notices],
        "ledger": None if r.ledger is None else _ledger_data(r.ledger),
    }


def _queue_data(q: QueueFigures) -> dict[str, Any]:
    return {
        **vars(q),
        "service_levels": {f"SL-{level.name}": q.service_level(level) for level in ServiceLevel},
        "asa": q.asa,
        "average_abandoned_wait": q.average_abandoned_wait,
        "abandon_rate": q.abandon_rate,
        "average_talk": q.average_talk,
        "average_wrap_up": q.average_wrap_up,
    }


def _agent_data(a: AgentFigures) -> dict[str, Any]:
    return {
        **vars(a),
        "average_talk": a.average_talk,
        "average_wrap_up": a.average_wrap_up,
        "signed_on": a.signed_on,
        "occupancy": a.occupancy,
    }


def _ledger_data(book: Ledger) -> Mapping[str, Any]:
    return {**vars(book), "unexplained_count": book.unexplained_count}


def report_call(call: str, settings: Settings | None = None) -> str:
    """One call in a few lines; `call` as in `appliance why`. Times in the site's zone, or in UTC."""
    zone: tzinfo = ZoneInfo(settings.time_zone) if settings else UTC
    row = find_call(call)
    lines = [
        ("call", row.id),
        ("arrived", f"{moment(row.started_at, zone)} ({zone})"),
        ("from", f"{row.number or row.ani or 'anonymous'} {row.caller_name}".rstrip()),
        ("to", dialled(row, settings)),
        ("customer", (row.customer or NOTHING) + (f", group {row.group}" if row.group else "")),
    ]
    for visit in Visit.select().where(Visit.call == row.id).order_by(Visit.joined_at, Visit.id):
        lines += _visit_lines(visit, settings)
    files = [r.file for r in Recording.select().where(Recording.call == row.id).order_by(Recording.id)]
    lines.append(("recording", ", ".join(files) or NOTHING))
    lines.append(
        ("outcome", row.outcome if row.ended_at is not None else f"not ended; {row.outcome} if it did now")
    )
    return "\n".join(f"{name:<12}{harmless(str(value), 300)}" for name, value in lines)


def _visit_lines(visit: Any, settings: Settings | None) -> list[tuple[str, str]]:
    queue = settings.queues.get(visit.queue) if settings else None
    lines = [("queue", f"{visit.queue} ({queue.name})" if queue else visit.queue)]
    left = visit.answered_at if visit.answered_at is not None else visit.ended_at
    lines.append(("waited", length(left - visit.joined_at) if left is not None else "still waiting"))
    departure = Departure.get_or_none(Departure.visit == visit.id)
    if departure is not None:
        lines.append(("left", f"{visit.outcome} ({departure.rule}), to {departure.destination}"))
    promised: Any = Callback.get_or_none(Callback.id == visit.id)
    if promised is not None:
        lines.append(("call-back", f"{promised.outcome or 'open'}, promised at {promised.number}"))
    if visit.agent is None:
        return lines
    agent = settings.agents.get(visit.agent) if settings else None
    lines.append(("agent", f"{visit.agent} ({agent.name})" if agent else visit.agent))
    ended = visit.talk_ended_at
    lines.append(("talked", length(ended - visit.answered_at) if ended is not None else "still talking"))
    stretches = wrap_ups(visit)
    if any(s.ended_at is None for s in stretches):
        lines.append(("wrap-up", "not ended"))
    else:
        lines.append(("wrap-up", length(sum(s.ended_at - s.began_at for s in stretches))))
    keyed = (
        DispositionRow.select().where(DispositionRow.visit == visit.id).order_by(DispositionRow.id.desc()).first()
    )
    lines.append(("disposition", f"{keyed.code}: {keyed.name}" if keyed else NOTHING))
    return lines
