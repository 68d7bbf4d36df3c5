"""What becomes of hostile names on FreeSWITCH: the stories, and what it does to names before it hands them out."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.sip import Peer
from tests.scenarios.story_names import *  # noqa: F403
from tests.scenarios.story_names import is_served


def test_a_name_of_ten_thousand_letters(centre: Centre, stranger: Peer, alice: Person) -> None:
    centre.sign_on("alice")
    call = is_served(centre, stranger, alice, b'"' + b"x" * 10_000 + b'" <sip:84955550001@127.0.0.12>')
    assert (call["caller_name"], call["number"]) == ("x" * 10_000, "+74955550001")


def test_a_name_in_cp1251(centre: Centre, stranger: Peer, alice: Person) -> None:
    """The switch passes the bytes on, and the appliance knows the encoding of Russian exchanges."""
    centre.sign_on("alice")
    call = is_served(centre, stranger, alice, '"Иван Ли"'.encode("cp1251") + b" <sip:84955550001@127.0.0.12>")
    assert (call["caller_name"], call["number"]) == ("Иван Ли", "+74955550001")


def test_a_name_of_control_characters(centre: Centre, stranger: Peer, alice: Person) -> None:
    """The switch puts a space for each, and decodes what is encoded as in a URI afterwards."""
    centre.sign_on("alice")
    call = is_served(centre, stranger, alice, b'"\t%0D%0A\x1b[31m" <sip:84955550001@127.0.0.12>')
    assert (call["caller_name"], call["number"]) == (" \r\n [31m", "+74955550001")
