"""What is told afterwards of a call-back: to a supervisor while it is open, and by the records when it is over."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from appliance.facts import AgentState
from appliance.line.promises import First, attempt_id
from appliance.records import models as t
from appliance.records.moments import moments_text
from appliance.records.why import moments_of, story
from appliance.records.why_callback import calls_of
from appliance.trouble import Trouble
from tests.simulated.calling_back import CUSTOMER, attempts, called, promised, running, the_visit, with_callbacks
from tests.simulated.centre import Centre


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_callbacks()) as centre:
        yield centre


def listed(centre: Centre) -> list[dict[str, Any]]:
    data = centre.ask("callbacks")
    assert isinstance(data, list)
    return data


def test_the_whole_story_is_told_from_each_of_its_calls(centre: Centre) -> None:
    promised(centre)
    centre.switch.provider("north").refuses(486)
    centre.sign_on("alice")
    centre.until(lambda: attempts() == ["busy"])
    centre.switch.provider("north").answers(2)
    centre.switch.provider("north").presses("1")
    centre.phone("alice").answers(1, talks=20)
    called(centre, 2)
    centre.until(lambda: centre.state("alice") is AgentState.WRAP_UP)
    visit = the_visit()
    told = [m.text for m in moments_of([visit], calls_of([visit]), visit.call)]
    for piece in (
        f"is to be called back at {CUSTOMER}",
        "the call ends: call-back promised",
        f"attempt 1: {CUSTOMER} is called, since 1 agent",
        "attempt 1: trunk: busy (486 Busy Here: ",
        "attempt 1: busy, again in 2:00 at the earliest",
        "attempt 2: the customer presses the key",
        "talks to 1001",
        "the call-back ends: served",
    ):
        assert [text for text in told if text.startswith(piece)], (piece, told)
    for id in (visit.call, attempt_id(visit.id, 1), attempt_id(visit.id, 2)):
        from_there = story(t.Call.get_by_id(id))
        assert len(from_there.moments) == len(told)
        assert list(moments_text(from_there.moments, UTC, None))


def test_agent_first_the_agent_is_named(tmp_path: Path) -> None:
    with running(tmp_path, with_callbacks(First.AGENT)) as centre:
        promised(centre)
        centre.phone("alice").ignores()
        centre.sign_on("alice")
        centre.until(lambda: attempts() == ["agent missed"])
        (call,) = calls_of([the_visit()])[1:2]
        texts = [m.text for m in story(call).moments]
        assert any(text.startswith("attempt 1: agent 1001 is called first, at phone 201") for text in texts)


def test_a_supervisor_promises_puts_off_and_cancels(centre: Centre) -> None:
    promised(centre)
    added: Any = centre.ask("callback-add", queue="support", number="8 912 000-11-22", name="Ann", by="root")
    assert [(each["number"], each["place"]) for each in listed(centre)] == [(CUSTOMER, 1), ("+79120001122", 2)]
    with pytest.raises(Trouble, match="is to be called back for this queue already"):
        centre.ask("callback-add", queue="support", number="+79120001122")
    later = centre.clock.now() + 7200
    centre.ask("callback-move", callback=added["callback"], at=later, by="root")
    assert [each["not_before_at"] for each in listed(centre)][1] == later
    centre.kill()
    centre.run_for(3)
    centre.start()
    centre.run_for(1)
    assert [each["not_before_at"] for each in listed(centre)][1] == later, "it is written down"
    centre.ask("callback-cancel", callback=added["callback"], why="wrote an e-mail", by="root")
    row = t.Callback.get_by_id(added["callback"])
    assert (row.outcome, row.why) == ("cancelled", "wrote an e-mail, by root")
    assert [each["number"] for each in listed(centre)] == [CUSTOMER]
