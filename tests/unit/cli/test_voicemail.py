"""The command that lists the messages callers have left."""

import json
import wave
from pathlib import Path

import pytest

from appliance import facts as f
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.trouble import Trouble
from tests.unit.cli.site import NOON, run

BOX = "voicemail: {sales: {number: 801}}\n"


@pytest.fixture
def store(site: Path) -> Store:
    (site / "config" / "voicemail.yml").write_text(BOX)
    return Store(open_database("sqlite", site / "data"))


def leave(store: Store, id: str, file: Path, at: float) -> None:
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000 * 5))
    store.write(
        [
            f.CallStarted(id, at, f"leg-{id}", "89161234567", "", "4420", "main"),
            f.CallIdentified(id, at, "+79161234567", "4420", None, None, "en"),
            f.MessageBegun(f"sales-{id}", id, at, "sales", str(file)),
            f.CallEnded(id, at + 9, f.CallOutcome.VOICEMAIL),
        ]
    )


def test_what_there_is(site: Path, store: Store) -> None:
    assert run(site, "voicemail").output == "There are no messages.\n"
    leave(store, "a", site / "a.wav", NOON)
    leave(store, "b", site / "b.wav", NOON + 60)
    store.write([f.MessageHeard("sales-a", NOON + 100, "201")])
    lines = run(site, "voicemail").output.splitlines()
    assert [line.split()[:5] for line in lines[1:]] == [
        ["sales", "2023-11-15", "01:13", "+79161234567", "0:05"],
        ["sales", "2023-11-15", "01:14", "+79161234567", "0:05"],
    ]
    assert "heard 2023-11-15" in lines[1] and " new " in lines[2]
    (new,) = json.loads(run(site, "voicemail", "--new", "--json").output)
    assert (new["message"], new["length"], new["heard_at"]) == ("sales-b", 5.0, None)
    assert new["at"] == "2023-11-15T01:14:20.000+03:00"


def test_a_box_that_is_not_there(site: Path, store: Store) -> None:
    with pytest.raises(Trouble, match="There is no box 'milk': the configuration has sales"):
        run(site, "voicemail", "--box", "milk")
