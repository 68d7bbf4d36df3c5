"""A simulated day: the line is told what people do, and people do what follows from its decisions. Pure."""

from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from itertools import count
from typing import Any

from appliance import facts as f
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.chance import chance
from appliance.line.leaving import destination
from appliance.line.messages import Declined, Message
from appliance.line.promises import AttemptEnd, First, Kind, Promise, attempt_id
from appliance.line.skills import Needs, combine
from appliance.port import Outcome
from appliance.traffic.result import Result, Stay
from appliance.traffic.ringing import rings
from appliance.traffic.scenario import AgentDay, Caller, Scenario

Watch = Callable[[Acd, Sequence[f.Fact], float], None]

MOST_QUEUES = 20  # that one caller is sent through: more are a circle
AT_MOST = 86400.0  # seconds after the last caller, where nothing says when the day ends


def simulate(scenario: Scenario, watch: Watch | None = None) -> Result:
    """Let a day go by. Raises ValueError when callers are not in the order in which they come."""
    return _Day(scenario, watch).run()


class _Day:
    """What is still to come, and what has become of everybody so far."""

    def __init__(self, scenario: Scenario, watch: Watch | None) -> None:
        self._settings = scenario.settings
        self._seed, self._ends, self._watch = scenario.seed, scenario.ends, watch
        self._at_home = scenario.at_home
        self._acd = Acd(scenario.settings)
        self._callers: Iterator[Caller] = iter(scenario.callers)
        self._habits = {day.agent: day for day in scenario.agents}
        self._on_duty: set[str] = set()
        self._result = Result(scenario.settings)
        self._stays = self._result.stays
        self._now = 0.0
        self._numbers = count()  # what is due in the same moment is done in the order in which it was planned
        self._to_come: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self._hears: dict[type, Callable[[Any], None]] = {
            f.Offered: self._offered,
            f.OfferGrew: self._grew,
            f.OfferEnded: self._result.offer_ended,
            f.VisitAnswered: self._answered,
            f.SentOn: self._sent_on,
            f.VisitEnded: self._visit_ended,
            f.CallbackPromised: self._promised,
            f.AttemptBegan: self._attempt_began,
            f.CustomerReached: self._customer_reached,
            f.AttemptEnded: self._attempt_ended,
            f.TalkEnded: self._talk_ended,
            f.AgentChanged: self._agent_changed,
            f.Incident: self._result.incidents.append,
        }
        for at, message in scenario.messages:
            self._plan(at, self._tell, message)
        for day in scenario.agents:
            self._plan_day(day)
        self._plan_next_caller()

    def run(self) -> Result:
        while True:
            at = self._to_come[0][0] if self._to_come else None
            deadline = self._acd.next_deadline()
            is_due = deadline is not None and (at is None or deadline <= at)
            now = deadline if is_due else at
            if now is None or (self._ends is not None and now > self._ends):
                break
            self._now = now
            if is_due:
                self._tell(m.Tick())
            else:
                _, _, action, arguments = heappop(self._to_come)
                action(*arguments)
        self._result.close(self._now if now is None or self._ends is None else self._ends)
        return self._result

    def _plan(self, at: float, action: Callable[..., None], *arguments: Any) -> None:
        heappush(self._to_come, (at, next(self._numbers), action, arguments))

    def _tell(self, message: Message) -> None:
        try:
            facts = self._acd.handle(message, self._now)
        except Declined:  # as a person is told: nothing has changed
            return
        self._result.messages += 1
        if isinstance(message, m.TakeSettings):
            self._settings = message.settings
        for fact in facts:
            hears = self._hears.get(type(fact))
            if hears is not None:
                hears(fact)
        if self._watch is not None:
            self._watch(self._acd, facts, self._now)

    # Callers

    def _plan_next_caller(self) -> None:
        caller = next(self._callers, None)
        if caller is not None:
            if caller.at < self._now:
                raise ValueError(f"caller {caller.id} has come before the one ahead")
            self._plan(caller.at, self._joins, caller)
        elif self._ends is None:
            self._ends = self._now + AT_MOST

    def _joins(self, caller: Caller) -> None:
        stay = Stay(caller, f"{caller.id}.1", caller.queue, self._now)
        if caller.patience is not None:
            stay.gives_up_at = self._now + caller.patience
        self._stands_in_line(stay, caller.head_start, caller.needs, caller.waited, caller.prefers)
        self._plan_next_caller()

    def _stands_in_line(self, stay: Stay, head_start: float, needs: Needs, *more: Any) -> None:
        self._stays[stay.visit] = stay
        if stay.gives_up_at is not None:
            self._plan(stay.gives_up_at, self._loses_patience, stay)
        caller = stay.caller.id
        habits = self._at_home
        if habits is not None and chance(self._seed, "goes home", caller) < habits.share:
            self._plan(self._now + habits.after, self._goes_home, stay)
        self._tell(m.CallerJoins(stay.visit, caller, stay.queue, head_start, f"{caller}-leg", needs, *more))

    def _sent_on(self, fact: f.SentOn) -> None:
        """To another queue, it is the same caller with the same patience; elsewhere nobody follows them."""
        before = self._stays[fact.visit]
        to = destination(self._settings, fact.because)
        if to is None or to.queue is None or before.number >= MOST_QUEUES:
            return
        number = before.number + 1
        visit = f"{before.caller.id}.{number}"
        after = Stay(before.caller, visit, to.queue, fact.at, number, before.gives_up_at)
        self._plan(fact.at, self._stands_in_line, after, fact.head_start, combine((fact.needs, to.needs)))

    def _loses_patience(self, stay: Stay) -> None:
        if stay.outcome is None and stay.went_home_at is None and self._now >= (stay.gives_up_at or 0.0):
            self._tell(m.CallerGone(stay.visit, stay.caller.leaves))

    def _answered(self, fact: f.VisitAnswered) -> None:
        stay = self._stays[fact.visit]
        stay.answered_at, stay.agent = fact.at, fact.agent
        self._plan(fact.at + stay.caller.talk, self._tell, m.TalkEnds(fact.visit))

    def _visit_ended(self, fact: f.VisitEnded) -> None:
        stay = self._stays[fact.visit]
        stay.ended_at, stay.outcome = fact.at, fact.outcome

    def _talk_ended(self, fact: f.TalkEnded) -> None:
        self._stays[fact.visit].talk_ended_at = fact.at

    # Customers at home

    def _goes_home(self, stay: Stay) -> None:
        visit = self._acd.visit(stay.visit)
        queue = self._settings.queues.get(stay.queue)
        if visit is None or not visit.waits or not visit.present or queue is None or queue.callback is None:
            return
        rules = queue.callback
        number = f"+7{next(self._numbers):010}"
        promise = Promise(number, Kind.HELD, rules.first, self._now, self._now + rules.expires)
        self._tell(m.GoHome(stay.visit, promise))

    def _promised(self, fact: f.CallbackPromised) -> None:
        self._stays[fact.visit].went_home_at = fact.at

    def _attempt_began(self, fact: f.AttemptBegan) -> None:
        habits = self._at_home
        attempt = attempt_id(fact.visit, fact.n)
        self._stays[fact.visit].calls += 1
        if (
            habits is None or fact.first is First.AGENT
        ):  # whoever has taken the offer talks to the customer at once
            return
        if chance(self._seed, "answers", attempt) < habits.answers:
            takes = min(habits.answers_after(chance(self._seed, "answers after", attempt)), fact.ring_for)
            self._plan(fact.at + takes, self._tell, m.CustomerAgrees(fact.visit, fact.n, attempt, attempt))
        else:
            fails = m.AttemptFails(fact.visit, fact.n, AttemptEnd.NO_ANSWER)
            self._plan(fact.at + fact.ring_for, self._tell, fails)

    def _customer_reached(self, fact: f.CustomerReached) -> None:
        """Holds again, for as long as at first."""
        stay = self._stays[fact.visit]
        stay.at_home += fact.at - (stay.went_home_at or fact.at)
        stay.went_home_at = None
        if stay.caller.patience is not None:
            stay.gives_up_at = fact.at + stay.caller.patience
            self._plan(stay.gives_up_at, self._loses_patience, stay)

    def _attempt_ended(self, fact: f.AttemptEnded) -> None:
        stay = self._stays[fact.visit]
        if fact.next_at is not None and stay.went_home_at is None:
            stay.went_home_at = fact.at

    # Offers

    def _offered(self, fact: f.Offered) -> None:
        self._stays[fact.visit].offers += 1
        *others, last = rings(fact, self._habits, self._seed)
        for ring in others:
            ended = m.RingingEnded(fact.offer, fact.phones[ring.agent], ring.outcome)
            self._plan(fact.at + ring.after, self._tell, ended)
        if last.outcome is Outcome.ANSWERED:
            self._plan(fact.at + last.after, self._answers, fact, last.agent)
        else:
            self._plan(fact.at + last.after, self._fails, fact, last.outcome)

    def _grew(self, fact: f.OfferGrew) -> None:
        visit = self._acd.offered(fact.offer)
        if visit is None or visit.offer is None:
            return
        until = visit.offer.rings_until
        one = f.Offered(fact.offer, fact.visit, fact.at, until, until - fact.at, {fact.agent: fact.phone})
        (ring,) = rings(one, self._habits, self._seed)
        if ring.outcome is Outcome.ANSWERED:
            self._plan(fact.at + ring.after, self._answers, one, fact.agent)
        else:
            ended = m.RingingEnded(fact.offer, fact.phone, ring.outcome)
            self._plan(fact.at + ring.after, self._tell, ended)

    def _fails(self, fact: f.Offered, outcome: Outcome) -> None:
        """None of the first phones has answered, but one that was added may."""
        visit = self._acd.offered(fact.offer)
        offer = visit.offer if visit else None
        if offer is None or len(offer.phones) == len(fact.phones) or self._now >= offer.rings_until:
            self._tell(m.OfferFailed(fact.offer, outcome))
            return
        for phone in fact.phones.values():
            self._tell(m.RingingEnded(fact.offer, phone, outcome))
        self._plan(offer.rings_until, self._tell, m.OfferFailed(fact.offer, Outcome.NO_ANSWER))

    def _answers(self, fact: f.Offered, agent: str) -> None:
        if self._acd.offered(fact.offer) is not None:  # else the caller has hung up meanwhile
            self._tell(m.TalkBegins(fact.visit, agent))

    # Agents

    def _plan_day(self, day: AgentDay) -> None:
        begins = min((begin for begin, _ in day.shifts), default=None)
        if begins is None:
            return
        self._plan(begins, self._tell, m.PhoneReachable(day.phone, True))
        for begin, end in day.shifts:
            self._plan(begin, self._comes, day)
            self._plan(end, self._goes, day)
        for each in day.breaks:
            self._plan(each.begins, self._tell, m.Pause(day.agent, each.reason))
            self._plan(each.ends, self._tell, m.Resume(day.agent))

    def _comes(self, day: AgentDay) -> None:
        self._on_duty.add(day.agent)
        self._tell(m.SignOn(day.agent, day.phone))

    def _goes(self, day: AgentDay) -> None:
        self._on_duty.discard(day.agent)
        self._tell(m.SignOff(day.agent))

    def _agent_changed(self, fact: f.AgentChanged) -> None:
        self._result.agent_changed(fact)
        day = self._habits.get(fact.agent)
        if day is None:
            return
        match fact.state:
            case f.AgentState.WRAP_UP:
                takes = self._wrap_up(day, fact.visit or "")
                if takes is not None and (fact.until is None or fact.at + takes < fact.until):
                    self._plan(fact.at + takes, self._tell_unless_changed, fact, m.EndWrapUp(fact.agent))
            case f.AgentState.PAUSED if fact.reason not in self._settings.pauses:  # for missing calls
                takes = day.resumes_after(chance(self._seed, "resume", fact.agent, str(fact.at)))
                self._plan(fact.at + takes, self._tell_unless_changed, fact, m.Resume(fact.agent))
            case f.AgentState.SIGNED_OFF if fact.agent in self._on_duty:
                # The last call of one shift went on into the next one.
                self._plan(fact.at, self._comes, day)

    def _wrap_up(self, day: AgentDay, visit: str) -> float | None:
        """Seconds after that talk, if the agent does not wait for the queue's time to run out."""
        of_caller = self._stays[visit].caller.wrap_up
        if of_caller is not None or day.wrap_up is None:
            return of_caller
        return day.wrap_up(chance(self._seed, "wrap-up", visit))

    def _tell_unless_changed(self, fact: f.AgentChanged, message: Message) -> None:
        """Tell the line what an agent does, if that agent is still in that state."""
        agent = self._acd.roster[fact.agent]
        if (agent.state, agent.began_at, agent.visit) == (fact.state, fact.at, fact.visit):
            self._tell(message)
