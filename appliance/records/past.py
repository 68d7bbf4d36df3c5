"""What the records know of a caller who joins a queue: who talked to them last, and the place they had lost."""

from dataclasses import dataclass
from typing import Any

from peewee import fn

from appliance.facts import VisitOutcome
from appliance.port import EndCause
from appliance.records.models import Call, Callback, Leg, Visit

# How a leg ends that nobody has hung up.
BROKEN = (EndCause.FAILED.value, EndCause.UNREACHABLE.value)
# How a visit ends that the caller has not ended with a purpose of ours: hung up, lost, or gone with the switch.
LOST = (VisitOutcome.ABANDONED.value, VisitOutcome.UNSEEN.value)


@dataclass(frozen=True)
class Question:
    """Who asks: a caller by a number that is proven, or by a code. Times are UTC epoch seconds."""

    queue: str
    number: str | None = None
    code: str | None = None
    agents: tuple[str, ...] = ()  # of whom one may have talked to the caller,
    talked_since: float = 0.0
    lost_since: float | None = None  # None: nobody comes back


@dataclass(frozen=True)
class Lost:
    """A visit that came to nothing, or whose talk broke off: what was waited, and who was talked to."""

    visit: str
    waited: float
    agent: str | None


@dataclass(frozen=True)
class Past:
    """What is known. `codes`: somebody without a number has lost a place in this queue, and may come back."""

    last_agent: str | None = None
    lost: Lost | None = None
    codes: bool = False


def number_of(about: str) -> str | None:
    """The customer's number in a visit, whether of a call or at home, or in a call."""
    callback = Callback.get_or_none(Callback.id == about)
    if callback is not None:
        return str(callback.number)
    visit = Visit.get_or_none(Visit.id == about)
    call = Call.get_or_none(Call.id == (visit.call if visit else about))
    return call.number if call else None


def promised_at(callback: str) -> float | None:
    """When somebody was promised to be called; of who hung up in line, when that was."""
    row = Callback.get_or_none(Callback.id == callback)
    return row.promised_at if row else None


def look_up(asked: Question) -> Past:
    """Answer a question from the records."""
    if asked.number is None and asked.code is None:
        return Past(codes=_codes(asked))
    return Past(_last_agent(asked), _lost(asked))


def _codes(asked: Question) -> bool:
    if asked.lost_since is None:
        return False
    waits_to_be_used = (Visit.queue == asked.queue) & Visit.code.is_null(False) & Visit.outcome.in_(LOST)
    return bool(Visit.select().where(Visit.ended_at >= asked.lost_since, waits_to_be_used, ~_claimed()).exists())


def _claimed() -> Any:
    again = Visit.alias()
    return fn.EXISTS(again.select(again.id).where(again.came_back == Visit.id))


def _last_agent(asked: Question) -> str | None:
    if asked.number is None or not asked.agents:
        return None
    talks = _of_number(asked.number).where(
        Visit.agent.in_(asked.agents),
        Visit.talk_ended_at.is_null(False),
        Visit.talk_ended_at >= asked.talked_since,
    )
    last = talks.order_by(Visit.answered_at.desc()).first()
    return last.agent if last else None


def _lost(asked: Question) -> Lost | None:
    """The last visit alone counts: two at once are one place, and who has been served meanwhile has none."""
    if asked.lost_since is None:
        return None
    visits = Visit.select().where(Visit.code == asked.code) if asked.number is None else _of_number(asked.number)
    over = fn.COALESCE(Visit.talk_ended_at, Visit.ended_at)
    is_over = (Visit.outcome != VisitOutcome.ANSWERED.value) | Visit.talk_ended_at.is_null(False)
    here = visits.where(Visit.queue == asked.queue, Visit.outcome.is_null(False), is_over)
    last = here.order_by(over.desc(), Visit.id.desc()).first()
    if last is None or (last.talk_ended_at or last.ended_at) < asked.lost_since:
        return None
    if Visit.select().where(Visit.came_back == last.id).exists():
        return None
    if last.outcome not in LOST and not (last.outcome == VisitOutcome.ANSWERED.value and broke_off(last)):
        return None
    waited = (last.waited or 0.0) + (last.answered_at or last.ended_at) - last.joined_at
    return Lost(last.id, max(0.0, waited), last.agent)


def broke_off(visit: Any) -> bool:
    """Whether a talk ended because a leg of it was lost, the caller's or the agent's."""
    call = visit.later_call or visit.call
    of_caller = Call.select().where(Call.id == call, Call.cause.in_(BROKEN))
    of_agent = Leg.select().where(
        Leg.call == call,
        Leg.cause.in_(BROKEN),
        Leg.ended_at >= visit.answered_at,
        Leg.started_at <= visit.answered_at,
    )
    return bool(of_caller.exists() or of_agent.exists())


def _of_number(number: str) -> Any:
    """The visits in which the caller was that number, or was called back at it."""
    its_own = (Call.id == Visit.call) | (Call.id == Visit.later_call)
    return Visit.select(Visit).join(Call, on=its_own).where(Call.number == number)
