"""The commands that put a configuration in force: apply, rollback, versions."""

import dataclasses
import getpass
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.commands.progress import sound_progress
from appliance.commands.show import NOTHING, iso, moment, table
from appliance.places import Places, plain, zone_of
from appliance.port import Refused, SwitchLost
from appliance.secrets import add_missing
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.versions.history import Version, Versions

if TYPE_CHECKING:
    from appliance.versions.applying import Applied
    from appliance.versions.workshop import RealWorkshop

DIRECTORY = click.Path(file_okay=False, path_type=Path)

JSON = click.option("--json", "as_json", is_flag=True, help="Print it for a program.")
INTO = click.option(
    "--into",
    type=DIRECTORY,
    help="The directory of the switch's configuration.  [default: /etc/asterisk or /etc/freeswitch]",
)
_RESTART = click.option(
    "--restart-switch",
    is_flag=True,
    help="Also what a running switch does not take over: you restart it afterwards, which ends all calls.",
)
_UNVERIFIED = click.option("--unverified", is_flag=True, help="Also when the switch does not answer.")


@click.command()
@click.argument("directory", type=DIRECTORY, required=False)
@click.option("-m", "--comment", default="", help="Why, for those who look at the versions later.")
@click.option("--untested", is_flag=True, help="Also when calls.yml fails.")
@_RESTART
@_UNVERIFIED
@click.option("--make-secrets", is_flag=True, help="Make up the passwords and PINs that are missing.")
@INTO
@JSON
@click.pass_obj
def apply(
    places: Places,
    directory: Path | None,
    comment: str,
    untested: bool,
    restart_switch: bool,
    unverified: bool,
    make_secrets: bool,
    into: Path | None,
    as_json: bool,
) -> None:
    """Put the configuration in force: on the switch, and in the running appliance. No call is lost.

    It is checked, kept as a new version, and installed; the switch reads it and is asked whether it has; the
    running appliance takes it. Live calls go on by the rules they began with. When anything fails, everything is
    taken back and the version before goes on serving. The same configuration again changes nothing.

    DIRECTORY is another way to say -c.

    \b
    Examples:
      appliance apply
      appliance apply -m "support closes at six from now on"
      appliance apply /home/olga/draft
    """
    if directory is not None:
        places = dataclasses.replace(places, config=plain(directory))
    settings = places.settings()
    if not untested:
        _refuse_failing(places)
    added = add_missing(places.secrets_file, settings) if make_secrets else ()
    _do(places, settings, comment, into, restart_switch, unverified, as_json, added)


@click.command()
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("-m", "--comment", default="", help="Why, for those who look at the versions later.")
@_RESTART
@_UNVERIFIED
@INTO
@JSON
@click.pass_obj
def rollback(
    places: Places,
    version: int | None,
    comment: str,
    restart_switch: bool,
    unverified: bool,
    into: Path | None,
    as_json: bool,
) -> None:
    """Put an earlier version in force again; without VERSION the one before. It becomes a new version.

    The files in the configuration directory stay as they are: `appliance diff` shows what they would change.

    \b
    Examples:
      appliance rollback
      appliance rollback 12 -m "the new menu confuses callers"
    """
    versions = Versions(places.versions)
    current = versions.current()
    if current is None:
        raise Trouble("Nothing was ever applied, so there is nothing to go back to.")
    if version is None:
        earlier = [number for number in versions.numbers() if number < current]
        if not earlier:
            raise Trouble(f"Version {current} is the first that is kept: there is none before it.")
        version = earlier[-1]
    settings = versions.settings(version)
    said = f"back to version {version}" + (f": {comment}" if comment else "")
    _do(places, settings, said, into, restart_switch, unverified, as_json, (), version)


@click.command()
@JSON
@click.pass_context
def versions(context: click.Context, as_json: bool) -> None:
    """List the configurations that were put in force: when, by whom, why.

    \b
    Examples:
      appliance versions
      appliance versions --json
    """
    places: Places = context.obj
    kept = Versions(places.versions)
    current = kept.current()
    abouts = [kept.about(number) for number in kept.numbers()]
    zone = zone_of(kept.settings(current) if current is not None else places.settings_if_sound())
    if as_json:
        rows = [{**_about(each), "at": iso(each.at, zone), "in_force": each.number == current} for each in abouts]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    if not abouts:
        click.echo("Nothing has been applied yet: `appliance apply` puts the configuration in force.")
        return
    lines = [
        (
            each.number,
            "in force" if each.number == current else "",
            moment(each.at, zone),
            each.who,
            _commit(each),
            each.comment,
        )
        for each in abouts
    ]
    click.echo(table(("version", "", "applied", "by", "commit", "comment"), lines))


