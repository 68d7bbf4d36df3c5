"""The command line explains itself: help texts and their examples."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from appliance.cli import cli


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)


@pytest.mark.parametrize("names", [(), *commands(cli)], ids=" ".join)
def test_every_command_explains_itself_with_examples(names: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*names, "--help"])
    assert result.exit_code == 0
    assert f"appliance {' '.join(names)}".strip() in result.output.split("Example", 1)[1]


def test_all_commands_are_there() -> None:
    assert {*cli.commands} == {
        *(
            "check",
            "schema",
            "render",
            "run",
            "lab",
            "status",
            "agents",
            "queues",
            "calls",
            "report",
            "why",
            "whatif",
        ),
        *("trunks", "trunk", "import"),
        *("abandoned", "tasks"),
        *("hours", "notice", "voicemail", "callbacks"),
        *("trace", "test", "staffing"),
        *("diff", "apply", "rollback", "versions"),
        *("health", "backup", "restore", "tidy", "erase"),
        *("phones", "phone", "provisioning"),
    }


@pytest.mark.parametrize("names", [(), *commands(cli)], ids=" ".join)
def test_examples_name_what_could_be_there(names: tuple[str, ...]) -> None:
    """Agents are numbers, and calls have ids as the appliance gives them."""
    examples = CliRunner().invoke(cli, [*names, "--help"]).output.split("Example", 1)[1]
    assert "anna" not in examples
    for line in examples.splitlines():
        words = line.split()
        if words[:2] == ["appliance", "why"] and words[2] not in ("last", "--agent"):
            assert re.fullmatch(r"\d{6}-\d{4}(\d\d-\d{3})?", words[2])
