"""Random histories of the line: whatever happens in whatever order, these promises hold."""

import random
from collections import Counter
from contextlib import suppress
from itertools import pairwise
from typing import Any

from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine

from appliance import facts as f
from appliance.facts import AgentState, Fact, PassedOver, VisitOutcome
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.messages import Declined
from appliance.line.offers import NOT_MISSED, PASSED_OVER_FOR
from appliance.line.sticky import Because, Preference
from appliance.line.visits import Visit
from appliance.port import Outcome
from appliance.settings import Settings, Strategy
from tests.unit.line.oracle import effective, may_serve, rank, waits_for
from tests.unit.line.sites import APP_QUEUE, FIRST, NEEDS, SITES
from tests.unit.line.walking import Walks, initialize, invariant, precondition, rule
from tests.unit.line.world import phone_of

QUEUES, AGENTS = [*FIRST.queues], [*FIRST.agents]
HEAD_STARTS = (0.0, 0.0, 0.0, 60.0)
WAITED = (0.0, 0.0, 0.0, 25.0, 90.0)
CAUSES = (
    Outcome.NO_ANSWER,
    Outcome.NO_ANSWER,
    Outcome.BUSY,
    Outcome.REFUSED,
    Outcome.UNREACHABLE,
    Outcome.CANCELLED,
)

NUMBERS, EITHER = range(10**6), (False, True)


