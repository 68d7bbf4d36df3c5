"""Records and switch compared: after a start, after a lost connection, and as a slow sweep in between.

What the switch says is the truth about legs; every difference is healed and written down as an incident.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from appliance import facts as f
from appliance.line import messages as m
from appliance.line.acd import Acd
from appliance.live import Live
from appliance.port import DeviceChanged, LegInfo
from appliance.watching import Watcher, progress


@dataclass(frozen=True)
class Known:
    """What the records said just before the switch was asked: only this can be compared with its answer."""

    legs: frozenset[str]
    talking: frozenset[str]  # visits


@dataclass(frozen=True)
class Seen:
    """What the switch answered. `first`: for the first time since the start."""

    known: Known
    legs: Sequence[LegInfo]
    devices: Sequence[DeviceChanged]
    first: bool


@dataclass(frozen=True)
class GiveUpRestored:
    """Callers restored from rows who have not come back by now are served by the switch's own queues."""


class Recovery:
    """Makes records agree with the switch."""

    def __init__(self, acd: Acd, live: Live, watcher: Watcher) -> None:
        self._acd = acd
        self._live = live
        self._watcher = watcher

    def known(self) -> Known:
        """To be taken before the switch is asked, and handed in with its answer."""
        return Known(self._live.known_legs(), frozenset(v.id for v in self._acd.visits() if v.agent))

    def compare(self, seen: Seen, now: float) -> list[f.Fact]:
        """Heal every difference."""
        facts: list[f.Fact] = []
        there = {info.leg: info for info in seen.legs}
        for device in seen.devices:
            if self._acd.roster.told(device.phone) is device.reachable:
                continue
            facts += self._acd.handle(m.PhoneReachable(device.phone, device.reachable), now)
        for leg in sorted(seen.known.legs - there.keys()):
            if self._live.knows(leg):
                facts += self._ended_unseen(leg, now, seen.first)
        for info in seen.legs:
            # One that has gone since is none of this answer's business.
            if info.leg not in self._live.legs and not self._live.has_ended(info.leg):
                facts += self._watcher.leg_seen(info.leg, info.endpoint, now)
        return facts + self._talks(seen, there, now)

    def give_up_restored(self, now: float) -> list[f.Fact]:
        """See GiveUpRestored."""
        facts: list[f.Fact] = []
        for call in [c for c in self._live.calls.values() if c.restored]:
            visit = self._acd.visit(call.visit) if call.visit else None
            if visit is not None and visit.home is not None and not visit.home.reached:
                continue  # is being called, and does not wait on the phone
            if visit is not None and visit.waits:  # while it is offered, the phone may still be ringing
                facts += self._acd.handle(m.CallerGone(visit.id, f.VisitOutcome.FALLBACK), now)
                facts += progress(call, f.CallOutcome.FALLBACK, now)
            elif visit is None and call.outcome in (f.CallOutcome.LEFT_EARLY, *f.SENT_ON):
                facts += progress(call, f.CallOutcome.FALLBACK, now)
        return facts

    def _ended_unseen(self, leg: str, now: float, first: bool) -> list[f.Fact]:
        endpoint = self._live.legs.get(leg, "")
        self._watcher.leg_gone(leg)
        call = self._live.call_of(leg)
        if first and call is not None and call.outcome is f.CallOutcome.LEFT_EARLY:
            call.outcome = f.CallOutcome.UNSEEN
        unanswered = f.VisitOutcome.UNSEEN if first else f.VisitOutcome.ABANDONED
        facts: list[f.Fact] = [f.Incident(now, f"leg {leg} had ended unseen"), f.LegClosed(now, leg, None)]
        facts += self._watcher.call_over(leg, now, unanswered)
        return facts + self._watcher.phone_left(endpoint, now) if endpoint else facts

    def _talks(self, seen: Seen, there: dict[str, LegInfo], now: float) -> list[f.Fact]:
        facts: list[f.Fact] = []
        for call in self._live.calls.values():
            info = there.get(call.leg)
            if info is None or info.joined is None or call.visit is not None:
                continue
            others = [o for o in seen.legs if o.joined == info.joined and o.leg != info.leg]
            talk = [fact for other in others for fact in self._watcher.joined(call.leg, other.endpoint, now)]
            facts += [f.Incident(now, f"call {call.id} had been answered unseen"), *talk] if talk else []
        for visit in self._acd.visits():
            info = there.get(visit.leg)
            if info is None or visit.leg not in seen.known.legs:
                continue
            partners = [o for o in seen.legs if info.joined and o.joined == info.joined and o.leg != info.leg]
            if visit.agent is None and partners:
                talk = [fact for o in partners for fact in self._watcher.joined(visit.leg, o.endpoint, now)]
                facts += [f.Incident(now, f"visit {visit.id} had been answered unseen"), *talk] if talk else []
            elif visit.id in seen.known.talking and not partners:
                facts.append(f.Incident(now, f"the talk of visit {visit.id} had ended unseen"))
                facts += self._acd.handle(m.TalkEnds(visit.id), now)
        return facts
