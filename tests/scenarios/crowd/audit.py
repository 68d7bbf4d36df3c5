"""Three books of the same calls compared: what phones saw, what the switch wrote down, the appliance's rows. Pure.

Every difference is one sentence. What counts as the same:

- Times may be TOLERANCE apart: they are taken in three processes of a machine that may be busy. Order is exact: a
  visit is joined, answered and ended in this order, the time sheet of an agent has neither gap nor overlap, and
  nobody is in two offers at once.
- An agent has answered a call when the switch says that both legs were in one bridge. A phone that was
  acknowledged in the instant in which another was faster, or the caller left, has been hung up on without ever
  hearing the caller: that is no answer, whatever the phone thinks.
- A CANCEL says whether the call was answered elsewhere. If not, the phone has rung for nearly as long as the queue
  lets it (no answer), or the caller left at that moment (cancelled). Whoever refuses at the moment in which it was
  over anyway has not refused.
- An offer that was withdrawn at once may never have reached the phone, and not even the switch.
"""

from collections import defaultdict
from collections.abc import Iterator

from tests.scenarios.crowd.audit_agents import OffersAndTimeSheets
from tests.scenarios.crowd.audit_switch import SwitchRecords
from tests.scenarios.crowd.books import Books, Row, Tables, by, close
from tests.scenarios.crowd.seen import TALKED, Ring, RingEnd, Seen, SeenCall, SwitchBooks

NEARLY = 0.5  # seconds by which a phone may have seen less of the ringing than was meant

# What a row may say of a leg that ended so for the phone.
_CAUSES = {
    RingEnd.BUSY: ("busy",),
    RingEnd.DECLINED: ("refused",),
    RingEnd.ELSEWHERE: ("answered elsewhere",),
    RingEnd.CANCELLED: ("no answer", "cancelled"),
    RingEnd.HUNG_UP: ("normal",),
    RingEnd.HUNG_UP_ON: ("normal",),
}
_REFUSED = (RingEnd.BUSY, RingEnd.DECLINED)
_WITHDRAWN = ("normal", "answered elsewhere", "cancelled", "no answer")  # though the phone had just answered


def differences(seen: Seen, rows: Tables, switch: SwitchBooks) -> list[str]:
    """Everything in which they disagree, in sentences."""
    books = seen, rows, switch
    return [*WhatPhonesSaw(*books).all(), *OffersAndTimeSheets(*books).all(), *SwitchRecords(*books).all()]


