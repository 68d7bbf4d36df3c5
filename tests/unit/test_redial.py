"""Who has hung up in line: whether they are called without having asked for it, and when not any more."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from appliance import facts as f
from appliance.callbacks.allowed import Allowed, NotAllowed, Why
from appliance.callbacks.redial import Redials
from appliance.line import messages as m
from appliance.line.promises import CallbackEnd, First, Kind, Promise
from appliance.settings import Callback, Settings
from appliance.settings.callback import Redial
from tests.simulated.centre import settings

NOW = 1_000_000_000.0
NUMBER = "+74957654321"
RULE = Redial(after=300.0, waited=20.0, within=7200.0, tries=2)


def with_redial(rule: Redial | None = RULE) -> Settings:
    old = settings()
    support = replace(old.queues["support"], callback=Callback(redial=rule))
    return replace(old, queues={**old.queues, "support": support})


def redials(rule: Redial | None = RULE, may_call: str = "") -> Redials:
    said = NotAllowed(Why.NO_RULE, may_call) if may_call else Allowed(NUMBER)
    return Redials(with_redial(rule), lambda: "new-001.1", lambda settings, queue, number: said)


def arrives(call: str = "c1", number: str | None = NUMBER, queue: str = "support") -> list[f.Fact]:
    return [
        f.CallStarted(call, NOW, f"{call}-leg", "", "", "", "trunk"),
        f.CallIdentified(call, NOW, number, None, "Vera", None, "ru"),
        f.VisitJoined(f"{call}.1", call, queue, NOW, 0.0, f"{call}-leg"),
    ]


def hangs_up(after: float, call: str = "c1") -> list[f.Fact]:
    outcome = f.VisitOutcome.ABANDONED
    return [
        f.VisitEnded(f"{call}.1", NOW + after, outcome),
        f.CallEnded(call, NOW + after, f.CallOutcome.ABANDONED),
    ]


def told(them: Redials, facts: list[f.Fact], at: float) -> tuple[list[m.Message], list[str]]:
    messages, notes = them.follow(facts, at)
    return messages, [note.detail for note in notes if isinstance(note, f.Stepped)]


def test_who_has_waited_is_called() -> None:
    them = redials()
    assert told(them, arrives(), NOW) == ([], [])
    messages, why = told(them, hangs_up(60), NOW + 60)
    promise = Promise(
        *(NUMBER, Kind.ABANDONED, First.AGENT, NOW + 360, NOW + 60 + 7200),
        language="ru",
        name="Vera",
        origin="c1.1",
    )
    assert messages == [m.CallerJoins("new-001.1", "new-001", "support", 0.0, "", promise=promise)]
    assert why == ["is called in 5 min at the earliest, an agent first"]


@pytest.mark.parametrize(
    "rule, number, after, may_call, why",
    [
        (None, NUMBER, 60, "", []),
        (RULE, NUMBER, 19, "", ["has waited for 19 s, which is less than 20 s"]),
        (RULE, None, 60, "", ["the number is withheld"]),
        (RULE, NUMBER, 60, "no rule allows it", ["no rule allows it"]),
    ],
)
def test_who_is_not(rule: Redial | None, number: str | None, after: float, may_call: str, why: list[str]) -> None:
    them = redials(rule, may_call)
    them.follow(arrives(number=number), NOW)
    assert told(them, hangs_up(after), NOW + after) == ([], why)


@pytest.mark.parametrize("outcome", [each for each in f.VisitOutcome if each is not f.VisitOutcome.ABANDONED])
def test_only_who_hangs_up(outcome: f.VisitOutcome) -> None:
    them = redials()
    them.follow(arrives(), NOW)
    assert told(them, [f.VisitEnded("c1.1", NOW + 60, outcome)], NOW + 60) == ([], [])


def promised(kind: Kind = Kind.ABANDONED, queue: str = "support", visit: str = "r1.1") -> f.CallbackPromised:
    return f.CallbackPromised(visit, NOW, queue, Promise(NUMBER, kind, First.AGENT, NOW, NOW + 7200))


@pytest.mark.parametrize("kind", Kind)
def test_one_for_a_number_and_queue(kind: Kind) -> None:
    them = redials()
    them.follow([*arrives(), promised(kind)], NOW)
    assert told(them, hangs_up(60), NOW + 60) == ([], ["is to be called already"])
    them = redials()
    them.follow([*arrives(), promised(kind, "sales")], NOW)
    assert len(told(them, hangs_up(60), NOW + 60)[0]) == 1, "in another queue"


def test_who_calls_again_is_not_called() -> None:
    them = redials()
    them.follow([promised()], NOW)
    (message,) = told(them, arrives("c2", queue="sales"), NOW)[0]
    why = "called again, and waits in the queue sales: call c2"
    assert message == m.EndCallback("r1.1", CallbackEnd.CALLED_IN, why)
    assert told(them, arrives("c3", number="+74950000000"), NOW)[0] == [], "somebody else"
    assert told(them, arrives("c4", number=None), NOW)[0] == [], "nobody knows who"


def test_who_has_been_served_is_not_called() -> None:
    them = redials()
    them.follow(arrives("c2"), NOW)
    them.follow([promised()], NOW)
    (message,) = told(them, [f.VisitAnswered("c2.1", NOW + 9, "1001")], NOW + 9)[0]
    assert message == m.EndCallback("r1.1", CallbackEnd.SERVED_OTHERWISE, "talked to agent 1001 in the visit c2.1")


def test_being_served_by_another_call_back_counts_too() -> None:
    them = redials()
    them.follow([promised(), promised(Kind.WEB, "sales", "w1.1")], NOW)
    (message,) = told(them, [f.VisitAnswered("w1.1", NOW + 9, "1001")], NOW + 9)[0]
    assert isinstance(message, m.EndCallback) and message.visit == "r1.1"
    assert told(them, [f.VisitAnswered("r1.1", NOW + 9, "1001")], NOW + 9)[0] == [], "but not by itself"


def test_call_backs_that_were_asked_for_are_not_ended() -> None:
    them = redials()
    them.follow([promised(Kind.WEB)], NOW)
    assert told(them, [*arrives("c2"), f.VisitAnswered("c2.1", NOW + 9, "1001")], NOW + 9)[0] == []


def test_what_was_going_on_goes_on() -> None:
    """After a restart: whoever stood in line then is known, and who was to be called."""
    them = redials()
    them.restore_call("c1", NUMBER, "Vera", "ru")
    them.restore_visit("c1.1", "c1", "support", NOW)
    assert len(told(them, hangs_up(60), NOW + 60)[0]) == 1
    them.restore_callback("r1.1", "support", promised().promise)
    assert isinstance(told(them, arrives("c2"), NOW)[0][0], m.EndCallback)


def test_what_has_ended_is_forgotten() -> None:
    them = redials()
    them.follow([*arrives(), *hangs_up(5)], NOW)
    them.follow([promised(), f.CallbackEnded("r1.1", NOW, CallbackEnd.UNREACHED)], NOW)
    assert (them._calls, them._visits, them._open) == ({}, {}, {})


def test_only_while_the_queue_is_open() -> None:
    """Who hangs up at a minute to six is called at nine the next morning, if that is soon enough."""
    evening = datetime(2026, 11, 19, 17, 59, tzinfo=UTC).timestamp()
    for within, expected in ((20 * 3600.0, datetime(2026, 11, 20, 9, tzinfo=UTC)), (3600.0, None)):
        rules = with_redial(replace(RULE, within=within))
        support = replace(rules.queues["support"], hours="office")
        them = redials()
        them.settings = replace(rules, queues={"support": support})
        them.follow(arrives(), evening - 60)
        messages, why = told(them, hangs_up(60), evening)
        if expected is None:
            assert (messages, why) == ([], ["may not be called at any time that is left"])
        else:
            (message,) = messages
            assert isinstance(message, m.CallerJoins) and message.promise is not None
            assert datetime.fromtimestamp(message.promise.not_before, UTC) == expected
