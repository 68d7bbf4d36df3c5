"""Random histories of a line in which some hold and some wait at home: one order, and nobody is called in vain."""

import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import time

from hypothesis import settings as hypothesis_settings

from appliance import facts as f
from appliance.facts import Fact
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.line.agents import Agent
from appliance.line.durations import Durations
from appliance.line.home_turns import LOOK_EVERY
from appliance.line.matching import Lane
from appliance.line.promises import AttemptEnd, CallbackEnd, First, Kind, Promise, attempt_id
from appliance.line.state import LineState
from appliance.line.visits import Visit
from appliance.plain import from_plain, to_plain
from appliance.settings import Callback, Settings
from tests.unit.line.oracle import effective, may_serve, reached, tier_of
from tests.unit.line.sites import SITES
from tests.unit.line.test_histories import NUMBERS, QUEUES, Histories
from tests.unit.line.walking import Walks, invariant, precondition, rule

PHONES = [f"+749512345{n:02}" for n in range(8)]
FIRSTS = (First.CUSTOMER, First.CUSTOMER, First.CUSTOMER, First.AGENT)
KINDS = (Kind.HELD, Kind.HELD, Kind.WEB, Kind.CHOSEN, Kind.ABANDONED)
ENDS = [end for end in AttemptEnd if end not in (AttemptEnd.SERVED, AttemptEnd.CANCELLED, AttemptEnd.AGENT_MISSED)]
SOON = dict.fromkeys(AttemptEnd, 6.0) | {AttemptEnd.AGENT_MISSED: 0.0, AttemptEnd.FAILED: 5.0}
RULES = Callback(delays=SOON, tries=2, lasts=30.0)
DECENT = replace(RULES, from_time=time(3, 20))  # where it is a quarter past three when the history begins
OPENS = 1200.0


def at_home(settings: Settings) -> Settings:
    """The same queues, whose callers may be called back."""
    queues = settings.queues.values()
    once = replace(RULES, tries=1)
    rules = {"best": DECENT, "idle": once, "turns": once, "all": once, "any": once}
    return replace(settings, queues={q.id: replace(q, callback=rules.get(q.id, RULES)) for q in queues})


SITES_AT_HOME = {name: at_home(site) for name, site in SITES.items()}


