"""An agent promises a customer a call, by a code: to whom, when, and what cannot be promised."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.facts import AgentState
from appliance.line import messages as m
from appliance.line.promises import CallbackEnd
from appliance.records import models as t
from appliance.settings import Callback, Destination, Settings
from appliance.settings.callback import Slots
from appliance.settings.trunks import Numbers, OutboundRule, Trunk
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from tests.simulated.centre import SUPPORT_LINE, Centre, running, settings

CUSTOMER, OTHER = "+79161234567", "+79169876543"
CODE = "*16"


def site(slots: Slots | None = None) -> Settings:
    old = settings()
    support = replace(
        old.queues["support"],
        callback=Callback(slots=slots),
        hours="office",
        closed=Destination(hang_up=True),
        wrap_up=0.0,
    )
    return replace(
        old,
        queues={**old.queues, "support": support},
        trunks={"north": Trunk("north", "192.0.2.1")},
        outbound={"russia": OutboundRule("russia", (Numbers(country="RU"),), ("north",), show=SUPPORT_LINE)},
    )


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running_quietly(tmp_path, site()) as centre:
        yield centre


class running_quietly:
    """Nobody is really called: who is promised a call is not wanted any more at the end."""

    def __init__(self, data: Path, settings: Settings) -> None:
        self._running = running(data, settings)

    def __enter__(self) -> Centre:
        self._centre = self._running.__enter__()
        self._centre.sign_on("alice")
        return self._centre

    def __exit__(self, *error: object) -> None:
        for visit in self._centre.engine.acd.visits():
            self._centre.engine.tell(m.EndCallback(visit.id, CallbackEnd.CANCELLED))
        self._centre.run_for(1)
        self._running.__exit__(*error)  # type: ignore[arg-type]


def talk(centre: Centre, from_: str = CUSTOMER) -> None:
    """Alice talks to somebody."""
    caller = centre.call(from_=from_)
    centre.phone("alice").answers(after=1)
    centre.until(lambda: caller.hears(Sound.TALK))
    caller.hang_up()
    centre.until(lambda: centre.state("alice") is AgentState.READY)


def dial(centre: Centre, keys: list[str], code: str = CODE, by: str = "alice") -> Caller:
    """Each of these after everything that comes before it has been said."""
    call = centre.phone(by).dial(code)
    for each in keys:
        before = -1
        while before != len(call.prompts):
            before = len(call.prompts)
            centre.run_for(2)
        call.press(each)
    centre.until(lambda: call.stage is Stage.GONE)
    return call


def last_heard(centre: Centre, call: Caller) -> str:
    """Which of these phrases."""
    names = (
        *("agent-callback-promised", "agent-callback-none", "agent-callback-already", "agent-not-signed-on"),
        *("agent-callback-wrong-number", "agent-callback-wrong-time"),
    )
    return next((name for name in names if call.prompts[-1] == centre.sound(name)), call.prompts[-1])


def at(hour: int, minute: int = 0, day: int = 20) -> float:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()


def test_the_customer_of_the_last_talk_as_soon_as_possible(centre: Centre) -> None:
    talk(centre)
    call = dial(centre, ["1", "#"])
    assert call.prompts == [centre.sound(f"agent-callback-{each}") for each in ("last", "key-day", "promised")]
    row = t.Callback.get()
    assert (row.number, row.kind, row.queue) == (CUSTOMER, "agent", "support")
    assert row.context == '{"promised by": "alice"}'
    assert row.origin == t.Call.get(t.Call.number == CUSTOMER).id


def test_another_number_at_a_time(centre: Centre) -> None:
    talk(centre)
    call = dial(centre, ["2", "89169876543#", "0", "1430"])
    assert last_heard(centre, call) == "agent-callback-promised"
    row = t.Callback.get()
    assert (row.number, row.not_before, row.origin) == (OTHER, at(14, 30), None)


def test_the_number_behind_the_code_on_another_day(centre: Centre) -> None:
    assert last_heard(centre, dial(centre, ["1", "1000", "#"], f"{CODE}89169876543")) == "agent-callback-promised"
    row = t.Callback.get()  # tomorrow is Saturday, when nobody works
    assert row.number == OTHER and row.not_before < at(10)


def test_what_cannot_be_called(centre: Centre) -> None:
    for number in ("112", "88005553535#1", "4420", SUPPORT_LINE.replace("+7", "8"), "0000000"):
        call = dial(centre, [], f"{CODE}{number}")
        assert last_heard(centre, call) != "agent-callback-promised", number
    assert not t.Callback.select().exists()


def test_times_at_which_nobody_can_be_called(centre: Centre) -> None:
    call = dial(centre, ["0", "0830", "0", "1900", "7", "1200"], f"{CODE}89169876543")
    assert last_heard(centre, call) == "agent-callback-wrong-time"
    assert call.prompts.count(centre.sound("agent-callback-wrong-time")) == 3
    assert not t.Callback.select().exists()


def test_once_is_enough(centre: Centre) -> None:
    dial(centre, ["0", "1430"], f"{CODE}89169876543")
    again = dial(centre, ["0", "1600"], f"{CODE}89169876543")
    assert last_heard(centre, again) == "agent-callback-already" and t.Callback.select().count() == 1


def test_a_full_slot(tmp_path: Path) -> None:
    with running_quietly(tmp_path, site(Slots(capacity=1))) as centre:
        dial(centre, ["0", "1430"], f"{CODE}89169876543")
        call = dial(centre, ["0", "1445", "0", "1500"], f"{CODE}89161234567")
        assert centre.sound("agent-callback-wrong-time") in call.prompts
        assert last_heard(centre, call) == "agent-callback-promised"
        assert sorted(row.not_before for row in t.Callback.select()) == [at(14, 30), at(15)]


def test_who_is_not_signed_on(centre: Centre) -> None:
    assert last_heard(centre, dial(centre, [], by="bob")) == "agent-not-signed-on"


def test_whose_queues_call_nobody_back(centre: Centre) -> None:
    centre.sign_on("carol")
    assert last_heard(centre, dial(centre, [], by="carol")) == "agent-callback-none"
