"""Phones that come by TLS and encrypt what is said, beside those that do not."""

from collections.abc import Iterator

import pytest

from appliance.lab.phone import Phone
from tests.scenarios.centre import AGENTS, Centre
from tests.scenarios.people import Person
from tests.scenarios.site import Site

CLAIMS = "+78432000004"
SECURE = "35"


@pytest.fixture
def secretary(running_site: Site, centre: Centre) -> Iterator[Person]:
    """Somebody at a phone that has no call without SRTP."""
    site = running_site
    voice = site.voices["carol"]
    with Phone(
        "secretary", site.secure_server, SECURE, site.secrets[f"phone-{SECURE}"], speech=voice, secure=True
    ) as phone:
        phone.register()
        yield Person("secretary", phone, voice)
        phone.hang_up()
        phone.unregister()


def test_a_caller_from_a_trunk_talks_to_an_encrypted_phone(
    centre: Centre, secretary: Person, dave: Person
) -> None:
    centre.ask("agent-sign-on", agent=AGENTS["carol"], phone=SECURE)
    dave.calls(CLAIMS)
    secretary.rings()
    secretary.answers()
    secretary.talks_with(dave)
    dave.hangs_up()
    secretary.is_hung_up_on()


def test_an_encrypted_phone_calls_one_that_is_not(centre: Centre, secretary: Person, alice: Person) -> None:
    secretary.dials("31")
    alice.rings()
    alice.answers()
    secretary.is_answered()
    secretary.talks_with(alice)
    secretary.hangs_up()
    alice.is_hung_up_on()
