"""Sums that reconcile for any history."""

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
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.figures import total
from appliance.records.interval import Interval
from appliance.records.ledger import ledger
from appliance.records.store import Store
from appliance.records.tally import agent_figures, queue_figures
from tests.unit.reports.day import MOSCOW, NOON, SETTINGS


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
