"""What the records of a day say of the people in it, so that they can live it once more. Pure.

Record: when each call came, for which queue and with which needs; how long who was answered talked, and how long
who hung up had waited; when each agent was signed on, paused, on the phone otherwise, or out of reach.

Model: how long who was answered would have waited, how long who hung up would have talked; how fast agents answer,
how often they miss a call, and when they end the wrap-up by themselves. That is drawn from what was seen of the
same queue, or the same agent, on that day; from all of them where that is too little.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Any, TypeVar

from appliance.facts import AgentState, VisitOutcome
from appliance.line import messages as m
from appliance.line.chance import chance
from appliance.line.messages import Message
from appliance.line.misses import MISSES, is_for_misses
from appliance.port import Outcome
from appliance.settings import Pause, Phone, Settings
from appliance.traffic.laws import Law, like
from appliance.traffic.scenario import AgentDay, Break, Caller
from appliance.whatif.lasting import Lasting
from appliance.whatif.past import Recorded, Ringing, Stay, Stretch, by_agent

T = TypeVar("T")

ENOUGH = 10  # of what was seen, to speak of one queue or one agent
BY_RULE = (VisitOutcome.OVERFLOWED, VisitOutcome.UNSTAFFED)  # not because the caller wanted to go
A_LONG_CALL = 3600.0  # seconds: what was asked for longer ago has not come true by now
A_MOMENT = 1e-3  # seconds: what holds at first is told when the phone is there


def desk(agent: str) -> str:
    """The phone of an agent in the model: each has one, so that who comes early finds no desk taken."""
    return f"desk-{agent}"


def with_desks(settings: Settings, agents: Iterable[str], reasons: Iterable[str]) -> Settings:
    """Settings in which these agents have their desks, and may pause for these reasons."""
    desks = {desk(agent): Phone(desk(agent), agent) for agent in agents}
    pauses = {reason: Pause(reason, reason) for reason in reasons}
    return replace(settings, phones={**settings.phones, **desks}, pauses={**pauses, **settings.pauses})


@dataclass(frozen=True)
class Patience:
    """How patience was learnt, for people to read."""

    queue: str
    hung_up: int
    of_all: bool  # too few hung up in this queue: learnt from all queues


class Habits:
    """The people of a recorded day."""

    def __init__(self, day: Recorded) -> None:
        self._day = day
        self._callers = list(_callers(day.stays))
        self._patience = _by_queue(day.stays, _patience)
        self._talks = _by_queue(day.stays, lambda stays: [stay.talk for stay in stays if stay.talk is not None])
        rung = by_agent(day.rung)
        stretches = by_agent(day.stretches)
        self.agents = {agent: found for agent, found in stretches.items() if _shifts(found)}
        self._answers = _with_all(day.rung, rung, _answers)
        self._wrap_ups = _with_all(day.stretches, stretches, _wrap_ups)
        self._resumes = _resumes(day.stretches)
        self._asked = by_agent(day.asked)
        self._misses = {agent: _misses(each) for agent, each in rung.items()}

    @property
    def reasons(self) -> set[str]:
        """For which agents have paused."""
        return {each.reason for each in self._day.stretches if _is_break(each)}

    # Callers

    def callers(self, seed: int) -> Iterator[Caller]:
        """In the order in which they came."""
        return (self._caller(stay, seed) for stay in self._callers)

    def _caller(self, stay: Stay, seed: int) -> Caller:
        leaves, patience = stay.outcome, stay.wait
        if stay.held is not None and leaves is not VisitOutcome.ABANDONED:
            # Who waits at home has all the patience in the world, until nobody is called any more.
            leaves, patience = VisitOutcome.UNREACHED, stay.wait if leaves is VisitOutcome.UNREACHED else inf
        elif leaves is None or leaves is VisitOutcome.ANSWERED or leaves in BY_RULE:
            leaves = VisitOutcome.ABANDONED
            patience = self.patience(stay.queue).law(stay.wait)(chance(seed, "patience", stay.visit))
        talk = stay.talk
        if talk is None:
            talk = like(self.talks(stay.queue))(chance(seed, "talk", stay.visit))
        return Caller(
            stay.visit,
            stay.joined_at,
            stay.queue,
            talk,
            patience if isfinite(patience) else None,
            stay.head_start,
            stay.needs,
            waited=stay.waited,
            prefers=stay.prefers,
            leaves=leaves,
        )

    def patience(self, queue: str) -> Lasting:
        own = self._patience.get(queue)
        return own if own is not None and own.seen >= ENOUGH else self._patience[""]

    def talks(self, queue: str) -> list[float]:
        own = self._talks.get(queue, [])
        return own if len(own) >= ENOUGH else self._talks[""]

    def how_patient(self) -> list[Patience]:
        """How the patience of the callers of each queue was learnt."""
        return [
            Patience(queue, known.seen, known.seen < ENOUGH)
            for queue, known in sorted(self._patience.items())
            if queue
        ]

    # Agents

    def agent_day(self, agent: str, as_agent: str | None = None) -> AgentDay:
        """How an agent has worked; `as_agent` has worked so, and somebody else is to work likewise."""
        model = as_agent or agent
        stretches = self.agents[model]
        return AgentDay(
            agent,
            desk(agent),
            tuple((begin, self._leaves(model, begin, end)) for begin, end in _shifts(stretches)),
            tuple(self._break(model, each) for each in stretches if _is_break(each)),
            self._own(self._answers, model).law(),
            self._misses.get(model, {}),
            self._own(self._wrap_ups, model).law(),
            self._resumes,
        )

    def _break(self, agent: str, pause: Stretch) -> Break:
        return Break(self._when_asked(agent, pause.began_at, AgentState.PAUSED), pause.ended_at, pause.reason)

    def _leaves(self, agent: str, began_at: float, ended_at: float) -> float:
        return max(began_at, self._when_asked(agent, ended_at, AgentState.SIGNED_OFF))

    def _when_asked(self, agent: str, came_true: float, to_be: AgentState) -> float:
        """In the model that may be during another call, or during none."""
        asked = (each.at for each in self._asked.get(agent, ()) if each.to_be is to_be)
        return max((at for at in asked if came_true - A_LONG_CALL <= at <= came_true), default=came_true)

    def _own(self, learnt: Mapping[str, Lasting], agent: str) -> Lasting:
        own = learnt.get(agent)
        return own if own is not None and own.seen >= ENOUGH else learnt[""]

    def hours(self, agent: str) -> float:
        """Seconds signed on."""
        return sum(end - begin for begin, end in _shifts(self.agents[agent]))

    def otherwise(self) -> list[tuple[float, Message]]:
        """What else the line was told of the phones: used for other calls, out of reach."""
        told: list[tuple[float, Message]] = []
        for use in self._day.uses:
            for agent, began_at, ended_at in self._at(use.phone, use.began_at, use.ended_at):
                told.append((began_at + A_MOMENT, m.PhoneInUse(desk(agent), True)))
                told.append((ended_at, m.PhoneInUse(desk(agent), False)))
        for phone, began_at, ended_at in self._out_of_reach():
            for agent, begin, end in self._at(phone, began_at, ended_at):
                told.append((begin + A_MOMENT, m.PhoneReachable(desk(agent), False)))
                told.append((end, m.PhoneReachable(desk(agent), True)))
        return sorted(told, key=lambda each: each[0])

    def _out_of_reach(self) -> Iterator[tuple[str, float, float]]:
        since: dict[str, float] = {}
        for each in self._day.reached:
            if not each.is_reachable:
                since.setdefault(each.phone, each.at)
            elif each.phone in since:
                yield each.phone, since.pop(each.phone), each.at
        yield from ((phone, at, self._day.interval.end) for phone, at in since.items())

    def _at(self, phone: str, began_at: float, ended_at: float) -> Iterator[tuple[str, float, float]]:
        """Who was signed on at a phone meanwhile, and when."""
        for agent, stretches in self.agents.items():
            there = [s for s in stretches if s.phone == phone and s.state is not AgentState.SIGNED_OFF]
            times = [(max(s.began_at, began_at), min(s.ended_at, ended_at)) for s in there]
            times = [(begin, end) for begin, end in times if begin < end]
            if times:
                yield agent, times[0][0], times[-1][1]


def _callers(stays: Sequence[Stay]) -> Iterator[Stay]:
    """Whom a rule has sent on to another queue is one caller still: in the model the rules send them."""
    sent_on: dict[str, Stay] = {}  # by call
    merged: dict[str, Stay] = {}  # by the first visit
    first_of: dict[str, str] = {}
    for stay in stays:
        call = stay.visit.rpartition(".")[0]
        before = sent_on.pop(call, None)
        first = first_of[before.visit] if before is not None else stay.visit
        first_of[stay.visit] = first
        if before is None:
            merged[first] = stay
        else:
            began = merged[first]
            wait = stay.joined_at + stay.wait - began.joined_at
            merged[first] = began._replace(wait=wait, talk=stay.talk, outcome=stay.outcome)
        if stay.outcome in BY_RULE:
            sent_on[call] = stay
    yield from merged.values()


def _by_queue(stays: Sequence[Stay], learn: Callable[[Sequence[Stay]], T]) -> dict[str, T]:
    """By queue, and of all of them by ""."""
    queues: dict[str, list[Stay]] = {}
    for stay in stays:
        queues.setdefault(stay.queue, []).append(stay)
    return {"": learn(stays), **{queue: learn(some) for queue, some in queues.items()}}


def _with_all(items: Sequence[Any], by: Mapping[str, Sequence[Any]], learn: Callable[[Any], T]) -> dict[str, T]:
    """By agent, and of all of them by ""."""
    return {"": learn(items), **{agent: learn(some) for agent, some in by.items()}}


def _patience(stays: Sequence[Stay]) -> Lasting:
    """Of those who hold: of who goes home it is known that they had not hung up before."""
    hung_up = [stay.wait for stay in stays if _has_hung_up(stay)]
    return Lasting(
        hung_up, (stay.wait if stay.held is None else stay.held for stay in stays if not _has_hung_up(stay))
    )


def _has_hung_up(stay: Stay) -> bool:
    return stay.outcome is VisitOutcome.ABANDONED and stay.held is None


def _answers(rung: Sequence[Ringing]) -> Lasting:
    """How long it takes to answer; who was spared the rest of the ringing would have taken longer."""
    answered = [each.seconds for each in rung if each.outcome is Outcome.ANSWERED]
    return Lasting(answered, (each.seconds for each in rung if each.outcome is Outcome.CANCELLED))


def _misses(rung: Sequence[Ringing]) -> dict[Outcome, float]:
    """How often a call is missed, by cause; of those that were not taken back."""
    counts = {cause: sum(each.outcome is cause for each in rung) for cause in MISSES}
    all_of_them = sum(counts.values()) + sum(each.outcome is Outcome.ANSWERED for each in rung)
    return {cause: count / all_of_them for cause, count in counts.items() if count}


def _wrap_ups(stretches: Sequence[Stretch]) -> Lasting:
    """How long a wrap-up takes, if it may take as long as it likes."""
    ended: list[float] = []
    cut_off: list[float] = []
    for each in stretches:
        if each.state is AgentState.WRAP_UP:
            is_by_hand = each.until is None or each.ended_at < each.until
            (ended if is_by_hand else cut_off).append(each.ended_at - each.began_at)
    return Lasting(ended, cut_off)


def _resumes(stretches: Sequence[Stretch]) -> Law:
    """How long it takes somebody to come back whom the line has paused for missing calls."""
    paused = [
        s.ended_at - s.began_at for s in stretches if s.state is AgentState.PAUSED and is_for_misses(s.reason)
    ]
    return like(paused or [60.0])


def _is_break(stretch: Stretch) -> bool:
    return stretch.state is AgentState.PAUSED and not is_for_misses(stretch.reason)


def _shifts(stretches: Sequence[Stretch]) -> tuple[tuple[float, float], ...]:
    """From signing on to signing off."""
    shifts: list[tuple[float, float]] = []
    for each in stretches:
        if each.state is AgentState.SIGNED_OFF or each.began_at >= each.ended_at:
            continue
        if shifts and each.began_at <= shifts[-1][1]:
            shifts[-1] = shifts[-1][0], each.ended_at
        else:
            shifts.append((each.began_at, each.ended_at))
    return tuple(shifts)
