"""Call-backs on the simulated switch: a queue that promises them, customers who are called, the rows of it all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

from appliance.line import messages as m
from appliance.line.promises import CallbackEnd, First
from appliance.records import models as t
from appliance.records.callback_figures import callback_figures
from appliance.records.interval import Interval
from appliance.records.ledger import ledger
from appliance.records.why import story, story_text
from appliance.settings import Callback, Destination, Number, Settings
from appliance.settings.trunks import NumberForm, Numbers, OutboundRule, Trunk
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from appliance.simulation.provider import Callee
from tests.simulated.centre import SALES_LINE, SUPPORT_LINE, Centre, settings
from tests.simulated.centre import running as running_centre

CUSTOMER = "+79161234567"
KEY = "1"


def with_callbacks(first: First = First.CUSTOMER, **changes: Any) -> Settings:
    old = settings()
    wanted = Callback(first=first, key=KEY, **changes)
    support = replace(
        old.queues["support"], callback=wanted, keys={KEY: Destination(callback="support")}, agents=("1001",)
    )
    direct = Number(SALES_LINE, "Call me", Destination(callback="support"))
    return settings(
        queues={**old.queues, "support": support},
        numbers={**old.numbers, SALES_LINE: direct},
        trunks={"north": Trunk("north", "192.0.2.1", numbers=NumberForm.NATIONAL)},
        outbound={"russia": OutboundRule("russia", (Numbers(country="RU"),), ("north",), show=SUPPORT_LINE)},
    )


@contextmanager
def running(data: Path, settings: Settings) -> Iterator[Centre]:
    """As tests.simulated.centre.running; whoever is still to be called at the end is not."""
    with running_centre(data, settings) as centre:
        centre.switch.provider("north").answers(2)
        yield centre
        for info in list(centre.switch.legs()):
            centre.switch.hang_up(info.leg)
        centre.run_for(1)
        for visit in centre.engine.acd.visits():
            centre.engine.tell(m.EndCallback(visit.id, CallbackEnd.CANCELLED, "the story is over"))
        centre.run_for(1)
        check_the_books()


def check_the_books() -> None:
    """Every call and every promise has one outcome, and each story can be told from either of its calls."""
    ever = Interval(0.0, 1e10, UTC)
    assert ledger(ever).unexplained == {}
    figures = callback_figures(ever, 1e10)
    assert sum(each.promised for each in figures) == t.Callback.select().count()
    assert all(each.promised == sum(each.ends.values()) for each in figures)
    for call in t.Call.select():
        assert story_text(story(call), UTC)


def in_line(centre: Centre, from_: str = CUSTOMER) -> Caller:
    caller = centre.call(from_=from_, trunk="north")
    centre.until(lambda: caller.hears(Sound.MUSIC))
    return caller


def promised(centre: Centre, *keys: str, from_: str = CUSTOMER) -> Caller:
    """Somebody who stood in line, and has gone home."""
    caller = in_line(centre, from_)
    caller.press_when_asked(keys or ["1"])
    caller.press(KEY)
    centre.until(lambda: caller.stage is Stage.GONE)
    return caller


def number_of_calls(centre: Centre) -> int:
    return len(centre.switch.provider("north").past)


def called(centre: Centre, n: int = 1, within: float = 1000.0) -> Callee:
    """The customer, when called for the nth time."""
    provider = centre.switch.provider("north")
    centre.until(lambda: len(provider.past) >= n, within)
    return provider.past[n - 1]


def the_visit() -> t.Visit:
    return t.Visit.select().order_by(t.Visit.joined_at).get()


def the_callback() -> t.Callback:
    return t.Callback.get()


def attempts() -> list[str]:
    return [row.outcome for row in t.Attempt.select().order_by(t.Attempt.at)]
