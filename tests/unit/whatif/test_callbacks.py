"""A day with call-backs goes by once more: exactly, from the journal; and as what was recorded of people."""

from pathlib import Path

from appliance import facts as f
from appliance.facts import VisitOutcome
from appliance.line import messages as m
from appliance.line.promises import AttemptEnd, First, Kind, Promise, attempt_id
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.interval import Interval
from appliance.whatif.recorded import read_day
from appliance.whatif.replay import mark_for, replay
from tests.unit.reports.day import MOSCOW
from tests.unit.test_callbacks_kept import LINE, Life, promised
from tests.unit.test_retention import ANN, BOB, NOW


def a_day(data: Path) -> Life:
    """One who held goes home, is called and served; one has chosen a time; one has hung up, and calls in."""
    here = Life(open_database("sqlite", data), NOW)
    here.store.write([], here.acd.journal.take())
    held = Promise(ANN, Kind.HELD, First.CUSTOMER, NOW + 30, NOW + 86400)
    here.tell(m.CallerJoins("c1.1", "c1", "support", 0.0, "l1"))
    here.now += 30
    here.tell(m.GoHome("c1.1", held))
    here.tell(m.CallerJoins("c2.1", "c2", "support", 0.0, "c2", promise=promised(BOB, NOW + 7200)))
    here.now += 20
    here.tell(m.Tick(), m.PhoneReachable("p1", True), m.SignOn("a1", "p1"))
    in_vain, called = (attempt_id("c1.1", n) for n in (1, 2))
    here.store.write([f.LegOpened(in_vain, here.now, "a phone's", "p1"), f.LegClosed(here.now, "a phone's", None)])
    here.tell(m.AttemptFails("c1.1", 1, AttemptEnd.NO_AGENT))
    here.now += 60
    here.tell(m.Tick())
    here.now += 10
    here.tell(m.Tick(), m.CustomerAgrees("c1.1", 2, called, called))
    here.now += 3
    here.tell(m.Tick(), m.TalkBegins("c1.1", "a1"))
    here.now += 60
    here.tell(m.Tick(), m.TalkEnds("c1.1"), m.Pause("a1", "1"))
    here.now = NOW + 7300
    here.tell(m.Tick(), m.ComesBack("c2.1", "c3", "l3"), m.CallerGone("c2.1"))
    return here


def test_the_journal_gives_the_same_decisions(tmp_path: Path) -> None:
    here = a_day(tmp_path)
    mark = mark_for(NOW, here.now + 1)
    assert mark is not None
    done = replay(mark, NOW, here.now + 1, lambda version: LINE)
    assert done.difference is None and done.unknown == []
    assert {"CallbackPromised", "AttemptBegan", "CustomerReached", "AttemptEnded", "CallbackEnded"} <= done.kinds
    t.database.close()


def test_what_was_recorded_tells_who_held_and_who_did_not(tmp_path: Path) -> None:
    here = a_day(tmp_path)
    day = read_day(Interval(NOW - 60, NOW + 9000, MOSCOW), here.now + 60)
    first, second = day.stays
    assert (first.visit, first.held, first.outcome) == ("c1.1", 30.0, VisitOutcome.ANSWERED)
    assert (first.wait, first.talk) == (123.0, 60.0)
    assert (second.visit, second.joined_at, second.held, second.outcome) == (
        *("c2.1", NOW + 7200, 0.0),
        VisitOutcome.ABANDONED,
    )
    assert day.uses == [], "calls to those at home are calls of the queue"
    t.database.close()
