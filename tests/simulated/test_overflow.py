"""Callers leave the line for elsewhere: nobody is lost on the way, the time waited counts, the books add up."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from appliance.facts import AgentState
from appliance.line.skills import make_needs
from appliance.records import models as t
from appliance.records.interval import Interval
from appliance.records.ledger import ledger
from appliance.settings import Destination, Overflow, Presence, Settings, WhenEmpty
from appliance.settings.trunks import Numbers, OutboundRule, Trunk
from appliance.simulation.channel import Sound
from appliance.simulation.people import Stage
from tests.simulated.centre import MAIN, SALES_LINE, SUPPORT_LINE, running, say, settings
from tests.simulated.test_succession import apply, started, visits, with_queue

SALES, SORRY = Destination(queue="sales"), Destination(message=say("please call later"))
MOBILE = "+79161234567"
TRUNKS = {"north": Trunk("north", "192.0.2.1", calls=2)}
RULES = {"russia": OutboundRule("russia", (Numbers(country="RU"),), ("north",), show=SUPPORT_LINE, ring_for=20)}


def with_support(**changes: Any) -> Settings:
    return with_queue(settings(trunks=TRUNKS, outbound=RULES), "support", **changes)


def outcomes() -> list[tuple[str, str]]:
    """The visits of all calls, and the call itself, as (queue or "call", outcome)."""
    return visits("queue", "outcome") + [("call", row.outcome) for row in t.Call.select().order_by(t.Call.id)]


def books() -> Mapping[str, Any]:
    """What the calls came to; every one is explained."""
    found = ledger(Interval(0.0, 1e11, UTC))
    assert found.unexplained == {}
    return found.outcomes


def test_after_so_long_the_caller_goes_to_another_queue_ahead_of_who_came_there_later(tmp_path: Path) -> None:
    with running(tmp_path, with_support(overflow=(Overflow(SALES, after=30.0),))) as centre:
        first = centre.call(SUPPORT_LINE)
        centre.run_for(20)
        second = centre.call(SALES_LINE)
        centre.until(lambda: len(visits("id")) == 3)
        assert visits("queue", "outcome") == [("support", "overflowed"), ("sales", None), ("sales", None)]
        assert [visit.leg for visit in centre.engine.acd.waiting("sales")] == [first.leg, second.leg]
        assert first.hears(Sound.MUSIC)
        (row,) = t.Departure.select()
        assert (row.rule, row.why) == ("after 30s", "has waited 30s")
        centre.phone("carol").answers(1)
        centre.sign_on("carol")
        centre.until(lambda: first.stage is Stage.TALKING)
        first.hang_up()
        second.hang_up()
    assert sorted(outcomes()) == [
        ("call", "abandoned"),
        ("call", "answered"),
        ("sales", "abandoned"),
        ("sales", "answered"),
        ("support", "overflowed"),
    ]
    assert books() == {"answered": 1, "abandoned": 1}


def test_who_finds_the_line_full_hears_a_message_and_no_greeting(tmp_path: Path) -> None:
    changed = with_support(overflow=(Overflow(SORRY, length=1),), greeting=say("an agent will be with you"))
    with running(tmp_path, changed) as centre:
        first = centre.call()
        centre.until(lambda: first.hears(Sound.MUSIC))
        second = centre.call()
        centre.until(lambda: second.stage is Stage.GONE)
        assert centre.sound("an agent will be with you") in first.prompts
        assert second.prompts == [centre.sound("please call later")]
        assert visits("outcome") == [(None,), ("overflowed",)]
    assert books() == {"abandoned": 1, "overflowed": 1}


def test_nobody_is_there_and_then_somebody(tmp_path: Path) -> None:
    rule = WhenEmpty(SORRY, there=frozenset({Presence.READY, Presence.TALKING}), after=20.0)
    with running(tmp_path, with_support(when_empty=rule)) as centre:
        refused = centre.call()
        centre.until(lambda: refused.stage is Stage.GONE)
        centre.sign_on("alice")
        waits = centre.call()
        centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
        centre.phone("alice").dial("*131")
        centre.run_for(18)
        assert centre.state("alice") is AgentState.PAUSED and waits.stage is not Stage.GONE
        centre.until(lambda: waits.stage is Stage.GONE, within=30)
        assert waits.prompts[-1] == centre.sound("please call later")
    assert books() == {"unstaffed": 2}


def test_a_key_leads_out_and_an_announcement_is_no_obstacle(tmp_path: Path) -> None:
    changed = with_support(keys={"1": SALES, "0": Destination(menu="service")})
    with running(tmp_path, changed) as centre:
        centre.sign_on("carol")
        centre.phone("carol").answers(2)
        caller, other = centre.call(), centre.call()
        centre.until(lambda: other.hears(Sound.MUSIC))
        caller.press("5", after=1)
        caller.press("1", after=3)
        centre.until(lambda: caller.stage is Stage.TALKING)
        other.press("0")
        centre.until(lambda: centre.sound("service menu") in other.prompts)
        other.press("1", after=3)
        centre.until(lambda: len(visits("id")) == 4)
        assert other.hears(Sound.MUSIC)
    assert sorted(visits("queue", "outcome")) == [
        ("sales", "answered"),
        ("support", "abandoned"),
        ("support", "opted out"),
        ("support", "opted out"),
    ]
    assert books() == {"answered": 1, "abandoned": 1}


def test_a_key_in_the_moment_in_which_an_agent_is_found_costs_no_offer(tmp_path: Path) -> None:
    with running(tmp_path, with_support(keys={"1": SORRY})) as centre:
        caller = centre.call()
        centre.until(lambda: caller.hears(Sound.MUSIC))
        centre.phone("alice").answers(1)
        centre.sign_on("alice")
        caller.press("1")
        centre.until(lambda: caller.stage is Stage.TALKING, within=10)
    assert books() == {"answered": 1}


def test_what_the_caller_needs_goes_along(tmp_path: Path) -> None:
    changed = with_support(overflow=(Overflow(SALES, after=10.0),))
    german = make_needs({"german": 1}, {}, {})
    numbers = {**changed.numbers, SUPPORT_LINE: replace(changed.numbers[SUPPORT_LINE], needs=german)}
    with running(tmp_path, replace(changed, numbers=numbers)) as centre:
        centre.sign_on("carol")
        caller = centre.call()
        centre.run_for(20)
        assert [visit.needs for visit in centre.engine.acd.waiting("sales")] == [german]
        assert centre.state("carol") is AgentState.READY and caller.hears(Sound.MUSIC)


# Numbers outside


@pytest.fixture
def forwarding() -> Settings:
    return with_support(overflow=(Overflow(Destination(number=MOBILE), after=10.0),))


def test_the_caller_is_put_through_to_a_number_outside(tmp_path: Path, forwarding: Settings) -> None:
    with running(tmp_path, forwarding) as centre:
        north = centre.switch.provider("north")
        north.answers(2, talks=20)
        caller = centre.call(trunk="south")
        centre.until(lambda: caller.stage is Stage.TALKING)
        assert (north.call.to.number, north.call.to.shown) == (MOBILE, SUPPORT_LINE)
        centre.until(lambda: caller.stage is Stage.GONE)
        row = t.Call.get()
        assert (row.direction, row.trunk, row.sent_on_by, row.rule) == ("in", "south", "north", "russia")
        assert centre.daemon is not None and not centre.daemon.desk.lines.calls_of("north")
    assert outcomes() == [("support", "overflowed"), ("call", "forwarded answered")]
    assert books() == {"forwarded answered": 1}


def test_a_number_that_cannot_be_had(tmp_path: Path, forwarding: Settings) -> None:
    with running(tmp_path, forwarding) as centre:
        centre.switch.provider("north").refuses(486)
        caller = centre.call()
        centre.until(lambda: caller.stage is Stage.GONE)
        assert caller.prompts == [centre.sound("extension-not-available"), centre.sound("goodbye")]
        centre.switch.provider("north").refuses(503)
        caller = centre.call()
        centre.until(lambda: caller.stage is Stage.GONE)
        assert caller.prompts == [centre.sound("outbound-failed"), centre.sound("goodbye")]
    assert books() == {"forwarded not answered": 1, "forwarded failed": 1}


def test_the_limits_of_outgoing_calls_hold_for_callers_who_are_put_through(tmp_path: Path) -> None:
    to = Destination(number=MOBILE)
    rule = replace(RULES["russia"], calls_per_hour=1)
    changed = replace(with_support(overflow=(Overflow(to, after=5.0),)), outbound={"russia": rule})
    with running(tmp_path, changed) as centre:
        centre.switch.provider("north").refuses(486)
        for _ in range(2):
            caller = centre.call()
            centre.until(lambda c=caller: c.stage is Stage.GONE)
        centre.kill()
        centre.start()
        third = centre.call()
        centre.until(lambda: third.stage is Stage.GONE)
        incidents = t.EventRow.select().where(t.EventRow.kind == "Incident", t.EventRow.body.contains("refused"))
        assert incidents.count() == 2
    assert books() == {"forwarded not answered": 1, "forwarded refused": 2}


# Crashes and changes


def test_killed_on_the_way_the_caller_goes_on_where_the_line_has_sent_them(tmp_path: Path) -> None:
    changed = with_support(overflow=(Overflow(Destination(menu="service"), after=30.0),))
    with running(tmp_path, changed) as centre:
        caller = centre.call()
        centre.until(lambda: centre.sound("service menu") in caller.prompts)
        centre.kill()
        centre.run_for(5)
        centre.start()
        centre.until(lambda: caller.prompts.count(centre.sound("service menu")) == 2)
        caller.press("1", after=3)
        centre.until(lambda: len(visits("id")) == 2)
        (visit,) = centre.engine.acd.waiting("support")
        assert visit.head_start > 30, "what was waited before counts"
    assert t.Call.select().count() == 1 and books() == {"abandoned": 1}


def test_killed_in_line_the_limit_holds_on_return(tmp_path: Path) -> None:
    with running(tmp_path, with_support(overflow=(Overflow(SALES, after=30.0),))) as centre:
        caller = centre.call()
        centre.run_for(20)
        centre.kill()
        centre.run_for(20)
        centre.start()
        centre.until(lambda: len(visits("id")) == 2, within=10)
        assert visits("queue", "outcome") == [("support", "overflowed"), ("sales", None)]
        assert caller.hears(Sound.MUSIC)


def test_killed_while_the_number_outside_talks_the_talk_goes_on(tmp_path: Path, forwarding: Settings) -> None:
    with running(tmp_path, forwarding) as centre:
        centre.switch.provider("north").answers(1, talks=60)
        caller = centre.call()
        centre.until(lambda: caller.stage is Stage.TALKING)
        centre.kill()
        centre.run_for(10)
        assert caller.stage is Stage.TALKING
        centre.start()
        centre.until(lambda: caller.stage is Stage.GONE)
    assert books() == {"forwarded answered": 1}


def test_a_version_that_is_applied_holds_for_who_waits(tmp_path: Path) -> None:
    with started(tmp_path, with_support()) as centre:
        caller = centre.call()
        centre.run_for(60)
        apply(centre, with_support(overflow=(Overflow(SORRY, after=30.0),)))
        centre.until(lambda: caller.stage is Stage.GONE, within=10)
        assert caller.prompts[-1] == centre.sound("please call later")


def test_queues_that_send_callers_to_each_other_end_at_some_time(tmp_path: Path) -> None:
    """`check` calls that an error."""
    first = with_support(overflow=(Overflow(SALES, per_agent=1.0),))
    circle = with_queue(first, "sales", overflow=(Overflow(Destination(queue="support"), per_agent=1.0),))
    with running(tmp_path, circle) as centre:
        caller = centre.call()
        centre.until(lambda: caller.stage is Stage.GONE)
        assert caller.prompts == [centre.sound("goodbye")]
    assert books() == {"overflowed": 1}


def test_a_menu_key_leads_to_a_number_outside(tmp_path: Path) -> None:
    changed = with_support()
    menu = replace(changed.menus["main"], choices={"7": Destination(number=MOBILE)})
    number = replace(changed.numbers[MAIN], open=Destination(menu="main"), hours=None)
    changed = replace(changed, menus={**changed.menus, "main": menu}, numbers={**changed.numbers, MAIN: number})
    with running(tmp_path, changed) as centre:
        centre.switch.provider("north").answers(1, talks=5)
        caller = centre.call(MAIN)
        centre.until(lambda: centre.sound("main menu") in caller.prompts)
        caller.press("7")
        centre.until(lambda: caller.stage is Stage.GONE)
    assert books() == {"forwarded answered": 1}
