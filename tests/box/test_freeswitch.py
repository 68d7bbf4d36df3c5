"""Another life of a machine: FreeSWITCH comes from a repository that asks for a token, the program from a
directory of wheels, its certificate is first given and then got from an authority.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from provisioning.certificates import Made, make_certificate
from tests.box import authority as acme
from tests.box import packages
from tests.box.box import Box
from tests.box.centre import Centre
from tests.box.office import Office
from tests.box.outside import everything_runs, shown_certificate, sip_answers
from tests.box.plays import CONFIGURATION, REPOSITORY, Plays, build_wheel
from tests.box.world import ADMINISTRATOR, PHONES, PROXY, STRANGER
from tests.scenarios.waiting import until

ROLE = REPOSITORY / "ansible/roles/freeswitch"
RESTARTS_WITHIN = 60.0
OURS = (
    *("/opt/appliance", "/etc/appliance", "/etc/freeswitch", "/var/lib/appliance", "/var/lib/freeswitch"),
    *("/var/log/freeswitch", "/var/spool/appliance", "/usr/local/bin/appliance", "/usr/bin/freeswitch"),
    *("/etc/fs_cli.conf", "/etc/logrotate.d/freeswitch", "/etc/apt/auth.conf.d/freeswitch.conf"),
    *("/etc/apt/sources.list.d/freeswitch.sources", "/usr/share/keyrings/signalwire-freeswitch-repo.gpg"),
    "/usr/share/freeswitch",
)


@pytest.fixture(scope="module")
def release(made_packages: Path) -> str:
    """What was built on this machine needs the same Debian."""
    return packages.release_of_this_machine()


@pytest.fixture(scope="module")
def made_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("packages") / "deb"
    directory.mkdir()
    needed = yaml.safe_load((ROLE / "vars/main.yml").read_text())["freeswitch_needed"]
    packages.make_packages(directory, needed)
    packages.make_repository(directory, packages.release_of_this_machine())
    return directory


@pytest.fixture(scope="module")
def internet(box: Box, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The certificate of the servers out there, whose names the box knows, and which it trusts."""
    made = make_certificate(tmp_path_factory.mktemp("internet"), (packages.HOST, acme.HOST), "the internet")
    box.ssh(
        f"echo {ADMINISTRATOR} {packages.HOST} {acme.HOST} >> /etc/hosts\n"
        f"cat > /usr/local/share/ca-certificates/internet.crt <<'END'\n{made.authority.read_text()}END\n"
        "update-ca-certificates\n"
        f"echo 'Acquire::https::Proxy::{packages.HOST} \"DIRECT\";' > /etc/apt/apt.conf.d/98packages"
    )
    return made


@pytest.fixture(scope="module")
def repository(internet: Made, made_packages: Path) -> Iterator[dict[str, object]]:
    """The variables that name it."""
    with packages.served(made_packages, ADMINISTRATOR, internet):
        url = f"https://{packages.HOST}:{packages.PORT}"
        key = f"{url}/key.gpg"
        yield {"freeswitch_repository": f"{url}/", "freeswitch_key": key, "freeswitch_token": packages.TOKEN}


@pytest.fixture(scope="module")
def configuration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = shutil.copytree(CONFIGURATION, tmp_path_factory.mktemp("configuration") / "centre")
    site = directory / "site.yml"
    site.write_text(f"switch: freeswitch\n{site.read_text()}")
    return directory


