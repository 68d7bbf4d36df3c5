"""Voicemail on real phones: what a caller says into a box is heard, by who has the PIN, until it is deleted."""

from pathlib import Path

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.waiting import until

EDITORS = "+78432000015"


def spoken_for(centre: Centre, seconds: float) -> bool:
    """Whether so much of a message has been recorded."""
    return any(file.stat().st_size > seconds * 16000 for file in files(centre))


def files(centre: Centre) -> list[Path]:
    return [*(centre.site.recordings / "voicemail").glob("*.wav")]


def test_a_message_is_left_heard_and_deleted(centre: Centre, alice: Person, dave: Person) -> None:
    dave.calls(EDITORS)
    dave.hears(centre.site.text("The editors are reading. Please tell us about your book."))
    dave.hears(centre.site.phrase("tone"), within=5.0)
    until("he speaks", lambda: spoken_for(centre, 4.0))
    dave.hangs_up()
    until("the call is over", lambda: centre.books.rows("call", outcome="voicemail"))
    (left,) = centre.run("voicemail", "--json").data
    assert (left["box"], left["number"], left["heard_at"]) == ("editors", "+78465550001", None)
    assert left["length"] > 3

    alice.calls("*97")
    alice.hears(centre.site.phrase("voicemail-box"), 1)
    alice.presses("71#")
    alice.hears(centre.site.phrase("agent-pin"), 1)
    alice.presses(centre.site.secrets["voicemail-editors"] + "#")
    alice.hears(dave.voice, 2, within=30.0)
    alice.presses("3")
    alice.hears(centre.site.phrase("voicemail-deleted"))
    alice.is_hung_up_on()
    assert not files(centre)
    assert centre.run("voicemail", "--json").data == []
    centre.closes_its_books()