class Practised(Acd):
    """A line that knows how long talks take: half a minute, more or less."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        experience = self.state().waits.experience
        for queue in settings.queues:
            talks = experience.talks[queue] = Durations()
            for length in range(5, 65, 3):
                talks.add(float(length))
            experience.wrap_ups[queue] = [0.0]


class Homes(Histories):
    """As any history, with customers who go home, are called, and answer or do not."""

    begins_with = SITES_AT_HOME["first"]
    core = Practised

    def __init__(self) -> None:
        super().__init__()
        self.open: dict[str, f.CallbackPromised] = {}
        self.calling: dict[str, f.AttemptBegan] = {}
        self.attempts: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.expires: dict[str, float] = {}
        self.ends: Counter[str] = Counter()
        self.predicted: set[str] | None = None  # free soon, by what the line has just asked
        self.moved = False  # in this moment, somebody for whom an agent was kept before that
        self.listen()

    def listen(self) -> None:
        """To what is predicted."""
        lanes = self.acd.homes.turns._all_lanes

        def overheard(free: Mapping[str, Agent]) -> Iterator[Lane]:
            self.predicted = {*free}
            return lanes(free)

        self.acd.homes.turns._all_lanes = overheard  # type: ignore[method-assign]

    # What happens

    def tell(self, message: m.Message) -> None:
        before, self.predicted = len(self.written), None
        super().tell(message)
        for fact in self.written[before:]:
            self.note(fact)
        if self.is_ours:
            self.check_calls(self.written[before:])
            self.check_nobody_is_forgotten()

    @property
    def is_ours(self) -> bool:
        return self.settings is not SITES_AT_HOME["app_queue"]

    @property
    def homes(self) -> list[Visit]:
        return [visit for visit in self.waiting if visit.home is not None]

    @property
    def called(self) -> list[Visit]:
        return [visit for visit in self.homes if visit.home and not visit.home.rests]

    def promise(self, number: str, first: First, kind: Kind, later: float, lasts: float) -> Promise:
        return Promise(number, kind, first, self.now + later, self.now + later + lasts)

    @precondition(lambda self: self.waiting)
    @rule(which=NUMBERS, number=PHONES, first=FIRSTS, lasts=(40.0, 400.0, 4000.0))
    def a_caller_goes_home(self, which: int, number: str, first: First, lasts: float) -> None:
        visit = self.pick(which, self.waiting)
        self.tell(m.GoHome(visit.id, self.promise(number, first, Kind.HELD, 0.0, lasts)))

    @rule(
        queue=QUEUES,
        number=range(len(PHONES)),
        count=(1, 1, 4),
        first=FIRSTS,
        kind=KINDS,
        later=(0.0, 0.0, 30.0, 100.0),
        lasts=(40.0, 4000.0),
        head_start=(0.0, 60.0),
    )
    def some_join_at_home(
        self,
        queue: str,
        number: int,
        count: int,
        first: First,
        kind: Kind,
        later: float,
        lasts: float,
        head_start: float,
    ) -> None:
        for n in range(number, number + count):
            self.joined += 1
            visit = f"v{self.joined}"
            promise = self.promise(PHONES[n % len(PHONES)], first, kind, later, lasts)
            self.tell(m.CallerJoins(visit, f"c{visit}", queue, head_start, "", promise=promise))

    @precondition(lambda self: self.called)
    @rule(which=NUMBERS, stale=(0, 0, 0, 1))
    def a_customer_presses_the_key(self, which: int, stale: int) -> None:
        visit = self.pick(which, self.called)
        if visit.offer is None:
            leg = attempt_id(visit.id, visit.home.attempts - stale)
            self.tell(m.CustomerAgrees(visit.id, visit.home.attempts - stale, leg, leg))

    @precondition(lambda self: self.called)
    @rule(which=NUMBERS, end=ENDS, stale=(0, 0, 0, 1))
    def an_attempt_fails(self, which: int, end: AttemptEnd, stale: int) -> None:
        visit, known = self.pick(which, self.called), len(self.written)
        self.tell(m.AttemptFails(visit.id, visit.home.attempts - stale, end))
        if stale:
            assert not any(isinstance(fact, f.AttemptEnded) for fact in self.written[known:]), (
                "ended by another one"
            )

    @precondition(lambda self: self.homes)
    @rule(which=NUMBERS)
    def a_customer_calls_in(self, which: int) -> None:
        visit = self.pick(which, self.homes).id
        self.tell(m.ComesBack(visit, f"again{visit}", f"again{visit}"))

    @precondition(lambda self: self.homes)
    @rule(which=NUMBERS, later=(0.0, 15.0, 90.0))
    def a_call_back_is_moved(self, which: int, later: float) -> None:
        self.tell(m.MoveCallback(self.pick(which, self.homes).id, self.now + later, "as asked"))

    @precondition(lambda self: self.homes)
    @rule(which=NUMBERS, end=(CallbackEnd.CANCELLED, CallbackEnd.SERVED_OTHERWISE))
    def a_call_back_is_ended(self, which: int, end: CallbackEnd) -> None:
        self.tell(m.EndCallback(self.pick(which, self.homes).id, end))

    @rule(settings=[*SITES_AT_HOME])
    def new_settings_hold(self, settings: str) -> None:
        self.tell(m.TakeSettings(SITES_AT_HOME[settings]))

    @rule()
    def the_appliance_is_lost(self) -> None:
        """All that is known is written down, and another line goes on from there."""
        written = json.dumps(to_plain(self.acd.state()))
        self.acd = self.core(self.settings)
        self.acd.restore(from_plain(LineState, json.loads(written)), self.now)
        self.listen()
        self.tell(m.Tick())

    # What holds of each moment

    def could_talk(self, visit: Visit) -> bool:
        home = visit.home
        if visit.present or home is None:
            return visit.present
        if home.promise.first is not First.AGENT or home.reached:
            return False
        return visit.offer is not None or (home.rests and home.not_before <= self.now and visit.in_line)

    def could_be_called(self, visit: Visit) -> bool:
        """Rests at home, and nothing but agents is missing."""
        home = visit.home
        if home is None or visit.present or not visit.waits or not visit.in_line or home.calling or home.reached:
            return False
        return home.promise.first is First.CUSTOMER and home.not_before <= self.now < self.expires[visit.id]

    def is_out(self, visit: Visit) -> bool:
        """Whether the customer is being called, and an agent is to be there for it."""
        home = visit.home
        return home is not None and home.calling and home.promise.first is First.CUSTOMER

    def keeps(self, agent: str) -> Visit | None:
        other = self.acd.visit(self.acd._offers.kept.get(agent, ""))
        return other if other and (self.is_out(other) or self.could_be_called(other)) else None

    def might_have_been_kept(self, agent: str) -> bool:
        return self.moved or self.keeps(agent) is not None

    def check_offers(self, facts: list[Fact]) -> None:
        self.moved = any(isinstance(fact, f.CallbackMoved | f.CallbackEnded) for fact in facts)
        super().check_offers(facts)

    def check_order(self, visit: Visit, offered: f.Offered) -> None:
        super().check_order(visit, offered)
        kept = {*self.acd._offers.kept.values()}
        for other in self.homes:
            if self.moved or other.id in kept or not (self.is_out(other) or self.could_be_called(other)):
                continue
            if self.turn(other) < self.turn(visit):
                able = {agent for agent in offered.phones if self.may_serve(agent, other)}
                assert not able, "who is at home was passed over"

    def is_kept(self, agent: str, visit: Visit) -> bool:
        """For somebody at home who comes first, and is being called."""
        other = self.keeps(agent)
        if other is None:
            return False
        ours, theirs = (effective(self.settings, each, self.now) for each in (visit, other))
        return self.may_serve(agent, other) and theirs >= tuple(x - 1e-6 for x in ours)

    def may_serve(self, agent: str, visit: Visit) -> bool:
        """Who is at home does not wait for one agent alone."""
        if self.could_talk(visit):
            return may_serve(self.acd, self.settings, agent, visit, self.now)
        queue, waited = self.settings.queues[visit.queue], self.now - visit.since
        skills = self.settings.agents[agent].skills
        if agent not in queue.agents or visit.missed.get(agent, self.now) > self.now:
            return False
        has_all = all(skills.get(skill, 0) >= least for skill, least in visit.needs.required(waited))
        return has_all and tier_of(queue, agent) <= reached(self.acd, queue, visit, waited)

    def turn(self, visit: Visit) -> tuple[object, ...]:
        """The least is served first."""
        return (*(-x for x in effective(self.settings, visit, self.now)), visit.since, visit.id)

    def in_turn(self, visits: Iterable[Visit]) -> set[str]:
        """Those who can have an agent each of those predicted free, if the first are not to lose theirs."""
        has: dict[str, Visit] = {}

        def find(visit: Visit, tried: set[str]) -> bool:
            for agent in sorted(self.predicted or ()):
                if agent not in tried and self.may_serve(agent, visit):
                    tried.add(agent)
                    if agent not in has or find(has[agent], tried):
                        has[agent] = visit
                        return True
            return False

        return {visit.id for visit in visits if find(visit, set())}

    def note(self, fact: Fact) -> None:
        match fact:
            case f.CallbackPromised():
                assert fact.visit not in self.open, "promised twice"
                same = [x for x in self.open.values() if (x.queue, x.promise.number) == _about(fact)]
                assert not same, "two call-backs for one number and queue"
                self.open[fact.visit], self.tries[fact.visit] = fact, 0
                self.expires[fact.visit] = fact.promise.expires
            case f.CallbackMoved():
                assert fact.visit not in self.calling, "moved while the customer is being called"
                if fact.expires is not None:
                    self.expires[fact.visit] = fact.expires
            case f.AttemptBegan():
                assert fact.visit in self.open, "called without having been promised it"
                assert fact.visit not in self.calling, "called twice at once"
                promise = self.open[fact.visit].promise
                assert fact.at < self.expires[fact.visit], "called too late"
                queue = self.settings.queues[self.open[fact.visit].queue]
                assert queue.callback and self.tries[fact.visit] < queue.callback.tries, "tried too often"
                assert queue.id != "best" or fact.at >= OPENS, "called before it is day"
                assert (fact.number, fact.first) == (promise.number, promise.first)
                self.attempts[fact.visit] += 1
                assert fact.n == self.attempts[fact.visit], "attempts are not numbered"
                self.calling[fact.visit] = fact
            case f.CustomerReached():
                assert self.calling[fact.visit].n == fact.n, "reached by an attempt that is over"
            case f.AttemptEnded():
                assert self.calling.pop(fact.visit).n == fact.n, "an attempt ended that had not begun"
                self.tries[fact.visit] += fact.end not in (AttemptEnd.FAILED, AttemptEnd.AGENT_MISSED)
            case f.CallbackEnded():
                assert fact.visit not in self.calling, "over while the customer is being called"
                del self.open[fact.visit]
                self.ends[fact.visit] += 1

    def check_calls(self, facts: list[Fact]) -> None:
        """Never more calls than agents soon to be free, beside those for whom others come first."""
        begun = [x.visit for x in facts if isinstance(x, f.AttemptBegan) and x.first is First.CUSTOMER]
        visits = [visit for id in begun if (visit := self.acd.visit(id)) is not None]
        if not visits:
            return
        assert self.predicted, "called without a look at the agents"
        out = [visit for visit in self.homes if self.is_out(visit)]
        anybody_will_do = all(self.may_serve(agent, visit) for agent in self.predicted for visit in out)
        assert len(out) <= len(self.predicted) or not anybody_will_do, "more calls than agents who will be free"
        earlier = [visit for visit in out if visit.id not in begun]
        held = [visit for visit in self.waiting if visit.waits and self.could_talk(visit)]
        both = sorted((*held, *visits), key=self.turn)
        assert {*begun} <= self.in_turn([*earlier, *both]), "somebody is called for whom there is nobody"
        for visit in visits:
            mine = effective(self.settings, visit, self.now)
            able = {a for a in self.settings.agents if self.may_serve(a, visit)}
            for other in self.homes:
                if self.could_be_called(other) and able <= {
                    a for a in self.settings.agents if self.may_serve(a, other)
                }:
                    theirs = effective(self.settings, other, self.now)
                    assert theirs <= tuple(x + 1e-6 for x in mine), "somebody was called before their turn"

    def check_nobody_is_forgotten(self) -> None:
        """Whoever could be called, with an agent left for it, has been; else it is looked at again soon."""
        resting = [visit for visit in self.homes if self.could_be_called(visit)]
        if not resting:
            return
        looks_at = self.acd.homes.turns.prospect.looks_at
        assert looks_at is not None and looks_at <= self.now + LOOK_EVERY, "nobody looks at who could be called"
        deadline = self.acd.next_deadline()
        assert deadline is not None and deadline <= looks_at, "nobody looks at who could be called"
        if self.predicted is None:
            return
        others = [v for v in self.waiting if self.is_out(v) or (v.waits and self.could_talk(v))]
        for visit in resting:
            assert visit.id not in self.in_turn([*others, visit]), "an agent is left, and nobody is called"

    # What holds at any time

    @invariant()
    def nobody_at_home_has_a_phone_in_hand(self) -> None:
        for visit in self.homes:
            home = visit.home
            assert home is not None
            assert home.calling == (visit.id in self.calling and not home.reached)
            assert visit.present <= home.reached, "there, without having been reached"
            assert home.rests or visit.id in self.calling

    @invariant()
    def at_most_one_is_open_for_a_number(self) -> None:
        known = Counter((v.queue, v.home.promise.number) for v in self.homes if v.home)
        assert max(known.values(), default=0) <= 1
        assert {visit.id for visit in self.homes} == {*self.open}, "a call-back lost"

    # What holds of everything together

    def teardown(self) -> None:
        super().teardown()
        promised = Counter(x.visit for x in self.written if isinstance(x, f.CallbackPromised))
        assert promised == self.ends + Counter(self.open.keys()), "an end too few or too many"


def _about(fact: f.CallbackPromised) -> tuple[str, str]:
    return fact.queue, fact.promise.number


Homes.TestCase.settings = hypothesis_settings(max_examples=60, stateful_step_count=50, deadline=None)
TestHomes = Homes.TestCase


def test_thousands_of_histories_with_customers_at_home_keep_the_promises() -> None:
    Walks(Homes).go(3000, seed=random.getrandbits(48))
