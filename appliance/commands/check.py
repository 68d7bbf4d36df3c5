"""The command that says what is wrong with a configuration."""

import dataclasses
import json
from os.path import lexists
from pathlib import Path

import click

from appliance.configuration.checks import Checked
from appliance.configuration.problems import Problem, Report
from appliance.configuration.reading import CALLS
from appliance.places import Places, plain
from appliance.settings import SwitchKind
from appliance.trouble import Trouble


@click.command()
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--strict", is_flag=True, help="Let warnings count as problems.")
@click.option("--switch", is_flag=True, help="Ask the running FreeSWITCH too: which modules it lacks.")
@click.option("--json", "as_json", is_flag=True, help="Print it for a program.")
@click.pass_context
def check(context: click.Context, directory: Path | None, strict: bool, switch: bool, as_json: bool) -> None:
    """Say all that is wrong with the configuration, and with calls.yml beside it, with file and line.

    Warnings tell of what is legal and hardly meant: a queue that no call comes to, an agent in no queue. They stop
    nothing, and are no problems unless --strict says so. The exit status is 1 when there are problems.
    DIRECTORY is another way to say -c.

    \b
    Examples:
      appliance check
      appliance check config/ --json
      appliance check --strict
      appliance check --switch
    """
    places: Places = context.obj
    if directory is not None:
        places = dataclasses.replace(places, config=plain(directory))
    checked = places.checked()
    problems = (*checked.problems, *_wrong_with_calls(places.config, checked))
    wrong = sum(not problem.warning for problem in problems)
    bad = len(problems) if strict else wrong
    lacking = _lacking_modules(places) if switch and checked.settings else []
    if as_json:
        said = [{**dataclasses.asdict(problem), "sentence": str(problem)} for problem in problems]
        found: dict[str, object] = {"ok": not bad and not lacking, "problems": said}
        if switch:
            found["modules_lacking"] = lacking
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        for problem in problems:
            click.echo(str(problem))
        click.echo(_verdict(wrong, len(problems) - wrong, places.config))
        for module in lacking:
            package = "freeswitch-" + module.replace("_", "-")
            click.echo(f"The switch has not loaded {module}: install {package}, then restart the switch.")
        if switch and checked.settings and not lacking:
            click.echo("The switch has loaded every module that is needed.")
    if bad or lacking:
        context.exit(1)


def _wrong_with_calls(directory: Path, checked: Checked) -> tuple[Problem, ...]:
    """What is wrong with calls.yml as it is written; what becomes of its calls is told by `appliance test`."""
    if checked.settings is None or not lexists(directory / CALLS):
        return ()
    # Imported here: it brings the simulated switch along.
    from appliance.rehearsal.cases import read_cases
    from appliance.rehearsal.premises import Premises

    report = Report()
    read_cases(directory, Premises(checked.reading), report)
    return report.sorted()


def _lacking_modules(places: Places) -> list[str]:
    """What the running FreeSWITCH has not loaded."""
    from appliance.port import Refused, SwitchLost
    from dialplan.freeswitch import modules_of
    from esl.control import Control

    settings = places.settings()
    if settings.switch is not SwitchKind.FREESWITCH:
        raise Trouble("--switch looks at FreeSWITCH only, and the configuration says `switch: asterisk`.")
    secrets = places.secrets(settings)

    def pass_by(happened: object) -> None:
        """Nothing that happens matters here."""

    control = Control(settings.network.event_socket_port, secrets["esl"], pass_by, pass_by, pass_by)
    try:
        control.start()
        return [module for module in modules_of(settings) if control.ask(f"module_exists {module}") != "true"]
    except (Refused, SwitchLost) as error:
        raise Trouble(f"The switch cannot be asked: {error}") from None
    finally:
        control.stop()


def _verdict(wrong: int, warnings: int, directory: Path) -> str:
    counted = [
        f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((wrong, "problem"), (warnings, "warning")) if n
    ]
    if wrong:
        return f"{directory}: {' and '.join(counted)}."
    return f"{directory} is in order{' with ' + counted[0] if counted else ''}."


@click.command()
def schema() -> None:
    """Print a JSON Schema of the configuration, so that editors complete and underline it.

    An editor with the YAML language server (VS Code, Neovim, Emacs, Kate...) finds it by the first line of a file,
    which says: # yaml-language-server: $schema=schema.json

    \b
    Examples:
      appliance schema
      appliance schema > /etc/appliance/schema.json
    """
    from appliance.configuration.schema import schema as schema_of_everything

    click.echo(json.dumps(schema_of_everything(), ensure_ascii=False, indent=2))
