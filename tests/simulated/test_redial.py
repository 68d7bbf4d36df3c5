"""Who has hung up in line is called, an agent first, and not any more once it is of no use."""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import pytest

from appliance.facts import AgentState
from appliance.line import messages as m
from appliance.line.promises import CallbackEnd
from appliance.records import models as t
from appliance.records.abandoned import abandoned
from appliance.records.interval import Interval
from appliance.settings import Callback, Hours, Settings, Span
from appliance.settings.callback import Redial
from appliance.settings.trunks import Numbers, OutboundRule, Trunk
from appliance.simulation.people import Stage
from tests.simulated.centre import SALES_LINE, SUPPORT_LINE, Centre, running, say, settings

CUSTOMER = "+74959999999"
AFTER = 300.0
QUEUES = {SUPPORT_LINE: "support", SALES_LINE: "sales"}


def with_redial() -> Settings:
    old = settings()
    support = replace(old.queues["support"], callback=Callback(redial=Redial(after=AFTER, waited=20.0, tries=2)))
    phrases = copy(old.phrases)
    phrases["agent-callback-missed-number"] = say("Missed call from {number}. It was {ago} ago.")  # type: ignore[index]
    return replace(
        old,
        phrases=phrases,
        queues={**old.queues, "support": support},
        trunks={"provider": Trunk("provider", "sip.example.com")},
        outbound={"all": OutboundRule("all", (Numbers(prefix="+7"),), trunks=("provider",))},
    )


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_redial()) as centre:
        centre.switch.provider("provider").answers(after=2, talks=30)
        yield centre
        for row in t.Callback.select().where(t.Callback.ended_at.is_null()):
            centre.engine.tell(m.EndCallback(row.id, CallbackEnd.CANCELLED))


def gives_up(centre: Centre, waits: float = 60.0, from_: str = CUSTOMER, number: str = SUPPORT_LINE) -> None:
    caller = centre.call(number, from_=from_)
    centre.until(lambda: bool(centre.engine.acd.waiting(QUEUES[number])))
    centre.run_for(waits)
    caller.hang_up()
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(0.5)


def listed(centre: Centre) -> list[Any]:
    now = centre.clock.now()
    return abandoned(Interval(now - 86400, now + 1, UTC))


def ends(centre: Centre) -> list[str | None]:
    return [row.outcome for row in t.Callback.select().order_by(t.Callback.promised_at)]


def test_who_has_hung_up_is_called_an_agent_first(centre: Centre) -> None:
    gives_up(centre)
    (callback,) = t.Callback.select()
    (visit,) = t.Visit.select().where(t.Visit.id == callback.origin)
    assert (callback.number, callback.kind, callback.first, callback.queue) == (
        *(CUSTOMER, "abandoned"),
        *("agent", "support"),
    )
    assert callback.not_before == pytest.approx(visit.ended_at + AFTER)
    centre.sign_on("alice")
    alice = centre.phone("alice")
    centre.run_for(AFTER - 30)
    assert alice.stage is Stage.GONE, "not yet"
    alice.answers(after=1)
    centre.until(lambda: alice.stage is not Stage.GONE, within=60)
    call = alice.call
    centre.until(lambda: call.stage is not Stage.RINGING)
    call.press("1", after=4)
    centre.until(lambda: call.stage is Stage.TALKING, within=30)
    assert centre.switch.provider("provider").call.to.number == CUSTOMER
    centre.until(lambda: call.stage is Stage.GONE, within=90)
    centre.run_for(1)
    assert ends(centre) == ["served"]
    assert "It was five minutes ago." in str([each.text for each in centre.voice.spoken.values()])
    (row,) = listed(centre)
    assert (row.visit, row.reason, row.served_by) == (visit.id, "hung up", "1001")
    assert (row.redialled.outcome, row.is_open) == ("served", False)
    original = t.Visit.get_by_id(visit.id)
    assert (original.outcome, original.answered_at) == ("abandoned", None), "and that stays"


@pytest.mark.parametrize("from_, waits", [("", 60.0), (CUSTOMER, 5.0), ("+442079460000", 60.0)])
def test_who_is_let_alone(centre: Centre, from_: str, waits: float) -> None:
    """Who withholds the number, who has hardly waited, and who lives where nobody may call."""
    gives_up(centre, waits, from_)
    assert t.Callback.select().count() == 0
    (row,) = listed(centre)
    assert row.redialled is None and row.is_open
    assert row.number == (from_ or None)
    assert t.Step.select().where(t.Step.step == "redial").count() == 1, "and why can be asked"


