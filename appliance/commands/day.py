"""The commands by which supervisors open and close by hand, and put notices in front of callers."""

import getpass
import os
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import click

from appliance.clock import RealClock
from appliance.commands.live import ask, json_option, print_answer, print_json
from appliance.commands.show import NOTHING, harmless, moment, table, with_times
from appliance.console import NotRunning
from appliance.hours.by_hand import ByHand
from appliance.hours.duty import hours_view
from appliance.hours.notice_sounds import NOTICES, make_folder
from appliance.places import DATABASE, SQLITE, Places, make_data, zone_of
from appliance.records.interval import interval
from appliance.records.notice_figures import notice_figures, notices_text
from appliance.records.store import Store
from appliance.trouble import Trouble

Data = Mapping[str, Any]
_MADE_WITHIN = 60.0  # seconds

for_option = click.option("--for", "length", metavar="TIME", help="For so long: 30m, 2h, 1h30m, 3d.")
until_option = click.option("--until", metavar="TIME", help="Until 18:00 (the next), or '2026-12-31 18:00'.")


def who() -> str:
    """Who has given the command, as far as the system knows."""
    name = os.environ.get("SUDO_USER")
    if not name:
        try:
            name = getpass.getuser()
        except (KeyError, OSError):
            name = str(os.getuid())
    return f"{name} (command line)"


@click.group(invoke_without_command=True)
@click.option("--at", help="At another moment: '2026-12-31 14:00', in the site's time zone.")
@json_option
@click.pass_context
def hours(context: click.Context, at: str | None, as_json: bool) -> None:
    """Show the opening hours: is each open, why, and when that changes; or open and close by hand.

    \b
    Examples:
      appliance hours
      appliance hours --at '2026-12-31 14:00' --json
      appliance hours close office --until 18:00 --comment 'water in the cellar'
      appliance hours open all --for 2h
      appliance hours auto office
    """
    if context.invoked_subcommand is not None:
        return
    places: Places = context.obj
    zone = zone_of(places.settings_if_sound())
    moment_asked = None if at is None else _moment(at, zone)
    is_running = True
    try:
        data = ask(places, "hours", at=moment_asked)
    except NotRunning:
        is_running = False
        data = _hours_from_files(places, moment_asked)
    if as_json:
        print_json(with_times(data, zone))
        return
    click.echo(_hours_text(data, zone))
    if not is_running:
        click.echo("The appliance is not running: this is what the configuration and the records say.")


def _moment(text: str, zone: tzinfo) -> float:
    try:
        return interval(None, text, text, RealClock().now(), zone).start
    except Trouble:
        raise Trouble(f"{text[:40]!r} is not a time: write '2026-12-31 14:00', a day, or 14:00 (today).") from None


def _hours_from_files(places: Places, at: float | None) -> list[dict[str, object]]:
    """The same without the appliance."""
    settings = places.settings()
    now = RealClock().now() if at is None else at
    by_hand = ByHand()
    if settings.database != SQLITE or (places.data / DATABASE).exists():
        for fact in Store(places.database(settings)).by_hand():
            by_hand.apply(fact)
    return hours_view(settings, by_hand.overrides(now), now)


def _hours_text(data: Sequence[Data], zone: tzinfo) -> str:
    if not data:
        return "There are no opening hours: every number is always open."
    rows = [
        (
            *(each["schedule"], "open" if each["open"] else "closed", harmless(each["why"])),
            _local(each["changes_at"], each["time_zone"]),
            *(_local(each["opens_at"], each["time_zone"]), ", ".join(each["used_by"]) or NOTHING),
        )
        for each in data
    ]
    return table(("hours", "now", "why", "changes", "opens next", "of"), rows)


def _local(at: float | None, zone: str) -> str:
    """On the clock of the schedule itself."""
    return NOTHING if at is None else moment(at, ZoneInfo(zone))[:-3]


@hours.command("open")
@click.argument("schedule")
@for_option
@until_option
@click.option("--comment", default="", help="Why; it is kept, and shown.")
@json_option
@click.pass_obj
def open_hours(
    places: Places, schedule: str, length: str | None, until: str | None, comment: str, as_json: bool
) -> None:
    """Open by hand, whatever the timetable says; SCHEDULE is its id, or all.

    \b
    Examples:
      appliance hours open office --for 2h
      appliance hours open all --until 22:00 --comment 'the campaign'
    """
    _set(places, schedule, True, length, until, comment, as_json)


@hours.command("close")
@click.argument("schedule")
@for_option
@until_option
@click.option("--comment", default="", help="Why; it is kept, and shown.")
@json_option
@click.pass_obj
def close_hours(
    places: Places, schedule: str, length: str | None, until: str | None, comment: str, as_json: bool
) -> None:
    """Close by hand, whatever the timetable says; SCHEDULE is its id, or all.

    Who is in line already may stay.

    \b
    Examples:
      appliance hours close office --until 18:00
      appliance hours close all --for 30m --comment 'fire drill'
    """
    _set(places, schedule, False, length, until, comment, as_json)


