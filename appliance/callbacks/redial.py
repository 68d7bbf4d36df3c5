"""Who has hung up in line is called back without having asked for it, and not any more once it is of no use. Pure.

`Redials.follow` is told of every batch of facts before it is written. What it answers is written with them: the
promise to call is in the records as soon as the end of the visit is, or neither is.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from appliance import facts as f
from appliance.callbacks.allowed import Allowed, NotAllowed, allowed
from appliance.line import messages as m
from appliance.line.ladder import CallingHours
from appliance.line.promises import CallbackEnd, First, Kind, Promise
from appliance.line.skills import NOTHING, Needs
from appliance.settings import Settings
from appliance.speech.prompts import KeyPath

MayCall = Callable[[Settings, str, str], Allowed | NotAllowed]  # queue, number


@dataclass(frozen=True)
class Redialled:
    """What is decided of one visit that was abandoned: a promise, or why there is none, and what of the YAML says
    so."""

    visit: str
    call: str
    queue: str
    promise: Promise | None
    why: str
    because: KeyPath
    needs: Needs = NOTHING


@dataclass
class _Call:
    """A call that has not ended."""

    number: str | None = None
    name: str = ""
    language: str = ""


@dataclass
class _Visit:
    """Somebody in line."""

    call: str
    queue: str
    since: float
    needs: Needs = NOTHING


@dataclass(frozen=True)
class _Open:
    """A call-back that has not ended."""

    queue: str
    number: str
    is_redial: bool


@dataclass
class Redials:
    """Follows what happens in the line. `new_visit` gives the id of a visit that never was a call."""

    settings: Settings
    new_visit: Callable[[], str]
    may_call: MayCall = allowed
    _calls: dict[str, _Call] = field(default_factory=dict)
    _visits: dict[str, _Visit] = field(default_factory=dict)
    _open: dict[str, _Open] = field(default_factory=dict)  # visit at home -> whom it is about
    _of_number: dict[str, dict[str, _Open]] = field(default_factory=dict)  # the same: there may be thousands

    # What was going on when the appliance last wrote

    def restore_call(self, call: str, number: str | None, name: str | None, language: str | None) -> None:
        self._calls[call] = _Call(number, name or "", language or "")

    def restore_visit(self, visit: str, call: str, queue: str, since: float, needs: Needs = NOTHING) -> None:
        self._visits[visit] = _Visit(call, queue, since, needs)

    def restore_callback(self, visit: str, queue: str, promise: Promise) -> None:
        kept = _Open(queue, promise.number, promise.kind is Kind.ABANDONED)
        self._open[visit] = kept
        self._of_number.setdefault(promise.number, {})[visit] = kept

    # What happens

    def follow(self, facts: Iterable[f.Fact], now: float) -> tuple[list[m.Message], list[f.Fact]]:
        """What the line is to be told because of these facts, and what is to be written down beside."""
        messages: list[m.Message] = []
        notes: list[f.Fact] = []
        for fact in facts:
            match fact:
                case f.CallStarted():
                    self._calls[fact.call] = _Call()
                case f.CallIdentified():
                    self._calls[fact.call] = _Call(fact.number, fact.customer or "", fact.language)
                case f.CallEnded():
                    self._calls.pop(fact.call, None)
                case f.CallbackPromised():
                    self.restore_callback(fact.visit, fact.queue, fact.promise)
                case f.CallbackEnded():
                    self._forget(fact.visit)
                case f.VisitJoined() if fact.promise is None:
                    self._visits[fact.visit] = _Visit(fact.call, fact.queue, fact.at - fact.waited, fact.needs)
                    why = f"called again, and waits in the queue {fact.queue}: call {fact.call}"
                    number = self._calls.get(fact.call, _Call()).number
                    messages += self._overtaken(number, fact.visit, CallbackEnd.CALLED_IN, why)
                case f.VisitAnswered():
                    why = f"talked to agent {fact.agent} in the visit {fact.visit}"
                    number = self._number_in(fact.visit)
                    messages += self._overtaken(number, fact.visit, CallbackEnd.SERVED_OTHERWISE, why)
                case f.VisitEnded():
                    visit = self._visits.pop(fact.visit, None)
                    if visit is not None and fact.outcome is f.VisitOutcome.ABANDONED:
                        decided = self._abandoned(fact, visit, now)
                        messages += self._promised(decided)
                        notes += _noted(decided, now)
        return messages, notes

    def _forget(self, visit: str) -> None:
        ended = self._open.pop(visit, None)
        if ended is not None:
            same = self._of_number[ended.number]
            del same[visit]
            if not same:
                del self._of_number[ended.number]

    def _abandoned(self, fact: f.VisitEnded, visit: _Visit, now: float) -> Redialled | None:
        call = self._calls.get(visit.call, _Call())
        is_open = any(each.queue == visit.queue for each in self._about(call.number).values())
        return decide(self.settings, fact.visit, visit, call, is_open, self.may_call, now)

    def _promised(self, decided: Redialled | None) -> list[m.Message]:
        if decided is None or decided.promise is None:
            return []
        new = self.new_visit()
        call = new.rpartition(".")[0]
        return [m.CallerJoins(new, call, decided.queue, 0.0, "", decided.needs, promise=decided.promise)]

    def _number_in(self, visit: str) -> str | None:
        if visit in self._open:
            return self._open[visit].number
        known = self._visits.get(visit)
        return self._calls.get(known.call, _Call()).number if known else None

    def _overtaken(self, number: str | None, visit: str, end: CallbackEnd, why: str) -> list[m.Message]:
        """Nobody is redialled who has been served since, or waits on another line."""
        return [
            m.EndCallback(id, end, why)
            for id, each in self._about(number).items()
            if each.is_redial and id != visit
        ]

    def _about(self, number: str | None) -> Mapping[str, _Open]:
        """The call-backs of that number that have not ended."""
        return self._of_number.get(number, {}) if number is not None else {}


def decide(
    settings: Settings, id: str, visit: _Visit, call: _Call, is_open: bool, may_call: MayCall, now: float
) -> Redialled | None:
    """Whether, and from when on, who has hung up in line is called; None where the queue has no rule for that."""
    queue = settings.queues.get(visit.queue)
    rule = queue.callback.redial if queue and queue.callback else None
    if queue is None or rule is None:
        return None
    here = ("queues", visit.queue, "callback", "redial")

    def no(why: str, *because: str) -> Redialled:
        return Redialled(id, visit.call, visit.queue, None, why, (*here, *because))

    waited = now - visit.since
    if waited < rule.waited:
        return no(f"has waited for {waited:.0f} s, which is less than {rule.waited:g} s", "waited")
    if call.number is None:
        return no("the number is withheld")
    if is_open:
        return no("is to be called already")
    refused = may_call(settings, visit.queue, call.number)
    if isinstance(refused, NotAllowed):
        return Redialled(id, visit.call, visit.queue, None, refused.text, refused.because)
    promise = Promise(
        number=call.number,
        kind=Kind.ABANDONED,
        first=First.AGENT,
        not_before=now + rule.after,
        expires=now + rule.within,
        language=call.language,
        name=call.name,
        origin=id,
    )
    calls_at = CallingHours(settings).open_from(queue, promise, promise.not_before)
    if calls_at is None:
        return no("may not be called at any time that is left", "within")
    promise = replace(promise, not_before=calls_at)
    why = f"is called in {(calls_at - now) / 60:.0f} min at the earliest, an agent first"
    return Redialled(id, visit.call, visit.queue, promise, why, (*here, "after"), visit.needs)


def _noted(decided: Redialled | None, now: float) -> list[f.Fact]:
    """For who asks why."""
    return [f.Stepped(decided.call, now, "redial", decided.why, decided.because)] if decided else []
