"""The commands that look after an installation: health, backup, restore, tidy, erase."""

import dataclasses
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from appliance.clock import RealClock
from appliance.commands.live import ask, json_option, print_json
from appliance.commands.show import harmless, iso, moment
from appliance.commands.versions import put_right_if_cut_off
from appliance.console import NotRunning
from appliance.identify import to_e164
from appliance.places import Places, zone_of
from appliance.settings import Settings
from appliance.speech import spoken
from appliance.trouble import Trouble
from appliance.upkeep import archive, erasure, health, retention
from appliance.upkeep.archive import About
from appliance.upkeep.backup import ANY_NAME, back_up
from appliance.upkeep.health import Finding, Verdict
from appliance.upkeep.restore import CONFIGURATION, PARTS, RECORDINGS, RECORDS, Restored, parts_of
from appliance.upkeep.restore import restore as put_back
from appliance.versions.history import Versions

LONGEST_FINDING = 400
PAUSE = 0.02  # seconds between transactions, in which the running appliance writes

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.command("health")
@json_option
@click.pass_context
def health_command(context: click.Context, as_json: bool) -> None:
    """Say whether the appliance does its work, and what to do if not.

    The exit status is 1 when anything is wrong; warnings are not. For monitoring, and for upgrades.

    \b
    Examples:
      appliance health
      appliance health --json
    """
    found = list(_findings(context.obj))
    wrong = [each.what for each in found if each.verdict is Verdict.WRONG]
    if as_json:
        data = [{**dataclasses.asdict(each), "verdict": each.verdict.value} for each in found]
        print_json({"ok": not wrong, "findings": data})
    else:
        click.echo(_health_text(found))
        lacking = f"does not do all its work: {', '.join(wrong)}" if wrong else "serves calls"
        click.echo(f"The appliance {lacking}.")
    if wrong:
        context.exit(1)


def _health_text(found: Sequence[Finding]) -> str:
    width = max(len(each.what) for each in found)
    lines = []
    for each in found:
        lines.append(f"{each.verdict.value:7}  {each.what:{width}}  {harmless(each.says, LONGEST_FINDING)}")
        if each.remedy:
            lines.append(f"{'':7}  {'':{width}}  -> {each.remedy}")
    return "\n".join(lines)


def _findings(places: Places) -> Iterator[Finding]:
    now = RealClock().now()
    try:
        yield from health.findings(ask(places, "health"), now)
    except NotRunning as trouble:
        yield Finding("service", Verdict.WRONG, str(trouble), "systemctl status appliance")
    settings = places.settings_if_sound()
    if settings is None:
        yield Finding(
            "configuration", Verdict.WARNING, "cannot be used: the next start will fail", "appliance check"
        )
        return
    yield _configuration(places)
    with suppress(Trouble):  # where the switch does not answer, which has been found
        yield from health.trunks(ask(places, "trunks"))
    yield from health.disks(settings, places.data)
    yield from health.last_backup(settings, now)


def _configuration(places: Places) -> Finding:
    """Which is in force; an apply that was cut off is put right on the way, where that can be done from here."""
    put_right, is_right = put_right_if_cut_off(places)
    if put_right:
        remedy = "" if is_right else "as root: appliance apply"
        return Finding("configuration", Verdict.WARNING if is_right else Verdict.WRONG, put_right, remedy)
    number = Versions(places.versions).current()
    if number is None:
        return Finding("configuration", Verdict.FINE, f"{places.config} is in order")
    return Finding("configuration", Verdict.FINE, f"version {number} is in force")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@click.option("--recordings", is_flag=True, help="With what was said; that may take much room.")
