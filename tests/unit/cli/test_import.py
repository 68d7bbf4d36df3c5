"""The command import: what it writes and says, what it refuses, and that bad input is one sentence."""

import gzip
import json
import os
import shutil
import tarfile
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appliance.cli import cli
from appliance.importing.files import write
from appliance.trouble import Trouble
from tests.unit.importing.conftest import SAMPLES

DUMP = SAMPLES / "freepbx.sql"
YAML = {"site.yml", "numbers.yml", "hours.yml", "menus.yml", "queues.yml", "agents.yml", "trunks.yml"}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, arguments)], catch_exceptions=False)


def refused(*arguments: object) -> str:
    with pytest.raises(Trouble) as trouble:
        CliRunner().invoke(cli, ["import", *map(str, arguments)], catch_exceptions=False, standalone_mode=False)
    return str(trouble.value)


def test_a_draft_is_written_and_everything_is_said(tmp_path: Path) -> None:
    into = tmp_path / "draft"
    result = run("freepbx", DUMP, "--into", into)
    assert result.exit_code == 0
    assert {path.name for path in into.iterdir()} == {*YAML, "NOT-IMPORTED.md", "secrets.yml", "music"}
    assert (into / "secrets.yml").stat().st_mode & 0o777 == 0o600
    assert (into / "site.yml").stat().st_mode & 0o777 == 0o666 & ~_umask()
    said = result.output
    assert said.startswith(f"Drafted in {into}: 3 queues, 3 menus, 6 numbers, 2 sets of opening hours, 3 phones,")
    assert (
        f"5 passwords and PINs were found; they are in {into}/secrets.yml, which only its owner may read." in said
    )
    assert f"`appliance check {into}` finds nothing wrong with the draft." in said
    listed = (into / "NOT-IMPORTED.md").read_text()
    notes = [line.removeprefix("- ") for line in listed.splitlines() if line.startswith("- freepbx.sql")]
    assert len(notes) > 30 and all(note.replace("&lt;", "<") in said for note in notes)
    assert "- the table findmefollow: 1 rows" in listed
    assert "Zx81-spectrum-48k" not in said + listed


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def test_the_same_source_gives_the_same_draft(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("freepbx", DUMP, "--into", tmp_path / name).exit_code == 0
    for file in (tmp_path / "one").iterdir():
        if file.is_file():
            assert file.read_text() == (tmp_path / "two" / file.name).read_text()


def test_nothing_is_written_over_unless_told(tmp_path: Path) -> None:
    into = tmp_path / "draft"
    into.mkdir()
    (into / "queues.yml").write_text("mine")
    (into / "other.txt").write_text("mine too")
    said = refused("freepbx", DUMP, "--into", into)
    assert said == f"{into} has queues.yml already: name another directory by --into, or say --force."
    assert sorted(path.name for path in into.iterdir()) == ["other.txt", "queues.yml"]
    assert run("freepbx", DUMP, "--into", into, "--force").exit_code == 0
    assert "mine" not in (into / "queues.yml").read_text()
    assert (into / "other.txt").read_text() == "mine too"


def test_what_check_finds_wrong_is_in_the_list_and_the_answer_is_no(tmp_path: Path) -> None:
    text = DUMP.read_text().replace("(2,'1','app-announcement-3,s,1',0),(2,'2','directory,1,1',0),", "")
    (tmp_path / "a.sql").write_text(text)
    result = run("freepbx", tmp_path / "a.sql", "--into", tmp_path / "draft")
    assert result.exit_code == 1
    problem = 'No key of the menu "about-us" leads out of the menus.'
    assert problem in result.output and problem in (tmp_path / "draft" / "NOT-IMPORTED.md").read_text()
    assert "finds something wrong with the draft" in result.output


def test_json(tmp_path: Path) -> None:
    result = run("asterisk", SAMPLES / "asterisk", "--into", tmp_path / "draft", "--country", "RU", "--json")
    data = json.loads(result.output)
    assert (data["ok"], data["drafted"]["queues"], data["secrets"]) == (True, 3, 4)
    assert {"topic", "where", "text"} == set(data["not_imported"][0])
    assert data["not_looked_at"] == ["[general] of extensions.conf"] or "voicemail.conf" in data["not_looked_at"]
    assert all((tmp_path / "draft" / name).exists() for name in data["files"])


def test_recordings_and_music_come_along_where_they_are_found(tmp_path: Path, quiet: bytes) -> None:
    sounds, music = tmp_path / "sounds", tmp_path / "moh"
    for file in (
        sounds / "custom" / "main-menu.wav",
        sounds / "ru" / "custom" / "hello.wav",
        sounds / "custom" / "recorded.wav",
        music / "tea" / "b.wav",
        music / "tea" / "a.wav",
        music / "waiting.wav",
    ):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(quiet)
    (sounds / "custom" / "support.gsm").write_bytes(b"x")
    (sounds / "custom" / "about.wav").write_bytes(b"broken")
    into = tmp_path / "draft"
    result = run("freepbx", DUMP, "--into", into, "--sounds", sounds, "--music", music, "--language", "ru")
    assert result.exit_code == 0
    assert "prompt: {sound: sounds/custom-main-menu.wav}" in (into / "menus.yml").read_text()
    with wave.open(str(into / "sounds" / "custom-hello-custom-recorded.wav")) as joined:
        assert joined.getnframes() == 1600  # both, one behind the other
    assert (into / "music" / "tea-1.wav").exists() and (into / "music" / "tea-2.wav").exists()
    assert "default: music/default-1.wav" in (into / "queues.yml").read_text()
    assert f"custom/support is there as {sounds}/custom/support.gsm: make a WAV file of it" in result.output
    assert f"custom/about was found, but {sounds}/custom/about.wav is not a WAV file" in result.output


def test_compressed_and_in_another_encoding(tmp_path: Path) -> None:
    text = DUMP.read_text().replace("Вера 🍵 Орлова", "Вера Орлова").replace("utf8mb4", "cp1251")  # noqa: RUF001
    (tmp_path / "freepbx.sql.gz").write_bytes(gzip.compress(text.encode("cp1251")))
    result = run("freepbx", tmp_path / "freepbx.sql.gz", "--into", tmp_path / "draft")
    assert result.exit_code == 0
    assert "Отдел продаж" in (tmp_path / "draft" / "queues.yml").read_text()
    assert "not UTF-8; it was read as cp1251" in result.output


def test_a_dump_in_an_archive(tmp_path: Path) -> None:
    (tmp_path / "mysql-1.sql.gz").write_bytes(gzip.compress(DUMP.read_bytes()))
    (tmp_path / "other.sql").write_text("INSERT INTO cdr VALUES (1);")
    with tarfile.open(tmp_path / "backup.tar.gz", "w:gz") as archive:
        for name in ("other.sql", "mysql-1.sql.gz"):
            archive.add(tmp_path / name, f"backup/{name}")
    assert run("freepbx", tmp_path / "backup.tar.gz", "--into", tmp_path / "draft").exit_code == 0
    assert "Отдел продаж" in (tmp_path / "draft" / "queues.yml").read_text()
    with tarfile.open(tmp_path / "none.tar", "w") as archive:
        archive.add(tmp_path / "other.sql", "other.sql")
    assert "no dump of the database of FreePBX" in refused("freepbx", tmp_path / "none.tar")


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("cut.sql", DUMP.read_bytes()[:9000], "cannot be read: is the dump cut off here?"),
        ("short.sql", DUMP.read_bytes()[:-40], "the last line that mysqldump writes is not there"),
        ("cut.sql.gz", gzip.compress(DUMP.read_bytes())[:-50], "is damaged, or cut off"),
        ("a.gz", b"\x1f\x8bnonsense", "is damaged, or cut off"),
        ("letter.txt", b"Dear Sir,", "there is no table in it"),
        ("binary", bytes(range(256)) * 4, "is not a text file"),
        ("empty.sql", b"", "is empty"),
        ("other.sql", b"INSERT INTO t (a) VALUES (1);", "is not the database of FreePBX"),
    ],
)
def test_a_file_that_is_no_dump_is_refused_in_a_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    sentence = refused("freepbx", tmp_path / name, "--into", tmp_path / "draft")
    assert said in sentence and "\n" not in sentence
    assert not (tmp_path / "draft").exists()


