"""Strategies, tiers, skills, weights and auto-pause, by the phones that ring.

One site and one appliance for all; each story has agents of its own, whose phones do what it says.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import gevent
import pytest

from dialplan.render import Paths
from tests.bench.callers import Call
from tests.scenarios.books import Row
from tests.scenarios.centre import Centre
from tests.scenarios.crowd.desk import Desk
from tests.scenarios.crowd.plan import Does, Reaction, agent_at
from tests.scenarios.crowd.seen import Ring
from tests.scenarios.crowd.site import CrowdSite, phones_section
from tests.scenarios.machine import Machine
from tests.scenarios.waiting import until

PHONES = tuple(str(number) for number in range(401, 425))
PHONES_WITHIN = 40.0  # seconds until the switch knows that phones of fixed addresses are there
AT_ONCE = Reaction(Does.ANSWERS, 0.02, talks_for=0.1, caller_ends=True)
LATER = 2  # seconds of waiting after which a tier opens, or a need relaxes

PEOPLE = f"""\
numbers:
  "8001": {{open: {{queue: in-order}}}}
  "8002": {{open: {{queue: fewest}}}}
  "8003": {{open: {{queue: only-404}}}}
  "8004": {{open: {{queue: least}}}}
  "8005": {{open: {{queue: skilled}}}}
  "8006": {{open: {{queue: skilled, needs: english>=4}}}}
  "8007": {{open: {{queue: relaxing}}}}
  "8008": {{open: {{queue: tiered}}}}
  "8009": {{open: {{queue: light}}}}
  "8010": {{open: {{queue: heavy}}}}
  "8011": {{open: {{queue: strict-about-misses}}}}
  "8012": {{open: {{queue: by-chance}}}}
  "8013": {{open: {{queue: by-share}}}}
  "8014": {{open: {{queue: light}}, priority: 1m}}

queues:
  in-order: {{strategy: in-order, agents: [1401, 1402, 1403]}}
  fewest: {{strategy: fewest-calls, agents: [1404, 1405, 1406]}}
  only-404: {{strategy: longest-idle, agents: [1404]}}
  least: {{strategy: least-talk-time, agents: [1407, 1408]}}
  skilled: {{strategy: skill-first, agents: [1409, 1410], needs: english>=1}}
  relaxing:
    strategy: longest-idle
    agents: [1411]
    needs: {{required: english>=4, after: {{{LATER}s: english>=2}}}}
  tiered:
    strategy: longest-idle
    agents: [1412]
    tiers: [{{agents: 1413, after: {LATER}s}}]
  light: {{strategy: longest-idle, agents: [1414]}}
  heavy: {{strategy: longest-idle, agents: [1414], weight: 3}}
  strict-about-misses:
    strategy: longest-idle
    agents: [1415]
    pause_after: {{refused: 2}}
  by-chance: {{strategy: random, agents: [1416, 1417]}}
  by-share: {{strategy: weighted-random, agents: [1418, 1419], shares: {{1418: 0.01, 1419: 100}}}}

agents:
  1409: {{name: Agent 409, skills: {{english: 2}}}}
  1410: {{name: Agent 410, skills: {{english: 5}}}}
  1411: {{name: Agent 411, skills: {{english: 2}}}}
