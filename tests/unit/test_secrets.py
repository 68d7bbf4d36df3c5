"""Passwords and PINs in a file of their own."""

import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.secrets import Secrets, add_missing, change, needed
from appliance.settings import Agent, Phone, Settings, SwitchKind, Trunk
from appliance.trouble import Trouble

SETTINGS = Settings(
    directory=Path("/"),
    company="Company",
    country="RU",
    time_zone="Europe/Moscow",
    language="ru",
    phones={"201": Phone("201", "Desk")},
    agents={"1001": Agent("1001", "Anna")},
    trunks={"open": Trunk("open", "192.0.2.1"), "closed": Trunk("closed", "192.0.2.2", username="us")},
)
NAMES = ("ami", "phone-201", "agent-1001", "trunk-closed")


def file(tmp_path: Path, text: str, mode: int = 0o600) -> Path:
    path = tmp_path / "secrets.yml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_needed() -> None:
    assert needed(SETTINGS) == NAMES
    assert needed(replace(SETTINGS, switch=SwitchKind.FREESWITCH)) == ("esl", *NAMES[1:])


def test_values_stay_text(tmp_path: Path) -> None:
    secrets = Secrets.read(file(tmp_path, "ami: 0212\nagent-1001: 012345\nphone-201: NO\n"))
    assert [secrets.get(name) for name in NAMES[:3]] == ["0212", "NO", "012345"]
    assert secrets.missing(SETTINGS) == ("trunk-closed",)


def test_a_secret_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="no secret 'phone-9'"):
        Secrets.read(file(tmp_path, "ami: x")).get("phone-9")


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    secrets = Secrets.read(file(tmp_path, "ami: hush"))
    assert "hush" not in repr(secrets) + str(secrets) + f"{[secrets]}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o660, 0o777])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = file(tmp_path, "ami: x", mode)
    with pytest.raises(Trouble, match="chmod 600"):
        Secrets.read(path)
    with pytest.raises(Trouble, match="chmod 600"):
        add_missing(path, SETTINGS)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- a\n", "name and a secret"),
        ("ami:\n", "'ami' has no value"),
        ("ami: [a]\n", "'ami' has no value"),
        ("ami: a\nami: b\n", "stands here twice"),
        ('ami: "a\\nb"\n', "line break"),
        ("agent-1001: secret\n", "PIN of 4 to 12 digits"),
        ("agent-1001: 123\n", "PIN of 4 to 12 digits"),
        ("ami: *hush\n", "must stand in quotes"),
        ("ami: !hush x\n", "must stand in quotes"),
        ("ami: &hush x\n", "must stand in quotes"),
        ("ami: 'hush\n", "quotation mark is not closed"),
        ("ami: @hush\n", "in quotes"),
    ],
)
def test_a_broken_file_is_refused_in_one_sentence_without_the_secret(
    tmp_path: Path, text: str, sentence: str
) -> None:
    with pytest.raises(Trouble, match=sentence) as caught:
        Secrets.read(file(tmp_path, text))
    assert "hush" not in str(caught.value)
    assert "secrets.yml" in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="No such file"):
        Secrets.read(tmp_path / "secrets.yml")


def test_missing_secrets_are_made(tmp_path: Path) -> None:
    path = tmp_path / "secrets.yml"
    assert add_missing(path, SETTINGS) == NAMES
    assert path.stat().st_mode & 0o777 == 0o600
    secrets = Secrets.read(path)
    assert secrets.missing(SETTINGS) == ()
    assert len(secrets.get("agent-1001")) == 6 and secrets.get("agent-1001").isdecimal()
    assert len(secrets.get("phone-201")) >= 20 and secrets.get("phone-201").isalnum()
    assert len({secrets.get(name) for name in NAMES}) == len(NAMES)
    assert add_missing(path, SETTINGS) == ()


def test_what_is_there_stays(tmp_path: Path) -> None:
    before = "# by hand\nami: 'mine'   # keep\nold: x"
    path = file(tmp_path, before)
    assert add_missing(path, SETTINGS) == NAMES[1:]
    assert path.read_text().startswith(before + "\n")
    assert Secrets.read(path).get("ami") == "mine"
    assert os.listdir(tmp_path) == ["secrets.yml"]


def test_a_file_that_cannot_be_added_to_stays(tmp_path: Path) -> None:
    path = file(tmp_path, "{ami: x}\n")
    with pytest.raises(Trouble, match="no secrets can be added"):
        add_missing(path, SETTINGS)
    assert path.read_text() == "{ami: x}\n"
    assert os.listdir(tmp_path) == ["secrets.yml"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    path = file(tmp_path, "ami: x\n")
    link = tmp_path / "link.yml"
    link.symlink_to(path)
    add_missing(link, SETTINGS)
    assert link.is_symlink()
    assert Secrets.read(path).missing(SETTINGS) == ()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="cannot be written"):
        add_missing(tmp_path / "nowhere" / "secrets.yml", SETTINGS)


def test_one_secret_is_changed_and_everything_else_stays(tmp_path: Path) -> None:
    before = "# ours\nami: a  # of Asterisk\n\n'phone-201': \"old\"  # Anna's\nphone-2: two\nagent-1001: 012345\n"
    path = file(tmp_path, before)
    change(path, "phone-201")
    lines = path.read_text().splitlines()
    assert [line for n, line in enumerate(lines) if n != 3] == [
        line for n, line in enumerate(before.splitlines()) if n != 3
    ]
    assert Secrets.read(path).get("phone-201") != "old"
    assert len(Secrets.read(path).get("phone-201")) == 24
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "text",
    [
        "{ami: a, phone-201: b}",
        "{ami: a,\n phone-201: b}",
        "? phone-201\n: b\n",
        'phone-201: "over\n  two lines"\n',
        "phone-201: &x b\nami: *x\n",
    ],
)
def test_a_secret_that_cannot_be_changed_alone_stays(tmp_path: Path, text: str) -> None:
    path = file(tmp_path, text)
    with pytest.raises(Trouble):
        change(path, "phone-201")
    assert path.read_text() == text


def test_a_secret_that_is_not_there_cannot_be_changed(tmp_path: Path) -> None:
    path = file(tmp_path, "ami: a\n")
    with pytest.raises(Trouble, match="no secret 'phone-9' that could be changed"):
        change(path, "phone-9")
