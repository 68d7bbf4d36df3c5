"""Offers: callers are given to agents for a while, and what follows from how that ends. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from appliance.facts import AgentState, Considered, Fact, Incident, Offered, OfferEnded, OfferGrew, TurnTaken
from appliance.line import app_queue
from appliance.line.agents import Agent, Roster
from appliance.line.briefing import AT_MOST, briefing_of
from appliance.line.deadlines import Deadlines
from appliance.line.explaining import Candidates
from appliance.line.growing import Growing, has_time
from appliance.line.lanes import Lanes, Sorted
from appliance.line.matching import Lane, Matching
from appliance.line.misses import MISSES
from appliance.line.rules import Rules
from appliance.line.strategies import Seat, Turn, order
from appliance.line.visits import LaneKey, Offer, Visit
from appliance.port import Outcome
from appliance.settings import Callback, Queue, Strategy

GRACE = 5.0  # seconds an offer may outlast its ringing before it is taken for lost
PASSED_OVER_FOR = 20.0  # seconds an agent who missed a caller is not offered the same caller again
REST = 30.0  # seconds in which a phone that could not be reached is not rung, unless it says that it is back

# What an agent is not to blame for: the caller or another agent was faster, or the appliance was not there.
NOT_MISSED = (Outcome.ANSWERED, Outcome.CANCELLED)

_Able = tuple[LaneKey, Sorted, Mapping[str, Seat]]


class Offers:
    """The offers that are open, each with its visit, and the making and ending of them."""

    def __init__(self, rules: Rules, roster: Roster, lanes: Lanes, deadlines: Deadlines) -> None:
        self.rules = rules
        self._roster, self._lanes, self._deadlines = roster, lanes, deadlines
        self._open: dict[str, Visit] = {}
        self.growing = Growing(deadlines)
        self.kept: dict[str, str] = {}  # agent -> the visit of a caller at home, who is to be called first
        self.turns: dict[str, str] = {}  # of queues that go round: the agent who was offered a call last
        self._app_queue = app_queue.Turns(roster, lanes, self.turns)

    def restore(self, visits: Iterable[Visit], turns: Mapping[str, str], now: float) -> None:
        """Take over what the database knows."""
        self.turns.update(turns)
        for visit in visits:
            self.take_over(visit)
            if visit.offer:
                self._open[visit.offer.id] = visit
                self._deadlines.set("offer", visit.offer.id, visit.offer.until)
                self.growing.restore(visit, now)

    def take_over(self, visit: Visit) -> None:
        """The rules of a caller's queue are other ones, or were not known before."""
        if self._is_ranked(visit.queue):
            self._app_queue.take_over(visit, self.rules)

    def get(self, offer: str) -> Visit | None:
        """The visit of an offer that has not ended."""
        return self._open.get(offer)

    def lose(self, offer: str, now: float) -> list[Fact]:
        """Nobody has said what became of it, and its time is over."""
        lost = Incident(now, f"offer {offer} was never answered for; its agents are free again")
        return [lost, *self.end(self._open[offer], now, Outcome.FAILED, "offer lost")]

    def watch(self, visit: Visit, now: float) -> None:
        """Look at a caller again when other agents may serve them."""
        at = self.rules.changes_at(visit, now) if visit.agent is None else None
        self._deadlines.set("visit", visit.id, at)

    def match(self, now: float) -> list[Fact]:
        """Offer every caller who can be served now; whoever is left over may ring beside others."""
        self._lanes.look_again(self._roster.take_turned(), now)
        self.kept = {}
        if not self._roster.free:
            return []  # most of what happens
        return [*(self._match(now) if self._lanes else ()), *self._grow(now)]

    def _match(self, now: float) -> list[Fact]:
        free = self._roster.free
        matching = Matching(self._open_lanes(now), self.rules.urgency, now)
        given = {agent: visit.id for visit in matching.turns for agent in matching.given[visit.id]}
        facts: list[Fact] = []
        for visit in matching.turns:
            if visit.lane is not None and visit.lane.at_home:
                self.kept[matching.given[visit.id][0]] = visit.id
                continue
            needed = {a: given[a] for a in matching.wanted(visit) if a in given and a in free}
            facts += self._offer(visit, tuple(matching.given[visit.id]), needed, now)
        return facts

    def _open_lanes(self, now: float) -> Iterator[Lane]:
        """The lanes that somebody who is free may serve."""
        free = self._roster.free
        for key, callers in self._lanes.kept_for(free):
            strategy = self.rules.settings.queues[key.queue].strategy
            yield Lane(callers, strategy, free, self.rules.seats(key), self._turn)
        for queue in self._queues():
            if self._is_ranked(queue):
                for key, callers in self._lanes.at_home(queue):
                    yield Lane(callers, Strategy.IN_ORDER, free, self.rules.seats(key), self._turn)
                yield from self._app_queue.lanes(self.rules.settings.queues[queue], self.rules, now)
                continue
            strategy = self.rules.settings.queues[queue].strategy
            for key, callers, seats in self._first(self._able(queue)):
                yield Lane(callers, Strategy.IN_ORDER if key.at_home else strategy, free, seats, self._turn)

    def _queues(self) -> Iterable[str]:
        """Those in which somebody may have one of the agents who are free."""
        free = self._roster.free
        if len(free) == 1:  # as when everybody is busy and many wait
            return [queue.id for agent in free for queue in self.rules.queues_of(agent)]
        return dict.fromkeys((*self._lanes.queues(), *self._lanes.queues_at_home()))

    def _able(self, queue: str) -> Iterator[_Able]:
        """The lanes of a queue that somebody who is free may serve, of who holds and of who is at home."""
        free = self._roster.free.keys()
        for key, callers in chain(self._lanes.at_home(queue), self._lanes.of(queue)):
            seats = self.rules.seats(self.effective(key))
            if not free.isdisjoint(seats.keys()):
                yield key, callers, seats

    def _first(self, lanes: Iterable[_Able]) -> Iterable[_Able]:
        """Where one agent alone is free, only the first caller of a queue can have them, whatever the lane."""
        if len(self._roster.free) > 1:
            return lanes
        lanes = list(lanes)
        if len(lanes) < 2 or any(callers[0][1].missed for _, callers, _ in lanes):
            return lanes
        return [min(lanes, key=lambda lane: lane[1][0][0])]

    def effective(self, lane: LaneKey) -> LaneKey:
        """Where nobody of the first tiers is signed on, the next ones are open."""
        if not self.rules.settings.queues[lane.queue].tiers or self._is_ranked(lane.queue):
            return lane
        tiers = self.rules.tiers(lane.queue)
        manned = (n for n, agents in enumerate(tiers) if any(self._roster.at_work(agent) for agent in agents))
        lowest = next(manned, 0)
        return replace(lane, tier=lowest) if lowest > lane.tier else lane

    def _turn(self, visit: Visit) -> Turn:
        """What the order of agents depends on besides themselves."""
        queue = self.rules.settings.queues[visit.queue]
        after = self.rules.position(queue.id, self.turns.get(queue.id))
        return Turn(f"{visit.id}.{visit.offers + 1}", after, len(queue.agents))

    def _offer(self, visit: Visit, chosen: tuple[str, ...], needed: Mapping[str, str], now: float) -> list[Fact]:
        queue = self.rules.settings.queues[visit.queue]
        if not visit.present:
            chosen = chosen[:1]  # at home: one agent calls the customer
        candidates = self.candidates(visit, now, chosen, needed)
        is_kept = visit.lane is not None and visit.lane.agent is not None
        ring_for, next = queue.ring_for, None
        if queue.app_queue and not is_kept:
            ring_for, next = self._app_queue.ring(visit, chosen, self.rules, now)
        elif queue.strategy is Strategy.ROUND_ROBIN and not is_kept:  # the others do not lose their turn by that
            next = chosen[0]
        visit.offers += 1
        offer = f"{visit.id}.{visit.offers}"
        phones = {id: self._roster[id].phone or "" for id in chosen}
        ends_at = now + ring_for
        visit.offer = Offer(offer, {**phones}, ends_at + self._afterwards(visit, queue) + GRACE, ends_at)
        self._open[offer] = visit
        self._deadlines.set("offer", offer, visit.offer.until)
        self._lanes.settle(visit, now)
        if visit.present:
            self.growing.watch(visit, queue, now)
        facts: list[Fact] = [Considered(visit.id, now, offer, candidates)]
        if next is not None:
            self.turns[queue.id] = next
            facts.append(TurnTaken(queue.id, now, next))
        facts.append(Offered(offer, visit.id, now, visit.offer.until, ring_for, phones))
        return facts + [self._roster.reserve(self._roster[id], queue.id, visit.id, now) for id in chosen]

    def _afterwards(self, visit: Visit, queue: Queue) -> float:
        """Seconds from an agent's answer until the two talk, at most."""
        if visit.present:
            return briefing_of(queue)
        return AT_MOST + (queue.callback or Callback()).ring_for

    def _grow(self, now: float) -> list[Fact]:
        """Whose callers' next phones are to ring by now gets one, the most urgent first."""
        known = self.rules.settings.queues
        ripe = [v for v in self.growing.ripe() if v.queue in known and not self._is_ranked(v.queue)]
        facts: list[Fact] = []
        for visit in sorted(ripe, key=lambda visit: self.rules.urgency(visit, now)):
            facts += self._grow_one(visit, now)
        return facts

    def _grow_one(self, visit: Visit, now: float) -> list[Fact]:
        queue, lane, offer = self.rules.settings.queues[visit.queue], self._lanes.lane(visit, now), visit.offer
        if offer is None or lane is None or not has_time(offer, queue, now):
            return []
        free, seats = self._roster.free, self.rules.seats(self.effective(lane))
        others = (a for a in free if a not in offer.phones and a not in self.kept)
        able = [a for a in others if a in seats and visit.missed.get(a, now) <= now]
        if not able:
            return []
        first = order(queue.strategy, ((free[a], seats[a]) for a in able), self._turn(visit))[0]
        agent = self._roster[first]
        considered = Considered(visit.id, now, offer.id, self.candidates(visit, now, (first,)))
        offer.phones[first] = agent.phone or ""
        self.growing.watch(visit, queue, now)
        grew = OfferGrew(offer.id, visit.id, now, first, offer.phones[first])
        return [considered, grew, self._roster.reserve(agent, queue.id, visit.id, now)]

    def candidates(
        self, visit: Visit, now: float, chosen: tuple[str, ...] = (), needed: Mapping[str, str] | None = None
    ) -> Candidates:
        """Every agent of the queue as seen now: the explanation of the decision."""
        lane = self._lanes.lane(visit, now)
        lane = self.effective(lane) if lane else LaneKey(visit.queue)
        standings = self._roster.standings.copy()
        until = visit.joined_at + visit.prefers.seconds if visit.prefers else now
        ringing = visit.offer.phones if visit.offer else ()
        ranks = self._app_queue.explain(visit, lane, self.rules) if self._is_ranked(visit.queue) else None
        return Candidates(self.rules, lane, standings, now, visit.missed, chosen, needed, until, ringing, ranks)

    def end(
        self,
        visit: Visit,
        now: float,
        outcome: Outcome,
        why: str,
        answered_by: str | None = None,
    ) -> list[Fact]:
        """Close the visit's offer, if there is one; everybody but `answered_by` goes on."""
        if visit.offer is None:
            return []
        offer, visit.offer = visit.offer, None
        del self._open[offer.id]
        self._deadlines.set("offer", offer.id, None)
        self.growing.forget(offer.id)
        results = {agent: offer.results.get(agent, outcome) for agent in offer.phones}
        missed = [agent for agent, result in results.items() if result not in NOT_MISSED]
        if not self._is_ranked(visit.queue):
            visit.missed.update(dict.fromkeys(missed, now + PASSED_OVER_FOR))
        visit.came_to_nothing += bool(missed) and answered_by is None
        facts: list[Fact] = [OfferEnded(offer.id, visit.id, now, results)]
        for id, phone in offer.phones.items():
            agent = self._roster[id]
            if id == answered_by or agent.state is not AgentState.OFFERED or agent.visit != visit.id:
                continue
            facts += self._missed(agent, phone, visit.queue, results[id], now)
            facts.append(self._roster.release(agent, now, why))
        next = self._app_queue.unanswered(visit, bool(missed), self.rules, now) if answered_by is None else None
        if next is not None:
            self.turns[visit.queue] = next
            facts.append(TurnTaken(visit.queue, now, next))
        self._lanes.settle(visit, now)
        self.watch(visit, now)
        return facts

    def forget(self, visit: Visit) -> None:
        """The caller has been answered, or has gone."""
        self._app_queue.leave(visit)

    def _is_ranked(self, queue: str) -> bool:
        known = self.rules.settings.queues.get(queue)
        return known is not None and known.app_queue is not None

    def _missed(self, agent: Agent, phone: str, queue: str, cause: Outcome, now: float) -> list[Fact]:
        """What follows for an agent from having missed a call."""
        if cause is Outcome.UNREACHABLE:
            self._roster.rest(phone, now + REST)
        if cause not in MISSES:
            return []
        reason = self._roster.miss(agent, cause, self.rules.pause_after(queue), now)
        return [Incident(now, f"agent {agent.id} is paused: {reason}")] if reason else []
