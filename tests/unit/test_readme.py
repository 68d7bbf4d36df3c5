"""What the README shows is what the appliance prints."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from appliance import facts as f
from appliance.configuration.checks import load
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.records import models as t
from appliance.records.database import open_database
from appliance.records.store import Store
from appliance.records.why import find_call, story, story_text

ROOT = Path(__file__).parents[2]
MOSCOW = ZoneInfo("Europe/Moscow")
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=MOSCOW).timestamp()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    yield Store(open_database("sqlite", tmp_path))
    t.database.close()


def sample(after: str) -> list[str]:
    """The lines of the first indented block after that sentence."""
    lines = (ROOT / "README.md").read_text().partition(after)[2].lstrip().partition("\n\n")[0].splitlines()
    return [line.strip() for line in lines]


def test_the_story_of_a_call(store: Store) -> None:
    settings = load(ROOT / "config").settings
    assert settings is not None
    acd = Acd(settings)

    def tell(at: float, *messages: m.Message) -> None:
        for message in messages:
            store.write(acd.handle(message, NOON + at))

    def join(call: str, at: float) -> str:
        store.write(
            [f.CallStarted(call, NOON + at - 9, f"leg-{call}", "+79123456780", "", "+74951234567", "north")]
        )
        tell(at, m.CallerJoins(f"{call}.1", call, "support", 0.0, f"leg-{call}"))
        return f"{call}.1"

    for n, (agent, phone) in enumerate({"1002": "202", "1003": "203", "1004": "204"}.items()):
        tell(-420 + n * 30, m.SignOn(agent, phone), m.PhoneReachable(phone, True))
    tell(-26, m.TalkBegins(join("261121-085920-001", -31), "1002"))
    second = join("261121-090150-001", 119)
    tell(122, m.TalkBegins(second, "1003"))
    tell(170, m.TalkEnds(second))
    tell(199, m.TalkBegins(join("261121-090307-001", 196.4), "1004"))

    told = story_text(story(find_call("last")), MOSCOW, settings)
    shown = sample("`why` answers the question that every call centre asks:")
    lines = [line.strip() for line in told.splitlines()]
    assert len(shown) > 5
    assert [line for line in lines if line in shown] == shown
