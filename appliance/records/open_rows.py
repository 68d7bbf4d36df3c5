"""Reads back from the tables what was going on when the appliance last wrote."""

import json
from dataclasses import dataclass, field
from typing import Any

from peewee import fn

from appliance import facts as f
from appliance.facts import AgentState, Fact
from appliance.line.agents import Agent
from appliance.line.misses import MISSES
from appliance.line.offers import PASSED_OVER_FOR
from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import Because, Preference
from appliance.line.visits import Offer, Visit
from appliance.line.waits import WaitState, recalled
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.callback_rows import attempts_of, in_pieces, open_homes
from appliance.records.recent_rows import recent_facts
from appliance.records.tasks import open_tasks
from appliance.tasks.words import Task

_MISSES = [cause.value for cause in MISSES]


@dataclass
class OpenCall:
    """A call that has not ended, as the database knows it."""

    id: str
    leg: str
    outcome: f.CallOutcome
    language: str
    number: str | None
    number_id: str | None
    customer: str | None
    group: str | None
    dnis: str
    started_at: float
    visits: int  # so far
    direction: f.Direction = f.Direction.IN
    version: int | None = None
    sent_on: f.SentOn | None = None  # since the last visit
    dialled: bool = False  # somebody outside has been called in it


@dataclass
class OpenRows:
    """What was going on when the appliance last wrote."""

    calls: list[OpenCall]
    agents: list[Agent]
    visits: list[Visit]
    legs: dict[str, str]  # of phones: leg -> endpoint
    last_call: str | None  # the highest id given
    by_hand: list[Fact] = field(default_factory=list)  # what was set by hand and has not been ended
    turns: dict[str, str] = field(default_factory=dict)  # queue -> whom it has offered a call last
    waits: WaitState = field(default_factory=WaitState)  # what was learnt of waits
    tasks: list[Task] = field(default_factory=list)


def read_open_rows(by_hand: list[Fact]) -> OpenRows:
    """Everything that had not ended."""
    calls = [
        OpenCall(
            id=c.id,
            leg=c.leg,
            outcome=f.CallOutcome(c.outcome),
            language=c.language or "",
            number=c.number,
            number_id=c.number_id,
            customer=c.customer,
            group=c.group,
            dnis=c.dnis,
            started_at=c.started_at,
            direction=f.Direction(c.direction or f.Direction.IN.value),
            version=c.version,
            visits=t.Visit.select().where(t.Visit.call == c.id).count(),
            sent_on=_sent_on(c.id),
            dialled=c.rule is not None,
        )
        for c in t.Call.select().where(t.Call.ended_at.is_null())
    ]
    open_visit = t.Visit.ended_at.is_null() | (
        t.Visit.answered_at.is_null(False) & t.Visit.talk_ended_at.is_null()
    )
    visits = _visits(list(t.Visit.select().where(open_visit).order_by(t.Visit.joined_at, t.Visit.id)))
    stretches = t.AgentStretch.select().where(t.AgentStretch.ended_at.is_null()).order_by(t.AgentStretch.agent)
    legs = {leg.id: leg.endpoint for leg in t.Leg.select().where(t.Leg.ended_at.is_null())}
    turns = {row.queue: row.agent for row in t.QueueTurn.select()}
    waits = recalled(recent_facts(), {visit.id for visit in visits if visit.agent is None})
    agents, last, tasks = [_agent(s) for s in stretches], _last_call(), open_tasks()
    return OpenRows(calls, agents, visits, legs, last, by_hand, turns, waits, tasks)


def _last_call() -> str | None:
    """The highest id given, to calls or to visits that never were a call; what begins with one is none."""
    columns = (t.Call.id, t.Visit.call)
    highest = max(column.model.select(fn.MAX(column)).scalar() or "" for column in columns)
    if not highest:
        return None
    second, dash, _ = highest.rpartition("-")
    if not dash:
        return str(highest).partition(".")[0]
    # Within one second it is the number that counts, whatever stands behind it and however long it is.
    ids = [
        id
        for column in columns
        for (id,) in column.model.select(column).where(column >= second, column.startswith(second)).tuples()
    ]
    return max((str(id).partition(".")[0] for id in ids), key=lambda id: (len(id), id))


def _visits(rows: list[Any]) -> list[Visit]:
    ids = [row.id for row in rows]
    homes, attempts = open_homes(ids), attempts_of(ids)
    offers: dict[str, list[Any]] = {}
    parts: dict[str, list[Any]] = {}
    for some in in_pieces(ids):
        for offer in t.Offer.select().where(t.Offer.visit.in_(some)):
            offers.setdefault(offer.visit, []).append(offer)
        of_some = t.OfferAgent.offer.in_(t.Offer.select(t.Offer.id).where(t.Offer.visit.in_(some)))
        for part in t.OfferAgent.select().where(of_some).order_by(t.OfferAgent.ended_at):
            parts.setdefault(part.offer, []).append(part)
    visits = [_visit(row, offers.get(row.id, []), parts) for row in rows]
    for visit in visits:
        visit.home, visit.attempts = homes.get(visit.id), attempts.get(visit.id, 0)
    return visits


