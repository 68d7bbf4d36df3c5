"""What becomes of hostile names on Asterisk: the stories, and what it does to names before it hands them out."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.sip import Peer
from tests.scenarios.story_names import *  # noqa: F403
from tests.scenarios.story_names import is_served

CUT_AT = 79  # bytes of a name of which the switch does not hand out the whole


def test_a_name_of_ten_thousand_letters(centre: Centre, stranger: Peer, alice: Person) -> None:
    centre.sign_on("alice")
    call = is_served(centre, stranger, alice, b'"' + b"x" * 10_000 + b'" <sip:84955550001@127.0.0.12>')
    assert (call["caller_name"], call["number"]) == ("x" * CUT_AT, "+74955550001")


def test_a_name_in_cp1251(centre: Centre, stranger: Peer, alice: Person) -> None:
    """The switch puts a replacement character for each byte."""
    centre.sign_on("alice")
    call = is_served(centre, stranger, alice, '"Иван Ли"'.encode("cp1251") + b" <sip:84955550001@127.0.0.12>")
    assert (call["caller_name"], call["number"]) == ("\ufffd\ufffd\ufffd\ufffd \ufffd\ufffd", "+74955550001")


def test_a_name_of_control_characters(centre: Centre, stranger: Peer, alice: Person) -> None:
    centre.sign_on("alice")
    call = is_served(centre, stranger, alice, b'"\t%0D%0A\x1b[31m" <sip:84955550001@127.0.0.12>')
    assert (call["caller_name"], call["number"]) == ("%0D%0A\x1b[31m", "+74955550001")
