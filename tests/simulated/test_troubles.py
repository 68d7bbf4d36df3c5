"""Bad moments: what comes late, twice, from the past or not at all, and who must not have to pay for it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import pytest
from peewee import OperationalError

from appliance import facts as f
from appliance.engine import Welcome
from appliance.facts import AgentState, CallOutcome
from appliance.line import messages as m
from appliance.names import Entry
from appliance.port import LegGone, Refused
from appliance.records import models as t
from appliance.records.store import Store
from appliance.settings import Destination, Number
from appliance.simulation.channel import Sound
from appliance.simulation.leg import SimulatedLeg
from appliance.simulation.people import Stage
from tests.simulated.centre import MAIN, SALES_LINE, SUPPORT_LINE, Centre, running, settings


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings()) as centre:
        yield centre


def happened(kind: type) -> int:
    return t.EventRow.select().where(t.EventRow.kind == kind.__name__).count()


def lock_database(centre: Centre, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    store = centre.engine._store
    write, unlocked = store.write, centre.clock.now() + seconds

    def locked(facts: list[f.Fact], journal: Sequence[object]) -> None:
        if centre.clock.now() < unlocked:
            raise OperationalError("database is locked")
        write(facts, journal)

    monkeypatch.setattr(store, "write", locked)


def test_a_caller_who_joins_and_hangs_up_while_the_database_is_locked(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are taken from the inbox at once then, and the caller must not stay in line for ever."""
    lock_database(centre, monkeypatch, 20)
    caller = centre.call(MAIN)
    caller.press("1", after=6)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    caller.hang_up(after=2)
    centre.run_for(20)
    assert centre.engine.acd.visits() == []
    assert (t.Visit.get().outcome, t.Call.get().outcome) == ("abandoned", CallOutcome.ABANDONED.value)


def test_what_a_flow_still_says_of_a_call_that_is_over_changes_nothing(centre: Centre) -> None:
    """The switch told of the hang-up first: a flow does not know before its next verb."""
    caller = centre.call(MAIN)
    centre.run_for(1)
    (live,) = centre.engine.live.calls.values()
    caller.hang_up()
    centre.run_for(1)
    centre.engine.tell(
        f.CallProgressed(live.id, centre.clock.now(), CallOutcome.ABANDONED),
        m.CallerJoins(f"{live.id}.1", live.id, "support", 0.0, caller.leg),
        Welcome(live, live.driver),
    )
    centre.run_for(1)
    assert t.Call.get().outcome == CallOutcome.LEFT_EARLY.value
    assert t.Visit.select().count() == 0 and centre.engine.acd.visits() == []
    assert happened(f.CallEnded) == 1


