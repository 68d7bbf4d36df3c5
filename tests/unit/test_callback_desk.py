"""What the command line asks about call-backs, and how it is refused."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.callbacks.desk import answer
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.promises import Home
from appliance.settings import Agent, Callback, Phone, Queue, Settings, Strategy
from appliance.settings.trunks import NumberForm, Numbers, OutboundRule, Trunk
from appliance.trouble import Trouble

NUMBER, OTHER = "+79161234567", "+79161234568"
SETTINGS = Settings(
    directory=Path("/"),
    company="Tea",
    country="RU",
    time_zone="UTC",
    language="en",
    agents={"1001": Agent("1001", "Anna")},
    phones={"201": Phone("201", "201")},
    queues={
        "sales": Queue("sales", "Sales", Strategy.LONGEST_IDLE, ("1001",), callback=Callback()),
        "help": Queue("help", "Help", Strategy.LONGEST_IDLE, ("1001",)),
    },
    trunks={"north": Trunk("north", "192.0.2.1", numbers=NumberForm.NATIONAL)},
    outbound={"russia": OutboundRule("russia", (Numbers(country="RU"),), ("north",))},
)


class Clock:
    at = 1_800_000_000.0

    def now(self) -> float:
        return self.at


@pytest.fixture
def desk() -> Any:
    """One whose engine takes one message at a time, at once."""
    acd, clock, given = Acd(SETTINGS), Clock(), iter(range(1, 100))

    def ask(message: m.Message) -> None:
        acd.handle(message, clock.now())

    engine = SimpleNamespace(
        settings=SETTINGS, acd=acd, clock=clock, ask=ask, new_call_id=lambda: f"270115-080000-{next(given):03}"
    )
    return SimpleNamespace(engine=engine, clock=clock)


def added(desk: Any, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    data: Any = answer(desk, "callback-add", {"queue": "sales", "number": number, "by": "root", **more})
    assert isinstance(data, dict)
    return data


def listed(desk: Any) -> list[dict[str, Any]]:
    data: Any = answer(desk, "callbacks", {})
    assert isinstance(data, list)
    return data


def home(desk: Any, id: str) -> Home:
    found = desk.engine.acd.visit(id).home
    assert isinstance(found, Home)
    return found


def test_what_is_promised_is_listed_in_the_order_of_the_line(desk: Any) -> None:
    later = desk.clock.now() + 7200
    first = added(desk, "8 916 123-45-67", name="Ann", context={"ticket": "4711"})
    assert (first["callback"], first["number"], first["place"]) == ("270115-080000-001.1", NUMBER, 1)
    assert home(desk, first["callback"]).promise.context == (("ticket", "4711"), ("promised by", "root"))
    at_a_time = added(desk, "+79161234569", at=later)
    second = added(desk, OTHER)
    assert [(each["callback"], each["place"]) for each in listed(desk)] == [
        (first["callback"], 1),
        (second["callback"], 2),
        (at_a_time["callback"], None),
    ]
    assert listed(desk)[2]["not_before_at"] == later


def test_who_holds_has_a_place_and_is_not_listed(desk: Any) -> None:
    desk.engine.ask(m.CallerJoins("c.1", "c", "sales", 0.0, "leg"))
    desk.clock.at += 1
    assert added(desk)["place"] == 2
    assert [each["place"] for each in listed(desk)] == [2]


def test_one_is_moved_and_cancelled_by_the_beginning_of_its_id(desk: Any) -> None:
    id, later = added(desk)["callback"], desk.clock.now() + 600
    moved: Any = answer(desk, "callback-move", {"callback": id[:17], "at": later, "by": "root"})
    assert moved["not_before_at"] == later == home(desk, id).not_before
    cancelled: Any = answer(desk, "callback-cancel", {"callback": id, "why": "wrote", "by": "root"})
    assert cancelled["number"] == NUMBER and listed(desk) == []


@pytest.mark.parametrize(
    ("command", "arguments", "sentence"),
    [
        ("callback-add", {"queue": "milk", "number": NUMBER}, "There is no queue 'milk' that calls back"),
        ("callback-add", {"queue": "help", "number": NUMBER}, "Nobody calls back for the queue help"),
        ("callback-add", {"queue": "sales", "number": "soon"}, "This is no telephone number"),
        ("callback-add", {"queue": "sales", "number": "112"}, "112 is an emergency number"),
        ("callback-add", {"queue": "sales", "number": "+4930123456"}, "may not be called back"),
        ("callback-add", {"queue": "sales", "number": OTHER}, "is to be called back for this queue already"),
        ("callback-add", {"queue": "sales", "number": NUMBER, "at": 1.0}, "That time is over"),
        ("callback-cancel", {"callback": "x"}, "There is no open call-back 'x'"),
        ("callback-cancel", {"callback": ""}, "There is no open call-back ''"),
        ("callback-move", {"callback": "2701"}, "Several open call-backs begin with '2701'"),
        ("callback-move", {"callback": "270115-080000-001", "at": None}, "was not told a time"),
        ("callback-move", {"callback": "270115-080000-001", "at": 1.0}, "That time is over"),
    ],
)
def test_what_cannot_be_is_said(desk: Any, command: str, arguments: dict[str, Any], sentence: str) -> None:
    added(desk, OTHER)
    added(desk, "+79161234569")
    with pytest.raises(Trouble, match=sentence):
        answer(desk, command, arguments)
    assert len(listed(desk)) == 2


def test_who_is_being_called_is_not_put_off(desk: Any) -> None:
    desk.engine.ask(m.PhoneReachable("201", True))
    id = added(desk)["callback"]
    desk.engine.ask(m.SignOn("1001", "201"))
    assert listed(desk)[0]["state"] == "being called"
    with pytest.raises(Trouble, match=r"The customer is being called at this moment: ask again in a minute\."):
        answer(desk, "callback-move", {"callback": id, "at": desk.clock.now() + 60})
