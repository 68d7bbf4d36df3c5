"""Voicemail: callers leave messages, somebody at a phone listens to them, and they go when they have to."""

import wave
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from appliance.facts import CallOutcome
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.settings import Box, Destination, Keep, Number, Phone, Settings
from appliance.simulation.people import PhoneCall, Stage
from appliance.trouble import Trouble
from appliance.upkeep.erasure import Person, erase
from appliance.upkeep.retention import tidy
from tests.simulated.centre import PHONES, SALES_LINE, SUPPORT_LINE, Centre, running, say, settings

CALLER = "+74959999999"
DAY = 86400.0


def with_boxes() -> Settings:
    old = settings()
    desk = Phone(PHONES["alice"], "alice", voicemail="alice")
    direct = Number(SUPPORT_LINE, "Alice", Destination(extension=PHONES["alice"]))
    return replace(
        old,
        voicemail={
            "sales": Box("sales", "Sales", "801", say("sales box"), 60.0),
            "alice": Box("alice", "Alice", "802"),
        },
        phones={**old.phones, desk.id: desk},
        numbers={
            SALES_LINE: Number(SALES_LINE, "Sales", Destination(voicemail="sales")),
            SUPPORT_LINE: direct,
        },
    )


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, with_boxes()) as centre:
        yield centre


def spoken(file: str, seconds: float = 4.0) -> None:
    """What the switch has written."""
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(int(16000 * seconds)))


def leave(centre: Centre, from_: str = CALLER, seconds: float = 4.0, key: str = "") -> t.Message:
    """A message in the box sales; the caller hangs up at its end, or presses a key."""
    caller, before = centre.call(SALES_LINE, from_=from_), len(centre.switch.recordings)
    centre.until(lambda: len(centre.switch.recordings) > before)
    centre.run_for(seconds)
    spoken(centre.switch.recordings[-1].file, seconds)
    caller.press(key) if key else caller.hang_up()
    centre.until(lambda: caller.stage is Stage.GONE)
    centre.run_for(1)
    message: t.Message = t.Message.select().order_by(t.Message.at.desc(), t.Message.id.desc()).first()
    return message


def listens(centre: Centre, *keys: str, dialled: str = "*97") -> PhoneCall:
    """Carol dials, and keys one after the other what is asked for."""
    call: PhoneCall = centre.phone("carol").dial(dialled)
    call.press_when_asked(keys)
    centre.until(lambda: call.stage is Stage.GONE)
    centre.run_for(1)
    return call


def played(centre: Centre, call: PhoneCall) -> list[str]:
    """The ids of the messages that were heard."""
    return [Path(sound).name for sound in call.prompts if "/voicemail/" in sound]


def test_who_hangs_up_at_the_end_has_left_a_message(centre: Centre) -> None:
    message = leave(centre)
    call = t.Call.get()
    assert (call.outcome, message.call, message.box) == (CallOutcome.VOICEMAIL.value, call.id, "sales")
    assert message.length is None, "the file says it"
    (left,) = centre.engine._store.messages("sales")
    assert (left.number, left.length, left.heard_at) == (CALLER, 4.0, None)


def test_who_presses_hash_hears_that_it_is_kept(centre: Centre) -> None:
    caller = centre.call(SALES_LINE)
    centre.until(lambda: bool(centre.switch.recordings))
    spoken(centre.switch.recordings[-1].file)
    caller.press("#", after=3)
    centre.until(lambda: caller.stage is Stage.GONE)
    assert caller.prompts == [centre.sound(each) for each in ("sales box", "tone", "voicemail-kept", "goodbye")]
    assert t.Message.get().length == 4.0


def test_who_says_nothing_has_left_nothing(centre: Centre) -> None:
    leave(centre, seconds=0.5)
    assert centre.engine._store.messages(None) == []
    assert t.Call.get().outcome == CallOutcome.VOICEMAIL.value


def test_a_phone_that_does_not_answer_has_a_box(centre: Centre) -> None:
    caller = centre.call(SUPPORT_LINE)
    centre.until(lambda: bool(centre.switch.recordings), within=60)
    assert caller.prompts == [centre.sound("voicemail-greeting"), centre.sound("tone")]
    assert t.Message.get().box == "alice"
    caller.hang_up()


def test_messages_are_heard_kept_and_deleted_by_phone(centre: Centre) -> None:
    first, second = leave(centre), leave(centre, from_="", key="#")
    call = listens(centre, "801#", "77801#", "1", "3", "2")
    assert played(centre, call) == [first.id, first.id, second.id]
    assert centre.sound("voicemail-count") in call.prompts
    rows = {row.id: row for row in t.Message.select()}
    assert rows[first.id].deleted_by == "phone 203" and not Path(first.file).exists()
    assert rows[second.id].heard_by == "203" and rows[second.id].deleted_at is None
    again = listens(centre, "77801#", dialled="*97801#")
    assert played(centre, again) == [second.id]
    assert centre.sound("voicemail-no-more") in again.prompts


def test_a_wrong_pin_opens_nothing_and_is_asked_for_three_times(centre: Centre) -> None:
    leave(centre)
    call = listens(centre, *("801#", "1111#"), *("999#", "77801#"), *("802#", "77801#"), *("801#", "77801#"))
    assert played(centre, call) == []
    assert call.prompts.count(centre.sound("voicemail-wrong-pin")) == 3
    assert centre.sound("voicemail-empty") in listens(centre, "802#", "77802#").prompts


def test_a_message_outlives_the_appliance_that_dies_while_it_is_spoken(centre: Centre) -> None:
    caller = centre.call(SALES_LINE)
    centre.until(lambda: bool(centre.switch.recordings))
    centre.run_for(5)
    spoken(centre.switch.recordings[-1].file)
    centre.kill()
    caller.hang_up()
    centre.start()
    centre.run_for(5)
    assert [left.length for left in centre.engine._store.messages("sales")] == [4.0]


def test_deleted_by_command(centre: Centre) -> None:
    message = leave(centre)
    assert centre.ask("voicemail-delete", message=message.id) == {"message": message.id, "box": "sales"}
    assert not Path(message.file).exists() and centre.engine._store.messages(None) == []
    with pytest.raises(Trouble, match="There is no message"):
        centre.ask("voicemail-delete", message=message.id)


def test_what_has_been_kept_long_enough_and_who_wants_to_be_forgotten(tmp_path: Path) -> None:
    with running(tmp_path, with_boxes()) as centre:
        mine, other = leave(centre), leave(centre, from_="+74959999992")
        database = open_database("sqlite", centre.data)
        erased = erase(database, Person(CALLER), lambda: None)
        assert erased.recordings == 1 and not Path(mine.file).exists() and Path(other.file).exists()
        assert [row.id for row in t.Message.select()] == [other.id]
        bodies = " ".join(row.body for row in t.EventRow.select())
        assert mine.file not in bodies and other.file in bodies
        top = centre.settings.recordings
        tidy(database, Keep(recordings=DAY), top, centre.clock.now(), lambda: None)
        assert Path(other.file).exists()
        tidy(database, Keep(recordings=DAY), top, centre.clock.now() + 2 * DAY, lambda: None)
        assert not Path(other.file).exists() and not t.Message.select().exists()
        assert t.Call.select().count() == 2
