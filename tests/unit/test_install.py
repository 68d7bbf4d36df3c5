"""Tests of installing rendered files: only what changed, all or nothing, nobody else's work lost."""

import os
from pathlib import Path

import pytest

from dialplan.install import BACKUP, MANIFEST, Installed, install


def contents(directory: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in directory.iterdir() if file.name != MANIFEST}


def test_files_are_written_for_their_owner_and_group_only(tmp_path: Path) -> None:
    assert install({"pjsip.conf": "a\n", "rtp.conf": "Ж\n"}, tmp_path / "new") == Installed(
        ("pjsip.conf", "rtp.conf")
    )
    assert contents(tmp_path / "new") == {"pjsip.conf": "a\n", "rtp.conf": "Ж\n"}
    assert (tmp_path / "new" / "pjsip.conf").stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_files_belong_to_whom_the_directory_belongs(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 23456)
    install({"pjsip.conf": "a\n"}, tmp_path)
    found = (tmp_path / "pjsip.conf").stat()
    assert (found.st_uid, found.st_gid) == (12345, 23456)


def test_only_what_changed_is_touched(tmp_path: Path) -> None:
    install({"a.conf": "1", "b.conf": "1"}, tmp_path)
    before = (tmp_path / "a.conf").stat().st_ino
    assert install({"a.conf": "1", "b.conf": "1"}, tmp_path).changed == ()
    assert install({"a.conf": "1", "b.conf": "2"}, tmp_path).changed == ("b.conf",)
    assert (tmp_path / "a.conf").stat().st_ino == before
    assert contents(tmp_path) == {"a.conf": "1", "b.conf": "2"}


def test_what_is_no_longer_rendered_is_removed(tmp_path: Path) -> None:
    (tmp_path / "other.conf").write_text("not ours")
    install({"a.conf": "1", "b.conf": "1"}, tmp_path)
    assert install({"a.conf": "1"}, tmp_path).changed == ("b.conf",)
    assert contents(tmp_path) == {"a.conf": "1", "other.conf": "not ours"}


def test_a_file_that_is_not_ours_is_kept_as_a_copy(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("the distribution's")
    install({"a.conf": "1"}, tmp_path)
    install({"a.conf": "2"}, tmp_path)
    assert contents(tmp_path) == {"a.conf": "2", "a.conf" + BACKUP: "the distribution's"}


def test_a_file_changed_by_hand_is_kept_beside_the_older_copy(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("the distribution's")
    install({"a.conf": "1"}, tmp_path)
    (tmp_path / "a.conf").write_text("by hand")
    assert install({}, tmp_path).changed == ("a.conf",)
    assert contents(tmp_path) == {f"a.conf{BACKUP}": "the distribution's", f"a.conf{BACKUP}.2": "by hand"}


def test_the_same_text_found_there_becomes_ours(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("1")
    assert install({"a.conf": "1"}, tmp_path).changed == ()
    install({}, tmp_path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("manifest", ["{", "[]", '{"../x": "y", "a.conf": 3}'])
def test_without_a_readable_manifest_copies_are_kept(tmp_path: Path, manifest: str) -> None:
    install({"a.conf": "1"}, tmp_path)
    (tmp_path / MANIFEST).write_text(manifest)
    install({"a.conf": "2"}, tmp_path)
    assert contents(tmp_path) == {"a.conf": "2", "a.conf" + BACKUP: "1"}


def test_a_full_disk_while_writing_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install({"a.conf": "1", "b.conf": "1", "gone.conf": "1"}, tmp_path)
    calls = iter(range(100))

    def fsync(descriptor: int) -> None:
        if next(calls) == 1:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="No space"):
        install({"a.conf": "2", "b.conf": "2"}, tmp_path)
    assert contents(tmp_path) == {"a.conf": "1", "b.conf": "1", "gone.conf": "1"}


def test_a_failure_while_putting_in_place_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b.conf").write_text("the distribution's")
    install({"a.conf": "1", "gone.conf": "1"}, tmp_path)
    before = contents(tmp_path)
    manifest = (tmp_path / MANIFEST).read_text()
    replace = Path.replace

    def fail_at_the_manifest(self: Path, target: Path) -> Path:
        if target.name == MANIFEST:
            raise OSError(5, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail_at_the_manifest)
    with pytest.raises(OSError, match="Input/output"):
        install({"a.conf": "2", "b.conf": "2", "c.conf": "2"}, tmp_path)
    assert contents(tmp_path) == before
    assert (tmp_path / MANIFEST).read_text() == manifest


@pytest.mark.parametrize("name", ["../a.conf", "a/b.conf", "/a.conf", ".hidden", "", ".."])
def test_files_stay_in_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name for a file"):
        install({name: "1"}, tmp_path)
    assert contents(tmp_path) == {}
