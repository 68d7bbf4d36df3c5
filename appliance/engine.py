"""The one greenlet that owns the line: takes messages in, writes what follows, then does it.

Everything that changes state goes through its inbox, so nothing needs a lock. Events of the switch are turned
into messages for the line here, and the offers that the line decides on are handed to the callers' legs.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from peewee import DatabaseError, InterfaceError

from appliance import facts as f
from appliance import messages as m
from appliance.acd import Acd
from appliance.clock import Clock, Mailbox
from appliance.messages import Declined, Message
from appliance.port import (
    DeviceChanged,
    EndCause,
    Event,
    FallbackMember,
    Leg,
    LegEnded,
    LegInfo,
    LegRinging,
    LegsJoined,
    LegsParted,
    LegStarted,
    OriginateFailed,
    Outcome,
    SwitchDown,
    SwitchUp,
)
from appliance.settings import Settings
from appliance.store import OpenCall, Store

log = logging.getLogger(__name__)

ENDED_LEGS_KEPT = 4096
WRITE_AGAIN_AFTER = 1.0  # seconds, while the database does not take a batch


@dataclass
class LiveCall:
    """A call whose leg has not ended."""

    id: str
    leg: str
    outcome: f.CallOutcome = f.CallOutcome.LEFT_EARLY  # if it ended now
    driver: Leg | None = None  # the leg's verbs, while a flow drives it
    visit: str | None = None
    visits: int = 0  # so far
    failures: int = 0  # of flows that drove it
    number: str | None = None
    dnis: str = ""
    customer: str | None = None
    language: str = ""
    started_at: float = 0.0
    restored: bool = False  # from rows; nobody has driven it since the start


@dataclass(frozen=True)
class Seen:
    """What the switch says there is, and which legs and talks were known when it was asked."""

    known: frozenset[str]
    talking: frozenset[str]  # visits
    legs: Sequence[LegInfo]
    devices: Sequence[DeviceChanged]
    first: bool  # the first time since the start


@dataclass(frozen=True)
class Welcome:
    """A flow drives the leg of a call from now on."""

    call: LiveCall
    leg: Leg


@dataclass(frozen=True)
class GiveUpRestored:
    """Callers restored from rows who have not come back by now are served by the switch's own queues."""


@dataclass
class _Request:
    message: Message
    reply: Mailbox


@dataclass
class _Switch:
    up: bool = False
    reason: str = "not connected yet"


