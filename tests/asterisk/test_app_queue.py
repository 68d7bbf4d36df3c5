"""Queues of app_queue's kind beside the real one: in random histories the same agents are rung in the same order.

The real app_queue and our core are told the same, in lockstep; the core's time is the switch's own where that
counts, for the end of a talk. Chance cannot be compared, so random and wrandom are left out.
"""

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from math import floor
from pathlib import Path

import gevent
import pytest

from appliance.lab.process import LabError
from appliance.lab.switch import find_asterisk
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.port import Outcome
from appliance.settings import AppQueue, AppQueueStrategy, Queue, Tier
from appliance.settings.queues import NEAREST
from tests.asterisk.conftest import ROOT
from tests.asterisk.real_app_queue import RETRY, RINGS_FOR, Headers, RealAppQueue, agent_of
from tests.needs import lack
from tests.unit.line import world

S = AppQueueStrategy
COMPARED = (S.RINGALL, S.LEASTRECENT, S.FEWESTCALLS, S.RRMEMORY, S.RRORDERED, S.LINEAR)
HISTORIES = 5  # of each strategy, at the same time
CALLERS = 7
LONG_RINGS = 2  # in one history: each costs the test some seconds
SETTLED_WITHIN = 20.0
NOT_IN_USE = "1"
CLOCK_LAGS = 0.05  # seconds: the C library's time() goes by a coarser clock


@pytest.fixture
def real(tmp_path: Path) -> Iterator[RealAppQueue]:
    try:
        real = RealAppQueue(find_asterisk(ROOT), tmp_path)
    except LabError as error:
        lack("asterisk", error)
    try:
        yield real
    finally:
        real.stop()