@json_option
@click.pass_context
def backup(context: click.Context, file: Path | None, recordings: bool, as_json: bool) -> None:
    """Copy records, configuration and secrets into one file, while the appliance runs.

    Without FILE it is put where `backups:` in site.yml says, and only so many stay there as `keep:` says. The file
    holds every password: keep it to yourself. The exit status is 1 when recordings are missing in it.

    \b
    Examples:
      appliance backup
      appliance backup before-upgrade.tar.gz
      appliance backup --recordings /mnt/nas/appliance.tar.gz
    """
    places: Places = context.obj
    settings = places.in_force()
    done = back_up(places, settings, RealClock().now(), file.absolute() if file else None, recordings)
    if as_json:
        paths = {
            "unreadable": [str(path) for path in done.unreadable],
            "removed": [str(path) for path in done.removed],
        }
        print_json({"file": str(done.file), "size": done.size, "recordings": done.recordings, **paths})
    else:
        what = ["records", "configuration", "secrets"]
        what += [_counted(done.recordings, "recording")] if recordings else []
        click.echo(f"{done.file} has {', '.join(what[:-1])} and {what[-1]} ({done.size / 1e6:.1f} MB).")
        for path in done.removed:
            click.echo(f"Removed {path}.")
    if done.unreadable:
        click.echo(_some("cannot be read, and is not in the backup", done.unreadable), err=True)
        context.exit(1)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Only this; may be given several times.")
@yes_option
@json_option
@click.pass_obj
def restore(places: Places, file: Path, only: Sequence[str], yes: bool, as_json: bool) -> None:
    """Put back what a backup holds. The appliance must have been stopped.

    The backup is unpacked and checked first. What it replaces is kept under another name; when anything fails,
    everything stays as it was.

    \b
    Examples:
      appliance restore /var/backups/appliance/appliance-20261121-020512Z.tar.gz
      appliance restore --only records --yes before-upgrade.tar.gz
    """
    about = archive.about(file)
    parts = parts_of(about, only)
    if not as_json:
        click.echo(_plan(about, parts, places))
    _confirm(yes, "Put it back?")
    done = put_back(places, file, parts, RealClock().now())
    if as_json:
        kept = [str(path) for path in done.kept]
        print_json({"parts": done.parts, "kept": kept, "recordings": done.recordings, "made_at": _made_at(about)})
    else:
        click.echo(_restored_text(done))


def _plan(about: About, parts: Sequence[str], places: Places) -> str:
    into = {
        RECORDS: f"replace the records in {places.data}",
        CONFIGURATION: f"and the secrets replace {places.config} and {places.secrets_file}",
        RECORDINGS: "are added where they are missing",
    }
    made = moment(about.made_at, zone_of(places.settings_if_sound()))
    lines = [f"A backup of {harmless(about.company)}, made {made} by version {about.program}. From it"]
    return "\n".join([*lines, *(f"  the {part} {into[part]}" for part in parts)])


def _restored_text(done: Restored) -> str:
    lines = [f"Restored: {', '.join(done.parts)}."]
    if RECORDINGS in done.parts:
        lines.append(f"Recordings that were missing and are back: {done.recordings}.")
    lines += [f"What was there before is {path}." for path in done.kept]
    if CONFIGURATION in done.parts:
        lines.append("Run `appliance apply`, so that the switch has the same configuration.")
    return "\n".join([*lines, "Now start the appliance: systemctl start appliance"])


@click.command()
@json_option
@click.pass_context
def tidy(context: click.Context, as_json: bool) -> None:
    """Remove records and recordings that have been kept as long as `keep:` in site.yml says.

    It may run while the appliance does. The exit status is 1 when a recording could not be removed.

    \b
    Examples:
      appliance tidy
      appliance tidy --json
    """
    places: Places = context.obj
    settings = places.in_force()
    clock = RealClock()
    database = places.database(settings)
    done = retention.tidy(database, settings.keep, settings.recordings, clock.now(), lambda: clock.sleep(PAUSE))
    spoken.forget_unused(places.spoken, clock.now())
    if as_json:
        print_json({**dataclasses.asdict(done), "stuck": [str(path) for path in done.stuck]})
    elif settings.keep.records is None and settings.keep.recordings is None:
        click.echo("`keep:` in site.yml does not limit how long records and recordings are kept.")
        click.echo(f"Removed {_counted(done.journal, 'row')} of the journal.")
    else:
        click.echo(
            f"Removed {_counted(done.calls, 'call')}, {done.stretches} stretches of agents' work, "
            f"{_counted(done.events, 'event')}, {_counted(done.recordings, 'recording')} "
            f"and {_counted(done.journal, 'row')} of the journal."
        )
    if done.stuck:
        click.echo(_some("cannot be removed", done.stuck), err=True)
        context.exit(1)


