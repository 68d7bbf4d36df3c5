"""What every story needs: one switch and one set of phones for all, an appliance with empty books for each.

The conftest of each switch takes these over, and adds the fixture `make_machine`.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import gevent
import pytest

from appliance.lab.phone import Phone, stop_all
from dialplan.render import Paths
from tests.scenarios.centre import PHONES, Centre
from tests.scenarios.machine import Machine
from tests.scenarios.people import Person
from tests.scenarios.sip import Peer
from tests.scenarios.site import Site
from tests.scenarios.waiting import PATIENCE, until

CALLERS = {"dave": "+78465550001", "eve": "+78465550002", "frank": "+78465550003"}
METRO = "127.0.0.12"  # the trunk that is known by its address
PROVIDER = "127.0.0.13"  # the one with which the switch registers


@pytest.fixture(scope="package")
def site(make_machine: Callable[[Path, Paths], Machine], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Configuration, sounds and a switch that has not been started."""
    return Site(tmp_path_factory.mktemp("site"), make_machine)


@pytest.fixture(scope="package")
def provider(site: Site) -> Iterator[Peer]:
    """The provider with which the switch registers."""
    with Peer(PROVIDER, site.machine.provider_port, sip_server(site), site.secrets["trunk-volna"]) as peer:
        yield peer


@pytest.fixture(scope="package")
def running_site(site: Site, provider: Peer) -> Iterator[Site]:
    """The site with its switch up."""
    site.machine.start()
    try:
        yield site
        assert site.machine.running(), "the switch has crashed"
    finally:
        site.machine.stop()


@pytest.fixture(scope="package")
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
            until("all calls have ended", lambda: not running_site.machine.channels(), 2 * PATIENCE)


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
