"""Calls that an agent was offered and did not take, and when these are too many. Pure."""

from collections.abc import Mapping

from appliance.port import Outcome
from appliance.settings import PauseAfter

# How an agent can miss a call.
MISSES = (Outcome.NO_ANSWER, Outcome.REFUSED, Outcome.BUSY, Outcome.UNREACHABLE)

_MISSED = " calls missed: "


def is_for_misses(reason: str) -> bool:
    """Whether that is why the line has paused an agent; else the agent has."""
    return _MISSED in reason


def too_many(misses: dict[Outcome, list[float]], cause: Outcome, limits: PauseAfter, now: float) -> str | None:
    """Count one more; why the agent is to be paused, if so. `misses` are by cause, each with its times."""
    times = misses.setdefault(cause, [])
    times[:] = [at for at in times if at > now - limits.within] + [now]
    limit = _limit(limits, cause)
    return f"{len(times)}{_MISSED}{cause.value}" if limit is not None and len(times) >= limit else None


def _limit(limits: PauseAfter, cause: Outcome) -> int | None:
    """How many calls may be missed by that cause."""
    by_cause: Mapping[Outcome, int | None] = {
        Outcome.NO_ANSWER: limits.no_answer,
        Outcome.REFUSED: limits.refused,
        Outcome.BUSY: limits.busy,
        Outcome.UNREACHABLE: limits.unreachable,
    }
    return by_cause.get(cause)
