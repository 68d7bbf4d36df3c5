"""What the switch's events mean for calls and for the line. Pure, but for the tables it keeps."""

from appliance import facts as f
from appliance.callbacks.otherwise import served_otherwise
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.agents import Agent
from appliance.line.promises import AttemptEnd, CallbackEnd, Home
from appliance.line.visits import Visit
from appliance.live import Live, LiveCall
from appliance.port import (
    DeviceChanged,
    Dialled,
    EndCause,
    Event,
    LegEnded,
    LegRinging,
    LegsJoined,
    LegsParted,
    LegStarted,
    OriginateFailed,
    Outcome,
)
from appliance.trunks.outbound import next_trunk_helps
from appliance.trunks.sip_words import failure, named

# What the end of a phone's leg says about the agent who let it ring.
_RESULTS = {
    EndCause.BUSY: Outcome.BUSY,
    EndCause.REFUSED: Outcome.REFUSED,
    EndCause.UNREACHABLE: Outcome.UNREACHABLE,
    EndCause.NO_ANSWER: Outcome.NO_ANSWER,
    EndCause.NORMAL: Outcome.NO_ANSWER,  # answered, was told of the caller, and did not take the call
}


# What it says about a customer who was called, and did not answer.
_ATTEMPTS = {
    EndCause.NORMAL: AttemptEnd.MACHINE,  # was answered, and hung up before anything could be said
    EndCause.NO_ANSWER: AttemptEnd.NO_ANSWER,
    EndCause.BUSY: AttemptEnd.BUSY,
    EndCause.REFUSED: AttemptEnd.REFUSED,
    EndCause.UNREACHABLE: AttemptEnd.UNREACHABLE,
    EndCause.CANCELLED: AttemptEnd.NO_ANSWER,
    EndCause.ELSEWHERE: AttemptEnd.NO_ANSWER,
    EndCause.FAILED: AttemptEnd.FAILED,
}
_NOT_ANSWERED = frozenset(_ATTEMPTS) - {EndCause.NORMAL}  # of these OriginateFailed follows, which says more

# What a call without a visit comes to when whom it rings for answers.
_ANSWERED = {
    f.CallOutcome.EXTENSION_MISSED: f.CallOutcome.EXTENSION_ANSWERED,
    f.CallOutcome.OUTBOUND_MISSED: f.CallOutcome.OUTBOUND_ANSWERED,
    f.CallOutcome.FORWARDED_MISSED: f.CallOutcome.FORWARDED_ANSWERED,
}


