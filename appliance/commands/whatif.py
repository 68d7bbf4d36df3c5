"""The command that lets a recorded day go by once more: exactly as it was, or in a model with changes."""

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import click

from appliance.clock import RealClock
from appliance.commands.history import day_option, from_option, to_option
from appliance.commands.live import json_option, print_json
from appliance.facts import VersionServed
from appliance.places import Places, zone_of
from appliance.plain import Unknown
from appliance.program import program_version
from appliance.records import models as t
from appliance.records.figures import ServiceLevel
from appliance.records.interval import Interval, interval
from appliance.settings import Settings
from appliance.trouble import Trouble
from appliance.versions.history import Versions
from appliance.whatif.changes import Kind, read_changes
from appliance.whatif.day import Served
from appliance.whatif.recorded import read_day
from appliance.whatif.replay import Replay, SettingsOf, mark_for, replay
from appliance.whatif.replayed import replay_data, replay_text
from appliance.whatif.study import Study


def _change(kind: Kind, example: str, what: str) -> Callable[[Any], Any]:
    return click.option(f"--{kind.value}", multiple=True, metavar="QUEUE=VALUE", help=f"{what}, as in {example}.")


@click.command()
@day_option
@from_option
@to_option
@_change(Kind.STRATEGY, "support=fewest-calls", "Another strategy")
@click.option("--agents", multiple=True, metavar="QUEUE+N", help="More agents (support+2), or fewer (support-1).")
@_change(Kind.WRAP_UP, "support=10s", "Another time for wrap-up at most")
@_change(Kind.RING_FOR, "support=15s", "Another time for which agents are rung")
@_change(Kind.WEIGHT, "support=2", "Another weight of the wait")
@click.option(
    "--config",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Another configuration, as a whole.",
)
@click.option("--queue", "only", multiple=True, help="Show the figures of this queue only; may be given again.")
@click.option("--runs", type=click.IntRange(1, 100), help="How often chance is asked; 5, or fewer for many calls.")
@click.option(
    "--service-level",
    "level",
    type=click.Choice([level.name for level in ServiceLevel], case_sensitive=False),
    default=ServiceLevel.C.name,
    show_default=True,
    help="The formula, as in reports.",
)
@json_option
@click.pass_context
def whatif(
    context: click.Context,
    /,
    day: str | None,
    begin: str | None,
    end: str | None,
    agents: Sequence[str],
    directory: Path | None,
    only: Sequence[str],
    runs: int | None,
    level: str,
    as_json: bool,
    **options: Sequence[str],
) -> None:
    """Let a recorded day go by once more: what would have been with another strategy, with more agents...

    With changes the callers and agents of the day meet again in a model, and both reports are shown side by side,
    with the day as recorded beside them. Without changes the line is told exactly what it was told that day, and
    its decisions are compared with the records; the exit status is 1 where they differ.

    \b
    Examples:
      appliance whatif --day 2026-11-20
      appliance whatif --day yesterday --strategy support=fewest-calls
      appliance whatif --day yesterday --agents support+2 --wrap-up support=10s --queue support
      appliance whatif --from 2026-11-16 --to 2026-11-20 --config ../planned --json
    """
    places: Places = context.obj
    settings, now = places.in_force(), RealClock().now()
    when = interval(day, begin, end, now, zone_of(settings))
    if when.start >= now:
        raise Trouble("That day is still to come.")
    other = Places(directory, places.secrets_file, places.data).settings() if directory else None
    by_kind = {kind: options[kind.value.replace("-", "_")] for kind in Kind}
    changes = read_changes(by_kind, agents, other, str(directory))
    places.database(settings)
    settings_of = _settings_of(places)
    if not changes:
        if only or runs:
            raise Trouble("Say what is to be different, as --agents support+2; or leave out --queue and --runs.")
        done = _replayed(when, settings_of)
        print_json(replay_data(done, when)) if as_json else click.echo(replay_text(done, when))
        context.exit(1 if done.difference else 0)
    formula = ServiceLevel[level.upper()]
    study = Study(read_day(when, now), changes, _served(when, settings_of), formula, tuple(only), runs)
    print_json(study.data()) if as_json else click.echo(study.text())


def _settings_of(places: Places) -> SettingsOf:
    def settings_of(version: int | None) -> Settings:
        try:
            return places.settings() if version is None else Versions(places.versions).settings(version)
        except Trouble as trouble:
            raise Trouble(f"That day was served by settings that cannot be had: {trouble}") from None

    return cache(settings_of)


def _replayed(when: Interval, settings_of: SettingsOf) -> Replay:
    mark = mark_for(when.start, when.end)
    if mark is None:
        raise Trouble(
            f"The journal has nothing of {when}: it is kept for as long as `keep: journal` in site.yml says, and "
            "only while the appliance runs."
        )
    try:
        done = replay(mark, when.start, when.end, settings_of)
    except Unknown as unknown:
        raise Trouble(
            f"The journal of {when} was kept by version {mark.program} of the program, and this one "
            f"({program_version()}) does not understand it: {unknown}."
        ) from None
    if not done.messages:
        raise Trouble(f"Nothing happened in {when}: there is nothing to replay.")
    return done


def _served(when: Interval, settings_of: SettingsOf) -> list[Served]:
    """By which versions the day was served."""
    mark: Any = t.JournalMark
    event: Any = t.EventRow
    first = mark_for(when.start, when.end)
    later = mark.select(mark.at, mark.version).where(mark.at > when.start, mark.at < when.end, mark.is_start)
    versions = [(at, version) for at, version in later.tuples()]
    for each in event.select().where(
        event.kind == VersionServed.__name__, event.at > when.start, event.at < when.end
    ):
        versions.append((each.at, json.loads(each.body)["version"]))
    served, last = [], first.version if first else None
    served.append(Served(when.start, settings_of(last)))
    for at, version in sorted(versions):
        if version != last:
            served.append(Served(at, settings_of(version)))
            last = version
    return served
