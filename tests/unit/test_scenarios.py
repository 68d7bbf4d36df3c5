"""Every story about the call centre is told on every switch."""

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
SWITCHES = ("asterisk", "freeswitch")
STORIES = sorted(file.stem.removeprefix("story_") for file in (TESTS / "scenarios").glob("story_*.py"))


def own_tests(file: Path) -> list[str]:
    """The tests that a file itself defines."""
    tree = ast.parse(file.read_text())
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("story", STORIES)
def test_every_story_is_told_on_every_switch(story: str, switch: str) -> None:
    file = TESTS / switch / f"test_{story}.py"
    taken = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ImportFrom)]
    whole = [node.module for node in taken if [name.name for name in node.names] == ["*"]]
    assert whole == [f"tests.scenarios.story_{story}"]
    told = own_tests(TESTS / "scenarios" / f"story_{story}.py")
    assert told and not {*told} & {*own_tests(file)}, "a test of the switch's own hides one of the story's"


def test_there_are_stories() -> None:
    assert STORIES
