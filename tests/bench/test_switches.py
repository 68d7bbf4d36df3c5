"""The bench finds its switch or says what is missing, and puts the switch's own queue beside the appliance's."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from appliance.lab import freeswitch as lab_freeswitch
from appliance.lab.freeswitch import FreeSwitch
from appliance.places import Places
from appliance.secrets import add_missing
from appliance.settings import SwitchKind
from dialplan.render import render
from tests.bench import centre, freeswitch
from tests.bench.__main__ import bench


def test_without_a_freeswitch_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lab_freeswitch, "_find", lambda name: None)
    done = CliRunner().invoke(bench, ["--switch", "freeswitch", "--only", "held"])
    assert done.exit_code == 2
    assert done.output.startswith("bench: There is no FreeSWITCH on this machine;")
    assert done.output.count("\n") == 1


def test_callcenter_has_the_same_phones_by_the_same_trunk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freeswitch, "find_freeswitch", lambda: FreeSwitch(Path("/fs"), Path("/fs_cli"), "1.10.12"))
    switch = freeswitch.BenchFreeSwitch(tmp_path)
    places = Places(tmp_path / "config", tmp_path / "secrets.yml", tmp_path / "data")
    centre.write_configuration(places.config, SwitchKind.FREESWITCH)
    settings = places.settings()
    add_missing(places.secrets_file, settings)
    files = render(settings, places.secrets(settings), switch.paths(tmp_path / "sounds", tmp_path / "music"))
    both = switch.with_own_queue(files)

    callcenter = ElementTree.fromstring(both["callcenter.conf.xml"])
    for queue, phones in centre.PHONES.items():
        theirs = {
            agent.get("contact", "").partition("user/")[2]
            for agent in callcenter.iter("agent")
            for tier in callcenter.iter("tier")
            if tier.get("agent") == agent.get("name") and tier.get("queue") == f"bench-{queue}"
        }
        assert theirs == (set() if queue == centre.HELD else {f"{phone}@appliance" for phone in phones})
    trunk = next(
        c for c in ElementTree.fromstring(both["dialplan.xml"]).iter("context") if c.get("name") == "trunk-bench"
    )
    asked = [condition.get("expression") for condition in trunk.iter("condition")][: len(centre.THEIRS)]
    assert asked == [f"^{number}$" for number in centre.THEIRS.values()]
    assert files.keys() == both.keys()
