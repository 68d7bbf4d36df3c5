"""The life of one machine: bare, installed, installed again, attacked, restarted, upgraded, spoilt, removed.

The tests follow each other: each finds the machine as the one before has left it.
"""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.box.box import Box
from tests.box.centre import NUMBER, Centre
from tests.box.plays import CONFIGURATION, REPOSITORY, Plays
from tests.box.world import BOX_ADDRESS, PHONES, PROVIDER, PROXY, STRANGER
from tests.scenarios.waiting import until

SERVICES = (
    "asterisk",
    "appliance",
    "appliance-provisioning",
    "appliance-backup.timer",
    "appliance-tidy.timer",
    "nftables",
    "fail2ban",
)
OURS = (
    *("/opt/appliance", "/etc/appliance", "/etc/asterisk", "/var/lib/appliance", "/var/lib/asterisk"),
    *("/var/log/asterisk", "/var/spool/appliance", "/var/spool/asterisk", "/usr/local/bin/appliance"),
    *("/usr/sbin/asterisk", "/etc/nftables.d/appliance.nft", "/etc/fail2ban/jail.d/appliance.local"),
)


@pytest.fixture(autouse=True)
def one_after_the_other(request: pytest.FixtureRequest) -> None:
    """After a step that has failed, the next ones would only say so again."""
    if request.session.testsfailed:
        pytest.skip("the step before has failed")


def test_a_check_of_a_bare_machine_changes_nothing(box: Box, plays: Plays) -> None:
    before = box.ssh("dpkg -l | md5sum; ls /etc /opt | md5sum").stdout
    run = plays.succeed("site", "--check", "--diff")
    assert "has no appliance yet" in run.output
    assert box.ssh("dpkg -l | md5sum; ls /etc /opt | md5sum").stdout == before


def test_one_play_makes_a_bare_machine_answer(box: Box, plays: Plays, centre: Centre) -> None:
    plays.succeed("site")
    everything_runs(box)
    centre.begins()
    centre.serves_a_call()


def everything_runs(box: Box) -> None:
    for service in SERVICES:
        active = box.ssh(f"systemctl is-active {service}; systemctl is-enabled {service}", check=False).stdout
        assert active.split() == ["active", "enabled"], service
    assert box.ssh("systemctl --failed --no-legend").stdout == ""


def test_a_second_run_changes_nothing(plays: Plays) -> None:
    assert plays.succeed("site", "--diff").changed == []


def test_a_check_of_a_change_shows_it_and_does_nothing(box: Box, plays: Plays, tmp_path: Path) -> None:
    other = shutil.copytree(CONFIGURATION, tmp_path / "other")
    file = other / "calls.yml"
    file.write_text(file.read_text().replace("name: Bookings", "name: Reservations"))
    run = plays.succeed("site", "--check", "--diff", appliance_config=other)
    assert "+    name: Reservations" in run.output
    assert "Bookings" in box.ssh("cat /etc/appliance/calls.yml").stdout


def test_a_wrong_configuration_is_refused_and_the_one_before_stays(
    box: Box, plays: Plays, centre: Centre, tmp_path: Path
) -> None:
    other = shutil.copytree(CONFIGURATION, tmp_path / "other")
    (other / "more.yml").write_text('numbers: {"+12025550101": {open: {queue: bokings}}}\n')
    before = box.ssh("cat /etc/appliance/*.yml | md5sum; systemctl show -P MainPID appliance").stdout
    run = plays.run("site", "--tags", "appliance", appliance_config=other)
    assert run.status != 0
    assert "Did you mean" in run.output and "bookings" in run.output
    assert box.ssh("cat /etc/appliance/*.yml | md5sum; systemctl show -P MainPID appliance").stdout == before
    centre.serves_a_call()


def test_only_those_who_belong_here_are_let_in(box: Box) -> None:
    assert sip_answers(PROVIDER) and sip_answers(PHONES)
    assert not sip_answers(STRANGER)
    assert connects(STRANGER, 22), "the administrator may be anywhere"
    box.ssh("systemd-run --quiet --unit=open python3 -m http.server 8000")
    until("the port is open to the machine itself", lambda: box.ssh("ss -ltn sport = :8000").stdout.count(":8000"))
    assert connects(PHONES, 8443) and not connects(PROVIDER, 8443) and not connects(STRANGER, 8443)
    assert not connects(PHONES, 8000) and not connects(PROVIDER, 8000)
    box.ssh("systemctl stop open")


