"""What is different between two configurations, as an operator reads it."""

from dataclasses import replace
from datetime import time

import pytest

from appliance.line.promises import AttemptEnd
from appliance.settings import Destination, Overflow, Prompt, Queue, Say, Settings, Strategy, WhenEmpty
from appliance.settings.callback import Callback, Redial, Slots
from appliance.settings.tasks import Escalation, Owing
from appliance.versions.differences import differences
from tests.simulated.centre import MAIN, SUPPORT_LINE, say, settings

OLD = settings(phrases={"goodbye": say("Good bye")})


def changed(queue: str = "support", **changes: object) -> Settings:
    return replace(OLD, queues={**OLD.queues, queue: replace(OLD.queues[queue], **changes)})  # type: ignore[arg-type]


def test_nothing_is_different() -> None:
    assert differences(OLD, settings(phrases={"goodbye": say("Good bye")})) == []


SALES = Destination(queue="sales")
NEW_QUEUE = Queue("claims", "Claims", Strategy.RING_ALL, ())
NUMBER = OLD.numbers[SUPPORT_LINE]


@pytest.mark.parametrize(
    "new, sentences",
    [
        (changed(ring_for=20.0), ["queue support: ring_for 15 s -> 20 s"]),
        (changed(agents=("1001",)), ["queue support: agents 1002 leaves"]),
        (changed(agents=("1002", "1001", "1003")), ["queue support: agents 1003 joins"]),
        (changed(agents=("1002", "1001")), ["queue support: agents in another order: 1002, 1001"]),
        (changed(strategy=Strategy.RING_ALL), ["queue support: strategy longest-idle -> ring-all"]),
        (changed(record=False), ["queue support: record yes -> no"]),
        (
            changed(overflow=(Overflow(SALES, after=300.0),), keys={"1": SALES}, when_empty=WhenEmpty(SALES)),
            [
                "queue support: overflow after 5m to queue sales joins",
                "queue support: when_empty none -> nobody there for 1m to queue sales",
                "queue support: keys 1 is new: queue sales",
            ],
        ),
        (changed(greeting=say("Hello")), ["queue support: greeting none -> “Hello”"]),
        (replace(OLD, queues={**OLD.queues, "claims": NEW_QUEUE}), ["queue claims: is new, Claims"]),
        (replace(OLD, company="Other"), ["company: Test -> Other"]),
        (
            replace(OLD, numbers={**OLD.numbers, SUPPORT_LINE: replace(NUMBER, open=Destination(menu="main"))}),
            [f"number {SUPPORT_LINE}: open queue support -> menu main"],
        ),
        (
            replace(OLD, numbers={**OLD.numbers, MAIN: replace(OLD.numbers[MAIN], greeting=say("Hi"))}),
            [f"number {MAIN}: greeting in en “welcome” -> “Hi”"],
        ),
        (
            replace(OLD, menus={**OLD.menus, "service": replace(OLD.menus["service"], choices={})}),
            [
                "menu service: choices 1 is removed (was queue support)",
                "menu service: choices * is removed (was back)",
            ],
        ),
        (
            replace(OLD, phrases={"goodbye": Prompt({"en": Say("Bye"), "ru": Say("Пока")})}),
            ["phrase goodbye: in en “Good bye” -> “Bye”", "phrase goodbye: in ru none -> “Пока”"],
        ),
        (replace(OLD, removed={"x": Destination(hang_up=True)}), ["removed queue x: is new: hang up"]),
        (replace(OLD, network=replace(OLD.network, sip_port=5070)), ["network: sip_port 5060 -> 5070"]),
    ],
)
def test_it_is_said_by_the_words_of_the_yaml(new: Settings, sentences: list[str]) -> None:
    assert [str(each) for each in differences(OLD, new)] == sentences


CALLED = changed(callback=Callback(tries=2))


@pytest.mark.parametrize(
    "old, new, sentences",
    [
        (OLD, CALLED, ["callback no -> yes", "callback tries 3 -> 2"]),
        (CALLED, OLD, ["callback yes -> no"]),
        (
            CALLED,
            changed(callback=Callback(tries=2, offer_after=30.0, expires=7200.0, from_time=time(9))),
            [
                "callback offer after none -> 30s",
                "callback expires 24h -> 2h",
                "callback customer_hours from none -> 09:00:00",
            ],
        ),
        (
            CALLED,
            changed(callback=Callback(tries=2, delays={**Callback().delays, AttemptEnd.NO_ANSWER: 60.0})),
            ["callback again no_answer 15m -> 1m"],
        ),
        (
            CALLED,
            changed(callback=Callback(tries=2, slots=Slots(capacity=1), redial=Redial())),
            ["callback slots no -> yes", "callback slots capacity 3 -> 1", "callback redial no -> yes"],
        ),
        (
            CALLED,
            changed(
                callback=Callback(tries=2, task=Owing(3600.0, "office")),
                escalation=(
                    Escalation(1800.0, email=("a@example.com",), hours="office"),
                    Escalation(3600.0, call="201"),
                ),
            ),
            [
                "callback task none -> due in 1h of office",
                "escalation e-mail to a@example.com after 30m in the hours office, call to 201 after 1h join",
            ],
        ),
        (
            changed(keys={"1": Destination(callback="support")}),
            changed(keys={"1": Destination(callback="support", at_a_time=True)}),
            ["keys 1 callback support -> callback support, at a time that is chosen"],
        ),
    ],
)
def test_call_backs_are_said_by_the_words_of_the_yaml(old: Settings, new: Settings, sentences: list[str]) -> None:
    assert [str(each) for each in differences(old, new)] == [f"queue support: {each}" for each in sentences]
