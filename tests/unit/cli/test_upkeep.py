"""The commands that look after an installation: what they say, and with which status they end."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance import facts as f
from appliance.cli import cli
from appliance.clock import RealClock
from appliance.console import ConsoleServer
from appliance.facts import CallOutcome
from appliance.program import program_version
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.trouble import Trouble

NOW = 1795165200.0
DAY = 24 * 3600.0
ANN = "+79161234567"
SITE = """
company: Tea
country: RU
time_zone: Europe/Moscow
language: en
recordings: {top}/recordings
backups: {top}/backups
"""
ANSWER: dict[str, Any] = {
    "company": "Tea",
    "switch": "asterisk",
    "switch_up": True,
    "switch_reason": "",
    "unwritten": "",
    "since": NOW - 100,
    "calls": 3,
    "waiting": 1,
    "talking": 2,
    "agents": {"ready": 4},
    "oldest_call": {"call": "261120-090000-001", "started_at": NOW - 125},
    "trouble": None,
    "version": program_version(),
}


TRUNKS: list[dict[str, Any]] = [
    {"trunk": "north", "up": True, "registered": True, "why": ""},
    {"trunk": "south", "up": True, "registered": None, "why": ""},
    {"trunk": "west", "up": False, "registered": False, "why": "It does not answer."},
]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(RealClock, "now", lambda self: NOW)
    monkeypatch.setattr(RealClock, "sleep", lambda self, seconds: None)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "site.yml").write_text(SITE.format(top=tmp_path))
    (tmp_path / "etc" / "secrets.yml").write_text('ami: "abc"\n')
    (tmp_path / "etc" / "secrets.yml").chmod(0o600)
    (tmp_path / "var").mkdir()
    return tmp_path


def run(site: Path, *arguments: str) -> Result:
    where = ["-c", f"{site}/etc", "--secrets", f"{site}/etc/secrets.yml", "--data", f"{site}/var"]
    result = CliRunner().invoke(cli, [*where, *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


# health


@pytest.fixture
def answer(site: Path) -> Iterator[dict[str, Any]]:
    """What the running appliance says of itself; a test may change it."""
    answer = dict(ANSWER)
    answers = {"health": answer, "trunks": TRUNKS}
    server = ConsoleServer(site / "var" / "console", lambda command, arguments: answers[command])
    server.start()
    yield answer
    server.stop()


def findings(site: Path, status: int) -> dict[str, tuple[str, str]]:
    result = run(site, "health", "--json")
    assert result.exit_code == status, result.output
    data = json.loads(result.output)
    assert data["ok"] == (status == 0)
    return {each["what"]: (each["verdict"], each["says"]) for each in data["findings"]}


def test_an_appliance_in_health(site: Path, answer: dict[str, Any]) -> None:
    found = findings(site, 0)
    assert found["service"] == ("fine", "3 calls, 1 waiting")
    assert found["oldest call"] == ("fine", "261120-090000-001, for 0 h 2 min")
    assert [found[f"trunk {name}"] for name in ("north", "south", "west")] == [
        ("fine", "registered"),
        ("fine", "up"),
        ("warning", "It does not answer."),
    ]
    assert found["disk (data)"][1].endswith(f"at {site}/var")
    result = run(site, "health")
    assert result.output.endswith("The appliance serves calls.\n") and result.exit_code == 0


def test_a_web_that_is_not_served_is_no_reason_to_stop_taking_calls(site: Path, answer: dict[str, Any]) -> None:
    answer["web"] = {"address": "127.0.0.1:8089", "trouble": ""}
    assert findings(site, 0)["web"] == ("fine", "listens on 127.0.0.1:8089")
    answer["web"] = {"address": "127.0.0.1:8089", "trouble": "127.0.0.1:8089 cannot be listened on: in use"}
    assert findings(site, 0)["web"] == ("warning", "127.0.0.1:8089 cannot be listened on: in use")


@pytest.mark.parametrize(
    "change, what, says",
    [
        ({"trouble": "the engine has not answered for 5 s"}, "service", "the engine has not answered for 5 s"),
        ({"switch_up": False, "switch_reason": "refused"}, "switch", "not connected: refused"),
        ({"unwritten": "8 facts cannot be written: full"}, "records", "8 facts cannot be written: full"),
    ],
)
def test_what_is_wrong_is_named_with_a_remedy(
    site: Path, answer: dict[str, Any], change: dict[str, Any], what: str, says: str
) -> None:
    answer.update(change)
    assert findings(site, 1)[what] == ("wrong", says)
    said = run(site, "health").output
    assert said.endswith(f"The appliance does not do all its work: {what}.\n")


@pytest.mark.parametrize(
    "change, what",
    [
        ({"oldest_call": {"call": "261119-1", "started_at": NOW - 2 * DAY}}, "oldest call"),
        ({"version": "0.0.1"}, "program"),
    ],
)
def test_what_looks_odd_is_a_warning(
    site: Path, answer: dict[str, Any], change: dict[str, Any], what: str
) -> None:
    answer.update(change)
    assert findings(site, 0)[what][0] == "warning"


def test_one_that_does_not_run_is_not_well(site: Path) -> None:
    verdict, says = findings(site, 1)["service"]
    assert verdict == "wrong" and says.startswith("The appliance is not running")


def test_who_may_not_ask_gets_no_answer(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Trouble("You may not talk to the appliance.")

    monkeypatch.setattr("appliance.commands.upkeep.ask", refuse)
    with pytest.raises(Trouble):
        run(site, "health")


def test_a_configuration_that_is_broken_is_found_before_the_next_start(site: Path, answer: dict[str, Any]) -> None:
    (site / "etc" / "site.yml").write_text("company: [")
    assert findings(site, 0)["configuration"] == ("warning", "cannot be used: the next start will fail")


@pytest.mark.parametrize(
    "free, total, status, verdict",
    [(50e9, 100e9, 0, "fine"), (5e9, 100e9, 0, "warning"), (5e8, 100e9, 1, "wrong"), (1e8, 2e8, 1, "wrong")],
)
def test_a_disk_that_fills_up(
    site: Path,
    answer: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    free: float,
    total: float,
    status: int,
    verdict: str,
) -> None:
    about = SimpleNamespace(f_bavail=int(free / 4096), f_blocks=int(total / 4096), f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda path: about)
    assert findings(site, status)["disk (data)"][0] == verdict


def test_how_old_the_last_backup_is(site: Path, answer: dict[str, Any]) -> None:
    assert "backup" not in findings(site, 0)  # nobody has made a directory for them
    (site / "backups").mkdir()
    assert findings(site, 0)["backup"] == ("warning", f"none in {site}/backups")
    file = site / "backups" / "appliance-20261120-020000Z.tar.gz"
    file.touch()
    os.utime(file, (NOW - 3 * 3600,) * 2)
    assert findings(site, 0)["backup"] == ("fine", "the last one is 3 h old")
    os.utime(file, (NOW - 5 * DAY,) * 2)
    assert findings(site, 0)["backup"] == ("warning", "the last one is 5 days old")


# backup, restore, tidy, erase


@pytest.fixture
def records(site: Path) -> Iterator[Path]:
    """A call of Ann's, forty days ago, with a recording."""
    recording = site / "recordings" / "c.1.wav"
    recording.parent.mkdir()
    recording.write_bytes(b"a talk")
    at = NOW - 40 * DAY
    database = open_database("sqlite", site / "var")
    Store(database).write(
        [
            f.CallStarted("c", at, "leg", "89161234567", "Ann", "4420", "trunk"),
            f.CallIdentified("c", at, ANN, "4420", "Ann", None, "en"),
            f.RecordingStarted("c", at, str(recording)),
            f.CallEnded("c", at + 60, CallOutcome.ANSWERED),
        ]
    )
    database.close()
    yield site
    t.database.close()


