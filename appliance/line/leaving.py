"""Who leaves the line without having been served, where to and why: overflow, nobody there, keys. Pure.

Callers are asked about once the agents who are free have been given out: who can be offered to an agent at once
stays, whatever the rules say. Nobody is taken out of an offer that is under way; when it comes to nothing, the
caller is asked about again.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from appliance.facts import AgentState, VisitOutcome
from appliance.line.agents import Roster
from appliance.line.deadlines import Deadlines
from appliance.line.lanes import Lanes
from appliance.line.rules import Rules
from appliance.line.visits import Expected, Visit
from appliance.settings import Queue, Settings
from appliance.settings.destinations import Destination
from appliance.settings.leaving import Overflow, Presence, WhenEmpty, written

LOOK_EVERY = 10.0  # seconds between two looks at how long the callers of a queue are expected to wait

KeyPath = tuple[str, ...]
Expect = Callable[[Visit, float], Expected | None]  # how long a caller, who may not have joined yet, has to wait

_PRESENCE = {
    AgentState.READY: Presence.READY,
    AgentState.OFFERED: Presence.READY,
    AgentState.TALKING: Presence.TALKING,
    AgentState.WRAP_UP: Presence.WRAP_UP,
    AgentState.PAUSED: Presence.PAUSED,
}


@dataclass(frozen=True)
class WayOut:
    """Why a caller leaves, by which rule, where to, and the keys of the YAML that say so."""

    outcome: VisitOutcome
    rule: str
    why: str
    because: KeyPath
    to: Destination


@dataclass(frozen=True)
class _InLine:
    """How a caller stands: who it is, how many others are in line, since when waiting counts."""

    visit: Visit
    others: int
    since: float
    joined_at: float
    is_joining: bool


class Leaving:
    """Knows when which callers are to be asked about, and what is to become of them."""

    def __init__(self, rules: Rules, roster: Roster, lanes: Lanes, deadlines: Deadlines, expected: Expect) -> None:
        self._rules, self._roster, self._lanes = rules, roster, lanes
        self._deadlines, self._expected = deadlines, expected
        self._asked: dict[str, bool] = {}  # visits to be asked about, and whether they are just joining
        self.looks: dict[str, float] = {}  # when the expected waits of a queue are looked at
        self._there: dict[str, set[str]] = {}  # of queues that want to know: the agents who are there
        self.empty_since: dict[str, float] = {}  # queues in which nobody is there, of those that want to know
        self._count(0.0)

    # When

    def ask(self, visit: str) -> None:
        """Something has changed for a caller who waits."""
        self._asked.setdefault(visit, False)

    def joins(self, visit: Visit, now: float) -> None:
        """A caller is new in line."""
        self._asked[visit.id] = True
        self.watch(visit.queue, now)

    def watch(self, queue: str, now: float) -> None:
        """Look again and again, while anybody waits there, at how long that will take."""
        if queue not in self.looks and self._shortest_limit(queue) is not None:
            self.looks[queue] = now + LOOK_EVERY
            self._deadlines.set("look", queue, self.looks[queue])

    def look(self, queue: str, now: float) -> None:
        """Ask about those who will have to wait longer than some rule allows, the newest first."""
        self.looks.pop(queue, None)
        least = self._shortest_limit(queue)
        if least is None:
            return
        for _, callers in self._lanes.of(queue):
            for _, visit in reversed(callers):
                wait = self._expected(visit, now)
                if wait is None or wait.middle <= least:
                    break  # those before, who need the same, wait no longer
                self.ask(visit.id)
        if self._lanes.count(queue):
            self.watch(queue, now)

    def empties(self, queue: str) -> None:
        """Nobody has been there for too long: all who wait are asked about."""
        for visit in self._lanes.line(queue):
            self.ask(visit.id)

    def note(self, agents: Iterable[str], now: float) -> None:
        """These agents may have come or gone."""
        for agent in agents:
            for queue in self._rules.queues_of(agent):
                if queue.when_empty is not None:
                    self._note(queue, queue.when_empty, agent, now)

    def _note(self, queue: Queue, rule: WhenEmpty, agent: str, now: float) -> None:
        there = self._there[queue.id]
        if self._is_there(rule, agent):
            there.add(agent)
            self.empty_since.pop(queue.id, None)
            self._deadlines.set("empty", queue.id, None)
        elif agent in there:
            there.discard(agent)
            if not there:
                self.empty_since[queue.id] = now
                self._wait_for_empty(queue.id, rule, now)

    def _wait_for_empty(self, queue: str, rule: WhenEmpty, now: float) -> None:
        at = self.empty_since[queue] + rule.after
        self._deadlines.set("empty", queue, at if at > now else None)
        if at <= now:
            self.empties(queue)

    def take_rules(self, rules: Rules, now: float) -> None:
        """Other rules hold, for who waits as well."""
        self._rules = rules
        self.looks = {queue: at for queue, at in self.looks.items() if queue in rules.settings.queues}
        known = self.empty_since
        self._count(now)
        self.empty_since = {queue: known.get(queue, since) for queue, since in self.empty_since.items()}
        self._begin(now)

    def restore(self, empty_since: Mapping[str, float], looks: Mapping[str, float], now: float) -> None:
        """Everything is as it was before a restart; what is not known follows from how long agents are gone."""
        self._roster.take_changed()
        self._count(0.0)
        for queue in self.empty_since:
            went = (self._roster[agent].began_at for agent in self._rules.settings.queues[queue].agents)
            self.empty_since[queue] = empty_since.get(queue, min(max(went, default=0.0), now))
        self.looks.update(looks)
        for queue, at in looks.items():
            self._deadlines.set("look", queue, at)
        self._begin(now)

    def _begin(self, now: float) -> None:
        for queue in self._rules.settings.queues.values():
            if self._lanes.anybody_in(queue.id):
                self.watch(queue.id, now)
            if queue.when_empty is None or queue.id not in self.empty_since:
                self._deadlines.set("empty", queue.id, None)
            else:
                self._wait_for_empty(queue.id, queue.when_empty, now)

    def _count(self, since: float) -> None:
        """Who is there; where nobody is, since then."""
        rules = {queue.id: queue.when_empty for queue in self._rules.settings.queues.values() if queue.when_empty}
        agents = {id: self._rules.settings.queues[id].agents for id in rules}
        self._there = {id: {a for a in agents[id] if self._is_there(rule, a)} for id, rule in rules.items()}
        self.empty_since = {id: since for id, there in self._there.items() if not there}

    def _is_there(self, rule: WhenEmpty, id: str) -> bool:
        agent = self._roster[id]
        if _PRESENCE.get(agent.state) not in rule.there:
            return False
        return Presence.UNREACHABLE in rule.there or not self._roster.is_lost(agent.phone)

    def _shortest_limit(self, queue: str) -> float | None:
        """Of the waits that may be expected in a queue; None where no rule asks."""
        known = self._rules.settings.queues.get(queue)
        limits = (rule.expected_wait for rule in known.overflow if not rule.is_for_joining) if known else ()
        return min((limit for limit in limits if limit is not None), default=None)

    # Whether

    def take_asked(self) -> Iterator[tuple[str, bool]]:
        """Those who are to be asked about now, each once, and whether they are just joining."""
        asked, self._asked = self._asked, {}
        return iter(asked.items())

    def way_out(self, visit: Visit, now: float, is_joining: bool) -> WayOut | None:
        """What becomes of a caller now; None: waits on."""
        queue = self._rules.settings.queues.get(visit.queue)
        if queue is None or not visit.waits or not visit.present:
            return None
        here = ("queues", queue.id)
        if (to := queue.keys.get(visit.key)) is not None:
            keys = (*here, "keys", visit.key)
            return WayOut(VisitOutcome.OPTED_OUT, f"key {visit.key}", "pressed while waiting", keys, to)
        if visit.home is not None:
            return None  # was promised a call, and is on the phone because of it
        others = self._lanes.count(queue.id) - 1
        line = _InLine(visit, others, visit.since, visit.joined_at, is_joining)
        return self._by_rules(queue, line, now)

    def turned_away(self, id: str, now: float) -> bool:
        """Whether who joined now would leave at once, unless there is a free agent."""
        queue = self._rules.settings.queues.get(id)
        if queue is None or any(agent in self._roster.free for agent in queue.agents):
            return False
        newcomer = Visit("", "", id, now, 0.0, "")
        newcomer.place = self._rules.place(newcomer)
        return self._by_rules(queue, _InLine(newcomer, self._lanes.count(id), now, now, True), now) is not None

    def _by_rules(self, queue: Queue, caller: _InLine, now: float) -> WayOut | None:
        """By the first rule that is true of a caller."""
        here = ("queues", queue.id)
        if queue.when_empty is not None and (why := self._is_empty(queue, queue.when_empty, caller, now)):
            keys = (*here, "when_empty", "to")
            return WayOut(VisitOutcome.UNSTAFFED, "nobody there", why, keys, queue.when_empty.to)
        for number, rule in enumerate(queue.overflow):
            if why := self._is_true(rule, queue, caller, now):
                because = (*here, "overflow", str(number), "to")
                return WayOut(VisitOutcome.OVERFLOWED, str(rule), why, because, rule.to)
        return None

    def _is_empty(self, queue: Queue, rule: WhenEmpty, caller: _InLine, now: float) -> str:
        """Why nobody is there for a caller; "" where that is not so, or not for long enough."""
        since = self.empty_since.get(queue.id)
        if since is None:
            return ""
        if caller.is_joining:
            concerned = rule.refuses or (rule.empties and not rule.after)
        else:
            concerned = rule.empties
            since = max(since, caller.joined_at)
        if not concerned or now < since + rule.after:
            return ""
        states = Counter(self._roster[agent].state.value for agent in queue.agents)
        agents = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
        return agents or "the queue has no agents"

    def _is_true(self, rule: Overflow, queue: Queue, caller: _InLine, now: float) -> str:
        """Why a rule is true of a caller; "" where it is not."""
        whys: list[str] = []
        if rule.is_for_joining and not caller.is_joining:
            return ""
        if rule.after is not None:
            # The same sum as that of the deadline, so that it is over when that comes.
            if now < caller.since + rule.after:
                return ""
            whys.append(f"has waited {written(now - caller.since)}")
        if rule.length is not None:
            if caller.others < rule.length:
                return ""
            whys.append(f"{caller.others} in line already")
        if rule.per_agent is not None:
            agents = sum(self._roster[agent].serves for agent in queue.agents)
            if caller.others < rule.per_agent * agents:
                return ""
            whys.append(f"{caller.others} in line for {agents} at work")
        if rule.expected_wait is not None:
            wait = self._expected(caller.visit, now)
            if wait is None or wait.middle <= rule.expected_wait:
                return ""
            whys.append(f"would wait about {written(wait.middle)}")
        return ", ".join(whys)


def destination(settings: Settings, because: KeyPath) -> Destination | None:
    """Where the keys of a way out lead by these settings; None where they do so no more."""
    match because:
        case ("queues", id, "keys", key) if id in settings.queues:
            return settings.queues[id].keys.get(key)
        case ("queues", id, "when_empty", "to") if id in settings.queues:
            rule = settings.queues[id].when_empty
            return rule.to if rule else None
        case ("queues", id, "overflow", number, "to") if id in settings.queues:
            rules = settings.queues[id].overflow
            return rules[int(number)].to if int(number) < len(rules) else None
    return None
