"""The command that shows when customers of a queue may be called."""

from zoneinfo import ZoneInfo

import click

from appliance.commands.live import Data, ask, json_option, print_json
from appliance.commands.show import moment, table, time_of_day, with_times
from appliance.places import Places


@click.command("slots")
@click.argument("queue")
@click.option("--day", help="All of a day, full ones too: 2026-11-30, today or tomorrow.")
@json_option
@click.pass_obj
def slots(places: Places, queue: str, day: str | None, as_json: bool) -> None:
    """Show the times that customers of QUEUE may choose to be called at, and for how many there is room.

    A time that an agent or a program asks for has to be within one that has room.

    \b
    Examples:
      appliance callbacks slots sales
      appliance callbacks slots sales --day tomorrow
      appliance callbacks slots sales --json
    """
    data: Data = ask(places, "callback-slots", queue=queue, day=day)
    zone = ZoneInfo(data["time_zone"])
    if as_json:
        print_json(with_times(data, zone))
        return
    rows = [
        (moment(each["begins_at"], zone)[:-3], time_of_day(each["ends_at"], zone)[:-3], each["room"] or "full")
        for each in data["slots"]
    ]
    click.echo(table(("from", "to", "room"), rows) if rows else "No time is left.")