@click.command()
@click.option("--number", required=True, help="The person's telephone number, in any spelling.")
@yes_option
@json_option
@click.pass_context
def erase(context: click.Context, number: str, yes: bool, as_json: bool) -> None:
    """Erase a person from the records: the number, the name and what was said.

    That there were calls stays, so that reports stay as they are. The exit status is 1 when something of the
    person is left: a call that goes on, a recording that cannot be removed.

    \b
    Examples:
      appliance erase --number +79161234567
      appliance erase --number "8 916 123-45-67" --yes
    """
    places: Places = context.obj
    settings = places.in_force()
    known = to_e164(number, settings.country)
    if known is None:
        raise Trouble(f"{number!r} is not a telephone number: write it like +79161234567.")
    database = places.database(settings)
    person = erasure.Person(known)
    count = erasure.ended(person.calls()).count()
    if count:
        _confirm(yes, f"Erase {known} from {_counted(count, 'call')}? It cannot be undone.")
    clock = RealClock()
    done = erasure.erase(database, person, lambda: clock.sleep(PAUSE))
    spoken.forget_all(places.spoken)
    elsewhere = list(_elsewhere(settings, known))
    if as_json:
        data = {**dataclasses.asdict(done), "stuck": [str(path) for path in done.stuck], "elsewhere": elsewhere}
        print_json({"number": known, **data})
    else:
        calls = _counted(done.calls, "call")
        calls += f", {_counted(done.callbacks, 'call-back')}" if done.callbacks else ""
        click.echo(
            f"Erased {known} from {calls} and {_counted(done.events, 'event')}, and "
            f"{_counted(done.recordings, 'recording')}."
        )
        for sentence in elsewhere:
            click.echo(sentence)
    if done.stuck:
        click.echo(_some("cannot be removed, so its call is as it was", done.stuck), err=True)
    if done.going_on:
        click.echo(f"{_counted(done.going_on, 'call')} not ended yet: erase again when all have.", err=True)
    if done.promised:
        is_open = f"{_counted(done.promised, 'call-back')} open, so the number is kept"
        click.echo(f"{is_open}: cancel (`appliance callbacks --number`), and erase again.", err=True)
    if done.stuck or done.going_on or done.promised:
        context.exit(1)


def _elsewhere(settings: Settings, number: str) -> Iterator[str]:
    """Where else the person may be found, which is the operator's to change."""
    if number in settings.customers:
        yield "The list of customers still has this number: take it out there, and restart the appliance."
    try:
        backups = len(list(settings.backups.glob(ANY_NAME)))
    except OSError:
        backups = 0
    if backups:
        yield f"{_counted(backups, 'backup')} in {settings.backups} may have it, until newer ones replace them."


def _confirm(yes: bool, question: str) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise Trouble("Nobody is there to be asked: say --yes if it is to be done.")
    click.confirm(question, abort=True, err=True)


def _made_at(about: About) -> str | None:
    return iso(datetime.fromtimestamp(about.made_at, UTC).timestamp(), UTC)


def _some(what: str, paths: Sequence[Path]) -> str:
    more = f" Nor can {_counted(len(paths) - 1, 'other')}." if len(paths) > 1 else ""
    return f"The recording {paths[0]} {what}.{more}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


UPKEEP: tuple[Any, ...] = (health_command, backup, restore, tidy, erase)