def test_backup_and_restore_say_what_they_do(records: Path) -> None:
    said = run(records, "backup").output
    file = records / "backups" / "appliance-20261120-090000Z.tar.gz"
    assert said.startswith(f"{file} has records, configuration and secrets (0.0 MB).")
    said = run(records, "restore", "--yes", str(file)).output
    assert said.splitlines() == [
        f"A backup of Tea, made 2026-11-20 12:00:00 by version {program_version()}. From it",
        f"  the records replace the records in {records}/var",
        f"  the configuration and the secrets replace {records}/etc and {records}/etc/secrets.yml",
        "Restored: records, configuration.",
        f"What was there before is {records}/etc.before-restore-20261120-090000Z.",
        f"What was there before is {records}/var/appliance.sqlite3.before-restore-20261120-090000Z.",
        "Run `appliance apply`, so that the switch has the same configuration.",
        "Now start the appliance: systemctl start appliance",
    ]


def test_a_backup_that_is_not_there(site: Path) -> None:
    with pytest.raises(FileNotFoundError):
        run(site, "restore", "--yes", f"{site}/nowhere.tar.gz")


def test_restore_for_programs(records: Path) -> None:
    run(records, "backup", f"{records}/b.tar.gz")
    data = json.loads(
        run(records, "restore", "--yes", "--json", "--only", "records", f"{records}/b.tar.gz").output
    )
    assert data["parts"] == ["records"] and data["made_at"] == "2026-11-20T09:00:00.000+00:00"


def test_tidy_does_what_the_configuration_says(records: Path) -> None:
    said = run(records, "tidy").output
    assert said == (
        "`keep:` in site.yml does not limit how long records and recordings are kept.\n"
        "Removed 0 rows of the journal.\n"
    )
    with (records / "etc" / "site.yml").open("a") as site:
        site.write("keep: {records: 3y, recordings: 30d}\n")
    assert json.loads(run(records, "tidy", "--json").output)["recordings"] == 1
    said = run(records, "tidy").output
    assert (
        said == "Removed 0 calls, 0 stretches of agents' work, 0 events, 0 recordings and 0 rows of the journal.\n"
    )


def test_erase_asks_first(records: Path) -> None:
    with pytest.raises(Trouble, match="say --yes"):
        run(records, "erase", "--number", ANN)


def test_erase_says_what_is_left_elsewhere(records: Path) -> None:
    (records / "etc" / "customers.csv").write_text(f"number,name,group,language\n{ANN},Ann,,\n")
    run(records, "backup")
    result = run(records, "erase", "--number", "8 (916) 123-45-67", "--yes")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        f"Erased {ANN} from 1 call and 3 events, and 1 recording.",
        "The list of customers still has this number: take it out there, and restart the appliance.",
        f"1 backup in {records}/backups may have it, until newer ones replace them.",
    ]
    data = json.loads(run(records, "erase", "--number", ANN, "--yes", "--json").output)
    assert (data["number"], data["calls"]) == (ANN, 0)


def test_what_is_no_number_is_said_so(records: Path) -> None:
    with pytest.raises(Trouble, match="'Ann' is not a telephone number"):
        run(records, "erase", "--number", "Ann", "--yes")
