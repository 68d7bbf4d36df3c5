"""The commands about tasks and about callers whom nobody has served."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance import facts as f
from appliance.console import ConsoleServer
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.tasks.words import TaskKind, Way
from appliance.trouble import Trouble
from tests.unit.cli.site import NOON, run

TASK = "20231115-1.1.t7"


class Daemon:
    """Remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, object]]] = []

    def handle(self, command: str, arguments: dict[str, object]) -> object:
        self.asked.append((command, arguments))
        return {"task": TASK}


@pytest.fixture
def daemon(site: Path) -> Iterator[Daemon]:
    daemon = Daemon()
    server = ConsoleServer(site / "data" / "console", daemon.handle)
    server.start()
    yield daemon
    server.stop()


@pytest.fixture
def store(records: Path) -> Store:
    store = Store(open_database("sqlite", records / "data"))
    key = ("dispositions", "talks", "choices", "2", "task")
    more = {"about": "20231115-1.1", "queue": "sales", "number": "+79161234567", "owner": "1001", "because": key}
    opened = f.TaskOpened(TASK, NOON, TaskKind.QUESTION, "To be called back", NOON + 300, "agent 1001", **more)
    later = f.TaskOpened("20231115-9.t", NOON, TaskKind.OTHER, "Write", NOON + 90000, "Anna (command line)")
    late = f.TaskEscalated(TASK, NOON + 300, 1, 0, Way.WEBHOOK, "webhook https://x", ("escalation", "0"))
    store.write([opened, later, late, f.TaskTold(TASK, NOON + 301, 1, True, True, "taken")])
    return store


def test_what_is_to_be_done(site: Path, store: Store) -> None:
    lines = run(site, "tasks").output.splitlines()
    assert [line.split()[2] for line in lines[1:]] == ["late", "open"]
    assert TASK in lines[1] and "+79161234567" in lines[1]
    (late,) = json.loads(run(site, "tasks", "--late", "--json").output)
    assert (late["task"], late["owner"], late["late"]) == (TASK, "1001", True)
    assert late["due_at"] == "2023-11-15T01:18:20.000+03:00"
    (other,) = json.loads(run(site, "tasks", "--owner", "nobody", "--json").output)
    assert other["task"] == "20231115-9.t"
    store.write([f.TaskDone(TASK, NOON + 400, "called", "Anna")])
    assert run(site, "tasks", "--queue", "sales").output == "There is nothing to be done.\n"
    assert "done late" in run(site, "tasks", "--all").output


def test_the_story_of_one(site: Path, store: Store) -> None:
    store.write(
        [
            f.TaskAssigned(TASK, NOON + 310, "1002", "Anna"),
            f.TaskMoved(TASK, NOON + 320, NOON + 9000, "Anna", "on holiday"),
        ]
    )
    told = run(site, "tasks", "show", "20231115-1").output
    assert told.splitlines()[0] == f"{TASK}: To be called back (question of +79161234567, about 20231115-1.1)"
    story = json.loads(run(site, "tasks", "show", TASK, "--json").output)["story"]
    assert [(each["what"], each["detail"]) for each in story] == [
        ("opened", "by agent 1001, for agent 1001"),
        ("late", "webhook https://x"),
        ("told", "taken"),
        ("assigned", "by Anna, to agent 1002"),
        ("moved", "by Anna: on holiday"),
    ]
    assert story[0]["because"] == ["dispositions", "talks", "choices", "2", "task"]
    for given, why in (("2023", "Several tasks begin with"), ("x", "There is no task 'x'")):
        with pytest.raises(Trouble, match=why):
            run(site, "tasks", "show", given)


@pytest.mark.parametrize(
    "arguments, asked, wanted",
    [
        (["done", "20231115-1", "--outcome", "called"], "task-done", {"task": TASK, "outcome": "called"}),
        (["assign", TASK, "1002"], "task-assign", {"task": TASK, "owner": "1002"}),
        (["assign", TASK, "nobody"], "task-assign", {"task": TASK, "owner": None}),
        (["move", TASK, "--in", "1h"], "task-move", {"task": TASK, "due": NOON + 4200, "why": ""}),
        (
            ["add", "Write", "--in", "4h", "--owner", "1001", "--number", "8 495 123-45-67"],
            "task-add",
            {
                **{"text": "Write", "due": NOON + 600 + 4 * 3600, "owner": "1001", "number": "+74951234567"},
                **{"queue": None, "about": None},
            },
        ),
    ],
)
def test_what_the_appliance_is_asked(
    site: Path, store: Store, daemon: Daemon, arguments: list[str], asked: str, wanted: dict[str, object]
) -> None:
    assert run(site, "tasks", *arguments).exit_code == 0
    ((command, sent),) = daemon.asked
    assert sent.pop("by")
    assert (command, sent) == (asked, wanted)


@pytest.mark.parametrize(
    "arguments, why",
    [
        (["add", " "], "Say what is to be done"),
        (["add", "x", "--number", "abc"], "'abc' is not a telephone number"),
        (["add", "x", "--in", "4h", "--due", "18:00"], "either as --in 4h or as --due 18:00"),
        (["add", "x", "--in", "soon"], "'soon' is not a length of time"),
        (["move", "last"], "Say by when"),
        (["done", "nothing"], "There is no task 'nothing'"),
    ],
)
def test_what_cannot_be(site: Path, store: Store, daemon: Daemon, arguments: list[str], why: str) -> None:
    with pytest.raises(Trouble, match=why):
        run(site, "tasks", *arguments)
    assert daemon.asked == []


def test_callers_whom_nobody_has_served(site: Path, records: Path) -> None:
    day = ("--day", "2023-11-15")
    header, line = run(site, "abandoned", *day).output.splitlines()
    assert header.split()[:5] == ["left", "queue", "number", "name", "why"]
    assert line.split()[2:8] == ["sales", "withheld", "-", "hung", "up", "0:30"]
    (one,) = json.loads(run(site, "abandoned", *day, "--open", "--json").output)
    assert (one["call"], one["reason"], one["number"], one["open"]) == ("20231115-2", "hung up", None, True)
    assert run(site, "abandoned", "--day", "2023-11-14").output == "There are no such callers.\n"
    with pytest.raises(Trouble, match="There is no queue 'milk': there are sales"):
        run(site, "abandoned", *day, "--queue", "milk")
    assert "not served" in run(site, "report", *day).output
