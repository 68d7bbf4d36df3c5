"""The one greenlet that owns the line: takes messages in, writes what follows, then does it.

Everything that changes state goes through its inbox, so nothing needs a lock.
"""

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar, cast

from peewee import InterfaceError, OperationalError

from appliance import facts as f
from appliance.callbacks.attempts import attempt
from appliance.callbacks.diaries import TakeTime, diary_of, refuse_taken
from appliance.callbacks.slots import Diary
from appliance.clock import Clock, Mailbox
from appliance.hours.by_hand import ByHand
from appliance.hours.notices import STILL_BECAUSE_OF_IT
from appliance.line import messages as m
from appliance.line.acd import is_known
from appliance.line.journal import MARK_EVERY, JournalledAcd
from appliance.line.messages import Declined, Message, Reason
from appliance.line.promises import AttemptEnd, attempt_id
from appliance.line.state import LineState
from appliance.live import Live, LiveCall, restored
from appliance.owed import Owed
from appliance.port import Event, FallbackMember, Leg, Outcome, SwitchDown, SwitchUp
from appliance.records.database import first_cause
from appliance.records.past import Past, Question
from appliance.records.scribe import Scribe
from appliance.records.store import Store
from appliance.records.voicemail import Left
from appliance.recovery import GiveUpRestored, Recovery, Seen
from appliance.settings import Settings
from appliance.tasks.messages import TaskMessage
from appliance.watching import Watcher, progress

log = logging.getLogger(__name__)

T = TypeVar("T")

SHORTEST_NAP = 0.001  # seconds, so that whatever is overdue others have their turn

# What a call comes to, if it ended now, that has not been put anywhere yet.
_MAY_STILL_REACH = (f.CallOutcome.LEFT_EARLY, f.CallOutcome.ABANDONED, *f.SENT_ON)


@dataclass(frozen=True)
class Welcome:
    """A flow drives the leg of a call from now on."""

    call: LiveCall
    leg: Leg


@dataclass(frozen=True)
class Farewell:
    """The flow that drove a leg has ended, and nobody drives it now; the leg may have ended or not."""

    leg: Leg


@dataclass(frozen=True)
class TalkOver:
    """A flow's dial says that its leg has talked to that phone; the events of it may have been lost."""

    leg: str
    phone: str


@dataclass(frozen=True)
class TakeVersion:
    """The operator wants something else from now on: new calls follow it, live ones the rules they began with.
    Declined where that would strand a caller."""

    settings: Settings
    version: int | None = None
    who: str = ""
    comment: str = ""


@dataclass(frozen=True)
class LineChanged:
    """To a flow whose caller waits: the settings of the queue may be others now, or the queue may be gone."""


@dataclass(frozen=True)
class Beat:
    """Somebody asks whether the engine and the database are alive; answered when both are."""

    reply: Mailbox


@dataclass(frozen=True)
class LookUp:
    """Somebody asks the records; answered when all that has happened is written."""

    answer: Callable[[], object]
    reply: Mailbox


@dataclass(frozen=True)
class _Request:
    message: Message | TaskMessage | TakeVersion | TakeTime
    reply: Mailbox


@dataclass(frozen=True)
class _Reply:
    to: Mailbox
    error: Exception | None


