"""A day at a call centre, written by hand into the records, and its figures."""

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from appliance.facts import AgentState
from appliance.port import Outcome
from appliance.records import models as t
from appliance.records.figures import AgentFigures, QueueFigures
from appliance.records.interval import Interval
from appliance.records.tally import agent_figures, queue_figures
from appliance.settings import Agent, Pause, Phone, Queue, Settings, Strategy

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
    came_back: str | None = None,
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
    t.Visit.create(head_start=0.0, came_back=came_back, **row)


def add_callback(
    id: str,
    promised: float = 0.0,
    outcome: str | None = None,
    ended: float | None = None,
    kind: str = "held",
    queue: str = "sales",
    wanted: float | None = None,
    number: str = "+74951234567",
    **more: Any,
) -> None:
    """A call-back of the visit of that call, promised after so many seconds."""
    at = NOON + promised
    wanted_at = at if wanted is None else NOON + wanted
    times = {"promised_at": at, "wanted_at": wanted_at, "not_before": wanted_at, "expires": at + 86400}
    about = {"first": "customer", "language": "", "name": "", "context": "{}"}
    over = {"outcome": outcome, "ended_at": None if ended is None else NOON + ended}
    values = {**about, **times, **over, **more}
    t.Callback.create(id=f"{id}.1", queue=queue, number=number, kind=kind, **values)


def add_attempt(
    id: str, n: int, at: float, outcome: str | None, ended: float | None = None, reached: float | None = None
) -> None:
    """An attempt of the visit of that call."""
    t.Attempt.create(
        id=f"{id}.1.c{n}",
        callback=f"{id}.1",
        n=n,
        at=NOON + at,
        first="customer",
        number="+74951234567",
        why="1 agent free or soon to be, nobody before",
        reached_at=None if reached is None else NOON + reached,
        ended_at=None if ended is None else NOON + ended,
        outcome=outcome,
    )
    t.Visit.update(later_call=f"{id}.1.c{n}").where(t.Visit.id == f"{id}.1").execute()


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
