"""A customer chooses when to be called: what is read out, which keys lead where, and the last place of a slot."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gevent
import pytest

from appliance.call import Conversation
from appliance.callbacks.diaries import TakeTime
from appliance.flows import caller as flow
from appliance.flows.callback_times import move_time, promise_time
from appliance.line import messages as m
from appliance.line.messages import Declined, Reason
from appliance.line.promises import First, Kind, Promise
from appliance.records import models as t
from appliance.settings import Callback, Destination, Prompt, Say, Settings
from appliance.settings.callback import Slots
from appliance.settings.trunks import Numbers, OutboundRule, Trunk
from appliance.simulation.people import Caller, Stage
from appliance.trouble import Trouble
from tests.simulated.centre import SALES_LINE, Centre, running, settings

NUMBER, OTHER = "+74959999999", "+74958888888"
PHRASES = {
    "callback-slots": "when",
    "callback-slot": "{when} {key}",
    "callback-slots-more": "more {key}",
    "callback-slots-day": "day {key}",
    "callback-slots-back": "back {key}",
    "callback-day": "from {when} {key}",
    "callback-slot-confirm": "sure {when}",
    "callback-promised-at": "agreed {when}",
}


def site(**slots: Any) -> Settings:
    """Open on weekdays from 9 to 18; it is Friday, 9:00, and slots are of an hour."""
    basic = settings()
    callback = Callback(slots=Slots(**{"length": 3600.0, "capacity": 1, "days": 3, **slots}))
    sales = replace(basic.queues["sales"], hours="office", closed=Destination(hang_up=True), callback=callback)
    phrases = basic.phrases
    phrases.update({name: Prompt({"en": Say(text)}) for name, text in PHRASES.items()})  # type: ignore[attr-defined]
    return replace(
        basic,
        queues={**basic.queues, "sales": sales},
        phrases=phrases,
        trunks={"north": Trunk("north", "192.0.2.1")},
        outbound={"russia": OutboundRule("russia", (Numbers(country="RU"),), ("north",), show=SALES_LINE)},
    )


def other_phone(number: str) -> str:
    """Whoever calls wants to be called at another number."""
    return number.replace("+7495", "+7812")


@pytest.fixture
def made() -> list[Promise | None]:
    return []


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: list[Promise | None]) -> Iterator[Centre]:
    """Whoever calls chooses a time at once."""

    def choose(talk: Conversation, *_: object) -> None:
        queue = talk.desk.engine.settings.queues["sales"]
        now = talk.now()
        number = other_phone(str(talk.known["number"]))
        promise = Promise(number, Kind.ASKED, First.CUSTOMER, now, now + 86400.0)
        visit = talk.desk.engine.acd.homes.open_of("sales", number)
        if visit is not None:
            move_time(talk, visit)
        else:
            made.append(promise_time(talk, queue, promise))

    monkeypatch.setattr(flow, "walk", choose)
    with running(tmp_path, site()) as centre:
        yield centre
        for visit in centre.engine.acd.visits():
            centre.engine.tell(m.EndCallback(visit.id, m.CallbackEnd.CANCELLED))
        centre.run_for(1)


def heard(centre: Centre, caller: Caller) -> list[str]:
    """What the caller has heard, as text."""
    known = {sound: spoken.text for sound, spoken in centre.voice.spoken.items()}
    known |= {
        centre.sound(text): text for text in ("when", "wrong-key", "callback-slots-none", "callback-slot-taken")
    }
    return [known.get(prompt, prompt) for prompt in caller.prompts]


def call(centre: Centre, from_: str = NUMBER) -> Caller:
    caller = centre.call(SALES_LINE, from_=from_)
    centre.until(lambda: centre.sound("when") in caller.prompts)
    return caller


def press(centre: Centre, caller: Caller, *keys: str) -> None:
    """Each key after everything has been read out that comes before it."""
    for key in keys:
        before = -1
        while before != len(caller.prompts):
            before = len(caller.prompts)
            centre.run_for(2)
        caller.press(key)
        centre.run_for(0.5)


def until_gone(centre: Centre, caller: Caller) -> None:
    centre.until(lambda: caller.stage is Stage.GONE)


def at(hour: int, day: int = 20) -> float:
    return datetime(2026, 11, day, hour, tzinfo=UTC).timestamp()


def test_the_first_that_is_read_out(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    press(centre, caller, "2", "1")
    until_gone(centre, caller)
    assert heard(centre, caller)[:7] == [
        "when",
        "today at ten a.m. one",
        "today at eleven a.m. two",
        "today at noon three",
        "more nine",
        "day zero",
        "back star",
    ]
    assert heard(centre, caller)[7] == "sure today at eleven a.m."
    (promise,) = made
    assert promise is not None and (promise.kind, promise.not_before) == (Kind.CHOSEN, at(11))
    assert promise.expires == at(11) + 86400.0
    row = t.Callback.get()
    assert (row.number, row.kind, row.not_before, row.ended_at) == (
        other_phone(NUMBER),
        "chosen time",
        at(11),
        None,
    )


def test_later_ones_and_back(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    press(centre, caller, "9", "*", "9", "9", "1", "1")
    until_gone(centre, caller)
    assert made[0] is not None and made[0].not_before == at(16)
    assert [text for text in heard(centre, caller) if text.endswith(" one") and "sure" not in text] == [
        "today at ten a.m. one",
        "today at one p.m. one",
        "today at ten a.m. one",
        "today at one p.m. one",
        "today at four p.m. one",
    ]


def test_another_day(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    press(centre, caller, "0", "2", "3", "1")
    until_gone(centre, caller)
    assert made[0] is not None and made[0].not_before == at(11, 23)
    days = [text for text in heard(centre, caller) if text.startswith("from")]
    assert days == [
        "from today at ten a.m. one",
        "from on Monday at nine a.m. two",
        "from on Tuesday at nine a.m. three",
    ]


def test_nothing_is_promised_to_who_does_not_say_so(centre: Centre, made: list[Promise | None]) -> None:
    no, back, silent = (call(centre, f"+7495111111{n}") for n in range(3))
    press(centre, no, "1", "2", "*")
    press(centre, back, "*")
    for caller in (no, back, silent):
        until_gone(centre, caller)
    assert made == [None] * 3 and not t.Callback.select().exists()


def test_a_key_that_means_nothing(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    press(centre, caller, "7", "1", "1")
    until_gone(centre, caller)
    assert "wrong-key" in heard(centre, caller) and made[0] is not None


def test_a_key_that_is_stuck_does_not_keep_us_for_ever(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    for _ in range(200):
        caller.press("7")
        centre.run_for(1)
    until_gone(centre, caller)
    assert made == [None]


def test_of_two_who_want_the_last_place_one_has_it(centre: Centre, made: list[Promise | None]) -> None:
    ann, ben = call(centre, NUMBER), call(centre, OTHER)
    press(centre, ann, "1")
    press(centre, ben, "1")
    ann.press("1")
    ben.press("1")
    centre.run_for(0.5)
    assert len([each for each in made if each]) == 1
    loser = ann if made[0] and made[0].number == other_phone(OTHER) else ben
    press(centre, loser, "1", "1")
    until_gone(centre, loser)
    assert "callback-slot-taken" in heard(centre, loser)
    assert sorted(each.not_before for each in made if each) == [at(10), at(11)]


def test_the_line_itself_gives_the_last_place_to_one(centre: Centre) -> None:
    """However many ask in one moment: all are asked before the engine has its turn."""
    answers: list[str] = []

    def ask(n: int) -> None:
        number = f"+7495111111{n}"
        promise = Promise(number, Kind.CHOSEN, First.CUSTOMER, at(10), at(20))
        try:
            centre.engine.ask(TakeTime(m.CallerJoins(f"v{n}.1", f"v{n}", "sales", 0.0, f"v{n}", promise=promise)))
            answers.append("had")
        except Declined as declined:
            answers.append(declined.reason.name)

    asking = [gevent.spawn(ask, n) for n in range(5)]
    centre.until(lambda: all(each.ready() for each in asking))
    assert sorted(answers) == sorted(["had", *[Reason.NO_ROOM.name] * 4])


def test_calling_in_to_choose_another_time(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    press(centre, caller, "1", "1")
    until_gone(centre, caller)
    again = call(centre)
    press(centre, again, "1")  # the place that it has is free for itself
    assert heard(centre, again)[-1] == "sure today at ten a.m."
    press(centre, again, "2", "3", "1")
    until_gone(centre, again)
    assert heard(centre, again)[-1] == "agreed today at noon"
    row = t.Callback.get()
    assert (row.not_before, row.expires, row.ended_at) == (at(12), at(12) + 86400.0, None)
    third = call(centre, OTHER)
    press(centre, third, "1", "1")  # ten o'clock is free again
    until_gone(centre, third)
    assert made[-1] is not None and made[-1].not_before == at(10)


def test_nothing_is_left(centre: Centre, made: list[Promise | None]) -> None:
    def fill(hour: int) -> None:
        promise = Promise(f"+749522222{hour}", Kind.CHOSEN, First.CUSTOMER, at(hour), at(hour) + 60)
        centre.engine.ask(m.CallerJoins(f"w{hour}.1", f"w{hour}", "sales", 0.0, "", promise=promise))

    asking = [gevent.spawn(fill, hour) for hour in range(10, 18)]
    centre.until(lambda: all(each.ready() for each in asking))
    one_day = replace(centre.engine.settings.queues["sales"].callback.slots, days=1)
    _change(centre, lambda callback: replace(callback, slots=one_day))
    caller = centre.call(SALES_LINE)
    until_gone(centre, caller)
    assert heard(centre, caller)[-1] == "callback-slots-none" and made == [None]


def _change(centre: Centre, change: Callable[[Callback], Callback]) -> None:
    queues = centre.engine.settings.queues
    sales = replace(queues["sales"], callback=change(queues["sales"].callback))
    centre.engine.settings = replace(centre.engine.settings, queues={**queues, "sales": sales})


def test_what_the_command_line_is_told(centre: Centre) -> None:
    first = call(centre)
    press(centre, first, "1", "1")
    until_gone(centre, first)
    free = centre.ask("callback-slots", queue="sales")
    assert isinstance(free, dict) and free["time_zone"] == "UTC"
    assert free["slots"][0] == {"begins_at": at(11), "ends_at": at(12), "room": 1}
    today = centre.ask("callback-slots", queue="sales", day="today")
    assert isinstance(today, dict)
    assert [(each["begins_at"], each["room"]) for each in today["slots"]][:3] == [
        (at(9), 1),
        (at(10), 0),
        (at(11), 1),
    ]
    assert centre.ask("callback-slots", queue="sales", day="2026-11-21")["slots"] == []  # type: ignore[index]
    for wrong, said in (
        ({"queue": "support"}, "they do for sales"),
        ({"queue": "sales", "day": "soon"}, "not a day"),
    ):
        with pytest.raises(Trouble, match=said):
            centre.ask("callback-slots", **wrong)
    with pytest.raises(Trouble, match="appliance callbacks slots"):
        centre.ask("callback-add", queue="sales", number="+78121234567", at=at(10))


def test_a_crash_forgets_no_time(centre: Centre, made: list[Promise | None]) -> None:
    caller = call(centre)
    press(centre, caller, "1", "1")
    until_gone(centre, caller)

    def after_a_crash() -> tuple[float, float, float, bool]:
        centre.kill()
        centre.start()
        (visit,) = centre.engine.acd.visits()
        return visit.home.not_before, visit.since, visit.home.promise.expires, visit.in_line

    assert after_a_crash() == (at(10), pytest.approx(at(10)), at(10) + 86400.0, False)
    other = call(centre, OTHER)
    press(centre, other, "*")
    until_gone(centre, other)
    assert "today at ten a.m. one" not in heard(centre, other)  # it is taken
    again = call(centre)
    press(centre, again, "3", "1")
    until_gone(centre, again)
    assert after_a_crash() == (at(12), pytest.approx(at(12)), at(12) + 86400.0, False)
    centre.clock.run(at(12) + 60)
    (visit,) = centre.engine.acd.visits()
    assert visit.in_line and centre.engine.acd.place(visit.id) == 1
