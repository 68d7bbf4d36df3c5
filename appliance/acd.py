"""The line: who waits, who is offered to whom, in a pure and deterministic core.

`Acd.handle(message, now)` returns the facts that follow, in order; they are to be written before they are
acted on. `next_deadline` says when to hand in a `Tick` at the latest. No I/O, no clock, no randomness: the same
messages at the same times give the same facts.

All queues form one line: callers are served in the order of the time they joined less their head start, each by
their queue's strategy among the agents who are free. An offer is a lease: it ends by itself.
"""

from bisect import insort
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from heapq import merge
from typing import Any

from appliance import messages as m
from appliance.agents import Agent, Roster
from appliance.estimate import Pace
from appliance.facts import (
    AgentState,
    Candidate,
    Considered,
    DispositionKeyed,
    Fact,
    Incident,
    Offered,
    OfferEnded,
    PassedOver,
    TalkEnded,
    VisitAnswered,
    VisitEnded,
    VisitJoined,
    VisitOutcome,
    VisitReturned,
)
from appliance.messages import Declined, Message, Reason
from appliance.port import Outcome
from appliance.settings import Settings
from appliance.strategies import FreeAgent, choose

GRACE = 5.0  # seconds an offer may outlast its ringing before it is taken for lost
PASSED_OVER_FOR = 20.0  # seconds an agent who missed a caller is not offered the same caller again

# What an agent is not to blame for: the caller or another agent was faster, or the appliance was not there.
_NOT_MISSED = (Outcome.ANSWERED, Outcome.CANCELLED)


@dataclass
class Offer:
    """A caller being offered to agents (agent -> phone). `results` of those who ring no more."""

    id: str
    phones: Mapping[str, str]
    until: float
    results: dict[str, Outcome] = field(default_factory=dict)


@dataclass
class Visit:
    """One caller in line, or talking to an agent of that line."""

    id: str
    call: str
    queue: str
    joined_at: float
    head_start: float
    leg: str
    present: bool = True  # someone drives the leg; False after a restart until the caller is back
    offers: int = 0
    offer: Offer | None = None
    agent: str | None = None  # talking to
    missed: dict[str, float] = field(default_factory=dict)  # agent -> until when to pass over

    @property
    def place(self) -> tuple[float, float, str]:
        """Callers are served in this order."""
        return (self.joined_at - self.head_start, self.joined_at, self.id)

    @property
    def waits(self) -> bool:
        """Neither offered to anybody nor talking."""
        return self.offer is None and self.agent is None


def is_known(queue: str, settings: Settings) -> bool:
    """Whether settings say what becomes of callers of that queue."""
    return queue in settings.queues or queue in settings.removed


