"""The commands about tasks: what is to be done by whom and until when, and the story of each."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

import click

from appliance.clock import RealClock
from appliance.commands.day import who
from appliance.commands.live import ask, json_option, print_json
from appliance.commands.show import NOTHING, harmless, moment, table, with_times
from appliance.hours import expiry
from appliance.identify import to_e164
from appliance.places import Places, zone_of
from appliance.records.models import TaskRow
from appliance.records.tasks import find_task, story
from appliance.trouble import Trouble

due_options = (
    click.option("--due", metavar="TIME", help="By 18:00 (the next), or '2026-12-31 18:00'."),
    click.option("--in", "length", metavar="LENGTH", help="Within so long from now on: 30m, 4h, 2d."),
)


@click.group("tasks", invoke_without_command=True)
@click.option("--all", "also_done", is_flag=True, help="Also those that are done.")
@click.option("--late", "only_late", is_flag=True, help="Only those that are late.")
@click.option("--queue", metavar="ID", help="Only of this queue.")
@click.option("--owner", metavar="AGENT", help="Only those of this agent; nobody: that have no owner yet.")
@json_option
@click.pass_context
def tasks_group(
    context: click.Context, also_done: bool, only_late: bool, queue: str | None, owner: str | None, as_json: bool
) -> None:
    """List what is still to be done: open questions, call-backs that are owed, and what was written down by hand.

    A task opens when an agent keys a disposition with `task:`, when a call-back has come to nothing, or by
    `appliance tasks add`. Where it is not done in time, those are told whom `escalation:` names.

    \b
    Examples:
      appliance tasks
      appliance tasks --late --json
      appliance tasks add 'Send the invoice again' --in 4h --owner 1001
      appliance tasks done 261120-090501-001.1.t --outcome 'called, settled'
    """
    if context.invoked_subcommand is not None:
        return
    places: Places = context.obj
    settings, now = places.in_force(), RealClock().now()
    zone = zone_of(settings)
    with places.database(settings):
        chosen = [row for row in _rows(also_done, queue, owner) if not only_late or _is_late(row, now)]
    if as_json:
        print_json(with_times([_data(row, now) for row in chosen], zone))
    elif chosen:
        click.echo(_text(chosen, zone, now))
    else:
        click.echo("There is nothing to be done." if not also_done else "There are no such tasks.")


def _rows(also_done: bool, queue: str | None, owner: str | None) -> list[Any]:
    query = TaskRow.select().order_by(TaskRow.due, TaskRow.id)
    if not also_done:
        query = query.where(TaskRow.done_at.is_null())
    if queue is not None:
        query = query.where(TaskRow.queue == queue)
    if owner is not None:
        query = query.where(TaskRow.owner.is_null() if owner == "nobody" else TaskRow.owner == owner)
    return list(query)


def _is_late(row: Any, now: float) -> bool:
    return bool((row.done_at or now) > row.due)


def _data(row: Any, now: float) -> dict[str, object]:
    data = {name: value for name, value in row.__data__.items() if name not in ("because", "keyed", "first_due")}
    times = {"due_at": data.pop("due"), "first_due_at": row.first_due}
    return {"task": data.pop("id"), **data, **times, "late": _is_late(row, now)}


def _state(row: Any, now: float) -> str:
    if row.done_at is not None:
        return "done late" if row.done_at > row.due else "done"
    if row.due >= now:
        return "open"
    return "late, taken" if row.taken_at is not None else "late"


def _text(rows: Sequence[Any], zone: tzinfo, now: float) -> str:
    header = ("due", "state", "kind", "what", "queue", "number", "owner", "task")
    return table(
        header,
        [
            (
                *(moment(row.due, zone)[:-3], _state(row, now), row.kind, row.text, row.queue, row.number),
                *(row.owner or "nobody", row.id),
            )
            for row in rows
        ],
    )


@tasks_group.command("show")
@click.argument("task")
@json_option
@click.pass_obj
def show(places: Places, task: str, as_json: bool) -> None:
    """Tell the story of a task: what opened it, who was told that it is late, and what came of that.

    TASK is its id as `appliance tasks` shows it, the beginning of one, or `last`.

    \b
    Examples:
      appliance tasks show last
      appliance tasks show 261120-090501-001.1.t --json
    """
    settings, now = places.in_force(), RealClock().now()
    zone = zone_of(settings)
    with places.database(settings):
        row = find_task(task)
        told = story(row)
    if as_json:
        print_json(with_times({**_data(row, now), "story": [vars(each) for each in told]}, zone))
        return
    about = f", about {row.about}" if row.about else ""
    number = f" of {row.number}" if row.number else ""
    click.echo(f"{row.id}: {harmless(row.text)} ({row.kind}{number}{about})")
    click.echo(f"{_state(row, now)}, due {moment(row.due, zone)}, owner {row.owner or 'nobody yet'}")
    rows = [(moment(each.at, zone), each.what, each.detail, " ".join(each.because) or NOTHING) for each in told]
    click.echo(table(("at", "what", "", "because of"), rows))


@tasks_group.command("add")
@click.argument("text")
@due_options[0]
@due_options[1]
@click.option("--owner", metavar="AGENT", help="Who is to do it; nobody yet without.")
@click.option("--queue", metavar="ID", help="Whose chain of escalation holds; the site's without.")
@click.option("--number", help="The customer's.")
@click.option("--call", "about", metavar="CALL", help="The call it is about, whose number is the customer's.")
@json_option
@click.pass_obj
def add(
    places: Places,
    text: str,
    due: str | None,
    length: str | None,
    owner: str | None,
    queue: str | None,
    number: str | None,
    about: str | None,
    as_json: bool,
) -> None:
    """Write down a task. It is due in 4 hours where nothing is said.

    \b
    Examples:
      appliance tasks add 'Send the invoice again' --in 4h --owner 1001
      appliance tasks add 'Ask the workshop' --due 18:00 --queue support --call 261120-090501-001
    """
    settings = places.settings_if_sound()
    if not text.strip():
        raise Trouble("Say what is to be done.")
    known = to_e164(number, settings.country) if number and settings else number
    if number and not known:
        raise Trouble(f"{number[:40]!r} is not a telephone number: write it like +74951234567.")
    by_when = _due(due, length, places) if due or length else None
    wanted = {"text": text, "due": by_when, "owner": owner, "queue": queue, "number": known, "about": about}
    data = ask(places, "task-add", by=who(), **wanted)
    print_json(data) if as_json else click.echo(f"The task {data['task']} is open.")


def _due(due: str | None, length: str | None, places: Places) -> float:
    if due and length:
        raise Trouble("Say by when either as --in 4h or as --due 18:00.")
    return expiry.end(length, due, RealClock().now(), zone_of(places.settings_if_sound()))


@tasks_group.command("assign")
@click.argument("task")
@click.argument("agent")
@click.pass_obj
def assign(places: Places, task: str, agent: str) -> None:
    """Give a task to an agent, or to nobody.

    \b
    Examples:
      appliance tasks assign last 1002
      appliance tasks assign 261120-090501-001.1.t nobody
    """
    id = _id(places, task)
    ask(places, "task-assign", task=id, owner=None if agent == "nobody" else agent, by=who())
    click.echo(f"The task {id} is {f'that of agent {agent}' if agent != 'nobody' else 'that of nobody'} now.")


@tasks_group.command("move")
@click.argument("task")
@due_options[0]
@due_options[1]
@click.option("--why", default="", help="For who reads the story of the task.")
@click.pass_obj
def move(places: Places, task: str, due: str | None, length: str | None, why: str) -> None:
    """Give a task another deadline; where it is missed, the chain begins anew.

    \b
    Examples:
      appliance tasks move last --in 1d --why 'they are on holiday'
      appliance tasks move 261120-090501-001.1.t --due '2026-12-31 12:00'
    """
    if not due and not length:
        raise Trouble("Say by when, either as --in 4h or as --due 18:00.")
    id, at = _id(places, task), _due(due, length, places)
    ask(places, "task-move", task=id, due=at, why=why, by=who())
    click.echo(f"The task {id} is due {moment(at, zone_of(places.settings_if_sound()))} now.")


@tasks_group.command("done")
@click.argument("task")
@click.option("--outcome", default="done", show_default=True, help="What came of it.")
@click.pass_obj
def done(places: Places, task: str, outcome: str) -> None:
    """Say that a task is done. Nobody is told of it any more.

    \b
    Examples:
      appliance tasks done last
      appliance tasks done 261120-090501-001.1.t --outcome 'called, settled'
    """
    id = _id(places, task)
    ask(places, "task-done", task=id, outcome=outcome, by=who())
    click.echo(f"The task {id} is done.")


def _id(places: Places, task: str) -> str:
    with places.database(places.in_force()):
        return str(find_task(task).id)
