"""What became of everybody in a simulated day, and the figures of it: those of reports. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from appliance.facts import AgentChanged, AgentState, Incident, OfferEnded, VisitOutcome
from appliance.port import Outcome
from appliance.records.figures import AgentFigures, QueueFigures
from appliance.settings import Settings
from appliance.traffic.scenario import Caller

MISSED = (Outcome.NO_ANSWER, Outcome.BUSY, Outcome.REFUSED)
UNREACHED = (Outcome.UNREACHABLE, Outcome.FAILED)


@dataclass(slots=True)
class Stay:
    """What became of one caller in one queue."""

    caller: Caller
    visit: str
    queue: str
    joined_at: float
    number: int = 1  # of the queues this caller has been in
    gives_up_at: float | None = None
    offers: int = 0
    answered_at: float | None = None
    agent: str | None = None
    talk_ended_at: float | None = None
    wrap_up: float = 0.0
    ended_at: float | None = None  # left the line: answered, or gone
    outcome: VisitOutcome | None = None
    at_home: float = 0.0  # seconds, until the customer was on the phone again
    went_home_at: float | None = None  # and is there
    calls: int = 0  # to the customer

    def wait(self, now: float) -> float:
        """Seconds in line, so far."""
        return (self.ended_at if self.ended_at is not None else now) - self.joined_at


class Stretch(NamedTuple):
    """An agent in one state from then to then."""

    state: AgentState
    began_at: float
    ended_at: float
    reason: str  # PAUSED: why


@dataclass
class Rung:
    """What came of ringing an agent, by kind."""

    taken: int = 0
    missed: int = 0
    unreached: int = 0
    withdrawn: int = 0


@dataclass
class Result:
    """A simulated day. Figures are of callers who joined from `start` up to `end`; time sheets are cut there."""

    settings: Settings
    stays: dict[str, Stay] = field(default_factory=dict)  # by visit, in the order in which the callers came
    sheets: dict[str, list[Stretch]] = field(default_factory=dict)  # by agent
    rung: dict[str, Rung] = field(default_factory=dict)  # by agent
    incidents: list[Incident] = field(default_factory=list)
    messages: int = 0  # that the line was told
    ended_at: float = 0.0
    _last: dict[str, AgentChanged] = field(default_factory=dict)  # the state each agent is in

    # What happens, as it happens

    def offer_ended(self, fact: OfferEnded) -> None:
        for agent, outcome in fact.results.items():
            rung = self.rung.setdefault(agent, Rung())
            if outcome is Outcome.ANSWERED:
                rung.taken += 1
            elif outcome in MISSED:
                rung.missed += 1
            elif outcome in UNREACHED:
                rung.unreached += 1
            else:
                rung.withdrawn += 1

    def agent_changed(self, fact: AgentChanged) -> None:
        last = self._last.get(fact.agent)
        self._last[fact.agent] = fact
        if last is None:
            self.sheets[fact.agent] = []
            return
        self.sheets[fact.agent].append(Stretch(last.state, last.at, fact.at, last.reason))
        if last.state is AgentState.WRAP_UP and last.visit in self.stays:
            self.stays[last.visit].wrap_up += fact.at - last.at

    def close(self, now: float) -> None:
        """Nobody looks any more."""
        self.ended_at = now
        for agent, last in self._last.items():
            self.sheets[agent].append(Stretch(last.state, last.at, now, last.reason))

    # Figures

    def queue(self, queue: str, start: float = -inf, end: float = inf) -> QueueFigures:
        """The figures of one queue."""
        known = self.settings.queues[queue]
        stays = (stay for stay in self.stays.values() if stay.queue == queue and start <= stay.joined_at < end)
        return _figures(queue, known.name, known.service_level, stays, self.ended_at)

    def queues(self, start: float = -inf, end: float = inf) -> list[QueueFigures]:
        """The figures of every queue of the settings, by id. `appliance.records.figures.total` adds them up."""
        stays: dict[str, list[Stay]] = {queue: [] for queue in self.settings.queues}
        for stay in self.stays.values():
            if start <= stay.joined_at < end and stay.queue in stays:
                stays[stay.queue].append(stay)
        known = self.settings.queues
        return [
            _figures(id, known[id].name, known[id].service_level, stays[id], self.ended_at) for id in sorted(stays)
        ]

    def agents(self, start: float = -inf, end: float = inf) -> list[AgentFigures]:
        """The figures of every agent who was signed on, by id. Offers are those of the whole day."""
        talks: dict[str, list[Stay]] = {}
        for stay in self.stays.values():
            if stay.agent is not None and start <= stay.joined_at < end:
                talks.setdefault(stay.agent, []).append(stay)
        return [self._agent(agent, talks.get(agent, []), start, end) for agent in sorted(self.sheets)]

    def _agent(self, agent: str, answered: list[Stay], start: float, end: float) -> AgentFigures:
        sheet, paused = _time_sheet(self.sheets[agent], start, end)
        rung = self.rung.get(agent, Rung())
        known = self.settings.agents.get(agent)
        ended = [stay for stay in answered if stay.talk_ended_at is not None]
        return AgentFigures(
            agent=agent,
            name=known.name if known else agent,
            offers=rung.taken + rung.missed + rung.unreached + rung.withdrawn,
            taken=rung.taken,
            missed=rung.missed,
            unreached=rung.unreached,
            withdrawn=rung.withdrawn,
            answered=len(answered),
            talks=len(ended),
            talk=sum(_talk(stay) for stay in ended),
            wrap_up=sum(stay.wrap_up for stay in ended),
            time_sheet=sheet,
            paused=paused,
        )


def _talk(stay: Stay) -> float:
    if stay.talk_ended_at is None or stay.answered_at is None:
        return 0.0
    return stay.talk_ended_at - stay.answered_at


def _figures(queue: str, name: str, threshold: float, stays: Iterable[Stay], now: float) -> QueueFigures:
    counts: dict[str, Any] = {}
    sums: dict[str, Any] = {}
    offered, longest = 0, None
    for stay in stays:
        offered += 1
        wait = stay.wait(now)
        longest = wait if longest is None else max(longest, wait)
        name_of = stay.outcome.name.lower() if stay.outcome else "waiting"
        counts[name_of] = counts.get(name_of, 0) + 1
        if stay.outcome in (VisitOutcome.ANSWERED, VisitOutcome.ABANDONED):
            sums[f"{name_of}_wait"] = sums.get(f"{name_of}_wait", 0.0) + wait
            in_time = f"{name_of}_in_time"
            counts[in_time] = counts.get(in_time, 0) + (wait <= threshold)
        if stay.talk_ended_at is not None:
            counts["talks"] = counts.get("talks", 0) + 1
            sums["talk"] = sums.get("talk", 0.0) + _talk(stay)
            sums["wrap_up"] = sums.get("wrap_up", 0.0) + stay.wrap_up
    return QueueFigures(queue, name, threshold, offered=offered, longest_wait=longest, **counts, **sums)


def _time_sheet(
    stretches: Iterable[Stretch], start: float, end: float
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Seconds in each state, and of the pauses by reason."""
    sheet: dict[str, float] = {}
    paused: dict[str, float] = {}
    for state, began_at, ended_at, reason in stretches:
        seconds = min(ended_at, end) - max(began_at, start)
        if seconds <= 0:
            continue
        sheet[state.value] = sheet.get(state.value, 0.0) + seconds
        if state is AgentState.PAUSED:
            paused[reason] = paused.get(reason, 0.0) + seconds
    return sheet, paused
