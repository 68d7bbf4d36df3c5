"""Commands by which supervisors open and close, and put notices in front of callers."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import facts as f
from appliance.console import ConsoleServer, NotRunning
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.trouble import Trouble
from tests.unit.cli.site import NOON, run

HOURS = """
hours:
  office: {open: mon-fri 9:00-18:00, holidays: 11-15}
  night: {open: mon-sun 0:00-9:00, time_zone: Asia/Vladivostok}
"""
VIEW = {
    **{"schedule": "office", "time_zone": "Europe/Moscow", "open": False, "why": "by root until 18:00"},
    **{"cause": "by hand", "changes_at": NOON, "opens_at": None, "used_by": ["number 4420"], "by_hand": None},
}


class Appliance:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []
        self.staged = b""

    def handle(self, command: str, arguments: dict[str, object]) -> object:
        self.asked.append((command, arguments))
        if command == "notice-set":
            return {"target": arguments["target"], "until": NOON + 7200}
        return [VIEW] if command.startswith("hours") else {}


@pytest.fixture
def appliance(site: Path) -> Iterator[Appliance]:
    (site / "config" / "hours.yml").write_text(HOURS)
    appliance = Appliance()
    server = ConsoleServer(site / "data" / "console", appliance.handle)
    server.start()
    yield appliance
    server.stop()


def test_the_hours_as_the_appliance_sees_them(site: Path, appliance: Appliance) -> None:
    line = run(site, "hours").output.splitlines()[1]
    assert line.split() == [
        *("office", "closed", "by", "root", "until", "18:00"),
        *("2023-11-15", "01:13", "-", "number", "4420"),
    ]
    (view,) = json.loads(run(site, "hours", "--at", "2026-12-31 14:00", "--json").output)
    assert view["changes_at"] == "2023-11-15T01:13:20.000+03:00"
    assert [arguments for _, arguments in appliance.asked] == [{"at": None}, {"at": 1798714800.0}]


def test_the_hours_while_the_appliance_does_not_run(site: Path) -> None:
    (site / "config" / "hours.yml").write_text(HOURS)
    output = run(site, "hours").output
    assert "closed  holiday 2023-11-15" in output  # by the day in Moscow
    assert "The appliance is not running" in output
    database = open_database("sqlite", site / "data", upgrade=True)
    Store(database).write([f.HoursSet("office", NOON, True, NOON + 7200, "Anna Sokolova", "campaign")])
    database.close()
    output = run(site, "hours").output
    assert "open  by Anna Sokolova until 03:13 (campaign)" in output
    (office, night) = json.loads(run(site, "hours", "--json").output)
    assert (office["by_hand"]["by"], office["cause"], night["open"]) == ("Anna Sokolova", "by hand", True)
    later = json.loads(run(site, "hours", "--json", "--at", "2023-11-16 12:00").output)
    assert (later[0]["open"], later[0]["cause"], later[0]["by_hand"]) == (True, "hours", None)


def test_opening_and_closing(site: Path, appliance: Appliance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "olga")
    assert "office" in run(site, "hours", "close", "office", "--until", "18:00", "--comment", "water").output
    run(site, "hours", "open", "all", "--for", "2h")
    run(site, "hours", "auto", "office")
    by = "olga (command line)"
    assert appliance.asked == [
        (
            "hours-set",
            {"schedule": "office", "open": False, "length": None, "until": "18:00", "comment": "water", "by": by},
        ),
        (
            "hours-set",
            {"schedule": "all", "open": True, "length": "2h", "until": None, "comment": "", "by": by},
        ),
        ("hours-follow", {"schedule": "office", "by": by}),
    ]


@pytest.mark.parametrize(
    "command",
    [
        "hours open office --for 2h",
        "hours auto office",
        "notice set all Storm --for 2h",
        "notice end all",
    ],
)
def test_nothing_can_be_set_while_the_appliance_does_not_run(site: Path, command: str) -> None:
    with pytest.raises(NotRunning, match="The appliance is not running"):
        run(site, *command.split())


def test_what_is_no_time_is_refused(site: Path) -> None:
    with pytest.raises(Trouble, match="'noon' is not a time"):
        run(site, "hours", "--at", "noon")


def test_setting_a_notice(site: Path, appliance: Appliance, quiet: bytes) -> None:
    said = run(site, "notice", "set", "all", "We have no light", "--for", "2h", "--language", "en").output
    assert said == "Callers of all hear it until 2023-11-15 03:13:20 (Europe/Moscow).\n"
    _, arguments = appliance.asked[-1]
    assert (arguments["text"], arguments["language"], arguments["then"]) == ("We have no light", "en", "continue")
    sound = site / "storm.wav"
    sound.write_bytes(quiet)
    run(site, "notice", "set", "4420", str(sound), "--until", "18:00", "--then", "hang-up")
    _, arguments = appliance.asked[-1]
    assert arguments["then"] == "hang-up" and str(arguments["file"]).endswith(".wav")
    assert not list((site / "data" / "notices").iterdir())  # an appliance would have taken it away
    with pytest.raises(Trouble, match="There is no file"):
        run(site, "notice", "set", "all", "none.wav", "--for", "2h")
    (site / "bad.wav").write_text("no sound")
    with pytest.raises(Trouble, match="failed on the sound"):
        run(site, "notice", "set", "all", str(site / "bad.wav"), "--for", "2h")


def test_notices_with_what_became_of_their_callers(records: Path) -> None:
    assert run(records, "notice").output == "No notice is in force; --all shows those that were.\n"
    database = open_database("sqlite", records / "data", upgrade=True)
    Store(database).write(
        [
            f.NoticeSet("n1", NOON, "all", "en", "Storm", "/s/n1", NOON + 60, "Anna", False),
            f.NoticeSet("n2", NOON, "4420", "en", "", "/s/n2", NOON + 7200, "Anna", True),
            f.NoticeBegun("n1", "20231115-1", NOON),
            f.NoticeHeard("n1", "20231115-1", NOON + 4),
            f.NoticeBegun("n1", "20231115-2", NOON),
        ]
    )
    database.close()
    assert "Storm" not in run(records, "notice").output and "recorded" in run(records, "notice").output
    lines = run(records, "notice", "--all").output.splitlines()
    assert lines[1].split()[-3:] == ["continue", "2", "0"]  # both have stood in line afterwards
    assert lines[2].split()[-3:] == ["hang-up", "0", "0"]
    over, still = json.loads(run(records, "notice", "--all", "--json").output)
    assert (over["over"], over["until"], still["over"]) == (True, "2023-11-15T01:14:20.000+03:00", False)
    report = json.loads(run(records, "report", "--day", "2023-11-15", "--json").output)
    assert [each["notice"] for each in report["notices"]] == ["n1"]
