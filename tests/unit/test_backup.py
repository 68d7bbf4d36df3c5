"""Backups and putting them back: whole or not at all, and what was there before is never lost."""

import json
import os
import shutil
import sqlite3
import stat
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from appliance import console
from appliance import facts as f
from appliance.cli import cli
from appliance.port import Refused
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.trouble import Trouble
from appliance.upkeep import postgres

AT = 1795165200.0
SITE = "company: Tea\ncountry: RU\ntime_zone: UTC\nlanguage: en\nkeep: {backups: 2}\n"
LINKS = "provisioning/links.sqlite3"


class Box:
    """An installation with a call in its records."""

    def __init__(self, top: Path, url: str = "sqlite") -> None:
        self.top, self.url = top, url
        self.config, self.data, self.secrets = top / "etc", top / "var", top / "etc" / "secrets.yml"
        self.recordings, self.backups = top / "spool" / "recordings", top / "backups"
        top.mkdir(exist_ok=True)
        (self.config / "sounds").mkdir(parents=True)
        places = f"recordings: {self.recordings}\nbackups: {self.backups}\ndatabase: {url}\n"
        (self.config / "site.yml").write_text(SITE + places)
        (self.config / "sounds" / "gong.wav").write_bytes(b"gong")
        self.secrets.write_text('ami: "abc"\n')
        self.secrets.chmod(0o600)
        (self.data / "provisioning").mkdir(parents=True)
        with closing(sqlite3.connect(self.data / LINKS)) as links:
            links.execute("CREATE TABLE link (digest TEXT)")
        (self.data / "sounds").mkdir()
        (self.data / "sounds" / "say.wav").write_bytes(b"made anew")
        day = self.recordings / "2026" / "11" / "20"
        day.mkdir(parents=True)
        (day / "c.1.wav").write_bytes(b"a talk")

    def record(self, call: str) -> None:
        database = open_database(self.url, self.data)
        Store(database).write([f.CallStarted(call, AT, "leg", "8495", "Ann", "4420", "trunk")])
        database.close()

    def calls(self) -> list[str]:
        database = open_database(self.url, self.data)
        calls = [call.id for call in t.Call.select().order_by(t.Call.id)]
        database.close()
        return calls

    def run(self, *arguments: str | Path, fails: bool = False) -> Result:
        where = ["-c", self.config, "--secrets", self.secrets, "--data", self.data]
        result = CliRunner().invoke(cli, [str(each) for each in (*where, *arguments)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert (result.exit_code != 0) == fails, result.output
        return result

    def files(self) -> dict[str, bytes]:
        """Everything there is, but for SQLite's own, which change when they are read."""
        return {
            str(path.relative_to(self.top)): path.read_bytes()
            for path in sorted(self.top.rglob("*"))
            if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
        }


@pytest.fixture(params=["sqlite", "postgres"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Box]:
    url = "sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres")
    box = Box(tmp_path / "box", url)
    box.record("c-1")
    yield box
    open_database(url, box.data).drop_tables(t.TABLES)
    t.database.close()


@pytest.fixture
def here(tmp_path: Path) -> Box:
    """One on SQLite."""
    box = Box(tmp_path / "box")
    box.record("c-1")
    return box


def names(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()


def made(box: Box, *arguments: str) -> Path:
    return Path(json.loads(box.run("backup", "--json", *arguments).output)["file"])


def test_what_is_in_a_backup(here: Box) -> None:
    file = made(here)
    assert names(file) == [
        "about.json",
        "records.sqlite3",
        "configuration/site.yml",
        "configuration/sounds/gong.wav",
        "secrets.yml",
        f"data/{LINKS}",
        "checksums.json",
    ]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(here.backups.stat().st_mode) == 0o700
    assert "recordings/2026/11/20/c.1.wav" in names(made(here, "--recordings", f"{here.top}/with.tar.gz"))


def test_what_was_lost_is_put_back(box: Box) -> None:
    file = made(box, "--recordings", f"{box.top}/all.tar.gz")
    box.record("c-2")
    (box.config / "site.yml").write_text((box.config / "site.yml").read_text().replace("Tea", "Coffee"))
    box.secrets.write_text("")
    shutil.rmtree(box.recordings)
    said = box.run("restore", "--yes", file).output
    assert box.calls() == ["c-1"]
    assert "Tea" in (box.config / "site.yml").read_text() and "abc" in box.secrets.read_text()
    assert (box.recordings / "2026" / "11" / "20" / "c.1.wav").read_bytes() == b"a talk"
    assert (box.data / LINKS).exists() and (box.data / "sounds" / "say.wav").exists()
    assert stat.S_IMODE(box.secrets.stat().st_mode) == 0o600
    kept = [Path(line.removeprefix("What was there before is ").rstrip(".")) for line in said.splitlines()]
    kept = [path for path in kept if ".before-restore-" in path.name]
    assert len(kept) == 3 and all(path.exists() for path in kept)
    assert "Coffee" in (kept[0] / "site.yml").read_text()
    assert not list(box.top.rglob(".*"))


def test_a_second_backup_does_not_hold_what_a_restore_replaced(here: Box) -> None:
    here.run("restore", "--yes", made(here))
    assert not [name for name in names(made(here, f"{here.top}/second.tar.gz")) if "before-restore" in name]


def test_only_the_records_are_put_back(box: Box) -> None:
    """As an upgrade does that goes back."""
    file = made(box)
    box.record("c-2")
    (box.config / "site.yml").write_text((box.config / "site.yml").read_text().replace("Tea", "Coffee"))
    box.run("restore", "--only", "records", "--yes", file)
    assert box.calls() == ["c-1"]
    assert "Coffee" in (box.config / "site.yml").read_text()


def test_a_box_that_has_nothing_yet(here: Box, tmp_path: Path) -> None:
    file = made(here)
    new = tmp_path / "new"
    new.mkdir()
    where = ["-c", f"{new}/etc", "--secrets", f"{new}/etc/secrets.yml", "--data", f"{new}/var"]
    done = CliRunner().invoke(cli, [*where, "restore", "--yes", str(file)])
    assert done.exit_code == 0, done.output
    assert (new / "etc" / "secrets.yml").read_text() == here.secrets.read_text()
    assert stat.S_IMODE((new / "etc").stat().st_mode) == 0o750
    with closing(sqlite3.connect(new / "var" / "appliance.sqlite3")) as records:
        assert records.execute("SELECT id FROM call").fetchall() == [("c-1",)]


def test_a_backup_is_consistent_while_calls_are_written(here: Box) -> None:
    """The copy is of one moment, and the log beside the database is in it."""
    database = open_database("sqlite", here.data)
    store = Store(database)
    store.write([f.CallStarted(f"d-{n}", AT, "leg", "", "", "", "") for n in range(500)])
    with database.atomic():
        t.Call.delete().where(t.Call.id == "c-1").execute()
        file = made(here)
    database.close()
    with tarfile.open(file) as tar:
        (here.top / "copy").write_bytes(tar.extractfile("records.sqlite3").read())
    with closing(sqlite3.connect(here.top / "copy")) as copy:
        assert copy.execute("SELECT count(*) FROM call").fetchone() == (501,)


def test_the_oldest_backups_make_room(here: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    files = []
    for n in range(4):
        monkeypatch.setattr("appliance.clock.RealClock.now", lambda self, n=n: AT + n)
        files.append(made(here))
    assert sorted(here.backups.iterdir()) == files[2:]
    made(here, f"{here.backups}/by-hand.tar.gz")
    assert len(list(here.backups.iterdir())) == 3


def test_a_disk_that_is_full_leaves_no_half_backup(here: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any, *_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    with pytest.raises(OSError, match="No space left"):
        here.run("backup")
    assert list(here.backups.iterdir()) == []


def test_recordings_that_cannot_be_read_are_named(here: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = Path.open

    def refuse(self: Path, *arguments: Any, **more: Any) -> Any:
        if self.name == "c.1.wav":
            raise PermissionError(13, "Permission denied", str(self))
        return usual(self, *arguments, **more)

    monkeypatch.setattr(Path, "open", refuse)
    result = here.run("backup", "--recordings", f"{here.top}/all.tar.gz", fails=True)
    assert result.exit_code == 1
    assert "c.1.wav cannot be read, and is not in the backup.\n" in result.output


def test_damaged_records_are_not_taken_for_a_backup(here: Box) -> None:
    file = here.data / "appliance.sqlite3"
    content = bytearray(file.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xff" * 4096 * 4
    file.write_bytes(content)
    with pytest.raises(Trouble, match=r"^The records (are damaged|in .* cannot be copied)"):
        here.run("backup")
    assert list(here.backups.iterdir()) == []


def test_a_running_appliance_is_not_restored_over(here: Box) -> None:
    file = made(here)
    before = here.files()
    with console.alone(here.data / "console"), pytest.raises(Refused, match="stop that one first"):
        here.run("restore", "--yes", file)
    assert here.files() == before


def test_nobody_is_asked_who_is_not_there(here: Box) -> None:
    file = made(here)
    with pytest.raises(Trouble, match="say --yes"):
        here.run("restore", file)


def test_a_part_that_is_not_in_it_cannot_be_put_back(here: Box) -> None:
    file = made(here)
    with pytest.raises(Trouble, match=r"^The backup has no recordings\.$"):
        here.run("restore", "--yes", "--only", "recordings", file)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


def text(file: Path) -> None:
    file.write_text("dear diary")


def other(change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Callable[[Path], None]:
    """The same backup with some of its members changed, well-formed in every other way."""

    def rewrite(file: Path) -> None:
        with tarfile.open(file) as tar:
            members = [(info.name, tar.extractfile(info).read()) for info in tar]
        with tarfile.open(file, "w:gz") as tar:
            for member in members:
                changed = change(*member)
                if changed is not None:
                    info = tarfile.TarInfo(changed[0])
                    info.size = len(changed[1])
                    tar.addfile(info, BytesIO(changed[1]))

    return rewrite


def without_end(name: str, content: bytes) -> tuple[str, bytes] | None:
    return None if name == "checksums.json" else (name, content)


def forged(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b"Tea", b"Ale")


def outside(name: str, content: bytes) -> tuple[str, bytes]:
    return name.replace("configuration/site.yml", "configuration/../../site.yml"), content


def newer(name: str, content: bytes) -> tuple[str, bytes]:
    return name, content.replace(b'"format": 1', b'"format": 2')


@pytest.mark.parametrize(
    "damage, sentence",
    [
        (cut, "is damaged, or no backup of an appliance"),
        (flip, "damaged"),
        (text, "is damaged, or no backup of an appliance"),
        (other(without_end), "is incomplete or damaged: its end is missing."),
        (other(forged), "is damaged: about.json, configuration/site.yml is not what was backed up."),
        (other(outside), "is not to be trusted: it names a file 'configuration/../../site.yml'."),
        (other(newer), "was made by a newer program than this one"),
    ],
    ids=["cut", "flip", "text", "without_end", "forged", "outside", "newer"],
)
def test_a_damaged_backup_changes_nothing(here: Box, damage: Callable[[Path], None], sentence: str) -> None:
    file = made(here, f"{here.top}/made.tar.gz")
    damage(file)
    before = here.files()
    with pytest.raises(Trouble) as trouble:
        here.run("restore", "--yes", file)
    assert sentence in str(trouble.value) and str(trouble.value).endswith(("restore it with that.", "."))
    assert here.files() == before
    assert not list(here.top.rglob(".*"))


def test_whatever_fails_half_way_everything_is_as_it_was(here: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the moves fails once, as on a disk that has had enough."""
    file = made(here, "--recordings", f"{here.top}/all.tar.gz")
    (here.recordings / "2026" / "11" / "20" / "c.1.wav").unlink()
    here.record("c-2")
    before = here.files()
    rename, moves, fails_at = os.rename, 0, 0

    def fail_once(source: Path, target: Path) -> None:
        nonlocal moves
        moves += 1
        if moves == fails_at:
            raise OSError(5, "Input/output error", str(target))
        rename(source, target)

    monkeypatch.setattr(os, "rename", fail_once)
    while True:
        moves, fails_at = 0, fails_at + 1
        try:
            here.run("restore", "--yes", file)
        except OSError:
            assert here.files() == before, f"at move {fails_at}"
        else:
            break
    assert fails_at > 6 and here.calls() == ["c-1"]


def test_a_postgres_that_refuses_leaves_everything_as_it_was(
    tmp_path: Path, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = Box(tmp_path / "box", postgres)
    box.record("c-1")
    file = made(box, f"{box.top}/made.tar.gz")
    box.record("c-2")
    before = box.files()
    other = open_database(postgres, box.data)
    other.execute_sql("CREATE VIEW holds AS SELECT id FROM call")  # so the table cannot be dropped
    other.close()
    try:
        with pytest.raises(Trouble, match=r"pg_restore could not do it: .*depend"):
            box.run("restore", "--yes", file)
        left = {name: content for name, content in box.files().items() if not name.endswith(".pgdump")}
        assert left == before and box.calls() == ["c-1", "c-2"]
    finally:
        other = open_database(postgres, box.data)
        other.execute_sql("DROP VIEW holds")
        other.drop_tables(t.TABLES)
        other.close()


def test_records_of_another_kind_are_refused(here: Box) -> None:
    file = made(here)
    site = here.config / "site.yml"
    site.write_text(site.read_text().replace("database: sqlite", "database: postgresql://x@/y"))
    with pytest.raises(
        Trouble, match=r"The backup has the records of SQLite, and the configuration says otherwise"
    ):
        here.run("restore", "--yes", "--only", "records", file)


@pytest.mark.parametrize(
    "url, plain, password",
    [
        ("postgresql://ann:hu%3Ash@host/tea", "postgresql://ann@host/tea", "hu:sh"),
        ("postgresql://ann@/tea?host=/run", "postgresql://ann@/tea?host=/run", None),
        ("postgres:///tea", "postgresql:///tea", None),
    ],
)
def test_a_password_is_told_to_postgres_alone(url: str, plain: str, password: str | None) -> None:
    assert postgres.without_password(url) == (plain, password)
