"""What supervisors see and are told: who could take a call now, and what is known where a name is not."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.live import Live
from appliance.settings import Agent, Pause, Phone, Queue, Settings, Strategy
from appliance.supervision import answer
from appliance.trouble import Trouble

AGENTS = {id: Agent(id, name) for id, name in (("1001", "Anna"), ("1002", "Boris"), ("1003", "Vera"))}
SETTINGS = Settings(
    directory=Path("/"),
    company="Tea",
    country="RU",
    time_zone="UTC",
    language="en",
    agents=AGENTS,
    phones={id: Phone(id, id) for id in ("201", "202", "203")},
    pauses={"1": Pause("1", "Lunch")},
    queues={"sales": Queue("sales", "Sales", Strategy.RING_ALL, tuple(AGENTS))},
)


@pytest.fixture
def engine() -> Any:
    """An engine whose loop takes one message at a time, at once."""
    acd = Acd(SETTINGS)
    return SimpleNamespace(
        settings=SETTINGS,
        acd=acd,
        live=Live(),
        clock=SimpleNamespace(now=lambda: 100.0),
        ask=lambda message: acd.handle(message, 100.0),
    )


def test_ready_is_who_could_take_a_call_now(engine: Any) -> None:
    for agent, phone in (("1001", "201"), ("1002", "202"), ("1003", "203")):
        answer(engine, "agent-sign-on", {"agent": agent, "phone": phone})
    engine.acd.handle(m.PhoneReachable("201", True), 100.0)
    engine.acd.handle(m.PhoneReachable("203", True), 100.0)
    engine.acd.handle(m.PhoneInUse("203", True), 100.0)
    queues: Any = answer(engine, "queues", {})
    (queue,) = queues
    assert queue["ready"] == 1
    assert queue["bound"] == {"times": 1.0, "seconds": 0.0}
    assert [(a["agent"], a["name"], a["state"], a["obstacle"]) for a in queue["agents"]] == [
        ("1001", "Anna", "ready", None),
        ("1002", "Boris", "ready", "phone not reachable"),
        ("1003", "Vera", "ready", "phone in use"),
    ]
    answer(engine, "agent-pause", {"agent": "1001", "reason": "1"})
    queues = answer(engine, "queues", {})
    assert (queues[0]["ready"], queues[0]["paused"]) == (0, 1)


@pytest.mark.parametrize(
    ("command", "arguments", "sentence"),
    [
        (
            "agent-sign-on",
            {"agent": "anna", "phone": "201"},
            "There is no such agent: there are 1001, 1002, 1003.",
        ),
        ("agent-sign-on", {"agent": "1001", "phone": "9"}, "There is no such phone: there are 201, 202, 203."),
        ("agent-pause", {"agent": "1001", "reason": "9"}, "There is no such reason to pause: there is 1 (Lunch)."),
        ("agent-resume", {"agent": "1"}, "There is no such agent: there are 1001, 1002, 1003."),
        ("agent-resume", {"agent": "1001"}, "The agent is not signed on."),
    ],
)
def test_a_refusal_names_what_is_known(
    engine: Any, command: str, arguments: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Trouble) as trouble:
        answer(engine, command, arguments)
    assert str(trouble.value) == sentence
