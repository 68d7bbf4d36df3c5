"""What is said of a task that is late: to programs, in an e-mail, and on the phone. Pure."""

from datetime import datetime, tzinfo

from appliance import facts as f
from appliance.settings import Settings
from appliance.tasks.words import Task


def delivery_id(late: f.TaskEscalated) -> str:
    """The same for each attempt to send it: who gets it twice can tell."""
    return f"{late.task}.n{late.n}"


def for_programs(task: Task, late: f.TaskEscalated, settings: Settings) -> dict[str, object]:
    """The body of a webhook."""
    owner = settings.agents.get(task.owner or "")
    return {
        "event": "task-late",
        "id": delivery_id(late),
        "at": late.at,
        "step": late.step + 1,
        "task": {
            "task": task.id,
            "kind": task.kind.value,
            "text": task.text,
            "about": task.about,
            "queue": task.queue,
            "number": task.number,
            "owner": task.owner,
            "owner_name": owner.name if owner else None,
            "opened_at": task.opened_at,
            "due": task.due,
        },
    }


def subject(task: Task, settings: Settings) -> str:
    return f"Late: {task.text}" + (f" ({_queue(task, settings)})" if task.queue else "")


def letter(task: Task, late: f.TaskEscalated, settings: Settings, zone: tzinfo) -> str:
    """An e-mail."""

    def moment(at: float) -> str:
        return f"{datetime.fromtimestamp(at, zone):%Y-%m-%d %H:%M}"

    owner = settings.agents.get(task.owner or "")
    lines = [
        f"This was to be done by {moment(task.due)}, and is not:",
        "",
        f"  {task.text}",
        "",
        f"Queue:    {_queue(task, settings) or '-'}",
        f"Customer: {task.number or '-'}",
        f"Owner:    {f'{owner.name} ({owner.id})' if owner else 'nobody yet'}",
        f"Opened:   {moment(task.opened_at)}",
        f"About:    {task.about or '-'}",
        "",
        f"What has happened:  appliance tasks show {task.id}",
        f"To take it:         appliance tasks assign {task.id} AGENT",
        f"When it is done:    appliance tasks done {task.id}",
        "",
        f"{settings.company}. You are told as step {late.step + 1} of the chain; the task is {task.id}.",
    ]
    return "\n".join(lines) + "\n"


def _queue(task: Task, settings: Settings) -> str:
    known = settings.queues.get(task.queue or "")
    return known.name if known else task.queue or ""