"""


def people() -> str:
    others = (phone for phone in PHONES if f"  {agent_at(phone)}:" not in PEOPLE)
    agents = "".join(f"  {agent_at(phone)}: {{name: Agent {phone}}}\n" for phone in others)
    return PEOPLE + agents + phones_section(PHONES)


class Shop:
    """The appliance, and phones that answer at once, talk for a moment and hang up, until told otherwise."""

    def __init__(self, centre: Centre, site: CrowdSite) -> None:
        self.centre = centre
        self.habits: dict[str, Reaction] = {}
        self.desk = Desk(site, lambda phone, ring: self.habits.get(phone, AT_ONCE))
        self.desk.phones.on_talk = lambda ring, reaction: gevent.spawn(self._talk, ring, reaction.talks_for)

    def _talk(self, ring: Ring, lasts: float) -> None:
        """A talk lasts so long from when both hear each other."""
        talking = "the two talk"
        until(talking, lambda: ring.ended_at or self.centre.books.state(agent_at(ring.phone)) == "talking")
        gevent.sleep(lasts)
        self.desk.phones.hang_up(ring)

    def comes(self, *phones: str) -> None:
        """Agents sign on, one after the other; returns when their phones are there."""
        for phone in phones:
            self.centre.ask("agent-sign-on", agent=agent_at(phone), phone=phone)

        def missing() -> set[str]:
            return {*phones} - {agent["phone"] for agent in self.centre.ask("agents") if agent["reachable"]}

        until(lambda: f"{missing()} are there", lambda: not missing(), PHONES_WITHIN)

    def does(self, phone: str, does: Does = Does.ANSWERS, talks_for: float = 0.1) -> None:
        """What an agent does from now on when the phone rings."""
        self.habits[phone] = Reaction(does, 0.02, talks_for, caller_ends=True)

    def calls(self, number: str) -> Call:
        call = self.desk.callers.dial(number)
        until("the caller is in line", lambda: self.visit(call))
        return call

    def visit(self, call: Call) -> Row | None:
        return next(iter(self.centre.books.ask(_VISIT, f"+{call.caller}")), None)

    def rung(self, *calls: Call) -> list[str]:
        """The phones that rang for these callers, in order."""
        callers = [call.caller for call in calls]
        return [ring.phone for ring in self.desk.phones.rings if ring.caller in callers]

    def callers_at(self, phone: str) -> list[str]:
        """Who has rung that phone, in order."""
        return [ring.caller for ring in self.desk.phones.rings if ring.phone == phone]

    def is_over(self, *calls: Call) -> None:
        until("the calls are over", lambda: all(call.ended_at for call in calls))
        self.centre.closes_its_books()

    def serves(self, number: str, times: int = 1) -> list[str]:
        """Calls one after the other: the phones that rang."""
        calls = []
        for _ in range(times):
            calls.append(self.calls(number))
            self.is_over(calls[-1])
        return self.rung(*calls)

    def passed_over(self, call: Call, n: int = 0) -> dict[str, str | None]:
        """Why each agent was, in the nth decision about that caller; None: was chosen."""
        visit = self.visit(call)
        assert visit is not None
        row = self.centre.books.rows("decision", visit=visit["id"])[n]
        return {one["agent"]: one["passed_over"] for one in json.loads(row["considered"])}

    def waited(self, call: Call) -> float:
        """Seconds from joining the line to the first offer."""
        visit = self.visit(call)
        assert visit is not None
        offer = self.centre.books.rows("offer", visit=visit["id"])[0]
        return float(offer["at"] - visit["joined_at"])


_VISIT = "SELECT visit.* FROM visit JOIN call ON call.id = visit.call WHERE call.number = ?"


@pytest.fixture(scope="module")
def shop(
    make_machine: Callable[[Path, Paths], Machine], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    directory = tmp_path_factory.mktemp("strategies")
    site = CrowdSite(directory, make_machine, people())
    site.machine.start()
    centre = Centre(site, directory / "books", {})
    centre.start()
    try:
        shop = Shop(centre, site)
        with shop.desk:
            site.machine.looks_for(PHONES)
            yield shop
            centre.nothing_is_left()
    finally:
        centre.stop()
        site.machine.stop()


def test_in_order_begins_with_the_first_who_is_free(shop: Shop) -> None:
    shop.comes("403", "402", "401")
    assert shop.serves("8001", 2) == ["401", "401"]
    shop.does("401", Does.DECLINES)
    assert shop.serves("8001") == ["401", "402"]


def test_fewest_calls_counts_those_of_every_queue_and_who_comes_late_begins_at_the_mean(shop: Shop) -> None:
    shop.comes("404", "405")
    assert shop.serves("8003", 3) == ["404"] * 3
    assert shop.serves("8002") == ["405"]  # 0 against 3
    shop.comes("406")  # as if with 2
    assert shop.serves("8002", 3) == ["405", "406", "405"]  # 1; 2 and idle for longer; 2 against 3 and 3


def test_least_talk_time(shop: Shop) -> None:
    shop.comes("407", "408")
    shop.does("407", talks_for=1.2)
    assert shop.serves("8004", 3) == ["407", "408", "408"]


def test_skill_first_offers_the_best_and_needs_keep_others_out(shop: Shop) -> None:
    shop.comes("409", "410")
    assert shop.serves("8005", 2) == ["410", "410"]  # though the other has been idle for longer
    shop.does("410", talks_for=2.0)
    first = shop.calls("8005")
    until("410 talks", lambda: shop.centre.books.state("1410") == "talking")
    second = shop.calls("8005")
    until("409 is free again", lambda: second.ended_at and shop.centre.books.state("1409") == "ready")
    third = shop.calls("8006")
    assert shop.passed_over(third) == {"1409": "lacks a skill", "1410": "talking"}
    shop.is_over(first, second, third)
    assert (shop.rung(first), shop.rung(second), shop.rung(third)) == (["410"], ["409"], ["410"])
    told = shop.centre.run("why", str(shop.visit(third)["call"])).out
    assert "lacks a skill" in told and "english" in told


def test_a_need_relaxes_with_the_wait(shop: Shop) -> None:
    shop.comes("411")
    call = shop.calls("8007")
    assert shop.passed_over(call) == {"1411": "lacks a skill"}
    shop.is_over(call)
    assert shop.rung(call) == ["411"] and shop.waited(call) >= LATER


def test_a_later_tier_opens_with_the_wait(shop: Shop) -> None:
    shop.comes("412", "413")
    shop.centre.ask("agent-pause", agent="1412", reason="1")
    call = shop.calls("8008")
    assert shop.passed_over(call) == {"1412": "paused", "1413": "of a later tier"}
    shop.is_over(call)
    assert shop.rung(call) == ["413"] and shop.waited(call) >= LATER


def test_of_two_queues_the_heavier_waits_faster_and_a_head_start_counts_as_waited(shop: Shop) -> None:
    light = shop.calls("8009")
    heavy = shop.calls("8010")
    ahead = shop.calls("8014")
    queues = {queue["queue"]: queue for queue in shop.centre.ask("queues")}
    assert queues["light"]["bound"] == {"times": 3.0, "seconds": 60.0}
    assert queues["heavy"]["bound"] == {"times": 1.0, "seconds": 20.0}
    until("the heavier wait is longer", lambda: _wait(shop, heavy) * 3 > _wait(shop, light) + 0.2)
    shop.comes("414")
    shop.is_over(light, heavy, ahead)
    assert shop.callers_at("414") == [ahead.caller, heavy.caller, light.caller]


def _wait(shop: Shop, call: Call) -> float:
    visit = shop.visit(call)
    assert visit is not None
    return time.time() - float(visit["joined_at"])


def test_who_refuses_too_often_is_paused_until_they_resume(shop: Shop) -> None:
    shop.comes("415")
    shop.does("415", Does.IS_BUSY)
    refused = []
    for does in (Does.IS_BUSY, Does.DECLINES, Does.DECLINES):  # the first is another cause
        shop.does("415", does)
        refused.append(shop.calls("8011"))
        until("the phone has rung", lambda: shop.rung(refused[-1]))
        until("the agent is free again", lambda: shop.centre.books.state("1415") in ("ready", "paused"))
    assert shop.centre.books.state("1415") == "paused"
    (incident,) = [i["what"] for i in shop.centre.books.facts("Incident") if "1415" in i["what"]]
    assert "paused" in incident and "refused" in incident
    fourth = shop.calls("8011")
    assert shop.passed_over(fourth) == {"1415": "paused"}
    for call in refused:
        shop.desk.hang_up(call)
    shop.does("415")
    shop.centre.ask("agent-resume", agent="1415")
    shop.is_over(fourth, *refused)
    assert shop.rung(fourth) == ["415"]


def test_chance_reaches_everybody_and_a_share_is_a_share(shop: Shop) -> None:
    shop.comes("416", "417", "418", "419")
    rung: list[str] = []
    while set(rung) != {"416", "417"} and len(rung) < 30:
        rung += shop.serves("8012")
    assert set(rung) == {"416", "417"}
    assert shop.serves("8013", 3) == ["419"] * 3
