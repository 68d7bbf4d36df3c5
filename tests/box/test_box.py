"""The life of one machine: bare, installed, installed again, attacked, restarted, upgraded, spoilt, removed.

The tests follow each other: each finds the machine as the one before has left it.
"""

import re
import shutil
from pathlib import Path

import pytest

from appliance.lab.phone import Phone, PhoneError
from tests.box.box import Box
from tests.box.centre import NUMBER, SERVER, Centre
from tests.box.office import Office
from tests.box.outside import connects, everything_runs, shown_certificate, sip_answers
from tests.box.plays import CONFIGURATION, Plays, build_wheel
from tests.box.world import PHONES, PROVIDER, STRANGER
from tests.scenarios.waiting import until

OURS = (
    *("/opt/appliance", "/etc/appliance", "/etc/asterisk", "/var/lib/appliance", "/var/lib/asterisk"),
    *("/var/log/asterisk", "/var/spool/appliance", "/var/spool/asterisk", "/usr/local/bin/appliance"),
    *("/usr/sbin/asterisk", "/etc/nftables.d/appliance.nft", "/etc/fail2ban/jail.d/appliance.local"),
)


def test_a_check_of_a_bare_machine_changes_nothing(box: Box, plays: Plays) -> None:
    before = box.ssh("dpkg -l | md5sum; ls /etc /opt | md5sum").stdout
    run = plays.succeed("site", "--check", "--diff")
    assert "has no appliance yet" in run.output
    assert box.ssh("dpkg -l | md5sum; ls /etc /opt | md5sum").stdout == before


def test_one_play_makes_a_bare_machine_answer(box: Box, plays: Plays, centre: Centre) -> None:
    plays.succeed("site")
    everything_runs(box, "asterisk")
    centre.begins()
    centre.serves_a_call()


def test_a_second_run_changes_nothing(plays: Plays) -> None:
    assert plays.succeed("site", "--diff").changed == []


def test_a_check_of_a_change_shows_it_and_does_nothing(box: Box, plays: Plays, tmp_path: Path) -> None:
    other = shutil.copytree(CONFIGURATION, tmp_path / "other")
    file = other / "centre.yml"
    file.write_text(file.read_text().replace("name: Bookings", "name: Reservations"))
    run = plays.succeed("site", "--check", "--diff", appliance_config=other)
    assert "+    name: Reservations" in run.output
    assert "Bookings" in box.ssh("cat /etc/appliance/centre.yml").stdout


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


def test_tls_is_spoken_with_the_certificate_of_the_machine(box: Box) -> None:
    assert shown_certificate(5061).strip() == box.ssh("cat /etc/appliance/tls/certificate.pem").stdout.strip()
    key = box.ssh("stat -c %U:%G:%a /etc/appliance/tls/key.pem /etc/appliance/secrets.yml").stdout.split()
    assert key == ["appliance:asterisk:440", "appliance:appliance:600"]


def test_a_softphone_that_is_provisioned_by_its_link_takes_a_queue_call(
    box: Box, centre: Centre, office: Office
) -> None:
    """Bob, who knows nothing but a link, a number of an agent and a PIN."""
    phone = office.baresip()
    link = office.link("32", "baresip")
    office.unpacks(link, phone)
    with pytest.raises(OSError, match="404"):
        office.fetches(link)  # it has been used
    phone.start(office.voice)
    office.is_registered("32", "baresip")
    office.signs_on(phone, "502")
    box.ssh("appliance agents sign-off 501")  # or it would be Alice's call
    office.serves_a_call("502", phone.answers)


def test_one_by_tls_trusts_the_certificate_of_the_machine_and_takes_another(
    box: Box, centre: Centre, office: Office
) -> None:
    """With SRTP, which this phone and the switch both insist on."""
    phone = office.linphone()
    phone.start(office.link("33", "linphone"))
    phone.has_no_certificate()
    office.is_registered("33", "linphone")
    phone.speaks(office.voice)
    office.signs_on(phone, "502")
    office.serves_a_call("502")


def test_a_stranger_gets_nowhere_with_a_link_or_the_right_password(centre: Centre, office: Office) -> None:
    link = office.link("32", "baresip")
    assert not connects(STRANGER, 8443)
    secret = centre.secrets()["phone-32"]
    with (
        Phone("stranger", SERVER, "32", secret, local_address=STRANGER) as stranger,
        pytest.raises(PhoneError, match="no answer"),
    ):
        stranger.register(timeout=3)
    assert office.fetches(link), "it is still good for the one whom it was made for"
    centre.signs_on()


def test_who_guesses_passwords_is_locked_out(box: Box, centre: Centre) -> None:
    guesser = "192.168.50.66"
    with centre.somebody_at(guesser):
        assert sip_answers(guesser)
        for n in range(8):
            centre.guesses_a_password(guesser, f"guess {n}")
        until("it is locked out", lambda: guesser in box.ssh("fail2ban-client get asterisk banip").stdout)
        until("nobody answers it", lambda: not sip_answers(guesser))
        box.ssh(f"fail2ban-client set asterisk unbanip {guesser}")
    assert sip_answers(PHONES)


def test_it_answers_again_after_a_restart_of_the_machine(box: Box, centre: Centre) -> None:
    box.reboot()
    until("the appliance serves calls", lambda: box.ssh("appliance health", check=False).returncode == 0)
    everything_runs(box, "asterisk")
    assert not sip_answers(STRANGER)
    centre.begins()
    centre.serves_a_call()


@pytest.fixture(scope="module")
def wheels(box: Box, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A next version, and one after it that cannot start."""
    made = {}
    for version in ("0.9.1", "0.9.2"):

        def change(tree: Path, version: str = version) -> None:
            setup = tree / "setup.py"
            setup.write_text(re.sub(r'version="[^"]*"', f'version="{version}"', setup.read_text()))
            if version == "0.9.2":
                daemon = tree / "appliance" / "daemon.py"
                daemon.write_text(daemon.read_text() + "\n\ndef run_daemon(*_, **__):\n    raise OSError\n")

        made[version] = build_wheel(tmp_path_factory.mktemp("wheel"), change)
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
