"""Opening hours set by hand: by phone and by command, until their time is over, whatever happens meanwhile."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from appliance.hours import duty
from appliance.records import models as t
from appliance.settings import Hours
from appliance.simulation.people import Stage
from appliance.trouble import Trouble
from tests.simulated.centre import MAIN, Centre, running, say, settings

PIN = "771001"


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings()) as centre:  # Friday, 9:00
        yield centre


def command(centre: Centre, name: str, **arguments: object) -> Any:
    """As the console hands it over, in a greenlet of its own."""
    assert centre.daemon is not None
    answers: list[Any] = []

    def ask() -> None:
        assert centre.daemon is not None
        try:
            answers.append(duty.answer(centre.daemon.desk, name, {"by": "root", **arguments}))
        except Trouble as trouble:
            answers.append(trouble)

    centre.clock.call_later(0.0, lambda: centre.daemon and centre.daemon._spawn(ask))
    centre.until(lambda: answers)
    if isinstance(answers[0], Trouble):
        raise answers[0]
    return answers[0]


def is_closed(centre: Centre, number: str = MAIN) -> bool:
    """Whether a caller is told so."""
    caller = centre.call(number)
    centre.until(
        lambda: centre.sound("closed today") in caller.prompts or centre.sound("main menu") in caller.prompts
    )
    caller.hang_up()
    centre.until(lambda: caller.stage is Stage.GONE)
    return centre.sound("closed today") in caller.prompts


def reason() -> str:
    """Of the last call's opening hours."""
    return str(t.Step.select().where(t.Step.step == "hours").order_by(t.Step.id.desc()).get().detail)


def test_closed_by_command_until_its_time_is_over(centre: Centre) -> None:
    assert not is_closed(centre)
    (view,) = command(centre, "hours-set", schedule="office", open=False, until="12:00", comment="water")
    assert (view["open"], view["by_hand"]["by"]) == (False, "root")
    assert is_closed(centre)
    assert reason() == "office: closed by root until 12:00 (water)"
    centre.clock.run(datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC).timestamp())
    assert not is_closed(centre)
    row = t.HoursByHand.get()
    assert (row.schedule, row.is_open, row.by, row.comment, row.ended_at) == (
        "office",
        False,
        "root",
        "water",
        None,
    )


def test_it_survives_a_crash_and_can_be_taken_back(centre: Centre) -> None:
    command(centre, "hours-set", schedule="all", open=False, length="8h")
    centre.kill()
    centre.start()
    assert is_closed(centre)
    (view,) = command(centre, "hours-follow", schedule="office")
    assert view["open"] and view["by_hand"] is None
    assert not is_closed(centre)
    row = t.HoursByHand.get()
    assert row.ended_by == "root" and row.ended_at is not None
    centre.kill()
    centre.start()
    assert not is_closed(centre)


def test_the_last_word_holds(centre: Centre) -> None:
    command(centre, "hours-set", schedule="office", open=False, length="8h")
    command(centre, "hours-set", schedule="office", open=True, length="1h")
    assert not is_closed(centre)
    assert [row.ended_by for row in t.HoursByHand.select().order_by(t.HoursByHand.id)] == ["root", None]
    kinds = [row.kind for row in t.EventRow.select() if row.kind.startswith("Hours")]
    assert kinds == ["HoursSet", "HoursSet"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"schedule": "nights", "length": "2h"},
            "There are no opening hours 'nights': the config",
        ),
        ({"schedule": "office"}, "Say how long"),
        ({"schedule": "office", "length": "2h", "until": "18:00"}, "Say how long"),
        ({"schedule": "office", "length": "2"}, "'2' is not a length of time"),
        ({"schedule": "office", "length": "40d"}, "longer than 31 days"),
        ({"schedule": "office", "until": "25:00"}, "'25:00' is not a time"),
        ({"schedule": "office", "until": "2026-11-20 08:00"}, "is over already"),
    ],
)
def test_what_cannot_be_set(centre: Centre, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(Trouble, match=said):
        command(centre, "hours-set", open=False, **arguments)


def test_by_phone_closed_and_back(centre: Centre) -> None:
    phone = centre.phone("bob")
    call = phone.dial("*21")  # nobody is signed on here: who is it?
    call.press("1001#", after=3)
    call.press(f"{PIN}#", after=6)
    call.press("2", after=12)
    call.press("#", after=15)  # until the timetable changes, at 18:00
    centre.until(lambda: call.stage is Stage.GONE)
    said = ["agent-number", "agent-pin", "hours-are-open", "hours-choose", "hours-how-long", "hours-closed"]
    assert call.prompts == [centre.sound(each) for each in said]
    assert is_closed(centre) and reason() == "office: closed by alice until 18:00"

    centre.sign_on("alice")
    call = centre.phone("alice").dial("*21")  # the PIN is enough where a supervisor is signed on
    call.press(f"{PIN}#", after=2)
    call.press("3", after=12)
    centre.until(lambda: call.stage is Stage.GONE)
    said = ["agent-pin", "hours-are-closed", "hours-by-hand", "hours-choose", "hours-followed"]
    assert call.prompts == [centre.sound(each) for each in said]
    assert not is_closed(centre)


def test_by_phone_for_some_hours(centre: Centre) -> None:
    centre.clock.run(datetime(2026, 11, 20, 20, tzinfo=UTC).timestamp())
    call = centre.phone("bob").dial("*21")
    call.press(f"1001#{PIN}#", after=1)
    call.press("13#", after=10)
    centre.until(lambda: call.stage is Stage.GONE)
    assert not is_closed(centre) and reason() == "office: open by alice until 23:00"


def test_who_may_not_is_told_so(centre: Centre) -> None:
    call = centre.phone("bob").dial("*21")
    call.press("1002#771002#", after=1)
    centre.until(lambda: call.stage is Stage.GONE)
    assert call.prompts[-1] == centre.sound("supervisors-only")
    wrong = centre.phone("bob").dial("*21")
    wrong.press("1001#1#1001#2#1001#3#", after=1)
    centre.until(lambda: wrong.stage is Stage.GONE)
    assert wrong.prompts[-1] == centre.sound("agent-wrong-pin")
    assert not t.HoursByHand.select().exists()


def test_one_of_several_timetables_by_phone(tmp_path: Path) -> None:
    basic = settings().hours["office"]
    several = {"office": replace(basic, name=say("the office")), "night": Hours("night", "UTC", basic.spans)}
    with running(tmp_path, settings(hours=several)) as centre:
        call = centre.phone("bob").dial("*21")
        call.press(f"1001#{PIN}#", after=1)
        centre.until(lambda: centre.sound("hours-all") in call.prompts)
        call.press("12")
        centre.run_for(1)
        call.press("2#")
        centre.until(lambda: call.stage is Stage.GONE)
        chosen = [row.schedule for row in t.HoursByHand.select()]
        assert chosen == ["office"]
        assert centre.sound("press-1") in call.prompts and centre.sound("the office") in call.prompts
        call = centre.phone("bob").dial("*21")
        call.press(f"1001#{PIN}#02#", after=1)
        centre.until(lambda: call.stage is Stage.GONE)
        assert {row.schedule for row in t.HoursByHand.select()} == {"office", "night"}
