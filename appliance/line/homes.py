"""Those who wait at home: what they were promised, and what follows from how attempts to call them end. Pure.

Whom to call, and when, says appliance.line.home_turns. Nobody loses their turn by being at home: an agent who is
free, and whose next caller is being called, is kept for them (appliance.line.offers) while that lasts.

Where the agent is called first, a customer at home is offered to agents like anybody else, and called when one has
taken the call.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import inf

from appliance import facts as f
from appliance.facts import Fact, VisitOutcome
from appliance.line import messages as m
from appliance.line.deadlines import Deadlines
from appliance.line.home_turns import HomeTurns, wanted_of
from appliance.line.ladder import CallingHours, next_attempt
from appliance.line.lanes import Lanes
from appliance.line.messages import Declined, Reason
from appliance.line.offers import Offers
from appliance.line.prediction import Prediction
from appliance.line.promises import (
    NO_TRIES,
    AttemptEnd,
    CallbackEnd,
    First,
    Home,
    Kind,
    Promise,
    Prospect,
    attempt_id,
)
from appliance.line.rules import Rules
from appliance.line.visits import Visit
from appliance.port import Outcome

SETTLE = 15.0  # seconds: who has just gone home may still have the receiver in hand


class Homes:
    """The call-backs that are open."""

    def __init__(
        self,
        rules: Rules,
        lanes: Lanes,
        offers: Offers,
        deadlines: Deadlines,
        prediction: Prediction,
        visit: Callable[[str], Visit | None],
        forget: Callable[[Visit], None],
    ) -> None:
        self._rules, self._lanes, self._offers, self._deadlines = rules, lanes, offers, deadlines
        self._visit, self._forget = visit, forget
        self.turns = HomeTurns(rules, lanes, offers, deadlines, prediction, visit)
        self._hours = CallingHours(rules.settings)
        self._open: dict[tuple[str, str], str] = {}  # by queue and number

    def restore(self, visits: Iterable[Visit], prospect: Prospect, now: float) -> None:
        """Take over what the database knows."""
        for visit in visits:
            if visit.home is not None and visit.agent is None:
                self._note(visit, visit.home, now)
        self.turns.restore(prospect)

    def take_rules(self, rules: Rules, visits: Iterable[Visit], now: float) -> list[Fact]:
        """Other settings hold. Who waits at home for a queue that is no more cannot be called by anybody."""
        self._rules = self.turns.rules = rules
        self._hours = CallingHours(rules.settings)
        self.turns.look()
        facts: list[Fact] = []
        for visit in visits:
            home = visit.home
            if home is None or visit.agent is not None:
                continue
            if visit.queue in rules.settings.queues:
                self._note(visit, home, now)
            elif not home.reached:
                facts += self._close(visit, home, CallbackEnd.CANCELLED, "the queue is no more", now)
        return facts

    def open_of(self, queue: str, number: str) -> Visit | None:
        """The call-back that is open for a number."""
        return self._visit(self._open.get((queue, number), ""))

    # What the line is told

    def goes_home(self, visit: Visit, promise: Promise, now: float) -> list[Fact]:
        """A visit's customer is at home from now on. Raises Declined."""
        if (visit.queue, promise.number) in self._open:
            raise Declined(Reason.ALREADY_PROMISED)
        settles = now + SETTLE if promise.kind in (Kind.HELD, Kind.ASKED) else now
        visit.home = Home(promise, max(promise.not_before, settles), visit.attempts)
        visit.present = False
        facts = self._offers.end(visit, now, Outcome.CANCELLED, "the caller goes home")
        self._note(visit, visit.home, now)
        return [*facts, f.CallbackPromised(visit.id, now, visit.queue, promise, visit.home.not_before)]

    def agrees(self, x: m.CustomerAgrees, now: float) -> list[Fact]:
        """The customer is on the phone, and in line at the old place."""
        visit = self._visit(x.visit)
        home = visit.home if visit else None
        if visit is None or home is None or not home.calling or home.attempts != x.attempt:
            return []
        home.calling, home.reached = False, True
        visit.present, visit.call, visit.leg = True, x.call, x.leg
        self._lanes.settle(visit, now)
        return [f.CustomerReached(visit.id, now, x.attempt, x.call, x.leg)]

    def fails(self, x: m.AttemptFails, now: float) -> list[Fact]:
        """An attempt has come to nothing."""
        visit = self._visit(x.visit)
        home = visit.home if visit else None
        if visit is None or home is None or home.rests or home.attempts != x.attempt or visit.agent is not None:
            return []
        return self._fail(visit, home, x.end, now)

    def comes_back(self, x: m.ComesBack, now: float) -> list[Fact]:
        """The customer has called in, and holds the line. Raises Declined."""
        visit, home = self._known(x.visit)
        facts = self._give_up_attempt(visit, home, now)
        if not visit.in_line:  # the time that was chosen is still to come
            self._waits_from(visit, now, now)
            moved = self._move(visit, home, now, "the customer has called", now)
            facts.append(replace(moved, expires=home.promise.expires, waited=visit.waited))
        self._drop(visit, home)
        visit.home = None
        visit.present, visit.call, visit.leg = True, x.call, x.leg
        self._lanes.settle(visit, now)
        self._offers.watch(visit, now)
        ended = f.CallbackEnded(visit.id, now, CallbackEnd.CALLED_IN)
        return [*facts, ended, f.VisitReturned(visit.id, now, x.leg, x.call, visit.waited)]

    def hung_up(self, visit: Visit, home: Home, outcome: VisitOutcome, now: float) -> list[Fact]:
        """The leg is gone of somebody who had been reached, and waited for an agent. Who hung up is called again.
        What happened to a leg that was lost nobody knows: a person should look, and nobody is called twice."""
        if not home.reached:
            return []
        if outcome is VisitOutcome.ABANDONED or (outcome is VisitOutcome.UNSEEN and visit.offer is None):
            return self._fail(visit, home, AttemptEnd.NO_AGENT, now)
        return self._close(visit, home, CallbackEnd.UNSEEN, outcome.value, now)

    def leaves(self, visit: Visit, home: Home, why: str, now: float) -> list[Fact]:
        """Who had been reached has gone elsewhere by a key, and needs no call any more."""
        home.reached = False
        self._drop(visit, home)
        ended = f.AttemptEnded(visit.id, now, home.attempts, AttemptEnd.NO_AGENT)
        return [ended, f.CallbackEnded(visit.id, now, CallbackEnd.SERVED_OTHERWISE, why)]

    def moves(self, x: m.MoveCallback, now: float) -> list[Fact]:
        """Raises Declined."""
        visit, home = self._known(x.visit)
        if not home.rests:
            raise Declined(Reason.BEING_CALLED)
        lasts = wanted_of(self._rules, visit.queue).expires
        home.promise = replace(home.promise, expires=max(home.promise.expires, x.not_before + lasts))
        if home.promise.kind is Kind.CHOSEN or not visit.in_line:
            self._waits_from(visit, x.not_before, now)
        moved = self._move(visit, home, x.not_before, x.why, now)
        return [replace(moved, expires=home.promise.expires, waited=visit.waited)]

    def _waits_from(self, visit: Visit, at: float, now: float) -> None:
        """Who has chosen a time has the place of that time, whichever it was before."""
        self._lanes.leave(visit)
        visit.waited, visit.in_line = visit.joined_at - at, False
        if visit.since <= now:
            self._lanes.join(visit, now)
            self._offers.watch(visit, now)

    def ends(self, x: m.EndCallback, now: float) -> list[Fact]:
        """Raises Declined."""
        visit, home = self._known(x.visit)
        return self._close(visit, home, x.end, x.why, now)

    def wakes(self, id: str, now: float) -> list[Fact]:
        """It is time to look at somebody at home: may be called again from now on, or has waited too long."""
        visit = self._visit(id)
        home = visit.home if visit else None
        if visit is None or home is None or visit.agent is not None:
            return []
        if home.rests and now >= home.promise.expires:
            return self._close(visit, home, CallbackEnd.EXPIRED, "", now)
        if not visit.in_line and visit.since <= now:
            self._lanes.join(visit, now)
            self._offers.watch(visit, now)
        self._note(visit, home, now)
        return []

    # What follows

    def follow(self, facts: Iterable[Fact], now: float) -> list[Fact]:
        """What follows for those at home from what has happened."""
        found: list[Fact] = []
        for fact in facts:
            match fact:
                case f.OfferEnded():
                    found += self._offer_ended(fact, now)
                case f.Offered():
                    found += self._offered(fact, now)
                case f.VisitEnded(outcome=VisitOutcome.ANSWERED):
                    found += self._served(fact, now)
        return found

    def call(self, now: float) -> list[Fact]:
        """Call those at home whose turn is near."""
        return [fact for turn in self.turns.take(now) for fact in self._begin(*turn, now)]

    def _begin(self, visit: Visit, home: Home, why: str, now: float) -> list[Fact]:
        opens = self._hours.open_from(self._rules.settings.queues[visit.queue], home.promise, now)
        if opens is None:
            return self._close(visit, home, CallbackEnd.EXPIRED, "no time is left in which to call", now)
        if opens > now:
            return [self._move(visit, home, opens, "out of hours", now)]
        return [self._attempt(visit, home, First.CUSTOMER, why, now)]

    def _attempt(
        self, visit: Visit, home: Home, first: First, why: str, now: float, offer: f.Offered | None = None
    ) -> Fact:
        home.attempts = visit.attempts = visit.attempts + 1
        home.calling = True
        visit.call = visit.leg = attempt_id(visit.id, home.attempts)
        self._lanes.settle(visit, now)
        wanted = wanted_of(self._rules, visit.queue)
        agent, phone = next(iter(offer.phones.items())) if offer else (None, None)
        return f.AttemptBegan(
            *(visit.id, now, home.attempts, first, home.promise.number, wanted.ring_for, why),
            *(offer.offer if offer else None, agent, phone),
        )

    def _offered(self, fact: f.Offered, now: float) -> list[Fact]:
        visit = self._visit(fact.visit)
        if visit is None or visit.home is None or not visit.home.rests:
            return []
        return [self._attempt(visit, visit.home, First.AGENT, "an agent is free", now, fact)]

    def _offer_ended(self, fact: f.OfferEnded, now: float) -> list[Fact]:
        visit = self._visit(fact.visit)
        if visit is None or visit.home is None or not visit.home.calling or visit.agent is not None:
            return []
        return self._fail(visit, visit.home, AttemptEnd.AGENT_MISSED, now)

    def _served(self, fact: f.VisitEnded, now: float) -> list[Fact]:
        visit = self._visit(fact.visit)
        if visit is None or visit.home is None:
            return []
        home = visit.home
        home.calling = home.reached = False
        self._drop(visit, home)
        ended = f.AttemptEnded(visit.id, now, home.attempts, AttemptEnd.SERVED)
        return [ended, f.CallbackEnded(visit.id, now, CallbackEnd.SERVED)]

    def _fail(self, visit: Visit, home: Home, end: AttemptEnd, now: float) -> list[Fact]:
        home.calling = home.reached = False
        home.tries += end not in NO_TRIES
        visit.present = False
        facts = self._offers.end(visit, now, Outcome.CANCELLED, f"the customer was not reached: {end.value}")
        queue = self._rules.settings.queues.get(visit.queue)
        next: float | CallbackEnd = CallbackEnd.CANCELLED
        if queue is not None:
            next = next_attempt(
                wanted_of(self._rules, visit.queue),
                *(home, end, now),
                lambda at: self._hours.open_from(queue, home.promise, at),
            )
        if isinstance(next, CallbackEnd):
            ended = f.AttemptEnded(visit.id, now, home.attempts, end)
            return [*facts, ended, *self._close(visit, home, next, end.value, now)]
        home.not_before = next
        self._note(visit, home, now)
        return [*facts, f.AttemptEnded(visit.id, now, home.attempts, end, next)]

    def _give_up_attempt(self, visit: Visit, home: Home, now: float) -> list[Fact]:
        if home.rests:
            return []
        home.calling = home.reached = False
        facts = self._offers.end(visit, now, Outcome.CANCELLED, "the customer need not be called any more")
        return [*facts, f.AttemptEnded(visit.id, now, home.attempts, AttemptEnd.CANCELLED)]

    def _close(self, visit: Visit, home: Home, end: CallbackEnd, why: str, now: float) -> list[Fact]:
        facts = self._give_up_attempt(visit, home, now)
        self._drop(visit, home)
        self._forget(visit)
        ended = f.VisitEnded(visit.id, now, VisitOutcome.UNREACHED)
        return [*facts, ended, f.CallbackEnded(visit.id, now, end, why)]

    def _move(self, visit: Visit, home: Home, not_before: float, why: str, now: float) -> f.CallbackMoved:
        home.not_before = not_before
        self._note(visit, home, now)
        return f.CallbackMoved(visit.id, now, home.not_before, why)

    # What is known of them

    def _known(self, id: str) -> tuple[Visit, Home]:
        """A call-back that is open, and whose customer is not on the phone. Raises Declined."""
        visit = self._visit(id)
        if visit is None or visit.home is None or visit.agent is not None:
            raise Declined(Reason.NO_CALLBACK)
        if visit.home.reached:
            raise Declined(Reason.BEING_CALLED)
        return visit, visit.home

    def _note(self, visit: Visit, home: Home, now: float) -> None:
        """Keep at hand who it is, and look again when that changes."""
        self._open[visit.queue, home.promise.number] = visit.id
        closes = self._keeps_hours(visit, home, now)
        self._lanes.settle(visit, now)
        wakes = (at for at in (home.not_before, visit.since, home.promise.expires, closes) if now < at < inf)
        self._deadlines.set("home", visit.id, min(wakes, default=None) if home.rests else None)

    def _keeps_hours(self, visit: Visit, home: Home, now: float) -> float:
        """Nobody is called, nor is an agent who would call them, while the customer may not be. Return until when
        they may from then on."""
        queue = self._rules.settings.queues.get(visit.queue)
        if queue is None or not home.rests:
            return inf
        at = max(now, home.not_before)
        opens = self._hours.open_from(queue, home.promise, at)
        if opens != at:
            home.not_before = home.promise.expires if opens is None else opens
        return self._hours.open_until(queue, home.promise, at)

    def _drop(self, visit: Visit, home: Home) -> None:
        self._open.pop((visit.queue, home.promise.number), None)
        self._deadlines.set("home", visit.id, None)
