"""The commands diff, apply, rollback and versions, on a machine whose switch does not run."""

import json
import subprocess
from pathlib import Path

import pytest

from appliance.trouble import Trouble
from appliance.versions.history import Journal, Versions
from dialplan.install import install
from tests.unit.cli.site import SITE, run


@pytest.fixture
def applied(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where version 1 is in force."""
    from dialplan import speech

    monkeypatch.setattr(speech, "make", lambda *arguments: 0)  # needs an engine of speech
    done = run(site, "apply", "--into", f"{site}/asterisk", "-m", "the first")
    assert done.exit_code == 0 and "Version 1 is in force." in done.output
    assert "core restart when convenient" in done.output
    return site


def apply(site: Path, *options: str) -> str:
    return run(site, "apply", "--into", f"{site}/asterisk", "--unverified", *options).output


def test_who_when_and_why_are_kept(applied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "olga")
    (applied / "config" / "site.yml").write_text(SITE.replace("ACME", "ACME Ltd"))
    assert "Version 2 is in force, before it 1." in apply(applied, "-m", "a new name")
    rows = json.loads(run(applied, "versions", "--json").output)
    assert [(row["number"], row["in_force"], row["comment"]) for row in rows] == [
        (1, False, "the first"),
        (2, True, "a new name"),
    ]
    assert rows[1]["who"] == "olga" and rows[1]["directory"] == f"{applied}/config"
    assert "a new name" in run(applied, "versions").output


def test_the_commit_is_kept_and_whether_it_was_changed_since(applied: Path) -> None:
    config = applied / "config"

    def git(*arguments: str) -> str:
        command = ["git", "-C", config, "-c", "user.name=o", "-c", "user.email=o@localhost", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    (config / "site.yml").write_text(SITE.replace("ACME", "ACME Ltd"))
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    apply(applied)
    (config / "site.yml").write_text(SITE.replace("ACME", "ACME plc"))
    apply(applied)
    versions = Versions(applied / "data" / "versions")
    assert versions.about(1).commit is None
    assert (versions.about(2).commit, versions.about(2).dirty) == (git("rev-parse", "HEAD"), False)
    assert (versions.about(3).commit, versions.about(3).dirty) == (git("rev-parse", "HEAD"), True)


def test_the_same_again_is_no_version_and_needs_no_switch(applied: Path) -> None:
    done = run(applied, "apply", "--into", f"{applied}/asterisk")
    assert done.exit_code == 0 and "Version 1 is in force already: nothing is different." in done.output


def test_diff_says_it_in_words_and_as_text_without_secrets(applied: Path) -> None:
    into = ("--into", f"{applied}/asterisk")
    same = run(applied, "diff", *into)
    assert (same.exit_code, same.output) == (0, "Nothing would change: version 1 says the same.\n")
    (applied / "config" / "site.yml").write_text(SITE.replace("Desk", "Front desk"))
    secrets = (applied / "secrets.yml").read_text()
    (applied / "secrets.yml").write_text(secrets.replace('phone-201: "', 'phone-201: "altered'))
    (applied / "secrets.yml").chmod(0o600)
    words = run(applied, "diff", *into)
    assert words.exit_code == 1 and "phone 201: name Desk -> Front desk" in words.output
    text = run(applied, "diff", "--text", *into).output
    assert '+callerid = "Front desk" <201>' in text and "altered" not in text
    data = json.loads(run(applied, "diff", "--json", *into).output)
    assert data["differences"] == [{"place": "phone 201", "what": "name Desk -> Front desk"}]
    assert data["files"] == ["pjsip.conf"]


def test_rollback_is_a_new_version_with_the_old_content(applied: Path) -> None:
    (applied / "config" / "site.yml").write_text(SITE.replace("ACME", "ACME Ltd"))
    apply(applied)
    done = run(applied, "rollback", "--into", f"{applied}/asterisk", "--unverified", "-m", "too grand")
    assert "Version 3 is in force, before it 2." in done.output
    versions = Versions(applied / "data" / "versions")
    assert versions.about(3).comment == "back to version 1: too grand"
    assert versions.settings(3) == versions.settings(1) != versions.settings(2)
    assert run(applied, "diff", "--into", f"{applied}/asterisk").exit_code == 1, "the directory stays as it was"


def test_there_is_nothing_to_go_back_to(site: Path) -> None:
    with pytest.raises(Trouble, match="Nothing was ever applied"):
        run(site, "rollback")
    assert "Nothing has been applied yet" in run(site, "versions").output
    assert run(site, "diff", "--into", f"{site}/asterisk").exit_code == 1


def test_a_version_that_is_not_kept_is_trouble(applied: Path) -> None:
    with pytest.raises(Trouble, match="There is no version 7"):
        run(applied, "rollback", "7")
    with pytest.raises(Trouble, match="the first that is kept"):
        run(applied, "rollback")


def test_a_wrong_configuration_is_never_applied(applied: Path) -> None:
    (applied / "config" / "site.yml").write_text(SITE.replace('"1002"]', '"1009"]'))
    with pytest.raises(Trouble, match="There is no agent"):
        apply(applied)
    assert Versions(applied / "data" / "versions").numbers() == [1]


def test_calls_that_do_not_go_as_expected_keep_it_from_being_applied(applied: Path) -> None:
    number = json.loads(run(applied, "diff", "--json", "--into", f"{applied}/asterisk").output)["version"]
    assert number == 1
    (applied / "config" / "calls.yml").write_text("calls:\n  wrong: nonsense\n")
    with pytest.raises(Trouble, match=r"calls\.yml[\s\S]*--untested applies all the same"):
        apply(applied)
    assert "Version 2 is in force" in apply(applied, "--untested")


def test_run_serves_what_was_applied_whatever_has_become_of_the_directory(
    applied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr("appliance.daemon.run_daemon", lambda *arguments: seen.append(arguments))
    (applied / "config" / "site.yml").write_text("half edit")
    run(applied, "run")
    settings, _, _, _, succession = seen[0]
    assert settings.company == "ACME" and succession.version == 1


def test_health_puts_right_what_was_cut_off_and_says_so(applied: Path) -> None:
    versions = Versions(applied / "data" / "versions")
    before = (applied / "asterisk" / "pjsip.conf").read_text()
    into = applied / "asterisk"
    install({"pjsip.conf": "half of another version\n"}, into, undoable=True)
    versions.begin(Journal(None, 1, str(into), "igor", 1, 1795165200.0))
    found = {each["what"]: each for each in json.loads(run(applied, "health", "--json").output)["findings"]}
    assert found["configuration"]["verdict"] == "warning"
    assert "by igor, was cut off, and has been taken back: version 1 is in force" in found["configuration"]["says"]
    assert (into / "pjsip.conf").read_text() == before and versions.journal() is None
    found = {each["what"]: each for each in json.loads(run(applied, "health", "--json").output)["findings"]}
    assert (found["configuration"]["verdict"], found["configuration"]["says"]) == ("fine", "version 1 is in force")