class Watcher:
    """Turns events into facts, by way of the line."""

    def __init__(self, acd: Acd, live: Live) -> None:
        self._acd = acd
        self._live = live
        self._offer_of_leg: dict[str, str] = {}  # phone's leg -> the offer it rings for

    def event(self, event: Event, now: float) -> list[f.Fact]:
        """The facts that follow from an event of the switch."""
        match event:
            case LegStarted(leg, endpoint):
                return self.leg_seen(leg, endpoint, now)
            case LegRinging(leg, endpoint, by):
                return [*self.leg_seen(leg, endpoint, now), *self._rings(leg, endpoint, by, now)]
            case LegsJoined(leg, other, endpoint):
                return self.joined(leg, endpoint, now) or self.joined(other, self._live.legs.get(leg, ""), now)
            case LegsParted(leg, other):
                return self._parted(leg, now) or self._parted(other, now)
            case LegEnded():
                return self._leg_ended(event, now)
            case OriginateFailed():
                return self._originate_failed(event, now)
            case DeviceChanged(phone, reachable):
                return self._acd.handle(m.PhoneReachable(phone, reachable), now)
        return []

    def leg_seen(self, leg: str, endpoint: str, now: float) -> list[f.Fact]:
        """A leg exists."""
        self._live.legs[leg] = endpoint
        return self._acd.handle(m.PhoneInUse(endpoint, True), now)

    def leg_gone(self, leg: str) -> str | None:
        """A leg exists no more; return the offer it rang for."""
        self._live.end_leg(leg)
        return self._offer_of_leg.pop(leg, None)

    def joined(self, leg: str, endpoint: str, now: float) -> list[f.Fact]:
        """A caller's leg hears a phone: the offer has been answered, or an extension."""
        call = self._live.call_of(leg)
        if call is None:
            return []
        visit = self._acd.visit(call.visit) if call.visit else None
        if visit is None:
            answered = _ANSWERED.get(call.outcome)
            if answered is None:
                return []
            agent = self._acd.roster.at_phone(endpoint) or self._acd.roster.at_phone(self._live.legs.get(leg, ""))
            return [*progress(call, answered, now), *(self._served_otherwise(call, agent, now) if agent else ())]
        agent = self._acd.roster.at_phone(endpoint)
        if visit.offer is not None:
            agents = [a for a, phone in visit.offer.phones.items() if phone == endpoint]
            agent = self._acd.roster[agents[0]] if agents else agent
            if agent is None and call.attempt and not visit.present:  # called first: the leg is the agent's
                agent = self._acd.roster[next(iter(visit.offer.phones))]
        if agent is None:
            return []
        facts = self._acd.handle(m.TalkBegins(visit.id, agent.id), now)
        facts += progress(call, f.CallOutcome.CALLED_BACK if call.attempt else f.CallOutcome.ANSWERED, now)
        return facts + self._served_otherwise(call, agent, now)

    def _served_otherwise(self, call: LiveCall, agent: Agent, now: float) -> list[f.Fact]:
        return [fact for x in served_otherwise(self._acd, call, agent.id) for fact in self._acd.handle(x, now)]

    def talk_over(self, leg: str, phone: str, now: float) -> list[f.Fact]:
        """A caller's leg has talked to a phone, and does so no more. Nothing follows where that is known."""
        return [*self.joined(leg, phone, now), *self._parted(leg, now)]

    def call_over(
        self, leg: str, now: float, unanswered: f.VisitOutcome, cause: EndCause | None = None
    ) -> list[f.Fact]:
        """The leg of a caller is gone; `unanswered` if they still stood in line."""
        call = self._live.call_of(leg)
        if call is None:
            return []
        self._live.remove(call)
        facts: list[f.Fact] = []
        visit = self._acd.visit(call.visit) if call.visit else None
        if visit is not None and visit.call != call.id:
            visit = None  # whose customer is called by another call by now, or has called in
        if visit is not None and visit.agent is not None:
            facts += self._acd.handle(m.TalkEnds(visit.id), now)
        elif visit is not None and visit.home is not None:
            if not visit.home.rests:
                facts += self._attempt_over(call, visit, visit.home, unanswered, cause, now)
        elif visit is not None:
            call.outcome = f.CallOutcome(unanswered.value)
            facts += self._acd.handle(m.CallerGone(visit.id, unanswered), now)
        elif call.outcome is f.CallOutcome.LEFT_EARLY and now <= (call.informed_until or 0.0):
            call.outcome = f.CallOutcome.INFORMED
        return [*facts, f.CallEnded(call.id, now, call.outcome, cause)]

    def phone_left(self, endpoint: str, now: float) -> list[f.Fact]:
        """A leg of that phone is gone; it is free if that was the last."""
        return [] if self._live.in_use(endpoint) else self._acd.handle(m.PhoneInUse(endpoint, False), now)

    def _attempt_over(
        self,
        call: LiveCall,
        visit: Visit,
        home: Home,
        unanswered: f.VisitOutcome,
        cause: EndCause | None,
        now: float,
    ) -> list[f.Fact]:
        """A call by which somebody was to be called back has ended without a talk."""
        if home.reached:
            return self._acd.handle(m.CallerGone(visit.id, unanswered), now)
        if visit.offer is not None and call.dialled:  # the agent was called first, and has called the customer
            if cause is None:  # and may have talked to them while nobody looked
                why = "the agent had called the customer when the appliance was lost"
                return self._acd.handle(m.EndCallback(visit.id, CallbackEnd.UNSEEN, why), now)
            return self._acd.handle(m.AttemptFails(visit.id, home.attempts, AttemptEnd.NO_AGENT), now)
        if visit.offer is not None:  # and has not got as far as the customer
            missed = _RESULTS.get(cause or EndCause.NO_ANSWER, Outcome.CANCELLED)
            return self._acd.handle(m.OfferFailed(visit.offer.id, missed), now)
        end = AttemptEnd.FAILED if cause is None else _ATTEMPTS[EndCause.NORMAL if call.answered else cause]
        return self._acd.handle(m.AttemptFails(visit.id, home.attempts, end), now)

    def _originate_failed(self, event: OriginateFailed, now: float) -> list[f.Fact]:
        """A call of ours was not answered; `status` may say that it did not even get there."""
        call = self._live.call_of(event.leg)
        visit = self._acd.visit(call.visit) if call and call.visit else None
        if call is None or not call.attempt:
            return []
        facts: list[f.Fact] = []
        if event.status is not None:
            said = f"{event.cause.value} ({named(event.status)}: {failure(event.status).what})"
            facts.append(f.Stepped(call.id, now, "trunk", said))
        if visit is not None and visit.call == call.id and visit.offer is None:
            outcome = Outcome.FAILED if event.cause is EndCause.FAILED else _RESULTS.get(event.cause)
            if outcome is not None and next_trunk_helps(Dialled(outcome, status=event.status)):
                facts += self._acd.handle(m.AttemptFails(visit.id, call.attempt, AttemptEnd.FAILED), now)
        self._live.end_leg(event.leg)
        return [*facts, *self.call_over(event.leg, now, f.VisitOutcome.ABANDONED, event.cause)]

    def _rings(self, leg: str, endpoint: str, by: str, now: float) -> list[f.Fact]:
        call = self._live.call_of(by)
        if call is None:
            return []
        visit = self._acd.visit(call.visit) if call.visit else None
        if visit and visit.offer:
            self._offer_of_leg[leg] = visit.offer.id
        return [f.LegOpened(call.id, now, leg, endpoint)]

    def _parted(self, leg: str, now: float) -> list[f.Fact]:
        call = self._live.call_of(leg)
        visit = self._acd.visit(call.visit) if call and call.visit else None
        return self._acd.handle(m.TalkEnds(visit.id), now) if visit and visit.agent else []

    def _leg_ended(self, event: LegEnded, now: float) -> list[f.Fact]:
        facts: list[f.Fact] = [f.LegClosed(now, event.leg, event.cause)]
        offer = self.leg_gone(event.leg)
        if offer and event.cause in _RESULTS:
            facts += self._acd.handle(m.RingingEnded(offer, event.endpoint, _RESULTS[event.cause]), now)
        call = self._live.call_of(event.leg)
        if not (call and call.attempt and not call.answered and event.cause in _NOT_ANSWERED):
            facts += self.call_over(event.leg, now, f.VisitOutcome.ABANDONED, event.cause)
        return facts + self.phone_left(event.endpoint, now)


def progress(call: LiveCall, outcome: f.CallOutcome, now: float) -> list[f.Fact]:
    """The call would end with that outcome now."""
    if call.outcome is outcome:
        return []
    call.outcome = outcome
    return [f.CallProgressed(call.id, now, outcome)]
