"""One Asterisk and one set of phones for the whole session; an appliance with empty books for each test."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import gevent
import pytest

from appliance.lab.phone import Phone, stop_all
from appliance.lab.switch import Asterisk, LabError, find_asterisk
from tests.asterisk.centre import PHONES, REPOSITORY, Centre
from tests.asterisk.people import Person
from tests.asterisk.sip import Peer
from tests.asterisk.site import Site
from tests.asterisk.waiting import PATIENCE, until

CALLERS = {"dave": "+78465550001", "eve": "+78465550002", "frank": "+78465550003"}
METRO = "127.0.0.12"  # the trunk that is known by its address
VOLNA = ("127.0.0.13", 19081)  # the one with which the switch registers
ROOT = Path(os.environ.get("APPLIANCE_ASTERISK_ROOT", REPOSITORY / ".lab" / "asterisk-root"))


@pytest.fixture(scope="session")
def asterisk() -> Asterisk:
    try:
        return find_asterisk(ROOT)
    except LabError as error:
        pytest.skip(f"no Asterisk can be had: {error}")


@pytest.fixture(scope="session")
def site(asterisk: Asterisk, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Configuration, sounds and a switch that has not been started."""
    return Site(tmp_path_factory.mktemp("site"), asterisk)


@pytest.fixture(scope="session")
def provider(site: Site) -> Iterator[Peer]:
    """The provider with which the switch registers."""
    with Peer(*VOLNA, sip_server(site), site.secrets["trunk-volna"]) as peer:
        yield peer


@pytest.fixture(scope="session")
def running_site(site: Site, provider: Peer) -> Iterator[Site]:
    """The site with its switch up."""
    site.switch.start(site.paths.configuration)
    yield site
    assert site.switch.running(), "the switch has crashed"
    site.switch.stop()


@pytest.fixture(scope="session")
def people(running_site: Site) -> Iterator[Mapping[str, Person]]:
    """Alice, Bob and Carol at registered phones; Dave, Eve and Frank outside, behind a trunk."""
    site = running_site
    phones = {
        name: Phone(name, site.server, phone, site.secrets[f"phone-{phone}"], speech=site.voices[name])
        for name, phone in PHONES.items()
    }
    phones |= {
        name: Phone(name, site.server, number, local_address=METRO, speech=site.voices[name])
        for name, number in CALLERS.items()
    }
    with ExitStack() as stack:
        stack.callback(stop_all, *phones.values())
        gevent.joinall([gevent.spawn(phone.start) for phone in phones.values()], raise_error=True)
        for name in PHONES:
            phones[name].register()
        yield {name: Person(name, phone, site.voices[name]) for name, phone in phones.items()}


@pytest.fixture
def centre(
    running_site: Site, people: Mapping[str, Person], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Centre]:
    """A running appliance with empty books; at the end everybody hangs up and nothing may be left."""
    for person in people.values():
        person.forgets()
    centre = Centre(running_site, tmp_path_factory.mktemp("data"), people)
    centre.start()
    try:
        yield centre
    finally:
        centre.everybody_goes_home()
        try:
            centre.nothing_is_left()
        finally:
            centre.stop()
            until("all calls have ended", lambda: not running_site.channels(), 2 * PATIENCE)


@pytest.fixture
def stranger(running_site: Site) -> Iterator[Peer]:
    """Somebody behind the trunk that is known by its address who sends whatever comes to mind."""
    with Peer(METRO, 0, sip_server(running_site)) as peer:
        yield peer
        peer.hang_up()


def sip_server(site: Site) -> tuple[str, int]:
    return site.settings.network.sip_address, site.settings.network.sip_port


@pytest.fixture
def alice(people: Mapping[str, Person]) -> Person:
    return people["alice"]


@pytest.fixture
def bob(people: Mapping[str, Person]) -> Person:
    return people["bob"]


@pytest.fixture
def carol(people: Mapping[str, Person]) -> Person:
    return people["carol"]


@pytest.fixture
def dave(people: Mapping[str, Person]) -> Person:
    return people["dave"]


@pytest.fixture
def eve(people: Mapping[str, Person]) -> Person:
    return people["eve"]


@pytest.fixture
def frank(people: Mapping[str, Person]) -> Person:
    return people["frank"]
