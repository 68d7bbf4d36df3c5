"""A person taken out of the records: number, name and recordings go; that there was a call stays, with figures."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from peewee import Database

from appliance import models as t
from appliance.database import writing
from appliance.retention import AT_ONCE, Files, forget_for_good, overwrite_what_is_deleted

ERASED = "erased"

# What of a fact tells of a person, and what stands in its place. The names are those of appliance.facts.
_OF_FACTS: Mapping[str, Mapping[str, object]] = {
    "CallStarted": {"ani": "", "caller_name": ""},
    "CallIdentified": {"number": None, "customer": None},
    "RecordingStarted": {"file": ""},
}
_IDENTIFIED = "identified"  # the step whose detail names the person
_CALL = re.compile(r'"call": "([^"]*)"')


@dataclass(frozen=True)
class Erased:
    """How much was erased. `stuck` are recordings that could not be removed."""

    calls: int
    events: int
    recordings: int
    stuck: tuple[Path, ...]
    going_on: int  # calls of that person that have not ended, and are as they were


def calls_of(number: str) -> Any:
    """The calls of a number that have ended."""
    return t.Call.select().where(t.Call.number == number, t.Call.ended_at.is_null(False))


def erase(database: Database, number: str, pause: Callable[[], None]) -> Erased:
    """Erase a person, known by the number in E.164.

    A call loses its number last, so that what was interrupted can be done again.
    """
    overwrite_what_is_deleted(database)
    files = Files()
    ids = [call.id for call in calls_of(number)]
    events = _erase_events(database, {*ids}, pause)
    erased = 0
    for n in range(0, len(ids), AT_ONCE):
        some = ids[n : n + AT_ONCE]
        recorded = list(t.Recording.select().where(t.Recording.call.in_(some)))
        stuck = {recording.call for recording in recorded if not files.remove(Path(recording.file))}
        done = [id for id in some if id not in stuck]
        with writing(database):
            t.Recording.delete().where(t.Recording.call.in_(done)).execute()
            t.Step.update(detail=ERASED).where(t.Step.call.in_(done), t.Step.step == _IDENTIFIED).execute()
            t.Call.update(number=None, ani="", caller_name="", customer=None).where(t.Call.id.in_(done)).execute()
        erased += len(done)
        pause()
    forget_for_good(database)
    going_on = t.Call.select().where(t.Call.number == number, t.Call.ended_at.is_null()).count()
    return Erased(erased, events, files.removed, tuple(files.stuck), going_on)


def _erase_events(database: Database, ids: Collection[str], pause: Callable[[], None]) -> int:
    row = t.EventRow
    telling = row.select(row.n, row.kind, row.body).where(row.kind.in_([*_OF_FACTS, "Stepped"])).order_by(row.n)
    count, last = 0, 0
    while ids and (rows := list(telling.where(row.n > last).limit(AT_ONCE * 10))):
        last = rows[-1].n
        changed = [
            (each.n, body)
            for each in rows
            if (found := _CALL.search(each.body)) and found[1] in ids and (body := _without_person(each))
        ]
        if changed:
            with writing(database):
                for n, body in changed:
                    row.update(body=body).where(row.n == n).execute()
            pause()
        count += len(changed)
    return count


def _without_person(event: Any) -> str | None:
    """The fact without what tells of a person; None where nothing does."""
    body = json.loads(event.body)
    instead: Mapping[str, object] = _OF_FACTS.get(event.kind, {})
    if event.kind == "Stepped":
        instead = {"detail": ERASED} if body.get("step") == _IDENTIFIED else {}
    if all(body.get(name) == value for name, value in instead.items()):
        return None
    return json.dumps({**body, **instead}, ensure_ascii=False)
