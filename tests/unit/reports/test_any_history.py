"""Sums that reconcile for any history."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from peewee import SqliteDatabase

from appliance import facts as f
from appliance.facts import CallOutcome, VisitOutcome
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.messages import Declined
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Home, Kind, Promise, attempt_id
from appliance.line.visits import Visit
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.callback_figures import callback_figures
from appliance.records.figures import total
from appliance.records.interval import Interval
from appliance.records.ledger import ledger
from appliance.records.store import Store
from appliance.records.tally import agent_figures, queue_figures
from tests.unit.reports.day import MOSCOW, NOON, SETTINGS

OUTGOING = (CallOutcome.CALLED_BACK.value, CallOutcome.CALL_BACK_FAILED.value)


class Centre:
    """A call centre whose line is the real one, whose days hypothesis makes up."""

    def __init__(self, database: SqliteDatabase) -> None:
        self.acd, self.store, self.now, self.calls, self.visits = Acd(SETTINGS), Store(database), NOON, 0, 0
        for phone in SETTINGS.phones:
            self.do(m.PhoneReachable(phone, True))

    def do(self, message: m.Message) -> None:
        with suppress(Declined):
            facts = self.acd.handle(message, self.now)
            self.visits += sum(isinstance(fact, f.VisitJoined) for fact in facts)
            self.store.write(facts)
            self.store.write([each for fact in facts for each in self.calls_of(fact)])

    def calls_of(self, fact: f.Fact) -> Iterator[f.Fact]:
        """The calls of attempts, as the engine has them."""
        match fact:
            case f.AttemptBegan(visit=visit, n=n):
                id = attempt_id(visit, n)
                yield f.CallStarted(id, self.now, id, "", "", fact.number, "", f.Direction.OUT)
                yield f.CallProgressed(id, self.now, CallOutcome.CALL_BACK_FAILED)
            case f.AttemptEnded(visit=visit, n=n) if fact.end is not AttemptEnd.SERVED:
                yield f.CallEnded(attempt_id(visit, n), self.now, CallOutcome.CALL_BACK_FAILED)
            case f.AttemptEnded(visit=visit, n=n):
                yield f.CallProgressed(attempt_id(visit, n), self.now, CallOutcome.CALLED_BACK)
            case f.TalkEnded(visit=id) if (visit := t.Visit.get_by_id(id)).later_call is None:
                yield f.CallEnded(visit.call, self.now, CallOutcome.ANSWERED)
            case f.TalkEnded(visit=id):
                call = t.Visit.get_by_id(id).later_call
                is_ours = ".c" in call
                yield f.CallEnded(call, self.now, CallOutcome.CALLED_BACK if is_ours else CallOutcome.ANSWERED)
            case f.CallbackPromised(visit=id) if t.Visit.get_by_id(id).call.startswith("c"):
                visit = t.Visit.get_by_id(id)
                yield f.CallEnded(visit.later_call or visit.call, self.now, CallOutcome.CALLBACK_PROMISED)

    def act(self, what: str, n: int, seconds: float) -> None:
        self.now += seconds
        self.do(m.Tick())
        agents, phones, queues = list(SETTINGS.agents), list(SETTINGS.phones), list(SETTINGS.queues)
        visits = self.acd.visits()
        visit = visits[n % len(visits)] if visits else None
        match what:
            case "join":
                id = self.call()
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
                self.leave(visit, list(VisitOutcome)[1 + n % 4])
            case "join at home":
                id = f"w{self.visits}-{self.now}"  # never given twice
                promise = self.promise(n, list(Kind)[2 + n % 4])
                self.do(m.CallerJoins(f"{id}.1", id, queues[n % 2], 0.0, id, promise=promise))
            case "go home" if visit and visit.home is None:
                self.do(m.GoHome(visit.id, self.promise(n, Kind.HELD)))
            case _ if visit and visit.home:
                self.act_at_home(what, n, visit, visit.home)

    def act_at_home(self, what: str, n: int, visit: Visit, home: Home) -> None:
        attempt = attempt_id(visit.id, home.attempts)
        match what:
            case "agree" if home.calling:
                self.do(m.CustomerAgrees(visit.id, home.attempts, attempt, attempt))
            case "fail":
                self.do(m.AttemptFails(visit.id, home.attempts, list(AttemptEnd)[1 + n % 9]))
            case "call in" if not home.reached:
                id = self.call()
                self.do(m.ComesBack(visit.id, id, f"leg-{id}"))
            case "put off":
                self.do(m.MoveCallback(visit.id, self.now + 10 * n, "asked for"))
            case "cancel":
                self.do(m.EndCallback(visit.id, list(CallbackEnd)[3 + n % 2], "no more"))

    def call(self) -> str:
        self.calls += 1
        id = f"c{self.calls}"
        self.store.write([f.CallStarted(id, self.now, f"leg-{id}", "1", "", "2", "main")])
        return id

    def promise(self, n: int, kind: Kind) -> Promise:
        wanted = self.now + (60.0 * (n % 3) if kind is Kind.CHOSEN else 0.0)
        number = f"+7495000000{n % 7}"
        return Promise(number, kind, list(First)[n % 2], wanted, wanted + 600.0, context=(("n", str(n)),))

    def leave(self, visit: Visit, outcome: VisitOutcome) -> None:
        if visit.home is not None and not visit.home.reached and visit.agent is None:
            return
        call = visit.call
        self.do(m.TalkEnds(visit.id))
        if self.acd.visit(visit.id) is not None:
            self.do(m.CallerGone(visit.id, outcome))
            if visit.home is None:
                self.store.write([f.CallEnded(call, self.now, CallOutcome(t.Visit.get_by_id(visit.id).outcome))])


ACTIONS = st.tuples(
    st.sampled_from(("join", "join", "sign on", "sign on", "answer", "answer", "miss", "leave", "leave", "pause"))
    | st.sampled_from(("go home", "go home", "agree", "agree", "fail", "call in", "put off", "cancel"))
    | st.sampled_from(("sign off", "resume", "join at home")),
    st.integers(0, 11),
    st.floats(0.0, 40.0),
)
DAYS = st.lists(ACTIONS, max_size=80)


def lived(database: SqliteDatabase, days: list[tuple[str, int, float]]) -> Centre:
    """A call centre after such days."""
    database.drop_tables(t.TABLES)
    database.create_tables(t.TABLES)
    centre = Centre(database)
    for what, n, seconds in days:
        centre.act(what, n, seconds)
    return centre


def known(visit: Visit) -> dict[str, object]:
    """What has to outlive a restart. Who has gone home is not there, whatever was there before."""
    names = ("id", "call", "queue", "joined_at", "head_start", "leg", "waited", "agent", "home", "attempts")
    offer = visit.offer and (visit.offer.id, visit.offer.phones, visit.offer.until)
    return {**{name: getattr(visit, name) for name in names}, "offers": visit.offers, "offer": offer}


@hypothesis_settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(DAYS)
def test_the_line_is_restored_as_it_was(database: SqliteDatabase, days: list[tuple[str, int, float]]) -> None:
    centre = lived(database, days)
    restored = {visit.id: known(visit) for visit in centre.store.open_rows().visits}
    assert restored == {visit.id: known(visit) for visit in centre.acd.visits()}


@hypothesis_settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(DAYS, st.floats(0, 1200), st.floats(0, 1200))
def test_the_sums_reconcile_for_any_history(
    database: SqliteDatabase, days: list[tuple[str, int, float]], cut: float, width: float
) -> None:
    centre = lived(database, days)
    now = centre.now
    everything = Interval(NOON, now + 1, MOSCOW)
    cuts = sorted({NOON, min(NOON + cut, now), min(NOON + cut + width, now), now + 1})
    parts = [Interval(a, b, MOSCOW) for a, b in pairwise(cuts)]

    whole = total(queue_figures(everything, now, SETTINGS))
    redials = t.Callback.select().where(t.Callback.kind == Kind.ABANDONED.value).count()
    assert whole.offered == centre.visits - redials
    ends = whole.answered + whole.abandoned + whole.fallback + whole.unseen + whole.failed
    at_home = whole.called_back + whole.unreached + whole.at_home
    assert whole.offered == ends + at_home + whole.waiting
    for name in ("offered", "answered", "abandoned", "answered_in_time", "talk", "wrap_up"):
        summed = sum(getattr(total(queue_figures(part, now, SETTINGS)), name) for part in parts)
        assert summed == pytest.approx(getattr(whole, name)), name

    agents = agent_figures(everything, now, SETTINGS)
    redialled = whole_redialled(everything, now)
    assert sum(a.answered for a in agents) == whole.answered + whole.called_back + redialled
    if not redialled:
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
    assert set(book.outgoing) <= {*OUTGOING}
    assert book.unexplained == {}

    callbacks = callback_figures(everything, now)
    assert sum(each.promised for each in callbacks) == t.Callback.select().count()
    for each in callbacks:
        assert each.promised == sum(each.ends.values()) and len(each.waits) == each.served
        assert each.predicted == each.as_expected + each.sooner + each.later
    assert sum(sum(each.attempts.values()) for each in callbacks) == t.Attempt.select().count()
    asked_for = [each for each in callbacks if not each.redial]
    assert sum(each.ends.get("open", 0) for each in asked_for) == whole.at_home


def whole_redialled(everything: Interval, now: float) -> int:
    return sum(each.served for each in callback_figures(everything, now) if each.redial)
