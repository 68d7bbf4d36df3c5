"""What docs/prompts.md says is what callers hear."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from pathlib import Path

import pytest

from appliance.line.visits import Expected
from appliance.speech.templates import fill
from appliance.speech.values import VALUES, Where

PAGE = (Path(__file__).parents[2] / "docs" / "prompts.md").read_text()
VALUES_THERE: Mapping[str, object] = {
    "place": 3,
    "ahead": 2,
    "wait": Expected(850.0, 1230.0, 1690.0),
    "number": "+74957654321",
    "date": date(2027, 1, 3),
    "time": time(9, 30),
    "when": (datetime(2027, 1, 4, 9), datetime(2027, 1, 3, 20)),
    "key": "1",
    "opens": (datetime(2027, 1, 4, 9, 30), datetime(2027, 1, 2, 20)),
}


def rows(begin: str, end: str) -> list[list[str]]:
    """The cells of the tables between two pieces of text."""
    part = PAGE[PAGE.index(begin) : PAGE.index(end)]
    lines = [line for line in part.splitlines() if line.startswith("| ")]
    return [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


EXAMPLES = [("ru", *row) for row in rows("In Russian:", "In English:")[1:]]
EXAMPLES += [("en", *row) for row in rows("In English:", "## Announcements")[1:]]


@pytest.mark.parametrize("language, text, said", EXAMPLES)
def test_the_examples(language: str, text: str, said: str) -> None:
    assert fill(text, language, VALUES_THERE.get) == said


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 20


COLUMNS = [
    {Where.GREETING, Where.MENU, Where.MESSAGE},
    {Where.QUEUE_GREETING},
    {Where.LINE},
    {Where.WHISPER},
    {Where.AGENT},
    {Where.PHRASE},
    {Where.CALLBACK},
    {Where.AGENT_CALLBACK},
    {Where.TASK},
]


def test_the_table_of_values() -> None:
    expected = [
        [f"`{{{value.name}}}`", value.what, *("yes" if column <= value.where else "" for column in COLUMNS)]
        for value in VALUES.values()
    ]
    assert rows("## Values", "`appliance check` knows")[1:] == expected
