"""Calls after the move: each sample is imported, found in order, rendered for both switches, and called."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from appliance.cli import cli
from appliance.configuration import checks
from appliance.configuration.problems import Report
from appliance.configuration.reading import read
from appliance.rehearsal.imagined import ImaginedCall
from appliance.rehearsal.premises import Premises
from appliance.rehearsal.trace import Trace, trace
from appliance.secrets import Secrets, add_missing, needed
from appliance.settings import Settings, SwitchKind
from dialplan.render import Paths, render
from tests.unit.importing.conftest import SAMPLES

SITE = ("--country", "RU", "--language", "ru", "--time-zone", "Europe/Moscow")
SOURCES = {"freepbx": "freepbx.sql", "fusionpbx": "fusionpbx", "asterisk": "asterisk"}
PATHS = Paths(Path("/etc/switch"), Path("/srv/sounds"), Path("/srv/music"), Path("/srv/recordings"))
MAIN, SECOND = "+74951234567", "+74951234568"
NOON, SUNDAY, HOLIDAY = "2026-11-24T12:00", "2026-11-29T12:00", "2027-01-04T12:00"


@pytest.fixture(scope="session")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The directory into which each sample was imported, without anything that `check` finds wrong."""
    directories = {}
    for kind, source in SOURCES.items():
        directories[kind] = tmp_path_factory.mktemp(kind)
        arguments = ["import", kind, str(SAMPLES / source), "--into", str(directories[kind]), *SITE]
        result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
        assert result.exit_code == 0, result.output
    return directories


def called(directory: Path, to: str, at: str, *keys: str) -> Trace:
    """What becomes of a call, when every agent is there."""
    premises = Premises(read(directory, Report()))
    moment = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("Europe/Moscow")).timestamp()
    agents = tuple(premises.settings.agents)
    return trace(premises, ImaginedCall("+79161234567", to, moment, keys=keys, signed_on=agents))


def heard(told: Trace) -> list[str]:
    return [moment.text for moment in told.moments if moment.kind == "hears"]


@pytest.mark.parametrize("kind", SOURCES)
@pytest.mark.parametrize("switch", SwitchKind)
def test_both_switches_can_be_told(
    kind: str, switch: SwitchKind, moved: Mapping[str, Path], tmp_path: Path
) -> None:
    settings = _settings(moved[kind], switch)
    secrets_file = tmp_path / "secrets.yml"
    secrets_file.write_text((moved[kind] / "secrets.yml").read_text())
    secrets_file.chmod(0o600)
    add_missing(secrets_file, settings)
    secrets = Secrets.read(secrets_file)
    files = render(settings, {name: secrets.get(name) for name in needed(settings)}, PATHS)
    text = "\n".join(files.values())
    assert all(f"phone-{id}" in secrets.names() and id in text for id in settings.phones)
    assert all(id in text for id in settings.queues)


def _settings(directory: Path, switch: SwitchKind) -> Settings:
    checked = checks.load(directory)
    assert checked.settings is not None, checked.problems
    if (
        switch is SwitchKind.FREESWITCH
    ):  # which cannot know a provider by its name: the operator adds the addresses
        trunks = {id: replace(trunk, addresses=("198.51.100.1",)) for id, trunk in checked.settings.trunks.items()}
        return replace(checked.settings, switch=switch, trunks=trunks)
    return checked.settings


@pytest.mark.parametrize(
    "kind, to, at, keys, stands",
    [
        # FreePBX: announcement, time conditions, IVR
        ("freepbx", MAIN, NOON, ["3"], ["menu glavnoe-menyu", "queue support"]),
        ("freepbx", MAIN, NOON, ["1"], ["menu glavnoe-menyu", "queue otdel-prodazh"]),
        ("freepbx", MAIN, NOON, ["4"], ["menu glavnoe-menyu", "queue sklad"]),
        ("freepbx", MAIN, NOON, [""] * 4, ["menu glavnoe-menyu", "queue otdel-prodazh"]),
        ("freepbx", SECOND, "2026-11-28T13:59", ["1"], ["menu glavnoe-menyu", "queue otdel-prodazh"]),
        ("freepbx", "+74951234569", SUNDAY, [], ["queue support"]),
        ("freepbx", "400", NOON, [], ["queue otdel-prodazh"]),
        # an announcement, after which the caller is in the menu above again
        (
            "freepbx",
            MAIN,
            NOON,
            ["9", "1", "", "", ""],
            ["menu glavnoe-menyu", "menu about-us", "menu our-history", "menu about-us", "hang up"],
        ),
        # FusionPBX
        ("fusionpbx", MAIN, NOON, ["3"], ["menu glavnoe-menyu", "queue support"]),
        (
            "fusionpbx",
            MAIN,
            NOON,
            ["9", "*", "1"],
            ["menu glavnoe-menyu", "menu about", "menu glavnoe-menyu", "queue otdel-prodazh"],
        ),
        ("fusionpbx", SECOND, "2026-11-24T17:59", ["4"], ["menu glavnoe-menyu", "queue sklad"]),
        ("fusionpbx", "+74951234562", SUNDAY, [], ["queue support"]),
        ("fusionpbx", "8001", SUNDAY, [], ["queue otdel-prodazh"]),
        # Asterisk
        ("asterisk", MAIN, NOON, ["3"], ["menu main-menu", "queue support"]),
        ("asterisk", MAIN, NOON, ["6", "1"], ["menu main-menu", "menu news", "menu main-menu", "queue sales"]),
        ("asterisk", MAIN, NOON, ["4"], ["menu main-menu", "queue dial-201-202"]),
        ("asterisk", MAIN, NOON, ["", "", ""], ["menu main-menu", "queue sales"]),
        ("asterisk", SECOND, SUNDAY, [], ["queue support"]),
        ("asterisk", "500", SUNDAY, ["1"], ["menu main-menu", "queue sales"]),
    ],
)
def test_a_call_reaches_what_it_reached_before(
    kind: str, to: str, at: str, keys: list[str], stands: list[str], moved: Mapping[str, Path]
) -> None:
    told = called(moved[kind], to, at, *keys)
    assert told.stands == stands
    assert (told.answered_by is not None) is any(place.startswith("queue") for place in stands)


@pytest.mark.parametrize(
    "kind, number, closed, holiday",
    [
        ("freepbx", MAIN, "support", "About: press 1"),
        ("fusionpbx", MAIN, "", "К сожалению, сейчас никто не может ответить."),  # noqa: RUF001
        ("asterisk", MAIN, "closed", "holiday"),
    ],
)
def test_when_it_is_closed_and_on_holidays(
    kind: str, number: str, closed: str, holiday: str, moved: Mapping[str, Path]
) -> None:
    for at, words in ((SUNDAY, closed), (HOLIDAY, holiday)):
        told = called(moved[kind], number, at)
        assert told.stands == (["message"] if words else ["hang up"])
        assert not words or words in heard(told)[-1]


def test_a_phone_that_a_menu_led_to_rings(moved: Mapping[str, Path]) -> None:
    for kind in SOURCES:
        assert any("201" in moment.text for moment in called(moved[kind], MAIN, NOON, "5").moments), kind
    assert any("203" in moment.text for moment in called(moved["asterisk"], MAIN, NOON, "7").moments)
