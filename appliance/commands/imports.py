"""The command `import`: another system's configuration becomes a draft of ours, and a list of what did not."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from appliance.configuration import checks
from appliance.importing.draft import Draft, Topic
from appliance.importing.files import SoundFolders, refuse_existing, write, write_sound
from appliance.trouble import Trouble

_DIRECTORY = click.Path(file_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, exists=True, path_type=Path)
_KINDS = {
    "queues": ("queue", "queues"),
    "menus": ("menu", "menus"),
    "numbers": ("number", "numbers"),
    "hours": ("set of opening hours", "sets of opening hours"),
    "phones": ("phone", "phones"),
    "agents": ("agent", "agents"),
    "trunks": ("trunk", "trunks"),
}


@dataclass(frozen=True)
class Wishes:
    """What the command line says of the draft."""

    into: Path
    force: bool
    as_json: bool
    sounds: tuple[Path, ...]
    music: tuple[Path, ...]
    site: dict[str, str]


@click.group(name="import")
def import_group() -> None:
    """Turn another system's configuration into a draft of ours.

    The draft is a directory of YAML in which each thing says where it came from. What could not be
    understood, or is not as it was, stands in its file NOT-IMPORTED.md; passwords and PINs are in its
    secrets.yml. Nothing that exists is written over.

    \b
    Examples:
      appliance import freepbx asterisk.sql.gz --into draft
      appliance import fusionpbx tables/ --into draft --domain pbx.example.com
      appliance import asterisk /etc/asterisk --into draft --country RU
    """


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all importers have."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print what was done for a program."),
        click.option("--force", is_flag=True, help="Write over files of an earlier draft."),
        click.option("--language", help="Of callers: ru, en.  [default: that of the source, or en]"),
        click.option("--time-zone", help="Such as Europe/Moscow.  [default: that of the source, or UTC]"),
        click.option(
            "--country", help="Two letters, such as RU.  [default: that of the source, or as its numbers say]"
        ),
        click.option("--company", help="Its name.  [default: that of the source]"),
        click.option(
            "--music",
            multiple=True,
            type=_FOLDER,
            help="A folder of music on hold, such as /var/lib/asterisk/moh.",
        ),
        click.option(
            "--sounds", multiple=True, type=_FOLDER, help="A folder of recordings: /var/lib/asterisk/sounds."
        ),
        click.option(
            "--into", type=_DIRECTORY, default=Path("draft"), show_default=True, help="Where the draft is written."
        ),
    ):
        command = option(command)
    return command


def _wishes(given: dict[str, Any]) -> Wishes:
    site = {key: given[key] for key in ("company", "country", "time_zone", "language") if given[key]}
    return Wishes(
        into=Path(os.path.abspath(given["into"])),
        force=given["force"],
        as_json=given["as_json"],
        sounds=given["sounds"],
        music=given["music"],
        site=site,
    )


@import_group.command()
@click.argument("path", type=click.Path(path_type=Path))
@_options
@click.pass_context
def freepbx(context: click.Context, /, path: Path, **given: Any) -> None:
    """Draft from a dump of FreePBX's database.

    PATH is what `mysqldump asterisk` wrote, also compressed (.gz), or an archive with such a dump in it.

    \b
    Examples:
      mysqldump asterisk | gzip > asterisk.sql.gz         on the old machine
      appliance import freepbx asterisk.sql.gz --into draft
      appliance import freepbx asterisk.sql.gz --sounds /mnt/old/var/lib/asterisk/sounds
    """
    from appliance.importing.drafting import from_freepbx

    context.exit(_make(path, _wishes(given), from_freepbx))


@import_group.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--domain", default="", help="Which one, where the tables have several.")
@_options
@click.pass_context
def fusionpbx(context: click.Context, /, path: Path, domain: str, **given: Any) -> None:
    """Draft from the tables of FusionPBX as CSV.

    PATH is a directory with a file for each table, named by it: v_extensions.csv, v_ivr_menus.csv...

    \b
    Examples:
      psql fusionpbx -c "\\copy v_extensions to v_extensions.csv csv header"    on the old machine, table by table
      appliance import fusionpbx tables/ --into draft --domain pbx.example.com
    """
    from appliance.importing.drafting import from_fusionpbx

    context.exit(_make(path, _wishes(given), partial(from_fusionpbx, domain=domain)))


@import_group.command()
@click.argument("path", type=click.Path(path_type=Path))
@_options
@click.pass_context
def asterisk(context: click.Context, /, path: Path, **given: Any) -> None:
    """Draft from a configuration directory of Asterisk.

    PATH is a copy of /etc/asterisk, or the directory itself. Read are queues.conf, pjsip.conf, sip.conf,
    extensions.conf, agents.conf, musiconhold.conf and what they include.

    \b
    Examples:
      appliance import asterisk /etc/asterisk --into draft --country RU --time-zone Europe/Moscow
      appliance import asterisk old/etc/asterisk --sounds old/var/lib/asterisk/sounds
    """
    from appliance.importing.drafting import from_asterisk

    context.exit(_make(path, _wishes(given), from_asterisk))


def _make(path: Path, wishes: Wishes, make: Callable[[Path, dict[str, str], SoundFolders], Draft]) -> int:
    """Draft, write, check, say. Returns the exit status: 1 where `check` finds something wrong."""
    from appliance.importing.writing import LIST, SECRETS, files_of, list_of, secrets_of

    folders = SoundFolders(wishes.sounds, wishes.music, wishes.site.get("language", "en"))
    draft = make(path, wishes.site, folders)
    texts = files_of(draft)
    if not wishes.force:
        refuse_existing(wishes.into, [*texts, SECRETS, LIST, *draft.sounds])
    with tempfile.TemporaryDirectory(prefix="appliance-import-") as temporary:
        staged = Path(temporary)
        write(staged, {**texts, SECRETS: secrets_of(draft)}, [SECRETS])
        for name, pieces in draft.sounds.items():
            trouble = write_sound(staged / name, pieces)
            if trouble:
                draft.note(Topic.SOUND, name, trouble)
        found = checks.load(staged)
        problems = [str(problem).replace(f"{staged}/", "") for problem in found.problems]
        texts = {**texts, SECRETS: secrets_of(draft), LIST: list_of(draft, problems)}
        try:
            for name in draft.sounds:
                (wishes.into / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(staged / name, wishes.into / name)
            write(wishes.into, texts, [SECRETS])
        except FileExistsError as error:
            raise Trouble(f"{error.filename} is a file: name another directory by --into.") from None
        except OSError as error:
            raise Trouble(f"The draft cannot be written to {wishes.into}: {error.strerror or error}.") from None
    wrong = sum(not problem.warning for problem in found.problems)
    if wishes.as_json:
        click.echo(json.dumps(_as_data(draft, wishes, texts, problems, wrong), ensure_ascii=False, indent=2))
    else:
        _say(draft, wishes, problems, wrong)
    return 1 if wrong else 0


def _counts(draft: Draft) -> dict[str, int]:
    return {kind: len(draft.sections[kind]) for kind in _KINDS if draft.sections.get(kind)}


def _as_data(
    draft: Draft, wishes: Wishes, texts: dict[str, str], problems: list[str], wrong: int
) -> dict[str, object]:
    return {
        "into": str(wishes.into),
        "files": sorted([*texts, *draft.sounds]),
        "drafted": _counts(draft),
        "secrets": len(draft.secrets),
        "not_imported": [{"topic": n.topic.value, "where": n.where, "text": n.text} for n in draft.notes],
        "not_looked_at": draft.passed,
        "ok": not wrong,
        "problems": problems,
    }


def _say(draft: Draft, wishes: Wishes, problems: list[str], wrong: int) -> None:
    from appliance.importing.writing import LIST, SECRETS

    counted = ", ".join(f"{n} {_KINDS[kind][n != 1]}" for kind, n in _counts(draft).items())
    click.echo(f"Drafted in {wishes.into}: {counted or 'nothing'}.")
    if draft.secrets:
        n = len(draft.secrets)
        what = f"{n} passwords and PINs were found; they are" if n > 1 else "A password was found; it is"
        click.echo(f"{what} in {wishes.into / SECRETS}, which only its owner may read.")
    for topic in dict.fromkeys(note.topic for note in sorted(draft.notes, key=lambda note: note.topic.value)):
        click.echo(f"\n{topic.value}")
        for note in draft.notes:
            if note.topic is topic:
                click.echo(f"  {note.where}: {note.text}")
    if draft.passed:
        click.echo(f"\nNot looked at: {len(draft.passed)} tables or files, named in {LIST}.")
    click.echo("")
    for problem in problems:
        click.echo(f"check: {problem}")
    if draft.notes:
        said = "1 thing is" if len(draft.notes) == 1 else f"{len(draft.notes)} things are"
        click.echo(f"{said} not as before; {wishes.into / LIST} names each of them with its place.")
    verdict = "finds something wrong with the draft, above." if wrong else "finds nothing wrong with the draft."
    click.echo(f"`appliance check {wishes.into}` {verdict}")
    click.echo("Secrets that are missing are made up by `appliance render --make-secrets`.")
