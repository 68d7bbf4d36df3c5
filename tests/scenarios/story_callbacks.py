"""Nobody has to hold: the place is kept, a person is told from a machine, no crash loses or doubles a call."""

import time
from collections.abc import Iterator
from contextlib import ExitStack

import gevent
import pytest

from tests.scenarios.books import Row
from tests.scenarios.centre import Centre
from tests.scenarios.fixtures import METRO, sip_server
from tests.scenarios.people import Person
from tests.scenarios.providers import called
from tests.scenarios.sip import Peer
from tests.scenarios.site import Site
from tests.scenarios.waiting import until

TICKETS, ESTATES = "+78432000051", "+78432000052"
CUSTOMER, AS_DIALLED = "+79161112233", "89161112233"
EVE = "+78465550002"
TURN = 40.0  # seconds until it is somebody's turn, who is called and presses a key


@pytest.fixture
def holders(running_site: Site) -> Iterator[list[Peer]]:
    """Six more who can hold the line."""
    with ExitStack() as stack:
        yield [stack.enter_context(Peer(METRO, 0, sip_server(running_site))) for _ in range(6)]


def goes_home(centre: Centre, person: Person) -> None:
    """Who stands in line would rather be called, at the number that is shown."""
    call = centre.books.rows("call", number=CUSTOMER, direction="in")[-1]["id"]
    until("the key is told of", lambda: ("call-back", "may be asked for") in centre.books.steps(call))
    person.presses("1")
    until("the key is heard", lambda: ("call-back", "asked for in line") in centre.books.steps(call))
    person.presses("1")
    person.hears(centre.site.phrase("callback-promised"), 1)
    person.is_hung_up_on()


def takes_the_call(centre: Centre, customer: Person) -> None:
    """The customer answers, hears who it is, and wants to talk."""
    customer.answers()
    customer.hears(centre.site.text("This is Volga Books. You wanted us to call."), 1)
    customer.presses("1")


def answered(centre: Centre, number: str) -> bool:
    """Whether that caller has an agent."""
    return any(visit["answered_at"] for visit in visits_of(centre, number))


def visits_of(centre: Centre, number: str) -> list[Row]:
    calls = {call["id"] for call in centre.books.rows("call", number=number)}
    return [visit for visit in centre.books.rows("visit") if visit["call"] in calls]


def test_place_seven_is_called_when_it_is_the_turn_of_place_seven(
    centre: Centre, alice: Person, dave: Person, eve: Person, sever: Person, holders: list[Peer]
) -> None:
    server = "{}:{}".format(*sip_server(centre.site))
    for number, holder in enumerate(holders):
        holder.invite(f"sip:{TICKETS}@{server}", b"<sip:+7846555100%d@metro.example>" % number)
    first_six = [f"+7846555100{number}" for number in range(6)]
    centre.waits(*first_six, queue="tickets")
    dave.calls(TICKETS, from_=CUSTOMER)
    centre.waits(*first_six, CUSTOMER, queue="tickets")
    goes_home(centre, dave)
    eve.calls(TICKETS)

    until("the receiver is down", lambda: time.time() > centre.books.one("callback")["not_before"], TURN)
    alice.phone.auto_answer()
    centre.sign_on("alice")
    for holder, number in zip(holders, first_six, strict=True):
        alice.rings()
        alice.is_answered()
        until(f"{number} talks", lambda n=number: answered(centre, n))  # type: ignore[misc]
        holder.hang_up()
        alice.is_hung_up_on()
    assert called(sever.rings(TURN).message) == AS_DIALLED
    assert alice.is_not_rung() and not answered(centre, EVE), "the place before hers is kept"
    takes_the_call(centre, sever)
    assert alice.rings().number == AS_DIALLED, "the agent sees whom she is going to talk to"
    alice.is_answered()
    alice.talks_with(sever)
    sever.hangs_up()
    alice.is_hung_up_on()
    alice.rings()
    alice.is_answered()
    alice.talks_with(eve)
    eve.hangs_up()
    alice.is_hung_up_on()

    callback = centre.books.one("callback")
    assert (callback["number"], callback["outcome"]) == (CUSTOMER, "served")
    assert centre.books.column("attempt", "outcome") == ["served"]
    story = centre.run("why", centre.books.one("call", number=CUSTOMER, direction="in")["id"]).out
    assert "call-back" in story and "Alice" in story


