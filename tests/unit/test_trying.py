"""What docs/trying.md shows is what the commands print."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from appliance.cli import cli
from appliance.configuration.checks import load
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.run import rehearse

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "trying.md").read_text()


def without_numbers(text: str) -> str:
    """The same but for the lines of the example's files, which move with every remark."""
    return re.sub(r"(\.(?:yml|csv)):\d+ *", r"\1 ", re.sub(r"^ {20,}", "", text, flags=re.MULTILINE))


def indented(text: str) -> str:
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if line and not line.startswith("    ")), len(lines))
    return "\n".join(line[4:] for line in lines[:end]).strip("\n")


def test_the_trace_is_what_the_program_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    command, _, shown = PAGE.partition("    $ appliance ")[2].partition("\n")
    printed = CliRunner().invoke(cli, shlex.split(command)).output
    assert without_numbers(indented(shown)) == without_numbers(printed.strip("\n"))


def test_the_calls_are_calls(tmp_path: Path) -> None:
    (tmp_path / "calls.yml").write_text(indented("    usual:" + PAGE.partition("\n    usual:")[2]))
    rehearsal = rehearse(tmp_path, Premises(load(ROOT / "config").reading))
    assert rehearsal.ok and len(rehearsal.results) == 2


@pytest.mark.parametrize("line", re.findall(r"^    appliance (trace .*?)(?:  +#.*)?$", PAGE, re.MULTILINE))
def test_the_other_examples_can_be_followed(line: str) -> None:
    result = CliRunner().invoke(cli, ["-c", str(ROOT / "config"), *shlex.split(line)])
    assert (result.exit_code == 0 and "ends" in result.output) or "Outcome" in result.output
