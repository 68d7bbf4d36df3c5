"""Who may import whom: the walls of the house."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("appliance", "agi", "esl", "dialplan", "provisioning")
# And the lab.
SEE_EVERYTHING = {
    "main.py",
    "cli_day.py",
    "cli_diff.py",
    "cli_versions.py",
    "cli.py",
    "cli_check.py",
    "cli_phones.py",
    "cli_provisioning.py",
    "daemon.py",
    "workshop.py",
}

# These decide, and so must not read, write, wait or look at a clock.
PURE = {
    *("acd", "agents", "strategies", "rules", "lanes", "matching", "offers", "visits", "skills", "reach"),
    *("app_queue", "leaving", "leaving_settings", "leaving_sections", "destination_settings"),
    *("deadlines", "erlang", "explaining", "misses", "queue_settings", "queue_sections", "sticky"),
    *("messages", "facts", "settings", "port", "names", "hours", "identify"),
    *("ivr", "phones", "prompts", "watching", "recovery", "values", "templates", "voice"),
    *("estimate", "experience", "waits"),
    *("words/common", "words/english", "words/other", "words/russian"),
    *("by_hand", "notices", "expiry", "hours_words", "hours_settings"),
    *("outbound", "number_forms", "sip_words", "trunk_lines", "trunk_settings"),
    *("plain", "line_state", "journal"),
    *(f"whatif/{name}" for name in ("past", "lasting", "habits", "changes", "day", "comparison")),
    *("syntax", "problems", "tables", "fields", "shapes", "outline"),
    *("sections", "trunk_sections", "site_sections"),
    *(f"staffing/{file.stem}" for file in (ROOT / "appliance/staffing").glob("*.py") if file.stem != "history"),
    *(f"traffic/{file.stem}" for file in (ROOT / "appliance/traffic").glob("*.py")),
    *(f"checking/{file.stem}" for file in (ROOT / "appliance/checking").glob("*.py") if file.stem != "on_disk"),
}
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
    if file.name in SEE_EVERYTHING or "lab" in file.parts:
        return
    assert not tops(file) & {"agi", "esl", "dialplan", "provisioning"}


@pytest.mark.parametrize("folder", [f for f in OURS[1:] if (ROOT / f).exists()])
def test_adapters_do_not_import_each_other(folder: str) -> None:
    for file in sources(folder):
        assert not tops(file) & ({*OURS[1:]} - {folder}), file


@pytest.mark.parametrize("name", sorted(PURE))
def test_what_decides_is_pure(name: str) -> None:
    assert not tops(ROOT / "appliance" / f"{name}.py") & IMPURE


@pytest.mark.parametrize("file", sources("appliance/importing"), ids=str)
def test_importers_are_pure_but_for_two(file: Path) -> None:
    """What reads files, and what puts them together."""
    if file.name not in ("files.py", "drafting.py"):
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
