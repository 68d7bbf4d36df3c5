"""Directories and databases that cannot be used, and who may read what is kept."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from appliance.places import make_data, open_records, share_with_switch
from appliance.records.database import open_database
from appliance.trouble import Trouble
from tests.unit.cli.site import places, program, unprivileged


def test_a_database_that_is_none_is_trouble(site: Path) -> None:
    (site / "data" / "appliance.sqlite3").write_bytes(b"not a database at all" * 100)
    for command in ("report", "run"):
        done = program(*places(site), command)
        assert (done.returncode, done.stderr) == (
            2,
            f"appliance: The records in {site}/data/appliance.sqlite3 cannot be used: file is not a database. "
            "Put that right, or name another directory by --data DIR.\n",
        )


@pytest.mark.parametrize("command", ["run", "render --into {site}/asterisk"])
def test_data_that_cannot_be_kept_anywhere_is_trouble(site: Path, command: str) -> None:
    (site / "file").write_text("")
    done = program(*places(site), "--data", f"{site}/file/data", *command.format(site=site).split())
    assert (done.returncode, done.stderr) == (
        2,
        f"appliance: The directory {site}/file/data cannot be made: {site}/file is a file. "
        "Put that right, or name another directory by --data DIR.\n",
    )
    assert not (site / "asterisk").exists()


def test_data_that_may_not_be_written_is_trouble(site: Path) -> None:
    with unprivileged(), tempfile.TemporaryDirectory() as readable:
        Path(readable).chmod(0o555)
        with pytest.raises(Trouble, match=f"The directory {readable} cannot be written to. .* by --data DIR"):
            make_data(Path(readable))


def test_a_database_server_that_does_not_answer_is_named_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Trouble) as trouble:
        open_records("postgresql://anna:hush@127.0.0.1:1/tea", tmp_path)
    said = str(trouble.value)
    assert said.startswith("The database postgresql://anna@127.0.0.1:1/tea cannot be used: ")
    assert said.endswith(". Check `database:`.") and ".." not in said
    assert "hush" not in said and "--data" not in said and "\n" not in said


def test_what_is_recorded_is_not_for_everybody(site: Path) -> None:
    old = os.umask(0)
    try:
        database = open_database("sqlite", site / "new" / "data")
        files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in (site / "new" / "data").iterdir()}
    finally:
        os.umask(old)
    assert files.keys() >= {"appliance.sqlite3", "appliance.sqlite3-wal", "appliance.sqlite3-shm"}
    assert not any(mode & 0o027 for mode in files.values()), files
    assert stat.S_IMODE((site / "new" / "data").stat().st_mode) == 0o750
    database.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_the_switch_may_read_sounds_and_write_recordings(tmp_path: Path) -> None:
    configuration, data, recordings = tmp_path / "asterisk", tmp_path / "data", tmp_path / "spool" / "recordings"
    configuration.mkdir()
    os.chown(configuration, 12345, 23456)
    make_data(data)
    os.chown(data, 34567, 34567)
    sound = data / "music" / "waiting" / "01.wav"
    sound.parent.mkdir(parents=True, mode=0o700)
    sound.touch(0o600)
    for _ in range(2):
        assert share_with_switch(data, recordings, configuration) is None
    found = recordings.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (34567, 23456, 0o2770)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (data, sound.parent, sound)]
    assert modes == [0o751, 0o755, 0o644]
    (tmp_path / "file").write_text("")
    said = share_with_switch(data, tmp_path / "file" / "recordings", configuration)
    assert said and said.endswith("could not be made: File exists.")
