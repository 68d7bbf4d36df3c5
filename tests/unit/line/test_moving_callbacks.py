"""Call-backs at another time than was promised: when the customer is called then, and who is before them."""

import pytest

from appliance import facts as f
from appliance.line import messages as m
from appliance.line.messages import Declined, Reason
from appliance.line.promises import First, Kind, Promise
from appliance.settings import Callback, Strategy
from tests.unit.line.world import Line, queue

NUMBER = "+74951234567"
HOUR = 3600.0


def line(agents: str = "a1") -> Line:
    made = Line(queue("sales", Strategy.LONGEST_IDLE, agents, callback=Callback(expires=HOUR)))
    made.sign_on(*agents.split())
    return made


def chooses(here: Line, visit: str, at: float, number: str = NUMBER, kind: Kind = Kind.CHOSEN) -> None:
    promise = Promise(number, kind, First.CUSTOMER, at, at + HOUR)
    here.tell(m.CallerJoins(visit, visit, "sales", 0.0, visit, promise=promise))


def called(here: Line) -> list[str]:
    return [fact.visit for fact in here.facts if isinstance(fact, f.AttemptBegan)]


def move(here: Line, visit: str, at: float) -> f.CallbackMoved:
    (moved,) = (x for x in here.tell(m.MoveCallback(visit, at, "asked")) if isinstance(x, f.CallbackMoved))
    return moved


def test_to_an_earlier_time() -> None:
    here = line()
    chooses(here, "v1", here.now + 10 * HOUR)
    moved = move(here, "v1", here.now + HOUR)
    here.later(HOUR - 1)
    assert not called(here)
    here.later(2)
    assert called(here) == ["v1"]
    assert moved.waited == -HOUR  # of which the records make the same place again


def test_to_a_later_time_than_the_promise_was_to_hold() -> None:
    here = line()
    chooses(here, "v1", here.now + HOUR)
    moved = move(here, "v1", here.now + 10 * HOUR)
    assert moved.expires == here.now + 11 * HOUR
    here.later(9 * HOUR)
    assert not called(here) and here.acd.visit("v1") is not None
    here.later(HOUR + 1)
    assert called(here) == ["v1"]


def test_whose_time_has_come_has_no_place_any_more_once_it_is_another() -> None:
    here = line()
    here.join("busy", "sales")
    here.talks("busy")
    chooses(here, "v1", here.now)
    here.later(60)
    here.join("v2", "sales")
    assert (here.acd.place("v1"), here.acd.place("v2")) == (1, 2)
    move(here, "v1", here.now + HOUR)
    assert (here.acd.place("v1"), here.acd.place("v2")) == (None, 1)
    here.later(HOUR)
    assert (here.acd.place("v1"), here.acd.place("v2")) == (2, 1)


def test_who_went_home_from_the_line_keeps_the_place_at_any_time() -> None:
    here = line()
    here.join("busy", "sales")
    here.talks("busy")
    here.join("v1", "sales")
    here.later(60)
    here.join("v2", "sales")
    here.tell(m.GoHome("v1", Promise(NUMBER, Kind.HELD, First.CUSTOMER, here.now, here.now + HOUR)))
    move(here, "v1", here.now + HOUR)
    assert (here.acd.place("v1"), here.acd.place("v2")) == (1, 2)


def test_not_while_the_customer_is_being_called() -> None:
    here = line()
    chooses(here, "v1", here.now)
    assert called(here) == ["v1"]
    with pytest.raises(Declined) as declined:
        here.tell(m.MoveCallback("v1", here.now + HOUR, "asked"))
    assert declined.value.reason is Reason.BEING_CALLED
