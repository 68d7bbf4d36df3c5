"""Opening hours as callers meet them: of numbers and queues, on holidays, and while they wait."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

from appliance.facts import CallOutcome
from appliance.records import models as t
from appliance.settings import Destination, Hours, Settings, Span
from appliance.simulation.channel import Sound
from appliance.simulation.people import Stage
from tests.simulated.centre import MAIN, SALES_LINE, SUPPORT_LINE, running, say, settings

EVERY_DAY = Span(frozenset(range(7)), time(9), time(18))


def the_settings() -> Settings:
    """Sales is open as the office is, and at other times support helps, which has other hours itself."""
    basic = settings()
    changed = {
        "sales": replace(basic.queues["sales"], hours="office", closed=Destination(queue="support")),
        "support": replace(
            basic.queues["support"], hours="service", closed=Destination(message=say("support is closed"))
        ),
    }
    return settings(
        hours={**basic.hours, "service": Hours("service", "UTC", (EVERY_DAY,))},
        queues={**basic.queues, **changed},
        numbers={
            **basic.numbers,
            MAIN: replace(basic.numbers[MAIN], holiday=Destination(message=say("happy holiday"))),
        },
    )


def at(*when: int) -> float:
    return datetime(*when, tzinfo=UTC).timestamp()  # type: ignore[arg-type]


def steps(call: str) -> Mapping[str, str]:
    return {s.step: s.detail for s in t.Step.select().where(t.Step.call == call).order_by(t.Step.id)}


def test_a_queue_that_is_closed_sends_its_callers_elsewhere(tmp_path: Path) -> None:
    with running(tmp_path, the_settings()) as centre:
        centre.clock.run(at(2026, 11, 21, 12))  # a Saturday: only support is open
        caller = centre.call(SALES_LINE)
        centre.until(lambda: caller.hears(Sound.MUSIC))
        assert t.Visit.get().queue == "support"
        assert [s.detail for s in t.Step.select().where(t.Step.step == "hours").order_by(t.Step.id)] == [
            "office: closed, outside Mon-Fri 09:00-18:00",
            "service: open, Saturday 09:00-18:00 UTC",
        ]


def test_a_queue_that_is_closed_says_so(tmp_path: Path) -> None:
    with running(tmp_path, the_settings()) as centre:
        centre.clock.run(at(2026, 11, 21, 20))
        caller = centre.call(SUPPORT_LINE)
        centre.until(lambda: caller.stage is Stage.GONE)
        assert caller.prompts == [centre.sound("support is closed")]
        assert t.Call.get().outcome == CallOutcome.CLOSED.value
        assert not t.Visit.select().exists()


def test_who_is_in_line_when_the_queue_closes_stays(tmp_path: Path) -> None:
    with running(tmp_path, the_settings()) as centre:
        centre.clock.run(at(2026, 11, 20, 17, 58))
        early = centre.call(SUPPORT_LINE)
        centre.clock.run(at(2026, 11, 20, 18, 1))
        late = centre.call(SUPPORT_LINE)
        centre.until(lambda: late.stage is Stage.GONE)
        assert early.hears(Sound.MUSIC)
        centre.kill()  # and comes back to the place in line after a crash
        centre.start()
        centre.until(lambda: early.hears(Sound.MUSIC) and bool(centre.engine.acd.waiting("support")))
        centre.phone("alice").answers()
        centre.sign_on("alice")
        centre.until(lambda: early.stage is Stage.TALKING)


def test_another_destination_on_a_holiday(tmp_path: Path) -> None:
    with running(tmp_path, the_settings()) as centre:
        for when, heard in (
            (at(2026, 12, 30, 20), "closed today"),  # after hours
            (at(2026, 12, 31, 12), "happy holiday"),
        ):
            centre.clock.run(when)
            caller = centre.call(MAIN)
            centre.until(lambda caller=caller: caller.stage is Stage.GONE)
            assert caller.prompts == [centre.sound("welcome"), centre.sound(heard)]
        assert {call.outcome for call in t.Call.select()} == {CallOutcome.CLOSED.value}
