"""A time that was chosen from end to end: by key, called then and not before, moved by calling in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.facts import AgentState
from appliance.line.promises import CallbackEnd
from appliance.records import models as t
from appliance.settings import Destination, Number, Settings
from appliance.settings.callback import Slots
from appliance.simulation.clock import MORNING
from appliance.simulation.people import Stage
from tests.simulated.calling_back import (
    CUSTOMER,
    attempts,
    called,
    in_line,
    number_of_calls,
    promised,
    running,
    the_callback,
    with_callbacks,
)
from tests.simulated.centre import SALES_LINE, Centre

BEGIN = MORNING.timestamp()
HALF_PAST_NINE = BEGIN + 1800


def site() -> Settings:
    """Half hours, each for one customer. By another number a time is chosen at once."""
    wanted = with_callbacks(slots=Slots(capacity=1, ahead=600.0))
    at_a_time = Number(SALES_LINE, "At a time", Destination(callback="support", at_a_time=True))
    return replace(wanted, numbers={**wanted.numbers, SALES_LINE: at_a_time})


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, site()) as centre:
        centre.switch.provider("north").presses("1")
        centre.phone("alice").answers(1, talks=20)
        yield centre


def test_who_chooses_a_time_in_line_gives_up_the_place_and_is_called_then(centre: Centre) -> None:
    promised(centre, "2", "1", "1", "1")  # a time, this number, the first, yes
    row = the_callback()
    assert (row.kind, row.not_before, row.number) == ("chosen time", HALF_PAST_NINE, CUSTOMER)
    held, waits = t.Visit.select().order_by(t.Visit.id)
    assert (held.outcome, waits.outcome) == ("opted out", None)
    assert t.Call.get().outcome == "call-back promised"
    centre.sign_on("alice")  # is free all the time, and nobody is called before
    centre.clock.run(HALF_PAST_NINE - 1)
    assert number_of_calls(centre) == 0
    callee = called(centre, within=30)
    centre.until(lambda: centre.state("alice") is AgentState.TALKING)
    centre.until(lambda: callee.stage is Stage.GONE)
    assert attempts() == ["served"] and the_callback().outcome == CallbackEnd.SERVED.value
    assert HALF_PAST_NINE <= t.Attempt.get().at < HALF_PAST_NINE + 5


def test_the_head_start_counts_then(centre: Centre) -> None:
    """Who has chosen a time comes before who has waited for less than the head start by then."""
    promised(centre, "2", "1", "1", "1")
    centre.clock.run(HALF_PAST_NINE - 900)
    early = in_line(centre, "+79160000001")
    centre.clock.run(HALF_PAST_NINE - 300)
    late = in_line(centre, "+79160000002")
    centre.clock.run(HALF_PAST_NINE + 1)
    line = [visit.call for visit in centre.engine.acd.waiting("support")]
    assert [line.index(early.call), line.index(late.call)] == [0, 2]
    for caller in (early, late):
        caller.hang_up()


def test_a_destination_at_a_time_and_moved_by_calling_in(centre: Centre) -> None:
    caller = centre.call(SALES_LINE, from_=CUSTOMER, trunk="north")
    caller.press_when_asked(["1", "1", "1"])  # this number, the first, yes
    centre.until(lambda: caller.stage is Stage.GONE)
    assert the_callback().not_before == HALF_PAST_NINE
    again = centre.call(from_=CUSTOMER, trunk="north")
    again.press_when_asked(["3", "2", "1"])  # another time, the second, yes
    centre.until(lambda: again.stage is Stage.GONE)
    assert the_callback().not_before == HALF_PAST_NINE + 1800
    centre.sign_on("alice")
    centre.clock.run(HALF_PAST_NINE + 1799)
    assert number_of_calls(centre) == 0
    callee = called(centre, within=30)
    centre.until(lambda: callee.stage is Stage.GONE)
    assert the_callback().outcome == CallbackEnd.SERVED.value
