"""The command line: one program, `appliance`, and the commands that set it up and run it."""

import dataclasses
import json
from pathlib import Path
from typing import Any

import click

from appliance import logs, recordings
from appliance.commands.abandoned import abandoned
from appliance.commands.callback_slots import slots
from appliance.commands.callbacks import callbacks_group
from appliance.commands.check import check, schema
from appliance.commands.day import hours, notice
from appliance.commands.diff import diff
from appliance.commands.history import calls, report, why
from appliance.commands.imports import import_group
from appliance.commands.live import agents, queues, status
from appliance.commands.phones import PHONES
from appliance.commands.progress import sound_progress
from appliance.commands.rehearsal import test_calls, trace
from appliance.commands.staffing import staffing
from appliance.commands.tasks import tasks_group
from appliance.commands.trunks import trunk, trunks
from appliance.commands.upkeep import UPKEEP
from appliance.commands.versions import VERSIONS, put_right_if_cut_off
from appliance.commands.voicemail import voicemail_group
from appliance.commands.whatif import whatif
from appliance.places import Archive, Places, make_data, plain, share_with_switch
from appliance.secrets import add_missing
from appliance.settings import Settings, SwitchKind
from appliance.trouble import Trouble
from appliance.versions.history import Versions
from appliance.versions.succession import Succession

DIRECTORY = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


class OutputGone(Exception):
    """Whoever read our output has left."""


