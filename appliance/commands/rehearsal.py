"""The commands that try a configuration without a switch: one imagined call, and those of calls.yml."""

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from appliance.commands.live import json_option, print_json
from appliance.configuration.documents import Entry, Table, Text
from appliance.configuration.problems import Place, Report, did_you_mean, shown
from appliance.configuration.tables import Fields
from appliance.places import Places, plain
from appliance.trouble import Trouble

if TYPE_CHECKING:
    from appliance.rehearsal.imagined import ImaginedCall
    from appliance.rehearsal.premises import Premises

_DIRECTORY = click.Path(file_okay=False, path_type=Path)


def _in(places: Places, directory: Path | None) -> Places:
    return places if directory is None else dataclasses.replace(places, config=plain(directory))


@click.command()
@click.argument("directory", type=_DIRECTORY, required=False)
@click.option("--from", "from_", required=True, help="A telephone number, a phone of ours (201), or anonymous.")
@click.option("--to", required=True, help="A number of ours; from a phone also a number outside, or a code.")
@click.option("--at", help="When, by the clock of the site: 2026-12-31T23:00.  [default: now]")
@click.option("--keys", help="What the caller presses each time a key is asked for: 2,1,201 or silence,1.")
@click.option("--trunk", help="By which trunk the call comes in.  [default: the first one]")
@click.option("--signed-on", help="The agents who work: 1001,1002 or nobody.  [default: everybody]")
@click.option("--paused", help="Those of them who have a pause.")
@click.option("--busy", help="Those of them whose phones are in use.")
@click.option("--answers", help="What whoever is called does: no, busy, or after 5s.  [default: after 3s]")
@click.option("--hang-up", help="The caller hangs up so long after the call began: 30s.")
@click.option("--down", help="Trunks that do not answer.")
@click.option("--opened", help="Opening hours that somebody has opened by hand: office.")
@click.option("--closed", help="Opening hours that somebody has closed by hand.")
@json_option
@click.pass_context
def trace(context: click.Context, /, directory: Path | None, as_json: bool, **said: str | None) -> None:
    """Follow an imagined call through the configuration, without a switch.

    Each step is told with the line of the YAML that caused it. DIRECTORY is another way to say -c.

    \b
    Examples:
      appliance trace --from +79123456780 --to +74951234567 --keys 9,2
      appliance trace --from anonymous --to 4420 --at 2026-12-31T23:00 --signed-on nobody
      appliance -c config trace --from 201 --to +79123456780 --down north
    """
    # Imported here: other commands have no use for a simulated switch.
    from appliance.rehearsal.premises import Premises
    from appliance.rehearsal.telling import trace_data, trace_text
    from appliance.rehearsal.trace import trace as trace_call

    premises = Premises(_in(context.obj, directory).reading())
    call = _wording(premises, {"from" if key == "from_" else key: value for key, value in said.items()})
    told = trace_call(premises, call)
    if as_json:
        print_json(trace_data(told, premises))
    else:
        click.echo(trace_text(told, premises))


@click.command("test")
@click.argument("directory", type=_DIRECTORY, required=False)
@click.option("--case", "only", help="Only the call of that name.")
@json_option
@click.pass_context
def test_calls(context: click.Context, directory: Path | None, only: str | None, as_json: bool) -> None:
    """Make the calls of calls.yml, without a switch, and say which do not go as expected.

    DIRECTORY is another way to say -c. The exit status is 1 when a call does not go as expected.

    \b
    Examples:
      appliance test
      appliance test config/ --case "At night the office is closed"
    """
    from appliance.configuration.reading import CALLS
    from appliance.rehearsal.premises import Premises
    from appliance.rehearsal.run import rehearse
    from appliance.rehearsal.telling import rehearsal_data, rehearsal_text

    places = _in(context.obj, directory)
    premises = Premises(places.reading())
    rehearsal = rehearse(places.config, premises, only)
    if any(not problem.warning for problem in rehearsal.problems):
        raise Trouble("\n".join(str(problem) for problem in rehearsal.problems))
    if only is not None and only not in rehearsal.names:
        remedy = did_you_mean(only, rehearsal.names)
        raise Trouble(f"There is no call {shown(only)} in {places.config / CALLS}. {remedy}".rstrip())
    if not rehearsal.results:
        raise Trouble(f"There is no {CALLS} with calls in {places.config}: nothing has been tested.")
    if as_json:
        print_json(rehearsal_data(rehearsal, premises))
    else:
        click.echo(rehearsal_text(rehearsal, premises))
    if not rehearsal.ok:
        context.exit(1)


def _wording(premises: "Premises", said: Mapping[str, str | None]) -> "ImaginedCall":
    """The call that the options say, read as those of calls.yml are. Raises Trouble with all that is wrong."""
    from appliance.rehearsal.wording import Wording

    given = {key: value for key, value in said.items() if value is not None}
    if "at" not in given:
        given["at"] = datetime.now(ZoneInfo(premises.settings.time_zone)).isoformat(timespec="seconds")
    if "hang_up" in given:
        given["hangs_up"] = given.pop("hang_up")
    options = {key: Place(f"--{key.replace('_', '-').replace('hangs-up', 'hang-up')}") for key in given}
    table = Table(
        Place("trace"),
        {key: Entry(Text(options[key], key), Text(options[key], value)) for key, value in given.items()},
    )
    report = Report()
    call = Wording(premises.settings, report).call(Fields(table, "The call", table.place, report))
    if report.found:
        raise Trouble("\n".join(str(problem) for problem in report.sorted()))
    return call
