"""Offers against the legs dialled for them, and agents' time sheets against all that they tell of. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from tests.scenarios.crowd.books import TOLERANCE, Books, Row, by, close
from tests.scenarios.crowd.seen import AskedPause

# What may have become of an agent's part in an offer whose leg ended so.
_OUTCOMES = {
    "busy": ("busy",),
    "refused": ("refused",),
    "no answer": ("no answer",),
    "cancelled": ("cancelled",),
    "answered elsewhere": ("cancelled",),
    "normal": ("no answer", "cancelled"),  # answered, and never joined
}

# What an agent can do after what; nobody signs off.
_FOLLOWS = {
    "ready": ("offered", "paused"),
    "offered": ("ready", "talking", "paused"),
    "talking": ("ready", "wrap-up", "paused"),
    "wrap-up": ("ready", "paused"),
    "paused": ("ready",),
}


class OffersAndTimeSheets(Books):
    """What agents were offered, and did."""

    def all(self) -> Iterator[str]:
        yield from self._offers_and_legs()
        yield from self._time_sheets()

    # Offers

    def _offers_and_legs(self) -> Iterator[str]:
        offers = {offer["id"]: offer for offer in self.rows["offer"]}
        legs = {key: sorted(found, key=_began) for key, found in by(self.rows["leg"], "call", "endpoint").items()}
        parts = sorted(self.rows["offeragent"], key=lambda part: (part["at"], part["offer"], part["agent"]))
        for part in parts:
            name = f"offer {part['offer']} to {part['agent']}"
            offer = offers.get(part["offer"])
            visit = self.visits.get(offer["visit"]) if offer else None
            if offer is None or visit is None:
                yield f"{name}: of no offer, or of no visit"
                continue
            if self.seen.agents.get(part["phone"]) != part["agent"]:
                yield f"{name}: at phone {part['phone']}, which is somebody else's"
            if not offer["at"] <= part["at"] <= part["ended_at"] <= offer["ended_at"]:
                yield f"{name}: at another time than the offer"
            mine = legs.get((visit["call"], part["phone"]), [])
            if mine and mine[0]["started_at"] <= part["ended_at"] + TOLERANCE:
                yield from self._part(name, part, visit, mine.pop(0))
            elif part["outcome"] != "cancelled":
                yield f"{name}: {part['outcome']}, and no leg was dialled"
        yield from (f"leg {leg['id']}: dialled for no offer" for left in legs.values() for leg in left)
        yield from self._overlaps("offer of visit", by(self.rows["offer"], "visit"))
        yield from self._overlaps("agent", by(parts, "agent"))
        for id, found in by(parts, "offer").items():
            whole = offers.get(id)
            if whole and (whole["at"], whole["ended_at"]) != (found[0]["at"], max(p["ended_at"] for p in found)):
                yield f"offer {id}: at another time than its parts"
        answered = by([part for part in parts if part["outcome"] == "answered"], "offer")
        yield from (f"offer {id}: answered {len(found)} times" for id, found in answered.items() if len(found) > 1)

    def _part(self, name: str, part: Row, visit: Row, leg: Row) -> Iterator[str]:
        if not close(part["at"], leg["started_at"]):
            yield f"{name}: at {part['at']}, and the leg began at {leg['started_at']}"
        if self.joined(leg["id"]):
            if part["outcome"] != "answered":
                yield f"{name}: {part['outcome']}, and the switch has joined the two"
            if not close(part["ended_at"], visit["answered_at"]):
                yield f"{name}: answered at {part['ended_at']}, the visit at {visit['answered_at']}"
        elif part["outcome"] not in _OUTCOMES.get(leg["cause"], ()):
            yield f"{name}: {part['outcome']}, and its leg {leg['cause']}"

    def _overlaps(self, what: str, found: Mapping[str, Sequence[Row]]) -> Iterator[str]:
        for id, items in found.items():
            for one, next in pairwise(sorted(items, key=lambda item: item["at"])):
                if next["at"] < one["ended_at"]:
                    yield f"{what} {id}: two offers at once, at {next['at']}"

    # Time sheets

    def _time_sheets(self) -> Iterator[str]:
        parts = by(self.rows["offeragent"], "agent")
        offers = {offer["id"]: offer for offer in self.rows["offer"]}
        talks = by([visit for visit in self.rows["visit"] if visit["agent"]], "agent")
        pauses = defaultdict(list)
        for pause in self.seen.pauses:
            pauses[pause.agent].append(pause)
        sheets = by(self.rows["agentstretch"], "agent")
        for agent in sorted({*sheets, *parts, *talks, *pauses, *self.seen.agents.values()}):
            sheet = sorted(sheets.get(agent, []), key=lambda stretch: stretch["id"])
            if not sheet or sheet[0]["reason"] != "signed on" or sheet[-1]["ended_at"] is not None:
                yield f"agent {agent}: the time sheet does not go from signing on until now"
            for one, next in pairwise(sheet):
                if one["ended_at"] != next["began_at"] or one["ended_at"] < one["began_at"]:
                    yield f"agent {agent}: a gap or an overlap in the time sheet at {one['ended_at']}"
                if next["state"] not in _FOLLOWS.get(one["state"], ()) or (
                    next["state"] == "wrap-up" and next["visit"] != one["visit"]
                ):
                    yield f"agent {agent}: {next['state']} after {one['state']} at {next['began_at']}"
            yield from self._same(
                f"agent {agent}: offered",
                [(s["visit"], s["began_at"], s["ended_at"]) for s in sheet if s["state"] == "offered"],
                [
                    (offers[p["offer"]]["visit"], p["at"], p["ended_at"])
                    for p in parts[agent]
                    if p["offer"] in offers
                ],
            )
            yield from self._same(
                f"agent {agent}: talking",
                [(s["visit"], s["began_at"], s["ended_at"]) for s in sheet if s["state"] == "talking"],
                [(v["id"], v["answered_at"], v["talk_ended_at"]) for v in talks[agent]],
            )
            yield from self._pauses(agent, sheet, pauses[agent])

    def _same(self, what: str, ours: list[Any], theirs: list[Any]) -> Iterator[str]:
        if sorted(ours, key=str) != sorted(theirs, key=str):
            only = [each for each in ours if each not in theirs], [each for each in theirs if each not in ours]
            yield f"{what} in the time sheet alone {only[0]}, in the other rows alone {only[1]}"

    def _pauses(self, agent: str, sheet: Sequence[Row], asked: Sequence[AskedPause]) -> Iterator[str]:
        found = [stretch for stretch in sheet if stretch["state"] == "paused"]
        for pause in asked:
            mine = [s for s in found if s["reason"] == pause.reason and close(s["ended_at"], pause.resumed_at)]
            if mine and mine[0]["began_at"] >= pause.paused_at - TOLERANCE:
                found.remove(mine[0])
            elif not self._had_calls_throughout(sheet, pause.paused_at, pause.resumed_at):
                yield f"agent {agent}: paused from {pause.paused_at} to {pause.resumed_at}, not in the time sheet"
        yield from (f"agent {agent}: paused at {stretch['began_at']}, and nobody has asked" for stretch in found)

    def _had_calls_throughout(self, sheet: Sequence[Row], begin: float, end: float) -> bool:
        """Whether a pause could not begin before it was taken back."""
        with_call = ("offered", "talking", "wrap-up")
        during = [
            s for s in sheet if s["began_at"] < end - TOLERANCE and (s["ended_at"] or end) > begin + TOLERANCE
        ]
        return all(stretch["state"] in with_call for stretch in during)


def _began(leg: Row) -> float:
    return float(leg["started_at"])
