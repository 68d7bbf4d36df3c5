"""The figures of a day side by side: as recorded, in the model as it was, in the model with changes. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.commands.show import NOTHING, length, share, table
from appliance.records.figures import AgentFigures, QueueFigures, ServiceLevel, total
from appliance.whatif.day import Day

ALL = "all queues"
Show = Callable[[float | None], str]


@dataclass(frozen=True)
class Line:
    """One figure of a queue: as recorded, and on average over the runs of the model."""

    name: str
    show: Show
    recorded: float | None
    unchanged: float | None
    changed: float | None
    differences: tuple[float, ...]  # of changed and unchanged, run by run


@dataclass(frozen=True)
class Comparison:
    """`queues`: by queue, and of all together at the end if they are several."""

    queues: Mapping[str, Sequence[Line]]


@dataclass(frozen=True)
class _Figures:
    queue: QueueFigures
    occupancy: float | None  # of the agents of the queue


def _number(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}".removesuffix(".0")


def _lines(level: ServiceLevel) -> dict[str, tuple[Show, Callable[[_Figures], float | None]]]:
    return {
        "offered": (_number, lambda f: f.queue.offered),
        "answered": (_number, lambda f: f.queue.answered),
        "abandoned": (_number, lambda f: f.queue.abandoned),
        f"SL-{level.name}": (share, lambda f: f.queue.service_level(level)),
        "abandon rate": (share, lambda f: f.queue.abandon_rate),
        "ASA": (length, lambda f: f.queue.asa),
        "wait of who abandoned": (length, lambda f: f.queue.average_abandoned_wait),
        "longest wait": (length, lambda f: f.queue.longest_wait),
        "talk": (length, lambda f: f.queue.average_talk),
        "wrap-up": (length, lambda f: f.queue.average_wrap_up),
        "occupancy": (share, lambda f: f.occupancy),
    }


def compare(
    recorded: Day, unchanged: Sequence[Day], changed: Sequence[Day], level: ServiceLevel, only: Sequence[str] = ()
) -> Comparison:
    """`only` those queues; without, all that anybody came to."""
    listed = only or [figures.queue for figures in recorded.queues if figures.offered]
    names = {queue: [queue] for queue in listed} | ({ALL: listed} if len(listed) > 1 else {})
    return Comparison(
        {
            name: _compared(
                _figures(recorded, queues),
                [(_figures(a, queues), _figures(b, queues)) for a, b in zip(unchanged, changed, strict=True)],
                level,
            )
            for name, queues in names.items()
        }
    )


def _figures(day: Day, queues: Sequence[str]) -> _Figures:
    members = {agent for queue in queues if queue in day.members for agent in day.members[queue]}
    return _Figures(
        total(figures for figures in day.queues if figures.queue in queues),
        _occupancy(agent for agent in day.agents if agent.agent in members),
    )


def _occupancy(agents: Iterable[AgentFigures]) -> float | None:
    sheet: dict[str, float] = {}
    for agent in agents:
        for state, seconds in agent.time_sheet.items():
            sheet[state] = sheet.get(state, 0.0) + seconds
    return AgentFigures("", "", time_sheet=sheet).occupancy


def _compared(recorded: _Figures, runs: Sequence[tuple[_Figures, _Figures]], level: ServiceLevel) -> list[Line]:
    lines = []
    for name, (show, of) in _lines(level).items():
        pairs = [(of(one), of(other)) for one, other in runs]
        differences = [after - before for before, after in pairs if before is not None and after is not None]
        lines.append(
            Line(
                name,
                show,
                of(recorded),
                _mean(before for before, _ in pairs),
                _mean(after for _, after in pairs),
                tuple(differences),
            )
        )
    return lines


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


# For people and for programs


def comparison_text(compared: Comparison) -> str:
    parts = []
    for queue, lines in compared.queues.items():
        header = (queue, "recorded", "model, as it was", "model, changed", "difference", "from run to run")
        parts.append(table(header, [_row(line) for line in lines]))
    return "\n\n".join(parts)


def _row(line: Line) -> tuple[str, ...]:
    values = (line.show(value) for value in (line.recorded, line.unchanged, line.changed))
    if not line.differences:
        return line.name, *values, NOTHING, NOTHING
    mean = sum(line.differences) / len(line.differences)
    spread = " to ".join(
        _signed(line, most).removesuffix(" points") for most in (min(line.differences), max(line.differences))
    )
    return line.name, *values, _signed(line, mean), spread if len(line.differences) > 1 else NOTHING


def _signed(line: Line, value: float) -> str:
    shown, nothing = (line.show(each).replace(" %", " points") for each in (abs(value), 0.0))
    return shown if shown == nothing else f"{'-' if value < 0 else '+'}{shown}"


def comparison_data(compared: Comparison) -> dict[str, Any]:
    """Seconds, counts and shares of one; the averages of the runs, and the differences run by run."""
    return {
        queue: {
            line.name: {
                "recorded": line.recorded,
                "unchanged": line.unchanged,
                "changed": line.changed,
                "differences": line.differences,
            }
            for line in lines
        }
        for queue, lines in compared.queues.items()
    }