def test_a_machine_hears_a_word_and_no_agent_does(
    centre: Centre, alice: Person, dave: Person, sever: Person
) -> None:
    is_promised(centre, dave)
    centre.sign_on("alice")
    sever.rings(TURN)
    sever.answers()
    sever.hears(centre.site.text("This is Volga Books. You wanted us to call."), 1)
    sever.phone.hush()  # its own greeting is over
    sever.hears(centre.site.text("We could not reach you, and will try again."), 1, within=2 * TURN)
    sever.is_hung_up_on()
    assert alice.is_not_rung() and ("call-back", "nobody pressed a key") in steps(centre, 1)
    sever.rings(TURN)
    takes_the_call(centre, sever)
    alice.rings()
    alice.answers()
    alice.talks_with(sever)
    alice.hangs_up()
    sever.is_hung_up_on()
    centre.closes_its_books()
    assert centre.books.column("attempt", "outcome") == ["machine", "served"]


def test_the_agent_first(centre: Centre, alice: Person, dave: Person, sever: Person) -> None:
    dave.calls(ESTATES, from_=CUSTOMER)
    dave.presses("1")
    dave.hears(centre.site.phrase("callback-promised"), 1)
    dave.is_hung_up_on()
    centre.sign_on("alice")
    alice.rings(TURN)
    alice.answers()
    alice.hears(centre.site.phrase("agent-accept"))
    assert sever.is_not_rung()
    alice.presses("1")
    assert called(sever.rings().message) == AS_DIALLED
    sever.answers()
    alice.talks_with(sever)
    sever.hangs_up()
    alice.hears(centre.site.text("Sold, key one. Not sold, key two two."))
    alice.presses("1")
    alice.is_hung_up_on()
    assert centre.books.one("callback")["outcome"] == "served"
    assert centre.books.one("visit")["agent"] == "501"
    assert centre.books.one("disposition")["name"] == "Sold"


def test_who_calls_has_the_place_back(centre: Centre, dave: Person, eve: Person) -> None:
    is_promised(centre, dave)
    eve.calls(TICKETS)
    dave.calls(TICKETS, from_=CUSTOMER)
    dave.presses("1")
    centre.waits(CUSTOMER, EVE, queue="tickets")
    centre.hears_music("dave")
    dave.hangs_up()
    eve.hangs_up()
    assert centre.books.one("callback")["outcome"] == "called in"


def test_killed_again_and_again(centre: Centre, alice: Person, dave: Person, sever: Person) -> None:
    """Promised; rung; answered while nobody is there; agreed, and an agent's phone rings; talking."""
    is_promised(centre, dave)
    killed(centre)
    centre.sign_on("alice")
    sever.rings(TURN)
    centre.kill()
    starting = gevent.spawn(centre.start)  # at once: nobody is held for long who does not stand in line
    sever.answers()
    starting.get()
    sever.hears(centre.site.text("This is Volga Books. You wanted us to call."), 1)
    sever.presses("1")
    alice.rings()
    centre.kill()
    alice.answers()
    alice.talks_with(sever)
    centre.start()
    centre.is_in_state("alice", "talking")
    killed(centre)
    alice.talks_with(sever)
    alice.hangs_up()
    sever.is_hung_up_on()
    centre.closes_its_books()
    assert centre.books.one("callback")["outcome"] == "served"
    assert centre.books.column("attempt", "outcome") == ["served"], "nobody was called twice"


def is_promised(centre: Centre, person: Person) -> None:
    """Somebody waits for tickets at home."""
    person.calls(TICKETS, from_=CUSTOMER)
    centre.waits(CUSTOMER, queue="tickets")
    goes_home(centre, person)


def steps(centre: Centre, attempt: int) -> list[tuple[str, str]]:
    """Of the call by which the customer is called for the nth time."""
    return centre.books.steps(f"{centre.books.one('callback')['id']}.c{attempt}")


def killed(centre: Centre) -> None:
    centre.kill()
    centre.start()
