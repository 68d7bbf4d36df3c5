"""Phones get their configuration from the appliance: softphones from Debian, provisioned by links, take calls."""

import io
import json
import shutil
import ssl
import tarfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gevent import subprocess

from appliance.lab.process import die_with_parent
from dialplan.install import install
from dialplan.render import render
from tests.needs import lack
from tests.scenarios.centre import REPOSITORY, Centre, Done, command_of, run_appliance
from tests.scenarios.people import Person
from tests.scenarios.site import Site
from tests.scenarios.softphones import Baresip, Linphone
from tests.scenarios.waiting import until

DELIVERY = "+78432000003"
SPARE = "34"
REGISTERS_WITHIN = 30.0


@pytest.fixture
def authority(running_site: Site) -> Path:
    """Whom a phone has to trust to fetch its configuration."""
    done = run_appliance(running_site.places, "provisioning", "certificate", "--json")
    return Path(done.data["authority"])


@pytest.fixture
def server(running_site: Site, authority: Path, tmp_path: Path) -> Iterator[Path]:
    """The server for phones as a process of its own; its log."""
    log = tmp_path / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command_of(running_site.places, "provisioning", "serve"),
            cwd=REPOSITORY,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
    until("the server serves", lambda: process.poll() is not None or "are served" in log.read_text())
    assert process.poll() is None, log.read_text()
    yield log
    process.terminate()
    assert process.wait(timeout=10) == 0, log.read_text()
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def linphone(tmp_path: Path, authority: Path) -> Iterator[Linphone]:
    phone = Linphone(need("linphonec", "linphone-cli"), tmp_path, authority)
    yield phone
    phone.stop()


@pytest.fixture
def baresip(tmp_path: Path) -> Iterator[Baresip]:
    phone = Baresip(need("baresip", "baresip-core"), tmp_path)
    yield phone
    phone.stop()


