"""The command line: help texts, exit statuses, what is printed for people and for programs."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner, Result

from appliance import facts as f
from appliance import models as t
from appliance.cli import cli
from appliance.clock import RealClock
from appliance.console import ConsoleServer
from appliance.database import open_database
from appliance.facts import AgentState, CallOutcome, VisitOutcome
from appliance.places import make_data, open_records, share_with_switch
from appliance.port import Outcome, SwitchLost
from appliance.settings import Settings
from appliance.store import Store
from appliance.trouble import Trouble

NOON = 1_700_000_000.0  # 2023-11-15 01:13:20 in Moscow

SITE = """
company: ACME
country: RU
time_zone: Europe/Moscow
language: en
agents:
  "1001": {name: Anna}
  "1002": {name: Boris}
phones:
  "201": {name: Desk}
pauses: {"1": lunch}
queues:
  sales: {name: Sales, strategy: longest-idle, agents: ["1001", "1002"], music: quiet}
music: {quiet: quiet.wav}
numbers:
  "+74951234567": {open: {queue: sales}}
"""


@pytest.fixture(scope="session")
def quiet() -> bytes:
    """A WAV file with a tenth of a second of silence."""
    data = bytes(1600)
    header = (16).to_bytes(4, "little") + bytes([1, 0, 1, 0]) + (8000).to_bytes(4, "little")
    header += (16000).to_bytes(4, "little") + bytes([2, 0, 16, 0])
    body = b"WAVEfmt " + header + b"data" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + len(body).to_bytes(4, "little") + body


@pytest.fixture
def site(tmp_path: Path, quiet: bytes) -> Path:
    """An installation: config/, data/, secrets.yml."""
    config = tmp_path / "config"
    config.mkdir()
    (config / "site.yml").write_text(SITE)
    (config / "quiet.wav").write_bytes(quiet)
    (tmp_path / "data").mkdir()
    secrets = tmp_path / "secrets.yml"
    secrets.write_text('ami: "abc"\nphone-201: "abc"\nagent-1001: "1111"\nagent-1002: "2222"\n')
    secrets.chmod(0o600)
    return tmp_path


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RealClock, "now", lambda self: NOON + 600)


def places(site: Path) -> list[str]:
    return ["-c", f"{site}/config", "--secrets", f"{site}/secrets.yml", "--data", f"{site}/data"]


def run(site: Path, *arguments: str) -> Result:
    """Run a command that comes to an end by itself; trouble is raised as such."""
    result = CliRunner().invoke(cli, [*places(site), *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def program(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    """The program itself, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "appliance.main", *arguments], capture_output=True, text=True, timeout=60, **more
    )


@pytest.fixture
def records(site: Path) -> Iterator[Path]:
    """The records of one answered and one abandoned call."""
    database = open_database("sqlite", site / "data")
    passed = (f.Candidate("1002", f.PassedOver.PAUSED, "1"), f.Candidate("1001", None, "idle for 9 s"))
    Store(database).write(
        [
            f.AgentChanged("1001", NOON - 100, AgentState.READY, "signed on", phone="201"),
            f.CallStarted("20231115-1", NOON, "l1", "89161234567", 'Eve\n\x1b[2J",;%', "+74951234567", "main"),
            f.CallIdentified("20231115-1", NOON, "+79161234567", "+74951234567", "Eve", None, "en"),
            f.VisitJoined("20231115-1.1", "20231115-1", "sales", NOON, 0.0, "l1"),
            f.Considered("20231115-1.1", NOON, "20231115-1.1.1", passed),
            f.Offered("20231115-1.1.1", "20231115-1.1", NOON, NOON + 25, 20.0, {"1001": "201"}),
            f.OfferEnded("20231115-1.1.1", "20231115-1.1", NOON + 10, {"1001": Outcome.ANSWERED}),
            f.VisitAnswered("20231115-1.1", NOON + 10, "1001"),
            f.VisitEnded("20231115-1.1", NOON + 10, VisitOutcome.ANSWERED),
            f.CallStarted("20231115-2", NOON + 20, "l2", "", "", "+74951234567", "main"),
            f.VisitJoined("20231115-2.1", "20231115-2", "sales", NOON + 20, 0.0, "l2"),
            f.VisitEnded("20231115-2.1", NOON + 50, VisitOutcome.ABANDONED),
            f.CallEnded("20231115-2", NOON + 50, CallOutcome.ABANDONED),
            f.TalkEnded("20231115-1.1", NOON + 70, "1001"),
            f.CallEnded("20231115-1", NOON + 70, CallOutcome.ANSWERED),
        ]
    )
    yield site
    t.database.close()


