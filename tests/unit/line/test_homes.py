"""Those who wait at home: when they are called, who is before them, and what follows from how that ends."""

import json
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from appliance import facts as f
from appliance.facts import AgentState, Fact, PassedOver, VisitOutcome
from appliance.line import messages as m
from appliance.line.journal import read_state
from appliance.line.messages import Declined
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Kind, Promise, attempt_id
from appliance.plain import from_plain, to_plain
from appliance.port import Outcome
from appliance.settings import Callback, Strategy
from tests.unit.line.world import Line, considered, queue

NUMBER = "+74951234567"
RULES = Callback(delays={AttemptEnd.BUSY: 60.0, AttemptEnd.NO_AGENT: 30.0, AttemptEnd.FAILED: 30.0}, tries=2)


def line(agents: str = "a1", callback: Callback = RULES, **more: Any) -> Line:
    made = Line(queue("sales", Strategy.LONGEST_IDLE, agents, callback=callback, **more))
    made.sign_on(*agents.split())
    return made


def promise(here: Line, number: str = NUMBER, first: First = First.CUSTOMER, **more: Any) -> Promise:
    values = {"kind": Kind.HELD, "not_before": here.now, "expires": here.now + 86400.0, **more}
    return Promise(number, first=first, **values)


def goes_home(here: Line, visit: str, **more: Any) -> list[Fact]:
    return here.tell(m.GoHome(visit, promise(here, **more)))


def attempts(facts: list[Fact]) -> list[f.AttemptBegan]:
    return [fact for fact in facts if isinstance(fact, f.AttemptBegan)]


def fails(here: Line, visit: str, end: AttemptEnd) -> list[Fact]:
    home = here.acd.visit(visit).home  # type: ignore[union-attr]
    assert home is not None
    return here.tell(m.AttemptFails(visit, home.attempts, end))


def agrees(here: Line, visit: str) -> list[Fact]:
    home = here.acd.visit(visit).home  # type: ignore[union-attr]
    assert home is not None
    id = attempt_id(visit, home.attempts)
    return here.tell(m.CustomerAgrees(visit, home.attempts, id, id))


def busy(here: Line) -> None:
    """The agents all talk, to callers nobody asks about."""
    for n in range(len(here.acd.roster.free)):
        here.join(f"busy{n}", "sales")
        here.talks(f"busy{n}")


def test_who_goes_home_keeps_the_place_and_is_called_when_it_is_their_turn() -> None:
    here = line()
    busy(here)
    for visit in ("v1", "v2", "v3"):
        here.join(visit, "sales")
        here.later(1)
    promised = goes_home(here, "v2")
    assert [type(fact) for fact in promised] == [f.CallbackPromised]
    assert here.acd.place("v2") == 2 and not attempts(here.later(60))
    here.tell(m.TalkEnds("busy0"))
    here.talks("v1", length=30)
    (began,) = attempts(here.facts)
    assert (began.visit, began.n, began.number, began.first) == ("v2", 1, NUMBER, First.CUSTOMER)
    assert not here.offered("v3") and here.acd.roster.free, "the agent is kept for who is being called"
    agrees(here, "v2")
    assert here.offered("v2") == ["a1"] and not here.offered("v3")
    here.tell(m.TalkBegins("v2", "a1"))
    ends = [fact for fact in here.facts if isinstance(fact, f.AttemptEnded | f.CallbackEnded)]
    assert [fact.end for fact in ends] == [AttemptEnd.SERVED, CallbackEnd.SERVED]
    here.tell(m.TalkEnds("v2"))
    assert here.acd.visit("v2") is None


def test_who_holds_before_them_has_the_agent_first() -> None:
    here = line()
    busy(here)
    here.join("v1", "sales")
    here.later(1)
    here.join("v2", "sales")
    goes_home(here, "v2")
    here.later(60)
    here.tell(m.TalkEnds("busy0"))
    assert here.offered("v1") == ["a1"] and not attempts(here.facts)


def test_an_agent_kept_for_who_is_not_reached_is_offered_the_next() -> None:
    here = line()
    busy(here)
    for visit in ("v1", "v2"):
        here.join(visit, "sales")
        here.later(20)
    goes_home(here, "v1")
    here.later(20)
    here.tell(m.TalkEnds("busy0"))
    joined = here.join("v3", "sales")
    assert not here.offered("v2") and not here.offered("v3")
    assert considered(joined)["a1"] == (PassedOver.NEEDED, "v1")
    fails(here, "v1", AttemptEnd.BUSY)
    assert here.offered("v2") == ["a1"]


def test_never_more_calls_than_agents_who_will_be_free() -> None:
    here = line("a1 a2")
    busy(here)
    for n in range(5):
        here.join(f"v{n}", "sales")
        goes_home(here, f"v{n}", number=f"{NUMBER}{n}")
    here.later(60)
    assert not attempts(here.facts)
    here.tell(m.TalkEnds("busy0"))
    here.later(10)
    assert [each.visit for each in attempts(here.facts)] == ["v0"]
    here.tell(m.TalkEnds("busy1"))
    here.later(10)
    assert [each.visit for each in attempts(here.facts)] == ["v0", "v1"]


