"""What was owed to customers, counted from the records: callers whom nobody served, and tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from appliance.commands.show import share, table
from appliance.line.promises import CallbackEnd
from appliance.records.abandoned import HUNG_UP, Abandoned, abandoned
from appliance.records.interval import Interval
from appliance.records.models import TaskRow

NOBODY = "nobody"

ABANDONED = """\
Callers whom nobody served, by their last visit. hung up = of these; known = with a number; redialled = who were to
be called without having asked for it; served by it = of these, who talked to an agent then; served since = of all,
who talked to one of us at any time since, in whatever call; still open = of all, neither that nor to be called"""
TASKS = """\
Tasks that were opened in the interval. done = of these, by now, in time or late; late = not done in time, by now;
escalated = of which somebody was told"""


@dataclass(frozen=True)
class AbandonedFigures:
    """Of one queue."""

    queue: str
    abandoned: int
    hung_up: int
    known: int
    redialled: int
    redial_served: int
    served_since: int
    still_open: int

    @property
    def served_rate(self) -> float | None:
        return self.served_since / self.abandoned if self.abandoned else None


@dataclass(frozen=True)
class TaskFigures:
    """Of one queue and owner."""

    queue: str  # "": of none
    owner: str  # NOBODY: of nobody
    opened: int
    done: int
    late: int
    escalated: int


def abandoned_figures(interval: Interval, queue: str | None = None) -> list[AbandonedFigures]:
    """By queue; nothing of those without any."""
    found: dict[str, list[Abandoned]] = {}
    for each in abandoned(interval, queue):
        found.setdefault(each.queue, []).append(each)
    return [_of_queue(id, found[id]) for id in sorted(found)]


def _of_queue(queue: str, them: Sequence[Abandoned]) -> AbandonedFigures:
    redials = [each.redialled for each in them if each.redialled is not None]
    return AbandonedFigures(
        queue=queue,
        abandoned=len(them),
        hung_up=sum(each.reason == HUNG_UP for each in them),
        known=sum(each.number is not None for each in them),
        redialled=len(redials),
        redial_served=sum(redial.outcome == CallbackEnd.SERVED.value for redial in redials),
        served_since=sum(each.served_at is not None for each in them),
        still_open=sum(each.is_open for each in them),
    )


def task_figures(
    interval: Interval, now: float, queue: str | None = None, owner: str | None = None
) -> list[TaskFigures]:
    """By queue and owner."""
    query = TaskRow.select().where(TaskRow.opened_at >= interval.start, TaskRow.opened_at < interval.end)
    if queue is not None:
        query = query.where(TaskRow.queue == queue)
    if owner is not None:
        query = query.where(TaskRow.owner == owner)
    found: dict[tuple[str, str], list[Any]] = {}
    for row in query:
        found.setdefault((row.queue or "", row.owner or NOBODY), []).append(row)
    return [
        TaskFigures(
            *(*key, len(found[key])),
            done=sum(row.done_at is not None for row in found[key]),
            late=sum((row.done_at or now) > row.first_due for row in found[key]),
            escalated=sum(row.told > 0 for row in found[key]),
        )
        for key in sorted(found)
    ]


def abandoned_text(found: Iterable[AbandonedFigures]) -> str:
    """A table, and what its figures mean."""
    rows = [
        (
            *(each.queue, each.abandoned, each.hung_up, each.known, each.redialled, each.redial_served),
            *(each.served_since, share(each.served_rate), each.still_open),
        )
        for each in found
    ]
    header = (
        "not served",
        "all",
        "hung up",
        "known",
        "redialled",
        "served by it",
        "served since",
        "",
        "still open",
    )
    return f"{table(header, rows)}\n{ABANDONED}"


def tasks_text(found: Iterable[TaskFigures]) -> str:
    """Likewise."""
    rows = [(each.queue, each.owner, each.opened, each.done, each.late, each.escalated) for each in found]
    return f"{table(('tasks', 'owner', 'opened', 'done', 'late', 'escalated'), rows)}\n{TASKS}"


def abandoned_data(figures: AbandonedFigures) -> dict[str, object]:
    """For programs."""
    return {**vars(figures), "served_rate": figures.served_rate}
