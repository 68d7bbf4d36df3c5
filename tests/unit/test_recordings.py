"""The folders of recordings: who may write in them, and who may remove what is there."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from appliance import recordings
from appliance.recordings import are_made, file_of_message, share
from appliance.settings import Agent, Settings

NOW = 1795165200.0  # 2026-11-20
APPLIANCE, SWITCH, STRANGER = (34567, 34567), (12345, 23456), (99999, 99999)


@contextmanager
def acting_as(user: int, group: int) -> Iterator[None]:
    groups, mask = os.getgroups(), os.umask(0o022)
    os.setgroups([])
    os.setegid(group)
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)
        os.setgroups(groups)
        os.umask(mask)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes another user")
def test_the_switch_writes_and_the_appliance_removes() -> None:
    with tempfile.TemporaryDirectory() as made:  # pytest's own are closed to other users
        Path(made).chmod(0o755)
        top = Path(made) / "recordings"
        recordings.share(top, owner=APPLIANCE[0], group=SWITCH[1])
        with acting_as(*APPLIANCE):
            file = recordings.file_for(top, "c.1", NOW)
        assert file == top / "2026" / "11" / "20" / "c.1.wav"
        with acting_as(*SWITCH):
            file.write_text("a talk")
        with acting_as(*STRANGER), pytest.raises(PermissionError):
            file.read_text()
        with acting_as(*APPLIANCE):
            assert file.read_text() == "a talk"
            file.unlink()


def test_where_nobody_has_made_the_folder_the_switch_makes_do(tmp_path: Path) -> None:
    recordings.file_for(tmp_path / "recordings", "c.1", NOW)
    assert not (tmp_path / "recordings").exists()


def test_a_folder_that_cannot_be_made_stops_no_call(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "2026").write_text("a file")
    assert recordings.file_for(tmp_path, "c.1", NOW).name == "c.1.wav"
    assert "could not be made" in caplog.text


def test_a_message_is_written_into_a_file_of_ours(tmp_path: Path) -> None:
    """That of the switch alone could be closed to us."""
    top = tmp_path / "recordings"
    share(top)
    file = file_of_message(top, "note")
    assert file == top / "messages" / "note.wav" and file.stat().st_size == 0
    assert file.stat().st_mode & 0o777 == 0o660
    file.write_text("said")
    assert file_of_message(top, "note").stat().st_size == 0


def test_recordings_are_made_where_a_supervisor_may_speak() -> None:
    basic = Settings(Path("/nowhere"), "Tea", "RU", "UTC", "en")
    assert not are_made(basic)
    assert are_made(replace(basic, agents={"1": Agent("1", "Anna", supervisor=True)}))
