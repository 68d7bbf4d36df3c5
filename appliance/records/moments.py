"""One thing that happened to a caller, and how many of them are told, to people and to programs."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any

from appliance.commands.show import harmless, iso, table, with_times
from appliance.facts import PassedOver
from appliance.settings import Settings

CHOSEN = "chosen"


@dataclass(frozen=True)
class Moment:
    """`considered`: agent, why passed over (None: chosen), detail."""

    at: float
    kind: str
    text: str
    considered: tuple[tuple[str, str | None, str], ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


def moments_text(moments: Iterable[Moment], zone: tzinfo, settings: Settings | None) -> Iterator[str]:
    """Line by line; a day that is not that of the line before is named."""
    day: date | None = None
    for m in moments:
        at = datetime.fromtimestamp(m.at, zone)
        if day is not None and at.date() != day:
            yield f"{at:%Y-%m-%d}"
        day = at.date()
        yield f"{at:%H:%M:%S.%f}"[:-5] + f"  {harmless(m.text)}"
        if m.considered:
            yield considered_table(m.considered, settings, indent=" " * 12)


def considered_table(
    considered: Iterable[tuple[str, str | None, str]], settings: Settings | None, indent: str
) -> str:
    """The agents of a moment of decision, and why each was passed over."""
    rows = [
        (_name(agent, settings), why or CHOSEN, _detail(why, said, settings)) for agent, why, said in considered
    ]
    return table(("agent", "passed over", "detail"), rows, indent=indent)


def _name(agent: str, settings: Settings | None) -> str:
    known = settings.agents.get(agent) if settings else None
    return f"{agent} {known.name}" if known else agent


def _detail(why: str | None, detail: str, settings: Settings | None) -> str:
    if why == PassedOver.PAUSED.value and settings and detail in settings.pauses:
        return settings.pauses[detail].name
    return detail


def moments_data(moments: Iterable[Moment], zone: tzinfo) -> list[dict[str, Any]]:
    """Moments for programs."""
    return [
        {**with_times(dict(m.data), zone), "at": iso(m.at, zone), "kind": m.kind, "text": m.text}
        | (
            {"considered": [{"agent": a, "passed_over": why, "detail": d} for a, why, d in m.considered]}
            if m.considered
            else {}
        )
        for m in moments
    ]