class Program(click.Group):
    """The group, but for one thing: click would end at a broken pipe with status 1, which means "no" here."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        try:
            return super().make_context(info_name, args, parent, **extra)
        except BrokenPipeError:
            raise OutputGone from None

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise OutputGone from None


@click.group(cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "-c",
    "--config",
    type=DIRECTORY,
    default=Path("/etc/appliance"),
    envvar="APPLIANCE_CONFIG",
    show_default=True,
    show_envvar=True,
    help="The directory with the configuration.",
)
@click.option(
    "--secrets",
    type=FILE,
    default=Path("/etc/appliance/secrets.yml"),
    envvar="APPLIANCE_SECRETS",
    show_default=True,
    show_envvar=True,
    help="The file with passwords and PINs.",
)
@click.option(
    "--data",
    type=DIRECTORY,
    default=Path("/var/lib/appliance"),
    envvar="APPLIANCE_DATA",
    show_default=True,
    show_envvar=True,
    help="Where records, sounds and the console are kept.",
)
@click.pass_context
def cli(context: click.Context, config: Path, secrets: Path, data: Path) -> None:
    """A telephony appliance for call centres.

    \b
    Examples:
      appliance -c config check       say what is wrong with a configuration
      appliance agents                who works, and in which state
      appliance report --day today    the figures of today
      appliance why last              why the last call went as it did

    Exit status: 0 fine, 1 the answer is no, 2 it could not be done.
    """
    context.obj = Places(plain(config), plain(secrets), plain(data))


@cli.command()
@click.option(
    "--into",
    type=DIRECTORY,
    help="The directory of the switch's configuration.  [default: /etc/asterisk or /etc/freeswitch]",
)
@click.option("--make-secrets", is_flag=True, help="Make up the passwords and PINs that are missing.")
@click.option("--json", "as_json", is_flag=True, help="Print it for a program.")
@click.pass_obj
def render(places: Places, into: Path | None, make_secrets: bool, as_json: bool) -> None:
    """Write the switch's configuration and the sounds, and say what has changed.

    Only texts that have changed are spoken again.

    \b
    Examples:
      appliance render
      appliance render --make-secrets
      appliance -c config --data data render --into /tmp/asterisk
    """
    # Imported here: looking at agents has no use for templates and engines of speech.
    from dialplan.install import install
    from dialplan.render import DIRECTORIES, Paths, take_over
    from dialplan.render import render as render_files
    from dialplan.speech import SpeechError, prepare

    settings = places.settings()
    added = add_missing(places.secrets_file, settings) if make_secrets else ()
    secrets = places.secrets(settings)
    into = plain(into or DIRECTORIES[settings.switch])
    make_data(places.data)
    paths = Paths(configuration=into, sounds=places.sounds, music=places.music, recordings=settings.recordings)
    try:
        files = render_files(settings, secrets, paths)
        sounds = prepare(settings, places.sounds, places.music, sound_progress)
    except (ValueError, SpeechError) as error:
        raise Trouble(str(error)) from None
    changed = install(files, into).changed
    command = take_over(settings.switch, changed)
    records = recordings.are_made(settings)
    left = share_with_switch(places.data, settings.recordings if records else None, into)
    if as_json:
        done = {
            "into": str(into),
            "changed": changed,
            "sounds": dataclasses.asdict(sounds),
            "secrets_added": added,
        }
        click.echo(json.dumps({**done, "switch_command": command}, indent=2))
        return
    if added:
        click.echo(f"Secrets made up in {places.secrets_file}: {', '.join(added)}.")
    click.echo(f"Sounds: {sounds.made} made, {sounds.kept} kept, {sounds.removed} removed, in {places.sounds}.")
    click.echo(f"Files changed in {into}: {', '.join(changed) or 'none'}.")
    if left:
        click.echo(left)
    if command:
        click.echo(f"The switch takes them over by: {command}")
    if "pjsip.conf" in changed and command and "reload" in command:
        click.echo("If `network:` was changed, instead by: asterisk -rx 'core restart when convenient'")


@cli.command()
@click.option("-v", "--verbose", is_flag=True, help="Log what is done in detail.")
@click.pass_obj
def run(places: Places, verbose: bool) -> None:
    """Run the appliance in the foreground, until it is told to stop (Ctrl-C, SIGTERM).

    It serves the version that was applied last, whatever has become of the configuration directory since. Where
    nothing was ever applied, it serves the directory, and refuses to start if `appliance check` finds that wrong.

    \b
    Examples:
      appliance run
      appliance -c config --secrets secrets.yml --data data run -v
    """
    from appliance.daemon import run_daemon

    logs.begin(verbose)
    put_right, _ = put_right_if_cut_off(places)
    settings = places.in_force()
    version = Versions(places.versions).current()
    secrets = places.secrets(settings)
    if put_right:
        click.echo(put_right)
    succession = Succession(Archive(places), version)
    run_daemon(settings, secrets, places.data, lambda: _say_ready(settings, places, version), succession)


def _say_ready(settings: Settings, places: Places, version: int | None) -> None:
    serves = f" with version {version} of its configuration" if version else ""
    click.echo(
        f"The appliance of {settings.company} runs and answers at {places.socket}{serves}; Ctrl-C stops it."
    )


@cli.command()
@click.option(
    "--once", is_flag=True, help="End after the demonstration; exit status 0 only if all of it was seen."
)
@click.option(
    "--switch",
    type=click.Choice([kind.value for kind in SwitchKind]),
    help="Try it on this switch, whichever the configuration names.",
)
@click.pass_context
def lab(context: click.Context, once: bool, switch: str | None) -> None:
    """Try the configuration on a throw-away switch on this machine, with phones that call each other.

    \b
    Examples:
      appliance lab
      appliance -c config lab --once
      appliance lab --switch freeswitch
    """
    from appliance.lab.run import run_lab

    context.exit(run_lab(context.obj.config, once, SwitchKind(switch) if switch else None))


for command in (
    *(check, schema, hours, notice, voicemail_group, trace, test_calls, import_group, diff, *VERSIONS),
    *(status, agents, queues, calls, report, whatif, staffing, why, trunks, trunk, *PHONES, *UPKEEP),
):
    cli.add_command(command)
cli.add_command(callbacks_group)
callbacks_group.add_command(slots)
cli.add_command(abandoned)
cli.add_command(tasks_group)
