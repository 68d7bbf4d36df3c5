"""Tasks that are late: who is told, by which way, what stops the chain, and what a crash in between changes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.records import models as t
from appliance.records.tasks import find_task, story
from appliance.settings import Disposition, DispositionList, Settings, Webhook
from appliance.settings.tasks import OWNER, Escalation, Mail, Owing
from appliance.settings.trunks import Numbers, OutboundRule, Trunk
from appliance.simulation.people import Stage
from appliance.trouble import Trouble
from tests.simulated.centre import AGENTS, SUPPORT_LINE, Centre, running, settings

DUE = 600.0
HOOK = "https://example.com/late"
MANAGER = "+79161234567"
TELLING = Escalation(0.0, webhook=HOOK)
WRITING = Escalation(60.0, email=("shift@example.com", "head@example.com"))
RINGING = Escalation(120.0, call="203")


def with_tasks(*chain: Escalation) -> Settings:
    old = settings()
    choices = {"1": Disposition("1", "solved"), "2": Disposition("2", "to be called back", Owing(DUE))}
    return replace(
        old,
        dispositions={"outcomes": DispositionList("outcomes", None, choices)},
        escalation=chain,
        mail=Mail("mail.example.com", "appliance@example.com"),
        trunks={"provider": Trunk("provider", "sip.example.com")},
        outbound={"all": OutboundRule("all", (Numbers(prefix="+7"),), trunks=("provider",))},
    )


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_tasks(TELLING, WRITING, RINGING)) as centre:
        yield centre


def rules(centre: Centre, *chain: Escalation) -> None:
    """Restart with another chain."""
    centre.kill()
    centre.settings = replace(with_tasks(*chain), recordings=centre.settings.recordings)
    centre.start()


def add(centre: Centre, due: float = DUE, **more: Any) -> Any:
    """A task somebody has written down."""
    task = centre.ask("task-add", text="Write to them", due=centre.clock.now() + due, by="Anna", **more)
    assert isinstance(task, dict)
    return t.TaskRow.get_by_id(task["task"])


def told(centre: Centre) -> list[tuple[str, bool | None, str]]:
    return [(row.to, row.fine, row.detail) for row in t.TaskNotice.select().order_by(t.TaskNotice.at)]


def restart(centre: Centre, after: float = 1.0) -> None:
    centre.kill()
    centre.run_for(after)
    centre.start()
    centre.run_for(0.5)


def test_an_open_question_becomes_a_task(centre: Centre) -> None:
    """Alice keys that something is left: it is hers, and Carol hears of it when nobody has done it."""
    centre.sign_on("alice")
    centre.phone("alice").answers(after=1)
    caller = centre.call(SUPPORT_LINE, from_="+74957654321")
    centre.until(lambda: caller.stage is Stage.TALKING)
    centre.phone("alice").keys_afterwards("2#")
    caller.hang_up()
    centre.until(lambda: t.TaskRow.select().exists())
    (row,) = t.TaskRow.select()
    assert (row.text, row.owner, row.number, row.queue) == (
        *("to be called back", AGENTS["alice"], "+74957654321"),
        "support",
    )
    assert row.due == pytest.approx(row.opened_at + DUE)

    centre.run_for(DUE + 70)
    message = f"<{row.id}.n2@example.com>"
    both = "shift@example.com, head@example.com"
    assert centre.letters.taken == [(HOOK, f"{row.id}.n1"), (both, message)]
    assert centre.letters.bodies[0]["task"]["number"] == "+74957654321"
    assert centre.letters.mails[0]["Subject"] == "Late: to be called back (Support)"
    assert "alice (1001)" in centre.letters.mails[0].get_content()

    centre.phone("carol").answers(after=1)
    centre.until(lambda: centre.phone("carol").stage is not Stage.GONE)
    carol = centre.phone("carol").call
    centre.until(lambda: carol.stage is not Stage.RINGING)
    carol.press("1", after=3)
    centre.until(lambda: carol.stage is Stage.GONE)
    centre.run_for(1)
    row = t.TaskRow.get_by_id(row.id)
    assert row.taken_at is not None and row.done_at is None
    assert told(centre)[-1] == ("call to 203", True, "203 has taken it over")
    centre.ask("task-done", task=row.id, outcome="called", by="Carol")
    assert [(each.what, each.detail) for each in story(find_task("last"))] == [
        ("opened", "by agent 1001, for agent 1001"),
        ("late", f"webhook {HOOK}"),
        ("told", "taken"),
        ("late", f"e-mail to {both}"),
        ("told", "taken by mail.example.com"),
        ("late", "call to 203"),
        ("taken", "by 203, on the phone, to agent 1001"),
        ("told", "203 has taken it over"),
        ("done", "by Carol: called"),
    ]


def test_what_is_done_in_time_bothers_nobody(centre: Centre) -> None:
    task = add(centre)
    centre.run_for(DUE - 1)
    centre.ask("task-done", task=task.id, by="Anna")
    centre.run_for(DUE)
    assert centre.letters.tries == 0 and told(centre) == []
    with pytest.raises(Trouble, match="no such task, or it is done"):
        centre.ask("task-done", task=task.id, by="Anna")


def test_a_server_that_is_away_is_tried_again(centre: Centre) -> None:
    centre.letters.trouble = "connection refused"
    task = add(centre)
    centre.run_for(DUE + 31)
    assert centre.letters.tries == 2
    assert told(centre) == [(f"webhook {HOOK}", None, "connection refused")]
    centre.letters.trouble = ""
    centre.run_for(120)
    assert (HOOK, f"{task.id}.n1") in centre.letters.taken
    assert (told(centre)[0][1], t.TaskNotice.get(t.TaskNotice.n == 1).tries) == (True, 3)


def test_it_is_given_up_some_time(centre: Centre) -> None:
    centre.letters.trouble = "connection refused"
    rules(centre, TELLING)
    add(centre)
    centre.run_for(DUE + 7200)
    assert told(centre) == [(f"webhook {HOOK}", False, "connection refused")]
    assert centre.letters.tries == 4


def test_nobody_is_told_of_what_was_done_meanwhile(centre: Centre) -> None:
    centre.letters.trouble = "connection refused"
    rules(centre, TELLING)
    task = add(centre)
    centre.run_for(DUE + 1)
    centre.ask("task-done", task=task.id, by="Anna")
    centre.letters.trouble = ""
    centre.run_for(60)
    assert centre.letters.taken == [] and told(centre) == [(f"webhook {HOOK}", False, "it was done before")]


def test_a_webhook_of_the_configuration_is_named_and_signed(centre: Centre) -> None:
    rules(centre, Escalation(0.0, webhook="crm"))
    add(centre)
    centre.kill()
    centre.settings = replace(centre.settings, webhooks={"crm": Webhook("crm", HOOK, events=())})
    centre.start()
    centre.run_for(DUE + 1)
    assert [to for to, _ in centre.letters.taken] == [HOOK] and centre.letters.secrets == ["key of crm"]
    assert told(centre) == [("webhook crm", True, "taken")]


# The phone


def test_the_owner_is_called_where_they_work(centre: Centre) -> None:
    rules(centre, Escalation(0.0, agent=OWNER), Escalation(60.0, webhook=HOOK))
    centre.sign_on("bob")
    centre.phone("bob").answers(after=1)
    add(centre, owner=AGENTS["bob"])
    centre.until(lambda: centre.phone("bob").stage is not Stage.GONE, within=DUE + 10)
    bob = centre.phone("bob").call
    centre.until(lambda: bob.stage is Stage.GONE, within=200)
    centre.run_for(60)
    assert told(centre)[0] == ("call to the owner", True, "202 has answered, and not taken it over")
    assert centre.letters.taken, "so that the chain goes on"


@pytest.mark.parametrize(
    "step, more, detail",
    [
        (Escalation(0.0, agent=OWNER), {}, "the task has no owner"),
        (Escalation(0.0, agent=OWNER), {"owner": "1003"}, "agent 1003 is not signed on"),
        (Escalation(0.0, call="203"), {}, "203: no answer"),
        (Escalation(0.0, call="+442079460000"), {}, "+442079460000 may not be called: no rule allows it"),
    ],
)
def test_who_is_not_there(centre: Centre, step: Escalation, more: dict[str, Any], detail: str) -> None:
    rules(centre, step)
    add(centre, **more)
    centre.run_for(DUE + 2000)
    assert told(centre) == [(step.to, False, detail)]


def test_a_number_outside_is_called_by_the_rules(centre: Centre) -> None:
    rules(centre, Escalation(0.0, call=MANAGER))
    centre.switch.provider("provider")
    add(centre)
    centre.run_for(DUE + 5)
    manager = centre.switch.provider("provider").call
    assert centre.daemon is not None and centre.daemon.desk.lines.calls_by("all") == 1
    manager.pick_up()
    manager.press("1", after=4)
    centre.run_for(10)
    assert told(centre) == [(f"call to {MANAGER}", True, f"{MANAGER} has taken it over")]
    assert centre.daemon.desk.lines.calls_by("all") == 0
    assert t.Call.select().count() == 0, "no customer's call"


# kill -9


def test_killed_before_it_is_due_it_is_told_once(centre: Centre) -> None:
    rules(centre, TELLING)
    task = add(centre)
    restart(centre)
    assert [row.id for row in t.TaskRow.select()] == [task.id]
    centre.run_for(DUE)
    restart(centre)
    centre.run_for(DUE)
    assert centre.letters.taken == [(HOOK, f"{task.id}.n1")]


def test_due_while_nobody_was_there_it_is_told_at_once(centre: Centre) -> None:
    rules(centre, TELLING)
    task = add(centre)
    restart(centre, after=DUE + 100)
    centre.run_for(1)
    assert centre.letters.taken == [(HOOK, f"{task.id}.n1")]


def test_killed_while_it_is_told_it_is_told_again_under_the_same_id(centre: Centre) -> None:
    """Whether the other side has it nobody knows then: better twice than never."""
    rules(centre, TELLING)
    task = add(centre)
    centre.letters.on_try = lambda: centre.clock.sleep(30)  # the server takes its time
    centre.run_for(DUE + 10)
    assert centre.letters.tries == 1 and told(centre) == [(f"webhook {HOOK}", None, "")]
    centre.kill()
    centre.letters.on_try = lambda: None
    centre.start()
    centre.run_for(60)
    assert centre.letters.taken == [(HOOK, f"{task.id}.n1")] and centre.letters.tries == 2
    restart(centre)
    centre.run_for(DUE)
    assert centre.letters.tries == 2, "told, and written down"


def test_killed_while_a_phone_rings_it_rings_again(centre: Centre) -> None:
    rules(centre, Escalation(0.0, call="203"))
    add(centre)
    centre.run_for(DUE + 5)
    assert centre.phone("carol").stage is Stage.RINGING
    centre.kill()
    centre.phone("carol").pick_up()
    centre.run_for(3)
    assert centre.phone("carol").stage is Stage.GONE, "the switch knows nothing to say"
    centre.start()
    centre.until(lambda: centre.phone("carol").stage is Stage.RINGING, within=60)
    centre.phone("carol").answers(after=0)
    centre.phone("carol").pick_up()
    centre.phone("carol").press("1", after=3)
    centre.run_for(20)
    assert told(centre) == [("call to 203", True, "203 has taken it over")]
    restart(centre)
    assert centre.engine.owed.tasks.get(t.TaskRow.get().id).taken, "nobody else is told after a restart either"


def test_moved_it_is_late_once_more(centre: Centre) -> None:
    rules(centre, TELLING)
    task = add(centre)
    centre.run_for(DUE + 5)
    centre.ask("task-move", task=task.id, due=centre.clock.now() + DUE, by="Anna", why="they are away")
    restart(centre)
    assert len(centre.letters.taken) == 1
    centre.run_for(DUE)
    assert centre.letters.taken[1:] == [(HOOK, f"{task.id}.n2")]
