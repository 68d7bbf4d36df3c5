"""A customer chooses a time by key on a real phone, and is called then."""

import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from appliance.settings import Say
from appliance.speech.templates import fill
from dialplan.speech import speak
from tests.scenarios.centre import Centre
from tests.scenarios.people import RECOGNISED, Person
from tests.scenarios.providers import SOMEBODY, called
from tests.scenarios.waiting import until

ADVICE, CUSTOMER = "+78432000041", "+79161112233"


class Said:
    """What the appliance says with values of a call, spoken once more."""

    def __init__(self, centre: Centre, directory: Path) -> None:
        self._settings, self._directory = centre.site.settings, directory
        self._made: dict[str, Path] = {}

    def phrase(self, name: str, **values: object) -> Path:
        piece = self._settings.phrases[name].by_language["en"]
        assert isinstance(piece, Say)
        text = fill(piece.text, "en", values.get)
        if text not in self._made:
            file = self._directory / f"expected-{len(self._made)}.wav"
            speak(self._settings.speech, text, "en", file, 30.0)
            self._made[text] = file
        return self._made[text]

    def at(self, name: str, moment: float, **values: object) -> Path:
        """Of a time to come."""
        zone = ZoneInfo(self._settings.time_zone)
        return self.phrase(name, when=(datetime.fromtimestamp(moment, zone), datetime.now(zone)), **values)


def test_a_time_is_read_out_and_chosen_and_the_customer_is_called_then(
    centre: Centre, alice: Person, dave: Person, sever: Person, tmp_path: Path
) -> None:
    said = Said(centre, tmp_path)
    dave.calls(ADVICE, from_=CUSTOMER)
    dave.hears(said.phrase("callback-confirm", number=CUSTOMER))
    dave.presses("1")
    dave.hears(centre.site.phrase("callback-slots"))

    def is_read_out() -> bool:
        """The first free time now, or the one before, which it may have been a moment ago."""
        slot = centre.ask("callback-slots", queue="advice")["slots"][0]
        length = slot["ends_at"] - slot["begins_at"]
        times = (slot["begins_at"], slot["begins_at"] - length)
        return any(dave.share_heard(said.at("callback-slot", at, key="1")) >= RECOGNISED for at in times)

    until("the first time has been read out", is_read_out, 30)
    dave.presses("1")
    row = chosen(centre, dave)
    dave.hears(said.at("callback-promised-at", float(row["not_before"])))
    dave.is_hung_up_on()
    assert (row["number"], row["kind"]) == (CUSTOMER, "chosen time")
    assert float(row["not_before"]) % 300 == 0
    centre.sign_on("alice")  # who is free, and calls nobody before the time
    assert centre.ask("callbacks")[0]["state"] == "at home"
    assert sever.is_not_rung()
    soon = time.time() + 3
    centre.ask("callback-move", callback=row["id"], at=soon, by="a story in a hurry")
    assert called(sever.rings(within=20).message) == SOMEBODY
    assert time.time() >= soon
    sever.answers()
    sever.hears(said.phrase("callback-greeting", company="Volga Books"))
    sever.presses("1")
    alice.rings()
    alice.answers()
    alice.talks_with(sever)
    alice.hangs_up()
    sever.is_hung_up_on()
    centre.closes_its_books()
    assert centre.books.column("attempt", "outcome") == ["served"]
    (ended,) = centre.books.rows("callback")
    assert (ended["outcome"], ended["id"]) == ("served", row["id"])


def chosen(centre: Centre, caller: Person) -> Mapping[str, object]:
    """Press 1 once the time has been repeated; the row of what was promised then."""
    caller.presses("1")
    until("a call is promised", lambda: bool(centre.books.rows("callback")))
    (row,) = centre.books.rows("callback")
    return row
