"""The command check: what it prints for people and for programs, and its exit status."""

import json
import tempfile
from pathlib import Path

import pytest

from appliance.port import SwitchLost
from appliance.trouble import Trouble
from tests.unit.cli.site import SITE, run, unprivileged


def test_check_says_that_all_is_well(site: Path) -> None:
    result = run(site, "check")
    assert (result.exit_code, result.output) == (0, f"{site}/config is in order.\n")


def test_check_names_every_problem_with_its_place_and_exits_with_1(site: Path) -> None:
    (site / "config" / "site.yml").write_text(
        SITE.replace('"1002"]', '"1009"]').replace("{queue: sales}", "{queue: x}")
    )
    result = run(site, "check")
    assert result.exit_code == 1
    assert f"{site}/config/site.yml:13:" in result.output and "1009" in result.output
    assert f"{site}/config/site.yml:16:" in result.output
    assert result.output.endswith("config: 2 problems.\n")


def test_warnings_count_where_they_are_to(site: Path) -> None:
    with (site / "config" / "site.yml").open("a") as file:
        file.write("hours: {night: {open: mon-sun 22:00-6:00}}\n")
    fine, strict = run(site, "check"), run(site, "check", "--strict")
    assert (fine.exit_code, strict.exit_code) == (0, 1)
    assert fine.output == strict.output
    assert fine.output.splitlines() == [
        f'{site}/config/site.yml:17:9: warning: The hours "night" are never used. Use or remove them.',
        f"{site}/config is in order with 1 warning.",
    ]
    for arguments, ok in ((), True), (("--strict",), False):
        assert json.loads(run(site, "check", "--json", *arguments).output)["ok"] is ok


def test_check_names_what_is_wrong_with_the_calls_beside_the_configuration(site: Path) -> None:
    """Whoever takes calls.yml for a file of the configuration is told so."""
    (site / "config" / "calls.yml").write_text("numbers: {}\ncalls: {}\n")
    result = run(site, "check")
    assert result.exit_code == 1
    assert f'{site}/config/calls.yml:1:1: The file "calls.yml" has no field "numbers".' in result.output


def test_check_names_places_without_detours(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "config" / "site.yml").write_text("company: [")
    monkeypatch.chdir(site / "data")
    lines = run(site, "check", "../config/.").output.splitlines()
    assert lines[0].startswith(f"{site}/config/site.yml:1:10: ")
    assert lines[-1] == f"{site}/config: 1 problem."


def test_a_directory_that_cannot_be_read_is_trouble(site: Path) -> None:
    with unprivileged(), tempfile.TemporaryDirectory() as closed:
        Path(closed).chmod(0)
        with pytest.raises(Trouble, match=f"The directory {closed} cannot be read: Permission denied."):
            run(site, "check", closed)


def test_check_takes_the_directory_as_an_argument_and_speaks_json(site: Path, tmp_path: Path) -> None:
    (site / "config" / "site.yml").write_text("company: [")
    result = run(tmp_path / "elsewhere", "check", f"{site}/config", "--json")
    data = json.loads(result.output)
    assert (result.exit_code, data["ok"]) == (1, False)
    assert {"file", "line", "column", "text", "remedy", "warning", "sentence"} == {*data["problems"][0]}


def test_a_directory_that_is_not_there_is_trouble(site: Path) -> None:
    with pytest.raises(Trouble, match="There is no directory"):
        run(site, "check", f"{site}/nowhere")


class AskedSwitch:
    """Stands for the control connection: a switch with all modules but these."""

    lacks: tuple[str, ...] = ()

    def __init__(self, port: int, secret: str, *listeners: object) -> None:
        assert (port, secret) == (8021, "abc")

    def start(self) -> None:
        if self.lacks == ("everything",):
            raise SwitchLost("nobody listens on 127.0.0.1 port 8021")

    def stop(self) -> None:
        pass

    def ask(self, command: str) -> str:
        words = command.split()
        return "false" if words[1] in self.lacks or words[0] != "module_exists" else "true"


@pytest.fixture
def freeswitch(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installation, on FreeSWITCH."""
    monkeypatch.setattr("esl.control.Control", AskedSwitch)
    with (site / "config" / "site.yml").open("a") as file:
        file.write("\nswitch: freeswitch\n")
    with (site / "secrets.yml").open("a") as file:
        file.write('\nesl: "abc"\n')
    return site


def test_check_asks_a_running_freeswitch_for_its_modules(
    freeswitch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = run(freeswitch, "check", "--switch")
    assert fine.exit_code == 0 and "has loaded every module" in fine.output
    monkeypatch.setattr(AskedSwitch, "lacks", ("mod_local_stream",))
    lacking = run(freeswitch, "check", "--switch")
    assert lacking.exit_code == 1
    assert "not loaded mod_local_stream: install freeswitch-mod-local-stream" in lacking.output
    for_programs = json.loads(run(freeswitch, "check", "--switch", "--json").output)
    assert (for_programs["ok"], for_programs["modules_lacking"]) == (False, ["mod_local_stream"])
    assert run(freeswitch, "check").exit_code == 0  # is about the configuration alone


def test_check_cannot_ask_a_switch_that_is_away(freeswitch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AskedSwitch, "lacks", ("everything",))
    with pytest.raises(Trouble, match="The switch cannot be asked: nobody listens"):
        run(freeswitch, "check", "--switch")


def test_check_asks_no_asterisk(site: Path) -> None:
    with pytest.raises(Trouble, match="looks at FreeSWITCH only"):
        run(site, "check", "--switch")
