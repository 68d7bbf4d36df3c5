"""What docs/migrating.md shows is what is printed."""

from pathlib import Path

from click.testing import CliRunner

from appliance.cli import cli
from tests.unit.importing.conftest import SAMPLES

PAGE = Path(__file__).parents[3] / "docs" / "migrating.md"


def test_the_output_on_the_page(tmp_path: Path) -> None:
    text = PAGE.read_text()
    block = text.partition("what `appliance check` says of the draft:\n\n")[2].partition("\n\nThe exit")[0]
    shown = [line[4:] for line in block.splitlines() if line.strip() and line.strip() != "..."]
    into = tmp_path / "draft"
    printed = (
        CliRunner().invoke(cli, ["import", "freepbx", str(SAMPLES / "freepbx.sql"), "--into", str(into)]).output
    )
    lines = printed.replace(str(tmp_path), "/root").splitlines()
    assert len(shown) > 5 and [line for line in shown if line not in lines] == []