def test_who_is_not_reached_is_called_again_as_the_cause_says_and_then_no_more() -> None:
    here = line()
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promise(here, kind=Kind.WEB)))
    assert len(attempts(here.facts)) == 1
    failed = fails(here, "w1", AttemptEnd.BUSY)
    assert next(fact for fact in failed if isinstance(fact, f.AttemptEnded)).next_at == here.now + 60
    here.later(59)
    assert len(attempts(here.facts)) == 1
    here.later(2)
    assert len(attempts(here.facts)) == 2
    last = fails(here, "w1", AttemptEnd.BUSY)
    assert [fact.end for fact in last if isinstance(fact, f.CallbackEnded)] == [CallbackEnd.UNREACHED]
    assert [fact.outcome for fact in last if isinstance(fact, f.VisitEnded)] == [VisitOutcome.UNREACHED]
    here.later(10)
    assert here.acd.visit("w1") is None and here.acd.next_deadline() is None


def test_an_attempt_that_has_ended_ends_once() -> None:
    here = line()
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promise(here, kind=Kind.WEB)))
    assert fails(here, "w1", AttemptEnd.BUSY) and not here.tell(m.AttemptFails("w1", 1, AttemptEnd.BUSY))


def test_who_hangs_up_before_an_agent_is_there_is_called_again() -> None:
    here = line()
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promise(here, kind=Kind.WEB)))
    agrees(here, "w1")
    assert here.offered("w1") == ["a1"]
    facts = here.tell(m.CallerGone("w1"))
    assert [x.end for x in facts if isinstance(x, f.AttemptEnded)] == [AttemptEnd.NO_AGENT]
    assert here.acd.roster["a1"].state is AgentState.READY
    here.later(31)
    assert len(attempts(here.facts)) == 2


def test_nobody_calls_again_who_may_have_spoken() -> None:
    here = line()
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promise(here, kind=Kind.WEB)))
    agrees(here, "w1")
    facts = here.tell(m.CallerGone("w1", VisitOutcome.UNSEEN))
    assert [x.end for x in facts if isinstance(x, f.CallbackEnded)] == [CallbackEnd.UNSEEN]


def test_the_agent_first_is_offered_the_customer_who_is_called_then() -> None:
    here = line("a1 a2")
    promised = promise(here, kind=Kind.WEB, first=First.AGENT)
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promised))
    (first,) = attempts(here.facts)
    assert (first.first, first.agent, first.phone, first.n) == (First.AGENT, "a1", "p1", 1)
    here.misses("w1")
    second = attempts(here.facts)[-1]
    assert (second.agent, second.n) == ("a2", 2)
    fails(here, "w1", AttemptEnd.BUSY)
    assert here.acd.roster["a2"].state is AgentState.READY
    assert not here.acd.roster["a2"].misses, "the agent is not to blame"
    here.later(61)
    third = attempts(here.facts)[-1]
    here.tell(m.TalkBegins("w1", third.agent or ""))
    assert [x.end for x in here.facts if isinstance(x, f.CallbackEnded)] == [CallbackEnd.SERVED]


def test_all_phones_ring_but_one_agent_calls_a_customer() -> None:
    here = Line(queue("sales", Strategy.RING_ALL, "a1 a2", callback=RULES))
    here.sign_on("a1", "a2")
    promised = promise(here, kind=Kind.WEB, first=First.AGENT)
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promised))
    assert len(here.offered("w1")) == 1 and len(here.acd.roster.free) == 1


def test_one_open_call_back_for_a_number_and_queue() -> None:
    here = line()
    busy(here)
    here.join("v1", "sales")
    goes_home(here, "v1")
    here.join("v2", "sales")
    with pytest.raises(Declined, match="already"):
        goes_home(here, "v2")
    assert here.acd.visit("v2").present  # type: ignore[union-attr]
    here.tell(m.EndCallback("v1", CallbackEnd.CANCELLED_BY_CUSTOMER))
    assert goes_home(here, "v2")


def test_who_calls_in_has_the_place_back() -> None:
    here = line()
    busy(here)
    for visit in ("v1", "v2"):
        here.join(visit, "sales")
        here.later(1)
    goes_home(here, "v1")
    here.later(60)
    facts = here.tell(m.ComesBack("v1", "c9", "leg9"))
    assert [x.end for x in facts if isinstance(x, f.CallbackEnded)] == [CallbackEnd.CALLED_IN]
    here.tell(m.TalkEnds("busy0"))
    assert here.offered("v1") == ["a1"] and here.acd.visit("v1").leg == "leg9"  # type: ignore[union-attr]
    assert not attempts(here.facts)


def test_a_time_that_was_chosen_is_waited_for_and_has_its_place_then() -> None:
    here = line()
    busy(here)
    at = here.now + 3600
    chosen = promise(here, kind=Kind.CHOSEN, not_before=at, expires=at + 3600)
    here.tell(m.CallerJoins("w1", "w", "sales", 600.0, "", promise=chosen))
    assert here.acd.place("w1") is None and not here.acd.waiting("sales")
    here.later(3000)
    here.tell(m.TalkEnds("busy0"))
    here.join("v1", "sales")
    here.talks("v1", length=590)
    assert not attempts(here.facts)
    here.later(30)
    assert [each.visit for each in attempts(here.facts)] == ["w1"]


