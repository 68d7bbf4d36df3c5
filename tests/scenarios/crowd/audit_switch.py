"""The rows against what the switch has written down by itself: its channels and its detail records. Pure."""

from collections import defaultdict
from collections.abc import Iterator

from tests.scenarios.crowd.books import Books, by, close
from tests.scenarios.crowd.seen import SwitchLeg

# The disposition of a detail record for a leg that ended so.
_DISPOSITIONS = {"normal": "ANSWERED", "busy": "BUSY"}


class SwitchRecords(Books):
    """Each leg is a channel, and each channel a leg."""

    def all(self) -> Iterator[str]:
        yield from self._legs_and_channels()
        yield from self._detail_records()

    # What the switch wrote down

    def _legs_and_channels(self) -> Iterator[str]:
        ours: dict[str, tuple[str, float, float, str | None]] = {
            call["leg"]: (call["trunk"], call["started_at"], call["ended_at"], None)
            for call in self.calls.values()
        }
        for leg in self.rows["leg"]:
            ours[leg["id"]] = (leg["endpoint"], leg["started_at"], leg["ended_at"], leg["cause"])
        yield from (f"leg {leg}: the switch knows none" for leg in sorted({*ours} - {*self.legs}))
        for id, channel in self.legs.items():
            if id not in ours:
                yield f"channel {id} of {channel.endpoint}: in no row"
            else:
                yield from self._channel(channel, *ours[id])
        answered = {visit["leg"] for visit in self.rows["visit"] if visit["answered_at"]}
        for id in sorted({leg for leg, known in self.legs.items() if known.together} ^ self._talking(answered)):
            yield f"leg {id}: joined to another in one of the books alone"

    def _channel(
        self, leg: SwitchLeg, endpoint: str, began: float, ended: float, cause: str | None
    ) -> Iterator[str]:
        name = f"channel {leg.leg} of {leg.endpoint}"
        if endpoint != leg.endpoint:
            yield f"{name}: of {endpoint} in the rows"
        if not close(began, leg.began_at):
            yield f"{name}: began at {leg.began_at}, at {began} in the rows"
        if not close(ended, leg.ended_at):
            yield f"{name}: ended at {leg.ended_at}, at {ended} in the rows"
        if cause is not None and cause not in leg.causes:
            yield f"{name}: {' or '.join(leg.causes)}, and {cause} in the rows"
        if leg.together and leg.answered_at is None:
            yield f"{name}: joined and never answered"
        if len(leg.together) > 1:
            yield f"{name}: joined to {len(leg.together)} others"

    def _talking(self, callers: set[str]) -> set[str]:
        """These callers' legs and the phones' legs that the rows say they talked with."""
        phones = {
            leg["id"]
            for leg in self.rows["leg"]
            for visit in by(self.rows["visit"], "call").get(leg["call"], [])
            if visit["leg"] in callers
            and self.seen.agents.get(leg["endpoint"]) == visit["agent"]
            and leg["started_at"] <= visit["answered_at"] <= leg["ended_at"]
        }
        return callers | phones

    def _detail_records(self) -> Iterator[str]:
        if self.switch.dials is None:
            return
        callers = {call["id"]: call["leg"] for call in self.calls.values()}
        found = defaultdict(list)
        for dial in self.switch.dials:
            found[dial.caller_leg, dial.phone_leg].append(dial.disposition)
        for leg in self.rows["leg"]:
            said = found.pop((callers.get(leg["call"], ""), leg["id"]), [])
            expected = _DISPOSITIONS.get(leg["cause"], "NO ANSWER")
            if said != [expected]:
                yield f"leg {leg['id']}: {leg['cause']}, and the detail records say {said}"
        yield from (f"detail record of {b} for {a}: of no row" for a, b in found)