def _visit(row: Any, offers: list[Any], parts: dict[str, list[Any]]) -> Visit:
    missed = sorted(
        (part for offer in offers for part in parts.get(offer.id, []) if part.outcome in _MISSES),
        key=lambda part: part.ended_at,
    )
    visit = Visit(
        id=row.id,
        call=row.later_call or row.call,
        queue=row.queue,
        joined_at=row.joined_at,
        head_start=row.head_start,
        leg=row.leg,
        needs=needs_of(row.needs),
        waited=row.waited or 0.0,
        prefers=_preference(row.prefers),
        code=row.code,
        present=False,
        offers=len(offers),
        came_to_nothing=len({each.offer for each in missed}),
        agent=row.agent,
        missed={each.agent: each.ended_at + PASSED_OVER_FOR for each in missed},
    )
    offer = next((each for each in offers if each.ended_at is None), None)
    if offer is not None and row.agent is None:
        visit.offer = Offer(offer.id, {a.agent: a.phone for a in parts.get(offer.id, [])}, offer.until)
    return visit


def _sent_on(call: str) -> f.SentOn | None:
    """How a call has left the last queue in which it stood, where that was for elsewhere."""
    visits = t.Visit.select().where(t.Visit.call == call)
    last = visits.order_by(t.Visit.joined_at.desc(), t.Visit.id.desc()).first()
    row = t.Departure.get_or_none(t.Departure.visit == last.id) if last else None
    if row is None:
        return None
    return f.SentOn(
        visit=last.id,
        call=call,
        at=row.at,
        outcome=f.VisitOutcome(last.outcome),
        rule=row.rule,
        why=row.why,
        because=tuple(json.loads(row.because)),
        to=row.destination,
        head_start=last.head_start + (last.waited or 0.0) + row.at - last.joined_at,
        needs=needs_of(last.needs),
    )


def _misses(of: Any) -> Any:
    """The parts of offers that agents missed, in order."""
    return t.OfferAgent.select().where(of, t.OfferAgent.outcome.in_(_MISSES)).order_by(t.OfferAgent.ended_at)


def needs_of(written: str | None) -> Needs:
    """What a row of visits says that the caller needs."""
    if written is None:
        return NOTHING
    body = json.loads(written)
    steps = tuple((after, tuple((skill, least) for skill, least in level)) for after, level in body["steps"])
    return Needs(steps, tuple((skill, least) for skill, least in body["preferred"]))


def _preference(written: str | None) -> Preference | None:
    if written is None:
        return None
    body = json.loads(written)
    return Preference(body["agent"], body["seconds"], Because(body["because"]))


def _agent(row: Any) -> Agent:
    stretches = t.AgentStretch.select().where(t.AgentStretch.agent == row.agent)
    # Idle began with the last talk, signing on or resuming: the end of what was then not work at the phone.
    states = [s.value for s in (AgentState.TALKING, AgentState.SIGNED_OFF, AgentState.PAUSED)]
    before = stretches.where(t.AgentStretch.state.in_(states) & t.AgentStretch.ended_at.is_null(False))
    last = before.order_by(t.AgentStretch.ended_at.desc()).first()
    talking = stretches.where(t.AgentStretch.state == AgentState.TALKING.value)
    last_talk = talking.select(fn.MAX(t.AgentStretch.ended_at)).scalar()
    talk = t.Visit.select().where(t.Visit.agent == row.agent).order_by(t.Visit.answered_at.desc()).first()
    first = stretches.order_by(t.AgentStretch.began_at).first()
    calls, talked = _shift(row.agent)
    # A talk, signing on or resuming: what was missed before is forgotten.
    since = max(last.ended_at if last else 0.0, row.began_at if row.state == AgentState.TALKING.value else 0.0)
    misses: dict[Outcome, list[float]] = {}
    for each in _misses((t.OfferAgent.agent == row.agent) & (t.OfferAgent.ended_at > since)):
        misses.setdefault(Outcome(each.outcome), []).append(each.ended_at)
    return Agent(
        id=row.agent,
        state=AgentState(row.state),
        began_at=row.began_at,
        reason=row.reason,
        phone=row.phone,
        queue=row.queue,
        visit=row.visit,
        until=row.until,
        idle_since=last.ended_at if last else first.began_at,
        calls=calls,
        talked=talked,
        misses=misses,
        last_talk=last_talk,
        last_visit=talk.id if talk else None,
        last_queue=talk.queue if talk else None,
    )


def _shift(agent: str) -> tuple[float, float]:
    """How many calls an agent counts as having had in this shift, and how long the talks were."""
    shift = t.Shift.select().where(t.Shift.agent == agent).order_by(t.Shift.began_at.desc()).first()
    if shift is None:
        return 0.0, 0.0
    talks = t.AgentStretch.select().where(
        t.AgentStretch.agent == agent,
        t.AgentStretch.state == AgentState.TALKING.value,
        t.AgentStretch.began_at >= shift.began_at,
    )
    talked = sum(talk.ended_at - talk.began_at for talk in talks if talk.ended_at is not None)
    return shift.calls + talks.count(), shift.talked + talked
