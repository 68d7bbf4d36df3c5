"""The line as a pure core: random histories keep its promises, the same messages give the same facts."""

import random
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from appliance import facts as f
from appliance.facts import AgentState, Fact, PassedOver, VisitOutcome
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.agents import Agent as Worker
from appliance.line.messages import Declined, Reason
from appliance.line.offers import PASSED_OVER_FOR
from appliance.line.strategies import RING_AT_ONCE, Seat, ring_all
from appliance.port import Outcome
from appliance.settings import (
    Agent,
    Disposition,
    DispositionList,
    Pause,
    Phone,
    Queue,
    Settings,
    Strategy,
)

AGENTS = ("a1", "a2", "a3")
PHONES = ("p1", "p2", "p3")
QUEUES = {
    "one": Queue("one", "One", Strategy.LONGEST_IDLE, ("a1", "a2"), ring_for=10, wrap_up=20, dispositions="d"),
    "all": Queue("all", "All", Strategy.RING_ALL, ("a2", "a3"), ring_for=10),
}
SETTINGS = Settings(
    directory=Path("/"),
    company="",
    country="RU",
    time_zone="UTC",
    language="en",
    queues=QUEUES,
    agents={a: Agent(a, a) for a in AGENTS},
    phones={p: Phone(p, p) for p in PHONES},
    pauses={"1": Pause("1", "lunch")},
    dispositions={"d": DispositionList("d", None, {"1": Disposition("1", "sold")})},
)


def line(*agents: str) -> Acd:
    """A line in which these agents are ready since 0, 1, 2..."""
    acd = Acd(SETTINGS)
    for number, agent in enumerate(agents):
        phone = agent.replace("a", "p")
        acd.handle(m.PhoneReachable(phone, True), number)
        acd.handle(m.SignOn(agent, phone), number)
    return acd


def only(kind: type, facts: list[Fact]) -> Any:
    (fact,) = [fact for fact in facts if isinstance(fact, kind)]
    return fact


def join(acd: Acd, visit: str, now: float, queue: str = "one", head_start: float = 0.0) -> list[Fact]:
    return acd.handle(m.CallerJoins(visit, f"call-{visit}", queue, head_start, f"leg-{visit}"), now)


def test_an_offer_names_who_was_considered_and_why_not() -> None:
    acd = line("a2", "a1")
    acd.handle(m.Pause("a1", "1"), 50)
    facts = join(acd, "v", 60)
    offered, considered = only(f.Offered, facts), only(f.Considered, facts)
    assert offered.phones == {"a2": "p2"} and offered.until == 60 + 10 + 5
    assert [(c.agent, c.passed_over, c.detail) for c in considered.candidates] == [
        ("a1", PassedOver.PAUSED, "1"),
        ("a2", None, "idle for 60 s"),
    ]


def test_an_offer_that_nobody_answers_for_ends_by_itself() -> None:
    acd = line("a1")
    join(acd, "v", 10)
    assert acd.next_deadline() == 25
    facts = acd.handle(m.Tick(), 25)
    assert only(f.OfferEnded, facts).results == {"a1": Outcome.FAILED}
    assert acd.roster["a1"].state is AgentState.READY
    assert only(f.Incident, facts)


def test_missing_a_caller_leaves_other_callers_to_the_agent() -> None:
    acd = line("a1")
    join(acd, "v", 10)
    join(acd, "w", 11)
    facts = acd.handle(m.OfferFailed("v.1", Outcome.NO_ANSWER), 20)
    assert only(f.Offered, facts).visit == "w"
    acd.handle(m.CallerGone("w"), 21)
    assert acd.next_deadline() == 20 + PASSED_OVER_FOR
    facts = acd.handle(m.Tick(), 20 + PASSED_OVER_FOR)
    assert only(f.Offered, facts).offer == "v.2"


def test_a_caller_who_gives_up_while_it_rings_is_no_miss() -> None:
    acd = line("a1")
    join(acd, "v", 10)
    facts = acd.handle(m.CallerGone("v"), 12)
    assert only(f.OfferEnded, facts).results == {"a1": Outcome.CANCELLED}
    assert only(f.VisitEnded, facts).outcome is VisitOutcome.ABANDONED


