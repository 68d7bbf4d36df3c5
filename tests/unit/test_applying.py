"""Putting a configuration in force: what is kept, what is taken back, and what a crash leaves behind."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from appliance.port import Refused
from appliance.trouble import Trouble
from appliance.versions.applying import Applier
from appliance.versions.history import Busy, Versions
from dialplan import install as installation
from tests.unit.paper import HALF_WAY, STEPS, UNREADABLE, PaperWorkshop, apply, write

REPOSITORY = Path(__file__).parents[2]
OLD = {"a.conf": "ring for 10\n", "b.conf": "Paper Ltd 10\n", "c.conf": "same\n"}
NEW = {"a.conf": "ring for 20\n", "b.conf": "Paper Ltd 20\n", "c.conf": "same\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where version 1 is in force, and the operator has written something else."""
    write(tmp_path, 10)
    apply(tmp_path, PaperWorkshop(tmp_path))
    write(tmp_path, 20)
    return tmp_path


def versions(root: Path) -> Versions:
    return Versions(root / "versions")


def files(root: Path) -> dict[str, str]:
    return installation.installed(root / "etc")


def is_as_before(root: Path) -> None:
    """Version 1 serves, everywhere."""
    workshop = PaperWorkshop(root)
    assert versions(root).current() == 1 and versions(root).numbers() == [1]
    assert files(root) == workshop.read == OLD
    assert workshop.told == 1
    assert versions(root).journal() is None
    assert not [path for path in (root / "etc").iterdir() if path.name.endswith(".new") or "undo" in path.name]


def test_it_is_kept_installed_read_told_and_in_force(root: Path) -> None:
    workshop = PaperWorkshop(root)
    done = apply(root, workshop)
    assert (done.version, done.before, done.is_new, done.verified, done.told) == (2, 1, True, True, True)
    assert done.changed == ("a.conf", "b.conf"), "and nothing else is touched"
    assert files(root) == workshop.read == NEW and workshop.told == 2
    about = versions(root).about(2)
    assert (about.who, about.comment, about.directory) == ("olga", "because", str(root / "config"))
    assert versions(root).settings(2).queues["support"].ring_for == 20
    assert versions(root).settings(1).queues["support"].ring_for == 10
    assert workshop.closed == 1


def test_the_second_time_nothing_changes(root: Path) -> None:
    apply(root, PaperWorkshop(root))
    before = {path: path.stat().st_mtime_ns for path in (root / "etc").iterdir()}
    done = apply(root, PaperWorkshop(root))
    assert (done.version, done.is_new, done.changed) == (2, False, ())
    assert {path: path.stat().st_mtime_ns for path in (root / "etc").iterdir()} == before
    assert versions(root).numbers() == [1, 2]


def test_a_file_that_somebody_changed_is_put_right_without_a_new_version(root: Path) -> None:
    apply(root, PaperWorkshop(root))
    (root / "etc" / "a.conf").write_text("by hand\n")
    done = apply(root, PaperWorkshop(root))
    assert (done.version, done.is_new, done.changed) == (2, False, ("a.conf",))
    assert files(root) == PaperWorkshop(root).read == NEW


@pytest.mark.parametrize("step", [step for step in STEPS if step not in (HALF_WAY, "finish")])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), Refused("no"), Trouble("No.")]
)
def test_whatever_fails_everything_is_taken_back(root: Path, step: str, error: Exception) -> None:
    def fail(at: str) -> None:
        if at == step:
            raise error

    with pytest.raises((Trouble, OSError, Refused)) as caught:
        apply(root, PaperWorkshop(root), fail)
    if step not in ("render", "keep"):
        assert "Everything has been taken back. Version 1 goes on serving." in str(caught.value)
    is_as_before(root)


def test_what_the_switch_refuses_is_taken_back(root: Path) -> None:
    write(root, UNREADABLE)
    with pytest.raises(Trouble, match=r"the switch cannot read a\.conf"):
        apply(root, PaperWorkshop(root))
    is_as_before(root)


def test_a_full_disk_while_files_are_installed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(target: Path, content: bytes) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    with monkeypatch.context() as patched:
        patched.setattr(installation, "_stage", no_room)
        with pytest.raises(Trouble, match="No space left on device"):
            apply(root, PaperWorkshop(root))
    is_as_before(root)