def test_what_is_moved_is_not_called_before() -> None:
    here = line()
    busy(here)
    here.join("v1", "sales")
    goes_home(here, "v1")
    here.tell(m.MoveCallback("v1", here.now + 600, "asked for"))
    here.tell(m.TalkEnds("busy0"))
    here.later(590)
    assert not attempts(here.facts)
    here.later(20)
    assert len(attempts(here.facts)) == 1
    with pytest.raises(Declined, match="being called"):
        here.tell(m.MoveCallback("v1", here.now + 600, "too late"))


def test_what_waits_too_long_expires() -> None:
    here = line()
    busy(here)
    here.join("v1", "sales")
    goes_home(here, "v1", expires=here.now + 100)
    facts = here.later(101)
    assert [x.end for x in facts if isinstance(x, f.CallbackEnded)] == [CallbackEnd.EXPIRED]


def test_another_line_goes_on_with_those_at_home() -> None:
    here = line("a1 a2")
    busy(here)
    for n in range(4):
        here.join(f"v{n}", "sales")
        goes_home(here, f"v{n}", number=f"{NUMBER}{n}")
    here.later(20)
    here.tell(m.TalkEnds("busy0"))
    other = Line(*here.settings.queues.values(), now=here.now)
    other.acd.restore(replace(here.acd.state(), visits=here.acd.visits()), here.now)
    assert other.acd.next_deadline() == here.acd.next_deadline()
    assert [v.id for v in other.acd.visits() if v.home and v.home.calling] == ["v0"]


def test_who_goes_home_while_offered_frees_the_agent() -> None:
    here = line()
    here.join("v1", "sales")
    assert here.offered("v1") == ["a1"]
    goes_home(here, "v1")
    assert here.acd.roster["a1"].state is AgentState.READY
    assert here.facts[-1] and not here.offered("v1")
    ended = [fact for fact in here.facts if isinstance(fact, f.OfferEnded)]
    assert ended[0].results == {"a1": Outcome.CANCELLED}


def test_what_is_written_down_of_those_at_home_is_read_back() -> None:
    here = line("a1 a2")
    busy(here)
    context = (("order", "4711"), ("topic", "refund"))
    for n in range(3):
        here.join(f"v{n}", "sales")
        goes_home(here, f"v{n}", number=f"{NUMBER}{n}", context=context)
    here.later(20)
    here.tell(m.TalkEnds("busy0"))
    state = here.acd.state()
    assert read_state(json.dumps(to_plain(state))) == state
    told = m.GoHome("v1", promise(here, context=context))
    assert from_plain(m.GoHome, json.loads(json.dumps(to_plain(told)))) == told


@pytest.mark.parametrize("first", First)
def test_customers_are_called_by_day_where_they_live_whoever_is_called_first(first: First) -> None:
    day = replace(RULES, from_time=time(9), to_time=time(20))
    here = line(callback=day)
    here.later(datetime(2026, 11, 23, 18, tzinfo=UTC).timestamp() - here.now)  # nine in the evening in Moscow
    asked = promise(here, first=first, kind=Kind.WEB)
    facts = here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=asked))
    opens = datetime(2026, 11, 24, 6, tzinfo=UTC).timestamp()
    assert [fact.not_before for fact in facts if isinstance(fact, f.CallbackPromised)] == [opens]
    assert here.acd.next_deadline() == opens
    here.later(opens - here.now)
    assert len(attempts(here.facts)) == 1


@pytest.mark.parametrize("first", First)
def test_who_still_waits_in_the_evening_is_called_the_next_day(first: First) -> None:
    here = line(callback=replace(RULES, from_time=time(9), to_time=time(20)))
    here.later(datetime(2026, 11, 23, 16, tzinfo=UTC).timestamp() - here.now)
    busy(here)
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promise(here, first=first, kind=Kind.WEB)))
    here.later(3600.0)  # until eight, where the customer lives
    here.tell(m.TalkEnds("busy0"))
    assert not attempts(here.facts)
    here.later(12 * 3600.0)
    assert not attempts(here.facts)
    here.later(3600.0)
    assert len(attempts(here.facts)) == 1


def test_other_hours_hold_with_other_settings() -> None:
    here = line(callback=replace(RULES, from_time=time(9), to_time=time(20)))
    here.later(datetime(2026, 11, 23, 14, tzinfo=UTC).timestamp() - here.now)
    busy(here)
    here.tell(m.CallerJoins("w1", "w", "sales", 0.0, "", promise=promise(here, kind=Kind.WEB)))
    until_five = replace(RULES, from_time=time(9), to_time=time(17))
    sales = replace(here.settings.queues["sales"], callback=until_five)
    here.tell(m.TakeSettings(replace(here.settings, queues={"sales": sales})))
    here.tell(m.TalkEnds("busy0"))
    assert not attempts(here.later(600.0))
