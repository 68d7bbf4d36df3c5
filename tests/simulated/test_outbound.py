"""Phones call out: by rule alone, over the first trunk that does it, within limits, and with true books."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.facts import AgentState, CallOutcome
from appliance.port import EndCause
from appliance.records import models as t
from appliance.records.interval import Interval
from appliance.records.ledger import ledger
from appliance.settings.trunks import LineType, NumberForm, Numbers, OutboundRule, Trunk
from appliance.simulation.channel import Sound
from appliance.simulation.people import Stage
from tests.simulated.centre import MAIN, SUPPORT_LINE, Centre, running, settings

TRUNKS = {
    "north": Trunk("north", "192.0.2.1", numbers=NumberForm.NATIONAL, calls=2),
    "prostor": Trunk("prostor", "192.0.2.2", numbers=NumberForm.E164),
}
RULES = {
    "emergency": OutboundRule("emergency", (Numbers(dialled="112"),), ("north", "prostor"), emergency=True),
    "premium": OutboundRule("premium", (Numbers(type=LineType.PREMIUM),), refuse=True),
    "russia": OutboundRule(
        "russia", (Numbers(country="RU"),), ("north", "prostor"), show=SUPPORT_LINE, calls_per_hour=5, ring_for=30
    ),
    "abroad": OutboundRule("abroad", (), ("prostor",), phones=("201",), withhold=True),
}
SOMEBODY = "+79161234567"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings(trunks=TRUNKS, outbound=RULES)) as centre:
        for trunk in TRUNKS:
            centre.switch.provider(trunk)
        yield centre


def over(centre: Centre) -> t.Call:
    """The newest call, when it is over."""
    centre.until(lambda: not centre.engine.live.calls)
    row: t.Call = t.Call.select().order_by(t.Call.started_at.desc(), t.Call.id.desc()).get()
    assert row.ended_at is not None
    return row


def steps(call: t.Call) -> list[tuple[str, str]]:
    rows = t.Step.select().where(t.Step.call == call.id).order_by(t.Step.id)
    return [(row.step, row.detail) for row in rows]


def test_a_phone_calls_a_number_of_the_country(centre: Centre) -> None:
    centre.switch.provider("north").answers(2, talks=20)
    alice = centre.phone("alice").dial("89161234567")
    centre.until(lambda: alice.stage is Stage.TALKING)
    assert not alice.hears(Sound.RINGING)
    call = centre.switch.provider("north").call
    assert (call.to.number, call.to.shown) == ("89161234567", "84951234568")
    assert centre.daemon is not None and centre.daemon.desk.lines.calls_of("north") == 1
    row = over(centre)
    assert (row.direction, row.phone, row.trunk, row.rule) == ("out", "201", "north", "russia")
    assert (row.number, row.number_id, row.outcome) == (SOMEBODY, SUPPORT_LINE, "outbound answered")
    assert [leg.endpoint for leg in t.Leg.select()] == ["north"]
    assert steps(row) == [("outbound", "rule russia"), ("trunk", "north: 89161234567 is called")]
    assert centre.daemon.desk.lines.calls_of("north") == 0


def test_an_agent_who_calls_out_is_busy_for_the_queues(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.switch.provider("north").answers(1, talks=40)
    out = centre.phone("alice").dial(SOMEBODY)
    centre.until(lambda: out.stage is Stage.TALKING)
    caller = centre.call()
    centre.run_for(10)
    assert caller.hears(Sound.MUSIC) and centre.state("alice") is AgentState.READY
    centre.phone("alice").answers(1)
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert out.stage is Stage.GONE
    caller.hang_up()
    outcomes = {row.direction: (row.outcome, row.agent) for row in t.Call.select()}
    centre.until(lambda: not centre.engine.live.calls)
    assert outcomes["out"] == ("outbound answered", "1001")


@pytest.mark.parametrize("status", [403, 408, 488, 500, 503])
def test_a_trunk_that_fails_is_followed_by_the_next(centre: Centre, status: int) -> None:
    centre.switch.provider("north").refuses(status)
    centre.switch.provider("prostor").answers(1, talks=5)
    centre.phone("alice").dial(SOMEBODY)
    row = over(centre)
    assert (row.trunk, row.outcome) == ("prostor", "outbound answered")
    assert centre.switch.provider("prostor").call.to.number == "79161234567"
    assert f"({status} " in steps(row)[2][1]


@pytest.mark.parametrize(
    "status, phrase", [(486, "outbound-busy"), (404, "outbound-no-number"), (480, "outbound-no-answer")]
)
def test_a_callee_who_cannot_be_had_is_no_failure_of_the_trunk(centre: Centre, status: int, phrase: str) -> None:
    centre.switch.provider("north").refuses(status)
    alice = centre.phone("alice").dial(SOMEBODY)
    assert over(centre).outcome == "outbound not answered"
    assert alice.prompts == [centre.sound(phrase)]
    assert not centre.switch.provider("prostor").past


def test_all_trunks_fail(centre: Centre) -> None:
    for trunk in TRUNKS:
        centre.switch.provider(trunk).refuses(503)
    alice = centre.phone("alice").dial(SOMEBODY)
    row = over(centre)
    assert (row.outcome, row.trunk) == ("outbound failed", "prostor")
    assert alice.prompts == [centre.sound("outbound-failed")]


def test_a_trunk_that_is_known_to_be_down_comes_last(centre: Centre) -> None:
    centre.switch.provider("north").goes_down()
    centre.run_for(1)
    centre.switch.provider("prostor").answers(1, talks=5)
    centre.phone("alice").dial(SOMEBODY)
    row = over(centre)
    assert row.trunk == "prostor"
    assert ("outbound", "trunk north comes last: it is down") in steps(row)


def test_nobody_answers(centre: Centre) -> None:
    alice = centre.phone("alice").dial(SOMEBODY)
    row = over(centre)
    assert row.outcome == "outbound not answered" and 30 <= row.ended_at - row.started_at < 40
    assert alice.prompts == [centre.sound("outbound-no-answer")]


def test_who_gives_up_while_it_rings(centre: Centre) -> None:
    alice = centre.phone("alice").dial(SOMEBODY)
    centre.run_for(5)
    alice.hang_up()
    assert over(centre).outcome == "outbound not answered"
    assert centre.switch.provider("north").call.cause is EndCause.CANCELLED
    assert centre.daemon is not None and not centre.daemon.desk.lines.calls_of("north")


@pytest.mark.parametrize(
    "dialled, phrase",
    [
        ("+78091234567", "outbound-not-allowed"),  # premium
        ("+442079460000", "outbound-not-allowed"),  # for phone 201 alone
        ("0000", "outbound-not-allowed"),
        ("odd", "outbound-no-number"),
        ("8916123456789012345678901234567890123456789", "outbound-not-allowed"),
        ("x", "outbound-no-number"),
    ],
)
def test_what_no_rule_allows_is_refused(centre: Centre, dialled: str, phrase: str) -> None:
    bob = centre.phone("bob").dial(dialled)
    row = over(centre)
    assert row.outcome == "outbound refused"
    assert bob.prompts == [centre.sound(phrase)]
    assert not any(centre.switch.provider(trunk).past for trunk in TRUNKS)


def test_a_rule_for_one_phone_shows_no_number(centre: Centre) -> None:
    centre.switch.provider("prostor").answers(1, talks=5)
    centre.phone("alice").dial("81044207946" + "0000")
    assert over(centre).rule == "abroad"
    to = centre.switch.provider("prostor").call.to
    assert (to.number, to.shown) == ("442079460000", None)


def test_a_cap_in_an_hour_outlives_a_restart_and_sounds_the_alarm(centre: Centre) -> None:
    centre.switch.provider("north").refuses(486)
    for _ in range(5):
        centre.phone("alice").dial(SOMEBODY)
        assert over(centre).outcome == "outbound not answered"
    centre.kill()
    centre.start()
    alice = centre.phone("alice").dial(SOMEBODY)
    row = over(centre)
    assert row.outcome == "outbound refused" and alice.prompts == [centre.sound("outbound-too-many")]
    assert t.EventRow.select().where(t.EventRow.kind == "Incident").count() == 1
    emergency = centre.phone("alice").dial("112")
    centre.run_for(1)
    assert centre.switch.provider("north").call.to.number == "112"
    emergency.hang_up()
    centre.run_for(3600)
    centre.phone("alice").dial(SOMEBODY)
    assert over(centre).outcome == "outbound not answered"


def test_a_cap_of_calls_counts_both_directions(centre: Centre) -> None:
    first, second = (centre.call(trunk="north") for _ in range(2))
    centre.run_for(1)
    centre.switch.provider("prostor").answers(1, talks=5)
    centre.phone("alice").dial(SOMEBODY)
    row = over_with(centre, "russia")
    assert row.trunk == "prostor"
    assert ("outbound", "trunk north passed over: it has 2 calls already") in steps(row)
    third = centre.call(trunk="north")
    centre.run_for(1)
    assert third.stage is Stage.GONE and not third.is_answered
    assert t.Call.select().where(t.Call.outcome == CallOutcome.NO_LINE.value).count() == 1
    first.hang_up()
    centre.run_for(1)
    fourth = centre.call(trunk="north")
    centre.run_for(1)
    assert fourth.is_answered
    second.hang_up()
    fourth.hang_up()


def over_with(centre: Centre, rule: str) -> t.Call:
    centre.until(lambda: t.Call.select().where(t.Call.rule == rule, t.Call.ended_at.is_null(False)).exists())
    row: t.Call = t.Call.get(t.Call.rule == rule)
    return row


def test_killed_while_a_call_goes_out_the_talk_goes_on_and_the_books_are_closed(centre: Centre) -> None:
    centre.switch.provider("north").answers(1)
    alice = centre.phone("alice").dial(SOMEBODY)
    centre.until(lambda: alice.stage is Stage.TALKING)
    centre.kill()
    centre.run_for(5)
    assert alice.stage is Stage.TALKING
    centre.start()
    centre.run_for(5)
    assert centre.daemon is not None and centre.daemon.desk.lines.calls_of("north") == 1
    alice.hang_up()
    assert over(centre).outcome == "outbound answered"


def test_answered_while_the_appliance_is_dead(centre: Centre) -> None:
    centre.switch.provider("north").answers(8)
    alice = centre.phone("alice").dial(SOMEBODY)
    centre.run_for(3)
    centre.kill()
    centre.until(lambda: alice.stage is Stage.TALKING)
    centre.start()
    centre.run_for(5)
    alice.hang_up()
    assert over(centre).outcome == "outbound answered"


def test_a_forwarded_call_counts_for_the_number_dialled_at_first(tmp_path: Path) -> None:
    trunks = {"north": Trunk("north", "192.0.2.1", forwarded=True), "prostor": TRUNKS["prostor"]}
    with running(tmp_path, settings(trunks=trunks)) as centre:
        caller = centre.call("+74959990000", trunk="north", diverted=SUPPORT_LINE)
        centre.until(lambda: caller.hears(Sound.MUSIC))
        row = t.Call.get()
        assert (row.number_id, row.diverted) == (SUPPORT_LINE, SUPPORT_LINE)
        other = centre.call(SUPPORT_LINE, trunk="prostor", diverted=MAIN)
        strange = centre.call(SUPPORT_LINE, trunk="north", diverted="\x00garbage;;")
        centre.until(lambda: other.hears(Sound.MUSIC) and strange.hears(Sound.MUSIC))
        assert {row.number_id for row in t.Call.select()} == {SUPPORT_LINE}


def test_the_ledger_of_incoming_calls_is_not_touched(centre: Centre) -> None:
    centre.switch.provider("north").refuses(486)
    centre.phone("alice").dial(SOMEBODY)
    over(centre)
    caller = centre.call()
    centre.run_for(3)
    caller.hang_up()
    over(centre)
    book = ledger(Interval(0, centre.clock.now() + 1, None))  # type: ignore[arg-type]
    assert (book.calls, book.outcomes) == (1, {"abandoned": 1})
    assert (book.outgoing, book.unexplained_count) == ({"outbound not answered": 1}, 0)
