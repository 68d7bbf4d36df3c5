"""Boxes for messages as they are written, and what is wrong or hardly meant."""

from pathlib import Path

import pytest

from appliance.configuration.checks import load
from appliance.secrets import needed
from appliance.settings import Box, Prompt, Say
from tests.unit.test_hardly_meant import directory as directory
from tests.unit.test_hardly_meant import said

BOXES = """
voicemail:
  tea: {name: Tea, number: 801, greeting: Speak., longest: 2m}
  milk: {number: 802}
numbers: {"+74951234568": {open: {voicemail: tea}}}
phones: {205: {name: Kitchen, voicemail: milk}}
"""


def test_what_is_written(directory: Path) -> None:
    assert said(directory, BOXES) == []
    settings = load(directory).settings
    assert settings is not None
    assert settings.voicemail == {
        "tea": Box("tea", "Tea", "801", Prompt({"en": Say("Speak.")}), 120.0),
        "milk": Box("milk", "milk", "802"),
    }
    assert settings.numbers["+74951234568"].open.voicemail == "tea"
    assert settings.phones["205"].voicemail == "milk"
    assert {"voicemail-tea", "voicemail-milk"} <= {*needed(settings)}
    assert settings.codes.voicemail == "*97"


@pytest.mark.parametrize(
    "text, complaint",
    [
        (BOXES.replace("802", "801"), 'The number 801 is that of the box "tea" too.'),
        (BOXES.replace("voicemail: tea", "voicemail: coffee"), 'There is no voicemail "coffee".'),
        (BOXES.replace("voicemail: milk", "voicemail: cream"), 'There is no voicemail "cream".'),
        (BOXES.replace("{number: 802}", "{name: Milk}"), "number"),
        (BOXES + 'codes: {voicemail: "*11"}\n', "The code"),
    ],
)
def test_what_is_wrong(directory: Path, text: str, complaint: str) -> None:
    (directory / "x.yml").write_text(text)
    checked = load(directory)
    assert checked.settings is None
    assert any(complaint in str(problem) for problem in checked.problems), checked.problems


def test_a_box_that_nobody_comes_to(directory: Path) -> None:
    (warning,) = said(directory, BOXES.replace(", voicemail: milk", ""))
    assert 'No call ever comes to the voicemail "milk".' in warning
