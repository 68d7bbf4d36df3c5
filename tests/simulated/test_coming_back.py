"""Who was lost comes back to the place and the agent; who knows a caller is waited for at first."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from appliance.records import models as t
from appliance.settings import (
    Announcement,
    ComesBack,
    Customer,
    Destination,
    Number,
    Queue,
    Settings,
    Sticky,
    Strategy,
    Trunk,
)
from appliance.simulation.channel import Sound
from appliance.simulation.people import Caller, Stage
from tests.simulated.centre import AGENTS, SALES_LINE, SUPPORT_LINE, VIP, Centre, running, say, settings

CALLER, OTHER = "+74959999991", "+74959999992"
ALICE, BOB, CAROL = (AGENTS[name] for name in ("alice", "bob", "carol"))


def knowing(**changes: Any) -> Settings:
    queue = Queue(
        *("support", "Support", Strategy.IN_ORDER, (ALICE, BOB)),
        ring_for=15.0,
        sticky=Sticky(last_agent=30.0, own_agent=20.0),
        comes_back=ComesBack(within=600.0, agent=25.0),
        announce=Announcement(say("If you are cut off, key {code:digits}.")),
    )
    named = Destination(queue="support", agent=CAROL, agent_for=40.0)
    old = settings()
    values: dict[str, Any] = {
        "queues": {**old.queues, "support": queue},
        "numbers": {**old.numbers, SALES_LINE: Number(SALES_LINE, "Carol", named)},
        "customers": {VIP: Customer(VIP, "Vera", None, None, BOB)},
        "trunks": {"open": Trunk("open", "203.0.113.9", trusted=False)},
    }
    return settings(**{**values, **changes})


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, knowing()) as centre:
        yield centre


def waits(centre: Centre, from_: str = CALLER, **more: Any) -> Caller:
    """A caller in line."""
    before = t.Visit.select().count()
    caller = centre.call(from_=from_, **more)
    centre.until(lambda: t.Visit.select().count() > before and caller.hears(Sound.MUSIC))
    return caller


def gives_up(centre: Centre, caller: Caller, after: float) -> None:
    centre.run_for(after)
    caller.hang_up()
    centre.run_for(1)


def talks(centre: Centre, *names: str) -> None:
    for name in names:
        centre.phone(name).answers(after=1)
    centre.sign_on(*names)


def visits() -> list[t.Visit]:
    return list(t.Visit.select().order_by(t.Visit.joined_at))


def step(call: str, name: str) -> str:
    found = [row.detail for row in t.Step.select().where(t.Step.call == call, t.Step.step == name)]
    return found[-1] if found else ""


def test_who_gives_up_and_calls_again_has_the_place_back(centre: Centre) -> None:
    gives_up(centre, waits(centre), 60)
    other = waits(centre, OTHER)
    centre.run_for(30)
    again = waits(centre)
    first, _, last = visits()
    assert [v.leg for v in centre.engine.acd.waiting("support")] == [again.leg, other.leg]
    assert last.came_back == first.id and last.waited == pytest.approx(60, abs=3)
    assert centre.sound("place-kept") in again.prompts
    assert (first.outcome, last.outcome) == ("abandoned", None)


def test_a_place_is_given_back_once_and_being_away_adds_nothing(centre: Centre) -> None:
    gives_up(centre, waits(centre), 60)
    centre.run_for(100)
    second, third = waits(centre), waits(centre)
    assert [visit.came_back is not None for visit in visits()] == [False, True, False]
    gives_up(centre, third, 5)
    gives_up(centre, second, 20)
    fourth = waits(centre)
    assert visits()[-1].waited == pytest.approx(60 + 20 + 8, abs=10)
    assert visits()[-1].came_back == visits()[1].id
    gives_up(centre, fourth, 1)
    centre.run_for(601)
    waits(centre)
    assert visits()[-1].came_back is None, "too late"


def test_who_was_served_has_no_place(centre: Centre) -> None:
    gives_up(centre, waits(centre), 60)
    talks(centre, "alice")
    caller = centre.call(from_=CALLER)
    centre.until(lambda: caller.stage is Stage.TALKING)
    gives_up(centre, caller, 10)
    centre.phone("alice").ignores()
    waits(centre)
    assert visits()[-1].came_back is None


@pytest.mark.parametrize("lost", ["caller", "agent"])
def test_a_talk_that_broke_off_goes_on_with_the_same_agent(centre: Centre, lost: str) -> None:
    caller = waits(centre)
    centre.run_for(40)
    talks(centre, "bob", "alice")
    centre.until(lambda: caller.stage is Stage.TALKING)
    assert visits()[0].agent == BOB
    centre.run_for(5)
    (caller if lost == "caller" else centre.phone("bob").calls[0]).is_lost()
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(2)
    again = centre.call(from_=CALLER)
    centre.until(lambda: again.stage is Stage.TALKING)
    first, last = visits()
    assert (last.came_back, last.agent) == (first.id, BOB)
    assert step(last.call, "agent") == f"waits up to 25 s for {BOB}: the talk with this caller broke off"


def test_the_agent_of_the_last_talk_is_waited_for(centre: Centre) -> None:
    talks(centre, "bob")
    caller = centre.call(from_=CALLER)
    centre.until(lambda: caller.stage is Stage.TALKING)
    caller.hang_up(after=3)
    talks(centre, "alice")
    centre.until(lambda: caller.stage is Stage.GONE)
    busy = centre.call(from_=OTHER, number="+74951234569")
    centre.run_for(2)
    busy.hang_up()
    again = centre.call(from_=CALLER)
    centre.until(lambda: again.stage is Stage.TALKING)
    assert visits()[-1].agent == BOB and visits()[-1].came_back is None
    stranger = centre.call(from_="+74959999993")
    centre.until(lambda: stranger.stage is Stage.TALKING)
    assert visits()[-1].agent == ALICE


def test_the_customers_own_agent_and_a_named_one_though_of_another_queue(centre: Centre) -> None:
    talks(centre, "alice", "bob", "carol")
    customer = centre.call(from_=VIP)
    centre.until(lambda: customer.stage is Stage.TALKING)
    assert visits()[-1].agent == BOB
    named = centre.call(SALES_LINE, from_=OTHER)
    centre.until(lambda: named.stage is Stage.TALKING)
    assert visits()[-1].agent == CAROL
    second = centre.call(SALES_LINE, from_=CALLER)
    centre.run_for(10)
    considered = t.Decision.select().order_by(t.Decision.id.desc()).first().considered
    assert f"waits for {CAROL}, 40 s left" in considered and "the caller waits for another agent" in considered
    centre.until(lambda: second.stage is Stage.TALKING, within=40)
    assert visits()[-1].agent == ALICE, "when the time was over"


def test_for_whom_a_caller_waits_and_the_place_outlive_the_appliance(centre: Centre) -> None:
    gives_up(centre, waits(centre), 60)
    talks(centre, "carol", "alice")
    first = centre.call(SALES_LINE, from_=OTHER)
    centre.until(lambda: first.stage is Stage.TALKING)
    again = centre.call(SALES_LINE)
    centre.run_for(5)
    centre.kill()
    centre.run_for(2)
    centre.start()
    centre.until(lambda: len([v for v in centre.engine.acd.waiting("support") if v.present]) == 1)
    centre.run_for(3)
    assert again.stage is not Stage.TALKING, "alice is free, and not asked yet"
    first.hang_up()
    centre.until(lambda: again.stage is Stage.TALKING, within=30)
    assert visits()[-1].agent == CAROL
    back = centre.call(from_=CALLER)
    centre.until(lambda: back.stage is Stage.TALKING)
    assert visits()[-1].waited == pytest.approx(60, abs=3)


def test_a_place_is_lost_with_the_line_of_the_switch_and_claimed_after_a_crash_once(centre: Centre) -> None:
    caller = waits(centre)
    centre.run_for(30)
    centre.kill()
    caller.hang_up()
    centre.start()
    centre.run_for(2)
    assert visits()[0].outcome == "unseen"
    again = waits(centre)
    centre.kill()
    centre.run_for(3)
    centre.start()
    centre.until(lambda: again.hears(Sound.MUSIC) and centre.engine.acd.waiting("support")[0].present)
    (visit,) = centre.engine.acd.waiting("support")
    assert visit.waited >= 30
    waits(centre)
    assert [row.came_back is not None for row in visits()] == [False, True, False]


@pytest.mark.parametrize("who", [{"from_": ""}, {"from_": CALLER, "trunk": "open"}], ids=["withheld", "untrusted"])
def test_without_a_number_that_proves_it_the_code_brings_one_back(centre: Centre, who: dict[str, str]) -> None:
    caller = waits(centre, **who)
    centre.until(lambda: any("cut off" in text for text in said(centre)))
    code = visits()[0].code
    assert len(code) == 5
    gives_up(centre, caller, 30)
    forgetful = centre.call(**who)
    centre.until(lambda: t.Visit.select().count() == 2)
    assert visits()[1].came_back is None and centre.sound("code-asked") in forgetful.prompts
    wrong = centre.call(**who)
    wrong.press_when_asked(["00000" if code != "00000" else "11111"])
    centre.until(lambda: t.Visit.select().count() == 3)
    assert centre.sound("code-unknown") in wrong.prompts
    right = centre.call(**who)
    right.press_when_asked([code])
    centre.until(lambda: t.Visit.select().count() == 4)
    assert visits()[3].came_back == visits()[0].id and visits()[3].waited > 30
    assert visits()[3].code not in (None, code)
    at_last = centre.call(**who)
    centre.until(lambda: t.Visit.select().count() == 5)
    assert centre.sound("code-asked") not in at_last.prompts, "nobody has a code any more"
    by_number = waits(centre)
    assert centre.sound("code-asked") not in by_number.prompts and visits()[-1].code is None


def said(centre: Centre) -> list[str]:
    return [spoken.text for spoken in centre.voice.spoken.values()]


def test_a_queue_that_says_nothing_of_it_gives_nothing_back(tmp_path: Path) -> None:
    queue = replace(knowing().queues["support"], sticky=Sticky(), comes_back=None)
    with running(
        tmp_path,
        knowing(queues={"support": queue}, menus={}, numbers={SUPPORT_LINE: settings().numbers[SUPPORT_LINE]}),
    ) as centre:
        gives_up(centre, waits(centre), 60)
        waits(centre)
        assert (visits()[-1].came_back, visits()[-1].waited, visits()[-1].prefers) == (None, None, None)