def test_a_caller_gone_after_the_answer_is_no_abandon() -> None:
    acd = line("a1")
    join(acd, "v", 10)
    acd.handle(m.TalkBegins("v", "a1"), 12)
    assert acd.handle(m.CallerGone("v"), 13) == []
    facts = acd.handle(m.TalkEnds("v"), 30)
    assert only(f.AgentChanged, facts).until == 50
    assert acd.next_deadline() == 50


def test_a_disposition_may_come_late_but_not_before_any_call() -> None:
    acd = line("a1")
    with pytest.raises(Declined) as declined:
        acd.handle(m.KeyDisposition("a1", "1"), 5)
    assert declined.value.reason is Reason.NO_CALL_YET
    join(acd, "v", 10)
    acd.handle(m.TalkBegins("v", "a1"), 12)
    acd.handle(m.TalkEnds("v"), 20)
    acd.handle(m.Tick(), 40)
    assert acd.roster["a1"].state is AgentState.READY
    assert only(f.DispositionKeyed, acd.handle(m.KeyDisposition("a1", "1"), 45)).name == "sold"
    with pytest.raises(Declined):
        acd.handle(m.KeyDisposition("a1", "7"), 46)


def test_a_head_start_counts_in_seconds() -> None:
    acd = line()
    join(acd, "early", 0)
    join(acd, "urgent", 50, head_start=60)
    join(acd, "late", 60, head_start=60)
    assert [v.id for v in acd.waiting("one")] == ["urgent", "early", "late"]


def test_queues_that_share_an_agent_are_one_line() -> None:
    acd = line()
    join(acd, "first", 0, "all")
    join(acd, "second", 1, "one")
    acd.handle(m.PhoneReachable("p2", True), 5)
    facts = acd.handle(m.SignOn("a2", "p2"), 5)
    assert only(f.Offered, facts).visit == "first"


def test_sign_off_and_pause_during_a_talk_wait_for_its_end() -> None:
    acd = line("a1")
    join(acd, "v", 10)
    acd.handle(m.TalkBegins("v", "a1"), 12)
    assert acd.handle(m.Pause("a1", "1"), 13) == []
    acd.handle(m.TalkEnds("v"), 20)
    assert acd.roster["a1"].state is AgentState.WRAP_UP
    acd.handle(m.EndWrapUp("a1"), 25)
    assert acd.roster["a1"].state is AgentState.PAUSED


# Random histories


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[float, int]]:
    """Seeds of what happens, and how long after the one before."""
    steps = st.tuples(st.sampled_from([0.0, 0.1, 1.0, 3.0, 11.0, 30.0]), st.integers(0, 10**6))
    return draw(st.lists(steps, min_size=5, max_size=120))


def something(acd: Acd, seed: int, joined: list[str]) -> m.Message:
    """A message that could come now: mostly plausible, sometimes stale."""
    choose = random.Random(seed)
    agent, phone = choose.choice(AGENTS), choose.choice(PHONES)
    visit = choose.choice(joined) if joined else "none"
    open_offers = [v for v in acd.visits() if v.offer]
    talking = [v for v in acd.visits() if v.agent]
    kind = choose.randrange(14)
    if kind <= 3:
        joined.append(f"v{len(joined)}")
        head_start = choose.choice([0.0, 0.0, 60.0])
        return m.CallerJoins(
            joined[-1], f"c-{joined[-1]}", choose.choice([*QUEUES]), head_start, f"l-{joined[-1]}"
        )
    if kind <= 5 and open_offers:
        offered = choose.choice(open_offers)
        assert offered.offer
        # Sometimes somebody else answers: the offer had expired, or was made before a restart.
        signed_on = [a.id for a in acd.roster.everybody() if a.state is not AgentState.SIGNED_OFF]
        return m.TalkBegins(offered.id, choose.choice([*offered.offer.phones] * 4 + signed_on))
    if kind == 6 and open_offers:
        offered = choose.choice(open_offers)
        assert offered.offer
        return m.OfferFailed(offered.offer.id, choose.choice([Outcome.NO_ANSWER, Outcome.BUSY]))
    if kind <= 8 and talking:
        return m.TalkEnds(choose.choice(talking).id)
    others: list[m.Message] = [
        m.CallerGone(visit),
        m.OfferFailed(f"{visit}.1", Outcome.NO_ANSWER),
        m.RingingEnded(f"{visit}.1", phone, Outcome.BUSY),
        m.TalkEnds(visit),
        m.CallerAway(visit),
        m.CallerReturns(visit, f"l2-{visit}"),
        m.SignOn(agent, phone),
        m.SignOn(agent, phone),
        m.SignOff(agent),
        m.Pause(agent, "1"),
        m.Resume(agent),
        m.EndWrapUp(agent),
        m.KeyDisposition(agent, "1"),
        m.PhoneReachable(phone, choose.random() < 0.8),
        m.PhoneInUse(phone, choose.random() < 0.2),
    ]
    return choose.choice(others)