def test_a_caller_who_hangs_up_before_the_first_note_of_music_has_not_been_in_line(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else there would be an abandoned call without a visit that was."""

    def hang_up(leg: SimulatedLeg, music: str | None) -> None:
        centre.switch.hang_up(leg.id)
        raise LegGone

    monkeypatch.setattr(SimulatedLeg, "music", hang_up)
    centre.call()
    centre.run_for(1)
    assert t.Visit.select().count() == 0 and t.Call.get().outcome == CallOutcome.LEFT_EARLY.value


def test_a_caller_who_comes_in_at_the_front_door_again_begins_another_call(centre: Centre) -> None:
    """As after a blind transfer to one of our numbers: the same leg, and the call before it is over."""
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    caller = centre.call()
    centre.until(lambda: caller.stage is Stage.TALKING)
    centre.switch.send_to(caller.leg, Entry.CALLER)
    centre.run_for(1)
    first, second = t.Call.select().order_by(t.Call.id)
    assert (first.outcome, first.ended_at is None) == (CallOutcome.ANSWERED.value, False)
    assert second.ended_at is None
    centre.until(lambda: caller.stage is Stage.TALKING, within=60)
    caller.hang_up()
    centre.run_for(1)
    assert centre.engine.live.calls == {}
    assert [c.outcome for c in t.Call.select()] == [CallOutcome.ANSWERED.value] * 2


def restart(centre: Centre, **changes: Any) -> None:
    """Killed, and started with another configuration."""
    centre.kill()
    centre.run_for(1)
    centre.settings = replace(centre.settings, **changes)
    centre.start()


def test_a_queue_that_is_gone_after_a_restart(centre: Centre) -> None:
    """Who stood in it begins again, and the old visit does not stay open."""
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    numbers = {**centre.settings.numbers, SALES_LINE: Number(SALES_LINE, "Sales", Destination(queue="support"))}
    queues, menus = centre.settings.queues, centre.settings.menus
    restart(centre, numbers=numbers, queues={"support": queues["support"]}, menus={"service": menus["service"]})
    centre.until(lambda: bool(centre.engine.acd.waiting("support")))
    assert [v.queue for v in centre.engine.acd.visits()] == ["support"]
    outcomes = {v.queue: v.outcome for v in t.Visit.select()}
    assert outcomes == {"sales": "failed", "support": None}


def test_an_agent_who_is_gone_after_a_restart_leaves_the_phone_to_others(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    caller = centre.call()
    centre.until(lambda: caller.stage is Stage.TALKING)
    restart(centre, agents={a: agent for a, agent in centre.settings.agents.items() if a != "1001"})
    assert centre.state("alice") is AgentState.TALKING
    caller.hang_up()
    centre.until(lambda: centre.state("alice") is AgentState.SIGNED_OFF, within=31)
    centre.phone("alice").dial("*111002").press("771002#", after=1)
    centre.until(lambda: centre.engine.acd.roster["1002"].phone == "201")


def test_a_phone_whose_call_began_while_the_connection_was_lost_is_in_use(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("carol").answers(after=1)
    centre.switch.lose_connection()
    talk = centre.phone("alice").dial("203")
    centre.until(lambda: talk.stage is Stage.TALKING)
    centre.switch.regain_connection()
    centre.run_for(1)
    caller = centre.call()
    centre.run_for(40)
    assert t.Offer.select().count() == 0 and caller.hears(Sound.MUSIC)


def test_a_phone_that_stops_ringing_while_the_connection_is_lost_leaves_nothing_behind(centre: Centre) -> None:
    centre.sign_on("alice")
    caller = centre.call()
    centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
    centre.switch.lose_connection()
    caller.hang_up()
    centre.run_for(1)
    centre.switch.regain_connection()
    centre.run_for(1)  # the fixture looks for what is left


def test_who_has_hung_up_while_the_connection_is_lost_keeps_no_agent_from_others(centre: Centre) -> None:
    gone, waiting = centre.call(from_="+74959999901"), centre.call(from_="+74959999902")
    centre.until(lambda: waiting.hears(Sound.MUSIC))
    centre.switch.lose_connection()
    gone.hang_up()
    centre.phone("alice").answers(after=1)
    centre.engine.tell(m.SignOn("1001", "201"))
    centre.until(lambda: waiting.stage is Stage.TALKING, within=3)
    centre.switch.regain_connection()
    centre.run_for(1)
    assert [v.outcome for v in t.Visit.select().order_by(t.Visit.id)] == ["abandoned", "answered"]


def test_a_talk_that_nobody_told_of_is_known_from_its_dial(centre: Centre) -> None:
    """The connection was lost from the ringing to the end."""
    centre.sign_on("alice")
    centre.phone("alice").answers(after=2, talks=5)
    caller = centre.call()
    centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
    centre.switch.lose_connection()
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(1)
    assert centre.state("alice") is AgentState.WRAP_UP
    assert (t.Visit.get().outcome, t.Visit.get().agent) == ("answered", "1001")
    centre.switch.regain_connection()
    centre.run_for(1)
    assert t.Call.get().outcome == CallOutcome.ANSWERED.value


def test_an_agent_is_not_to_blame_for_a_flow_that_failed(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    dial = SimulatedLeg.dial

    def refuse(*_: object, **__: object) -> None:
        monkeypatch.setattr(SimulatedLeg, "dial", dial)
        raise Refused("for once")

    monkeypatch.setattr(SimulatedLeg, "dial", refuse)
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    caller = centre.call()
    centre.until(lambda: caller.stage is Stage.TALKING, within=5)
    offers = [o.outcome for o in t.OfferAgent.select().order_by(t.OfferAgent.at)]
    assert offers == ["cancelled", "answered"]


def test_who_is_served_by_the_switch_s_own_queue_after_a_restart_has_dialled_no_extension(centre: Centre) -> None:
    centre.sign_on("alice")
    centre.phone("alice").unregister()
    waiting, in_menu = centre.call(), centre.call(MAIN)
    centre.until(lambda: waiting.hears(Sound.MUSIC))
    centre.kill()
    centre.until(lambda: len(centre.switch.stand_ins) == 2, within=120)
    centre.start()
    centre.run_for(90)
    centre.phone("alice").answers(after=1, talks=5)
    centre.phone("alice").register()
    centre.until(lambda: waiting.stage is in_menu.stage is Stage.GONE)
    assert [c.outcome for c in t.Call.select()] == [CallOutcome.FALLBACK.value] * 2


def test_who_refused_a_call_that_another_took_has_refused_it(centre: Centre) -> None:
    centre.sign_on("bob", "carol")
    centre.phone("bob").rejects(after=1)
    centre.phone("carol").answers(after=4, talks=5)
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.stage is Stage.GONE)
    assert {o.agent: o.outcome for o in t.OfferAgent.select()} == {"1002": "refused", "1003": "answered"}


def test_who_refused_a_caller_who_then_hung_up_has_refused_too(centre: Centre) -> None:
    centre.sign_on("bob", "carol")
    centre.phone("bob").rejects(after=1)
    caller = centre.call(SALES_LINE)
    caller.hang_up(after=3)
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(1)
    assert {o.agent: o.outcome for o in t.OfferAgent.select()} == {"1002": "refused", "1003": "cancelled"}


def test_a_fact_that_no_database_takes_stops_nobody(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: caller.hears(Sound.MUSIC))
    call = t.Call.get()
    centre.engine.tell(
        f.CallStarted(call.id, 0.0, "x", "", "", "", ""),  # there is one
        f.CallStarted("other", 0.0, "x", "\udc80", "", "", ""),  # nor can this be encoded
        f.Stepped(call.id, 0.0, "step", "taken"),
    )
    centre.run_for(1)
    assert t.Step.select().where(t.Step.detail == "taken").count() == 1
    centre.phone("alice").answers(after=1)
    centre.sign_on("alice")
    centre.until(lambda: caller.stage is Stage.TALKING)


def test_a_request_that_fails_is_answered(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    def ask() -> None:
        with pytest.raises(ZeroDivisionError):
            centre.engine.ask(m.Resume("1001"))

    monkeypatch.setattr(centre.engine.acd.roster, "resume", fail)
    asking = gevent.spawn(ask)
    centre.run_for(1)
    assert asking.successful()


def test_a_line_that_fails_once_goes_on(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    handle = centre.engine.acd.handle

    def fail(*_: object) -> None:
        monkeypatch.setattr(centre.engine.acd, "handle", handle)
        raise ZeroDivisionError

    monkeypatch.setattr(centre.engine.acd, "handle", fail)
    caller = centre.call()
    centre.run_for(5)
    assert centre.engine.acd.waiting("support")[0].leg == caller.leg


def test_a_call_s_id_is_never_given_twice_when_the_clock_goes_back(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = centre.clock.now()
    ids = []
    for at in (now, now + 2, now, now + 1, now + 2, now + 3):
        monkeypatch.setattr(centre.clock, "now", lambda at=at: at)
        ids.append(centre.engine.new_call_id())
    monkeypatch.undo()
    assert ids == sorted(set(ids))


def test_an_agent_who_calls_our_number_is_not_offered_the_own_call(centre: Centre) -> None:
    centre.sign_on("alice")
    own = centre.phone("alice").dial(SUPPORT_LINE)
    centre.until(lambda: own.hears(Sound.MUSIC))
    centre.run_for(30)
    assert t.Offer.select().count() == 0
    own.hang_up()
    centre.run_for(1)
    caller = centre.call()
    centre.phone("alice").answers(after=1)
    centre.until(lambda: caller.stage is Stage.TALKING, within=5)


def test_a_sound_that_is_gone_is_silence(centre: Centre) -> None:
    centre.switch._sounds = lambda sound: sound != centre.sound("welcome")
    caller = centre.call(MAIN)
    centre.until(lambda: centre.sound("main menu") in caller.prompts)
    assert centre.sound("welcome") not in caller.prompts


def test_a_visit_whose_call_is_over_is_ended_at_the_next_start(centre: Centre) -> None:
    caller = centre.call()
    centre.until(lambda: caller.hears(Sound.MUSIC))
    centre.kill()
    caller.hang_up()
    t.Call.update(ended_at=centre.clock.now(), outcome="abandoned").execute()
    centre.start()
    centre.run_for(1)
    assert centre.engine.acd.visits() == [] and t.Visit.get().outcome == "unseen"


def test_why_nothing_can_be_written_is_known(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    write = Store.write

    def full(self: Store, facts: object, journal: object) -> None:
        try:
            raise OperationalError("database or disk is full")
        except OperationalError:
            raise OperationalError("cannot rollback - no transaction is active")  # noqa: B904

    monkeypatch.setattr(Store, "write", full)
    caller = centre.call()
    centre.run_for(5)
    assert "disk is full" in centre.daemon._command("status", {})["unwritten"]
    monkeypatch.setattr(Store, "write", write)
    centre.until(lambda: centre.daemon._command("status", {})["unwritten"] == "")
    centre.until(lambda: caller.hears(Sound.MUSIC) and bool(centre.engine.acd.waiting("support")))


def test_a_key_that_is_stuck_does_not_hold_the_line_for_ever(centre: Centre) -> None:
    caller = centre.call(MAIN)
    for second in range(6, 400):
        caller.press("9", after=second)
    centre.until(lambda: caller.stage is Stage.GONE, within=400)
    assert t.Call.get().outcome == CallOutcome.NO_CHOICE.value


def test_a_phone_that_rings_longer_than_the_appliance_was_away_may_still_be_answered(tmp_path: Path) -> None:
    site = settings()
    patient = replace(site.queues["support"], ring_for=150.0)
    with running(tmp_path, replace(site, queues={**site.queues, "support": patient})) as centre:
        centre.sign_on("alice")
        caller = centre.call()
        centre.until(lambda: centre.phone("alice").stage is Stage.RINGING)
        centre.kill()
        centre.start()
        centre.run_for(100)
        centre.phone("alice").pick_up()
        centre.until(lambda: caller.stage is Stage.TALKING, within=5)
        centre.run_for(1)
        assert t.Visit.get().outcome == "answered"