def test_a_full_disk_while_the_version_is_kept(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(self: Versions, file: Path, content: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    with monkeypatch.context() as patched:
        patched.setattr(Versions, "_write", no_room)
        with pytest.raises(Trouble, match=r"cannot be kept.*No space left on device.*Nothing has been changed"):
            apply(root, PaperWorkshop(root))
    is_as_before(root)


def test_a_caller_who_would_be_stranded_keeps_it_from_being_applied(root: Path) -> None:
    workshop = PaperWorkshop(root)
    workshop.stranded = {"sales": 2}
    with pytest.raises(Trouble, match=r"2 callers wait in sales[\s\S]*removed:\n {4}sales: \{queue: NAME\}"):
        apply(root, workshop)
    is_as_before(root)


def test_what_needs_a_restart_is_said_first_and_refused(root: Path) -> None:
    workshop = PaperWorkshop(root)
    workshop.reasons = ["where the switch listens for SIP (network:)"]
    with pytest.raises(Trouble, match=r"does not take over this: where the switch listens.*--restart-switch"):
        apply(root, workshop)
    is_as_before(root)
    done = apply(root, workshop, restart=True)
    assert done.version == 2 and done.restart_switch_for == ("where the switch listens for SIP (network:)",)


def test_without_the_switch_nothing_is_put_in_force_unless_that_is_wanted(root: Path) -> None:
    workshop = PaperWorkshop(root)
    workshop.is_up = False
    with pytest.raises(Trouble, match=r"does not answer.*--unverified"):
        apply(root, workshop)
    is_as_before(root)
    done = apply(root, workshop, unverified=True)
    assert (done.version, done.verified) == (2, False) and files(root) == NEW


@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_at_any_step_the_next_one_puts_it_right(root: Path, step: str) -> None:
    child = subprocess.run(
        [sys.executable, "-m", "tests.unit.paper", str(root), step], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    applier = Applier(versions(root), PaperWorkshop(root), "igor")
    with versions(root).alone("igor"):
        said = applier.put_right()
    if step == "finish":
        assert said and "version 2" in said and "it is in force" in said
        assert versions(root).current() == 2 and files(root) == NEW and PaperWorkshop(root).told == 2
        assert versions(root).journal() is None
        return
    if step in ("render", "keep"):
        assert said is None, "nothing had been done"
    else:
        assert said and "by olga" in said and "taken back: version 1 is in force" in said
    is_as_before(root)
    assert apply(root, PaperWorkshop(root)).version == 2


def test_a_kill_while_it_is_put_right_is_put_right_as_well(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(
        [sys.executable, "-m", "tests.unit.paper", str(root), "flip"], cwd=REPOSITORY, capture_output=True
    )

    def cut_off(directory: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt), versions(root).alone("igor"):
        patched.setattr(installation, "settle", cut_off)
        Applier(versions(root), PaperWorkshop(root), "igor").put_right()
    with versions(root).alone("vera"):
        assert Applier(versions(root), PaperWorkshop(root), "vera").put_right()
    is_as_before(root)


def test_of_two_at_once_the_second_is_told_who_is_at_it(root: Path) -> None:
    with versions(root).alone("vera"), pytest.raises(Busy, match=rf"vera \(process {os.getpid()}\) is applying"):
        apply(root, PaperWorkshop(root))
    assert apply(root, PaperWorkshop(root)).version == 2


def test_a_first_apply_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "a.conf").write_text("the switch's own\n")
    write(tmp_path, UNREADABLE)
    with pytest.raises(Trouble, match="The configuration goes on serving"):
        apply(tmp_path, PaperWorkshop(tmp_path))
    assert {path.name: path.read_text() for path in (tmp_path / "etc").iterdir()} == {
        "a.conf": "the switch's own\n"
    }
    assert versions(tmp_path).current() is None and versions(tmp_path).numbers() == []


def test_a_sound_is_kept_once_and_stays_what_it_was(root: Path) -> None:
    apply(root, PaperWorkshop(root))
    kept = versions(root)
    first, second = (kept.settings(number).music["waltz"] for number in (1, 2))
    assert first == second and first[0].parent == root / "versions" / "sounds"
    write(root, 20, sample=2)
    other = (root / "config" / "waltz.wav").read_bytes()
    apply(root, PaperWorkshop(root))
    assert kept.settings(3).music["waltz"][0].read_bytes() == other
    assert kept.settings(2).music["waltz"] == second


def test_old_versions_go_but_not_those_in_use(root: Path) -> None:
    for ring_for in range(11, 16):
        write(root, ring_for)
        apply(root, PaperWorkshop(root))
    kept = versions(root)
    assert kept.numbers() == [1, 2, 3, 4, 5, 6]
    assert kept.prune(3, {2}) == [1, 3]
    assert kept.numbers() == [2, 4, 5, 6]
    assert kept.prune(3, set()) == [2]


def test_secrets_are_never_kept(root: Path) -> None:
    (root / "config" / "secrets.yml").write_text("ami: tops3cret\n")
    apply(root, PaperWorkshop(root))
    kept = [path.read_bytes() for path in (root / "versions").rglob("*") if path.is_file()]
    assert kept and not [content for content in kept if b"tops3cret" in content]