class Acd:
    """The line and its agents."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.roster = Roster(settings)
        self._visits: dict[str, Visit] = {}
        self._offers: dict[str, Visit] = {}
        self._lines: dict[str, list[tuple[tuple[float, float, str], Visit]]] = {}
        self._paces: dict[str, Pace] = {}
        self._handlers: dict[type, Callable[[Any, float], list[Fact]]] = {
            m.CallerJoins: self._caller_joins,
            m.CallerReturns: self._caller_returns,
            m.CallerAway: self._caller_away,
            m.CallerGone: self._caller_gone,
            m.OfferFailed: self._offer_failed,
            m.RingingEnded: self._ringing_ended,
            m.TalkBegins: self._talk_begins,
            m.TalkEnds: self._talk_ends,
            m.KeyDisposition: self._key_disposition,
            m.SignOn: lambda x, now: [*self.roster.sign_on(x.agent, x.phone, now)],
            m.SignOff: lambda x, now: [*self.roster.sign_off(x.agent, now)],
            m.Pause: lambda x, now: [*self.roster.pause(x.agent, x.reason, now)],
            m.Resume: lambda x, now: [*self.roster.resume(x.agent, now)],
            m.EndWrapUp: lambda x, now: [*self.roster.end_wrap_up(x.agent, now)],
            m.PhoneReachable: self._phone_reachable,
            m.PhoneInUse: self._phone_in_use,
            m.TakeSettings: self._take_settings,
            m.Tick: lambda x, now: self._overdue(now),
        }

    def restore(self, agents: list[Agent], visits: list[Visit]) -> None:
        """Take over the open rows of the database, before the first message."""
        for agent in agents:
            self.roster.restore(agent)
        for visit in visits:
            self._visits[visit.id] = visit
            if visit.offer:
                self._offers[visit.offer.id] = visit
            if visit.agent is None:
                insort(self._line(visit.queue), (visit.place, visit))

    # To look at

    def visit(self, id: str) -> Visit | None:
        """A visit that is waiting, being offered or talking."""
        return self._visits.get(id)

    def offered(self, offer: str) -> Visit | None:
        """The visit of an offer that has not ended."""
        return self._offers.get(offer)

    def visits(self) -> list[Visit]:
        return list(self._visits.values())

    def waiting(self, queue: str) -> list[Visit]:
        """The callers of a queue who have not been answered, the next first."""
        return [visit for _, visit in self._line(queue)]

    def place(self, visit: str) -> int | None:
        """The place of a caller in the line of the queue, 1 for the next; None for who does not wait."""
        known = self._visits.get(visit)
        if known is None or known.agent is not None:
            return None
        return self._line(known.queue).index((known.place, known)) + 1

    def expected_wait(self, visit: str, now: float) -> float | None:
        """Seconds this caller is likely to wait on; None when that is not known, or when nobody serves."""
        place, known = self.place(visit), self._visits.get(visit)
        queue = self._settings.queues.get(known.queue) if known else None
        if place is None or queue is None or not any(self.roster[id].serves for id in queue.agents):
            return None
        return self._pace(queue.id).wait(place, now)

    def next_deadline(self) -> float | None:
        """When to hand in a Tick at the latest, if nothing else comes; None: never."""
        deadlines = [visit.offer.until for visit in self._offers.values() if visit.offer]
        deadlines += [at for line in self._lines.values() for _, v in line if v.waits for at in v.missed.values()]
        wrap_up = self.roster.next_deadline()
        return min([*deadlines, wrap_up] if wrap_up is not None else deadlines, default=None)

    # The one way in

    def handle(self, message: Message, now: float) -> list[Fact]:
        """What follows from a message. Time passes by `Tick` alone: hand one in first when `now` has moved on.

        Raises Declined, with nothing changed, where a person asked for what is not possible.
        """
        facts = self._handlers[type(message)](message, now)
        return facts + self._match(now)

    # Settings

    def _take_settings(self, x: m.TakeSettings, now: float) -> list[Fact]:
        """Callers keep their places, and offers that are under way go on. What was decided stays decided."""
        if any(v.agent is None and not is_known(v.queue, x.settings) for v in self._visits.values()):
            raise Declined(Reason.STRANDED)
        self._settings = x.settings
        return [*self.roster.take_settings(x.settings, now)]

    # Callers

    def _caller_joins(self, x: m.CallerJoins, now: float) -> list[Fact]:
        visit = Visit(x.visit, x.call, x.queue, now, x.head_start, x.leg)
        self._visits[visit.id] = visit
        insort(self._line(visit.queue), (visit.place, visit))
        joined = VisitJoined(x.visit, x.call, x.queue, now, x.head_start, x.leg)
        match = self._match(now)
        if visit.offer is None:
            return [joined, *match, Considered(visit.id, now, None, self._candidates(visit, (), now))]
        return [joined, *match]

    def _caller_returns(self, x: m.CallerReturns, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None:
            return []
        facts: list[Fact] = [VisitReturned(visit.id, now, x.leg)]
        visit.present, visit.leg = True, x.leg
        if visit.offer:
            facts += self._end_offer(visit, now, Outcome.NO_ANSWER, "nobody answered")
        return facts

    def _caller_away(self, x: m.CallerAway, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None:
            return []
        visit.present = False
        return self._end_offer(visit, now, Outcome.CANCELLED, "the caller was lost")

    def _caller_gone(self, x: m.CallerGone, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None:
            return []
        facts = self._end_offer(visit, now, Outcome.CANCELLED, "the caller hung up")
        self._forget(visit)
        return [*facts, VisitEnded(visit.id, now, x.outcome)]

    # Offers and talks

    def _offer_failed(self, x: m.OfferFailed, now: float) -> list[Fact]:
        visit = self._offers.get(x.offer)
        return self._end_offer(visit, now, x.outcome, x.outcome.value) if visit else []

    def _ringing_ended(self, x: m.RingingEnded, now: float) -> list[Fact]:
        visit = self._offers.get(x.offer)
        if visit is not None and visit.offer is not None:
            agents = [agent for agent, phone in visit.offer.phones.items() if phone == x.phone]
            visit.offer.results.update(dict.fromkeys(agents, x.outcome))
        return []

    def _talk_begins(self, x: m.TalkBegins, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None:
            return []
        agent = self.roster[x.agent]
        if agent.state is AgentState.TALKING:  # to somebody else: whoever that leg was, it is no agent of ours
            return [Incident(now, f"visit {visit.id} was answered at the phone of {agent.id}, who is talking")]
        facts: list[Fact] = []
        reserved_by = self._visits.get(agent.visit or "")
        if agent.state is AgentState.OFFERED and reserved_by is not None and reserved_by is not visit:
            facts += self._end_offer(reserved_by, now, Outcome.CANCELLED, "the agent answered another", x.agent)
        if visit.offer is not None:
            visit.offer.results[x.agent] = Outcome.ANSWERED
            facts += self._end_offer(visit, now, Outcome.CANCELLED, "another agent answered", x.agent)
        self._line(visit.queue).remove((visit.place, visit))
        self._pace(visit.queue).served(now, others_wait=bool(self._line(visit.queue)))
        visit.agent = x.agent
        facts += [VisitAnswered(visit.id, now, x.agent), VisitEnded(visit.id, now, VisitOutcome.ANSWERED)]
        return [*facts, self.roster.talk(agent, visit.queue, visit.id, now)]

    def _talk_ends(self, x: m.TalkEnds, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is None:
            return []
        self._forget(visit)
        facts: list[Fact] = [TalkEnded(visit.id, now, visit.agent)]
        agent = self.roster[visit.agent]
        if agent.state is AgentState.TALKING and agent.visit == visit.id:
            queue = self._settings.queues.get(visit.queue)
            facts.append(self.roster.finish(agent, queue.wrap_up if queue else 0.0, now))
        return facts

    def _key_disposition(self, x: m.KeyDisposition, now: float) -> list[Fact]:
        agent = self.roster[x.agent]
        if agent.last_visit is None or agent.last_queue is None:
            raise Declined(Reason.NO_CALL_YET)
        queue = self._settings.queues.get(agent.last_queue)
        choices = self._settings.dispositions.get(queue.dispositions or "") if queue else None
        if choices is None or x.code not in choices.choices:
            raise Declined(Reason.UNKNOWN_DISPOSITION)
        name = choices.choices[x.code].name
        facts: list[Fact] = [DispositionKeyed(agent.last_visit, now, x.agent, agent.last_queue, x.code, name)]
        if agent.state is AgentState.WRAP_UP:
            facts += self.roster.end_wrap_up(x.agent, now)
        return facts

    # Phones

    def _phone_reachable(self, x: m.PhoneReachable, now: float) -> list[Fact]:
        self.roster.set_reachable(x.phone, x.reachable)
        return []

    def _phone_in_use(self, x: m.PhoneInUse, now: float) -> list[Fact]:
        self.roster.set_in_use(x.phone, x.in_use)
        return []

    # Time

    def _overdue(self, now: float) -> list[Fact]:
        facts: list[Fact] = []
        for visit in [v for v in self._offers.values() if v.offer and v.offer.until <= now]:
            assert visit.offer is not None
            facts.append(
                Incident(now, f"offer {visit.offer.id} was never answered for; its agents are free again")
            )
            facts += self._end_offer(visit, now, Outcome.FAILED, "offer lost")
        for line in self._lines.values():
            for _, visit in line:
                if visit.missed:
                    visit.missed = {agent: until for agent, until in visit.missed.items() if until > now}
        return [*facts, *self.roster.due(now)]

    # Matching callers and agents

    def _match(self, now: float) -> list[Fact]:
        """Offer every caller who can be served now, in the order of the line."""
        if not any(visit.waits and visit.present for line in self._lines.values() for _, visit in line):
            return []  # most of what happens; there are more agents to look at than callers
        free = {a.id: a for a in self.roster.everybody() if self.roster.obstacle(a) is None}
        if not free:
            return []
        facts: list[Fact] = []
        for visit in self._servable(free):
            queue = self._settings.queues[visit.queue]
            able = [
                FreeAgent(id, free[id].idle_since)
                for id in queue.agents
                if id in free and visit.missed.get(id, now) <= now
            ]
            if not able:
                continue
            chosen = tuple(agent.id for agent in choose(queue.strategy, able))
            candidates = self._candidates(visit, chosen, now)
            visit.offers += 1
            offer = f"{visit.id}.{visit.offers}"
            phones = {id: free.pop(id).phone or "" for id in chosen}
            visit.offer = Offer(offer, phones, now + queue.ring_for + GRACE)
            self._offers[offer] = visit
            facts.append(Considered(visit.id, now, offer, candidates))
            facts.append(Offered(offer, visit.id, now, visit.offer.until, queue.ring_for, phones))
            facts += [self.roster.reserve(self.roster[id], queue.id, visit.id, now) for id in chosen]
        return facts

    def _servable(self, free: Mapping[str, Agent]) -> Iterator[Visit]:
        """The waiting callers of queues that have somebody free, the next first, while that is so."""

        def line(queue: str) -> Iterator[tuple[tuple[float, float, str], Visit]]:
            agents = self._settings.queues[queue].agents
            for place, visit in list(self._line(queue)):
                if not any(agent in free for agent in agents):
                    return
                if visit.waits and visit.present:
                    yield place, visit

        queues = [queue for queue in self._lines if queue in self._settings.queues]
        for _, visit in merge(*(line(queue) for queue in queues)):
            if not free:
                return
            yield visit

    def _candidates(self, visit: Visit, chosen: tuple[str, ...], now: float) -> tuple[Candidate, ...]:
        """Every agent of the queue as seen now: the explanation of the decision."""
        queue = self._settings.queues.get(visit.queue)
        return tuple(
            self._candidate(visit, self.roster[id], chosen, now) for id in (queue.agents if queue else ())
        )

    def _candidate(self, visit: Visit, agent: Agent, chosen: tuple[str, ...], now: float) -> Candidate:
        idle = f"idle for {now - agent.idle_since:.0f} s"
        if agent.id in chosen:
            return Candidate(agent.id, None, idle)
        obstacle = self.roster.obstacle(agent)
        if obstacle is PassedOver.WRAP_UP and agent.until is not None:
            return Candidate(agent.id, obstacle, f"{agent.until - now:.0f} s left")
        if obstacle is PassedOver.PAUSED:
            return Candidate(agent.id, obstacle, agent.reason)
        if obstacle is not None:
            return Candidate(agent.id, obstacle, agent.visit or "")
        if visit.missed.get(agent.id, now) > now:
            return Candidate(agent.id, PassedOver.MISSED, f"{visit.missed[agent.id] - now:.0f} s left")
        return Candidate(agent.id, PassedOver.LATER_IN_ORDER, idle)

    def _end_offer(
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
        del self._offers[offer.id]
        results = {agent: offer.results.get(agent, outcome) for agent in offer.phones}
        visit.missed.update({a: now + PASSED_OVER_FOR for a, r in results.items() if r not in _NOT_MISSED})
        facts: list[Fact] = [OfferEnded(offer.id, visit.id, now, results)]
        for id in offer.phones:
            agent = self.roster[id]
            if id != answered_by and agent.state is AgentState.OFFERED and agent.visit == visit.id:
                facts.append(self.roster.release(agent, now, why))
        return facts

    def _forget(self, visit: Visit) -> None:
        del self._visits[visit.id]
        if visit.agent is None:
            self._line(visit.queue).remove((visit.place, visit))
            if not self._line(visit.queue):
                self._pace(visit.queue).emptied()

    def _pace(self, queue: str) -> Pace:
        return self._paces.setdefault(queue, Pace())

    def _line(self, queue: str) -> list[tuple[tuple[float, float, str], Visit]]:
        return self._lines.setdefault(queue, [])
