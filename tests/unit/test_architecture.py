"""Who may import whom: the walls of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("appliance", "agi", "esl", "dialplan", "provisioning")
APPLIANCE = ROOT / "appliance"

# Where the adapters are put to use.
SEE_EVERYTHING = {"main.py", "cli.py", "daemon.py", "commands", "lab", "workshop.py"}

# What decides must not read, write, wait or look at a clock: rooms, but for the files that do it for them.
PURE_ROOMS = {
    "facts": set(),
    "line": set(),
    "settings": set(),
    "configuration": {"customers.py"},
    "configuration/checking": {"on_disk.py"},
    "speech": set(),
    "speech/words": set(),
    "hours": set(),
    "trunks": set(),
    "tasks": {"calls.py", "desk.py", "escalation.py", "mail.py", "posting.py"},
    "callbacks": {"dialler.py", "web.py", "webhook.py", "webhook_post.py"},
    "staffing": {"history.py"},
    "traffic": set(),
    "whatif": {"recorded.py", "replay.py", "replayed.py", "study.py"},
    "importing": {"files.py", "drafting.py"},
}
PURE = [
    *(APPLIANCE / f"{name}.py" for name in ("identify", "owed", "ivr", "names", "phones", "plain", "port")),
    *(APPLIANCE / f"{name}.py" for name in ("recovery", "watching")),
    *(
        file
        for room, others in PURE_ROOMS.items()
        for file in (APPLIANCE / room).glob("*.py")
        if file.name not in others
    ),
]
IMPURE = {
    *("gevent", "time", "socket", "subprocess", "os", "threading", "asyncio", "random", "peewee", "playhouse"),
    *("logging", "shutil", "tempfile", "secrets"),
}


def imports(file: Path) -> Iterator[str]:
    """Every module a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def sources(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def tops(file: Path) -> set[str]:
    return {name.split(".")[0] for name in imports(file)}


@pytest.mark.parametrize("file", sources("appliance"), ids=str)
def test_the_core_imports_no_adapter(file: Path) -> None:
    if SEE_EVERYTHING & {*file.relative_to(APPLIANCE).parts}:
        return
    assert not tops(file) & {"agi", "esl", "dialplan", "provisioning"}


@pytest.mark.parametrize("folder", [f for f in OURS[1:] if (ROOT / f).exists()])
def test_adapters_do_not_import_each_other(folder: str) -> None:
    for file in sources(folder):
        assert not tops(file) & ({*OURS[1:]} - {folder}), file


@pytest.mark.parametrize("file", sorted(PURE), ids=str)
def test_what_decides_is_pure(file: Path) -> None:
    assert not tops(file) & IMPURE


@pytest.mark.parametrize(
    "library, homes",
    [
        ("asterisk", {"agi/wire.py", "agi/control.py"}),
        ("greenswitch", {"esl/wire.py", "esl/control.py"}),
    ],
)
def test_the_libraries_of_switches_stay_in_their_rooms(library: str, homes: set[str]) -> None:
    users = {
        str(file.relative_to(ROOT))
        for folder in OURS
        if (ROOT / folder).exists()
        for file in sources(folder)
        if library in tops(file)
    }
    assert users == homes


@pytest.mark.parametrize("folder", [f for f in OURS if (ROOT / f).exists()])
def test_nobody_uses_threads_or_asyncio(folder: str) -> None:
    for file in sources(folder):
        if file.name == "softphone.py":  # a process of its own, around a library that has threads
            continue
        assert not tops(file) & {"threading", "asyncio", "concurrent"}, file


def test_monkey_patching_happens_once() -> None:
    users = [file for file in sources("appliance") if "gevent.monkey" in set(imports(file))]
    assert [file.name for file in users] == ["main.py"]
