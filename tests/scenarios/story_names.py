"""Callers whose names and numbers are meant to do harm, as raw SIP: served, and written down as they came."""

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.sip import Peer

NUMBER = "84955550001"

HOSTILE = [
    'O"Hara "the \'quote\'"',
    "a, b; c = d & e | f",
    "100% %s %n %(x)s {0}",
    "C:\\new\\table",
    "${EXTEN} $[1+1] ${SHELL(id)}",
    "'); DROP TABLE call; --",
    "Анна Морозова",
    " ".join(["Мария-Антуанетта"] * 20),
    "y" * 3_000,
]


def quoted(name: str) -> bytes:
    """A name as a quoted string of SIP."""
    return b'"' + name.replace("\\", "\\\\").replace('"', '\\"').encode() + b'"'


def is_served(centre: Centre, stranger: Peer, alice: Person, sender: bytes) -> dict[str, object]:
    """The call comes, an agent answers it, it ends, and this is its row."""
    before = len(centre.books.rows("call"))
    stranger.invite("sip:+78432000003@127.0.0.1", sender)
    alice.rings()
    alice.answers()
    centre.is_in_state("alice", "talking")
    stranger.hang_up()
    alice.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    calls = centre.books.rows("call")
    assert len(calls) == before + 1 and calls[-1]["outcome"] == "answered"
    return calls[-1]


def test_names_arrive_as_they_were_sent(centre: Centre, stranger: Peer, alice: Person) -> None:
    centre.sign_on("alice")
    arrived = [
        is_served(centre, stranger, alice, quoted(name) + f" <sip:{NUMBER}@127.0.0.12>".encode())
        for name in HOSTILE
    ]
    assert [call["caller_name"] for call in arrived] == list(map(centre.site.machine.passes_on, HOSTILE))
    assert {call["number"] for call in arrived} == {"+74955550001"}
    assert centre.run("calls").status == centre.run("why", "last").status == 0


def test_names_that_break_the_rules(centre: Centre, stranger: Peer, alice: Person) -> None:
    names = {
        b'"in two lines"\r\n  ': "in two lines",
        b'""': "",
    }
    centre.sign_on("alice")
    for sent, written in names.items():
        call = is_served(centre, stranger, alice, sent + b" <sip:84955550001@127.0.0.12>")
        assert (call["caller_name"], call["number"]) == (written, "+74955550001")


def test_a_number_with_lines_in_it_is_no_command(centre: Centre, stranger: Peer, alice: Person) -> None:
    """Line breaks in a number would end a line of AGI or AMI, and begin an event of the caller's own."""
    centre.sign_on("alice")
    evil = b"<sip:1%0D%0AHANGUP%0D%0A%0D%0AEvent%3A%20Hangup%0D%0AUniqueid%3A%201@127.0.0.12>"
    call = is_served(centre, stranger, alice, evil)
    assert call["number"] is None
    assert str(call["ani"]).startswith("1")
