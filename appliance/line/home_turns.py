"""Whose turn it is, of those who wait at home, to be called. Pure.

It is decided by the ordinary matching over the agents who are free or predicted to be within the time it takes to
have a customer on the line. Those who hold and those who are being called take part in it, each at their place.
Who rests at home and is given an agent there is called. So there are never more calls out than agents who will be
free for them, and nobody is called before their turn.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from appliance.line.agents import Agent
from appliance.line.deadlines import Deadlines
from appliance.line.lanes import Lanes
from appliance.line.matching import Lane, Matching
from appliance.line.offers import Offers
from appliance.line.prediction import Prediction
from appliance.line.promises import Home, Prospect
from appliance.line.rules import Rules
from appliance.line.strategies import Turn
from appliance.line.visits import Visit
from appliance.settings import Callback, Strategy

LOOK_EVERY = 2.0  # seconds between two looks at who will be free
LOOK = ("homes", "")  # the deadline of that


class HomeTurns:
    """Looks now and then at who will be free soon, and at once where an agent is kept for a customer."""

    def __init__(
        self,
        rules: Rules,
        lanes: Lanes,
        offers: Offers,
        deadlines: Deadlines,
        prediction: Prediction,
        visit: Callable[[str], Visit | None],
    ) -> None:
        self.rules = rules
        self._lanes, self._offers, self._deadlines = lanes, offers, deadlines
        self._prediction, self._visit = prediction, visit
        self.prospect = Prospect()

    def restore(self, prospect: Prospect) -> None:
        """Go on as another line would have."""
        self.prospect = replace(prospect)
        self._deadlines.set(*LOOK, prospect.looks_at)

    def look(self) -> None:
        """Time has passed: others may be free soon."""
        self.prospect.looks_at = None

    def take(self, now: float) -> list[tuple[Visit, Home, str]]:
        """Those to be called now, and why."""
        if not self._lanes.anybody_at_home():
            return []
        if self.prospect.looks_at is None:
            self.prospect.looks_at = now + LOOK_EVERY
            self._deadlines.set(*LOOK, self.prospect.looks_at)
            lead = self._lead()
            return [*self._matched(self._prediction.free_within(lead, now), lead, now)]
        kept = map(self._visit, self._offers.kept.values())
        if any(visit is not None and visit.home is not None and visit.home.rests for visit in kept):
            return [*self._matched(self._prediction.free_now(), 0.0, now)]
        return []

    def _matched(self, free: Mapping[str, Agent], lead: float, now: float) -> Iterator[tuple[Visit, Home, str]]:
        matching = Matching(self._all_lanes(free), _urgency(self.rules), now)
        given = [matching.given[visit.id][0] for visit in matching.turns]
        for n, visit in enumerate(matching.turns):
            if visit.home is not None and visit.home.rests and not visit.can_be_offered(now):
                able = self.rules.settings.queues[visit.queue].agents
                before = sum(agent in able for agent in given[:n])
                yield visit, visit.home, _why(sum(agent in free for agent in able), lead, before)

    def _lead(self) -> float:
        """Seconds from the decision to call until a customer is on the line, over the queues concerned."""
        queues = [*self._lanes.queues_at_home()]
        leads = (self._prediction.lead(queue, wanted_of(self.rules, queue).lasts) for queue in queues)
        return sum(leads) / len(queues)

    def _all_lanes(self, free: Mapping[str, Agent]) -> Iterator[Lane]:
        """Everybody who wants one of these agents, held or at home. In which order agents come is no matter here:
        any that a caller could have will do."""
        for key, callers in self._lanes.kept_for(free):
            yield Lane(callers, Strategy.IN_ORDER, free, self.rules.seats(key), _no_turn)
        queues = dict.fromkeys((*self._lanes.queues(), *self._lanes.queues_at_home()))
        if len(free) == 1:
            queues = dict.fromkeys(queue.id for agent in free for queue in self.rules.queues_of(agent))
        for queue in queues:
            for lanes in (self._lanes.of(queue), self._lanes.at_home(queue)):
                for key, callers in lanes:
                    lane = self._offers.effective(key)
                    if lane.at_home:
                        lane = replace(lane, at_home=False, called=False)
                    yield Lane(callers, Strategy.IN_ORDER, free, self.rules.seats(lane), _no_turn)


def wanted_of(rules: Rules, queue: str) -> Callback:
    """How customers of a queue are called back, also where that is not wanted any more."""
    known = rules.settings.queues.get(queue)
    return (known.callback if known else None) or _DEFAULT


_DEFAULT = Callback()


def _urgency(rules: Rules) -> Callable[[Visit, float], tuple[Any, ...]]:
    """Who is being called has been promised an agent, whoever may be called since then."""

    def urgency(visit: Visit, now: float) -> tuple[Any, ...]:
        is_called = visit.home is not None and visit.home.calling
        return (not is_called, *rules.urgency(visit, now))

    return urgency


def _why(free: int, lead: float, before: int) -> str:
    """The reason to call, for who asks later."""
    soon = f" or expected to be within {lead:.0f} s" if lead else ""
    agents = f"{free} agent{' is' if free == 1 else 's are'} free{soon}"
    return f"{agents}, and {before or 'nobody'} {'stands' if before < 2 else 'stand'} before"


def _no_turn(visit: Visit) -> Turn:
    """What IN_ORDER does not ask for."""
    return Turn(visit.id, -1, 0)
