"""How the facts of tasks change the tables: part of appliance.records.store."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from appliance import facts as f
from appliance.records import models as t
from appliance.records.statements import insert, update
from appliance.tasks.words import TaskKind


def _opened(x: f.TaskOpened) -> None:
    insert(
        t.TaskRow,
        or_ignore=True,
        id=x.task,
        kind=x.kind.value,
        text=x.text,
        opened_at=x.at,
        opened_by=x.by,
        about=x.about,
        queue=x.queue,
        number=x.number,
        owner=x.owner,
        first_owner=x.owner,
        first_due=x.due,
        due=x.due,
        because=json.dumps(x.because),
        keyed=x.kind is TaskKind.QUESTION and bool(x.because),
        steps=0,
        told=0,
    )


def _assigned(x: f.TaskAssigned) -> None:
    taken = {"taken_at": x.at} if x.taken else {}
    update(t.TaskRow, {"id": x.task}, owner=x.owner, **taken)
    what = "taken" if x.taken else "assigned"
    insert(t.TaskChange, task=x.task, at=x.at, what=what, to=x.owner, why="", by=x.by)


def _moved(x: f.TaskMoved) -> None:
    update(t.TaskRow, {"id": x.task}, due=x.due, taken_at=None, steps=0)
    insert(t.TaskChange, task=x.task, at=x.at, what="moved", due=x.due, why=x.why, by=x.by)


def _escalated(x: f.TaskEscalated) -> None:
    update(t.TaskRow, {"id": x.task}, steps=x.step + 1, told=x.n)
    insert(
        t.TaskNotice,
        task=x.task,
        n=x.n,
        at=x.at,
        step=x.step,
        way=x.way.value,
        to=x.to,
        because=json.dumps(x.because),
        tries=0,
        detail="",
    )


def _told(x: f.TaskTold) -> None:
    row = t.TaskNotice
    ended = {"ended_at": x.at, "fine": x.fine} if x.final else {}
    row.update(tries=row.tries + 1, detail=x.detail, **ended).where(row.task == x.task, row.n == x.n).execute()


def _done(x: f.TaskDone) -> None:
    update(t.TaskRow, {"id": x.task}, done_at=x.at, done_by=x.by, outcome=x.outcome)


TASK_WRITERS: Mapping[type, Callable[[Any], None]] = {
    f.TaskOpened: _opened,
    f.TaskAssigned: _assigned,
    f.TaskMoved: _moved,
    f.TaskEscalated: _escalated,
    f.TaskTold: _told,
    f.TaskDone: _done,
}
