"""What supervisors do by phone: open and close by hand, and tell callers something at once."""

from pathlib import Path

import pytest

from tests.scenarios.centre import Centre
from tests.scenarios.people import Person
from tests.scenarios.waiting import until

OPEN, DELIVERY = "+78432000008", "+78432000003"
YES = "Yes, we are open today, come and see us."
ALWAYS = "3"  # the third of the timetables


def identifies(centre: Centre, supervisor: Person, code: str) -> None:
    """Dials a code of supervisors, and says who it is."""
    supervisor.calls(code)
    supervisor.hears(centre.site.phrase("agent-number"))
    supervisor.presses(f"501#{centre.site.secrets['agent-501']}#")


def test_closed_by_hand_and_back(centre: Centre, alice: Person, dave: Person) -> None:
    identifies(centre, alice, "*21")
    alice.hears(centre.site.phrase("press-1"))
    alice.presses(ALWAYS)
    alice.hears(centre.site.phrase("hours-are-open"))
    alice.presses("2")
    alice.hears(centre.site.phrase("hours-how-long"), 2)
    alice.presses("2#")
    alice.hears(centre.site.phrase("hours-closed"))
    alice.is_hung_up_on()
    row = centre.books.one("hoursbyhand")
    assert (row["schedule"], row["is_open"], row["by"]) == ("always", 0, "Alice Frolova")
    assert row["until"] - row["at"] == pytest.approx(7200, abs=1)
    dave.calls(OPEN)
    dave.is_hung_up_on()
    assert dave.share_heard(centre.site.text(YES)) < 0.3
    (view,) = [each for each in centre.run("hours", "--json").data if each["schedule"] == "always"]
    assert not view["open"] and view["by_hand"]["by"] == "Alice Frolova"
    assert "always closed by Alice Frolova" in centre.run("status").out

    identifies(centre, alice, "*21")
    alice.presses(ALWAYS)
    alice.hears(centre.site.phrase("hours-by-hand"))
    alice.presses("3")
    alice.hears(centre.site.phrase("hours-followed"))
    alice.is_hung_up_on()
    dave.calls(OPEN)
    dave.hears(centre.site.text(YES))
    dave.is_hung_up_on()
    until("both calls are over", lambda: len(centre.books.rows("call", outcome="informed")) == 1)
    assert len(centre.books.rows("call", outcome="closed")) == 1


def test_a_notice_recorded_by_phone_is_heard_by_the_next_caller(
    centre: Centre, alice: Person, dave: Person, eve: Person
) -> None:
    identifies(centre, alice, "*22")
    alice.hears(centre.site.phrase("notice-speak"))
    alice.hears(centre.site.phrase("tone"), within=5.0)
    until("she speaks", lambda: spoken_for(centre, 4.0))
    alice.presses("#")
    alice.hears(alice.voice, 2)  # as callers will hear it
    alice.hears(centre.site.phrase("notice-keep"), 2)
    alice.presses("1")
    alice.hears(centre.site.phrase("notice-how-long"), 2)
    alice.presses("1#")
    alice.hears(centre.site.phrase("notice-kept"))
    alice.is_hung_up_on()

    dave.calls(DELIVERY)
    dave.hears(alice.voice, 2)
    dave.hears(centre.site.music("organ"), 1)
    dave.hangs_up()
    eve.calls(DELIVERY)
    eve.hears(alice.voice, 1)
    eve.hangs_up()
    until("she was informed", lambda: centre.books.rows("call", outcome="informed"))
    (notice,) = centre.run("notice", "--json").data
    assert (notice["target"], notice["by"]) == ("all", "Alice Frolova")
    assert (notice["heard"], notice["hung_up"]) == (2, 1)
    assert centre.run("notice", "end", "all").status == 0
    dave.calls(DELIVERY)
    dave.hears(centre.site.music("organ"), 1)
    assert dave.share_heard(alice.voice, 2) < 0.3


def spoken_for(centre: Centre, seconds: float) -> bool:
    """Whether the switch has recorded so much of a message."""
    files = [*Path(centre.site.recordings / "messages").glob("*.wav")]
    return any(file.stat().st_size > seconds * 16000 for file in files)
