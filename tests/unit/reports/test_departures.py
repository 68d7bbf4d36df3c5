"""Callers who left a queue for elsewhere, in reports, and in the story of one call."""

from appliance import facts as f
from appliance.facts import CallOutcome, VisitOutcome
from appliance.records import models as t
from appliance.records.departures import departure_figures, departures_text
from appliance.records.reports import report, report_call, report_data, report_text
from appliance.records.store import Store
from appliance.records.why import find_call, story, story_data, story_text
from tests.unit.reports.day import HOUR, MOSCOW, NOON, SETTINGS


def leaves(call: str, after: float, outcome: VisitOutcome, rule: str, to: str, queue: str = "sales") -> None:
    end, visit = NOON + after, f"{call}.1"
    because = ("queues", queue, "overflow", "0", "to")
    Store(t.database).write(
        [
            f.CallStarted(call, NOON, f"leg-{call}", "", "", "74950000000", "main"),
            f.VisitJoined(visit, call, queue, NOON, 0.0, f"leg-{call}"),
            f.SentOn(visit, call, end, outcome, rule, "has waited", because, to, after),
            f.VisitEnded(visit, end, outcome),
            f.CallProgressed(call, end, CallOutcome(outcome.value)),
            f.CallEnded(call, end + 5, CallOutcome(outcome.value)),
        ]
    )


def some() -> None:
    leaves("c1", 300.0, VisitOutcome.OVERFLOWED, "after 5m", "queue support")
    leaves("c2", 310.0, VisitOutcome.OVERFLOWED, "after 5m", "queue support")
    leaves("c3", 0.0, VisitOutcome.OVERFLOWED, "length 20", "message")
    leaves("c4", 20.0, VisitOutcome.OPTED_OUT, "key 1", "number +79161234567")
    leaves("c5", 0.0, VisitOutcome.UNSTAFFED, "nobody there", "hang up", queue="support")


def test_they_are_counted_by_queue_and_rule_and_the_sum_is_that_of_the_queue() -> None:
    some()
    figures = departure_figures(HOUR)
    assert [(d.queue, d.outcome, d.rule, d.to, d.callers, d.average_wait) for d in figures] == [
        ("sales", "overflowed", "after 5m", "queue support", 2, 305.0),
        ("sales", "opted out", "key 1", "number +79161234567", 1, 20.0),
        ("sales", "overflowed", "length 20", "message", 1, 0.0),
        ("support", "unstaffed", "nobody there", "hang up", 1, 0.0),
    ]
    assert [each.queue for each in departure_figures(HOUR, "support")] == ["support"]
    found = report(HOUR, NOON + 3600, SETTINGS)
    sales = next(queue for queue in found.queues if queue.queue == "sales")
    assert (sales.offered, sales.overflowed, sales.opted_out, sales.unstaffed) == (4, 3, 1, 0)
    assert found.ledger is not None and found.ledger.unexplained == {}
    assert found.ledger.outcomes == {"overflowed": 3, "unstaffed": 1, "opted out": 1}
    assert departures_text(figures) in report_text(found)
    assert report_data(found)["departures"][0]["callers"] == 2


def test_the_story_says_by_which_rule_and_where_to() -> None:
    some()
    told = story(find_call("c1"))
    text = "leaves the queue after a wait of 5:00: overflowed (after 5m: has waited), to queue support"
    assert text in story_text(told, MOSCOW, SETTINGS)
    left = next(m for m in story_data(told, MOSCOW)["moments"] if m["kind"] == "left")
    assert (left["rule"], left["to"], left["because"][0]) == ("after 5m", "queue support", "queues")
    assert "overflowed (after 5m), to queue support" in report_call("c1", SETTINGS)
