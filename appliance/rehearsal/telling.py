"""Traces, and what was expected of them, as a person reads them and as a program does."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appliance.commands.show import harmless, iso, length, moment
from appliance.configuration.problems import Place
from appliance.records.moments import considered_table
from appliance.rehearsal.moments import Moment
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.run import Rehearsal
from appliance.rehearsal.trace import Trace
from appliance.rehearsal.wording import ANONYMOUS

_OFFERS = 6  # told in full; where nobody answers they go on and on
_LONGEST = 1000  # characters of a line: a prompt is read to its end


def trace_text(told: Trace, premises: Premises) -> str:
    """The whole story of a call."""
    zone = ZoneInfo(premises.settings.time_zone)
    at = datetime.fromtimestamp(told.call.at, zone)
    head = f"{told.call.caller or ANONYMOUS} calls {told.call.to} on {at:%A} {moment(told.call.at, zone)} ({zone})"
    return "\n".join([head, "", *moment_lines(told, premises), "", *_outcome(told)])


def moment_lines(told: Trace, premises: Premises, indent: str = "") -> Iterator[str]:
    """One line a moment: how long after the beginning, because of which line of the YAML, and what."""
    directory = premises.settings.directory
    moments = _shortened(told.moments)
    places = [_where(m.place, directory) if m.place else "" for m in moments]
    width = max(map(len, places), default=0)
    for m, place in zip(moments, places, strict=True):
        yield f"{indent}{clock_face(m.at - told.call.at)}  {place:<{width}}  {harmless(m.text, _LONGEST)}"
        if m.considered:
            agents = [(c.agent, c.passed_over.value if c.passed_over else None, c.detail) for c in m.considered]
            yield considered_table(agents, premises.settings, indent=indent + " " * (width + 11))


def _where(place: Place, directory: Path) -> str:
    """File and line, as short as it is clear."""
    file = Path(place.file)
    name = file.relative_to(directory) if file.is_relative_to(directory) else file
    return f"{name}:{place.line}" if place.line else str(name)


def _shortened(moments: tuple[Moment, ...]) -> list[Moment]:
    """All that happens, but of very many offers the first alone."""
    kept: list[Moment] = []
    offers = [m for m in moments if m.kind == "offered"]
    left_out = offers[_OFFERS:]
    if len(left_out) < 2:
        return [*moments]
    begin, end = left_out[0].at, left_out[-1].at
    for m in moments:
        if m is left_out[0]:
            text = f"and so on: {len(left_out)} more offers until {clock_face(end - moments[0].at)}"
            kept.append(Moment(begin, "offered", text, m.because, m.place))
        if not (m.kind in ("offered", "offer ended") and begin <= m.at <= end and m not in offers[:_OFFERS]):
            kept.append(m)
    return kept


def clock_face(seconds: float) -> str:
    """So long after the beginning: 01:35.7."""
    minutes, rest = divmod(max(0.0, seconds), 60)
    return f"{int(minutes):02}:{rest:04.1f}"


def _outcome(told: Trace) -> Iterator[str]:
    after = length(told.ended_at - told.call.at)
    if told.outcome is None:
        yield f"It ends after {after}."
    else:
        yield f"Outcome: {told.outcome.value}, {after} after its beginning."
    if told.unasked:
        left = ", ".join(keys or "silence" for keys in told.unasked)
        yield f"Not pressed, since nobody asked for it: {left}."


def trace_data(told: Trace, premises: Premises) -> dict[str, Any]:
    """The same for programs."""
    zone = ZoneInfo(premises.settings.time_zone)
    call = {**asdict(told.call), "at": iso(told.call.at, zone)}
    identified = told.identified
    return {
        "call": call,
        "number": identified.number if identified else None,
        "number_id": identified.number_id if identified else None,
        "customer": identified.customer if identified else None,
        "group": identified.group if identified else None,
        "language": identified.language if identified else None,
        "outcome": told.outcome.value if told.outcome else None,
        "stands": told.stands,
        "rule": told.rule,
        "answered_by": told.answered_by,
        "wait": told.wait,
        "trunks_tried": [{"rule": tried.rule, "trunk": tried.trunk} for tried in told.tried],
        "not_pressed": [*told.unasked],
        "ended_at": iso(told.ended_at, zone),
        "moments": [
            {
                "at": iso(m.at, zone),
                "seconds": round(m.at - told.call.at, 3),
                "kind": m.kind,
                "text": m.text,
                "because": [*m.because],
                "file": m.place.file if m.place else None,
                "line": m.place.line if m.place else None,
                "column": m.place.column if m.place else None,
                "considered": [
                    {
                        "agent": c.agent,
                        "passed_over": c.passed_over.value if c.passed_over else None,
                        "detail": c.detail,
                    }
                    for c in m.considered
                ],
            }
            for m in told.moments
        ],
    }


def rehearsal_text(rehearsal: Rehearsal, premises: Premises) -> str:
    """Each call that did not go as expected, with what happened to it."""
    lines: list[str] = [str(problem) for problem in rehearsal.problems]
    for result in rehearsal.failed:
        lines += [str(failure) for failure in result.failures]
        lines += [*moment_lines(result.trace, premises, indent="    "), ""]
    failed, count = len(rehearsal.failed), len(rehearsal.results)
    went = f"{count} call{'' if count == 1 else 's'}"
    lines.append(f"{went}, {failed} not as expected." if failed else f"{went}, as expected.")
    return "\n".join(lines)


def rehearsal_data(rehearsal: Rehearsal, premises: Premises) -> dict[str, Any]:
    """The same for programs; every call with its trace."""
    return {
        "ok": rehearsal.ok,
        "problems": [{**asdict(problem), "sentence": str(problem)} for problem in rehearsal.problems],
        "calls": [
            {
                "name": result.case.name,
                "file": result.case.place.file,
                "line": result.case.place.line,
                "ok": not result.failures,
                "failures": [{**asdict(failure), "sentence": str(failure)} for failure in result.failures],
                "trace": trace_data(result.trace, premises),
            }
            for result in rehearsal.results
        ],
    }
