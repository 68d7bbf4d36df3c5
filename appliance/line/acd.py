"""The line: who waits, who is offered to whom, in a pure and deterministic core.

`Acd.handle(message, now)` returns the facts that follow, in order; they are to be written before they are
acted on. `next_deadline` says when to hand in a `Tick` at the latest. No I/O, no clock, no randomness: the same
messages at the same times give the same facts.

All queues form one line: callers are served by their effective wait (appliance.line.rules), each by their queue's
strategy among the agents who are free (appliance.line.matching). An offer is a lease: it ends by itself.
"""

from collections.abc import Callable, Iterable
from typing import Any

from appliance.facts import (
    AgentState,
    CallbackEnded,
    CallbackMoved,
    Considered,
    DispositionKeyed,
    Fact,
    Incident,
    OfferEnded,
    SentOn,
    TalkEnded,
    VisitAnswered,
    VisitEnded,
    VisitJoined,
    VisitOutcome,
    VisitReturned,
)
from appliance.line import messages as m
from appliance.line.agents import Roster
from appliance.line.deadlines import Deadlines
from appliance.line.homes import Homes
from appliance.line.lanes import Lanes
from appliance.line.leaving import Leaving
from appliance.line.messages import Declined, Message, Reason
from appliance.line.offers import Offers
from appliance.line.prediction import Prediction
from appliance.line.promises import Promise
from appliance.line.rules import Bound, Rules
from appliance.line.skills import NOTHING, Needs
from appliance.line.state import LineState
from appliance.line.visits import Expected, Visit
from appliance.line.waits import Waits
from appliance.port import Outcome
from appliance.settings import Queue, Settings


def is_known(queue: str, settings: Settings) -> bool:
    """Whether settings say what becomes of callers of that queue."""
    return queue in settings.queues or queue in settings.removed