def play(history: list[tuple[float, int]], check: bool = True) -> list[Fact]:
    acd, joined, now, written = Acd(SETTINGS), list[str](), 1000.0, list[Fact]()
    for phone in PHONES:
        written += acd.handle(m.PhoneReachable(phone, True), now)
    for pause, seed in history:
        now += pause
        written += acd.handle(m.Tick(), now)
        with suppress(Declined):
            written += acd.handle(something(acd, seed, joined), now)
        if check:
            check_promises(acd, now)
    if check:
        check_books(acd, written)
    return written


def check_promises(acd: Acd, now: float) -> None:
    """What holds after every message."""
    deadline = acd.next_deadline()
    assert deadline is None or deadline > now
    busy = [a for v in acd.visits() for a in ([v.agent] if v.agent else [*v.offer.phones] if v.offer else [])]
    assert max(Counter(busy).values(), default=0) <= 1, "an agent with two calls"
    with_call = {a.id for a in acd.roster.everybody() if a.state in (AgentState.OFFERED, AgentState.TALKING)}
    assert with_call == set(busy), "a reservation without a caller, or a caller without one"
    free = {a.id for a in acd.roster.everybody() if acd.roster.obstacle(a) is None}
    for queue in QUEUES.values():
        places = [v.place for v in acd.waiting(queue.id)]
        assert places == sorted(places)
        for visit in acd.waiting(queue.id):
            missed = {a for a, until in visit.missed.items() if until > now}
            assert not (visit.waits and visit.present and free & set(queue.agents) - missed), "an agent idles"


def check_books(acd: Acd, written: list[Fact]) -> None:
    """What holds of all facts together."""
    joined = {fact.visit for fact in written if isinstance(fact, f.VisitJoined)}
    ended = Counter(fact.visit for fact in written if isinstance(fact, f.VisitEnded))
    assert max(ended.values(), default=0) <= 1, "a visit with two outcomes"
    unanswered = {v.id for v in acd.visits() if v.agent is None}
    assert joined == set(ended) | unanswered, "a visit lost"
    offered = [fact.offer for fact in written if isinstance(fact, f.Offered)]
    assert len(offered) == len(set(offered))
    closed = Counter(fact.offer for fact in written if isinstance(fact, f.OfferEnded))
    assert max(closed.values(), default=0) <= 1
    assert set(offered) == set(closed) | {v.offer.id for v in acd.visits() if v.offer}
    assert all(a.at <= b.at for a, b in pairwise(written))


@given(histories())
@hypothesis_settings(max_examples=300, deadline=None)
def test_whatever_happens_the_promises_hold(history: list[tuple[float, int]]) -> None:
    play(history)


@given(histories())
@hypothesis_settings(max_examples=30, deadline=None)
def test_the_same_messages_give_the_same_facts(history: list[tuple[float, int]]) -> None:
    assert play(history, check=False) == play(history, check=False)


def test_signing_on_again_forgets_what_was_asked_for_during_the_last_talk() -> None:
    acd = line("a1")
    join(acd, "v", 10)
    acd.handle(m.TalkBegins("v", "a1"), 12)
    acd.handle(m.SignOff("a1"), 13)
    acd.handle(m.TalkEnds("v"), 20)
    acd.handle(m.SignOn("a1", "p1"), 21)
    join(acd, "w", 22)
    acd.handle(m.CallerGone("w"), 24)
    assert acd.roster["a1"].state is AgentState.READY


def test_so_many_phones_are_rung_at_once_and_no_more() -> None:
    """More would not fit into the switch's command; those who have been idle longest are rung."""
    chosen = ring_all((Worker(f"{n:03}", idle_since=500 - n), Seat()) for n in range(300))
    assert chosen == [f"{n}" for n in range(300 - RING_AT_ONCE, 300)]