@contextmanager
def unprivileged() -> Iterator[None]:
    """Work as a user whom permissions bind, also where the tests run as root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# Help


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
        *("check", "render", "run", "lab", "status", "agents", "queues", "calls", "report", "why"),
        *("trunks", "trunk"),
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
        if words[:2] == ["appliance", "why"] and words[2] != "last":
            assert re.fullmatch(r"\d{6}-\d{4}(\d\d-\d{3})?", words[2])


# check


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


def test_check_names_places_without_detours(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (site / "config" / "site.yml").write_text("company: [")
    monkeypatch.chdir(site / "data")
    lines = run(site, "check", "../config/.").output.splitlines()
    assert lines[0].startswith(f"{site}/config/site.yml:2:")
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


# render, run, lab


def test_render_writes_says_what_changed_and_changes_nothing_again(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dialplan import speech

    monkeypatch.setattr(
        speech, "prepare", lambda *arguments: speech.Prepared(3, 2, 1)
    )  # needs an engine of speech
    first = run(site, "render", "--into", f"{site}/asterisk")
    assert first.exit_code == 0
    assert "3 made, 2 kept, 1 removed" in first.output
    assert "pjsip.conf" in first.output and "restart when convenient" in first.output
    assert (
        "[sales]" in (site / "asterisk" / "queues.conf").read_text()
        or (site / "asterisk" / "queues.conf").exists()
    )
    again = json.loads(run(site, "render", "--into", f"{site}/asterisk", "--json").output)
    assert (again["changed"], again["switch_command"]) == ([], None)
    (site / "config" / "site.yml").write_text(SITE.replace("Desk", "Front desk"))
    third = run(site, "render", "--into", f"{site}/asterisk")
    assert "Files changed" in third.output and "core reload" in third.output


def test_render_says_which_secrets_are_missing_or_makes_them_up(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dialplan import speech

    monkeypatch.setattr(speech, "prepare", lambda *arguments: speech.Prepared(0, 0, 0))
    (site / "secrets.yml").write_text('ami: "abc"\n')
    with pytest.raises(Trouble, match="lacks these secrets: phone-201, agent-1001, agent-1002"):
        run(site, "render", "--into", f"{site}/asterisk")
    assert not (site / "asterisk").exists()
    result = run(site, "render", "--into", f"{site}/asterisk", "--make-secrets")
    assert "Secrets made up" in result.output and "agent-1002" in result.output
    (site / "secrets.yml").unlink()
    with pytest.raises(Trouble, match="There is no file"):
        run(site, "render")


def test_run_refuses_what_check_refuses_in_the_same_words(site: Path) -> None:
    (site / "config" / "site.yml").write_text(SITE.replace('"1002"]', '"1009"]'))
    said = run(site, "check").output.splitlines()[0]
    with pytest.raises(Trouble) as trouble:
        run(site, "run")
    assert said in str(trouble.value)


def test_run_hands_everything_to_the_daemon(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run_daemon(settings: Settings, secrets: dict[str, str], data: Path, on_ready: Any) -> None:
        seen.append((settings.company, secrets["agent-1001"], data))
        on_ready()

    monkeypatch.setattr("appliance.daemon.run_daemon", run_daemon)
    result = run(site, "run")
    assert seen == [("ACME", "1111", site / "data")]
    assert "The appliance of ACME runs" in result.output


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


@pytest.mark.parametrize("status", [0, 1])
def test_lab_exits_as_the_demonstration_did(site: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    pytest.importorskip("numpy")
    monkeypatch.setattr(
        "appliance.lab.run.run_lab", lambda directory, once, switch: status if once and switch is None else 9
    )
    assert run(site, "lab", "--once").exit_code == status


# The running appliance

AGENT = {
    **{"agent": "1001", "name": "Anna", "state": "wrap-up", "reason": "", "since": NOON, "until": NOON + 30},
    **{"phone": "201", "reachable": False, "queue": "sales", "call": "20231115-1"},
    "afterwards": None,
}
WAITING = {
    **{"call": "20231115-3", "number": None, "customer": "Eve\x1b[2J", "joined_at": NOON + 555},
    **{"head_start": 60.0, "place": 1, "state": "waiting"},
}
MEMBER = {"agent": "1001", "name": "Anna", "state": "ready", "obstacle": "phone not reachable"}
QUEUE = {
    **{"queue": "sales", "name": "Sales", "strategy": "longest-idle", "ready": 1, "talking": 2, "wrap_up": 3},
    **{"paused": 4, "waiting": [WAITING], "agents": [MEMBER, {**MEMBER, "agent": "1002", "obstacle": None}]},
}
CALL = {
    **{"call": "20231115-3", "started_at": NOON, "number": None, "dnis": "+74951234567", "customer": None},
    **{"state": "waiting", "queue": "sales", "agent": None},
}
STATUS = {
    **{"company": "ACME", "switch": "asterisk", "switch_up": True, "since": NOON, "calls": 3, "waiting": 1},
    **{"talking": 2, "agents": {"ready": 4, "paused": 0}},
}


class Daemon:
    """Answers as the appliance does, and remembers what it was asked."""

    def __init__(self) -> None:
        self.data: dict[str, object] = {"status": STATUS, "agents": [AGENT], "queues": [QUEUE], "calls": [CALL]}
        self.asked: list[tuple[str, dict[str, object]]] = []

    def handle(self, command: str, arguments: dict[str, object]) -> object:
        self.asked.append((command, arguments))
        if arguments.get("agent") == "9":
            raise Trouble("There is no such agent.")
        return self.data.get(command)


@pytest.fixture
def daemon(site: Path) -> Iterator[Daemon]:
    daemon = Daemon()
    server = ConsoleServer(site / "data" / "console", daemon.handle)
    server.start()
    yield daemon
    server.stop()


def test_status(site: Path, daemon: Daemon) -> None:
    result = run(site, "status")
    assert result.exit_code == 0
    assert "ACME: running since 2023-11-15 01:13:20 (Europe/Moscow)" in result.output
    assert "3, 1 waiting, 2 talking" in result.output
    assert "agents  4 ready\n" in result.output


def test_status_is_1_while_the_switch_is_lost(site: Path, daemon: Daemon) -> None:
    daemon.data["status"] = {**STATUS, "switch_up": False, "switch_reason": "connection refused"}
    result = run(site, "status")
    assert (result.exit_code, "not connected: connection refused" in result.output) == (1, True)


def test_status_is_1_while_nothing_can_be_written(site: Path, daemon: Daemon) -> None:
    daemon.data["status"] = {**STATUS, "unwritten": "8 facts cannot be written: database or disk is full"}
    result = run(site, "status")
    assert (result.exit_code, "disk is full" in result.output) == (1, True)


@pytest.mark.parametrize("command", ["status", "agents", "queues"])
def test_what_the_appliance_says_is_printed_whole_for_programs(site: Path, daemon: Daemon, command: str) -> None:
    assert json.loads(run(site, command, "--json").output) == in_words(daemon.data[command])


def in_words(data: Any) -> Any:
    """Every time as ISO 8601 in Moscow; the appliance itself counts seconds."""
    if isinstance(data, dict):
        return {key: in_words(value) for key, value in data.items()}
    if isinstance(data, list):
        return [in_words(each) for each in data]
    if isinstance(data, float) and data >= NOON:
        return datetime.fromtimestamp(data, ZoneInfo("Europe/Moscow")).isoformat(timespec="milliseconds")
    return data


def test_times_for_programs_have_their_offset(site: Path, daemon: Daemon) -> None:
    assert json.loads(run(site, "agents", "--json").output)[0]["until"] == "2023-11-15T01:13:50.000+03:00"
    (site / "config" / "site.yml").write_text("company: [")
    assert json.loads(run(site, "agents", "--json").output)[0]["until"] == "2023-11-14T22:13:50.000+00:00"


def test_an_agent_whose_state_was_changed_is_printed_for_programs(site: Path, daemon: Daemon) -> None:
    for arguments in (("pause", "1001", "--reason", "1", "--json"), ("--json", "pause", "1001", "--reason", "1")):
        assert json.loads(run(site, "agents", *arguments).output) == in_words(AGENT)
    assert [asked for asked, _ in daemon.asked] == ["agent-pause", "agents"] * 2


def test_agents(site: Path, daemon: Daemon) -> None:
    words = run(site, "agents").output.splitlines()[1].split()
    assert words[:4] == ["1001", "Anna", "wrap-up", "-"]
    assert words[4:6] == ["01:13:20", "01:13:50"]
    assert " ".join(words[6:9]) == "201 (not reachable)"


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["sign-on", "1001", "--phone", "201"], ("agent-sign-on", {"agent": "1001", "phone": "201"})),
        (["sign-off", "1001"], ("agent-sign-off", {"agent": "1001"})),
        (["pause", "1001", "--reason", "1"], ("agent-pause", {"agent": "1001", "reason": "1"})),
        (["resume", "1001"], ("agent-resume", {"agent": "1001"})),
        (["end-wrap-up", "1001"], ("agent-end-wrap-up", {"agent": "1001"})),
    ],
)
def test_an_agents_state_is_changed_and_refusals_are_told(
    site: Path, daemon: Daemon, arguments: list[str], asked: tuple[str, object]
) -> None:
    result = run(site, "agents", *arguments)
    assert (result.exit_code, daemon.asked) == (0, [asked])
    assert result.output.startswith("1001 ")
    with pytest.raises(Trouble, match="There is no such agent"):
        run(site, "agents", *(a.replace("1001", "9") for a in arguments))


def test_queues_show_who_waits(site: Path, daemon: Daemon) -> None:
    lines = run(site, "queues").output.splitlines()
    assert lines[0] == "sales (Sales), longest-idle: 1 ready, 2 talking, 3 wrap-up, 4 paused; 1 waiting"
    assert lines[1] == "  agents: 1001 Anna (phone not reachable), 1002 Anna (ready)"
    assert lines[3].split() == [
        "1",
        "anonymous",
        "Eve\N{REPLACEMENT CHARACTER}[2J",
        "0:45",
        "60",
        "s",
        "waiting",
        "20231115-3",
    ]


def test_live_calls(site: Path, daemon: Daemon) -> None:
    assert "20231115-3  01:13:20  anonymous  +74951234567" in run(site, "calls", "--live").output
    assert json.loads(run(site, "calls", "--live", "--json").output) == in_words([CALL])
    with pytest.raises(Trouble, match="leave out"):
        run(site, "calls", "--live", "--day", "today")


def test_without_an_appliance_the_remedy_is_named(site: Path) -> None:
    for command in (["status"], ["agents"], ["queues"], ["calls", "--live"], ["agents", "resume", "1001"]):
        with pytest.raises(Trouble, match="start it with `appliance run`"):
            run(site, *command)


def test_the_running_appliance_is_shown_also_when_the_configuration_is_broken(site: Path, daemon: Daemon) -> None:
    (site / "config" / "site.yml").write_text("company: [")
    assert "(UTC)" in run(site, "status").output


# The records


def test_without_records_that_is_said(site: Path) -> None:
    for command in ("calls", "report", "why last"):
        with pytest.raises(Trouble, match="There are no records"):
            run(site, *command.split())


def test_calls_with_what_became_of_them(records: Path) -> None:
    lines = run(records, "calls").output.splitlines()
    assert lines[1].split() == [
        *("20231115-1", "2023-11-15", "01:13:20", "+79161234567", "Eve", "+74951234567"),
        *("sales", "0:10", "1001", "1:00", "answered"),
    ]
    assert lines[2].split()[-5:] == ["sales", "0:30", "-", "-", "abandoned"]
    assert len(run(records, "calls", "-n", "1").output.splitlines()) == 2


def test_calls_that_went_out_say_to_whom_and_why(records: Path) -> None:
    database = open_database("sqlite", records / "data", upgrade=True)
    started = f.CallStarted(
        "20231115-3", NOON + 50, "l3", "201", "", "89161112233", "", f.Direction.OUT, "201", "1001"
    )
    called = f.CallIdentified("20231115-3", NOON + 50, "+79161112233", "+74951234567", None, None, "en")
    Store(database).write(
        [
            started,
            called,
            f.TrunkTried("20231115-3", NOON + 51, "russia", "main"),
            f.CallEnded("20231115-3", NOON + 60, f.CallOutcome.OUTBOUND_MISSED),
        ]
    )
    database.close()
    last = run(records, "calls").output.splitlines()[-1]
    assert "to +79161112233" in last and last.endswith("outbound not answered")
    assert "phone 201 dials 89161112233" in run(records, "why", "last").output


def test_calls_of_an_interval_for_programs(records: Path) -> None:
    found = json.loads(run(records, "calls", "--from", "01:13:30", "--json").output)
    assert [call["id"] for call in found] == ["20231115-2"]
    assert found[0]["started_at"] == "2023-11-15T01:13:40.000+03:00"
    assert found[0]["visits"][0]["outcome"] == "abandoned"
    assert found[0]["visits"][0]["joined_at"] == "2023-11-15T01:13:40.000+03:00"
    assert found[0]["visits"][0]["answered_at"] is None
    assert run(records, "calls", "--day", "yesterday").output == "There are no such calls.\n"


def test_report(records: Path) -> None:
    output = run(records, "report", "--day", "2023-11-15").output
    row = next(line for line in output.splitlines() if line.startswith("sales")).split()
    assert row[:4] == ["sales", "2", "1", "1"]
    assert "SL-C = answered within T / (answered + abandoned)" in output and "50.0 %" in output
    assert "Ledger: 2 calls = 1 answered + 1 abandoned; 0 unexplained." in output


def test_report_for_programs_and_by_another_formula(records: Path) -> None:
    data = json.loads(run(records, "report", "--json").output)
    assert data["total"]["service_levels"]["SL-A"] == 1.0
    assert data["ledger"]["unexplained_count"] == 0
    assert data["agents"][0]["agent"] == "1001"
    assert "SL-A = answered within T / answered" in run(records, "report", "--service-level", "a").output


def test_report_of_a_misspelt_queue_or_agent_is_trouble(records: Path) -> None:
    with pytest.raises(Trouble, match="There is no queue 'sale': there are sales"):
        run(records, "report", "--queue", "sale")
    with pytest.raises(Trouble, match="There is no agent '9': there are 1001, 1002"):
        run(records, "report", "--agent", "9")


@pytest.mark.parametrize("reference", ["20231115-1", "last"])
def test_why(records: Path, reference: str) -> None:
    output = run(records, "why", reference).output
    if reference == "last":
        assert "leaves the queue after a wait of 0:30: abandoned" in output
    else:
        assert "1002 Boris  paused       lunch" in output
        assert "\x1b" not in output


def test_why_of_several_calls_lists_them(records: Path) -> None:
    with pytest.raises(Trouble, match=r"Several calls begin with '20231115': 20231115-1, 20231115-2\.$"):
        run(records, "why", "20231115")
    assert "Where several calls begin so" in " ".join(run(records, "why", "--help").output.split())


def test_why_for_programs_keeps_the_name_as_it_came(records: Path) -> None:
    data = json.loads(run(records, "why", "20231115-1", "--json").output)
    assert data["call"]["caller_name"] == 'Eve\n\x1b[2J",;%'
    (offered,) = (moment for moment in data["moments"] if moment["kind"] == "offered")
    assert offered["considered"][0] == {"agent": "1002", "passed_over": "paused", "detail": "1"}


# The program


def test_trouble_is_one_sentence_and_status_2(site: Path) -> None:
    done = program(*places(site), "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("appliance: The appliance is not running") and done.stderr.count("\n") == 1


def test_statuses_of_the_program(site: Path) -> None:
    assert program(*places(site), "check").returncode == 0
    assert program(*places(site), "nonsense").returncode == 2
    (site / "config" / "site.yml").write_text("company: [")
    assert program(*places(site), "check").returncode == 1
    assert program(*places(site), "run").returncode == 2


def test_a_database_that_is_none_is_trouble(site: Path) -> None:
    (site / "data" / "appliance.sqlite3").write_bytes(b"not a database at all" * 100)
    for command in ("report", "run"):
        done = program(*places(site), command)
        assert (done.returncode, done.stderr) == (
            2,
            f"appliance: The records in {site}/data/appliance.sqlite3 cannot be used: file is not a database. "
            "Put that right, or name another directory by --data DIR.\n",
        )


@pytest.mark.parametrize("command", ["run", "render --into {site}/asterisk"])
def test_data_that_cannot_be_kept_anywhere_is_trouble(site: Path, command: str) -> None:
    (site / "file").write_text("")
    done = program(*places(site), "--data", f"{site}/file/data", *command.format(site=site).split())
    assert (done.returncode, done.stderr) == (
        2,
        f"appliance: The directory {site}/file/data cannot be made: {site}/file is a file. "
        "Put that right, or name another directory by --data DIR.\n",
    )
    assert not (site / "asterisk").exists()


def test_data_that_may_not_be_written_is_trouble(site: Path) -> None:
    with unprivileged(), tempfile.TemporaryDirectory() as readable:
        Path(readable).chmod(0o555)
        with pytest.raises(Trouble, match=f"The directory {readable} cannot be written to. .* by --data DIR"):
            make_data(Path(readable))


def test_a_database_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Trouble) as trouble:
        open_records("postgresql://anna:hush@127.0.0.1:1/tea", tmp_path)
    said = str(trouble.value)
    assert said.startswith("The database postgresql://anna@127.0.0.1:1/tea cannot be used: ")
    assert said.endswith(". Check `database:`.") and ".." not in said
    assert "hush" not in said and "--data" not in said and "\n" not in said


def test_what_is_recorded_is_not_for_everybody(site: Path) -> None:
    old = os.umask(0)
    try:
        database = open_database("sqlite", site / "new" / "data")
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (site / "new" / "data").iterdir()}
    finally:
        os.umask(old)
    assert files.keys() >= {"appliance.sqlite3", "appliance.sqlite3-wal", "appliance.sqlite3-shm"}
    assert not any(mode & 0o027 for mode in files.values()), files
    assert stat.S_IMODE((site / "new" / "data").stat().st_mode) == 0o750
    database.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_switch_may_read_sounds_and_write_recordings(tmp_path: Path) -> None:
    configuration, data, recordings = tmp_path / "asterisk", tmp_path / "data", tmp_path / "spool" / "recordings"
    configuration.mkdir()
    os.chown(configuration, 12345, 23456)
    make_data(data)
    os.chown(data, 34567, 34567)
    sound = data / "music" / "waiting" / "01.wav"
    sound.parent.mkdir(parents=True, mode=0o700)
    sound.touch(0o600)
    for _ in range(2):
        assert share_with_switch(data, recordings, configuration) is None
    found = recordings.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (34567, 23456, 0o2770)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (data, sound.parent, sound)]
    assert modes == [0o751, 0o755, 0o644]
    (tmp_path / "file").write_text("")
    said = share_with_switch(data, tmp_path / "file" / "recordings", configuration)
    assert said and said.endswith("could not be made: File exists.")


def test_a_file_that_may_not_be_written_is_named(site: Path) -> None:
    (site / "asterisk").write_text("a file where a directory should be")
    done = program(*places(site), "render", "--into", f"{site}/asterisk")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"{site}/asterisk" in done.stderr


def test_a_fault_of_ours_is_kept_in_a_file_and_named(site: Path) -> None:
    code = "from appliance import main, places; places.Places.checked = lambda self: 1 / 0; main.main(['check'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(site)},
        timeout=60,
    )
    assert done.returncode == 2
    assert "This is a fault in the appliance; please report it" in done.stderr
    assert "Traceback" not in done.stderr
    (file,) = site.glob("appliance-fault-*.txt")
    assert str(file) in done.stderr
    assert "ZeroDivisionError" in file.read_text()


@pytest.mark.parametrize("arguments", [("report",), ("report", "--json"), ("report", "--help"), ("--help",)])
def test_a_reader_who_leaves_ends_the_program_quietly(records: Path, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "appliance.main", *places(records), *arguments]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(writing)
    assert (done.returncode, done.stderr) == (128 + signal.SIGPIPE, "")


def test_a_full_disk_under_the_output_is_said(records: Path) -> None:
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "appliance.main", *places(records), "report"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (
        2,
        "appliance: The output cannot be written: No space left on device.\n",
    )


def test_an_interrupt_ends_the_program_quietly(site: Path) -> None:
    code = (
        "from appliance import main, places\n"
        "import signal\n"
        "places.Places.checked = lambda self: signal.raise_signal(signal.SIGINT)\n"
        "main.main(['check'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (128 + signal.SIGINT, "\n")  # closes the line with ^C
