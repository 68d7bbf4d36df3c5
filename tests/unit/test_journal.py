"""What the line is told comes back from the journal as it was."""

import json
from math import pi
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from appliance.facts import AgentState
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.aliases import Aliases
from appliance.line.journal import JournalledAcd, TakeVersion, Told, read_state, read_told
from appliance.line.messages import Message
from appliance.line.skills import make_needs
from appliance.plain import Unknown, from_plain, to_plain
from appliance.port import Outcome
from appliance.settings import Strategy
from tests.unit.line.world import queue, settings

LINE = settings(queue("q", Strategy.LONGEST_IDLE, "a1 a2"))
NEEDS = make_needs({"english": 3}, {"sales": 1}, {60.0: {"english": 1}})
NOW = 1795338061.1234567


def kept(*messages: Message, now: float = NOW) -> list[Any]:
    acd = JournalledAcd(LINE)
    for message in messages:
        acd.journal.told(message, now)
    (entry,) = acd.journal.take()
    assert isinstance(entry, Told)
    return read_told(entry.messages)


@pytest.mark.parametrize("kind", [kind for kind in get_args(Message) if kind is not m.TakeSettings])
@given(data=st.data())
@hypothesis_settings(max_examples=25)
def test_every_message_comes_back(kind: Any, data: st.DataObject) -> None:
    """Made by the types of its fields, so that a type that cannot be read back is noticed here."""
    message = data.draw(st.from_type(kind))
    assume("nan" not in repr(message))
    assert kept(message) == [(NOW, Aliases().message(message))], "but for who customers at home are"


def test_of_settings_the_version_is_kept() -> None:
    assert kept(m.TakeSettings(LINE, 7)) == [(NOW, TakeVersion(7))]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_times_are_exact(now: float) -> None:
    assert kept(m.Tick(), m.CallerJoins("v", "c", "q", now / 3, "l"), now=now) == [
        (now, m.Tick()),
        (now, m.CallerJoins("v", "c", "q", now / 3, "l")),
    ]


def test_of_another_version_unknown_fields_are_passed_over_and_unknown_messages_told() -> None:
    written = json.dumps(
        [[1.0, ["TalkEnds", {"visit": "v", "mood": "fine"}], ["Sings", {}], ["TalkBegins", {"visit": "v"}]]]
    )
    (_, ends), (_, sings), (_, begins) = read_told(written)
    assert ends == m.TalkEnds("v")
    assert isinstance(sings, Unknown) and "Sings" in str(sings)
    assert isinstance(begins, Unknown) and "agent" in str(begins), "what is missing now"
    with pytest.raises(Unknown):
        from_plain(Outcome, "sang")


def test_the_state_of_a_busy_line_comes_back() -> None:
    acd = JournalledAcd(LINE)
    now = 1000.0
    for message in (
        m.PhoneReachable("p1", True),
        m.PhoneInUse("p9", True),
        m.SignOn("a1", "p1"),
        m.CallerJoins("v1", "c1", "q", 20.0, "l1", NEEDS),
        m.CallerJoins("v2", "c2", "q", 0.0, "l2"),
    ):
        acd.handle(message, now)
        now += pi
    acd.journal.mark(acd, None, now, is_start=False)
    *_, mark = acd.journal.take()
    other = Acd(LINE)
    other.restore(read_state(mark.state), now)  # type: ignore[union-attr]
    assert to_plain(other.state()) == to_plain(acd.state())
    assert other.next_deadline() == acd.next_deadline()
    assert other.roster["a1"].state is AgentState.OFFERED
    assert other.roster.free.keys() == acd.roster.free.keys() and other.roster.standings == acd.roster.standings


def test_time_that_passes_without_anything_is_not_kept() -> None:
    acd = JournalledAcd(LINE)
    for now in range(1000):
        acd.handle(m.Tick(), float(now))
    assert acd.journal.take() == []


def test_what_cannot_be_read_back_is_noticed_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="cannot be read back"):
        from_plain(str | int, "x")
    with pytest.raises(TypeError, match="cannot be written down"):
        to_plain(Path("/"))