def sip_answers(from_: str) -> bool:
    """Whether the switch answers OPTIONS that comes from there."""
    request = (
        f"OPTIONS sip:{BOX_ADDRESS} SIP/2.0\r\nVia: SIP/2.0/UDP {from_}:5099;branch=z9hG4bK1\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:31@{from_}>;tag=1\r\nTo: <sip:{BOX_ADDRESS}>\r\n"
        f"Call-ID: {from_}\r\nCSeq: 1 OPTIONS\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    with socket.socket(type=socket.SOCK_DGRAM) as ours:
        ours.bind((from_, 5099))
        ours.settimeout(2)
        ours.sendto(request.encode(), (BOX_ADDRESS, 5060))
        try:
            return ours.recv(4096).startswith(b"SIP/2.0")
        except TimeoutError:
            return False


def connects(from_: str, port: int) -> bool:
    try:
        with socket.create_connection((BOX_ADDRESS, port), timeout=2, source_address=(from_, 0)):
            return True
    except OSError:
        return False


def test_tls_is_spoken_with_the_certificate_of_the_machine(box: Box) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is signed by itself
    with socket.create_connection((BOX_ADDRESS, 5061), 5, (PHONES, 0)) as raw, context.wrap_socket(raw) as secure:
        certificate = ssl.DER_cert_to_PEM_cert(secure.getpeercert(True) or b"")
    assert certificate.strip() == box.ssh("cat /etc/appliance/tls/certificate.pem").stdout.strip()
    key = box.ssh("stat -c %U:%G:%a /etc/appliance/tls/key.pem /etc/appliance/secrets.yml").stdout.split()
    assert key == ["appliance:asterisk:440", "appliance:appliance:600"]


def test_who_guesses_passwords_is_locked_out(box: Box, centre: Centre) -> None:
    guesser = "192.168.50.66"
    with centre.somebody_at(guesser):
        assert sip_answers(guesser)
        for n in range(8):
            centre.guesses_a_password(guesser, f"guess {n}")
        until("it is locked out", lambda: guesser in box.ssh("fail2ban-client get asterisk banip").stdout)
        assert not sip_answers(guesser)
        box.ssh(f"fail2ban-client set asterisk unbanip {guesser}")
    assert sip_answers(PHONES)


def test_it_answers_again_after_a_restart_of_the_machine(box: Box, centre: Centre) -> None:
    box.reboot()
    until("the appliance serves calls", lambda: box.ssh("appliance health", check=False).returncode == 0)
    everything_runs(box)
    assert not sip_answers(STRANGER)
    centre.begins()
    centre.serves_a_call()


@pytest.fixture(scope="module")
def wheels(box: Box, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A next version, and one after it that cannot start."""
    made = {}
    for version in ("0.9.1", "0.9.2"):
        tree = tmp_path_factory.mktemp("wheel") / "tree"
        ignored = shutil.ignore_patterns(".*", "tests", "build", "*.egg-info", "__pycache__")
        shutil.copytree(REPOSITORY, tree, ignore=ignored)
        setup = tree / "setup.py"
        setup.write_text(re.sub(r'version="[^"]*"', f'version="{version}"', setup.read_text()))
        if version == "0.9.2":
            daemon = tree / "appliance" / "daemon.py"
            daemon.write_text(daemon.read_text() + "\n\ndef run_daemon(*_, **__):\n    raise OSError\n")
        done = subprocess.run(
            [*(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tree.parent), str(tree))],
            env={**os.environ, "HTTPS_PROXY": PROXY},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        (made[version],) = tree.parent.glob("*.whl")
    return made


def test_an_upgrade_keeps_calls(box: Box, plays: Plays, centre: Centre, wheels: dict[str, Path]) -> None:
    """Dave talks to Alice, Eve waits: both notice nothing, and Eve is next."""
    switch = box.ssh("systemctl show -P MainPID asterisk").stdout
    alice, dave, eve = centre.alice, centre.dave, centre.eve
    centre.signs_on()
    dave.calls(NUMBER)
    alice.rings()
    alice.answers()
    eve.calls(NUMBER)
    until("eve waits", lambda: centre.ask("status")["waiting"] == 1)
    run = plays.succeed("upgrade", appliance_wheel=wheels["0.9.1"])
    assert "runs 0.9.1-" in run.output
    assert "0.9.1" in box.ssh("readlink /opt/appliance/current").stdout
    assert box.ssh("ls /var/backups/appliance").stdout.strip(), "a backup comes first"
    alice.talks_with(dave)
    assert centre.ask("status")["waiting"] == 1
    dave.hangs_up()
    alice.is_hung_up_on()
    alice.rings()
    alice.answers()
    alice.talks_with(eve)
    eve.hangs_up()
    alice.is_hung_up_on()
    assert box.ssh("systemctl show -P MainPID asterisk").stdout == switch, "the switch was not restarted"


def test_an_upgrade_that_fails_is_taken_back(
    box: Box, plays: Plays, centre: Centre, wheels: dict[str, Path]
) -> None:
    run = plays.run("upgrade", appliance_wheel=wheels["0.9.2"], appliance_patience=6)
    assert run.status != 0
    assert "was taken back" in run.output and "runs 0.9.1-" in run.output
    assert "0.9.1" in box.ssh("readlink /opt/appliance/current").stdout
    centre.serves_a_call()


def test_a_run_after_that_changes_nothing(plays: Plays, wheels: dict[str, Path]) -> None:
    assert plays.succeed("site", appliance_wheel=wheels["0.9.1"]).changed == []


def test_no_secret_was_printed(plays: Plays, centre: Centre) -> None:
    printed = "\n".join(run.output for run in plays.runs)
    for name, secret in centre.secrets().items():
        assert secret not in printed, f"{name} was printed"


def test_removal_leaves_nothing_but_the_backups(box: Box, plays: Plays) -> None:
    refused = plays.run("remove")
    assert refused.status != 0 and "remove=yes" in refused.output
    plays.succeed("remove", remove="yes")
    left = box.ssh(f"ls -d {' '.join(OURS)} /etc/systemd/system/*appliance* 2>/dev/null", check=False).stdout
    assert left == ""
    assert box.ssh("getent passwd appliance asterisk", check=False).stdout == ""
    assert box.ssh(r"find / -xdev \( -nouser -o -nogroup \) -print").stdout == ""
    assert box.ssh("nft list table inet appliance", check=False).returncode != 0
    assert box.ssh("systemctl --failed --no-legend").stdout == ""
    assert ".tar.gz" in box.ssh("ls /var/backups/appliance").stdout
    assert plays.succeed("remove", remove="yes").changed == []
