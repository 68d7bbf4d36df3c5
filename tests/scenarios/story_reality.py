"""Fifty agents, a hundred callers, and three books of what happened: theirs, the switch's and the appliance's."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dialplan.render import Paths
from tests.scenarios.centre import Centre
from tests.scenarios.crowd.audit import differences
from tests.scenarios.crowd.crowd import Crowd
from tests.scenarios.crowd.plan import LINES, PHONES, Plan, agent_at, people
from tests.scenarios.crowd.seen import RingEnd, Seen
from tests.scenarios.crowd.site import CrowdSite, phones_section
from tests.scenarios.machine import Machine
from tests.scenarios.waiting import until

SEED = 20261122
CALLERS = 100
ARRIVE_WITHIN = 14.0  # seconds: so that a machine with two cores, which also runs the phones, keeps up
READY_WITHIN = 40.0  # seconds
AUDITED = ("call", "leg", "visit", "offer", "offeragent", "agentstretch")


@pytest.fixture
def crowd_site(make_machine: Callable[[Path, Paths], Machine], tmp_path: Path) -> Iterator[CrowdSite]:
    site = CrowdSite(tmp_path, make_machine, people() + phones_section(PHONES))
    site.machine.start()
    try:
        yield site
    finally:
        site.machine.stop()


def live_through(site: CrowdSite, centre: Centre, plan: Plan) -> Seen:
    """What everybody saw who did what the plan says."""
    with Crowd(site, plan) as crowd:
        for phone in PHONES:
            centre.ask("agent-sign-on", agent=agent_at(phone), phone=phone)
        site.machine.looks_for(PHONES)

        def missing() -> list[str]:
            return [agent["phone"] for agent in centre.ask("agents") if not agent["reachable"]]

        until(lambda: f"every phone is there, also {missing()}", lambda: not missing(), READY_WITHIN)
        # The switch is told of every agent who signs on, and is busy with that for a while.
        told = {queue: len(line.phones) for queue, line in LINES.items()}
        until("the switch knows all", lambda: {q: site.machine.stand_ins(q) for q in told} == told, READY_WITHIN)
        crowd.live(centre)
        return crowd.seen()


def test_the_rows_agree_with_what_phones_saw_and_with_the_switch(crowd_site: CrowdSite, tmp_path: Path) -> None:
    centre = Centre(crowd_site, tmp_path / "books", {})
    centre.start()
    try:
        seen = live_through(crowd_site, centre, Plan(SEED, CALLERS, ARRIVE_WITHIN))
        ledger = centre.run("report", "--json").data["ledger"]
        centre.nothing_is_left()
    finally:
        centre.stop()
    crowd_site.machine.stop()  # so that all that it writes down is written
    rows = {table: centre.books.rows(table) for table in AUDITED}
    assert differences(seen, rows, crowd_site.machine.records(crowd_site.records)) == []
    # Nothing of what the plan has in it may have been missing.
    assert len(seen.calls) == CALLERS and {ring.end for ring in seen.rings} == {*RingEnd}
    assert {row["outcome"] for row in rows["offeragent"]} >= {
        "answered",
        "busy",
        "refused",
        "no answer",
        "cancelled",
    }
    outcomes = Counter(row["outcome"] for row in rows["call"])
    assert outcomes["answered"] + outcomes["abandoned"] == CALLERS and outcomes["abandoned"] > 5
    assert ledger == {
        "calls": CALLERS,
        "open": 0,
        "outcomes": dict(outcomes),
        "outgoing": {},
        "unexplained": {},
        "unexplained_count": 0,
    }
