"""Commands that ask the running appliance: what they print for people and for programs."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.console import ConsoleServer
from appliance.trouble import Trouble
from tests.unit.cli.site import NOON, run

AGENT = {
    **{"agent": "1001", "name": "Anna", "state": "wrap-up", "reason": "", "since": NOON, "until": NOON + 30},
    **{"phone": "201", "reachable": False, "queue": "sales", "call": "20231115-1"},
    "afterwards": None,
}


WAITING = {
    **{"call": "20231115-3", "number": None, "customer": "Eve\x1b[2J", "joined_at": NOON + 555},
    **{"head_start": 60.0, "needs": "english>=4", "place": 1, "state": "waiting"},
    "expected": {"low": 90.0, "middle": 150.0, "high": 245.0},
}


MEMBER = {"agent": "1001", "name": "Anna", "state": "ready", "obstacle": "phone not reachable"}


QUEUE = {
    **{"queue": "sales", "name": "Sales", "strategy": "longest-idle", "ready": 1, "talking": 2, "wrap_up": 3},
    **{"paused": 4, "waiting": [WAITING], "agents": [MEMBER, {**MEMBER, "agent": "1002", "obstacle": None}]},
    "bound": {"times": 1.0, "seconds": 60.0},
    **{"leaving": [], "nobody_there": False, "empty_since": None},
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
    assert lines[2] == "  nobody is passed over for a caller who comes more than 1:00 later"
    assert lines[4].split() == [
        "1",
        "anonymous",
        "Eve\N{REPLACEMENT CHARACTER}[2J",
        "0:45",
        "1:30",
        "to",
        "4:05",
        "60",
        "s",
        "english>=4",
        "waiting",
        "20231115-3",
    ]


@pytest.mark.parametrize(
    ("bound", "sentence"),
    [
        (None, "strict order: the highest priority first, however long others wait"),
        ({"times": 1.0, "seconds": 0.0}, "callers are served in the order in which they come"),
        (
            {"times": 2.5, "seconds": 90.0},
            "a caller waits at most 2.5 times as long as any who is served first by the same agents, "
            "and 1:30 more",
        ),
    ],
)
def test_queues_say_how_long_a_caller_can_be_passed_over(
    site: Path, daemon: Daemon, bound: object, sentence: str
) -> None:
    daemon.data["queues"] = [{**QUEUE, "bound": bound}]
    assert run(site, "queues").output.splitlines()[2] == f"  {sentence}"


def test_queues_say_what_who_joins_has_to_expect(site: Path, daemon: Daemon) -> None:
    expected = {"low": 90.0, "middle": 150.0, "high": 245.0}
    daemon.data["queues"] = [{**QUEUE, "ready": 0, "expected": expected, "hit_rate": 0.82, "waiting": []}]
    said = "who joins now is expected to wait 1:30 to 4:05 (82% of the last such estimates were right)"
    assert run(site, "queues").output.splitlines()[3] == f"  {said}"


def test_status_says_what_who_joins_has_to_expect(site: Path, daemon: Daemon) -> None:
    expected = {"sales": {"low": 90.0, "middle": 150.0, "high": 245.0}, "support": None}
    daemon.data["status"] = {**STATUS, "expected": expected}
    output = run(site, "status").output
    assert "wait    sales: 1:30 to 4:05\nwait    support: not known\n" in output


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