def _set(
    places: Places,
    schedule: str,
    is_open: bool,
    length: str | None,
    until: str | None,
    comment: str,
    as_json: bool,
) -> None:
    wanted = {"schedule": schedule, "open": is_open, "length": length, "until": until, "comment": comment}
    _show(places, ask(places, "hours-set", by=who(), **wanted), as_json)


@hours.command("auto")
@click.argument("schedule")
@json_option
@click.pass_obj
def follow(places: Places, schedule: str, as_json: bool) -> None:
    """Follow the timetable again; SCHEDULE is its id, or all.

    \b
    Example:
      appliance hours auto office
    """
    _show(places, ask(places, "hours-follow", schedule=schedule, by=who()), as_json)


def _show(places: Places, data: Sequence[Data], as_json: bool) -> None:
    if as_json:
        print_answer(places, data)
    else:
        click.echo(_hours_text(data, zone_of(places.settings_if_sound())))


@click.group(invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@json_option
@click.pass_context
def notice(context: click.Context, everything: bool, as_json: bool) -> None:
    """Show the notices to callers and how many heard each and hung up informed, or set one.

    \b
    Examples:
      appliance notice
      appliance notice set all "We have no electricity. Please call again after noon." --for 2h
      appliance notice set main storm.wav --until 18:00 --then hang-up
      appliance notice end all
    """
    if context.invoked_subcommand is not None:
        return
    places: Places = context.obj
    settings = places.settings()
    places.database(settings)
    now = RealClock().now()
    found = [each for each in notice_figures() if everything or not each.is_over(now)]
    zone = zone_of(settings)
    if as_json:
        print_json(with_times([{**vars(each), "over": each.is_over(now)} for each in found], zone))
        return
    if not found:
        click.echo("There is no notice." if everything else "No notice is in force; --all shows those that were.")
        return
    click.echo(notices_text(found, zone))


@notice.command("set")
@click.argument("target")
@click.argument("what")
@for_option
@until_option
@click.option("--language", help="In which it is; that of the number, or of the site, where nothing is said.")
@click.option(
    "--then",
    type=click.Choice(["continue", "hang-up"]),
    default="continue",
    show_default=True,
    help="What comes after it.",
)
@json_option
@click.pass_obj
def set_notice(
    places: Places,
    target: str,
    what: str,
    length: str | None,
    until: str | None,
    language: str | None,
    then: str,
    as_json: bool,
) -> None:
    """Put a notice in front of callers at once.

    TARGET is all, a number or the id of a menu. WHAT is a text, which is spoken, or a sound file (.wav).

    Callers hear it before everything else that this number or menu says. Keys do not cut it short, but are kept
    for the menu. It replaces a notice of the same target and language; set it once for each language.

    \b
    Examples:
      appliance notice set all "We have no electricity. Please call again after noon." --for 2h
      appliance notice set all "Сегодня нет света." --for 2h --language ru
      appliance notice set +74951234567 storm.wav --until 18:00 --then hang-up
    """
    wanted: dict[str, object] = {"target": target, "length": length, "until": until, "language": language}
    ask(places, "status")  # before a sound is made for nobody
    staged: Path | None = None
    try:
        if what.lower().endswith(".wav"):
            staged = _stage(places, Path(what))
            wanted["file"] = staged.name
        else:
            wanted["text"] = what
        data = ask(places, "notice-set", then=then, by=who(), **wanted)
    finally:
        if staged is not None:
            staged.unlink(missing_ok=True)
    if as_json:
        print_answer(places, data)
    else:
        zone = zone_of(places.settings_if_sound())
        click.echo(f"Callers of {data['target']} hear it until {moment(data['until'], zone)} ({zone}).")


def _stage(places: Places, source: Path) -> Path:
    """The sound as the switch wants it, where the appliance finds it."""
    from dialplan.speech import SpeechError, convert

    if not source.is_file():
        raise Trouble(f"There is no file {source}.")
    make_data(places.data)
    folder = places.data / NOTICES
    make_folder(folder)
    staged = folder / f".{uuid4().hex}.wav"
    try:
        convert(source, staged, _MADE_WITHIN)
        if os.geteuid() == 0:
            owner = places.data.stat()
            for path in (folder, staged):
                os.chown(path, owner.st_uid, owner.st_gid)
    except SpeechError as error:
        raise Trouble(str(error)) from None
    return staged


@notice.command("end")
@click.argument("target")
@json_option
@click.pass_obj
def end_notice(places: Places, target: str, as_json: bool) -> None:
    """End the notice of a target, in all its languages: all, a number or the id of a menu.

    \b
    Example:
      appliance notice end all
    """
    data = ask(places, "notice-end", target=target, by=who())
    if as_json:
        print_answer(places, data)
    else:
        click.echo(f"The notice for {target} has ended.")
