"""The command that lists the callers whom nobody has served."""

from collections.abc import Sequence
from datetime import tzinfo

import click

from appliance.clock import RealClock
from appliance.commands.history import day_option, from_option, to_option
from appliance.commands.live import json_option, print_json
from appliance.commands.show import NOTHING, length, moment, table, with_times
from appliance.places import Places, zone_of
from appliance.records.abandoned import Abandoned
from appliance.records.abandoned import abandoned as look_up
from appliance.records.interval import interval
from appliance.trouble import Trouble


@click.command()
@day_option
@from_option
@to_option
@click.option("--queue", metavar="ID", help="Only of this queue.")
@click.option(
    "--open", "only_open", is_flag=True, help="Only those to whom nobody has talked since, nor will call."
)
@json_option
@click.pass_obj
def abandoned(
    places: Places,
    day: str | None,
    begin: str | None,
    end: str | None,
    queue: str | None,
    only_open: bool,
    as_json: bool,
) -> None:
    """List the callers whom nobody has served, and what has become of them since; of today if no time is given.

    Those who have withheld their number are listed, and nobody can call them. `redial:` below `callback:` of a
    queue has the others called.

    \b
    Examples:
      appliance abandoned
      appliance abandoned --day yesterday --queue sales
      appliance abandoned --open --json
    """
    settings = places.in_force()
    zone = zone_of(settings)
    when = interval(day, begin, end, RealClock().now(), zone)
    with places.database(settings):
        if queue is not None and queue not in settings.queues:
            raise Trouble(f"There is no queue {queue[:40]!r}: there are {', '.join(settings.queues) or 'none'}.")
        found = [each for each in look_up(when, queue) if each.is_open or not only_open]
    if as_json:
        print_json(with_times([_data(each) for each in found], zone))
    elif found:
        click.echo(_text(found, zone))
    else:
        click.echo("There are no such callers.")


def _data(each: Abandoned) -> dict[str, object]:
    redial = vars(each.redialled) if each.redialled else None
    if redial is not None:
        redial = {("not_before_at" if name == "not_before" else name): value for name, value in redial.items()}
    return {**vars(each), "redialled": redial, "open": each.is_open}


def _text(found: Sequence[Abandoned], zone: tzinfo) -> str:
    rows = [
        (
            *(moment(each.left_at, zone), each.queue, each.number or "withheld", each.name, each.reason),
            *(length(each.waited), each.called_again, _served(each, zone), _redial(each, zone), each.call),
        )
        for each in found
    ]
    header = ("left", "queue", "number", "name", "why", "waited", "again", "served since", "redial", "call")
    return table(header, rows)


def _served(each: Abandoned, zone: tzinfo) -> str:
    if each.served_at is None:
        return NOTHING
    return moment(each.served_at, zone)[:-3] + (f" by {each.served_by}" if each.served_by else "")


def _redial(each: Abandoned, zone: tzinfo) -> str:
    redial = each.redialled
    if redial is None:
        return NOTHING
    if redial.outcome is None:
        return f"from {moment(redial.not_before, zone)[11:-3]}, {redial.attempts} so far"
    return redial.outcome
