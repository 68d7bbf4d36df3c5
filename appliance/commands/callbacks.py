"""The commands that list the customers who are to be called back, tell the story of one, and change a promise."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import click

from appliance.clock import RealClock
from appliance.commands.day import who
from appliance.commands.live import ask, json_option, print_json
from appliance.commands.show import NOTHING, harmless, length, moment, table, time_of_day, with_times
from appliance.console import NotRunning
from appliance.identify import to_e164
from appliance.places import Places, zone_of
from appliance.records.callback_lists import callbacks, find_callback, related_calls
from appliance.records.interval import interval
from appliance.records.models import Visit
from appliance.records.moments import moments_data, moments_text
from appliance.records.why import moments_of
from appliance.records.why_callback import calls_of
from appliance.settings import Settings
from appliance.trouble import Trouble

Data = Mapping[str, Any]


@click.group("callbacks", invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Also those that have ended, with what became of them.")
@click.option("--day", help="Those promised on a day, ended or not: 2026-11-30, today or yesterday.")
@click.option("--queue", metavar="ID", help="Of this queue only.")
@click.option("--number", help="Of this customer only, in any spelling.")
@json_option
@click.pass_context
def callbacks_group(
    context: click.Context, everything: bool, day: str | None, queue: str | None, number: str | None, as_json: bool
) -> None:
    """List the customers who are to be called back, in the order of the line; tell of one, or change a promise.

    \b
    Examples:
      appliance callbacks
      appliance callbacks --day yesterday --queue sales --json
      appliance callbacks --number "8 916 123-45-67" --all
      appliance callbacks show last
      appliance callbacks add sales +79161234567 --name "Anna Petrova" --context about="a new roof"
      appliance callbacks move 261122-103205-001.1 "14:30"
      appliance callbacks cancel 261122-103205-001.1 --why "wrote an e-mail"
    """
    if context.invoked_subcommand is not None:
        return
    places: Places = context.obj
    settings = places.in_force()
    zone = zone_of(settings)
    wanted = _number(number, settings) if number is not None else None
    if queue is not None and queue not in settings.queues:
        raise Trouble(f"There is no queue {queue[:40]!r}: there are {', '.join(settings.queues)}.")
    if everything or day is not None:
        when = interval(day, None, None, RealClock().now(), zone) if day is not None else None
        places.database(settings)
        found = callbacks(when, queue=queue, number=wanted)
        text = _all_text(found, zone)
    else:
        found, is_running = _open(places, settings)
        found = [each for each in found if queue in (None, each["queue"]) and wanted in (None, each["number"])]
        text = _open_text(found, zone, is_running)
    print_json(with_times(found, zone)) if as_json else click.echo(text)


def _number(written: str, settings: Settings) -> str:
    number = to_e164(written, settings.country)
    if number is None:
        raise Trouble(f"{written[:40]!r} is not a telephone number: write it like +79161234567.")
    return number


def _open(places: Places, settings: Settings) -> tuple[list[dict[str, Any]], bool]:
    """Those that are open, as the running appliance knows them, else as the records do."""
    try:
        return list(ask(places, "callbacks")), True
    except NotRunning:
        places.database(settings)
        return callbacks(None, is_open=True), False


def _open_text(found: Sequence[Data], zone: tzinfo, is_running: bool) -> str:
    if not found:
        return "Nobody is to be called back."
    if not is_running:
        return (
            f"{_all_text(found, zone)}\nThe appliance is not running: nobody is called, and places are not known."
        )
    now = RealClock().now()
    rows = [
        (
            *(each["queue"], each["place"] or NOTHING, each["number"], harmless(each["name"]), each["kind"]),
            *(_waits(each, now, zone), _expected(each["expected"], now, zone)),
            *(each["attempts"], _next(each, now, zone), each["callback"]),
        )
        for each in found
    ]
    header = ("queue", "place", "number", "name", "kind", "waits", "expected", "attempts", "next", "call-back")
    return table(header, rows)


def _waits(each: Data, now: float, zone: tzinfo) -> str:
    return length(now - each["since"]) if each["since"] <= now else f"from {moment(each['since'], zone)[:-3]}"


def _expected(wait: Data | None, now: float, zone: tzinfo) -> str:
    """When an agent is probably there for somebody."""
    if wait is None:
        return NOTHING
    return f"{time_of_day(now + wait['low'], zone)[:-3]} to {time_of_day(now + wait['high'], zone)[:-3]}"


def _next(each: Data, now: float, zone: tzinfo) -> str:
    if each["state"] != "at home":
        return str(each["state"])
    return "when it is their turn" if each["not_before_at"] <= now else moment(each["not_before_at"], zone)[:-3]


def _all_text(found: Sequence[Data], zone: tzinfo) -> str:
    if not found:
        return "There are no such call-backs."
    rows = [
        (
            *(moment(each["promised_at"], zone)[:-3], each["queue"], each["number"], harmless(each["name"])),
            *(each["kind"], each["attempts"], each["last"], each["outcome"] or "open"),
            *(moment(each["ended_at"], zone)[:-3], each["callback"]),
        )
        for each in found
    ]
    header = ("promised", "queue", "number", "name", "kind", "attempts", "last", "outcome", "ended", "call-back")
    return table(header, rows)


@callbacks_group.command("show")
@click.argument("callback")
@json_option
@click.pass_obj
def show(places: Places, callback: str, as_json: bool) -> None:
    """Tell the whole story of one customer: the promise, each time they were called, the talk, and other calls.

    CALLBACK is an id as `appliance callbacks` shows it, the beginning of one, the id of a call in which it was
    promised or of one of its attempts, or `last`.

    \b
    Examples:
      appliance callbacks show last
      appliance callbacks show 261122-103205-001
      appliance callbacks show 261122-103205-001.1.c2 --json
    """
    settings = places.in_force()
    zone = zone_of(settings)
    places.database(settings)
    row = find_callback(callback)
    visits = list(Visit.select().where(Visit.id == row.id))
    calls = calls_of(visits)
    moments = moments_of(visits, calls, visits[0].call if visits else row.id)
    related = related_calls(row.number, (call.id for call in calls))
    if as_json:
        (listed,) = [each for each in callbacks(None, number=row.number) if each["callback"] == row.id]
        others = [{name: getattr(call, name) for name in _OF_CALLS} for call in related]
        data = {"callback": listed, "moments": moments_data(moments, zone), "related_calls": others}
        print_json(with_times(data, zone))
        return
    lines = [
        f"Call-back {row.id}",
        *(f"  {name:<10}{harmless(str(value))}" for name, value in _about(row, zone)),
        "",
    ]
    lines += moments_text(moments, zone, settings)
    lines.append(f"Outcome: {row.outcome}." if row.outcome else "It is open.")
    if related:
        rows = [(call.id, moment(call.started_at, zone), call.direction or "in", call.outcome) for call in related]
        lines += ["", "Other calls of that number:", table(("call", "at", "direction", "outcome"), rows)]
    click.echo("\n".join(lines))


_OF_CALLS = ("id", "started_at", "ended_at", "direction", "outcome", "agent", "dnis", "trunk")


def _about(row: Any, zone: tzinfo) -> Sequence[tuple[str, object]]:
    wanted = moment(row.wanted_at, zone) if row.wanted_at > row.promised_at else "when it is their turn"
    return (
        ("customer", f"{row.number} {row.name}".strip()),
        ("queue", row.queue),
        ("kind", row.kind),
        ("promised", f"{moment(row.promised_at, zone)} ({zone})"),
        ("for", wanted),
        ("first", f"the {row.first}"),
        ("expires", moment(row.expires, zone)),
        *((("because of", row.origin),) if row.origin else ()),
    )


@callbacks_group.command("add")
@click.argument("queue")
@click.argument("number")
@click.option("--at", metavar="TIME", help="Not before then: 14:30 (today), or '2026-11-30 14:30'.")
@click.option("--name", default="", help="Of the customer; the agent sees it.")
@click.option("--context", "fields", multiple=True, metavar="NAME=TEXT", help="What the agent should know.")
@json_option
@click.pass_obj
def add(
    places: Places, queue: str, number: str, at: str | None, name: str, fields: Sequence[str], as_json: bool
) -> None:
    """Promise a call: somebody of QUEUE calls NUMBER when it is their turn, or from a time on.

    It counts as waiting from now on, like somebody who stands in line. At most one call-back of a number is open
    for a queue.

    \b
    Examples:
      appliance callbacks add sales +79161234567
      appliance callbacks add sales "8 916 123-45-67" --at "2026-11-30 14:30" --name "Anna Petrova"
      appliance callbacks add support +79161234567 --context ticket=4711 --context "about=the printer again"
    """
    zone = zone_of(places.in_force())
    begins = None if at is None else _moment(at, zone)
    context = dict(_field(each) for each in fields)
    data = ask(places, "callback-add", queue=queue, number=number, at=begins, name=name, context=context, by=who())
    if as_json:
        print_json(with_times(data, zone))
        return
    when = f" from {moment(begins, zone)[:-3]} on" if begins is not None else ""
    place = f", at place {data['place']}" if data.get("place") else ""
    click.echo(f"{data.get('number', number)} is called back{when}{place}: {data['callback']}.")


def _moment(text: str, zone: tzinfo) -> float:
    try:
        return interval(None, text, text, RealClock().now(), zone).start
    except Trouble:
        raise Trouble(f"{text[:40]!r} is not a time: write 14:30 (today), or '2026-11-30 14:30'.") from None


def _field(written: str) -> tuple[str, str]:
    name, equals, text = written.partition("=")
    if not equals or not name.strip():
        raise Trouble(f"{written[:40]!r} is no field: write NAME=TEXT, such as ticket=4711.")
    return name.strip(), text.strip()


@callbacks_group.command("move")
@click.argument("callback")
@click.argument("at", metavar="TIME")
@click.pass_obj
def move(places: Places, callback: str, at: str) -> None:
    """Call a customer not before TIME: 14:30 (today), or '2026-11-30 14:30'. The place in line is kept.

    \b
    Examples:
      appliance callbacks move 261122-103205-001.1 14:30
      appliance callbacks move 261122-103205-001 "2026-11-30 09:00"
    """
    zone = zone_of(places.in_force())
    data = ask(places, "callback-move", callback=callback, at=_moment(at, zone), by=who())
    click.echo(f"{data['number']} is not called before {moment(data['not_before_at'], zone)[:-3]}.")


@callbacks_group.command("cancel")
@click.argument("callback")
@click.option("--why", required=True, help="It is kept, and shown in the story.")
@click.pass_obj
def cancel(places: Places, callback: str, why: str) -> None:
    """Call a customer no more; a call under way is given up.

    \b
    Examples:
      appliance callbacks cancel 261122-103205-001.1 --why "was served in the shop"
    """
    data = ask(places, "callback-cancel", callback=callback, why=why, by=who())
    click.echo(f"{data['number']} is not called back any more.")
