"""Recordings: both voices in one file where the queue says so, nothing where it does not."""

from pathlib import Path

from appliance.lab.listening import share_heard
from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.voices import likeness
from tests.scenarios.waiting import until

BOTH_SPEAK = 0.4  # likeness of each of two voices that speak at once: 0.7, were they equally loud


def test_both_voices_are_recorded_where_the_queue_says_so(
    centre: Centre, alice: Person, bob: Person, dave: Person
) -> None:
    """Also when the second agent has answered after the first did not."""
    centre.sign_on("alice", "bob")
    alice.phone.refuse_calls()
    dave.calls("+78432000002")
    bob.rings()
    bob.answers()
    bob.talks_with(dave, 3)
    bob.hangs_up()
    dave.is_hung_up_on()
    row = centre.books.one("recording")
    file = Path(row["file"])
    assert row["call"] == centre.books.one("call")["id"] and centre.site.recordings in file.parents
    for voice in (bob.voice, dave.voice):
        until("a voice is in the recording", lambda voice=voice: likeness(file, voice) > BOTH_SPEAK)
    assert likeness(file, alice.voice) < BOTH_SPEAK / 2
    assert share_heard(file, centre.site.music("harp"), seconds=2) < 0.3


def test_nothing_is_recorded_elsewhere(centre: Centre, alice: Person, dave: Person) -> None:
    def files() -> set[Path]:
        return {*centre.site.recordings.rglob("*.wav")}

    before = files()
    centre.sign_on("alice")
    dave.calls("+78432000003")
    alice.rings()
    alice.answers()
    alice.talks_with(dave)
    alice.hangs_up()
    dave.is_hung_up_on()
    centre.is_in_state("alice", "ready")
    assert not centre.books.rows("recording") and files() == before