class Acd:
    """The line and its agents."""

    def __init__(self, settings: Settings) -> None:
        self._rules = Rules(settings)
        self._deadlines = Deadlines()
        self.roster = Roster(settings, self._deadlines)
        self._visits: dict[str, Visit] = {}
        self._lanes = Lanes(self._rules, self.roster.can_be_waited_for)
        self._offers = Offers(self._rules, self.roster, self._lanes, self._deadlines)
        self._waits = Waits(self._rules, self.roster, self._lanes, self._offers.effective, self._visits)
        self._prediction = Prediction(self.roster, self._waits.state.experience)
        self.homes = Homes(
            *(self._rules, self._lanes, self._offers, self._deadlines, self._prediction),
            self._visits.get,
            self._forget,
        )
        self.leaving = Leaving(self._rules, self.roster, self._lanes, self._deadlines, self._waits.expected)
        self._handlers: dict[type, Callable[[Any, float], list[Fact]]] = {
            m.CallerJoins: self._caller_joins,
            m.CallerReturns: self._caller_returns,
            m.CallerAway: self._caller_away,
            m.CallerGone: self._caller_gone,
            m.CallerPresses: self._caller_presses,
            m.WaitTold: self._wait_told,
            m.GoHome: self._go_home,
            m.CustomerAgrees: self.homes.agrees,
            m.AttemptFails: self.homes.fails,
            m.ComesBack: self.homes.comes_back,
            m.MoveCallback: self.homes.moves,
            m.EndCallback: self.homes.ends,
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

    def restore(self, state: LineState, now: float) -> None:
        """Take over what the database knows, or all that another line had in mind, before the first message."""
        self.roster.reach.restore(state.phones)
        for agent in state.agents:
            self.roster.restore(agent)
        for visit in state.visits:
            self._visits[visit.id] = visit
            visit.lane = None
            visit.in_line = visit.in_line and (visit.home is None or visit.since <= now)
            if visit.agent is None and visit.in_line:
                self._lanes.join(visit, now)
                self._offers.watch(visit, now)
        self._offers.restore(state.visits, state.turns, now)
        self._waits.restore(state.waits)
        self._prediction.experience = self._waits.state.experience
        self.homes.restore(state.visits, state.prospect, now)
        self.leaving.restore(state.empty_since, state.looks, now)

    def state(self) -> LineState:
        """All it has in mind, which will change: to be copied at once."""
        return LineState(
            *(self.roster.known(), self.visits(), self._offers.turns, self.roster.reach.phones),
            *(self._waits.state, self.leaving.empty_since, self.homes.turns.prospect, self.leaving.looks),
        )

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
        return self._lanes.line(queue)

    def bound(self, queue: str) -> Bound | None:
        """How long callers of a queue can be passed over; None: for ever."""
        return self._rules.bound(self._settings.queues[queue])

    def place(self, visit: str) -> int | None:
        """The place of a caller in the line of the queue, 1 for the next; None for who does not wait."""
        known = self._visits.get(visit)
        if known is None or known.agent is not None or not known.in_line:
            return None
        return self._lanes.position(known)

    def expected_wait(self, visit: str, now: float) -> Expected | None:
        """How long this caller has still to wait; None where that is not known, nobody serves, or the caller does
        not wait. A rule such as "longer than ten minutes" compares `middle`: it takes longer as likely as not."""
        known = self._visits.get(visit)
        return self._waits.expected(known, now) if known is not None and known.agent is None else None

    def expected_wait_in(
        self, queue: str, now: float, head_start: float = 0.0, needs: Needs = NOTHING
    ) -> Expected | None:
        """The same for somebody who joined that queue now, and were not served at once."""
        newcomer = Visit("", "", queue, now, head_start, "", needs)
        newcomer.place = self._rules.place(newcomer)
        return self._waits.expected(newcomer, now)

    def wait_to_be_told(self, visit: str, now: float) -> Expected | None:
        """What a caller may be told of the wait, if anything: see appliance.line.waits."""
        known = self._visits.get(visit)
        return self._waits.to_be_told(known, now) if known is not None and known.agent is None else None

    def hit_rate(self, queue: str) -> float:
        """How often estimates of that queue were right lately."""
        return self._waits.hit_rate(queue)

    def queues_of(self, agent: str) -> Iterable[Queue]:
        """Those that an agent serves."""
        return self._rules.queues_of(agent)

    def needs(self, visit: Visit) -> Needs:
        """What a caller needs of an agent in this queue."""
        return self._rules.needs(visit)

    def next_deadline(self) -> float | None:
        """When to hand in a Tick at the latest, if nothing else comes; None: never."""
        return self._deadlines.next()

    @property
    def _settings(self) -> Settings:
        return self._rules.settings

    # The one way in

    def handle(self, message: Message, now: float) -> list[Fact]:
        """What follows from a message. Time passes by `Tick` alone: hand one in first when `now` has moved on.

        Raises Declined, with nothing changed, where a person asked for what is not possible.
        """
        facts = self._handlers[type(message)](message, now)
        facts += self.homes.follow(facts, now)
        facts += self._match(now)
        facts += self._send_on(facts, now)
        return facts + self._waits.follow(facts, now)

    def _match(self, now: float) -> list[Fact]:
        """Offer callers to agents, and call those at home whose turn is near."""
        matched = self._offers.match(now)
        facts = [*matched, *self.homes.follow(matched, now)]
        called = self.homes.call(now)
        if any(isinstance(fact, CallbackMoved | CallbackEnded) for fact in called):
            called += self._match(now)  # for whom an agent was kept who cannot be called now
        return facts + called

    # Settings

    def _take_settings(self, x: m.TakeSettings, now: float) -> list[Fact]:
        """Callers keep their places, and offers that are under way go on. What was decided stays decided."""
        if any(v.agent is None and not is_known(v.queue, x.settings) for v in self._visits.values()):
            raise Declined(Reason.STRANDED)
        self._rules = self._offers.rules = Rules(x.settings)
        facts: list[Fact] = [*self.roster.take_settings(x.settings, now)]
        self._lanes.take_rules(self._rules, self._visits.values(), now)
        self._waits.take_rules(self._rules)
        self.leaving.take_rules(self._rules, now)
        facts += self.homes.take_rules(self._rules, [*self._visits.values()], now)
        for visit in self._visits.values():
            self._offers.take_over(visit)
            self._offers.watch(visit, now)
            self.leaving.ask(visit.id)
        return facts

    # Callers

    def _caller_joins(self, x: m.CallerJoins, now: float) -> list[Fact]:
        if x.promise is not None:
            return self._joins_at_home(x, x.promise, now)
        visit = Visit(
            *(x.visit, x.call, x.queue, now, x.head_start, x.leg, x.needs),
            waited=x.waited,
            prefers=x.prefers,
            code=x.code,
        )
        self._visits[visit.id] = visit
        self._lanes.join(visit, now)
        self._offers.watch(visit, now)
        self.leaving.joins(visit, now)
        joined = VisitJoined(
            *(x.visit, x.call, x.queue, now, x.head_start, x.leg, x.needs),
            *(x.waited, x.prefers, x.came_back, x.code),
        )
        match = self._offers.match(now)
        if visit.offer is None:
            return [
                joined,
                *match,
                Considered(visit.id, now, None, self._offers.candidates(visit, now, needed=self._offers.kept)),
            ]
        return [joined, *match]

    def _joins_at_home(self, x: m.CallerJoins, promise: Promise, now: float) -> list[Fact]:
        """Somebody who is not on the phone, or not for long. Who has chosen a time waits from then on."""
        if self.homes.open_of(x.queue, promise.number) is not None:
            raise Declined(Reason.ALREADY_PROMISED)
        waited = min(x.waited, now - promise.not_before)
        visit = Visit(*(x.visit, x.call, x.queue, now, x.head_start, x.leg, x.needs), waited=waited, present=False)
        self._visits[visit.id] = visit
        visit.in_line = visit.since <= now
        if visit.in_line:
            self._lanes.join(visit, now)
            self._offers.watch(visit, now)
        joined = VisitJoined(
            *(x.visit, x.call, x.queue, now, x.head_start, x.leg, x.needs, waited), promise=promise
        )
        return [joined, *self.homes.goes_home(visit, promise, now)]

    def _go_home(self, x: m.GoHome, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None or visit.home is not None:
            raise Declined(Reason.NOT_IN_LINE)
        return self.homes.goes_home(visit, x.promise, now)

    def _caller_returns(self, x: m.CallerReturns, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or (visit.home is not None and not visit.home.reached):
            return []
        facts: list[Fact] = [VisitReturned(visit.id, now, x.leg)]
        visit.present, visit.leg = True, x.leg
        facts += self._offers.end(visit, now, Outcome.NO_ANSWER, "nobody answered")
        self._lanes.settle(visit, now)
        self.leaving.ask(visit.id)
        return facts

    def _caller_away(self, x: m.CallerAway, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None or (visit.home and not visit.home.reached):
            return []
        visit.present = False
        self._lanes.settle(visit, now)
        return self._offers.end(visit, now, Outcome.CANCELLED, "the caller left")

    def _caller_gone(self, x: m.CallerGone, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None:
            return []
        if visit.home is not None:
            return self.homes.hung_up(visit, visit.home, x.outcome, now)
        facts = self._offers.end(visit, now, Outcome.CANCELLED, "the caller hung up")
        self._forget(visit)
        return [*facts, VisitEnded(visit.id, now, x.outcome)]

    def _caller_presses(self, x: m.CallerPresses, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is not None:
            visit.key = x.key
            self.leaving.ask(visit.id)
        return []

    def _send_on(self, facts: Iterable[Fact], now: float) -> list[Fact]:
        """Let those go who are not to wait on."""
        self.leaving.note(self.roster.take_changed(), now)
        for fact in facts:
            if isinstance(fact, OfferEnded):
                self.leaving.ask(fact.visit)
        found: list[Fact] = []
        for id, is_joining in self.leaving.take_asked():
            visit = self._visits.get(id)
            way = self.leaving.way_out(visit, now, is_joining) if visit else None
            if visit is None or way is None:
                continue
            self._forget(visit)
            ahead = visit.head_start + now - visit.since
            how = (way.outcome, way.rule, way.why, way.because, str(way.to))
            found += [SentOn(id, visit.call, now, *how, ahead, visit.needs), VisitEnded(id, now, way.outcome)]
            if visit.home is not None:
                found += self.homes.leaves(visit, visit.home, f"left the line by {way.rule}", now)
        return found

    def _wait_told(self, x: m.WaitTold, now: float) -> list[Fact]:
        visit = self._visits.get(x.visit)
        if visit is None or visit.agent is not None:
            return []
        return [self._waits.told(visit, x.expected, now)]

    # Offers and talks

    def _offer_failed(self, x: m.OfferFailed, now: float) -> list[Fact]:
        visit = self._offers.get(x.offer)
        return self._offers.end(visit, now, x.outcome, x.outcome.value) if visit else []

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
            facts += self._offers.end(reserved_by, now, Outcome.CANCELLED, "the agent answered another", x.agent)
        if visit.offer is not None:
            visit.offer.results[x.agent] = Outcome.ANSWERED
            facts += self._offers.end(visit, now, Outcome.CANCELLED, "another agent answered", x.agent)
        self._lanes.leave(visit)
        self._offers.forget(visit)
        self._deadlines.set("visit", visit.id, None)
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
        for kind, id in self._deadlines.take_due(now):
            match kind:
                case "agent":
                    facts.append(self.roster.wrap_up_is_over(id, now))
                case "phone":
                    self.roster.wake(id)
                case "offer":
                    facts += self._offers.lose(id, now)
                case "growth":
                    self._offers.growing.ripen(id)
                case "visit":
                    visit = self._visits[id]
                    visit.missed = {agent: until for agent, until in visit.missed.items() if until > now}
                    self._lanes.settle(visit, now)
                    self._offers.watch(visit, now)
                    self.leaving.ask(id)
                case "home":
                    facts += self.homes.wakes(id, now)
                case "homes":
                    self.homes.turns.look()
                case "look":
                    self.leaving.look(id, now)
                case "empty":
                    self.leaving.empties(id)
        return facts

    def _forget(self, visit: Visit) -> None:
        del self._visits[visit.id]
        self._deadlines.set("visit", visit.id, None)
        if visit.agent is None:
            self._offers.forget(visit)
            self._lanes.leave(visit)
