"""A person taken out of call-backs: out of the tables, and out of what is kept as JSON with a promise in it."""

import json
from collections.abc import Callable
from typing import Any

from peewee import Database

from appliance.records import models as t
from appliance.records.database import writing
from appliance.upkeep.retention import AT_ONCE

NO_CONTEXT = "{}"


def callbacks_of(number: str) -> Any:
    """The call-backs that have ended, of that number: the others are the running appliance's."""
    return t.Callback.select().where(t.Callback.number == number, t.Callback.ended_at.is_null(False))


def open_callbacks_of(number: str) -> Any:
    return t.Callback.select().where(t.Callback.number == number, t.Callback.ended_at.is_null())


def erase_callbacks(
    database: Database, number: str, clean: Callable[[str], str], pause: Callable[[], None]
) -> int:
    """Take the person out of the tables of call-backs; `clean` takes mentions out of a text. That there were
    promises stays, and what became of them. Returns of how many."""
    count = 0
    while rows := list(callbacks_of(number).limit(AT_ONCE)):
        ids = [row.id for row in rows]
        with writing(database):
            t.Attempt.update(number="").where(t.Attempt.callback.in_(ids)).execute()
            for move in t.CallbackMove.select().where(t.CallbackMove.callback.in_(ids)):
                t.CallbackMove.update(why=clean(move.why)).where(t.CallbackMove.id == move.id).execute()
            for row in rows:
                gone = {"number": "", "name": "", "context": NO_CONTEXT, "why": row.why and clean(row.why)}
                t.Callback.update(**gone).where(t.Callback.id == row.id).execute()
        count += len(rows)
        pause()
    return count


def erase_journal(database: Database, number: str, clean: Callable[[str], str], pause: Callable[[], None]) -> None:
    """Take mentions of the person out of what the line was told. It has no other numbers: see
    appliance.line.aliases."""
    row = t.JournalRow
    last = 0
    found = row.select().where(row.messages.contains(number)).order_by(row.n)
    while rows := list(found.where(row.n > last).limit(AT_ONCE)):
        with writing(database):
            for each in rows:
                body = without(json.loads(each.messages), number, clean)
                cleaned = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
                row.update(messages=cleaned).where(row.n == each.n).execute()
        last = rows[-1].n
        pause()


def without(body: Any, number: str, clean: Callable[[str], str]) -> Any:
    """JSON in which that person's promises are nobody's, and which gives no reasons that mention the person."""
    if isinstance(body, list):
        return [without(each, number, clean) for each in body]
    if not isinstance(body, dict):
        return body
    if body.get("number") == number:
        body = {**body, "number": ""}
        if "not_before" in body:  # a promise, and not merely an attempt
            body |= {"name": "", "context": []}
    if isinstance(body.get("why"), str):
        body = {**body, "why": clean(body["why"])}
    return {name: without(value, number, clean) for name, value in body.items()}