class WhatPhonesSaw(Books):
    """The callers' phones and the agents' against the rows."""

    def all(self) -> Iterator[str]:
        yield from self._callers_and_calls()
        yield from self._visits_and_talks()
        yield from self._rings_and_legs()

    # What callers saw

    def _callers_and_calls(self) -> Iterator[str]:
        rows = by(self.rows["call"], "number")
        for call in self.seen.calls:
            found = rows.pop(f"+{call.caller}", [])
            if len(found) != 1:
                yield f"the caller {call.caller} has {len(found)} calls in the rows"
                continue
            yield from self._call(call, found[0])
        yield from (f"nobody has made the call {row['id']}" for found in rows.values() for row in found)

    def _call(self, call: SeenCall, row: Row) -> Iterator[str]:
        name = f"call {row['id']}"
        if call.failure is not None:
            yield f"{name}: the caller got {call.failure}"
        if row["dnis"] != call.dialled:
            yield f"{name}: {call.dialled} was dialled, not {row['dnis']}"
        for what, ours, theirs in (
            ("began", row["started_at"], call.began_at),
            ("ended", row["ended_at"], call.ended_at),
        ):
            if not close(ours, theirs):
                yield f"{name}: {what} at {theirs} for the caller, at {ours} in the rows"
        joined = self.talked_with(row["leg"]) is not None
        expected = "answered" if joined else "abandoned"
        if row["outcome"] != expected:
            yield f"{name}: {expected}, not {row['outcome']}"
        if not joined and not call.hung_up:
            yield f"{name}: ended without an answer, and not by the caller"

    # Visits

    def _visits_and_talks(self) -> Iterator[str]:
        visits = by(self.rows["visit"], "call")
        yield from (f"visit {v['id']}: of no call" for v in self.rows["visit"] if v["call"] not in self.calls)
        for call in self.calls.values():
            found = visits.get(call["id"], [])
            if len(found) != 1:
                yield f"call {call['id']}: {len(found)} visits instead of one"
                continue
            yield from self._visit(call, found[0])

    def _visit(self, call: Row, visit: Row) -> Iterator[str]:
        name = f"visit {visit['id']}"
        if visit["queue"] != self.seen.queues.get(call["dnis"]):
            yield f"{name}: in the queue {visit['queue']} after dialling {call['dnis']}"
        if visit["leg"] != call["leg"]:
            yield f"{name}: of another leg than its call"
        if visit["outcome"] != call["outcome"]:
            yield f"{name}: {visit['outcome']}, and its call {call['outcome']}"
        times = [visit[column] for column in ("joined_at", "answered_at", "talk_ended_at") if visit[column]]
        if times != sorted(times) or not call["started_at"] <= visit["joined_at"] <= visit["ended_at"]:
            yield f"{name}: its times are in no order"
        partner = self.talked_with(visit["leg"])
        if partner is None:
            if visit["agent"] or visit["answered_at"] or visit["talk_ended_at"]:
                yield f"{name}: answered by {visit['agent']}, and was never joined to a phone"
            if not close(visit["ended_at"], call["ended_at"]):
                yield f"{name}: ended at {visit['ended_at']}, and its call at {call['ended_at']}"
            return
        phone, began_at, ended_at = partner
        if visit["agent"] != self.seen.agents.get(phone):
            yield f"{name}: talked with phone {phone}, not with agent {visit['agent']}"
        if visit["ended_at"] != visit["answered_at"]:
            yield f"{name}: left the line at another time than it was answered"
        ring = self._ring_of_talk(phone, self.numbers[call["id"]])
        if ring is None:
            yield f"{name}: no phone {phone} talked with this caller"
            return
        for what, ours, theirs in (
            ("answered", visit["answered_at"], ring.answered_at),
            ("answered", visit["answered_at"], began_at),
            ("ended", visit["talk_ended_at"], ring.ended_at),
            ("ended", visit["talk_ended_at"], ended_at),
        ):
            if not close(ours, theirs):
                yield f"{name}: the talk {what} at {theirs}, at {ours} in the rows"

    def _ring_of_talk(self, phone: str, caller: str) -> Ring | None:
        rings = [r for r in self.seen.rings if (r.phone, r.caller) == (phone, caller) and r.end in TALKED]
        return rings[-1] if rings else None

    # What phones saw

    def _rings_and_legs(self) -> Iterator[str]:
        legs: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for leg in self.rows["leg"]:
            legs[leg["endpoint"], self.numbers.get(leg["call"], "")].append(leg)
        rings: dict[tuple[str, str], list[Ring]] = defaultdict(list)
        for ring in self.seen.rings:
            rings[ring.phone, ring.caller].append(ring)
        gone = {call.caller: call.ended_at for call in self.seen.calls if call.hung_up}
        over = {self.numbers.get(v["call"]): v["ended_at"] for v in self.rows["visit"]}  # the wait of each caller
        for key in sorted({*legs, *rings}):
            known = [leg for leg in legs[key] if len(legs[key]) == len(rings[key]) or not self._never_sent(leg)]
            if len(known) != len(rings[key]):
                phone, caller = key
                yield f"phone {phone} rang {len(rings[key])} times for {caller}, {len(known)} times in the rows"
                continue
            for leg, ring in zip(known, rings[key], strict=True):
                yield from self._ring(leg, ring, gone.get(ring.caller), over.get(ring.caller))

    def _never_sent(self, leg: Row) -> bool:
        """Whether the phone may not have been invited before it was over."""
        return leg["cause"] in _WITHDRAWN and leg["ended_at"] - leg["started_at"] < NEARLY

    def _ring(self, leg: Row, ring: Ring, caller_left_at: float | None, over_at: float | None) -> Iterator[str]:
        name = f"leg {leg['id']} at phone {ring.phone}"
        if ring.end is None or ring.ended_at is None:
            yield f"{name}: the phone has never seen its end"
            return
        for what, ours, theirs in (
            ("began", leg["started_at"], ring.invited_at),
            ("ended", leg["ended_at"], ring.ended_at),
        ):
            if not close(ours, theirs):
                yield f"{name}: {what} at {theirs} for the phone, at {ours} in the rows"
        withdrawn = not self.joined(leg["id"]) and (
            ring.end is RingEnd.HUNG_UP_ON
            or (ring.end in _REFUSED and over_at is not None and abs(ring.ended_at - over_at) < NEARLY)
        )
        if leg["cause"] not in (*_CAUSES[ring.end], *(_WITHDRAWN if withdrawn else ())):
            yield f"{name}: {ring.end.value}, and {leg['cause']} in the rows"
        lasted = ring.ended_at - ring.invited_at
        if leg["cause"] == "no answer" and not withdrawn and lasted < self.seen.ring_for - NEARLY:
            yield f"{name}: no answer, after only {lasted:.1f} s"
        if leg["cause"] == "cancelled" and not withdrawn and not close(ring.ended_at, caller_left_at):
            yield f"{name}: cancelled, and the caller was still there"