def test_who_calls_again_is_not_called(centre: Centre) -> None:
    gives_up(centre)
    caller = centre.call(SUPPORT_LINE, from_=CUSTOMER)
    centre.until(lambda: "called in" in ends(centre))
    caller.hang_up()
    centre.run_for(1)
    assert ends(centre) == ["called in"], "who hangs up at once has not waited"
    assert [row.called_again for row in listed(centre)] == [1, 0]


def test_who_was_served_elsewhere_is_not_called(centre: Centre) -> None:
    """The customer stood in another line already when the first call was given up."""
    sales = centre.call(SALES_LINE, from_=CUSTOMER)
    centre.until(lambda: len(centre.engine.acd.visits()) == 1)
    gives_up(centre)
    centre.sign_on("carol")
    centre.phone("carol").answers(after=1)
    centre.until(lambda: sales.stage is Stage.TALKING)
    assert ends(centre) == ["served otherwise"]
    (row, *_) = [each for each in listed(centre) if each.queue == "support"]
    assert row.served_by == "1003" and not row.is_open


@pytest.mark.parametrize("within, outcome", [(100 * 3600.0, "served"), (4 * 3600.0, "expired")])
def test_nobody_is_called_when_the_agents_are_late(tmp_path: Path, within: float, outcome: str) -> None:
    """It was time to call while the queue was open, and nobody was there; now that somebody is, it is closed."""
    rules = with_redial()
    early = Hours("office", "UTC", (Span(frozenset(range(5)), time(9), time(9, 10)),))
    redial = Redial(after=60.0, within=within)
    support = replace(rules.queues["support"], hours="office", callback=Callback(redial=redial))
    rules = replace(rules, hours={"office": early}, queues={**rules.queues, "support": support})
    with running(tmp_path, rules) as centre:
        centre.switch.provider("provider").answers(after=2, talks=30)
        gives_up(centre)
        centre.run_for(600)
        centre.sign_on("alice")
        centre.run_for(60)
        assert not any(call for call in centre.phone("alice").past if call.partners)
        assert centre.state("alice") is AgentState.READY
        assert ends(centre) == [None] and t.Attempt.select().count() == 0
        if outcome == "served":
            serves(centre, within=3 * 86400)
            monday = datetime(2026, 11, 23, 9, tzinfo=UTC).timestamp()
            assert t.Attempt.get().at == pytest.approx(monday, abs=5)
        centre.run_for(4 * 3600)
        assert ends(centre) == [outcome]


def test_one_for_a_number_and_queue(centre: Centre) -> None:
    first = centre.call(SUPPORT_LINE, from_=CUSTOMER)
    second = centre.call(SUPPORT_LINE, from_=CUSTOMER)
    centre.run_for(60)
    first.hang_up()
    centre.run_for(1)
    second.hang_up()
    centre.run_for(1)
    assert ends(centre) == [None]


# kill -9


@pytest.mark.parametrize("dies_after", [0.0, 0.05, 1.0, AFTER - 10])
def test_killed_after_the_caller_hung_up(centre: Centre, dies_after: float) -> None:
    """The promise is in the records with the end of the visit: either both are or neither."""
    caller = centre.call(SUPPORT_LINE, from_=CUSTOMER)
    centre.run_for(60)
    caller.hang_up()
    centre.run_for(dies_after)
    centre.kill()
    ended = t.Visit.select().where(t.Visit.outcome == "abandoned").count()
    assert t.Callback.select().count() == ended
    centre.run_for(3)
    centre.start()
    centre.run_for(2)
    assert t.Callback.select().count() == ended
    if ended:
        serves(centre)
        assert ends(centre) == ["served"]


def serves(centre: Centre, within: float = AFTER + 60) -> None:
    """Alice is told of the missed call, takes it, and talks."""
    if centre.state("alice") is AgentState.SIGNED_OFF:
        centre.sign_on("alice")
    alice = centre.phone("alice")
    alice.answers(after=1)
    centre.until(lambda: alice.stage is not Stage.GONE, within=within)
    call = alice.call
    centre.until(lambda: call.stage is not Stage.RINGING)
    call.press("1", after=4)
    centre.until(lambda: call.stage is Stage.GONE, within=120)
    centre.run_for(1)