def put_right_if_cut_off(places: Places) -> tuple[str | None, bool]:
    """What an apply has left half done that was cut off: put right, where that can be done from here. A
    sentence about it, or None; and whether all is right now."""
    kept = Versions(places.versions)
    try:
        journal = kept.journal()
        if journal is None or kept.is_busy():
            return None, True
        # Imported here: looking at agents has no use for templates and engines of speech.
        from appliance.versions.applying import Applier
        from appliance.versions.workshop import RealWorkshop

        workshop = RealWorkshop(places, Path(journal.into), sound_progress)
        try:
            with kept.alone("appliance"):
                return Applier(kept, workshop, "appliance").put_right(), True
        finally:
            workshop.close()
    except (Trouble, OSError, Refused, SwitchLost) as error:
        return (
            f"An apply was cut off and cannot be put right from here ({str(error).rstrip('.')}): the files of the "
            "switch may be half those of another version.",
            False,
        )


VERSIONS = (apply, rollback, versions)


def _refuse_failing(places: Places) -> None:
    """Raises Trouble when a call of calls.yml does not go as it says."""
    from appliance.rehearsal.run import run_cases

    rehearsal = run_cases(places.config)
    if rehearsal.ok:
        return
    failures = (failure for result in rehearsal.failed for failure in result.failures)
    wrong = [*(problem for problem in rehearsal.problems if not problem.warning), *failures]
    listed = "\n".join(f"  {problem}" for problem in wrong)
    raise Trouble(
        f"The calls of calls.yml do not go as it says:\n{listed}\nNothing has been changed. "
        "`appliance test` says more; --untested applies all the same."
    )


def _do(
    places: Places,
    settings: Settings,
    comment: str,
    into: Path | None,
    restart: bool,
    unverified: bool,
    as_json: bool,
    secrets_added: tuple[str, ...],
    back_to: int | None = None,
) -> None:
    # Imported here: looking at agents has no use for templates and engines of speech.
    from appliance.versions.applying import Applier, Wish
    from appliance.versions.snapshot import take
    from appliance.versions.workshop import RealWorkshop, into_of

    kept = Versions(places.versions)
    snapshot = take(settings, places.secrets_file) if back_to is None else kept.snapshot(back_to)
    commit, dirty = _git(settings.directory) if back_to is None else (None, False)
    if back_to is not None:
        commit, dirty = kept.about(back_to).commit, kept.about(back_to).dirty
    who = os.environ.get("SUDO_USER") or getpass.getuser()
    about = Version(0, time.time(), who, comment, str(settings.directory), snapshot.digest, commit, dirty)
    workshop = RealWorkshop(places, plain(into) if into else into_of(settings), sound_progress)
    applier = Applier(kept, workshop, who)
    applied = applier.apply(Wish(settings, snapshot, about, restart, unverified))
    _say(places, applied, applier.put_right_said, workshop, settings, secrets_added, as_json)


def _say(
    places: Places,
    done: "Applied",
    put_right: str | None,
    workshop: "RealWorkshop",
    settings: Settings,
    secrets_added: tuple[str, ...],
    as_json: bool,
) -> None:
    from dialplan.render import restart, take_over

    command = None if done.verified else take_over(settings.switch, done.changed)
    if done.restart_switch_for and done.changed:
        command = restart(settings.switch)
    if as_json:
        data = dataclasses.asdict(done)
        click.echo(
            json.dumps(
                {
                    **data,
                    "into": str(workshop.into),
                    "secrets_added": secrets_added,
                    "put_right": put_right,
                    "switch_command": command,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return
    if put_right:
        click.echo(put_right)
    if secrets_added:
        click.echo(f"Secrets made up in {places.secrets_file}: {', '.join(secrets_added)}.")
    if done.is_new:
        click.echo(f"Version {done.version} is in force{f', before it {done.before}' if done.before else ''}.")
    else:
        click.echo(f"Version {done.version} is in force already: nothing is different.")
    if done.is_new or done.changed or done.sounds:
        click.echo(
            f"Sounds made: {done.sounds}. Files changed in {workshop.into}: {', '.join(done.changed) or 'none'}."
        )
    if workshop.left:
        click.echo(workshop.left)
    if done.restart_switch_for and command:
        click.echo(f"Restart the switch, for {'; '.join(done.restart_switch_for)}: {command}")
    elif command:
        click.echo(f"The switch was not asked. If it runs: {command}")
    if done.restart_appliance_for:
        click.echo(f"Restart the appliance, for {', '.join(done.restart_appliance_for)}.")
    elif not done.told:
        click.echo("The appliance does not run: `appliance run` begins with this version.")


def _git(directory: Path) -> tuple[str | None, bool]:
    """The commit of a directory in a work tree of git, and whether it has been changed since."""

    def ask(*arguments: str) -> str | None:
        # Root may look at a tree of somebody else's; nothing in it is run.
        command = ["git", "-c", "safe.directory=*", "-c", "core.fsmonitor=false", "-C", str(directory), *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=10, env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout.strip() if done.returncode == 0 else None

    commit = ask("rev-parse", "HEAD")
    return commit, commit is not None and bool(ask("status", "--porcelain", "--", "."))


def _commit(version: Version) -> str:
    if version.commit is None:
        return NOTHING
    return version.commit[:10] + (" (changed)" if version.dirty else "")


def _about(version: Version) -> dict[str, Any]:
    return {name: value for name, value in dataclasses.asdict(version).items() if name != "sounds"}
