"""Why an agent was offered calls or not: each moment of decision at which the agent was considered."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from appliance.commands.show import iso, length, moment, table
from appliance.records.models import Decision, OfferAgent, Visit
from appliance.records.moments import CHOSEN

AT_ONCE = 200  # decisions looked at in one query


@dataclass(frozen=True)
class Glance:
    """One moment: `passed_over` is None for who was chosen; `outcome` is what became of the offer then."""

    at: float
    call: str
    queue: str
    passed_over: str | None
    detail: str
    outcome: str | None
    rang_for: float | None


def glances(agent: str, last: int) -> list[Glance]:
    """The last moments at which an agent was considered, the latest at the end."""
    found: list[Glance] = []
    for row in _decisions(agent):
        seen = next((each for each in json.loads(row.considered) if each["agent"] == agent), None)
        if seen is None:
            continue
        visit = Visit.get_by_id(row.visit)
        part = OfferAgent.get_or_none(OfferAgent.offer == row.offer, OfferAgent.agent == agent)
        if seen["passed_over"] is not None:  # the offer may have grown by the agent later on
            part = None
        rang_for = part.ended_at - part.at if part is not None and part.ended_at is not None else None
        outcome = part.outcome if part is not None else None
        found.append(
            Glance(row.at, visit.call, visit.queue, seen["passed_over"], seen.get("detail", ""), outcome, rang_for)
        )
        if len(found) == last:
            break
    return found[::-1]


def _decisions(agent: str) -> Iterator[Any]:
    """Those that may name the agent, the latest first."""
    before = None
    while True:
        query = Decision.select().where(Decision.considered.contains(f'"{agent}"')).order_by(Decision.id.desc())
        rows = list((query if before is None else query.where(Decision.id < before)).limit(AT_ONCE))
        yield from rows
        if len(rows) < AT_ONCE:
            return
        before = rows[-1].id


def glances_text(agent: str, name: str, seen: Sequence[Glance], zone: tzinfo) -> str:
    """As a person reads it."""
    who = f"{agent} {name}".strip()
    if not seen:
        return f"{who} has not been considered for any call yet."
    rows = [
        (moment(g.at, zone), g.call, g.queue, g.passed_over or CHOSEN, g.detail, g.outcome, length(g.rang_for))
        for g in seen
    ]
    header = ("at", "call", "queue", "passed over", "detail", "outcome", "rang for")
    return f"{who} was considered at these moments:\n{table(header, rows)}"


def glances_data(agent: str, seen: Sequence[Glance], zone: tzinfo) -> dict[str, Any]:
    """For programs."""
    return {"agent": agent, "moments": [{**vars(g), "at": iso(g.at, zone)} for g in seen]}
