"""The commands render, run and lab."""

import json
from pathlib import Path
from typing import Any

import pytest

from appliance.settings import Settings
from appliance.trouble import Trouble
from tests.unit.cli.site import SITE, run


def test_render_writes_says_what_changed_and_changes_nothing_again(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dialplan import speech

    monkeypatch.setattr(
        speech, "prepare", lambda *arguments: speech.Prepared(3, 2, 1)
    )  # needs an engine of speech
    first = run(site, "render", "--into", f"{site}/asterisk")
    assert first.exit_code == 0
    assert "3 made, 2 kept, 1 removed" in first.output
    assert "pjsip.conf" in first.output and "restart when convenient" in first.output
    assert (
        "[sales]" in (site / "asterisk" / "queues.conf").read_text()
        or (site / "asterisk" / "queues.conf").exists()
    )
    again = json.loads(run(site, "render", "--into", f"{site}/asterisk", "--json").output)
    assert (again["changed"], again["switch_command"]) == ([], None)
    (site / "config" / "site.yml").write_text(SITE.replace("Desk", "Front desk"))
    third = run(site, "render", "--into", f"{site}/asterisk")
    assert "Files changed" in third.output and "core reload" in third.output


def test_render_says_which_secrets_are_missing_or_makes_them_up(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dialplan import speech

    monkeypatch.setattr(speech, "prepare", lambda *arguments: speech.Prepared(0, 0, 0))
    (site / "secrets.yml").write_text('ami: "abc"\n')
    with pytest.raises(Trouble, match="lacks these secrets: phone-201, agent-1001, agent-1002"):
        run(site, "render", "--into", f"{site}/asterisk")
    assert not (site / "asterisk").exists()
    result = run(site, "render", "--into", f"{site}/asterisk", "--make-secrets")
    assert "Secrets made up" in result.output and "agent-1002" in result.output
    (site / "secrets.yml").unlink()
    with pytest.raises(Trouble, match="There is no file"):
        run(site, "render")


def test_run_refuses_what_check_refuses_in_the_same_words(site: Path) -> None:
    (site / "config" / "site.yml").write_text(SITE.replace('"1002"]', '"1009"]'))
    said = run(site, "check").output.splitlines()[0]
    with pytest.raises(Trouble) as trouble:
        run(site, "run")
    assert said in str(trouble.value)


def test_run_hands_everything_to_the_daemon(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def run_daemon(
        settings: Settings, secrets: dict[str, str], data: Path, on_ready: Any, succession: Any
    ) -> None:
        seen.append((settings.company, secrets["agent-1001"], data))
        assert succession.version is None
        on_ready()

    monkeypatch.setattr("appliance.daemon.run_daemon", run_daemon)
    result = run(site, "run")
    assert seen == [("ACME", "1111", site / "data")]
    assert "The appliance of ACME runs" in result.output


@pytest.mark.parametrize("status", [0, 1])
def test_lab_exits_as_the_demonstration_did(site: Path, monkeypatch: pytest.MonkeyPatch, status: int) -> None:
    pytest.importorskip("numpy")
    monkeypatch.setattr(
        "appliance.lab.run.run_lab", lambda directory, once, switch: status if once and switch is None else 9
    )
    assert run(site, "lab", "--once").exit_code == status
