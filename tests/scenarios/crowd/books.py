"""The three books of one crowd, with what all who compare them look up. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tests.scenarios.crowd.seen import Seen, SwitchBooks

TOLERANCE = 2.0  # seconds between two clocks of one machine, the time in which a datagram is read included

Row = Mapping[str, Any]
Tables = Mapping[str, Sequence[Row]]


def close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= TOLERANCE


def by(items: Sequence[Row], *columns: str) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for item in items:
        key = tuple(item[column] for column in columns)
        found[key if len(columns) > 1 else key[0]].append(item)
    return found


class Books:
    """What phones saw, the rows, and what the switch wrote down."""

    def __init__(self, seen: Seen, rows: Tables, switch: SwitchBooks) -> None:
        self.seen, self.rows, self.switch = seen, rows, switch
        self.legs = {leg.leg: leg for leg in switch.legs}
        self.calls = {call["id"]: call for call in rows["call"]}
        self.visits = {visit["id"]: visit for visit in rows["visit"]}
        self.numbers = {id: (call["number"] or "").lstrip("+") for id, call in self.calls.items()}

    def talked_with(self, leg: str) -> tuple[str, float, float] | None:
        """The phone with which the switch has joined a caller's leg, from when to when."""
        known = self.legs.get(leg)
        if known is None or not known.together:
            return None
        together = known.together[-1]
        other = self.legs.get(together.other)
        return (other.endpoint if other else together.other, together.began_at, together.ended_at)

    def joined(self, leg: str) -> bool:
        known = self.legs.get(leg)
        return known is not None and bool(known.together)