def need(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        lack("softphones", f"there is no {program} on this machine (Debian: apt-get install {package})")
    return found


def link_for(centre: Centre, phone: str, format: str) -> str:
    """A new link, as an administrator makes it."""
    done = of_site(centre, "phone", "link", phone, "--format", format, "--json")
    url: str = done.data["url"]
    return url


def of_site(centre: Centre, *arguments: str) -> Done:
    """A command on the data that the server for phones has."""
    return run_appliance(centre.site.places, *arguments)


def fetch(url: str, authority: Path) -> bytes:
    """What a phone that trusts this authority gets."""
    with urllib.request.urlopen(url, context=ssl.create_default_context(cafile=str(authority))) as answer:
        content: bytes = answer.read()
    return content


def phone_at(centre: Centre, id: str) -> Any:
    return next(row for row in centre.ask("phones") if row["phone"] == id)


def is_registered(centre: Centre, id: str, firmware: str) -> None:
    def now() -> bool:
        row = phone_at(centre, id)
        return row["state"] == "registered" and firmware in row["agent"].lower()

    until(lambda: f"{firmware} has registered: {phone_at(centre, id)}", now, REGISTERS_WITHIN)


def test_linphone_provisioned_by_its_link_takes_a_queue_call(
    centre: Centre, server: Path, linphone: Linphone, authority: Path, alice: Person, dave: Person
) -> None:
    alice.phone.unregister()
    try:
        link = link_for(centre, "31", "linphone")
        linphone.start(link)
        is_registered(centre, "31", "linphone")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(link, authority)  # it has been used
        linphone.speaks(alice.voice)
        centre.sign_on("alice")
        dave.calls(DELIVERY)
        centre.is_in_state("alice", "talking")
        dave.listens_from_now()
        dave.hears(alice.voice, 1.0)
        dave.hangs_up()
        centre.is_in_state("alice", "ready")
    finally:
        linphone.stop()
        alice.phone.register()


def test_baresip_provisioned_by_its_link_takes_a_queue_call(
    centre: Centre, server: Path, baresip: Baresip, authority: Path, bob: Person, dave: Person
) -> None:
    bob.phone.unregister()
    try:
        packed = io.BytesIO(fetch(link_for(centre, "32", "baresip"), authority))
        with tarfile.open(fileobj=packed) as archive:
            archive.extractall(baresip.directory, filter="data")
        baresip.start(bob.voice)
        is_registered(centre, "32", "baresip")
        centre.sign_on("bob")
        dave.calls(DELIVERY)
        centre.is_in_state("bob", "offered")
        baresip.answers()
        centre.is_in_state("bob", "talking")
        dave.listens_from_now()
        dave.hears(bob.voice, 1.0)
        dave.hangs_up()
        centre.is_in_state("bob", "ready")
    finally:
        baresip.stop()
        bob.phone.register()


def test_linphone_asks_its_link_once_and_has_all_it_needs_at_the_next_start(
    centre: Centre, server: Path, linphone: Linphone
) -> None:
    linphone.start(link_for(centre, SPARE, "linphone"))
    is_registered(centre, SPARE, "linphone")
    linphone.stop()
    until("it has signed off", lambda: phone_at(centre, SPARE)["state"] == "not registered")
    linphone.start(None)
    is_registered(centre, SPARE, "linphone")
    assert server.read_text().count(f"phone {SPARE} has been provisioned") == 1
    linphone.has_friends("Desk by the door", "Sign on", "End wrap-up")
    assert "name: Spare" not in linphone.said()


def test_linphone_speaks_the_codecs_it_was_told_and_no_other(
    centre: Centre, server: Path, linphone: Linphone, alice: Person
) -> None:
    linphone.start(link_for(centre, SPARE, "linphone"))
    is_registered(centre, SPARE, "linphone")
    linphone.calls("31")
    alice.rings()
    offered = linphone.offered()
    alaw, ulaw = "8", "0"
    assert offered["audio"][:2] == [alaw, ulaw]
    assert len(offered["audio"]) == 3 and int(offered["audio"][2]) >= 96  # keys, of a type it picks
    assert set(offered) == {"audio"}
    alice.answers()
    alice.hangs_up()


def test_a_lost_phone_is_shut_out_by_one_command(centre: Centre, server: Path, linphone: Linphone) -> None:
    linphone.start(link_for(centre, SPARE, "linphone"))
    is_registered(centre, SPARE, "linphone")
    unused = link_for(centre, SPARE, "yealink")
    into = centre.site.machine.paths.configuration
    try:
        done = of_site(centre, "phone", "revoke", SPARE, "--into", str(into), "--json").data
        assert (done["links_killed"], done["registrations_ended"], done["switch_told"]) == (1, 1, True)
        until("it is forgotten", lambda: phone_at(centre, SPARE)["state"] == "not registered")
        assert "404" in not_served(unused, centre)
        linphone.stop()
        linphone.start(None)  # with what it knows from before
        linphone.is_refused()
        assert phone_at(centre, SPARE)["state"] == "not registered"
        linphone.stop()
        linphone.start(link_for(centre, SPARE, "linphone"))
        is_registered(centre, SPARE, "linphone")
    finally:
        linphone.stop()
        secrets = centre.site.places.secrets(centre.site.settings)
        install(render(centre.site.settings, secrets, centre.site.machine.paths), into)


def not_served(url: str, centre: Centre) -> str:
    with pytest.raises(urllib.error.HTTPError) as refused:
        fetch(url, centre.site.places.config / "tls" / "ca.crt")
    return str(refused.value)


def test_phones_in_words_and_for_programs(centre: Centre) -> None:
    listed = centre.run("phones")
    assert listed.status == 0, listed.err
    header, *lines = listed.out.splitlines()
    assert header.split() == ["phone", "name", "state", "address", "firmware", "round", "trip"]
    assert [line.split()[0] for line in lines] == ["31", "32", "33", SPARE, "35"]
    assert "appliance lab" in lines[0] and "not registered" in lines[3]
    rows = json.loads(centre.run("phones", "--json").out)
    assert {row["state"] for row in rows[:3]} == {"registered"}
    assert all(row["address"].startswith("127.0.0.1:") for row in rows[:3])
