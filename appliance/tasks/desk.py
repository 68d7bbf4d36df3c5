"""What the command line asks the running appliance about tasks."""

from collections.abc import Mapping
from typing import Any

from appliance.call import Desk, printable
from appliance.line.messages import Declined
from appliance.tasks.messages import AssignTask, FinishTask, MoveTask, OpenTask, TaskMessage
from appliance.trouble import Trouble

TASK_COMMANDS = ("task-add", "task-assign", "task-move", "task-done")
LONGEST = 300  # characters of a text


def answer(desk: Desk, command: str, arguments: Mapping[str, Any]) -> object:
    """Carry it out, and say of which task. Raises Trouble."""
    try:
        message = _message(desk, command, arguments)
    except KeyError as missing:
        raise Trouble(f"The command {command} needs {missing.args[0]}.") from None
    try:
        desk.engine.ask(message)
    except Declined as declined:
        sentence = str(declined)
        raise Trouble(
            f"{sentence[0].upper()}{sentence[1:]}: `appliance tasks` lists those that are open."
        ) from None
    return {"task": message.task}


def _message(desk: Desk, command: str, a: Mapping[str, Any]) -> TaskMessage:
    by = _text(a.get("by") or "somebody", 60)
    match command:
        case "task-add":
            due = a.get("due")
            return OpenTask(
                task=f"{desk.engine.new_call_id()}.t",
                text=_text(a["text"]),
                by=by,
                due=None if due is None else float(due),
                about=_text(a.get("about") or "", 80),
                queue=_maybe(a.get("queue")),
                number=_maybe(a.get("number")),
                owner=_maybe(a.get("owner")),
            )
        case "task-assign":
            return AssignTask(_text(a["task"], 80), _maybe(a.get("owner")), by)
        case "task-move":
            return MoveTask(_text(a["task"], 80), float(a["due"]), by, _text(a.get("why") or ""))
        case _:
            return FinishTask(_text(a["task"], 80), _text(a.get("outcome") or "done"), by)


def _text(value: object, longest: int = LONGEST) -> str:
    return " ".join(printable(str(value)).split())[:longest]


def _maybe(value: object) -> str | None:
    return None if value is None else _text(value, 40)
