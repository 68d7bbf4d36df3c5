"""The commands that list the messages in boxes, and delete one."""

from datetime import tzinfo

import click

from appliance.commands.day import who
from appliance.commands.live import ask, json_option, print_json
from appliance.commands.show import NOTHING, harmless, iso, length, moment, table
from appliance.places import Places, zone_of
from appliance.records.voicemail import Left, messages
from appliance.trouble import Trouble


@click.group("voicemail", invoke_without_command=True)
@click.option("--box", metavar="ID", help="Of this box only.")
@click.option("--new", "only_new", is_flag=True, help="Only those that nobody has heard.")
@json_option
@click.pass_context
def voicemail_group(context: click.Context, box: str | None, only_new: bool, as_json: bool) -> None:
    """List the messages that callers have left, with the files in which they are.

    \b
    Examples:
      appliance voicemail
      appliance voicemail --box sales --new --json
      appliance voicemail delete sales-261120-090501-001-1795165501
    """
    if context.invoked_subcommand is not None:
        return
    places: Places = context.obj
    settings = places.in_force()
    if box is not None and box not in settings.voicemail:
        known = ", ".join(settings.voicemail) or "none"
        raise Trouble(f"There is no box {box[:40]!r}: the configuration has {known}.")
    with places.database(settings):
        found = [each for each in messages(box) if not (only_new and each.heard_at is not None)]
    zone = zone_of(settings)
    if as_json:
        print_json([_data(each, zone) for each in found])
    elif found:
        click.echo(_text(found, zone))
    else:
        click.echo("There are no messages.")


def _data(each: Left, zone: tzinfo) -> dict[str, object]:
    times = {"at": iso(each.at, zone), "heard_at": iso(each.heard_at, zone)}
    return {"message": each.id, **{k: v for k, v in vars(each).items() if k != "id"}, **times}


def _text(found: list[Left], zone: tzinfo) -> str:
    rows = [
        (
            *(each.box, moment(each.at, zone)[:-3], each.number or NOTHING, length(each.length)),
            *("new" if each.heard_at is None else f"heard {moment(each.heard_at, zone)[:-3]}", harmless(each.id)),
            harmless(each.file),
        )
        for each in found
    ]
    return table(("box", "left", "from", "length", "state", "message", "file"), rows)


@voicemail_group.command("delete")
@click.argument("message")
@click.pass_obj
def delete(places: Places, message: str) -> None:
    """Delete a message and its sound, for good. MESSAGE is its id as `appliance voicemail` shows it.

    \b
    Examples:
      appliance voicemail delete sales-261120-090501-001-1795165501
    """
    ask(places, "voicemail-delete", message=message, by=who())
    click.echo(f"The message {message} is deleted.")