class Engine:
    """Owns the Acd, the table of legs and calls, and the only way to the store."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self.settings = settings
        self.acd = Acd(settings)
        self.clock = clock
        self.calls: dict[str, LiveCall] = {}
        self.legs: dict[str, str] = {}  # leg -> endpoint
        self.switch = _Switch()
        self.started_at = clock.now()
        self.on_members: Callable[[list[FallbackMember]], None] = lambda members: None
        self.on_switch_up: Callable[[], None] = lambda: None
        self._store = store
        self._inbox = clock.mailbox()
        self._call_of_leg: dict[str, LiveCall] = {}
        self._ended: dict[str, None] = {}  # legs that ended lately, oldest first
        self._dialled_by: dict[str, str] = {}  # phone's leg -> visit's offer it rings for
        self._results: dict[str, dict[str, Outcome]] = {}  # offer -> agent -> what became of the ringing
        self._standing: dict[str, tuple[str, bool]] = {}  # agent -> phone, paused
        self._members_stale = True
        self._last_call = ("", 0)  # the second and the number within it

    # From flows and console, in any greenlet

    def tell(self, *items: object) -> None:
        """Hand in messages of the line, facts or events of the switch, in order."""
        for item in items:
            self._inbox.put(item)

    def ask(self, message: Message) -> None:
        """Hand in a message and wait until it has been carried out. Raises Declined."""
        reply = self.clock.mailbox()
        self._inbox.put(_Request(message, reply))
        answer = reply.get()
        if isinstance(answer, Declined):
            raise answer

    def new_call_id(self) -> str:
        """Sorted by arrival, never given twice, short enough to be read out: 261120-090501-001."""
        second = f"{datetime.fromtimestamp(self.clock.now(), UTC):%y%m%d-%H%M%S}"
        last, number = self._last_call
        self._last_call = (second, number + 1) if last == second else (second, 1)
        return f"{second}-{self._last_call[1]:03}"

    def now_known(self, first: bool) -> Callable[[Sequence[LegInfo], Sequence[DeviceChanged]], Seen]:
        """What is known now, to be completed with what the switch is about to answer."""
        known = frozenset(self.legs) | frozenset(self._call_of_leg)
        talking = frozenset(visit.id for visit in self.acd.visits() if visit.agent)
        return lambda legs, devices: Seen(known, talking, legs, devices, first)

    # At the start

    def restore(self) -> None:
        """Take over the rows that were open when the appliance last ran."""
        rows = self._store.open_rows()
        self.acd.restore(rows.agents, rows.visits)
        if rows.last_call:
            second, _, number = rows.last_call.rpartition("-")
            self._last_call = (second, int(number))
        for row in rows.calls:
            self._add(_restored(row))
        for visit in rows.visits:
            if visit.call in self.calls:
                self.calls[visit.call].visit = visit.id

    def _add(self, call: LiveCall) -> None:
        self.calls[call.id] = call
        self._call_of_leg[call.leg] = call

    # The loop

    def run(self) -> None:
        """For ever: take all there is, decide, write, act."""
        while True:
            deadline = self.acd.next_deadline()
            first = self._inbox.get(None if deadline is None else max(0.0, deadline - self.clock.now()))
            self._batch(first)

    def _batch(self, item: object | None) -> None:
        now = self.clock.now()
        facts = self.acd.handle(m.Tick(), now)
        answers: list[tuple[Mailbox, Declined | None]] = []
        while item is not None:
            facts += self._take(item, now, answers)
            item = self._inbox.get(0)
        self._write(facts)
        for fact in facts:
            self._act(fact)
        for reply, declined in answers:
            reply.put(declined or True)
        self._tell_members()

    def _take(self, item: object, now: float, answers: list[tuple[Mailbox, Declined | None]]) -> list[f.Fact]:
        try:
            if isinstance(item, _Request):
                try:
                    facts = self.acd.handle(item.message, now)
                except Declined as declined:
                    answers.append((item.reply, declined))
                    return []
                answers.append((item.reply, None))
                return facts
            if isinstance(item, Welcome):
                return self._welcome(item, now)
            if isinstance(item, Seen):
                return self._reconcile(item, now)
            if isinstance(item, GiveUpRestored):
                return self._give_up_restored(now)
            if isinstance(item, m.OfferFailed):
                results = {**self._results.pop(item.offer, {}), **item.results}
                return self.acd.handle(m.OfferFailed(item.offer, item.outcome, results), now)
            if isinstance(item, Event):
                return self._event(item, now)
            if isinstance(item, Message):
                return self.acd.handle(item, now)
            if isinstance(item, f.Fact):
                return self._note(item)
            raise TypeError(f"the engine knows no {item!r}")
        except Exception:
            # One bad item must not end the line for everybody else.
            log.exception("could not handle %r", item)
            return [f.Incident(now, f"could not handle {type(item).__name__}")]

    def _write(self, facts: list[f.Fact]) -> None:
        while facts:
            try:
                self._store.write(facts)
                return
            except (DatabaseError, InterfaceError) as error:
                log.error("the database does not take %d facts, trying again: %s", len(facts), error)
                self.clock.sleep(WRITE_AGAIN_AFTER)

    # What facts mean here

    def _welcome(self, item: Welcome, now: float) -> list[f.Fact]:
        call = self.calls.get(item.call.id)
        if call is None:
            call = item.call
            self._add(call)
        else:
            self._call_of_leg.pop(call.leg, None)
            call.leg = item.leg.id
            self._call_of_leg[call.leg] = call
        call.driver, call.restored = item.leg, False
        if item.leg.id in self._ended:  # the switch was faster to say that it is gone
            return self._call_over(item.leg.id, now, f.VisitOutcome.ABANDONED)
        return []

    def _note(self, fact: f.Fact) -> list[f.Fact]:
        if isinstance(fact, f.CallIdentified) and fact.call in self.calls:
            call = self.calls[fact.call]
            call.number, call.customer, call.language = fact.number, fact.customer, fact.language
        if isinstance(fact, f.CallProgressed) and fact.call in self.calls:
            self.calls[fact.call].outcome = fact.outcome
        return [fact]

    def _act(self, fact: f.Fact) -> None:
        """Do what has been written."""
        if isinstance(fact, f.VisitJoined):
            self.calls[fact.call].visit = fact.visit
        if isinstance(fact, f.AgentChanged):
            standing = (fact.phone or "", fact.state is f.AgentState.PAUSED)
            if self._standing.get(fact.agent) != standing:
                self._standing[fact.agent] = standing
                self._members_stale = True
        if isinstance(fact, f.OfferEnded):
            self._results.pop(fact.offer, None)
        if isinstance(fact, f.Offered):
            visit = self.acd.visit(fact.visit)
            call = self.calls.get(visit.call) if visit else None
            if call and call.driver:
                call.driver.post(fact)
        if isinstance(fact, f.Incident):
            log.warning("%s", fact.what)

    # Events of the switch

    def _event(self, event: Event, now: float) -> list[f.Fact]:
        match event:
            case SwitchUp():
                self.switch.up, self.switch.reason = True, ""
                self._members_stale = True
                self.on_switch_up()
            case SwitchDown(reason):
                self.switch.up, self.switch.reason = False, reason
            case LegStarted(leg, endpoint):
                return self._leg_seen(leg, endpoint, now)
            case LegRinging(leg, endpoint, by):
                facts = self._leg_seen(leg, endpoint, now)
                return [*facts, *self._rings(leg, endpoint, by, now)]
            case LegsJoined(leg, other, endpoint):
                return self._joined(leg, endpoint, now) or self._joined(other, self.legs.get(leg, ""), now)
            case LegsParted(leg, other):
                return self._parted(leg, now) or self._parted(other, now)
            case LegEnded():
                return self._leg_ended(event, now)
            case DeviceChanged(phone, reachable):
                return self.acd.handle(m.PhoneReachable(phone, reachable), now)
            case OriginateFailed():
                pass
        return []

    def _rings(self, leg: str, endpoint: str, by: str, now: float) -> list[f.Fact]:
        call = self._call_of_leg.get(by)
        if call is None:
            return []
        visit = self.acd.visit(call.visit) if call.visit else None
        if visit and visit.offer:
            self._dialled_by[leg] = visit.offer.id
        return [f.LegOpened(call.id, now, leg, endpoint)]

    def _leg_seen(self, leg: str, endpoint: str, now: float) -> list[f.Fact]:
        self.legs[leg] = endpoint
        return self.acd.handle(m.PhoneInUse(endpoint, True), now)

    def _joined(self, leg: str, endpoint: str, now: float) -> list[f.Fact]:
        """A caller's leg hears a phone: the offer has been answered, or an extension."""
        call = self._call_of_leg.get(leg)
        if call is None:
            return []
        visit = self.acd.visit(call.visit) if call.visit else None
        if visit is None:
            return [] if call.visit else self._progress(call, f.CallOutcome.EXTENSION_ANSWERED, now)
        agent = self.acd.roster.at_phone(endpoint)
        if visit.offer is not None:
            agents = [a for a, phone in visit.offer.phones.items() if phone == endpoint]
            agent = self.acd.roster[agents[0]] if agents else agent
        if agent is None:
            return []
        facts = self.acd.handle(m.TalkBegins(visit.id, agent.id), now)
        return facts + self._progress(call, f.CallOutcome.ANSWERED, now)

    def _parted(self, leg: str, now: float) -> list[f.Fact]:
        call = self._call_of_leg.get(leg)
        visit = self.acd.visit(call.visit) if call and call.visit else None
        return self.acd.handle(m.TalkEnds(visit.id), now) if visit and visit.agent else []

    def _leg_ended(self, event: LegEnded, now: float) -> list[f.Fact]:
        self.legs.pop(event.leg, None)
        self._ended[event.leg] = None
        if len(self._ended) > ENDED_LEGS_KEPT:
            del self._ended[next(iter(self._ended))]
        self._note_result(event)
        facts: list[f.Fact] = [f.LegClosed(now, event.leg, event.cause)]
        facts += self._call_over(event.leg, now, f.VisitOutcome.ABANDONED)
        if event.endpoint not in self.legs.values():
            facts += self.acd.handle(m.PhoneInUse(event.endpoint, False), now)
        return facts

    def _note_result(self, event: LegEnded) -> None:
        """Remember why one of several phones that rang stopped ringing."""
        offer = self._dialled_by.pop(event.leg, None)
        visit = self.acd.offered(offer) if offer else None
        if offer and visit and visit.offer and event.cause in _RESULTS:
            for agent, phone in visit.offer.phones.items():
                if phone == event.endpoint:
                    self._results.setdefault(offer, {})[agent] = _RESULTS[event.cause]

    def _call_over(self, leg: str, now: float, unanswered: f.VisitOutcome) -> list[f.Fact]:
        """The leg of a caller is gone; `unanswered` if they still stood in line."""
        call = self._call_of_leg.pop(leg, None)
        if call is None:
            return []
        del self.calls[call.id]
        facts: list[f.Fact] = []
        visit = self.acd.visit(call.visit) if call.visit else None
        if visit is not None and visit.agent is not None:
            facts += self.acd.handle(m.TalkEnds(visit.id), now)
        elif visit is not None:
            call.outcome = f.CallOutcome(unanswered.value)
            facts += self.acd.handle(m.CallerGone(visit.id, unanswered), now)
        return [*facts, f.CallEnded(call.id, now, call.outcome)]

    def _progress(self, call: LiveCall, outcome: f.CallOutcome, now: float) -> list[f.Fact]:
        if call.outcome is outcome:
            return []
        call.outcome = outcome
        return [f.CallProgressed(call.id, now, outcome)]

    # Records and switch compared

    def _reconcile(self, seen: Seen, now: float) -> list[f.Fact]:
        """Make the records agree with what the switch says there is; every difference is an incident."""
        facts: list[f.Fact] = []
        there = {info.leg: info for info in seen.legs}
        for device in seen.devices:
            facts += self.acd.handle(m.PhoneReachable(device.phone, device.reachable), now)
        for leg in sorted(seen.known - there.keys()):
            if leg in self.legs or leg in self._call_of_leg:
                facts += self._missed_end(leg, now, seen.first)
        for info in seen.legs:
            # One that was not known then and has come or gone since is none of this snapshot's business.
            if info.leg not in self.legs and (seen.first or info.leg in seen.known):
                facts += self._leg_seen(info.leg, info.endpoint, now)
        facts += self._reconcile_talks(seen, there, now)
        return facts

    def _missed_end(self, leg: str, now: float, first: bool) -> list[f.Fact]:
        endpoint = self.legs.pop(leg, "")
        outcome = f.VisitOutcome.UNSEEN if first else f.VisitOutcome.ABANDONED
        call = self._call_of_leg.get(leg)
        if first and call is not None and call.outcome is f.CallOutcome.LEFT_EARLY:
            call.outcome = f.CallOutcome.UNSEEN
        facts: list[f.Fact] = [f.Incident(now, f"leg {leg} had ended unseen"), *self._call_over(leg, now, outcome)]
        if endpoint and endpoint not in self.legs.values():
            facts += self.acd.handle(m.PhoneInUse(endpoint, False), now)
        return facts

    def _reconcile_talks(self, seen: Seen, there: dict[str, LegInfo], now: float) -> list[f.Fact]:
        facts: list[f.Fact] = []
        for visit in self.acd.visits():
            info = there.get(visit.leg)
            if info is None or visit.leg not in seen.known:
                continue
            partners = [o for o in seen.legs if info.joined and o.joined == info.joined and o.leg != info.leg]
            if visit.agent is None and partners:
                talk = [fact for o in partners for fact in self._joined(visit.leg, o.endpoint, now)]
                facts += [f.Incident(now, f"visit {visit.id} had been answered unseen"), *talk] if talk else []
            elif visit.id in seen.talking and not partners:
                facts += [f.Incident(now, f"talk of visit {visit.id} had ended unseen")]
                facts += self.acd.handle(m.TalkEnds(visit.id), now)
        return facts

    def _give_up_restored(self, now: float) -> list[f.Fact]:
        facts: list[f.Fact] = []
        for call in [c for c in self.calls.values() if c.restored and c.visit]:
            visit = self.acd.visit(call.visit or "")
            if visit is not None and visit.agent is None:
                call.visit = None
                facts += self.acd.handle(m.CallerGone(visit.id, f.VisitOutcome.FALLBACK), now)
                facts += self._progress(call, f.CallOutcome.FALLBACK, now)
        return facts

    # The switch's own queues

    def _tell_members(self) -> None:
        """Keep the stand-in queues of the switch at who is signed on."""
        if not self._members_stale or not self.switch.up:
            return
        self._members_stale = False
        self.on_members(
            [
                FallbackMember(queue.id, agent.id, agent.phone, agent.state is f.AgentState.PAUSED)
                for queue in self.settings.queues.values()
                for agent in map(self.acd.roster.__getitem__, queue.agents)
                if agent.phone
            ]
        )


_RESULTS = {
    EndCause.BUSY: Outcome.BUSY,
    EndCause.REFUSED: Outcome.REFUSED,
    EndCause.UNREACHABLE: Outcome.UNREACHABLE,
    EndCause.NO_ANSWER: Outcome.NO_ANSWER,
}


def _restored(row: OpenCall) -> LiveCall:
    return LiveCall(
        id=row.id,
        leg=row.leg,
        outcome=row.outcome,
        number=row.number,
        dnis=row.dnis,
        visits=row.visits,
        customer=row.customer,
        language=row.language,
        started_at=row.started_at,
        restored=True,
    )
