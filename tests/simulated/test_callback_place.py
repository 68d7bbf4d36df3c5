"""The seventh in line goes home, and is called when it is the turn of the seventh, within what was expected."""

from pathlib import Path

from appliance.facts import VisitOutcome
from appliance.records import models as t
from appliance.simulation.people import Stage
from tests.simulated.calling_back import (
    CUSTOMER,
    KEY,
    attempts,
    called,
    in_line,
    running,
    the_callback,
    with_callbacks,
)

TALK = 60.0  # seconds that each lasts, but for chance


def number(n: int) -> str:
    return f"+7916200{n:04}"


def lengths(n: int) -> float:
    """Talks of one to two minutes."""
    return TALK + (n * 23) % 61


def test_place_seven(tmp_path: Path) -> None:
    with running(tmp_path, with_callbacks(offer_wait=300.0)) as centre:
        centre.phone("alice").answers(2)
        centre.phone("alice").keys_afterwards("1#", 1)
        centre.sign_on("alice")
        for n in range(10):
            caller = in_line(centre, number(n))
            caller._talks = lengths(n)  # as it is known by now how long talks last
            centre.until(lambda c=caller: c.stage is Stage.GONE, within=400)  # type: ignore[misc]
        talking = in_line(centre, number(10))
        talking._talks = lengths(10)
        holders = [in_line(centre, number(n)) for n in range(11, 17)]
        for n, holder in enumerate(holders, 11):
            holder._talks = lengths(n)

        centre.run_for(5)
        seventh = in_line(centre)
        centre.run_for(5)
        assert centre.sound("callback-offer") in seventh.prompts, "it will take longer than five minutes"
        assert centre.sound("callback-offer") not in holders[0].prompts
        seventh.press_when_asked(["1"])
        seventh.press(KEY)
        centre.until(lambda: seventh.stage is Stage.GONE)
        behind = [in_line(centre, number(n)) for n in range(17, 20)]
        (estimate,) = t.WaitEstimate.select().where(t.WaitEstimate.visit == the_callback().id)
        assert estimate.low < estimate.middle < estimate.high

        centre.switch.provider("north").answers(4, talks=TALK)
        centre.switch.provider("north").presses("1")
        customer = called(centre, within=2000)
        assert sum(bool(holder.partners) for holder in holders) >= 5, "whoever holds before is not passed by"
        centre.until(lambda: bool(customer.partners), within=300)
        assert all(holder.partners for holder in holders) and not any(other.partners for other in behind)
        waited = centre.clock.now() - estimate.at
        assert estimate.low <= waited <= estimate.high
        centre.until(lambda: attempts() == ["served"], within=300)
        visit = t.Visit.get(t.Visit.id == the_callback().id)
        assert (visit.outcome, visit.agent) == (VisitOutcome.ANSWERED.value, "1001")
        assert t.Call.get(t.Call.id == f"{visit.id}.c1").number == CUSTOMER