class Engine:
    """Owns the line, the tables of calls and legs, and the only way to the store."""

    def __init__(self, settings: Settings, store: Store, clock: Clock, version: int | None = None) -> None:
        self.settings = settings
        self.version = version  # of the configuration; None: none was ever applied
        self.clock = clock
        self.started_at = clock.now()
        self.acd = JournalledAcd(settings)
        self.live = Live()
        self.by_hand = ByHand()
        self.owed = Owed(settings, self.acd.handle, self.new_call_id, self.by_hand.override, self._number_of)
        self.switch_up = False
        self.switch_reason = "not connected yet"
        self.scribe = Scribe(store, clock)
        self.on_switch_up: Callable[[], None] = lambda: None
        self.on_settings: Callable[[Settings], None] = lambda settings: None
        self.on_attempt: Callable[[f.AttemptBegan], None] = lambda attempt: None
        self.on_attempt_over: Callable[[str], None] = lambda leg: None
        self.on_members: Callable[[list[FallbackMember]], None] = lambda members: None
        self.on_late: Callable[[f.TaskEscalated], None] = lambda late: None
        self._watcher = Watcher(self.acd, self.live)
        self.recovery = Recovery(self.acd, self.live, self._watcher)
        self.mark_every = MARK_EVERY
        self._store = store
        self._inbox = clock.mailbox()
        self._replies: list[_Reply] = []
        self._asked: list[LookUp] = []
        self._claimed: set[str] = set()  # visits after which somebody has come back since the start
        self._standing: dict[str, tuple[str, bool]] = {}  # agent -> phone, paused
        self._members_stale = True
        self._last_call = ("", 0)  # the second and the number within it

    # From flows and console, in any greenlet

    def tell(self, *items: object) -> None:
        """Hand in messages of the line, facts or events of the switch, in order."""
        for item in items:
            self._inbox.put(item)

    def ask(self, message: Message | TaskMessage | TakeVersion | TakeTime) -> None:
        """Hand in a message and wait until it has been carried out. Raises Declined."""
        reply = self.clock.mailbox()
        self._inbox.put(_Request(message, reply))
        answer = reply.get()
        if isinstance(answer, Exception):
            raise answer

    def note(self, *facts: f.Fact) -> None:
        """Hand in facts and wait until they have been written."""
        self.tell(*facts)
        written = self.clock.mailbox()
        self.tell(Beat(written))
        written.get()

    def recall(self, asked: Question) -> Past:
        """What the records know of a caller. A place that was lost is given back once."""
        return self._look_up(lambda: self._past(asked))

    def messages(self, box: str | None) -> list[Left]:
        """The messages of a box, or of all; none while the database does not answer."""
        return self._look_up(
            lambda: self.scribe.ask(lambda: [*self._store.messages(box)], [], "messages cannot be looked up")
        )

    def consult(self, question: Callable[[], T]) -> T | None:
        """Ask the records whatever, when all that has happened is written; None while they do not answer."""
        return self._look_up(
            lambda: self.scribe.ask(lambda: self._store.ask(question), None, "the records do not answer")
        )

    def _look_up(self, answer: Callable[[], T]) -> T:
        reply = self.clock.mailbox()
        self._inbox.put(LookUp(answer, reply))
        return cast(T, reply.get())

    def diary(self, queue: str, number: str, without: str = "") -> Diary | None:
        """The times of a queue that this customer may choose now; `without` a call-back that is to be moved."""
        return diary_of(self.settings, self.by_hand, self.acd, queue, number, self.clock.now(), without)

    def stranded(self, settings: Settings) -> Mapping[str, int]:
        """The queues in which callers wait, or which live calls may still reach by the rules they began with,
        and of which these settings know nothing; each with the number of callers who wait."""
        found: dict[str, int] = {}
        for visit in self.acd.visits():
            if visit.agent is None and not is_known(visit.queue, settings):
                found[visit.queue] = found.get(visit.queue, 0) + 1
        for call in self.live.calls.values():
            if call.outcome not in _MAY_STILL_REACH or (call.visit and self.acd.visit(call.visit)):
                continue
            rules = call.rules or self.settings
            found |= {queue: 0 for queue in rules.queues if queue not in found and not is_known(queue, settings)}
        return found

    def new_call_id(self) -> str:
        """Sorted by arrival, never given twice, short enough to be read out: 261120-090501-001."""
        second = f"{datetime.fromtimestamp(self.clock.now(), UTC):%y%m%d-%H%M%S}"
        last, number = self._last_call
        # Where the clock was set back, the last second goes on.
        self._last_call = (last, number + 1) if second <= last else (second, 1)
        return f"{self._last_call[0]}-{self._last_call[1]:03}"

    def restore(self) -> None:
        """Take over the rows that were open when the appliance last ran. Before `run`."""
        rows = self._store.open_rows()
        self.acd.restore(LineState(rows.agents, rows.visits, rows.turns, waits=rows.waits), self.started_at)
        self.acd.journal.mark(self.acd, self.version, self.started_at, is_start=True)
        for fact in rows.by_hand:
            self.by_hand.apply(fact)
        self.tell(*(m.SignOff(a.id) for a in self.acd.roster.strangers()))
        if rows.last_call:
            second, _, number = rows.last_call.rpartition("-")
            self._last_call = (second, int(number))
        for row in rows.calls:
            self.live.add(restored(row))
            self.owed.restore_call(row.id, row.number, row.customer, row.language)
        self.owed.restore(rows.visits, rows.tasks, self.started_at)
        for leg, endpoint in rows.legs.items():
            self._watcher.leg_seen(leg, endpoint, self.started_at)
        for visit in rows.visits:
            if visit.call in self.live.calls:
                self.live.calls[visit.call].visit = visit.id
            elif visit.home is not None and visit.agent is None:
                if not visit.home.rests:  # nothing was dialled, or nobody has seen how it ended
                    self.tell(m.AttemptFails(visit.id, visit.home.attempts, AttemptEnd.FAILED))
            else:  # its call is over: nobody else would ever end it
                self.tell(m.CallerGone(visit.id, f.VisitOutcome.UNSEEN), m.TalkEnds(visit.id))

    # The loop

    def run(self) -> None:
        """For ever: take all there is, decide, write, act."""
        while True:
            deadlines = (self.acd.next_deadline(), self.owed.next_deadline())
            deadline = min((each for each in deadlines if each is not None), default=None)
            self._batch(
                self._inbox.get(None if deadline is None else max(SHORTEST_NAP, deadline - self.clock.now()))
            )

    def _batch(self, item: object | None) -> None:
        now = self.clock.now()
        facts = self._take(m.Tick(), now)
        while item is not None:
            facts += self._take(item, now)
            item = self._inbox.get(0)
        self.scribe.write(facts, self.acd.journal.take() if facts else [])
        for fact in facts:
            self._act(fact)
        asked, self._asked = self._asked, []
        for question in asked:
            question.reply.put(question.answer())
        replies, self._replies = self._replies, []
        for reply in replies:
            reply.to.put(reply.error or True)
        self._tell_members()
        if self.acd.journal.needs_mark(self.mark_every, now):
            self.acd.journal.mark(self.acd, self.version, now, is_start=False)
            self.scribe.write([], self.acd.journal.take())

    def _take(self, item: object, now: float) -> list[f.Fact]:
        facts: list[f.Fact] = []
        try:
            facts += self._with_tables(self._facts(item, now))
            facts += self._with_tables(self.owed.follow(facts, now))
        except Exception:
            # One bad item must not end the line for everybody else.
            log.exception("could not handle %r", item)
            facts.append(f.Incident(now, f"could not handle {type(item).__name__}"))
        return facts

    def _facts(self, item: object, now: float) -> list[f.Fact]:
        match item:
            case _Request():
                return self._request(item, now)
            case Welcome():
                return self._welcome(item, now)
            case Farewell():
                return self._farewell(item, now)
            case TalkOver(leg, phone):
                return self._watcher.talk_over(leg, phone, now)
            case Seen():
                return self.recovery.compare(item, now)
            case GiveUpRestored():
                return self.recovery.give_up_restored(now)
            case m.CallerJoins():
                return self._caller_joins(item, now)
            case LookUp():
                self._asked.append(item)
                return []
            case Beat(beat):
                self.scribe.look()
                self._replies.append(_Reply(beat, None))
                return []
            case SwitchUp():
                log.info("the switch is connected")
                self.switch_up, self.switch_reason, self._members_stale = True, "", True
                self.on_switch_up()
                return []
            case SwitchDown(reason):
                self.switch_up, self.switch_reason = False, reason
                return []
        if isinstance(item, Event):
            return self._watcher.event(item, now)
        if isinstance(item, Message):
            return self.acd.handle(item, now)
        if isinstance(item, f.Fact):
            return self._note(item)
        raise TypeError(f"the engine knows no {item!r}")

    def _with_tables(self, facts: list[f.Fact]) -> list[f.Fact]:
        return [each for fact in facts for each in (fact, *self._follows(fact))]

    def _follows(self, fact: f.Fact) -> list[f.Fact]:
        """What belongs to a fact of the line in the tables of calls."""
        match fact:
            case f.SentOn():
                return self._sent_on(fact)
            case f.CallbackPromised():
                return self._promised(fact)
            case f.AttemptBegan():
                return self._attempt_begins(fact)
        return []

    def _promised(self, fact: f.CallbackPromised) -> list[f.Fact]:
        """The call in which it was promised, if there is one, has done its work."""
        visit = self.acd.visit(fact.visit)
        call = self.live.calls.get(visit.call) if visit else None
        return progress(call, f.CallOutcome.CALLBACK_PROMISED, fact.at) if call else []

    def _attempt_begins(self, fact: f.AttemptBegan) -> list[f.Fact]:
        """A call of ours begins to exist before anything is dialled, so that no crash can hide it."""
        visit = self.acd.visit(fact.visit)
        if visit is None or visit.home is None:
            return []
        call, facts = attempt(fact, visit.queue, visit.home.promise, self.settings, self.version)
        call.visit = visit.id
        self.live.add(call)
        return facts

    def _sent_on(self, fact: f.SentOn) -> list[f.Fact]:
        """The call has been put nowhere yet, and would end as the visit has."""
        call = self.live.calls.get(fact.call)
        if call is None:
            return []
        call.sent_on = fact
        return progress(call, f.CallOutcome(fact.outcome.value), fact.at)

    def _number_of(self, visit: str) -> str | None:
        """Who the customer of a visit is; nobody knows while the database does not answer."""
        try:
            return self._store.number_of(visit)
        except (OperationalError, InterfaceError) as error:
            log.warning("the number of a task's customer is not known: %s", first_cause(error))
            return None

    def _request(self, request: _Request, now: float) -> list[f.Fact]:
        try:
            if isinstance(request.message, TakeVersion):
                facts = self._take_version(request.message, now)
            elif isinstance(request.message, TakeTime):
                facts = self._take_time(request.message, now)
            elif isinstance(request.message, TaskMessage):
                facts = self.owed.tasks.handle(request.message, now)
            else:
                facts = self.acd.handle(request.message, now)
                if isinstance(request.message, m.ComesBack):
                    self.live.calls[request.message.call].visit = request.message.visit
        except Declined as declined:
            self._replies.append(_Reply(request.reply, declined))
            return []
        except Exception as error:
            self._replies.append(_Reply(request.reply, error))
            raise
        self._replies.append(_Reply(request.reply, None))
        return facts

    def _take_time(self, wanted: TakeTime, now: float) -> list[f.Fact]:
        refuse_taken(wanted, self.settings, self.by_hand, self.acd, now)
        facts = self.acd.handle(wanted.asked, now)
        gone = m.CallerGone(wanted.leaves, f.VisitOutcome.OPTED_OUT)
        return [*facts, *self.acd.handle(gone, now)] if wanted.leaves else facts

    def _take_version(self, wanted: TakeVersion, now: float) -> list[f.Fact]:
        if self.stranded(wanted.settings):
            raise Declined(Reason.STRANDED)
        facts = self.acd.handle(m.TakeSettings(wanted.settings, wanted.version), now)
        self.settings, self.version = wanted.settings, wanted.version
        self.owed.take_settings(wanted.settings, now)
        self.on_settings(wanted.settings)
        self._members_stale = True
        for call in self.live.calls.values():
            visit = self.acd.visit(call.visit) if call.visit else None
            if call.driver and visit and visit.agent is None:
                call.driver.post(LineChanged())
        if wanted.version is None:
            return facts
        return [f.VersionServed(now, wanted.version, wanted.who, wanted.comment), *facts]

    def _caller_joins(self, item: m.CallerJoins, now: float) -> list[f.Fact]:
        call = self.live.calls.get(item.call)
        if call is None:  # over: nobody would ever take this visit out of the line
            return []
        call.visit, call.sent_on = item.visit, None
        return self.acd.handle(item, now)

    def _welcome(self, item: Welcome, now: float) -> list[f.Fact]:
        if item.call.is_over:
            return []
        call = self.live.calls.get(item.call.id, item.call)
        before = self.live.call_of(item.leg.id)
        facts: list[f.Fact] = []
        if before is not None and before is not call:  # transferred to a number of ours: the leg begins anew
            facts += self._watcher.call_over(item.leg.id, now, f.VisitOutcome.ABANDONED)
        if call.id not in self.live.calls:
            self.live.add(call)
        self.live.move(call, item.leg.id)
        call.driver, call.restored, call.answered = item.leg, False, True
        if self.live.has_ended(item.leg.id):  # the switch was faster to say so
            facts += self._watcher.call_over(item.leg.id, now, f.VisitOutcome.ABANDONED)
        return facts

    def _farewell(self, item: Farewell, now: float) -> list[f.Fact]:
        call = self.live.call_of(item.leg.id)
        if call is None or call.driver is not item.leg:
            return []
        call.driver = None
        visit = self.acd.visit(call.visit) if call.visit else None
        return self.acd.handle(m.CallerAway(visit.id), now) if visit and visit.call == call.id else []

    def _note(self, fact: f.Fact) -> list[f.Fact]:
        """A fact of a flow, which learns later than we do that its call is over."""
        if isinstance(fact, f.CallIdentified) and (call := self.live.calls.get(fact.call)):
            call.number, call.customer, call.language = fact.number, fact.customer, fact.language
        if isinstance(fact, f.CallProgressed):
            if fact.call not in self.live.calls:
                return []
            self.live.calls[fact.call].outcome = fact.outcome
        if isinstance(fact, f.TrunkTried) and (call := self.live.calls.get(fact.call)):
            call.dialled = True
        if isinstance(fact, f.NoticeBegun | f.NoticeHeard) and (call := self.live.calls.get(fact.call)):
            call.informed_until = fact.at + STILL_BECAUSE_OF_IT if isinstance(fact, f.NoticeHeard) else math.inf
        self.by_hand.apply(fact)
        return [fact]

    def _past(self, asked: Question) -> Past:
        past = self.scribe.ask(lambda: self._store.past(asked), Past(), "a caller is taken for a new one")
        if past.lost is None or past.lost.visit not in self._claimed:
            self._claimed |= {past.lost.visit} if past.lost else set()
            return past
        return replace(past, lost=None)

    def _act(self, fact: f.Fact) -> None:
        """Do what has been written."""
        match fact:
            case f.Offered():
                visit = self.acd.visit(fact.visit)
                call = self.live.calls.get(visit.call) if visit else None
                if call and call.driver:
                    call.driver.post(fact)
            case f.SentOn():
                call = self.live.calls.get(fact.call)
                if call and call.driver:
                    call.driver.post(fact)
            case f.AttemptBegan():
                self.on_attempt(fact)
            case f.AttemptEnded(end=AttemptEnd.CANCELLED | AttemptEnd.AGENT_MISSED):
                self.on_attempt_over(attempt_id(fact.visit, fact.n))
            case f.OfferGrew():
                visit = self.acd.visit(fact.visit)
                call = self.live.calls.get(visit.call) if visit else None
                if not (call and call.driver and call.driver.ring(fact.phone)):
                    self.tell(m.RingingEnded(fact.offer, fact.phone, Outcome.CANCELLED))
            case f.AgentChanged():
                standing = (fact.phone or "", fact.state is f.AgentState.PAUSED)
                self._members_stale |= self._standing.get(fact.agent) != standing
                self._standing[fact.agent] = standing
            case f.TaskEscalated():
                self.on_late(fact)
            case f.Incident():
                log.warning("%s", fact.what)

    def _tell_members(self) -> None:
        """Keep the switch's own queues at who is signed on."""
        if not self._members_stale or not self.switch_up:
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
