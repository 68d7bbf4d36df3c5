"""Reads a recorded day from the records, and from the journal as far as it goes back."""

import json
import re
from collections.abc import Iterator
from typing import Any

from peewee import JOIN, fn

from appliance.facts import AgentState, Direction, VisitOutcome
from appliance.line import messages as m
from appliance.line.journal import read_state, read_told
from appliance.line.skills import NOTHING, Needs
from appliance.line.sticky import Preference
from appliance.plain import Unknown, from_plain
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.interval import Interval
from appliance.whatif.past import BEFORE, Asked, Reached, Recorded, Ringing, Stay, Stretch, Use
from appliance.whatif.replay import mark_for, messages_between

LONGEST = 86400.0  # seconds that a stretch of an agent's time sheet is looked for before the day


def read_day(when: Interval, now: float) -> Recorded:
    """The records of a day."""
    when = Interval(when.start, min(when.end, now), when.zone)
    begins = when.start - BEFORE
    return Recorded(
        when,
        sorted(_stays(begins, when.end, now), key=lambda stay: (stay.joined_at, stay.visit)),
        list(_rung(begins, when.end)),
        list(_stretches(begins, when.end)),
        sorted(_uses(begins, when.end), key=lambda use: use.began_at),
        *_told(begins, when.end),
    )


def _stays(start: float, end: float, now: float) -> Iterator[Stay]:
    """Who has chosen a time to be called back came at that time."""
    visit: Any = t.Visit
    query = visit.select(visit, t.Callback.promised_at, t.Callback.wanted_at).join(
        t.Callback, JOIN.LEFT_OUTER, on=(t.Callback.id == visit.id)
    )
    wanted = t.Callback.select(t.Callback.id).where(t.Callback.wanted_at >= start, t.Callback.wanted_at < end)
    came = (visit.joined_at >= start) | visit.id.in_(wanted)
    for row in query.where(came, visit.joined_at < end).objects():
        joined_at = max(row.joined_at, row.joined_at - (row.waited or 0.0))
        if not start <= joined_at < end:
            continue
        left = max(joined_at, next((at for at in (row.answered_at, row.ended_at) if at is not None), now))
        talked = row.answered_at is not None and row.talk_ended_at is not None
        yield Stay(
            row.id,
            row.queue,
            joined_at,
            row.head_start,
            max(0.0, row.waited or 0.0),
            from_plain(Needs, json.loads(row.needs)) if row.needs else NOTHING,
            from_plain(Preference, json.loads(row.prefers)) if row.prefers else None,
            left - joined_at,
            row.talk_ended_at - row.answered_at if talked else None,
            VisitOutcome(row.outcome) if row.outcome else None,
            None if row.promised_at is None else max(0.0, row.promised_at - joined_at),
        )


def _rung(start: float, end: float) -> Iterator[Ringing]:
    part: Any = t.OfferAgent
    offer: Any = t.Offer
    query = (
        part.select(part.agent, part.at, part.ended_at, part.outcome)
        .join(offer, on=(offer.id == part.offer))
        .where(_offered_between(offer, start, end), part.outcome.is_null(False))
        .order_by(offer.at, part.offer, part.agent)
    )
    for agent, at, ended_at, outcome in query.tuples():
        yield Ringing(agent, ended_at - at, Outcome(outcome))


def _offered_between(offer: Any, start: float, end: float) -> Any:
    """By the visits, which are found by time."""
    visit: Any = t.Visit
    return offer.visit.in_(visit.select(visit.id).where(visit.joined_at >= start, visit.joined_at < end))


def _stretches(start: float, end: float) -> Iterator[Stretch]:
    row: Any = t.AgentStretch
    chosen = row.select().where(
        row.began_at >= start - LONGEST, row.began_at < end, row.ended_at.is_null() | (row.ended_at > start)
    )
    for each in chosen.order_by(row.began_at, row.id):
        yield Stretch(
            each.agent,
            AgentState(each.state),
            each.reason,
            each.phone or "",
            max(each.began_at, start),
            min(each.ended_at if each.ended_at is not None else end, end),
            each.until,
        )


def _uses(start: float, end: float) -> Iterator[Use]:
    """Calls that phones have made, and calls to them that no queue has offered."""
    call: Any = t.Call
    attempt: Any = t.Attempt
    out = call.select(call.phone, call.started_at, call.ended_at).where(
        call.started_at >= start,
        call.started_at < end,
        call.direction == Direction.OUT.value,
        ~fn.EXISTS(attempt.select(attempt.id).where(attempt.id == call.id)),  # those are offered by queues
    )
    for phone, began_at, ended_at in out.tuples():
        if phone:
            yield Use(phone, began_at, end if ended_at is None else ended_at)
    leg: Any = t.Leg
    visit: Any = t.Visit
    its_own = (visit.call == leg.call) | (visit.later_call == leg.call)
    queued = fn.EXISTS(visit.select(visit.id).where(its_own)) | fn.EXISTS(
        attempt.select(attempt.id).where(attempt.id == leg.call)
    )
    to = (
        leg.select(leg.endpoint, leg.started_at, leg.ended_at)
        .join(call, on=(call.id == leg.call))
        .where(call.started_at >= start, call.started_at < end, ~queued)
    )
    for phone, began_at, ended_at in to.tuples():
        yield Use(phone, began_at, end if ended_at is None else ended_at)


def _told(start: float, end: float) -> tuple[list[Reached], list[Asked]]:
    """What the line was told of phones, and by agents; nothing where the journal does not go back so far."""
    reached: list[Reached] = []
    asked: list[Asked] = []
    mark = mark_for(start, end)
    if mark is None:
        return reached, asked
    try:
        phones = read_state(mark.state).phones
    except Unknown:
        return reached, asked
    at = max(mark.at, start)
    reached += (Reached(phone, at, False) for phone in sorted(phones.heard_of - phones.reachable))
    for messages in messages_between(mark, end):
        if not _TELLING.search(messages):
            continue
        for now, message in read_told(messages):
            match message:
                case m.PhoneReachable(phone, is_reachable):
                    reached.append(Reached(phone, max(now, start), is_reachable))
                case m.Pause(agent):
                    asked.append(Asked(agent, now, AgentState.PAUSED))
                case m.SignOff(agent):
                    asked.append(Asked(agent, now, AgentState.SIGNED_OFF))
    return reached, asked


_TELLING = re.compile(r'"(PhoneReachable|Pause|SignOff)"')
