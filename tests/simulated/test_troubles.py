"""Bad moments: what comes late, twice, from the past or not at all, and who must not have to pay for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from peewee import OperationalError

from appliance import facts as f
from appliance import messages as m
from appliance import models as t
from appliance.engine import Welcome
from appliance.facts import CallOutcome
from appliance.simulation.channel import Sound
from tests.simulated.centre import MAIN, Centre, running, settings


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Centre]:
    with running(tmp_path, settings()) as centre:
        yield centre


def happened(kind: type) -> int:
    return t.EventRow.select().where(t.EventRow.kind == kind.__name__).count()


def lock_database(centre: Centre, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    store = centre.engine._store
    write, unlocked = store.write, centre.clock.now() + seconds

    def locked(facts: list[f.Fact]) -> None:
        if centre.clock.now() < unlocked:
            raise OperationalError("database is locked")
        write(facts)

    monkeypatch.setattr(store, "write", locked)


def test_a_caller_who_joins_and_hangs_up_while_the_database_is_locked(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are taken from the inbox at once then, and the caller must not stay in line for ever."""
    lock_database(centre, monkeypatch, 20)
    caller = centre.call(MAIN)
    caller.press("1", after=6)
    centre.until(lambda: caller.hears(Sound.MUSIC))
    caller.hang_up(after=2)
    centre.run_for(20)
    assert centre.engine.acd.visits() == []
    assert (t.Visit.get().outcome, t.Call.get().outcome) == ("abandoned", CallOutcome.ABANDONED.value)


def test_what_a_flow_still_says_of_a_call_that_is_over_changes_nothing(centre: Centre) -> None:
    """The switch told of the hang-up first: a flow does not know before its next verb."""
    caller = centre.call(MAIN)
    centre.run_for(1)
    (live,) = centre.engine.live.calls.values()
    caller.hang_up()
    centre.run_for(1)
    centre.engine.tell(
        f.CallProgressed(live.id, centre.clock.now(), CallOutcome.ABANDONED),
        m.CallerJoins(f"{live.id}.1", live.id, "support", 0.0, caller.leg),
        Welcome(live, live.driver),
    )
    centre.run_for(1)
    assert t.Call.get().outcome == CallOutcome.LEFT_EARLY.value
    assert t.Visit.select().count() == 0 and centre.engine.acd.visits() == []
    assert happened(f.CallEnded) == 1
