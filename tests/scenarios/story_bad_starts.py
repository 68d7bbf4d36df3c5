"""Starts that cannot succeed: one clear sentence and exit status 2."""

from dataclasses import replace
from pathlib import Path

from appliance.places import Places
from tests.scenarios.centre import Done, run_appliance
from tests.scenarios.site import Site, with_other_ports


def refuses(done: Done, *words: str) -> None:
    """One sentence with these words, exit status 2, and nothing of the insides."""
    assert done.status == 2, done.out + done.err
    assert "Traceback" not in done.err and done.err.startswith("appliance: "), done.err
    assert len(done.err.splitlines()) == 1 and not done.out, done.err
    for word in words:
        assert word in done.err, done.err


def with_another_secret(places: Places, directory: Path, right: str) -> Places:
    """The same, with a wrong password in the place of the right one."""
    secrets = directory / "secrets.yml"
    secrets.write_text(places.secrets_file.read_text().replace(right, "wrong-" + right))
    secrets.chmod(0o600)
    return replace(places, secrets_file=secrets)


def test_a_broken_configuration_is_refused_with_all_that_check_says(running_site: Site, tmp_path: Path) -> None:
    places = with_other_ports(running_site, tmp_path)
    (places.config / "numbers.yml").write_text(
        """numbers:
  "+78432000001": {name: One, open: {queue: unheard-of}}
  "+78432000002": {name: Two, open: {menu: dead-end}}
  "+78432000002": {name: Two again, open: hang up}
"""
    )
    (places.config / "menus.yml").write_text(
        """menus:
  dead-end:
    prompt: {sound: sounds/not-there.wav}
    choices: {1: repeat}
"""
    )
    check = run_appliance(places, "check")
    assert check.status == 1 and "Traceback" not in check.err
    problems = [line for line in check.out.splitlines() if ".yml:" in line and " warning: " not in line]
    for words in ("unheard-of", "not-there.wav", "+78432000002", "dead-end"):
        assert any(words in problem for problem in problems), check.out
    run = run_appliance(places, "run")
    assert run.status == 2 and "Traceback" not in run.err
    for problem in problems:
        assert problem.strip() in run.err


def test_yaml_that_is_none(running_site: Site, tmp_path: Path) -> None:
    places = with_other_ports(running_site, tmp_path)
    (places.config / "queues.yml").write_text("queues: {orders: [\n")
    check, run = run_appliance(places, "check"), run_appliance(places, "run")
    assert check.status == 1 and run.status == 2
    assert "queues.yml" in check.out and "queues.yml" in run.err and "Traceback" not in check.err + run.err
