"""Providers of trunks, who are real SIP phones, and what the stories about them ask."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from shutil import which

import gevent
import pytest
from gevent import socket, subprocess

from appliance.lab.phone import Phone, stop_all
from appliance.lab.process import die_with_parent
from tests.needs import lack
from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.site import Site
from tests.scenarios.voices import key_aloud
from tests.scenarios.waiting import PATIENCE, until

PROVIDERS = {"sever": "127.0.0.15", "yug": "127.0.0.16"}

PORT = 5080

SOMEBODY = "89161112233"

SWITCHBOARD, DELIVERY = "+78432000001", "+78432000003"


@pytest.fixture(scope="package")
def provider_phones(running_site: Site) -> Iterator[Mapping[str, Person]]:
    """Somebody behind each of the providers."""
    site = running_site
    voices = {"sever": site.voices["eve"], "yug": site.voices["frank"]}
    phones = {
        name: Phone(name, site.server, "7000", local_address=address, local_port=PORT, speech=voices[name])
        for name, address in PROVIDERS.items()
    }
    with ExitStack() as stack:
        stack.callback(stop_all, *phones.values())
        gevent.joinall([gevent.spawn(phone.start) for phone in phones.values()], raise_error=True)
        yield {name: Person(name, phone, voices[name]) for name, phone in phones.items()}


@pytest.fixture
def sever(centre: Centre, provider_phones: Mapping[str, Person]) -> Iterator[Person]:
    trunk_is(centre, "sever", up=True)  # it may have been found down before its phone was there
    yield from at_rest(provider_phones["sever"])


@pytest.fixture
def yug(centre: Centre, provider_phones: Mapping[str, Person]) -> Iterator[Person]:
    trunk_is(centre, "yug", up=True)  # it may have been found down before its phone was there
    yield from at_rest(provider_phones["yug"])


@pytest.fixture
def zapad(running_site: Site, tmp_path: Path) -> Iterator[Person]:
    """A provider whose voice is a key."""
    voice = key_aloud(tmp_path / "key.wav", "2")
    with Phone(
        "zapad", running_site.server, "7002", local_address="127.0.0.18", local_port=PORT, speech=voice
    ) as phone:
        yield Person("zapad", phone, voice)


@pytest.fixture
def vostok(tmp_path: Path) -> Iterator[None]:
    """A provider that speaks TCP."""
    program = which("sipp")
    if program is None:
        lack("sipp", "it is not installed")
    command = [program, "-sn", "uas", "-t", "t1", "-i", "127.0.0.19", "-p", str(PORT), "-nostdin"]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    try:
        until("sipp listens", lambda: listens("127.0.0.19", PORT))
        yield
    finally:
        process.terminate()
        process.wait()


def listens(address: str, port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((address, port)) == 0


def at_rest(person: Person) -> Iterator[Person]:
    person.forgets()
    yield person
    person.puts_everything_back()


def header(message: str, name: str) -> str:
    found = re.search(rf"^{name}:\s*(.*?)\s*$", message, re.MULTILINE | re.IGNORECASE)
    return found[1] if found else ""


def called(message: str) -> str:
    """The number in the request line of an INVITE."""
    found = re.match(r"INVITE sip:([^@;]*)@", message)
    return found[1] if found else message[:80]


def outgoing(centre: Centre) -> dict[str, object]:
    """The newest call, when it is over."""
    centre.closes_its_books()
    return centre.books.rows("call", direction="out")[-1]


def trunk_is(centre: Centre, name: str, up: bool) -> None:
    def state() -> bool:
        return bool(next(each["up"] for each in centre.ask("trunks") if each["trunk"] == name))

    until(f"the trunk {name} is {'up' if up else 'down'}", lambda: state() is up, 5 * PATIENCE)


def calls_of(centre: Centre, trunk: str) -> int:
    return int(next(each["calls"] for each in centre.ask("trunks") if each["trunk"] == trunk))
