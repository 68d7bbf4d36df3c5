"""The commands around phones, and the section of the configuration that they need."""

import json
import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from appliance.commands.phones import _phones_text
from appliance.configuration.checks import load
from appliance.phones import phones_of
from appliance.port import Registration
from appliance.settings import Phone, Settings
from provisioning.links import Links

SECTION = """
provisioning:
  host: pbx.example.com
  networks: [192.0.2.0/24]
  certificate: tls/server.crt
  key: tls/server.key
"""

SITE = """
company: ACME
country: RU
time_zone: Europe/Moscow
language: en
phones:
  201: {name: Desk}
  202: {name: 'Lab "2"'}
"""
PASSWORD = "pass-of-201"


class Site:
    """An installation, and its command line."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.config = directory / "config"
        self.config.mkdir()
        (self.config / "site.yml").write_text(SITE)
        self.secrets = directory / "secrets.yml"
        self.secrets.write_text(f"ami: abc\nphone-201: {PASSWORD}\nphone-202: pass-of-202\n")
        self.secrets.chmod(0o600)
        self.configure(SECTION)

    def configure(self, section: str) -> None:
        (self.config / "provisioning.yml").write_text(section + "\n#")

    def run(self, *arguments: str, status: int = 0) -> str:
        """What a command printed, which ended with that status: its complaint if it is not fine."""
        options = ("-c", self.config, "--secrets", self.secrets, "--data", self.directory / "data")
        done = subprocess.run(
            [sys.executable, "-m", "appliance.main", *map(str, options), *arguments],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr if status else done.stdout


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path)


def test_a_link_and_its_codes(site: Site) -> None:
    said = site.run(
        "phone", "link", "201", "--format", "yealink", "--for", "30m", "--qr", str(site.directory / "q.svg")
    )
    link = next(line.strip() for line in said.splitlines() if "https://" in line)
    assert link.startswith("https://pbx.example.com:8443/p/") and link.endswith("/201.cfg")
    assert said.startswith("Phone 201 (Desk), Yealink")
    assert "█" in said
    picture = site.directory / "q.svg"
    assert ElementTree.fromstring(picture.read_text()).tag.endswith("svg")
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    site.run("phone", "link", "201", "--qr", str(site.directory / "q.png"))
    assert (site.directory / "q.png").read_bytes().startswith(b"\x89PNG")


def test_a_link_for_programs_is_one_that_the_server_knows(site: Site) -> None:
    made = json.loads(site.run("phone", "link", "202", "--json"))
    assert (made["phone"], made["format"]) == ("202", "linphone")
    token = made["url"].split("/")[4]
    expires = datetime.fromisoformat(made["expires_at"]).timestamp()
    known = Links(site.directory / "data").look(token, expires - 1)
    assert known is not None and known.phone == "202"


def test_files(site: Site) -> None:
    into = site.directory / "out"
    said = site.run(
        "phone", "file", "201", "--format", "yealink", "--mac", "00:15:65:AA:BB:CC", "--into", str(into)
    )
    (written,) = into.iterdir()
    assert written.name == "001565aabbcc.cfg" and str(written) in said
    assert PASSWORD in written.read_text() and PASSWORD not in said
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    made = json.loads(site.run("phone", "file", "201", "--format", "baresip", "--into", str(into), "--json"))
    assert [Path(file).name for file in made["files"]] == ["accounts", "config", "contacts"]


@pytest.mark.parametrize(
    "arguments, complaint",
    [
        (("phone", "link", "999"), "There is no phone '999'. Known here: 201, 202."),
        (("phone", "link", "201", "--qr", "x.gif"), "x.gif: the QR code can be written as .png or .svg."),
        (("phone", "link", "201", "--for", "30"), 'Write "30s" for seconds or "30m" for minutes.'),
        (("phone", "link", "202", "--format", "baresip"), '"Lab "2"" has a double quote in it'),
        (("phone", "file", "201", "--format", "snom", "--mac", "12"), '"12" is no hardware address'),
        (("phone", "file", "201"), "--format"),
        (("phone", "revoke", "999"), "There is no phone '999'."),
        (("provisioning", "serve"), "server.crt: this cannot be read: No such file or directory."),
    ],
)
def test_what_cannot_be_done_is_said(site: Site, arguments: Sequence[str], complaint: str) -> None:
    assert complaint in site.run(*arguments, status=2)


def test_without_the_section_the_commands_say_so(site: Site) -> None:
    site.configure("")
    for command in (("phone", "link", "201"), ("provisioning", "serve"), ("provisioning", "certificate")):
        assert 'has no section "provisioning"' in site.run(*command, status=2)


def test_revoking_without_a_switch_does_the_rest_and_says_what_is_left(site: Site) -> None:
    token = json.loads(site.run("phone", "link", "201", "--json"))["url"].split("/")[4]
    into = site.directory / "asterisk"
    said = site.run("phone", "revoke", "201", "--into", str(into), status=2)
    assert "The switch could not be told: Asterisk does not answer on 127.0.0.1 port 5038" in said
    assert "The phone can still call until this is done: asterisk -rx" in said
    assert PASSWORD not in site.secrets.read_text() and "pass-of-202" in site.secrets.read_text()
    assert PASSWORD not in (into / "pjsip.conf").read_text()
    assert Links(site.directory / "data").look(token, 0.0) is None


def test_a_certificate_is_made_where_the_configuration_wants_it(site: Site) -> None:
    said = site.run("provisioning", "certificate", "--name", "192.0.2.1")
    for name in ("ca.crt", "server.crt", "server.key"):
        assert str(site.config / "tls" / name) in said
    again = json.loads(site.run("provisioning", "certificate", "--json"))
    assert not again["made_authority"]


def problems(site: Site, section: str) -> list[str]:
    site.configure(section)
    return [str(problem).rpartition("/provisioning.yml:")[2] for problem in load(site.config).problems]


def test_the_section_is_checked(site: Site) -> None:
    assert problems(site, SECTION) == []
    assert problems(site, "provisioning: {host: a}") == [
        '2:1: The section "provisioning" has no "certificate".'.replace("2:1", "1:15"),
        '1:15: The section "provisioning" has no "key".',
        '1:15: The section "provisioning" has no "networks".',
    ]
    (clash,) = problems(site, SECTION + "  port: 5038\n")
    assert clash.startswith("7:9: Port 5038 of the server for phones is that of ami_port too.")
    (everybody,) = problems(site, SECTION.replace("192.0.2.0/24", "0.0.0.0/0"))
    assert "warning: 0.0.0.0/0 is everybody" in everybody
    (empty,) = problems(site, SECTION.replace("[192.0.2.0/24]", "[]"))
    assert "This list is empty. Name the networks of the phones." in empty


def test_phones_as_they_are_shown() -> None:
    phones = {
        "201": Phone("201", "Desk"),
        "202": Phone("202", "Lab"),
        "203": Phone("203", "Gate", contact="sip:gate@192.0.2.9"),
        "204": Phone("204", "Hall"),
    }
    settings = Settings(Path(), "ACME", "RU", "UTC", "en", phones=phones)
    listed = phones_of(
        settings,
        [
            Registration("201", "192.0.2.7:5060", "Yealink SIP-T54W 96.86.0.45", 0.0123, True),
            Registration("204", "192.0.2.8:5060", "\x1b[31mred", None, False),
            Registration("299", "192.0.2.6:5060", "", 0.001, True),
        ],
    )
    assert [re.split("  +", line.strip()) for line in _phones_text(listed).splitlines()] == [
        ["phone", "name", "state", "address", "firmware", "round trip"],
        ["201", "Desk", "registered", "192.0.2.7:5060", "Yealink SIP-T54W 96.86.0.45", "12.3 ms"],
        ["202", "Lab", "not registered", "-", "-", "-"],
        ["203", "Gate", "fixed address", "sip:gate@192.0.2.9", "-", "-"],
        ["204", "Hall", "does not answer", "192.0.2.8:5060", "\ufffd[31mred", "-"],
        ["299", "-", "registered", "192.0.2.6:5060", "-", "1.0 ms"],
    ]
