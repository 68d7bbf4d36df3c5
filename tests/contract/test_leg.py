"""Every switch: what a Leg does for its handler, but for dialling."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from appliance.names import Entry, Exit
from appliance.port import ANY_KEY, Arrival, EndCause, Key, Leg, LegEnded, LegGone, Refused
from tests.contract.rig import Person, Rig


def answered(rig: Rig, story: Callable[[Leg], object]) -> tuple[Callable[[], object], Person]:
    """A call is answered and that happens to it: how to get the result, and who called."""

    def on_call(arrival: Arrival) -> object:
        arrival.leg.answer()
        return story(arrival.leg)

    door = rig.at(Entry.CALLER, on_call)
    alice = rig.call()
    door.arrival()
    rig.wait_for(lambda: alice.is_answered, "the answer")
    return door.result, alice


def waiting(rig: Rig) -> Leg:
    """The leg of the call that came in last."""
    return rig.door(Entry.CALLER).visits[-1].arrival.leg


def test_arrival_tells_who_calls_what(rig: Rig) -> None:
    def story(arrival: Arrival) -> None:
        arrival.leg.answer()
        arrival.leg.wait()

    door = rig.at(Entry.CALLER, story)
    rig.call(ani="+74951230001", name='Alice "Al" O\'Hara, Ltd; 100%')
    arrival = door.arrival()
    assert arrival.entry is Entry.CALLER
    assert arrival.ani == "+74951230001"
    assert arrival.caller_name == 'Alice "Al" O\'Hara, Ltd; 100%'
    assert (arrival.dnis, arrival.trunk, arrival.call, arrival.phone) == (rig.number, rig.trunk, "", "")


def test_answer_twice(rig: Rig) -> None:
    def story(leg: Leg) -> str:
        leg.answer()
        leg.answer()
        return "still here"

    result, _ = answered(rig, story)
    assert result() == "still here"


def test_a_call_is_not_answered_before_answer(rig: Rig) -> None:
    door = rig.at(Entry.CALLER, lambda arrival: (arrival.leg.wait(), arrival.leg.answer(), arrival.leg.wait()))
    alice = rig.call()
    leg = door.arrival().leg
    assert not alice.is_answered
    leg.post("now")
    rig.wait_for(lambda: alice.is_answered, "the answer")


def test_sounds_are_played_one_after_another(rig: Rig) -> None:
    result, alice = answered(rig, lambda leg: leg.play([rig.sound, rig.other_sound]))
    rig.wait_for(lambda: alice.hears(rig.sound), "the first sound")
    rig.wait_for(lambda: alice.hears(rig.other_sound), "the second sound")
    assert result() == ""


def test_play_returns_the_key_that_interrupts(rig: Rig) -> None:
    def story(leg: Leg) -> tuple[str, float]:
        before = rig.clock.now()
        return leg.play([rig.long_sound, rig.long_sound], keys="12"), rig.clock.now() - before

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the sound")
    alice.press("2")
    key, took = result()
    assert key == "2"
    assert took < 8.0


def test_an_announcement_is_heard_to_its_end_between_music(rig: Rig) -> None:
    def story(leg: Leg) -> object:
        leg.music(rig.music)
        leg.announce([rig.sound, rig.other_sound])
        return leg.wait()

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.sound), "the announcement")
    rig.wait_for(lambda: alice.hears(rig.other_sound), "the second part of it")
    rig.wait_for(lambda: alice.hears(rig.music), "the music after it")
    waiting(rig).post("an offer")
    assert result() == "an offer"


def test_an_announcement_ends_at_once_when_something_comes(rig: Rig) -> None:
    def story(leg: Leg) -> tuple[object, float]:
        leg.music(rig.music)
        before = rig.clock.now()
        leg.announce([rig.long_sound, rig.long_sound])
        return leg.wait(), rig.clock.now() - before

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the announcement")
    waiting(rig).post("an offer")
    item, took = result()
    assert item == "an offer"
    assert took < 8.0


def test_keys_pressed_during_an_announcement_end_it_and_are_not_lost(rig: Rig) -> None:
    def story(leg: Leg) -> list[object]:
        leg.music(rig.music)
        leg.announce([rig.long_sound])
        first = leg.wait()
        leg.announce([rig.sound])
        return [first, leg.wait(3.0), leg.wait(3.0)]

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the announcement")
    alice.press("47")
    assert result() == [Key("4"), Key("7"), None]


def test_an_announcement_is_not_begun_when_something_has_come(rig: Rig) -> None:
    def story(leg: Leg) -> tuple[object, float]:
        leg.wait()
        leg.post("an offer")
        before = rig.clock.now()
        leg.announce([rig.long_sound])
        return leg.wait(), rig.clock.now() - before

    result, _ = answered(rig, story)
    waiting(rig).post("now")
    item, took = result()
    assert item == "an offer"
    assert took < 5.0


def test_an_announcement_that_does_not_exist(rig: Rig) -> None:
    def story(leg: Leg) -> object:
        leg.music(rig.music)
        with pytest.raises(Refused, match="no-such"):
            leg.announce(["/nowhere/no-such"])
        return leg.wait()

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.music), "the music")
    waiting(rig).post("still here")
    assert result() == "still here"


def test_who_hangs_up_during_an_announcement_is_gone(rig: Rig) -> None:
    def story(leg: Leg) -> str:
        with pytest.raises(LegGone):
            leg.announce([rig.long_sound])
        return "gone"

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the announcement")
    alice.hang_up()
    assert result() == "gone"


@pytest.mark.parametrize("key", ANY_KEY)
def test_every_key_interrupts(rig: Rig, key: str) -> None:
    result, alice = answered(rig, lambda leg: leg.play([rig.long_sound], keys=ANY_KEY))
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the sound")
    alice.press(key)
    assert result() == key


def test_other_keys_do_not_interrupt_and_can_be_read(rig: Rig) -> None:
    def story(leg: Leg) -> list[str]:
        return [leg.play([rig.sound], keys="1"), leg.read_key(3.0), leg.read_key(0.5)]

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    alice.press("5")
    assert result() == ["", "5", ""]


def test_no_key_interrupts_when_none_may(rig: Rig) -> None:
    result, alice = answered(rig, lambda leg: [leg.play([rig.sound]), leg.read_key(3.0)])
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    alice.press("1")
    assert result() == ["", "1"]


def test_a_key_pressed_ahead_interrupts_at_once(rig: Rig) -> None:
    def story(leg: Leg) -> tuple[list[str], float]:
        first = leg.play([rig.long_sound], keys="9")  # the 3 comes before the 9, and is not asked for yet
        before = rig.clock.now()
        return [first, leg.play([rig.long_sound], keys="3")], rig.clock.now() - before

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the sound")
    alice.press("39")
    keys, took = result()
    assert keys == ["9", "3"]
    assert took < 2.0


def test_keys_are_read_in_order_each_once(rig: Rig) -> None:
    result, alice = answered(rig, lambda leg: [leg.read_key(5.0), *(leg.read_key(2.0) for _ in range(4))])
    alice.press("4711")
    assert result() == ["4", "7", "1", "1", ""]


def test_read_key_times_out(rig: Rig) -> None:
    def story(leg: Leg) -> tuple[str, float]:
        before = rig.clock.now()
        return leg.read_key(1.0), rig.clock.now() - before

    result, _ = answered(rig, story)
    key, took = result()
    assert key == ""
    assert 0.9 < took < 3.0


def test_music_goes_on_after_a_sound(rig: Rig) -> None:
    def story(leg: Leg) -> None:
        leg.music(rig.music)
        leg.wait()
        leg.play([rig.sound])
        leg.wait()
        leg.music(None)
        leg.wait()

    _, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    waiting(rig).post("play")
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.wait_for(lambda: alice.hears(rig.music), "music again")
    waiting(rig).post("stop")
    rig.wait_for(lambda: not alice.hears(rig.music), "silence")


def test_music_goes_on_after_a_sound_that_was_cut_short(rig: Rig) -> None:
    def story(leg: Leg) -> object:
        leg.music(rig.music)
        leg.play([rig.long_sound], keys="1")
        return leg.wait()

    _, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.long_sound), "the sound")
    alice.press("1")
    rig.wait_for(lambda: alice.hears(rig.music), "music again", within=5.0)


def test_music_goes_on_after_a_sound_whatever_comes_next(rig: Rig) -> None:
    def story(leg: Leg) -> object:
        leg.music(rig.music)
        leg.play([rig.sound])
        return leg.read_key(10.0)

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound")
    rig.wait_for(lambda: alice.hears(rig.music), "music again", within=5.0)
    alice.press("1")
    assert result() == "1"


def test_wait_returns_a_key(rig: Rig) -> None:
    def story(leg: Leg) -> object:
        leg.music(rig.music)
        return leg.wait()

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.music), "music")
    alice.press("#")
    assert result() == Key("#")


def test_wait_returns_what_is_posted(rig: Rig) -> None:
    item = object()
    result, _ = answered(rig, lambda leg: leg.wait(10.0))
    waiting(rig).post(item)
    assert result() is item


def test_wait_returns_none_in_the_end(rig: Rig) -> None:
    result, _ = answered(rig, lambda leg: [leg.wait(0.3), leg.wait(0.0)])
    assert result() == [None, None]


def test_items_posted_before_wait_are_kept_in_order(rig: Rig) -> None:
    def story(leg: Leg) -> list[object]:
        leg.post("first")
        leg.post("second")
        leg.play([rig.sound])
        return [leg.wait(), leg.wait(), leg.wait(0.1)]

    result, _ = answered(rig, story)
    assert result() == ["first", "second", None]


def test_posting_does_not_disturb_a_sound(rig: Rig) -> None:
    def story(leg: Leg) -> list[object]:
        before = rig.clock.now()
        leg.post("item")
        return [leg.play([rig.sound], keys=ANY_KEY), rig.clock.now() - before > 1.0, leg.wait()]

    result, _ = answered(rig, story)
    assert result() == ["", True, "item"]


def test_a_missing_sound_is_refused_and_the_leg_lives_on(rig: Rig) -> None:
    def story(leg: Leg) -> str:
        with pytest.raises(Refused):
            leg.play([rig.missing_sound])
        return leg.play([rig.sound])

    result, alice = answered(rig, story)
    rig.wait_for(lambda: alice.hears(rig.sound), "the sound that exists")
    assert result() == ""


VERBS: dict[str, Callable[[Rig, Leg], object]] = {
    "answer": lambda rig, leg: leg.answer(),
    "play": lambda rig, leg: leg.play([rig.sound]),
    "read_key": lambda rig, leg: leg.read_key(5.0),
    "music on": lambda rig, leg: leg.music(rig.music),
    "music off": lambda rig, leg: leg.music(None),
    "wait": lambda rig, leg: leg.wait(5.0),
    "record": lambda rig, leg: leg.record(rig.recording("never")),
    "take_message": lambda rig, leg: leg.take_message(rig.recording("never"), 5.0, 5.0),
    "dial": lambda rig, leg: leg.dial(rig.phones, 5.0),
    "mark": lambda rig, leg: leg.mark("call-1"),
    "leave": lambda rig, leg: leg.leave(Exit.DONE),
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_says_that_the_caller_has_left(rig: Rig, verb: str) -> None:
    def story(leg: Leg) -> object:
        with suppress(LegGone):
            leg.wait()
        return VERBS[verb](rig, leg)

    result, alice = answered(rig, story)
    alice.hang_up()
    with pytest.raises(LegGone):
        result()


def test_hang_up_and_post_are_harmless_when_the_caller_has_left(rig: Rig) -> None:
    def story(leg: Leg) -> str:
        with suppress(LegGone):
            leg.wait()
        leg.post("late")
        leg.hang_up()
        leg.hang_up()
        return "harmless"

    result, alice = answered(rig, story)
    alice.hang_up()
    assert result() == "harmless"


BLOCKING: dict[str, Callable[[Rig, Leg], object]] = {
    "play": lambda rig, leg: leg.play([rig.long_sound, rig.long_sound]),
    "play with keys": lambda rig, leg: leg.play([rig.long_sound], keys=ANY_KEY),
    "read_key": lambda rig, leg: leg.read_key(60.0),
    "wait": lambda rig, leg: leg.wait(),
    "wait for some time": lambda rig, leg: leg.wait(60.0),
    "dial": lambda rig, leg: leg.dial(rig.phones[:1], 60.0),
    "take_message": lambda rig, leg: leg.take_message(rig.recording("cut short"), 60.0, 30.0),
}


@pytest.mark.parametrize("verb", BLOCKING)
def test_the_caller_leaves_in_the_middle_of_a_verb(rig: Rig, verb: str) -> None:
    steps: list[str] = []

    def story(leg: Leg) -> object:
        leg.play([rig.sound])
        steps.append("begun")
        return BLOCKING[verb](rig, leg)

    result, alice = answered(rig, story)
    rig.wait_for(lambda: steps, "the verb")
    alice.hang_up()
    before = rig.clock.now()
    with pytest.raises(LegGone):
        result()
    assert rig.clock.now() - before < 5.0


def test_hang_up_ends_the_leg(rig: Rig) -> None:
    def story(leg: Leg) -> str:
        leg.hang_up()
        leg.hang_up()
        return leg.id

    result, alice = answered(rig, story)
    leg = result()
    rig.wait_for(lambda: alice.is_gone, "the end of the call")
    ended = rig.wait_for_event(LegEnded, leg=leg)
    assert (ended.cause, ended.endpoint) == (EndCause.NORMAL, rig.trunk)