@pytest.mark.parametrize("kind", ["freepbx", "fusionpbx", "asterisk"])
def test_what_is_not_there_or_not_of_that_kind(kind: str, tmp_path: Path) -> None:
    missing = refused(kind, tmp_path / "nowhere", "--into", tmp_path / "draft")
    assert "nowhere cannot be read: No such file or directory." in missing
    (tmp_path / "empty").mkdir()
    sentence = refused(kind, tmp_path / "empty" if kind != "freepbx" else tmp_path, "--into", tmp_path / "draft")
    assert any(
        word in sentence for word in ("There is no CSV file", "is not a configuration of Asterisk", "a directory")
    )
    if kind != "freepbx":
        assert "is a file; a directory" in refused(kind, DUMP, "--into", tmp_path / "draft")


def test_wishes_that_cannot_be() -> None:
    assert refused("freepbx", DUMP, "--country", "Russia").startswith("Russia is not a country")
    assert refused("freepbx", DUMP, "--time-zone", "Moscow").startswith("Moscow is not a time zone")
    assert refused("freepbx", DUMP, "--language", "Russian").startswith("Russian is not a language")


def test_a_target_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    sentence = refused("freepbx", DUMP, "--into", tmp_path / "file" / "draft")
    assert sentence == f"The draft cannot be written to {tmp_path}/file/draft: Not a directory."


