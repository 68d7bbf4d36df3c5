"""Notices in front of callers: by command and by phone, in their language, counted, until their time is over."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance.facts import CallOutcome
from appliance.records import models as t
from appliance.records.interval import Interval
from appliance.records.notice_figures import NoticeFigures, notice_figures
from appliance.records.reports import report, report_text
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from appliance.trouble import Trouble
from tests.simulated.centre import BLOCKED, MAIN, SALES_LINE, SUPPORT_LINE, Centre, running, settings
from tests.simulated.test_day_night import PIN, command


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings()) as centre:
        yield centre


def put(centre: Centre, target: str, text: str, **more: object) -> str:
    """Set a notice; its sound."""
    view = command(centre, "notice-set", target=target, text=text, **{"length": "2h", **more})
    assert centre.daemon is not None
    return centre.daemon.notices.sound(view["notice"])


def figures() -> NoticeFigures:
    (one,) = notice_figures()
    return one


def ends(centre: Centre, caller: Caller) -> None:
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(0.1)


def outcome(caller: Caller) -> str:
    return str(t.Call.get(leg=caller.leg).outcome)


def test_for_all_before_the_greeting(centre: Centre) -> None:
    sound = put(centre, "all", "No electricity")
    assert Path(f"{sound}.wav").read_text() == "en: No electricity"
    caller = centre.call(MAIN)
    centre.until(lambda: centre.sound("main menu") in caller.prompts)
    assert caller.prompts == [sound, centre.sound("welcome"), centre.sound("main menu")]
    queue = centre.call(SALES_LINE)
    centre.until(lambda: queue.hears(Sound.MUSIC))
    assert queue.prompts == [sound]
    blocked = centre.call(MAIN, from_=BLOCKED)
    ends(centre, blocked)
    assert sound not in blocked.prompts
    step = t.Step.get(t.Step.step == "notice")
    assert step.detail == "all: No electricity, by root"


def test_for_a_menu_and_for_a_number_each_once_in_a_call(centre: Centre) -> None:
    of_menu, of_number = put(centre, "main", "The menu"), put(centre, MAIN, "The number")
    caller = centre.call(MAIN)
    caller.press("9", after=10)  # the menu again
    centre.until(lambda: caller.prompts.count(centre.sound("main menu")) == 2)
    menu = centre.sound("main menu")
    assert caller.prompts == [of_number, centre.sound("welcome"), of_menu, menu, menu]
    other = centre.call(SUPPORT_LINE)
    centre.until(lambda: other.hears(Sound.MUSIC))
    assert other.prompts == []


def test_keys_do_not_cut_it_short_and_are_kept_for_the_menu(centre: Centre) -> None:
    sound = put(centre, "main", "A long notice")
    caller = centre.call(MAIN)
    centre.until(lambda: caller.hears(Sound.PROMPT, sound))
    begun = centre.clock.now()
    caller.press("1")
    centre.until(lambda: caller.hears(Sound.MUSIC))
    assert centre.clock.now() - begun >= 1.9
    assert [v.queue for v in t.Visit.select()] == ["sales"]


def test_the_language_of_the_caller(tmp_path: Path) -> None:
    basic = settings()
    numbers = {**basic.numbers, MAIN: replace(basic.numbers[MAIN], language="ru")}
    with running(tmp_path, settings(numbers=numbers)) as centre:
        english, russian = put(centre, "all", "Storm"), put(centre, "all", "Буря", language="ru")
        caller = centre.call(MAIN)
        centre.until(lambda: len(caller.prompts) > 1)
        assert caller.prompts[0] == russian and Path(f"{russian}.wav").read_text() == "ru: Буря"
        other = centre.call(SALES_LINE)
        centre.until(lambda: other.hears(Sound.MUSIC))
        assert other.prompts == [english]
        command(centre, "notice-end", target="all")
        quiet = centre.call(SALES_LINE)
        centre.until(lambda: quiet.hears(Sound.MUSIC))
        assert quiet.prompts == [] and {row.ended_by for row in t.NoticeRow.select()} == {"root"}


def test_who_hangs_up_during_it_or_soon_after_is_informed(centre: Centre) -> None:
    sound = put(centre, "all", "No electricity")
    during, soon, late, waits, served = (centre.call(MAIN) for _ in range(5))
    during.hang_up(after=1)  # two seconds long
    soon.hang_up(after=11)
    late.hang_up(after=13)
    for caller in (waits, served):
        caller.press("1", after=3)
    waits.hang_up(after=8)  # from the queue
    for caller in (during, soon, late, waits):
        ends(centre, caller)
    assert outcome(during) == outcome(soon) == CallOutcome.INFORMED.value
    assert outcome(late) == CallOutcome.LEFT_EARLY.value
    assert outcome(waits) == CallOutcome.ABANDONED.value
    assert (figures().heard, figures().hung_up) == (5, 2)
    assert all(caller.prompts[0] == sound for caller in (during, soon, late, waits, served))
    told = report_text(report(Interval(0, centre.clock.now() + 1, UTC), centre.clock.now()))
    assert "No electricity" in told and "hung up = of these" in told
    assert "2 informed" in told and "0 unexplained" in told


def test_the_call_may_end_after_it(centre: Centre) -> None:
    sound = put(centre, MAIN, "Nobody is here", then="hang-up")
    caller = centre.call(MAIN)
    ends(centre, caller)
    assert caller.prompts == [sound] and outcome(caller) == CallOutcome.INFORMED.value
    impatient = centre.call(MAIN)
    impatient.hang_up(after=1)
    ends(centre, impatient)
    assert (figures().heard, figures().hung_up, figures().then) == (2, 1, "hang-up")
    menu = put(centre, "main", "No menu today", then="hang-up")
    command(centre, "notice-end", target=MAIN)
    other = centre.call(MAIN)
    ends(centre, other)
    assert other.prompts == [centre.sound("welcome"), menu]


def test_it_survives_a_crash_and_ends_in_time(centre: Centre) -> None:
    sound = put(centre, "all", "No electricity", length="1h")
    centre.kill()
    centre.start()
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    assert caller.prompts == [sound]
    centre.kill()  # and who was hearing music is not counted twice
    centre.start()
    centre.clock.run(datetime(2026, 11, 20, 10, 0, 5, tzinfo=UTC).timestamp())
    late = centre.call(SALES_LINE)
    centre.until(lambda: late.hears(Sound.MUSIC))
    assert late.prompts == [] and figures().heard == 1 and figures().is_over(centre.clock.now())


def test_a_new_one_replaces_that_of_the_same_target_and_language(centre: Centre) -> None:
    put(centre, "all", "One")
    second = put(centre, "all", "Two")
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    assert caller.prompts == [second]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"target": "mian", "text": "x"}, "'mian' is no menu and no number, nor all. Did you mean \"main\"?"),
        ({"target": "all"}, "a sound file, or a text"),
        ({"target": "all", "text": "x", "language": "xx"}, "no voice for the language 'xx'"),
        ({"target": "all", "file": "../appliance.sqlite3"}, "There is no sound"),
        ({"target": "all", "text": "x", "length": "soon"}, "not a length of time"),
    ],
)
def test_what_cannot_be_set(centre: Centre, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(Trouble, match=said):
        command(centre, "notice-set", **{"length": "2h", **arguments})
    assert not t.NoticeRow.select().exists()


def test_recorded_by_phone(centre: Centre) -> None:
    call = centre.phone("bob").dial("*22")
    call.press(f"1001#{PIN}#", after=1)
    centre.until(lambda: bool(centre.switch.recordings))
    call.press("#", after=5)  # said enough
    centre.until(lambda: centre.sound("notice-keep") in call.prompts)
    call.press("2")  # again
    centre.until(lambda: len(centre.switch.recordings) == 2)
    call.fall_silent(after=4)
    centre.until(lambda: call.prompts.count(centre.sound("notice-keep")) == 2)
    call.press("1")
    centre.run_for(1)
    call.press("3#")
    centre.until(lambda: call.stage is Stage.GONE)
    assert call.prompts[-1] == centre.sound("notice-kept")
    row = t.NoticeRow.get()
    assert (row.target, row.by, row.text, row.language) == ("all", "alice", "", "en")
    assert row.until - row.at == pytest.approx(3 * 3600, abs=1)
    assert row.sound in call.prompts  # it was heard before it was kept
    caller = centre.call(SALES_LINE)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    assert caller.prompts == [row.sound] and figures().heard == 1

    call = centre.phone("bob").dial("*22")
    call.press(f"1001#{PIN}#", after=1)
    centre.until(lambda: centre.sound("notice-in-force") in call.prompts)
    call.press("3")
    centre.until(lambda: call.stage is Stage.GONE)
    assert call.prompts[-1] == centre.sound("notice-ended")
    quiet = centre.call(SALES_LINE)
    centre.until(lambda: quiet.hears(Sound.MUSIC))
    assert quiet.prompts == []


def test_discarded_or_left_it_is_heard_by_nobody(centre: Centre) -> None:
    call = centre.phone("bob").dial("*22")
    call.press(f"1001#{PIN}#", after=1)
    centre.until(lambda: bool(centre.switch.recordings))
    call.press("#", after=2)
    centre.until(lambda: centre.sound("notice-keep") in call.prompts)
    call.press("3")
    centre.until(lambda: call.stage is Stage.GONE)
    assert call.prompts[-1] == centre.sound("notice-discarded")
    again = centre.phone("bob").dial("*22")
    again.press(f"1001#{PIN}#", after=1)
    centre.until(lambda: len(centre.switch.recordings) == 2)
    again.press("#", after=2)
    centre.until(lambda: centre.sound("notice-keep") in again.prompts)
    again.hang_up()
    centre.run_for(5)
    assert not t.NoticeRow.select().exists()
    assert not list((centre.data / "notices").glob("*"))
