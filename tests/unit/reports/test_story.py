"""The story of one call."""

import pytest

from appliance import facts as f
from appliance.facts import AgentState, CallOutcome, VisitOutcome
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.reports import report_call
from appliance.records.store import Store
from appliance.records.why import find_call, story, story_data, story_text
from appliance.trouble import Trouble
from tests.unit.reports.day import MOSCOW, NOON, SETTINGS, add_call, add_visit


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
