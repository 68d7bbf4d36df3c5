"""Reports: figures worked out by hand, and sums that reconcile for any history."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from peewee import SqliteDatabase

from appliance import facts as f
from appliance import messages as m
from appliance import models as t
from appliance.acd import Acd
from appliance.facts import AgentState, CallOutcome, VisitOutcome
from appliance.figures import AgentFigures, QueueFigures, ServiceLevel, total
from appliance.interval import Interval, interval
from appliance.ledger import ledger
from appliance.messages import Declined
from appliance.port import Outcome
from appliance.reports import report, report_call, report_data, report_text
from appliance.settings import Agent, Pause, Phone, Queue, Settings, Strategy
from appliance.store import Store
from appliance.tally import agent_figures, queue_figures
from appliance.trouble import Trouble
from appliance.why import find_call, story, story_data, story_text

MOSCOW = ZoneInfo("Europe/Moscow")
NOON = 1_700_000_000.0
HOUR = Interval(NOON, NOON + 3600, MOSCOW)
LATER = NOON + 7200

SETTINGS = Settings(
    directory=Path("/nowhere"),
    company="ACME",
    country="RU",
    time_zone="Europe/Moscow",
    language="en",
    queues={
        "sales": Queue("sales", "Sales", Strategy.LONGEST_IDLE, ("anna", "boris"), wrap_up=30, service_level=20),
        "help": Queue("help", "Help", Strategy.RING_ALL, ("boris", "carol"), wrap_up=0, service_level=60),
    },
    agents={id: Agent(id, id.capitalize()) for id in ("anna", "boris", "carol")},
    phones={id: Phone(id, id) for id in ("101", "102", "103")},
    pauses={"1": Pause("1", "lunch"), "2": Pause("2", "training")},
)


@pytest.fixture(autouse=True)
def database() -> Iterator[SqliteDatabase]:
    fresh = SqliteDatabase(":memory:")
    t.database.initialize(fresh)
    fresh.create_tables(t.TABLES)
    yield fresh
    fresh.close()


def add_call(
    id: str, at: float = NOON, ended_at: float | None = None, outcome: str = "answered", **more: Any
) -> None:
    values = {"leg": f"leg-{id}", "ani": "89161234567", "caller_name": "", "dnis": "74950000000", "trunk": "main"}
    t.Call.create(id=id, started_at=at, ended_at=ended_at, outcome=outcome, **{**values, **more})


def add_visit(
    id: str,
    joined: float = 0.0,
    answered: float | None = None,
    talked: float | None = None,
    abandoned: float | None = None,
    agent: str = "anna",
    queue: str = "sales",
    outcome: str = "abandoned",
) -> None:
    """A visit that joined after so many seconds and was answered or left after waiting for so many."""
    at = NOON + joined
    row: dict[str, Any] = {"id": f"{id}.1", "call": id, "queue": queue, "leg": f"leg-{id}", "joined_at": at}
    if answered is not None:
        row |= {"answered_at": at + answered, "ended_at": at + answered, "agent": agent, "outcome": "answered"}
        if talked is not None:
            row["talk_ended_at"] = at + answered + talked
    elif abandoned is not None:
        row |= {"ended_at": at + abandoned, "outcome": outcome}
    t.Visit.create(head_start=0.0, **row)


def add_stretch(
    agent: str, state: AgentState, began: float, ended: float | None, visit: str | None = None, reason: str = ""
) -> None:
    t.AgentStretch.create(
        agent=agent,
        state=state.value,
        reason=reason,
        phone="101",
        visit=visit,
        began_at=NOON + began,
        ended_at=None if ended is None else NOON + ended,
    )


def add_offer(visit: str, results: dict[str, Outcome | None], at: float = 0.0, n: int = 1) -> None:
    offer = f"{visit}.{n}"
    t.Offer.create(id=offer, visit=visit, at=NOON + at, until=NOON + at + 25)
    for agent, outcome in results.items():
        ended = None if outcome is None else NOON + at + 10
        t.OfferAgent.create(
            offer=offer, agent=agent, phone="101", at=NOON + at, ended_at=ended, outcome=outcome and outcome.value
        )


def queue(id: str = "sales", when: Interval = HOUR) -> QueueFigures:
    (found,) = queue_figures(when, LATER, SETTINGS, id)
    return found


def agent(id: str, when: Interval = HOUR, now: float = LATER) -> AgentFigures:
    (found,) = agent_figures(when, now, SETTINGS, agent=id)
    return found


# Queues


def test_the_service_levels_of_the_same_traffic_disagree_as_their_formulas_do() -> None:
    """100 offered, 80 answered of which 64 within 20 s; 20 abandoned: 6 under 5 s, 4 within 20 s, 10 later."""
    for n in range(64):
        add_visit(f"in-time-{n}", n, answered=20.0 if n == 0 else 10.0, talked=60.0)
    for n in range(16):
        add_visit(f"late-{n}", n, answered=20.1 if n == 0 else 30.0, talked=60.0)
    for n, wait in enumerate([4.0] * 6 + [15.0] * 4 + [40.0] * 10):
        add_visit(f"gone-{n}", n, abandoned=wait)
    figures = queue()
    assert (figures.offered, figures.answered, figures.abandoned) == (100, 80, 20)
    shares = {level.name: round(100 * (figures.service_level(level) or 0), 1) for level in ServiceLevel}
    assert shares == {"A": 80.0, "B": 74.0, "C": 64.0, "D": 71.1, "F": 64.0}


def test_the_threshold_itself_is_in_time_however_the_clock_times_are_rounded() -> None:
    for n in range(50):
        add_visit(f"v{n}", n / 7, answered=20.0)
    assert queue().answered_in_time == 50


def test_waits_and_talks_of_a_queue() -> None:
    add_visit("a", 0, answered=10.0, talked=100.0)
    add_visit("b", 5, answered=30.0, talked=50.0)
    add_visit("c", 9, answered=20.0)  # still talking
    add_visit("d", 9, abandoned=90.0)
    add_visit("e", 9, abandoned=7.0, outcome="fallback")
    add_visit("f", 9, abandoned=8.0, outcome="unseen")
    add_visit("g", 9, abandoned=9.0, outcome="failed")
    add_stretch("anna", AgentState.WRAP_UP, 110, 140, visit="a.1")
    add_stretch("anna", AgentState.WRAP_UP, 200, 230, visit="b.1")
    figures = queue()
    assert figures.asa == 20.0  # (10 + 30 + 20) / 3
    assert figures.longest_wait == 90.0
    assert figures.average_talk == 75.0  # (100 + 50) / 2: the third has not ended
    assert figures.average_wrap_up == 30.0
    assert figures.average_abandoned_wait == 90.0
    assert (figures.fallback, figures.unseen, figures.failed, figures.waiting) == (1, 1, 1, 0)
    assert figures.abandon_rate == pytest.approx(1 / 7)


def test_a_caller_still_waiting_is_offered_and_has_the_longest_wait() -> None:
    add_visit("a")
    add_visit("b", answered=5.0, talked=1.0)
    assert (queue().offered, queue().waiting, queue().longest_wait) == (2, 1, LATER - NOON)
    assert queue().service_level(ServiceLevel.C) == 1.0


def test_a_call_belongs_to_the_interval_of_its_arrival_however_late_it_ends() -> None:
    add_visit("before", -0.001, answered=10.0, talked=10.0)
    add_visit("first", 0, answered=5000.0, talked=9000.0)
    add_visit("last", 3599.999, abandoned=500.0)
    add_visit("after", 3600, answered=1.0, talked=1.0)
    assert (queue().offered, queue().answered, queue().abandoned) == (2, 1, 1)
    assert queue().average_talk == 9000.0


def test_each_queue_has_its_own_threshold_and_the_total_keeps_to_them() -> None:
    add_visit("a", answered=40.0, talked=1.0, queue="sales")
    add_visit("b", answered=40.0, talked=1.0, queue="help")
    add_visit("c", answered=20.0, talked=1.0, queue="removed")
    add_visit("d", answered=21.0, talked=1.0, queue="removed")
    figures = queue_figures(HOUR, LATER, SETTINGS)
    assert {q.queue: q.answered_in_time for q in figures} == {"help": 1, "removed": 1, "sales": 0}
    assert total(figures).service_level(ServiceLevel.C) == 2 / 4
    assert total(figures).threshold is None


def test_a_queue_without_calls_has_no_shares() -> None:
    assert {queue().service_level(level) for level in ServiceLevel} == {None}
    assert (queue().asa, queue().longest_wait, queue().average_talk, queue().abandon_rate) == (None,) * 4
    assert "SL-C" in report_text(report(HOUR, LATER, SETTINGS), SETTINGS)


# Agents


def test_offers_of_an_agent_by_what_became_of_them() -> None:
    for n, outcome in enumerate((*Outcome, None)):
        add_visit(f"v{n}", abandoned=30.0)
        add_offer(f"v{n}.1", {"anna": outcome})
    figures = agent("anna")
    assert (figures.offers, figures.taken, figures.missed, figures.unreached) == (8, 1, 3, 2)
    assert (figures.withdrawn, figures.ringing) == (1, 1)


def test_an_agents_time_sheet_is_cut_at_the_ends_of_the_interval() -> None:
    add_stretch("anna", AgentState.SIGNED_OFF, -9000, -600)
    add_stretch("anna", AgentState.READY, -600, 600)  # 600 of it within
    add_stretch("anna", AgentState.OFFERED, 600, 610)  # 10
    add_stretch("anna", AgentState.TALKING, 610, 790, visit="a.1")  # 180
    add_stretch("anna", AgentState.WRAP_UP, 790, 800, visit="a.1")  # 10
    add_stretch("anna", AgentState.PAUSED, 800, 1100, reason="1")  # 300
    add_stretch("anna", AgentState.PAUSED, 1100, 1160, reason="2")  # 60
    add_stretch("anna", AgentState.READY, 1160, 3000)  # 1840
    add_stretch("anna", AgentState.PAUSED, 3000, None, reason="1")  # 600 until the end of the hour
    figures = agent("anna")
    assert figures.paused == {"1": 900.0, "2": 60.0}
    assert figures.signed_on == 3600.0
    assert figures.time_sheet == {
        "ready": 2440.0,
        "offered": 10.0,
        "talking": 180.0,
        "wrap-up": 10.0,
        "paused": 960.0,
    }
    assert figures.occupancy == pytest.approx(200 / 2640)


def test_the_open_stretch_counts_up_to_now() -> None:
    add_stretch("anna", AgentState.READY, 0, None)
    assert agent("anna", now=NOON + 90).signed_on == 90.0
    assert agent("anna", when=Interval(NOON + 100, NOON + 200, MOSCOW), now=NOON + 90).signed_on == 0.0


def test_talk_and_wrap_up_of_an_agent() -> None:
    add_visit("a", answered=10.0, talked=100.0)
    add_visit("b", answered=10.0, talked=200.0, queue="help")
    add_visit("c", answered=10.0, talked=999.0, agent="boris")
    add_stretch("anna", AgentState.WRAP_UP, 110, 130, visit="a.1")
    assert (agent("anna").answered, agent("anna").average_talk, agent("anna").average_wrap_up) == (2, 150.0, 10.0)
    (only_help,) = agent_figures(HOUR, LATER, SETTINGS, queue="help")
    assert (only_help.agent, only_help.answered, only_help.talk, only_help.wrap_up) == ("anna", 1, 200.0, 0.0)


def test_somebody_who_was_signed_off_all_day_is_not_listed() -> None:
    add_stretch("boris", AgentState.SIGNED_OFF, -100, None)
    add_stretch("anna", AgentState.READY, -100, None)
    assert [figures.agent for figures in agent_figures(HOUR, LATER, SETTINGS)] == ["anna"]


# The ledger


OUTGOING = [outcome for outcome in CallOutcome if outcome.name.startswith("OUTBOUND")]


def test_every_outcome_is_counted_once_and_nothing_is_left_unexplained() -> None:
    for n, outcome in enumerate(CallOutcome):
        add_call(f"c{n}", NOON + n, NOON + n + 60, outcome.value)
        if outcome in OUTGOING:
            t.Call.update(direction="out").where(t.Call.id == f"c{n}").execute()
        if outcome in (CallOutcome.ANSWERED, CallOutcome.ABANDONED):
            waited = {"answered" if outcome is CallOutcome.ANSWERED else "abandoned": 5.0}
            add_visit(f"c{n}", n, talked=50.0, **waited)
    add_call("open", NOON, None, "left early")
    add_call("yesterday", NOON - 86400, NOON - 86000, "closed")
    book = ledger(HOUR)
    assert book.calls == len(CallOutcome) - len(OUTGOING) + 1 == sum(book.outcomes.values()) + book.open
    assert book.outgoing == {outcome.value: 1 for outcome in OUTGOING}
    assert set(book.outcomes.values()) == {1}
    assert book.unexplained == {}
    assert str(book).startswith("15 calls = 1 left early + 1 closed") and str(book).endswith("; 0 unexplained")


@pytest.mark.parametrize(
    ("what", "call", "visit"),
    [
        ("calls that ended without an outcome we know", {"outcome": "vanished"}, None),
        ("calls that ended before they began", {"outcome": "closed", "ended_at": NOON - 1}, None),
        ("visits that never ended, of calls that have", {"outcome": "left early"}, {}),
        (
            "visits that ended without an outcome we know",
            {"outcome": "closed"},
            {"outcome": "lost", "abandoned": 1.0},
        ),
        ("answered visits without an agent or a time", {}, {"outcome": "answered", "abandoned": 1.0}),
        ("talks that never ended, of calls that have", {}, {"answered": 1.0}),
        ("calls answered without an answered visit", {}, None),
        ("calls abandoned without an abandoned visit", {"outcome": "abandoned"}, {"answered": 1.0, "talked": 1.0}),
    ],
)
def test_a_contradiction_is_named_with_its_call(
    what: str, call: dict[str, Any], visit: dict[str, Any] | None
) -> None:
    add_call("x", **{"ended_at": NOON + 60, **call})
    if visit is not None:
        add_visit("x", **visit)
    book = ledger(HOUR)
    assert what in book.unexplained
    assert book.unexplained[what] in (["x"], ["x.1"])
    assert "0 unexplained" not in str(book)
    assert what in report_text(report(HOUR, LATER, SETTINGS), SETTINGS)


def test_a_visit_answered_and_ended_otherwise_is_a_contradiction() -> None:
    add_call("x", NOON, NOON + 60)
    add_visit("x", answered=1.0, talked=1.0)
    t.Visit.update(outcome="unseen").execute()
    assert "visits that were answered and ended otherwise" in ledger(HOUR).unexplained


# For any history


class Centre:
    """A call centre whose line is the real one, whose days hypothesis makes up."""

    def __init__(self, database: SqliteDatabase) -> None:
        self.acd, self.store, self.now, self.calls = Acd(SETTINGS), Store(database), NOON, 0
        for phone in SETTINGS.phones:
            self.do(m.PhoneReachable(phone, True))

    def do(self, message: m.Message) -> None:
        with suppress(Declined):
            self.store.write(self.acd.handle(message, self.now))

    def act(self, what: str, n: int, seconds: float) -> None:
        self.now += seconds
        self.do(m.Tick())
        agents, phones, queues = list(SETTINGS.agents), list(SETTINGS.phones), list(SETTINGS.queues)
        visits = self.acd.visits()
        visit = visits[n % len(visits)] if visits else None
        match what:
            case "join":
                self.calls += 1
                id = f"c{self.calls}"
                self.store.write([f.CallStarted(id, self.now, f"leg-{id}", "1", "", "2", "main")])
                self.do(m.CallerJoins(f"{id}.1", id, queues[n % 2], 0.0, f"leg-{id}"))
            case "sign on":
                self.do(m.SignOn(agents[n % 3], phones[n % 3]))
            case "sign off":
                self.do(m.SignOff(agents[n % 3]))
            case "pause":
                self.do(m.Pause(agents[n % 3], "12"[n % 2]))
            case "resume":
                self.do(m.Resume(agents[n % 3]))
            case "answer" if visit and visit.offer:
                self.do(m.TalkBegins(visit.id, sorted(visit.offer.phones)[0]))
            case "miss" if visit and visit.offer:
                self.do(m.OfferFailed(visit.offer.id, list(Outcome)[1 + n % 6]))
            case "leave" if visit:
                self.leave(visit.id, visit.call, list(VisitOutcome)[1 + n % 4])

    def leave(self, visit: str, call: str, outcome: VisitOutcome) -> None:
        self.do(m.TalkEnds(visit))
        self.do(m.CallerGone(visit, outcome))
        ended = t.Visit.get_by_id(visit).outcome
        self.store.write([f.CallEnded(call, self.now, CallOutcome(ended))])


ACTIONS = st.tuples(
    st.sampled_from(("join", "join", "sign on", "sign on", "answer", "answer", "miss", "leave", "leave", "pause"))
    | st.sampled_from(("sign off", "resume")),
    st.integers(0, 11),
    st.floats(0.0, 40.0),
)


@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTIONS, max_size=60), st.floats(0, 1200), st.floats(0, 1200))
def test_the_sums_reconcile_for_any_history(
    database: SqliteDatabase, days: list[tuple[str, int, float]], cut: float, width: float
) -> None:
    database.drop_tables(t.TABLES)
    database.create_tables(t.TABLES)
    centre = Centre(database)
    for what, n, seconds in days:
        centre.act(what, n, seconds)
    now = centre.now
    everything = Interval(NOON, now + 1, MOSCOW)
    cuts = sorted({NOON, min(NOON + cut, now), min(NOON + cut + width, now), now + 1})
    parts = [Interval(a, b, MOSCOW) for a, b in pairwise(cuts)]

    whole = total(queue_figures(everything, now, SETTINGS))
    assert whole.offered == centre.calls
    ends = whole.answered + whole.abandoned + whole.fallback + whole.unseen + whole.failed
    assert whole.offered == ends + whole.waiting
    for name in ("offered", "answered", "abandoned", "answered_in_time", "talk", "wrap_up"):
        summed = sum(getattr(total(queue_figures(part, now, SETTINGS)), name) for part in parts)
        assert summed == pytest.approx(getattr(whole, name)), name

    agents = agent_figures(everything, now, SETTINGS)
    assert sum(a.answered for a in agents) == whole.answered
    assert sum(a.talk for a in agents) == pytest.approx(whole.talk)
    assert sum(a.wrap_up for a in agents) == pytest.approx(whole.wrap_up)
    for a in agents:
        assert a.offers == a.taken + a.missed + a.unreached + a.withdrawn + a.ringing
        assert a.taken == a.answered
        first = min(s.began_at for s in t.AgentStretch.select().where(t.AgentStretch.agent == a.agent))
        assert sum(a.time_sheet.values()) == pytest.approx(now - first)
        assert sum(a.paused.values()) == pytest.approx(a.time_sheet.get("paused", 0.0))
        by_part = [p for part in parts for p in agent_figures(part, now, SETTINGS, agent=a.agent)]
        assert sum(p.signed_on for p in by_part) == pytest.approx(a.signed_on)

    book = ledger(everything)
    assert book.calls == centre.calls == sum(book.outcomes.values()) + book.open
    assert book.unexplained == {}


# Words


def test_the_report_names_its_formulas_and_its_attribution() -> None:
    add_call("a", NOON, NOON + 60)
    add_visit("a", answered=10.0, talked=45.0)
    add_stretch("anna", AgentState.PAUSED, 800, 1100, reason="1")
    text = report_text(report(HOUR, LATER, SETTINGS, ServiceLevel.B), SETTINGS)
    assert "SL-B = (answered within T + abandoned within T) / (answered + abandoned)" in text
    assert "Calls belong to the interval in which they joined the queue" in text
    assert "ASA = average wait of answered calls, from joining the queue to the talk" in text
    assert "lunch 5:00" in text
    assert "Ledger: 1 call = 1 answered; 0 unexplained." in text


def test_only_the_formulas_of_what_is_shown_are_printed() -> None:
    add_visit("v1", answered=10.0, talked=1.0)
    add_stretch("1001", AgentState.READY, 0, 60)
    of_agent = report_text(report(HOUR, LATER, SETTINGS, agent="1001"), SETTINGS)
    assert "occupancy = " in of_agent and "missed = " in of_agent and "talk, wrap-up = " in of_agent
    assert not any(word in of_agent for word in ("ASA", "SL-", "T = ", "longest wait", "abandon rate"))
    whole = report_text(report(HOUR, LATER, SETTINGS), SETTINGS)
    assert all(f"{word} = " in whole for word in ("ASA", "SL-C", "T", "longest wait", "abandon rate", "occupancy"))


def test_the_report_for_programs_has_every_service_level_unrounded() -> None:
    for n, wait in enumerate((10.0, 10.0, 30.0)):
        add_visit(f"v{n}", answered=wait, talked=1.0)
    data = report_data(report(HOUR, LATER, SETTINGS, queue="sales"))
    assert data["queues"][0]["service_levels"]["SL-C"] == pytest.approx(2 / 3)
    assert data["ledger"] is None  # a queue is not all calls
    assert data["from"] == "2023-11-15T01:13:20.000+03:00"


def tell() -> None:
    """One call with everything: two decisions, a miss, a talk, a wrap-up, a disposition, a recording."""
    store = Store(t.database)
    over = f.PassedOver
    store.write(
        [
            f.CallStarted("c-1", NOON, "leg-1", "89161234567", 'Ivan\n"the\x1b[31m"', "74950000000", "main"),
            f.CallIdentified("c-1", NOON, "+79161234567", "+74950000000", "Ivan Petrov", "vip", "ru"),
            f.Stepped("c-1", NOON + 1, "menu", "main: key 1"),
            f.VisitJoined("c-1.1", "c-1", "sales", NOON + 2, 60.0, "leg-1"),
            f.Considered(
                "c-1.1",
                NOON + 2,
                None,
                (f.Candidate("anna", over.PAUSED, "1"), f.Candidate("boris", over.WRAP_UP)),
            ),
            f.Considered("c-1.1", NOON + 5, "c-1.1.1", (f.Candidate("boris", None, "idle for 0 s"),)),
            f.Offered("c-1.1.1", "c-1.1", NOON + 5, NOON + 30, 20.0, {"boris": "102"}),
            f.OfferEnded("c-1.1.1", "c-1.1", NOON + 25, {"boris": Outcome.NO_ANSWER}),
            f.Considered(
                "c-1.1",
                NOON + 25,
                "c-1.1.2",
                (f.Candidate("anna", None, "idle for 9 s"), f.Candidate("boris", over.MISSED, "20 s left")),
            ),
            f.Offered("c-1.1.2", "c-1.1", NOON + 25, NOON + 50, 20.0, {"anna": "101"}),
            f.OfferEnded("c-1.1.2", "c-1.1", NOON + 32, {"anna": Outcome.ANSWERED}),
            f.VisitAnswered("c-1.1", NOON + 32, "anna"),
            f.VisitEnded("c-1.1", NOON + 32, VisitOutcome.ANSWERED),
            f.RecordingStarted("c-1", NOON + 32, "/var/c-1.wav"),
            f.TalkEnded("c-1.1", NOON + 92, "anna"),
            f.CallEnded("c-1", NOON + 92, CallOutcome.ANSWERED),
            f.AgentChanged("anna", NOON + 92, AgentState.WRAP_UP, phone="101", queue="sales", visit="c-1.1"),
            f.DispositionKeyed("c-1.1", NOON + 100, "anna", "sales", "1", "sold"),
            f.AgentChanged("anna", NOON + 100, AgentState.READY, "wrap-up ended", phone="101"),
        ]
    )


def test_the_story_of_a_call_says_who_was_passed_over_and_why() -> None:
    tell()
    text = story_text(story(find_call("last")), MOSCOW, SETTINGS)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[1] == "arrived 2023-11-15 01:13:20 (Europe/Moscow)"
    wanted = [
        "01:13:21.0 menu: main: key 1",
        "01:13:22.0 joins the queue sales, 60 s ahead",
        "01:13:22.0 nobody can take the call",
        "anna Anna paused lunch",
        "boris Boris in wrap-up -",
        "01:13:25.0 is offered to boris (phone 102)",
        "boris Boris chosen idle for 0 s",
        "01:13:45.0 boris: no answer after 0:20",
        "01:13:45.0 is offered to anna (phone 101)",
        "anna Anna chosen idle for 9 s",
        "boris Boris missed this call a moment ago 20 s left",
        "01:13:52.0 talks to anna after a wait of 0:30",
        "01:14:52.0 the talk ends after 1:00",
        "01:15:00.0 anna keys 1: sold",
    ]
    places = [lines.index(line) for line in wanted]
    assert places == sorted(places)
    assert lines[-1] == "Outcome: answered, 1:32 after its arrival."
    assert "\x1b" not in text and "Ivan\n" not in text


def test_the_story_for_programs_keeps_every_letter() -> None:
    tell()
    data = story_data(story(find_call("c-1")), MOSCOW)
    assert data["call"]["caller_name"] == 'Ivan\n"the\x1b[31m"'
    considered = [moment["considered"] for moment in data["moments"] if "considered" in moment]
    assert considered[0][0] == {"agent": "anna", "passed_over": "paused", "detail": "1"}


def test_the_report_of_one_call() -> None:
    tell()
    lines = dict(line.split(maxsplit=1) for line in report_call("last", SETTINGS).splitlines())
    assert lines["queue"] == "sales (Sales)"
    assert (lines["waited"], lines["talked"], lines["wrap-up"]) == ("0:30", "1:00", "0:08")
    assert (lines["agent"], lines["disposition"]) == ("anna (Anna)", "1: sold")
    assert (lines["recording"], lines["outcome"]) == ("/var/c-1.wav", "answered")
    assert lines["customer"] == "Ivan Petrov, group vip"


def test_the_report_of_a_call_that_is_going_on() -> None:
    add_call("x")
    add_visit("x")
    assert "still waiting" in report_call("x")
    assert "not ended; answered if it did now" in report_call("x")


def test_a_call_is_found_by_a_prefix_that_only_it_has() -> None:
    for id in ("20231115-1", "20231115-12", "20231115-2", "A%"):
        add_call(id)
    assert find_call("20231115-2").id == "20231115-2"
    assert find_call("20231115-1").id == "20231115-1"  # an id is not a prefix of another
    assert find_call("A").id == "A%"
    with pytest.raises(Trouble, match="Several calls begin with '20231115': 20231115-1, 20231115-12, 20231115-2"):
        find_call("20231115")
    for nothing in ("a", "%", "", "A%%", "x" * 10_000):
        with pytest.raises(Trouble, match="There is no call"):
            find_call(nothing)


def test_there_is_no_last_call_before_the_first() -> None:
    with pytest.raises(Trouble, match="no call in the records yet"):
        find_call("last")


# Intervals


def test_a_day_is_a_day_of_the_site_also_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    long_day = interval("2026-10-25", None, None, NOON, berlin)
    assert long_day.end - long_day.start == 25 * 3600
    assert str(long_day) == "2026-10-25 (Europe/Berlin)"


def test_today_without_options_and_days_as_ends() -> None:
    today = interval(None, None, None, NOON, MOSCOW)
    assert str(today) == "2023-11-15 (Europe/Moscow)"
    november = interval(None, "2023-11-01", "2023-11-30", NOON, MOSCOW)
    assert november.end - november.start == 30 * 86400
    assert str(interval(None, "01:00", "2023-11-15 01:10", NOON, MOSCOW)).startswith(
        "2023-11-15 01:00 to 2023-11-15 01:10"
    )
    assert interval(None, "yesterday", None, NOON, MOSCOW).end == NOON


@pytest.mark.parametrize(
    ("day", "begin", "end", "words"),
    [
        ("soon", None, None, "is not a day"),
        ("today", "today", None, "either --day"),
        (None, "25:00", None, "is not a time"),
        (None, "2023-11-02", "2023-11-01 12:00", "ends before it begins"),
        ("9999-12-31", None, None, "too far away"),
    ],
)
def test_a_time_that_is_none_is_refused_in_words(
    day: str | None, begin: str | None, end: str | None, words: str
) -> None:
    with pytest.raises(Trouble, match=words):
        interval(day, begin, end, NOON, MOSCOW)