@pytest.fixture(scope="module")
def wheelhouse(box: Box, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The variables for a machine that cannot reach PyPI, as this box cannot from here on."""
    directory = tmp_path_factory.mktemp("wheels")
    wheel = build_wheel(directory / "appliance")
    make = (
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--wheel-dir",
        str(directory / "all"),
        f"{wheel}[postgres]",
    )
    subprocess.run(make, env={**os.environ, "HTTPS_PROXY": PROXY}, check=True)
    box.ssh("rm /etc/pip.conf")
    return {"appliance_wheel": wheel, "appliance_wheelhouse": directory / "all"}


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A certificate that the administrator has from somewhere."""
    return make_certificate(tmp_path_factory.mktemp("given"), ("switch",), "Harbour Lights")


@pytest.fixture(scope="module")
def variables(repository: dict[str, object], wheelhouse: dict[str, object], given: Made) -> dict[str, object]:
    """What the administrator has set."""
    files = {"tls_certificate_file": given.certificate, "tls_key_file": given.key}
    return {**repository, **wheelhouse, "tls_certificate_from": "given", **files}


def test_one_play_makes_a_bare_machine_answer(
    box: Box, plays: Plays, centre: Centre, variables: dict[str, object]
) -> None:
    plays.succeed("site", **variables)
    everything_runs(box, "freeswitch")
    centre.begins()
    centre.serves_a_call()


def test_a_second_run_changes_nothing(plays: Plays, variables: dict[str, object]) -> None:
    assert plays.succeed("site", "--diff", **variables).changed == []


def test_the_certificate_is_the_one_that_was_given(given: Made) -> None:
    for port in (5061, 8443):
        assert shown_certificate(port).strip() == given.certificate.read_text().strip()


def test_a_softphone_that_is_provisioned_by_its_link_takes_a_queue_call(
    box: Box, centre: Centre, office: Office, given: Made
) -> None:
    office.authority.write_bytes(given.authority.read_bytes())
    phone = office.baresip()
    office.unpacks(office.link("32", "baresip"), phone)
    phone.start(office.voice)
    office.is_registered("32", "baresip")
    office.signs_on(phone, "502")
    box.ssh("appliance agents sign-off 501")
    office.serves_a_call("502", phone.answers)


def test_one_by_tls_trusts_the_authority_of_what_was_given(centre: Centre, office: Office, given: Made) -> None:
    office.authority.write_bytes(given.authority.read_bytes())
    phone = office.linphone()
    phone.start(office.link("33", "linphone"))
    office.is_registered("33", "linphone")
    phone.speaks(office.voice)
    office.signs_on(phone, "502")
    office.serves_a_call("502")


def test_a_certificate_by_acme_takes_its_place_and_so_does_the_next(
    box: Box, plays: Plays, centre: Centre, internet: Made, variables: dict[str, object], tmp_path: Path
) -> None:
    by_acme = {
        **variables,
        "tls_certificate_from": "acme",
        "tls_name": acme.CLIENT,
        "tls_authority": acme.DIRECTORY,
    }
    with acme.authority(tmp_path, internet):
        before = shown_certificate(8443)

        def is_shown(other_than: str) -> bool:
            """Both do, as soon as they are back."""
            try:
                one, two = shown_certificate(8443), shown_certificate(5061)
            except OSError:
                return False
            return one == two != other_than

        plays.succeed("site", "--tags", "tls,appliance,firewall", **by_acme)
        until("the new one is shown", lambda: is_shown(before), RESTARTS_WITHIN)
        first = shown_certificate(8443)
        assert "Pebble" in issuer(first)
        assert plays.succeed("site", "--tags", "tls", **by_acme).changed == []
        box.ssh("certbot renew --force-renewal --no-random-sleep-on-renew")
        until("the next one is shown", lambda: is_shown(first), RESTARTS_WITHIN)
        assert "Pebble" in issuer(shown_certificate(8443))
    centre.begins()
    centre.serves_a_call()


def issuer(certificate: str) -> str:
    return x509.load_pem_x509_certificate(certificate.encode()).issuer.rfc4514_string()


def test_who_guesses_passwords_is_locked_out(box: Box, centre: Centre) -> None:
    guesser = "192.168.50.66"
    with centre.somebody_at(guesser):
        assert sip_answers(guesser)
        for n in range(8):
            centre.guesses_a_password(guesser, f"guess {n}")
        until("it is locked out", lambda: guesser in box.ssh("fail2ban-client get freeswitch banip").stdout)
        until("nobody answers it", lambda: not sip_answers(guesser))
    assert sip_answers(PHONES) and not sip_answers(STRANGER)


def test_it_answers_again_after_a_restart_of_the_machine(box: Box, centre: Centre) -> None:
    box.reboot()
    until("the appliance serves calls", lambda: box.ssh("appliance health", check=False).returncode == 0)
    everything_runs(box, "freeswitch")
    centre.begins()
    centre.serves_a_call()


def test_no_secret_was_printed(plays: Plays, centre: Centre) -> None:
    printed = "\n".join(run.output for run in plays.runs)
    for name, secret in {**centre.secrets(), "the token": packages.TOKEN}.items():
        assert secret not in printed, f"{name} was printed"


def test_removal_leaves_nothing_but_the_backups(box: Box, plays: Plays) -> None:
    plays.succeed("remove", remove="yes")
    assert box.ssh(f"ls -d {' '.join(OURS)} 2>/dev/null", check=False).stdout == ""
    assert box.ssh("getent passwd appliance freeswitch", check=False).stdout == ""
    assert box.ssh(r"find / -xdev \( -nouser -o -nogroup \) -print").stdout == ""
    assert box.ssh("systemctl --failed --no-legend").stdout == ""
    assert plays.succeed("remove", remove="yes").changed == []