class Lockstep:
    """One queue's history, in the real queue and in the core."""

    def __init__(self, real: RealAppQueue, queue: Queue, chance: random.Random) -> None:
        self.real, self.queue, self.chance = real, queue, chance
        settings = world.settings(queue)
        phones = {agent: replace(settings.phones[agent], id=agent) for agent in queue.agents}
        self.acd = Acd(replace(settings, phones=phones))
        self.now = floor(time.time())
        self.told: list[str] = []
        self.channels: dict[str, str] = {}  # agent -> channel
        self.talks: dict[str, str] = {}  # visit -> agent
        self.taken = dict.fromkeys(queue.agents, 0)
        self.long_rings = 0
        for agent in queue.agents:
            self.tell(m.PhoneReachable(agent, True))
            self.tell(m.SignOn(agent, agent))

    def tell(self, message: m.Message) -> None:
        self.acd.handle(message, self.now)

    def free(self) -> list[str]:
        return sorted(self.acd.roster.free)

    def run(self) -> None:
        for number in range(CALLERS):
            while self.talks and (len(self.free()) < 2 or self.chance.random() < 0.4):
                self.end_a_talk()
            self.maybe_pause()
            self.serve(f"{self.queue.id}-{number}")
        while self.talks:
            self.end_a_talk()

    def maybe_pause(self) -> None:
        agent = self.chance.choice(self.queue.agents)
        if self.acd.roster[agent].reason == "1":
            self.told.append(f"{agent} resumes")
            self.tell(m.Resume(agent))
            self.real.pause(self.queue.id, agent, False)
        elif agent in self.free() and len(self.free()) > 2 and self.chance.random() < 0.5:
            self.told.append(f"{agent} pauses")
            self.tell(m.Pause(agent, "1"))
            self.real.pause(self.queue.id, agent, True)

    def settle(self) -> dict[str, Headers]:
        """Wait until the switch knows of everybody what we know, and say how they stand there."""
        idle = {*self.queue.agents} - {*self.talks.values()}
        with gevent.Timeout(SETTLED_WITHIN, AssertionError(f"{idle} have not become free: {self.told}")):
            while not all(self.real.is_free(agent) for agent in idle):
                pass
            while True:
                members = self.real.members(self.queue.id)
                counted = all(int(members[agent]["CallsTaken"]) == calls for agent, calls in self.taken.items())
                if counted and all(members[agent]["Status"] == NOT_IN_USE for agent in idle):
                    break
            # In the second in which a call has ended, leastrecent gives its agent the metric of one with a penalty
            # more who has had no call: that is a fault which ours does not have.
            while floor(time.time() - CLOCK_LAGS) <= max(int(each["LastCall"]) for each in members.values()):
                gevent.sleep(0.02)
        return members

    def serve(self, visit: str) -> None:
        self.settle()
        self.told.append(f"{visit} joins")
        self.real.call(self.queue.id, visit)
        self.real.hear(self.queue.id, "QueueCallerJoin")
        self.tell(m.CallerJoins(visit, visit, self.queue.id, 0.0, visit))
        while True:
            ringing = self.compare(visit)
            dice = self.chance.random()
            if dice < 0.5:
                return self.answers(visit, self.chance.choice(ringing))
            if dice < 0.58:
                return self.gives_up(visit)
            if dice > 0.85 and self.long_rings < LONG_RINGS:
                self.lets_it_ring(visit, ringing)
            else:
                self.all_refuse(visit, ringing)

    def compare(self, visit: str) -> list[str]:
        """Who is rung, here and there."""
        known = self.acd.visit(visit)
        assert known is not None
        while known.offer is None:  # the caller rests: there, too
            self.now = self.acd.next_deadline()
            assert self.now is not None, self.told
            self.tell(m.Tick())
        ours = sorted(known.offer.phones)
        theirs = []
        for _ in ours:
            headers = self.real.hear(self.queue.id, "AgentCalled")
            theirs.append(agent_of(headers))
            self.channels[theirs[-1]] = headers["DestChannel"]
        assert ours == sorted(theirs), "\n".join([f"{self.queue}", *self.told, f"theirs {theirs}, ours {ours}"])
        self.told.append(f"{', '.join(ours)} is rung")
        return ours

    def answers(self, visit: str, agent: str) -> None:
        self.told.append(f"{agent} answers")
        self.real.does(self.channels[agent], "answers")
        self.real.hear(self.queue.id, "AgentConnect")
        self.tell(m.TalkBegins(visit, agent))
        self.talks[visit] = agent

    def gives_up(self, visit: str) -> None:
        self.told.append("the caller hangs up")
        self.real.hang_up(visit)
        self.real.hear(self.queue.id, "QueueCallerAbandon")
        self.tell(m.CallerGone(visit))

    def lets_it_ring(self, visit: str, ringing: list[str]) -> None:
        self.told.append("nobody answers")
        self.long_rings += 1
        for _ in ringing:
            self.real.hear(self.queue.id, "AgentRingNoAnswer")
        known = self.acd.visit(visit)
        assert known and known.offer and known.round
        self.now = known.round.ends
        self.tell(m.OfferFailed(known.offer.id, Outcome.NO_ANSWER))

    def all_refuse(self, visit: str, ringing: list[str]) -> None:
        self.told.append(f"{', '.join(ringing)} refuses")
        known = self.acd.visit(visit)
        assert known and known.offer
        offer = known.offer.id
        for agent in ringing:
            self.real.does(self.channels[agent], "refuses")
            self.real.hear(self.queue.id, "AgentRingNoAnswer")
            self.tell(m.RingingEnded(offer, agent, Outcome.REFUSED))
        self.tell(m.OfferFailed(offer, Outcome.REFUSED))

    def end_a_talk(self) -> None:
        visit = self.chance.choice(sorted(self.talks))
        agent = self.talks.pop(visit)
        self.told.append(f"{agent} hangs up")
        self.real.hang_up(self.channels[agent])
        self.real.hear(self.queue.id, "AgentComplete")
        self.taken[agent] += 1
        stands = self.settle()[agent]
        self.now = max(self.now, int(stands["LastCall"]))
        assert floor(self.now) == int(stands["LastCall"])
        self.tell(m.TalkEnds(visit))


def make(strategy: S, number: int, chance: random.Random) -> Queue:
    """A queue of its own agents, some with penalties, in any order."""
    agents = [f"{1000 + 10 * number + n}" for n in chance.sample(range(10), chance.randint(3, 5))]
    later = chance.choice((0, 0, 1, 2))
    tiers = (Tier(tuple(agents[-later:])),) if later else ()
    kind = AppQueue(strategy, retry=RETRY)
    return world.queue(
        f"q{number}", NEAREST[strategy], " ".join(agents), app_queue=kind, ring_for=float(RINGS_FOR), tiers=tiers
    )


def test_the_same_agents_are_rung_in_the_same_order(real: RealAppQueue) -> None:
    seed = int(os.environ.get("APPLIANCE_SEED") or random.getrandbits(32))
    print(f"APPLIANCE_SEED={seed}")
    chance = random.Random(seed)
    queues = [make(strategy, n, chance) for n, strategy in enumerate(COMPARED * HISTORIES)]
    real.start(queues)
    histories = [Lockstep(real, queue, random.Random(f"{seed}{queue.id}")) for queue in queues]
    running = [gevent.spawn(each.run) for each in histories]
    gevent.joinall(running)
    wrong = [each.exception for each in running if each.exception is not None]
    rung = sum(each.endswith("rung") for history in histories for each in history.told)
    assert not wrong, f"{len(wrong)} of {len(running)} histories, of {rung} rings; the first: {wrong[0]}"
    assert rung > CALLERS * len(queues)