class Histories(RuleBasedStateMachine):
    """Everything that can happen to a line, mostly plausible and sometimes stale."""

    begins_with: Settings = FIRST
    core: type[Acd] = Acd

    def __init__(self) -> None:
        super().__init__()
        self.settings: Settings = self.begins_with
        self.acd = self.core(self.settings)
        self.now = 1000.0
        self.log: list[tuple[float, m.Message]] = []
        self.written: list[Fact] = []
        self.joined = 0
        self.reachable: set[str] = set()
        self.in_use: set[str] = set()
        self.missed: dict[tuple[str, str], float] = {}  # visit, agent -> when

    # What happens

    def tell(self, message: m.Message) -> None:
        self.log.append((self.now, message))
        with suppress(Declined):
            facts = self.acd.handle(message, self.now)
            if isinstance(message, m.TakeSettings):
                self.settings = message.settings
                self.missed = self.missed if self.is_ours else {}
            self.written += facts
            self.check_offers(facts)

    def pick(self, number: int, of: list[Any]) -> Any:
        return of[number % len(of)]

    @property
    def waiting(self) -> list[Visit]:
        return [visit for visit in self.acd.visits() if visit.agent is None]

    @property
    def offered(self) -> list[Visit]:
        return [visit for visit in self.acd.visits() if visit.offer]

    @initialize()
    def everybody_is_there(self) -> None:
        for agent in AGENTS:
            self.phone(agent, True)
            self.tell(m.SignOn(agent, phone_of(agent)))

    @rule(seconds=[0.0, 0.5, 3.0, 8.0, 21.0, 70.0])
    def time_passes(self, seconds: float) -> None:
        end = self.now + seconds
        while (at := self.acd.next_deadline()) is not None and at <= end:
            assert at > self.now, "a deadline in the past"
            self.now = at
            self.tell(m.Tick())
        self.now = end
        self.tell(m.Tick())

    @rule(
        queue=QUEUES,
        head_start=HEAD_STARTS,
        needs=NEEDS,
        count=(1, 2, 3),
        waited=WAITED,
        agent=(None, None, *AGENTS),
    )
    def callers_join(
        self, queue: str, head_start: float, needs: Any, count: int, waited: float, agent: str | None
    ) -> None:
        prefers = Preference(agent, 30.0, Because.OWN) if agent else None
        for _ in range(count):
            self.joined += 1
            visit = f"v{self.joined}"
            self.tell(m.CallerJoins(visit, f"c{visit}", queue, head_start, f"l{visit}", needs, waited, prefers))

    @precondition(lambda self: self.offered)
    @rule(number=NUMBERS, other=AGENTS, astray=range(10))
    def somebody_answers(self, number: int, other: str, astray: int) -> None:
        visit = self.pick(number, self.offered)
        signed_on = self.acd.roster[other].state is not AgentState.SIGNED_OFF
        answers = other if astray == 0 and signed_on else self.pick(number, [*visit.offer.phones])
        self.tell(m.TalkBegins(visit.id, answers))

    @precondition(lambda self: self.offered)
    @rule(number=NUMBERS, cause=CAUSES)
    def nobody_answers(self, number: int, cause: Outcome) -> None:
        self.tell(m.OfferFailed(self.pick(number, self.offered).offer.id, cause))

    @precondition(lambda self: self.offered)
    @rule(number=NUMBERS, cause=CAUSES)
    def one_rings_no_more(self, number: int, cause: Outcome) -> None:
        offer = self.pick(number, self.offered).offer
        self.tell(m.RingingEnded(offer.id, self.pick(number, [*offer.phones.values()]), cause))

    @precondition(lambda self: len(self.waiting) < len(self.acd.visits()))
    @rule(number=NUMBERS)
    def a_talk_ends(self, number: int) -> None:
        talking = [visit for visit in self.acd.visits() if visit.agent]
        self.tell(m.TalkEnds(self.pick(number, talking).id))

    @precondition(lambda self: len(self.waiting) < len(self.acd.visits()))
    @rule(number=NUMBERS, other=AGENTS)
    def who_talks_is_answered_again(self, number: int, other: str) -> None:
        talking = [visit for visit in self.acd.visits() if visit.agent]
        if self.acd.roster[other].state is not AgentState.SIGNED_OFF:
            self.tell(m.TalkBegins(self.pick(number, talking).id, other))

    @precondition(lambda self: self.acd.visits())
    @rule(number=NUMBERS, kind=[m.CallerGone, m.CallerAway, m.CallerReturns])
    def a_caller_leaves_or_comes_back(self, number: int, kind: Any) -> None:
        visit = self.pick(number, self.acd.visits()).id
        self.tell(m.CallerReturns(visit, f"again{visit}") if kind is m.CallerReturns else kind(visit))

    @rule(agent=AGENTS, kind=[m.SignOn, m.SignOff, m.Pause, m.Resume, m.EndWrapUp])
    def an_agent_asks(self, agent: str, kind: Any) -> None:
        more = {m.SignOn: (phone_of(agent),), m.Pause: ("1",)}.get(kind, ())
        self.tell(kind(agent, *more))

    @rule(agent=AGENTS, there=EITHER)
    def a_phone_comes_or_goes(self, agent: str, there: bool) -> None:
        self.phone(agent, there)

    @rule(agent=AGENTS, in_use=EITHER)
    def a_phone_is_used(self, agent: str, in_use: bool) -> None:
        (self.in_use.add if in_use else self.in_use.discard)(phone_of(agent))
        self.tell(m.PhoneInUse(phone_of(agent), in_use))

    @rule(settings=[*SITES])
    def new_settings_hold(self, settings: str) -> None:
        self.tell(m.TakeSettings(SITES[settings]))

    @rule(number=NUMBERS)
    def something_stale_comes(self, number: int) -> None:
        visit = f"v{number % (self.joined + 1)}"
        stale = [m.OfferFailed(f"{visit}.1", Outcome.NO_ANSWER), m.TalkEnds("v0"), m.CallerGone("v0")]
        if self.acd.offered(f"{visit}.1") is None:
            self.tell(self.pick(number, stale))

    def could_talk(self, visit: Visit) -> bool:
        """Whether an agent who takes the call has somebody to talk to."""
        return visit.present

    def keeps(self, agent: str) -> Visit | None:
        """For whom who is not on the phone yet a free agent is kept, if for anybody."""
        return None

    def might_have_been_kept(self, agent: str) -> bool:
        """At some point of this moment."""
        return False

    def is_kept(self, agent: str, visit: Visit) -> bool:
        """Whether a free agent is rightly not given to that caller."""
        return False

    @property
    def is_ours(self) -> bool:
        """Whether the queues follow our rules, and not those of app_queue."""
        return self.settings is not APP_QUEUE

    def phone(self, agent: str, there: bool) -> None:
        (self.reachable.add if there else self.reachable.discard)(phone_of(agent))
        self.tell(m.PhoneReachable(phone_of(agent), there))

    # What holds of each offer

    def check_offers(self, facts: list[Fact]) -> None:
        considered = {fact.offer: fact for fact in facts if isinstance(fact, f.Considered) and fact.offer}
        for fact in facts:
            if isinstance(fact, f.OfferEnded) and self.is_ours:
                missed = [agent for agent, result in fact.results.items() if result not in NOT_MISSED]
                self.missed |= {(fact.visit, agent): fact.at for agent in missed}
            if isinstance(fact, f.Offered):
                for agent in fact.phones:
                    since = self.now - self.missed.get((fact.visit, agent), -PASSED_OVER_FOR)
                    assert since >= PASSED_OVER_FOR - 1e-6 or not self.is_ours, (
                        "who let it ring is asked again at once"
                    )
                visit = self.acd.visit(fact.visit)
                assert visit is not None and self.could_talk(visit), "a caller who is not there"
                assert {*fact.phones.values()} <= self.reachable - self.in_use, "a phone that cannot be rung"
                if self.is_ours:
                    self.check_order(visit, fact)
                self.check_explanation(visit, fact, considered[fact.offer])
            if isinstance(fact, f.OfferGrew):
                self.check_growth(fact)

        if self.is_ours:
            self.check_chains({fact.visit for fact in facts if isinstance(fact, f.Offered)})

    def check_growth(self, grew: f.OfferGrew) -> None:
        visit = self.acd.visit(grew.visit)
        assert visit is not None and visit.present and visit.offer and visit.offer.id == grew.offer
        assert next(iter(visit.offer.phones)) != grew.agent, "nobody rang before"
        assert grew.phone in self.reachable - self.in_use, "a phone that cannot be rung"
        assert self.keeps(grew.agent) is None, "kept for somebody else"
        queue = self.settings.queues[visit.queue]
        assert self.now + queue.ring_next_after <= visit.offer.rings_until + 1e-6, "too short a time to answer"
        for other in self.waiting:
            if other.waits and self.could_talk(other):
                assert not may_serve(self.acd, self.settings, grew.agent, other, self.now), "who waits comes first"
        self.check_order(visit, f.Offered(grew.offer, visit.id, self.now, 0.0, 0.0, {grew.agent: grew.phone}))

    def check_chains(self, served: set[str]) -> None:
        """Nobody could be served if those who were served this moment took other agents."""
        free = {agent.id for agent in self.acd.roster.everybody() if self.acd.roster.obstacle(agent) is None}
        movable = [v for v in self.offered if v.id in served and len(v.offer.phones if v.offer else ()) == 1]
        movable = [v for v in movable if self.settings.queues[v.queue].strategy is not Strategy.RING_ALL]
        for first in (v for v in self.waiting if served and v.waits and self.could_talk(v)):
            asking, seen = [first], set[str]()
            while asking:
                asker = asking.pop()
                able = {a for a in AGENTS if may_serve(self.acd, self.settings, a, asker, self.now)}
                idle = {agent for agent in free & able if not self.is_kept(agent, first)}
                assert not idle, "one more could have been served"
                for visit in movable:
                    if visit.id not in seen and visit.offer and {*visit.offer.phones} & able:
                        seen.add(visit.id)
                        asking.append(visit)

    def check_order(self, visit: Visit, offered: f.Offered) -> None:
        mine = effective(self.settings, visit, self.now)
        free = [agent for agent in self.acd.roster.everybody() if self.acd.roster.obstacle(agent) is None]
        for agent in offered.phones:
            assert may_serve(self.acd, self.settings, agent, visit, self.now), "an agent who may not"
            for other in self.waiting:
                if not other.waits or not self.could_talk(other):
                    continue
                if waits_for(self.acd, self.settings, other, self.now) is not None:
                    bound = self.acd.bound(other.queue)
                    assert bound is None or self.now - other.joined_at <= bound.seconds, "waits too long for one"
                if may_serve(self.acd, self.settings, agent, other, self.now):
                    theirs = effective(self.settings, other, self.now)
                    assert theirs <= tuple(x + 1e-6 for x in mine), "somebody jumped the line"
                    self.check_bound(other, visit)
            best = rank(self.settings, visit, self.acd.roster[agent], self.now)
            for rival in free:
                if best is None or self.might_have_been_kept(rival.id):
                    continue
                if may_serve(self.acd, self.settings, rival.id, visit, self.now):
                    theirs = rank(self.settings, visit, rival, self.now)
                    assert theirs is None or best <= theirs, "not the first in the order"

    def check_bound(self, passed_over: Visit, served: Visit) -> None:
        bound = self.acd.bound(passed_over.queue)
        if bound is not None:
            most = bound.times * (self.now - served.since) + bound.seconds
            assert self.now - passed_over.since <= most + 1e-6, "somebody starves"

    def check_explanation(self, visit: Visit, offered: f.Offered, considered: f.Considered) -> None:
        own = [*self.settings.queues[visit.queue].agents]
        outside = [agent for agent in offered.phones if agent not in own]
        assert [c.agent for c in considered.candidates] == [*outside, *own]
        assert not outside or (visit.prefers and outside == [visit.prefers.agent]), "an agent of another queue"
        chosen = {c.agent for c in considered.candidates if c.passed_over is None}
        assert chosen == {*offered.phones}, "chosen and offered differ"
        for candidate in considered.candidates:
            agent = self.acd.roster[candidate.agent]
            if not self.is_ours:
                continue
            if candidate.passed_over is PassedOver.LATER_IN_ORDER and self.acd.roster.obstacle(agent) is None:
                assert may_serve(self.acd, self.settings, agent.id, visit, self.now), "not the reason"
            if candidate.passed_over is PassedOver.WAITS_FOR:
                assert visit.prefers and [*offered.phones] == [visit.prefers.agent]
            if candidate.passed_over is PassedOver.NEEDED:
                needing = self.acd.visit(candidate.detail)
                gets = needing and needing.offer and candidate.agent in needing.offer.phones
                assert gets or self.might_have_been_kept(candidate.agent)

    # What holds at any time

    @invariant()
    def nobody_has_two_calls(self) -> None:
        visits = self.acd.visits()
        busy = [a for v in visits for a in ([v.agent] if v.agent else [*v.offer.phones] if v.offer else [])]
        assert max(Counter(busy).values(), default=0) <= 1, "an agent with two calls"
        with_call = {
            a.id for a in self.acd.roster.everybody() if a.state in (AgentState.OFFERED, AgentState.TALKING)
        }
        assert with_call == {*busy}, "a reservation without a caller, or a caller without one"

    @invariant()
    def nobody_idles_in_a_queue_like_those_of_app_queue(self) -> None:
        free = [a.id for a in self.acd.roster.everybody() if self.acd.roster.obstacle(a) is None]
        wanted_elsewhere = {*self.settings.queues["tiers"].agents}  # of the heaviest queue
        for each in () if self.is_ours else ("idle", "turns", "all", "any"):
            heads = [visit for visit in self.acd.waiting(each) if visit.waits and visit.present]
            if heads and heads[0].rests_until <= self.now and heads[0].round is None:
                idle = [a for a in free if may_serve(self.acd, self.settings, a, heads[0], self.now)]
                idle = [a for a in idle if self.keeps(a) is None]
                assert not {*idle} - wanted_elsewhere, f"{idle} idle while {heads[0].id} has the turn"

    @invariant()
    def nobody_idles_while_a_caller_waits(self) -> None:
        if not self.is_ours:
            return
        free = [a.id for a in self.acd.roster.everybody() if self.acd.roster.obstacle(a) is None]
        for visit in self.waiting:
            if visit.waits and self.could_talk(visit):
                idle = [a for a in free if may_serve(self.acd, self.settings, a, visit, self.now)]
                idle = [a for a in idle if not self.is_kept(a, visit)]
                assert not idle, f"{idle} idle while {visit.id} waits"

    @invariant()
    def the_line_is_in_order(self) -> None:
        for each in QUEUES:
            line = self.acd.waiting(each)
            waits = [effective(self.settings, visit, self.now) for visit in line]
            in_order = all(a >= tuple(x - 1e-6 for x in b) for a, b in pairwise(waits))
            assert in_order or not self.is_ours, "the line is out of order"
            assert {v.id for v in line} == {v.id for v in self.waiting if v.queue == each and v.in_line}

    @invariant()
    def the_next_deadline_is_to_come(self) -> None:
        at = self.acd.next_deadline()
        assert at is None or at > self.now

    # What holds of everything together

    def teardown(self) -> None:
        joined = {fact.visit for fact in self.written if isinstance(fact, f.VisitJoined)}
        ended = Counter(fact.visit for fact in self.written if isinstance(fact, f.VisitEnded))
        assert max(ended.values(), default=0) <= 1, "a visit with two outcomes"
        answers = Counter(fact.visit for fact in self.written if isinstance(fact, f.VisitAnswered))
        assert max(answers.values(), default=0) <= 1, "a visit answered twice"
        self.check_one_offer_at_a_time()
        assert joined == {*ended} | {visit.id for visit in self.waiting}, "a visit lost"
        answered = {fact.visit for fact in self.written if isinstance(fact, f.VisitAnswered)}
        outcomes = Counter(fact.outcome for fact in self.written if isinstance(fact, f.VisitEnded))
        assert outcomes[VisitOutcome.ANSWERED] == len(answered)
        assert len(joined) == sum(outcomes.values()) + len(self.waiting), "the ledger does not add up"
        opened = [fact.offer for fact in self.written if isinstance(fact, f.Offered)]
        closed = [fact.offer for fact in self.written if isinstance(fact, f.OfferEnded)]
        still = [visit.offer.id for visit in self.offered if visit.offer]
        assert Counter(opened) == Counter(closed + still), "an offer lost, or ended twice"
        assert max(Counter(opened).values(), default=0) <= 1
        assert all(a.at <= b.at for a, b in pairwise(self.written))
        self.check_replay()

    def check_one_offer_at_a_time(self) -> None:
        being_offered: set[str] = set()
        for fact in self.written:
            if isinstance(fact, f.Offered):
                assert fact.visit not in being_offered, "a caller offered twice at once"
                being_offered.add(fact.visit)
            if isinstance(fact, f.OfferEnded):
                being_offered.remove(fact.visit)

    def check_replay(self) -> None:
        again, acd = list[Fact](), self.core(self.begins_with)
        for at, message in self.log:
            with suppress(Declined):
                again += acd.handle(message, at)
        assert again == self.written, "the same messages, other decisions"


Histories.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=50, deadline=None)
TestHistories = Histories.TestCase


def test_thousands_of_histories_keep_the_promises() -> None:
    Walks(Histories).go(3000, seed=random.getrandbits(48))
