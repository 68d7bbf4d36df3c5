"""Tasks as the records have them: the open ones for the appliance, all of them with their story for people."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from appliance import facts as f
from appliance.records.models import TaskChange, TaskNotice, TaskRow
from appliance.tasks.words import Task, TaskKind, Way
from appliance.trouble import Trouble

MOST_NAMED = 10  # ids in one sentence


def open_tasks() -> list[Task]:
    """Those that have not been done, as they were in mind."""
    return [
        Task(
            *(row.id, TaskKind(row.kind), row.text, row.opened_at, row.due, row.about, row.queue, row.number),
            owner=row.owner,
            taken=row.taken_at is not None,
            told=row.told,
            steps=row.steps,
            keyed=row.keyed,
        )
        for row in TaskRow.select().where(TaskRow.done_at.is_null()).order_by(TaskRow.opened_at, TaskRow.id)
    ]


def untold() -> list[tuple[f.TaskEscalated, int]]:
    """Who was to be told and may not have been, and how often that was tried."""
    rows = TaskNotice.select().where(TaskNotice.ended_at.is_null()).order_by(TaskNotice.at, TaskNotice.n)
    return [
        (
            f.TaskEscalated(
                *(row.task, row.at, row.n, row.step, Way(row.way), row.to, tuple(json.loads(row.because)))
            ),
            row.tries,
        )
        for row in rows
    ]


def find_task(given: str) -> Any:
    """The task whose id is or begins so, or the `last` one. Raises Trouble."""
    if given == "last":
        row = TaskRow.select().order_by(TaskRow.opened_at.desc(), TaskRow.id.desc()).first()
        if row is None:
            raise Trouble("There are no tasks yet.")
        return row
    exact = TaskRow.get_or_none(TaskRow.id == given)
    if exact is not None:
        return exact
    found = list(TaskRow.select().where(TaskRow.id.startswith(given)).order_by(TaskRow.id).limit(MOST_NAMED + 1))
    if not given or not found:
        raise Trouble(f"There is no task {given[:60]!r}: `appliance tasks` lists those that are open.")
    if len(found) > 1:
        ids = ", ".join(row.id for row in found[:MOST_NAMED])
        raise Trouble(f"Several tasks begin with {given[:60]!r}: {ids}.")
    return found[0]


@dataclass(frozen=True)
class Happened:
    """One step of a task's story."""

    at: float
    what: str
    detail: str
    because: tuple[str, ...] = ()


def story(row: Any) -> Sequence[Happened]:
    """All that has happened to a task, in order."""
    owner = f", for agent {row.first_owner}" if row.first_owner else ""
    found = [Happened(row.opened_at, "opened", f"by {row.opened_by}{owner}", tuple(json.loads(row.because)))]
    for change in TaskChange.select().where(TaskChange.task == row.id).order_by(TaskChange.id):
        found.append(Happened(change.at, change.what, _changed(change)))
    for notice in TaskNotice.select().where(TaskNotice.task == row.id).order_by(TaskNotice.n):
        found.append(Happened(notice.at, "late", notice.to, tuple(json.loads(notice.because))))
        if notice.tries:
            what = "told" if notice.fine else "not told" if notice.ended_at is not None else "tried"
            tries = f" (try {notice.tries})" if notice.tries > 1 else ""
            found.append(Happened(notice.ended_at or notice.at, what, f"{notice.detail}{tries}"))
    if row.done_at is not None:
        found.append(Happened(row.done_at, "done", f"by {row.done_by}: {row.outcome}"))
    return sorted(found, key=lambda each: each.at)


def _changed(change: Any) -> str:
    if change.what == "moved":
        return f"by {change.by}" + (f": {change.why}" if change.why else "")
    return f"by {change.by}, to {f'agent {change.to}' if change.to else 'nobody'}"