def test_several_domains(tmp_path: Path) -> None:
    tables = tmp_path / "tables"
    shutil.copytree(SAMPLES / "fusionpbx", tables)
    (tables / "v_domains.csv").write_text(
        (tables / "v_domains.csv").read_text() + "other-uuid,other.example.com,true\n"
    )
    with (tables / "v_extensions.csv").open("a") as file:
        file.write("e9,other-uuid,301,,some-password,Other,,,,other,true,,,\n")
    sentence = refused("fusionpbx", tables, "--into", tmp_path / "draft")
    assert "several domains (tea.example.com, other.example.com): name one with --domain." in sentence
    assert "no domain x in" in refused("fusionpbx", tables, "--domain", "x")
    result = run(
        "fusionpbx", tables, "--domain", "other.example.com", "--into", tmp_path / "draft", "--country", "RU"
    )
    assert result.exit_code == 0
    assert "301: {name: Other}" in (tmp_path / "draft" / "agents.yml").read_text()
    assert "v_extensions: 4 rows of other domains" in (tmp_path / "draft" / "NOT-IMPORTED.md").read_text()


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write(tmp_path / "draft", {"site.yml": "x"}, [])
    assert list((tmp_path / "draft").iterdir()) == []


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.lists(
        st.tuples(st.integers(200, len(DUMP.read_text()) - 200), st.integers(0, 30), st.text(max_size=12)),
        min_size=1,
    )
)
def test_a_dump_in_which_anything_was_changed_gives_a_draft_or_a_sentence(
    tmp_path: Path, changes: list[tuple[int, int, str]]
) -> None:
    text = DUMP.read_text()
    for at, length, new in changes:
        text = text[:at] + new + text[at + length :]
    (tmp_path / "a.sql").write_text(text, encoding="utf-8", errors="replace", newline="")
    try:
        result = run("freepbx", tmp_path / "a.sql", "--into", tmp_path / "draft", "--force")
    except Trouble as trouble:
        assert "\n" not in str(trouble)
    else:
        assert result.exit_code in (0, 1)


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.data())
def test_files_of_asterisk_in_which_anything_was_changed_give_a_draft_or_a_sentence(
    tmp_path: Path, data: st.DataObject
) -> None:
    shutil.rmtree(tmp_path / "asterisk", ignore_errors=True)
    shutil.copytree(SAMPLES / "asterisk", tmp_path / "asterisk")
    file = tmp_path / "asterisk" / data.draw(st.sampled_from(["extensions.conf", "pjsip.conf", "queues.conf"]))
    lines = file.read_text().splitlines()
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(lines) - 1))
        moved = data.draw(st.sampled_from(lines) | st.text(max_size=30))
        lines[at : at + data.draw(st.integers(0, 2))] = [moved]
    file.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    try:
        result = run("asterisk", tmp_path / "asterisk", "--into", tmp_path / "draft", "--force", "--country", "RU")
    except Trouble as trouble:
        assert "\n" not in str(trouble)
    else:
        assert result.exit_code in (0, 1)
