"""Callers whom nobody has served: why, what became of them since, and the figures of it."""

import pytest

from appliance.facts import VisitOutcome
from appliance.records import models as t
from appliance.records.abandoned import Abandoned, abandoned
from appliance.records.owed_figures import TaskFigures, abandoned_figures, task_figures
from tests.unit.reports.day import HOUR, LATER, NOON, add_call, add_callback, add_visit

EVE, VERA = "+79161234567", "+74957654321"


def call(id: str, at: float, outcome: str, number: str | None = EVE, **more: object) -> None:
    add_call(id, NOON + at, NOON + at + 100, outcome, number=number, **more)


def gives_up(id: str, at: float = 0.0, number: str | None = EVE, **more: object) -> None:
    call(id, at, "abandoned", number)
    add_visit(id, joined=at, abandoned=60, **more)  # type: ignore[arg-type]


def found() -> dict[str, Abandoned]:
    return {each.call: each for each in abandoned(HOUR)}


def test_who_hung_up() -> None:
    gives_up("a")
    (one,) = abandoned(HOUR)
    assert (one.visit, one.reason, one.waited, one.number) == ("a.1", "hung up", 60.0, EVE)
    assert (one.left_at, one.called_again, one.served_at, one.is_open) == (NOON + 60, 0, None, True)


@pytest.mark.parametrize(
    "outcome, came_to, reason",
    [
        ("overflowed", "overflowed", "sent on"),
        ("overflowed", "forwarded not answered", "sent on"),
        ("overflowed", "forwarded answered", None),
        ("overflowed", "voicemail", None),
        ("unstaffed", "unstaffed", "nobody there"),
        ("opted out", "extension answered", None),
        ("opted out", "opted out", "left by a key"),
        ("unseen", "unseen", "unseen"),
        ("failed", "failed", "failed"),
        ("fallback", "fallback", None),
    ],
)
def test_why(outcome: str, came_to: str, reason: str | None) -> None:
    call("a", 0, came_to)
    add_visit("a", abandoned=30, outcome=VisitOutcome(outcome).value)
    assert [each.reason for each in abandoned(HOUR)] == ([reason] if reason else [])


def test_who_was_sent_on_and_served_there_is_none() -> None:
    call("a", 0, "answered")
    add_visit("a", abandoned=30, outcome="overflowed")
    t.Visit.create(
        **{"id": "a.2", "call": "a", "queue": "help", "leg": "leg-a", "joined_at": NOON + 30, "head_start": 0.0},
        **{"answered_at": NOON + 40, "ended_at": NOON + 40, "talk_ended_at": NOON + 80, "outcome": "answered"},
    )
    assert abandoned(HOUR) == []


def test_a_talk_that_broke_off() -> None:
    call("a", 0, "answered", cause="failed")
    add_visit("a", answered=10, talked=20)
    (one,) = abandoned(HOUR)
    assert (one.reason, one.waited, one.left_at) == ("broke off", 10.0, NOON + 30)
    call("b", 0, "answered", cause="normal")
    add_visit("b", answered=10, talked=20)
    assert len(abandoned(HOUR)) == 1, "a talk that was ended"


def test_what_became_of_them_since() -> None:
    gives_up("a")
    gives_up("b", 200)
    call("c", 400, "answered")
    add_visit("c", joined=400, answered=10, talked=60, agent="boris", queue="help")
    gives_up("d", 600)
    gives_up("other", 0, VERA)
    gives_up("nobody", 0, None)
    them = found()
    assert [(each.called_again, each.served_by) for each in them.values()] == [
        *((2, "boris"), (0, None), (0, None), (1, "boris"), (0, None)),
    ]
    assert (them["a"].called_again_at, them["a"].served_at) == (NOON + 200, NOON + 410)
    assert [id for id, each in them.items() if each.is_open] == ["nobody", "other", "d"]


def test_the_call_to_who_hung_up() -> None:
    gives_up("a")
    add_callback("r", 60, kind="abandoned", origin="a.1", number=EVE)
    (one,) = abandoned(HOUR)
    assert one.redialled is not None
    assert (one.redialled.callback, one.redialled.outcome, one.is_open) == ("r.1", None, False)
    t.Callback.update(outcome="unreached", ended_at=NOON + 500).execute()
    assert abandoned(HOUR)[0].is_open, "nobody will call any more"
    assert abandoned_figures(HOUR)[0].redialled == 1


def test_being_called_back_is_being_served() -> None:
    """A call-back that never was a call: its visit leads to the call of the attempt."""
    gives_up("a")
    add_callback("r", 60, "served", 400, kind="abandoned", origin="a.1", number=EVE)
    add_call("r.1.c1", NOON + 380, NOON + 500, "called back", number=EVE, direction="out")
    t.Visit.create(
        **{"id": "r.1", "call": "r", "queue": "sales", "leg": "r.1.c1", "joined_at": NOON + 60, "head_start": 0.0},
        **{"answered_at": NOON + 400, "ended_at": NOON + 400, "outcome": "answered", "agent": "anna"},
        later_call="r.1.c1",
    )
    (one,) = abandoned(HOUR)
    assert (one.served_by, one.served_at, one.called_again) == ("anna", NOON + 400, 0)
    (figures,) = abandoned_figures(HOUR)
    assert (figures.abandoned, figures.redialled, figures.redial_served, figures.still_open) == (1, 1, 1, 0)
    assert figures.served_rate == 1.0


def test_who_is_promised_a_call_has_not_been_lost() -> None:
    call("a", 0, "call-back promised")
    add_visit("a", abandoned=300, outcome="unreached")
    add_callback("a", 20, "unreached", 300)
    assert abandoned(HOUR) == []


def task(id: str, at: float = 0.0, done: float | None = None, **more: object) -> None:
    row = {"kind": "question", "text": "x", "opened_by": "x", "about": "", "because": "[]", "keyed": False}
    times = {"opened_at": NOON + at, "first_due": NOON + at + 600, "due": NOON + at + 600}
    over = {} if done is None else {"done_at": NOON + done}
    t.TaskRow.create(id=id, **{**row, **times, **over, "queue": "sales", "owner": "anna", **more})


def test_tasks_by_queue_and_owner() -> None:
    task("a", done=300)
    task("b", done=900, told=2)
    task("c")
    task("moved", due=LATER + 9999)
    task("d", at=1e6)
    task("e", owner=None, queue=None)
    assert task_figures(HOUR, LATER) == [
        TaskFigures("", "nobody", 1, 0, 1, 0),
        TaskFigures("sales", "anna", opened=4, done=2, late=3, escalated=1),
    ]
    assert task_figures(HOUR, NOON + 100)[1].late == 1, "which were not late then, but for the one done late"
    assert [each.owner for each in task_figures(HOUR, LATER, queue="sales", owner="anna")] == ["anna"]
