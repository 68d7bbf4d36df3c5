"""Why a call went as it did: its story from the records, with each moment of decision."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from itertools import groupby
from typing import Any

from peewee import fn

from appliance.commands.show import NOTHING, harmless, iso, length, moment
from appliance.facts import AgentState, CallOutcome, Direction
from appliance.line.promises import number_of_attempt, visit_of_attempt
from appliance.records.models import (
    AgentStretch,
    Call,
    Decision,
    Departure,
    DispositionRow,
    Offer,
    OfferAgent,
    Recording,
    Step,
    Visit,
    WaitEstimate,
)
from appliance.records.moments import Moment, moments_data, moments_text
from appliance.records.why_callback import BEGINS, callback_moments, calls_of, visits_of
from appliance.settings import Settings
from appliance.trouble import Trouble

MOST_LISTED = 20  # calls that begin in the same way


@dataclass(frozen=True)
class Story:
    """A call and its moments in order."""

    call: Any
    moments: tuple[Moment, ...]


def find_call(reference: str) -> Any:
    """The call with that id, or the only one whose id begins so; `last` is the one that arrived last."""
    calls = Call.select()
    if reference == "last":
        call = calls.order_by(Call.started_at.desc(), Call.id.desc()).first()
        if call is None:
            raise Trouble("There is no call in the records yet.")
        return call
    call = calls.where(Call.id == reference).first()
    if call is not None:
        return call
    # Not LIKE: it knows wildcards and, in SQLite, no difference between letters of either case.
    begins = fn.SUBSTR(Call.id, 1, len(reference)) == reference
    found = list(calls.where(begins).order_by(Call.id).limit(MOST_LISTED + 1)) if reference else []
    if not found:
        raise Trouble(f"There is no call {harmless(reference, 60)!r}: `appliance calls` lists the last ones.")
    if len(found) > 1:
        listed = [call.id for call in found[:MOST_LISTED]] + (["..."] if len(found) > MOST_LISTED else [])
        names = ", ".join(listed)
        raise Trouble(f"Several calls begin with {harmless(reference, 60)!r}: {names}.")
    return found[0]


def story(call: Any) -> Story:
    """Everything the records know of a call, in the order in which it happened; where the customer was called
    back, also of the calls before and after."""
    visits = visits_of(call.id)
    others = (each for each in calls_of(visits) if each.id != call.id)
    return Story(call, moments_of(visits, [call, *others], call.id))


def moments_of(visits: Iterable[Any], calls: Iterable[Any], main: str) -> tuple[Moment, ...]:
    """What happened in these visits and calls, in order; of calls but the main one it is said in which."""
    moments: list[Moment] = []
    for call in calls:
        of_call = [*_call_moments(call), *_end_moments(call)]
        is_main = call.id == main
        moments += of_call if is_main else [replace(m, text=f"{_short(call.id)}: {m.text}") for m in of_call]
    for visit in visits:
        moments += [*_visit_moments(visit), *callback_moments(visit)]
    # Sorting is stable: what has the same time stays in the order in which one thing follows from another.
    return tuple(sorted(moments, key=lambda moment: (moment.at, moment.kind != BEGINS)))


def _short(call: str) -> str:
    number = number_of_attempt(call)
    return f"attempt {number}" if number else f"call {call}"


def _end_moments(call: Any) -> Iterator[Moment]:
    if call.ended_at is not None:
        cause = f" ({call.cause})" if call.cause and call.outcome == CallOutcome.CALL_BACK_FAILED.value else ""
        ended = {"outcome": call.outcome}
        yield Moment(call.ended_at, "ended", f"the call ends: {call.outcome}{cause}", data=ended)


def _arrival(call: Any) -> Moment:
    if call.direction == Direction.OUT.value:
        came = f"phone {call.phone} dials {call.dnis or NOTHING}"
    else:
        came = f"arrives on {call.dnis or NOTHING}" + (f" by trunk {call.trunk}" if call.trunk else "")
    return Moment(call.started_at, "started", came, data={"dnis": call.dnis, "trunk": call.trunk})


def _call_moments(call: Any) -> Iterator[Moment]:
    is_attempt = visit_of_attempt(call.id) is not None  # whose beginning is told with the call-back
    if not is_attempt:
        yield _arrival(call)
    for step in Step.select().where(Step.call == call.id).order_by(Step.at, Step.id):
        if is_attempt and step.at == call.started_at and step.step == "call-back":
            continue
        text = step.step + (f": {step.detail}" if step.detail else "")
        yield Moment(step.at, "step", text, data={"step": step.step, "detail": step.detail})
    for recording in Recording.select().where(Recording.call == call.id).order_by(Recording.at, Recording.id):
        yield Moment(recording.at, "recording", f"recorded in {recording.file}", data={"file": recording.file})


def _visit_moments(visit: Any) -> Iterator[Moment]:
    head_start = f", {visit.head_start:g} s ahead" if visit.head_start else ""
    if visit.came_back:
        head_start += f", back after {visit.came_back} with {length(visit.waited or 0.0)} waited"
    yield Moment(
        visit.joined_at,
        "joined",
        f"joins the queue {visit.queue}{head_start}",
        data={"visit": visit.id, "queue": visit.queue, "head_start": visit.head_start},
    )
    for wait in WaitEstimate.select().where(WaitEstimate.visit == visit.id).order_by(WaitEstimate.id):
        yield _wait_moment(wait)
    offering = Decision.select().where(Decision.visit == visit.id, Decision.offer.is_null(False))
    decisions = {(decision.offer, decision.at): decision for decision in offering}
    for decision in (
        Decision.select().where(Decision.visit == visit.id, Decision.offer.is_null()).order_by(Decision.id)
    ):
        yield Moment(decision.at, "waits", "nobody can take the call", _considered(decision), {"visit": visit.id})
    offers = Offer.select().where(Offer.visit == visit.id).order_by(Offer.at, Offer.id)
    for offer in offers:
        yield from _offer_moments(offer, decisions)
    yield from _talk_moments(visit)


def _wait_moment(wait: Any) -> Moment:
    said = "is told to expect" if wait.told else "is expected to wait"
    text = f"{said} {length(wait.low)} to {length(wait.high)}"
    if wait.ends is not None:
        took = wait.ends - wait.at
        late = "more than that" if took > wait.high else "less than that" if took < wait.low else "as expected"
        text += f": it takes {length(took)}, {late}"
    data = {"low": wait.low, "middle": wait.middle, "high": wait.high, "told": wait.told, "ends": wait.ends}
    return Moment(wait.at, "wait", text, data={"visit": wait.visit, **data})


def _offer_moments(offer: Any, decisions: Mapping[tuple[str | None, float], Any]) -> Iterator[Moment]:
    agents = OfferAgent.select().where(OfferAgent.offer == offer.id).order_by(OfferAgent.at, OfferAgent.agent)
    for at, given in groupby(agents, lambda row: row.at):
        rung = list(given)
        phones = ", ".join(f"{row.agent} (phone {row.phone})" for row in rung)
        decision = decisions.get((offer.id, at))
        yield Moment(
            at,
            "offered",
            f"is offered to {phones}" if at == offer.at else f"is offered to {phones} as well",
            _considered(decision) if decision else (),
            {"offer": offer.id, "agents": {row.agent: row.phone for row in rung}},
        )
    for row in agents:
        if row.outcome is not None:
            after = length(row.ended_at - row.at) if row.ended_at is not None else NOTHING
            yield Moment(
                row.ended_at or row.at,
                "offer ended",
                f"{row.agent}: {row.outcome} after {after}",
                data={"offer": offer.id, "agent": row.agent, "outcome": row.outcome},
            )


def _talk_moments(visit: Any) -> Iterator[Moment]:
    data: dict[str, Any] = {"visit": visit.id, "agent": visit.agent}
    if visit.answered_at is not None:
        waited = length(visit.answered_at - visit.joined_at)
        yield Moment(visit.answered_at, "talk", f"talks to {visit.agent} after a wait of {waited}", data=data)
        if visit.talk_ended_at is not None:
            talked = length(visit.talk_ended_at - visit.answered_at)
            yield Moment(visit.talk_ended_at, "talk ended", f"the talk ends after {talked}", data=data)
    elif visit.ended_at is not None:
        waited = length(visit.ended_at - visit.joined_at)
        text = f"leaves the queue after a wait of {waited}: {visit.outcome}"
        data["outcome"] = visit.outcome
        departure = Departure.get_or_none(Departure.visit == visit.id)
        if departure is not None:
            text += f" ({departure.rule}: {departure.why}), to {departure.destination}"
            because = json.loads(departure.because)
            data |= {"rule": departure.rule, "why": departure.why, "to": departure.destination, "because": because}
        yield Moment(visit.ended_at, "left", text, data=data)
    again = Visit.select().where(Visit.came_back == visit.id).first()
    if again is not None:
        after = length(again.joined_at - (visit.talk_ended_at or visit.ended_at))
        text = f"the caller is back after {after}, in the call {again.call}"
        yield Moment(again.joined_at, "back", text, data={"visit": again.id, "call": again.call})
    for stretch in wrap_ups(visit):
        if stretch.ended_at is not None:
            text = f"{stretch.agent} ends the wrap-up after {length(stretch.ended_at - stretch.began_at)}"
            yield Moment(stretch.ended_at, "wrap-up ended", text, data={"agent": stretch.agent})
    for row in DispositionRow.select().where(DispositionRow.visit == visit.id).order_by(DispositionRow.id):
        keyed = {"agent": row.agent, "code": row.code, "name": row.name}
        yield Moment(row.at, "disposition", f"{row.agent} keys {row.code}: {row.name}", data=keyed)


def wrap_ups(visit: Any) -> list[Any]:
    """The stretches of wrap-up after a visit."""
    if visit.agent is None:
        return []
    # The agent and the time stand in indices, the visit does not.
    of_agent = (AgentStretch.agent == visit.agent) & (AgentStretch.began_at >= visit.answered_at)
    of_visit = (AgentStretch.visit == visit.id) & (AgentStretch.state == AgentState.WRAP_UP.value)
    return list(AgentStretch.select().where(of_agent, of_visit).order_by(AgentStretch.began_at))


def _considered(decision: Any) -> tuple[tuple[str, str | None, str], ...]:
    return tuple((c["agent"], c["passed_over"], c.get("detail", "")) for c in json.loads(decision.considered))


def story_text(told: Story, zone: tzinfo, settings: Settings | None = None) -> str:
    """The story as a person reads it, with times in that zone."""
    call = told.call
    lines = [f"Call {call.id}", *(f"  {name:<10}{value}" for name, value in _about(call, zone, settings)), ""]
    lines += moments_text(told.moments, zone, settings)
    if call.ended_at is None:
        lines.append(f"The call has not ended; if it ended now: {call.outcome}.")
    else:
        lines.append(f"Outcome: {call.outcome}, {length(call.ended_at - call.started_at)} after its arrival.")
    return "\n".join(lines)


def dialled(call: Any, settings: Settings | None) -> str:
    """The number of ours that was called: as it was delivered, its id where that is another spelling, its name."""
    known = settings.numbers.get(call.number_id) if settings else None
    about = ([call.number_id] if call.number_id not in (None, call.dnis) else []) + ([known.name] if known else [])
    return f"{call.dnis} ({', '.join(about)})" if about else str(call.dnis)


def _about(call: Any, zone: tzinfo, settings: Settings | None) -> Iterator[tuple[str, str]]:
    if visit_of_attempt(call.id):
        yield "made", f"{moment(call.started_at, zone)} ({zone}), to call the customer back"
        yield "to", harmless(f"{call.number or call.dnis} {call.customer or ''}".strip())
        if call.trunk:
            yield "trunk", harmless(f"{call.trunk}, by the rule {call.rule}")
        return
    yield "arrived", f"{moment(call.started_at, zone)} ({zone})"
    caller = call.number or (f"{call.ani} (not a number we can read)" if call.ani else "anonymous")
    yield "from", harmless(f"{caller} {call.caller_name}".strip())
    yield "to", harmless(dialled(call, settings))
    if call.customer:
        yield "customer", harmless(call.customer + (f", group {call.group}" if call.group else ""))
    if call.language:
        yield "language", call.language
    if call.version is not None:
        yield "version", f"{call.version} of the configuration"


def story_data(told: Story, zone: tzinfo) -> dict[str, Any]:
    """The story for programs."""
    return {
        "call": call_data(told.call, zone),
        "moments": moments_data(told.moments, zone),
    }


def call_data(call: Any, zone: tzinfo) -> dict[str, Any]:
    """A row of the calls for programs."""
    row: dict[str, Any] = dict(call.__data__)
    return {**row, "started_at": iso(call.started_at, zone), "ended_at": iso(call.ended_at, zone)}
