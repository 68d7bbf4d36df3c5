"""Calls as stories about alice, bob and carol on the simulated switch: what people do, and what is written."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.facts import AgentState, CallOutcome
from appliance.port import Outcome
from appliance.records import models as t
from appliance.settings import Destination, Menu, Number
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from tests.simulated.centre import BLOCKED, MAIN, SALES_LINE, VIP, Centre, running, say, settings


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings()) as centre:
        yield centre


def the_call(**where: str) -> t.Call:
    return t.Call.get(**where) if where else t.Call.get()


def waits(centre: Centre, caller: Caller) -> bool:
    return caller.hears(Sound.MUSIC)


def test_a_call_from_greeting_to_disposition(centre: Centre) -> None:
    centre.phone("alice").answers(after=3)
    centre.phone("alice").keys_afterwards("1")
    caller = centre.call(MAIN, name='O"Hara, 100%;\n')
    caller.press("3", after=6)
    caller.press("1", after=10)
    centre.until(lambda: waits(centre, caller))
    assert caller.prompts == [centre.sound(s) for s in ("welcome", "main menu", "service menu")]
    centre.sign_on("alice")
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert centre.state("alice") is AgentState.TALKING
    caller.hang_up(after=20)
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP)
    centre.until(lambda: centre.state("alice") is AgentState.READY, within=15)

    call, visit = the_call(), t.Visit.get()
    assert (call.outcome, call.caller_name) == (CallOutcome.ANSWERED.value, 'O"Hara, 100%;\n')
    assert call.number == "+74959999999" and call.number_id == MAIN
    assert visit.queue == "support" and visit.agent == "1001"
    assert visit.talk_ended_at - visit.answered_at == pytest.approx(20, abs=0.1)
    assert t.DispositionRow.get().name == "solved"
    assert t.Recording.get().file.endswith(f"{visit.id}.wav")
    steps = [(s.step, s.detail) for s in t.Step.select().order_by(t.Step.id)]
    assert [s for s, _ in steps] == ["identified", "number", "hours", "menu", "key", "menu", "key", "queue"]
    assert centre.states("alice") == ["ready", "offered", "talking", "wrap-up", "ready"]


def test_a_menu_without_choices_is_an_announcement(tmp_path: Path) -> None:
    """It is heard once, and nobody is told that no key was pressed."""
    news = Menu("news", say("news"), {}, otherwise=Destination(menu="main"))
    number = Number(MAIN, "Main", Destination(menu="news"))
    with running(tmp_path, settings(menus={**settings().menus, "news": news}, numbers={MAIN: number})) as centre:
        caller = centre.call(MAIN)
        caller.press("1", after=8)
        centre.until(lambda: waits(centre, caller))
        assert caller.prompts == [centre.sound("news"), centre.sound("main menu")]
        assert t.Visit.get().queue == "sales"


def test_nobody_answers_in_time_and_the_next_agent_gets_the_caller(centre: Centre) -> None:
    centre.sign_on("alice", "bob")
    centre.phone("bob").answers(after=2)
    caller = centre.call()
    centre.until(lambda: caller.stage is Stage.TALKING)
    offers = [(o.agent, o.outcome) for o in t.OfferAgent.select().order_by(t.OfferAgent.at)]
    assert offers == [("1001", Outcome.NO_ANSWER.value), ("1002", Outcome.ANSWERED.value)]
    assert t.Visit.select().count() == 1
    assert centre.state("alice") is AgentState.READY


def test_the_only_agent_who_missed_a_caller_is_offered_the_caller_again_after_a_while(centre: Centre) -> None:
    centre.sign_on("alice")
    caller = centre.call()
    centre.until(lambda: t.Offer.select().count() == 1)
    centre.phone("alice").answers(after=1)
    centre.until(lambda: t.OfferAgent.select().where(t.OfferAgent.outcome == "no answer").count() == 1)
    centre.run_for(15)
    assert t.Offer.select().count() == 1 and waits(centre, caller)
    centre.until(lambda: caller.stage is Stage.TALKING, within=15)


def test_callers_are_served_in_the_order_in_which_they_came(centre: Centre) -> None:
    first, second, third = (centre.call(from_=f"+7495999990{n}") for n in range(3))
    centre.until(lambda: waits(centre, third))
    centre.phone("alice").answers(after=1, talks=10)
    centre.phone("alice").keys_afterwards("1")
    centre.sign_on("alice")
    centre.until(lambda: first.stage is Stage.TALKING)
    assert waits(centre, second)
    centre.until(lambda: second.stage is Stage.TALKING, within=60)
    assert waits(centre, third)
    centre.until(lambda: third.stage is Stage.TALKING, within=60)


def test_a_vip_is_greeted_otherwise_and_goes_ahead(centre: Centre) -> None:
    early = centre.call()
    centre.run_for(100)
    vip = centre.call(from_="8 495 765-43-21")
    centre.until(lambda: waits(centre, vip))
    assert vip.prompts == [centre.sound("dear friend")]
    assert [v.leg for v in centre.engine.acd.waiting("support")] == [vip.leg, early.leg]
    assert the_call(leg=vip.leg).customer == "Vera"


def test_a_head_start_ages_and_does_not_starve_those_who_wait_longer(centre: Centre) -> None:
    early = centre.call()
    centre.run_for(301)
    vip = centre.call(from_=VIP)
    centre.until(lambda: waits(centre, vip))
    assert [v.leg for v in centre.engine.acd.waiting("support")] == [early.leg, vip.leg]


def test_a_blocked_caller_is_refused_politely(centre: Centre) -> None:
    caller = centre.call(MAIN, from_=BLOCKED)
    centre.until(lambda: caller.stage is Stage.GONE)
    assert caller.prompts == [centre.sound("no, thank you")]
    assert the_call().outcome == CallOutcome.REFUSED.value


def test_an_anonymous_caller_is_served_like_any_other(centre: Centre) -> None:
    caller = centre.call(from_="")
    centre.until(lambda: waits(centre, caller))
    assert the_call().number is None


def test_closed_out_of_hours_and_on_holidays(tmp_path: Path) -> None:
    for at in (datetime(2026, 11, 21, 12, tzinfo=UTC), datetime(2026, 12, 31, 12, tzinfo=UTC)):
        with running(tmp_path / f"{at:%m%d}", settings()) as centre:
            centre.clock.run(at.timestamp())
            caller = centre.call(MAIN)
            centre.until(lambda caller=caller: caller.stage is Stage.GONE)
            assert caller.prompts == [centre.sound("welcome"), centre.sound("closed today")]
            assert the_call().outcome == CallOutcome.CLOSED.value


def test_wrong_keys_and_time_outs_lead_to_otherwise(centre: Centre) -> None:
    caller = centre.call(MAIN)
    caller.press("7", after=6)
    centre.until(lambda: waits(centre, caller))
    steps = [s.step for s in t.Step.select().order_by(t.Step.id)]
    assert steps[3:] == ["menu", "wrong key", "no key", "otherwise", "queue"]
    assert caller.prompts[-1] == centre.sound("no-key")


def test_a_menu_is_repeated_and_left_again(centre: Centre) -> None:
    caller = centre.call(MAIN)
    caller.press("9", after=5)
    caller.press("3", after=8)
    caller.press("*", after=11)
    caller.press("1", after=14)
    centre.until(lambda: waits(centre, caller))
    menus = [s.detail for s in t.Step.select().where(t.Step.step == "menu").order_by(t.Step.id)]
    assert menus == ["main", "main", "service", "main"]
    assert centre.engine.acd.waiting("sales")


def test_a_key_with_which_an_extension_begins_is_a_choice_when_no_other_follows(centre: Centre) -> None:
    caller = centre.call(MAIN)
    caller.press("2", after=6)
    centre.until(lambda: bool(centre.engine.acd.waiting("support")))


def test_an_extension_is_dialled_directly(centre: Centre) -> None:
    centre.phone("carol").answers(after=2, talks=5)
    caller = centre.call(MAIN)
    caller.press("203", after=6)
    centre.until(lambda: caller.stage is Stage.TALKING)
    centre.until(lambda: caller.stage is Stage.GONE)
    assert the_call().outcome == CallOutcome.EXTENSION_ANSWERED.value
    missed = centre.call(MAIN)
    missed.press("201", after=6)
    centre.until(lambda: missed.stage is Stage.GONE)
    assert the_call(leg=missed.leg).outcome == CallOutcome.EXTENSION_MISSED.value


def test_a_number_that_is_not_ours(centre: Centre) -> None:
    caller = centre.call("+74950000000")
    centre.until(lambda: caller.stage is Stage.GONE)
    assert caller.prompts == [centre.sound("number-unknown")]
    assert the_call().outcome == CallOutcome.UNKNOWN_NUMBER.value


def test_ring_all_rings_everybody_and_the_first_to_answer_has_the_call(centre: Centre) -> None:
    centre.sign_on("bob", "carol")
    centre.phone("carol").answers(after=4)
    caller = centre.call(SALES_LINE)
    centre.until(lambda: centre.phone("bob").stage is Stage.RINGING)
    assert centre.phone("carol").stage is Stage.RINGING
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert centre.phone("bob").stage is Stage.GONE
    results = {o.agent: o.outcome for o in t.OfferAgent.select()}
    assert results == {"1002": Outcome.CANCELLED.value, "1003": Outcome.ANSWERED.value}
    assert centre.state("bob") is AgentState.READY


def test_ring_all_says_of_each_phone_why_it_did_not_answer(centre: Centre) -> None:
    centre.sign_on("bob", "carol")
    centre.phone("bob").is_engaged()
    centre.call(SALES_LINE)
    centre.until(lambda: t.OfferAgent.select().where(t.OfferAgent.outcome.is_null(False)).count() == 2)
    results = {o.agent: o.outcome for o in t.OfferAgent.select()}
    assert results == {"1002": Outcome.BUSY.value, "1003": Outcome.NO_ANSWER.value}


def test_the_caller_hangs_up_while_the_phone_rings(centre: Centre) -> None:
    centre.sign_on("alice")
    caller = centre.call()
    centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
    caller.hang_up()
    centre.run_for(1)
    assert centre.state("alice") is AgentState.READY
    assert t.OfferAgent.get().outcome == Outcome.CANCELLED.value
    assert t.Visit.get().outcome == "abandoned" and the_call().outcome == CallOutcome.ABANDONED.value


def test_a_phone_that_is_not_registered_is_never_offered_and_comes_back_by_itself(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    centre.phone("alice").unregister()
    caller = centre.call()
    centre.run_for(60)
    assert t.Offer.select().count() == 0
    centre.phone("alice").register()
    centre.until(lambda: caller.stage is Stage.TALKING, within=5)


def test_a_phone_in_use_is_not_offered(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("carol").answers(after=1)
    talk = centre.phone("alice").dial("203")
    centre.until(lambda: talk.stage is Stage.TALKING)
    caller = centre.call()
    centre.run_for(30)
    assert t.Offer.select().count() == 0 and waits(centre, caller)
    centre.phone("alice").answers(after=1)
    talk.hang_up()
    centre.until(lambda: caller.stage is Stage.TALKING, within=5)


def test_pause_resume_and_sign_off_by_codes(centre: Centre) -> None:
    centre.sign_on("alice")
    for code in ("*131", "*14", "*12"):
        centre.phone("alice").dial(code)
        centre.until(lambda: not centre.phone("alice").calls)
    rows = [(r.state, r.reason) for r in t.AgentStretch.select().order_by(t.AgentStretch.id)]
    assert rows == [("ready", "signed on"), ("paused", "1"), ("ready", "resumed"), ("signed off", "")]


def test_the_reason_for_a_pause_is_asked_for(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").dial("*13").press("1", after=4)
    centre.until(lambda: centre.state("alice") is AgentState.PAUSED)


def test_a_wrong_pin_and_a_phone_that_is_taken(centre: Centre) -> None:
    call = centre.phone("alice").dial("*111001")
    call.press("000000#", after=1)
    centre.until(lambda: centre.sound("agent-wrong-pin") in call.prompts)
    call.hang_up()
    centre.run_for(1)
    assert centre.state("alice") is AgentState.SIGNED_OFF
    centre.sign_on("alice")
    second = centre.phone("alice").dial("*111002")
    second.press("771002#", after=1)
    centre.until(lambda: second.stage is Stage.GONE)
    assert second.prompts[-1] == centre.sound("agent-phone-taken")


def test_an_agent_who_signs_on_elsewhere_has_moved(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("bob").dial("*111001").press("771001#", after=1)
    centre.until(lambda: centre.engine.acd.roster["1001"].phone == "202")
    assert centre.engine.acd.roster.at_phone("201") is None


def test_wrap_up_ends_by_time(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1, talks=5)
    caller = centre.call()
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP)
    assert caller.stage is not Stage.TALKING
    centre.until(lambda: centre.state("alice") is AgentState.READY, within=31)
    wrap_up = t.AgentStretch.get(state="wrap-up")
    assert wrap_up.ended_at - wrap_up.began_at == pytest.approx(30, abs=0.1)


def test_wrap_up_ends_by_code_and_disposition_by_code(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1, talks=5)
    centre.call()
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP)
    centre.phone("alice").dial("*152")
    centre.until(lambda: centre.state("alice") is AgentState.READY, within=5)
    assert t.DispositionRow.get().name == "open"


def test_a_pause_during_a_talk_begins_after_the_wrap_up(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1, talks=20)
    centre.call()
    centre.until(lambda: centre.state("alice") is AgentState.TALKING)
    centre.daemon._command("agent-pause", {"agent": "1001", "reason": "1"})
    assert centre.state("alice") is AgentState.TALKING
    centre.until(lambda: centre.state("alice") is AgentState.PAUSED)
    assert centre.states("alice")[-2:] == ["wrap-up", "paused"]


def test_longest_idle_gets_the_call_and_a_pause_does_not_jump_the_line(centre: Centre) -> None:
    centre.sign_on("alice", "bob")
    centre.phone("alice").dial("*131")
    centre.until(lambda: centre.state("alice") is AgentState.PAUSED)
    centre.run_for(600)
    centre.phone("alice").dial("*14")
    centre.until(lambda: centre.state("alice") is AgentState.READY)
    centre.until(lambda: not centre.phone("alice").calls)
    centre.call()
    centre.until(lambda: t.Offer.select().count() == 1)
    assert t.OfferAgent.get().agent == "1002"


def test_the_decision_is_explained(centre: Centre) -> None:
    import json

    centre.sign_on("alice", "bob")
    centre.phone("bob").dial("*131")
    centre.until(lambda: centre.state("bob") is AgentState.PAUSED)
    centre.until(lambda: not centre.phone("bob").calls)
    centre.call()
    centre.until(lambda: t.Decision.select().count() == 1)
    considered = json.loads(t.Decision.get().considered)
    assert [(c["agent"], c["passed_over"]) for c in considered] == [("1001", None), ("1002", "paused")]


def test_two_callers_and_two_agents_are_matched_at_once(centre: Centre) -> None:
    callers = [centre.call(from_=f"+7495999990{n}") for n in range(2)]
    centre.until(lambda: all(waits(centre, c) for c in callers))
    for name in ("alice", "bob"):
        centre.phone(name).answers(after=1)
    centre.sign_on("alice", "bob")
    centre.until(lambda: all(c.stage is Stage.TALKING for c in callers))
    assert {v.agent for v in t.Visit.select()} == {"1001", "1002"}


def test_every_event_is_numbered_without_gaps(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1, talks=2)
    centre.call()
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP)
    numbers = [row.n for row in t.EventRow.select().order_by(t.EventRow.n)]
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) > 15


def test_the_stand_in_queues_know_who_is_signed_on(centre: Centre) -> None:
    centre.sign_on("bob")
    centre.phone("bob").dial("*131")
    centre.until(lambda: centre.state("bob") is AgentState.PAUSED)
    centre.run_for(1)
    members = {(m.queue, m.agent, m.phone, m.paused) for m in centre.switch.fallback_members}
    assert members == {("support", "1002", "202", True), ("sales", "1002", "202", True)}
    centre.until(lambda: not centre.phone("bob").calls)
    centre.phone("bob").dial("*12")
    centre.until(lambda: not centre.switch.fallback_members)
