"""The command that says what putting a configuration in force would change."""

import dataclasses
import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from appliance.commands.progress import sound_progress
from appliance.commands.show import harmless
from appliance.commands.versions import INTO, JSON
from appliance.places import Places, plain
from appliance.settings import Settings
from appliance.versions.history import Versions

MASKED = "(secret)"


@click.command()
@click.argument("what", required=False, metavar="[VERSION|DIRECTORY]")
@click.option("--text", "as_text", is_flag=True, help="Show the switch's files too, line by line.")
@INTO
@JSON
@click.pass_context
def diff(context: click.Context, what: str | None, as_text: bool, into: Path | None, as_json: bool) -> None:
    """Say what `appliance apply` would change: for callers and agents, and in the files of the switch.

    Compared with the version in force are the configuration, or a version, or another DIRECTORY. The exit
    status is 0 when nothing would change, and 1 when something would.

    \b
    Examples:
      appliance diff
      appliance diff --text
      appliance diff 12
      appliance diff /home/olga/draft
    """
    from appliance.versions.differences import differences

    places: Places = context.obj
    kept = Versions(places.versions)
    wanted, in_force = _compared(places, kept, what), kept.current()
    before = kept.settings(in_force) if in_force is not None else None
    found = differences(before, wanted) if before else []
    texts = dict(_texts(places, wanted, into))
    if as_json:
        data = {
            "version": in_force,
            "differences": [dataclasses.asdict(each) for each in found],
            "files": sorted(texts),
            **({"text": texts} if as_text else {}),
        }
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
    else:
        if before is None:
            click.echo("Nothing has been applied yet: all of it would be new.")
        for each in found:
            click.echo(harmless(str(each), 1000))
        if texts:
            click.echo(f"Files of the switch: {', '.join(sorted(texts))}.")
        for text in texts.values() if as_text else ():
            click.echo(text)
        if before is not None and not found and not texts:
            click.echo(f"Nothing would change: version {in_force} says the same.")
    if before is None or found or texts:
        context.exit(1)


def _compared(places: Places, kept: Versions, what: str | None) -> Settings:
    """The settings to compare with those in force, their sounds by content."""
    from appliance.versions.snapshot import take

    if what is not None and what.isdecimal() and not Path(what).is_dir():
        return kept.settings(int(what))
    if what is not None:
        places = dataclasses.replace(places, config=plain(Path(what)))
    settings = places.settings()
    return kept.as_kept(settings, take(settings, places.secrets_file))


def _texts(places: Places, settings: Settings, into: Path | None) -> Iterator[tuple[str, str]]:
    """What would change in each file of the switch, without the secrets."""
    from appliance.versions.workshop import RealWorkshop, into_of
    from dialplan.install import read_files

    into = plain(into) if into else into_of(settings)
    files = RealWorkshop(places, into, sound_progress).render(settings)
    found = read_files(into, files)
    hide = _masking(places.secrets(settings))
    for name in sorted({*files, *found}):
        old, new = found.get(name, ""), files.get(name, "")
        if old != new:
            lines = difflib.unified_diff(
                hide(old).splitlines(),
                hide(new).splitlines(),
                f"{into}/{name}",
                f"{into}/{name} (new)",
                lineterm="",
            )
            yield name, "\n".join(lines)


def _masking(secrets: Mapping[str, str]) -> Callable[[str], str]:
    """What takes secrets out of a text: those that are known, and what stands where a password does."""
    known = [re.escape(secret) for secret in sorted(secrets.values(), key=len, reverse=True) if len(secret) >= 4]
    pattern = re.compile(
        r"(?m)(^(?:secret|password) = |name=\"password\" value=\")[^\"\n]*"
        + ("|(?:" + "|".join(known) + ")" if known else "")
    )
    return lambda text: pattern.sub(lambda found: (found[1] or "") + MASKED, text)
